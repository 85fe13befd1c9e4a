//! A client certificate (mutual TLS): the proof is in TLS, before there is any request.

use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, RequestSettings, Shown};
use crate::core::url::Scheme;

#[derive(Debug)]
pub(super) struct Mtls;

impl Way for Mtls {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "mtls",
            label: "Client certificate",
            summary: "Proves who you are in TLS by a certificate and its key (mTLS); the key \
                      stays here.",
            group: Group::Proof,
            fields: &[
                Field {
                    placeholder: "~/client.pem",
                    help: "Path of the certificate in PEM, its key may follow in the same file; \
                           or of a PKCS#12 file (.p12, .pfx).",
                    ..Field::text("cert", "Certificate file")
                },
                Field {
                    placeholder: "~/client.key",
                    help: "Path of the key in PEM, if the certificate's file does not hold it.",
                    ..Field::text("key", "Key file").optional()
                },
                Field {
                    help: "Of a PKCS#12 file.",
                    ..Field::secret("password", "Password").optional()
                },
            ],
        };
        &ABOUT
    }

    fn settle(&self, values: &Values<'_>, settings: &mut RequestSettings) {
        values.get("cert").trim().clone_into(&mut settings.cert_file);
        values.get("key").trim().clone_into(&mut settings.key_file);
    }

    fn cert_password<'a>(&self, values: &Values<'a>) -> &'a str {
        values.get("password")
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (cert, key) = (values.get("cert").trim(), values.get("key").trim());
        let mut out = AuthContribution::default();
        let mut text = format!("certificate {cert}");
        if !key.is_empty() {
            text.push_str(&format!("\nkey {key}"));
        }
        out.shown.push(Shown { title: "Client certificate".into(), text });
        let address = ctx.address()?;
        if address.scheme == Scheme::Ws {
            out.notes.push("ws:// has no TLS, so that the certificate is not asked for".into());
        }
        Ok(out)
    }
}

//! The header lines of a request as they go out, in the order of the wire.

use base64::Engine as _;

use super::cookies::add_cookies;
use super::{AuthContribution, AuthHeader, AuthSubprotocol, RequestDraft};
use crate::core::headers::{self, HeaderRow};
use crate::core::secret::{Secret, is_sensitive_name, mask_value};
use crate::core::url::{Address, UrlProblem};

/// What is offered with compression. `client_max_window_bits` without a value lets the server
/// choose how much memory it spends on what we send (RFC 7692 section 7.1.2.2); the rest is left
/// to the server, which knows its own limits.
const DEFLATE_OFFER: &str = "permessage-deflate; client_max_window_bits";

/// Largest value of one header, in bytes. Gateways take 32 KiB (Huawei Cloud's) or less, and what
/// is larger is a whole file that was taken for a token.
pub const MAX_HEADER_VALUE: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderOrigin {
    /// Written by us, since the handshake needs it.
    Handshake,
    User,
    Auth,
    /// From the cookie jar.
    Jar,
}

/// One header line as it goes out.
#[derive(Clone)]
pub struct WireHeader {
    pub name: String,
    pub value: Secret,
    pub origin: HeaderOrigin,
    /// Our `Sec-WebSocket-Key`, whose value is made anew for each attempt.
    pub is_key: bool,
    /// What is shown instead of the value, if only a part of it is a secret.
    pub shown: Option<String>,
    /// Where it comes from, if not from the request itself: `the workspace`.
    pub from: Option<String>,
}

impl WireHeader {
    fn handshake(name: &str, value: impl Into<String>) -> WireHeader {
        WireHeader {
            name: name.to_owned(),
            value: Secret::new(value),
            origin: HeaderOrigin::Handshake,
            is_key: false,
            shown: None,
            from: None,
        }
    }

    /// Whether the value is kept from screens and records.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        match self.origin {
            HeaderOrigin::Auth => self.shown.is_none(),
            HeaderOrigin::Jar => true,
            _ => is_sensitive_name(&self.name),
        }
    }

    /// Whether it is a credential, or a part of one that is no secret (a signature).
    #[must_use]
    pub fn is_credential(&self) -> bool {
        self.is_sensitive() || (self.origin == HeaderOrigin::Auth && is_sensitive_name(&self.name))
    }

    #[must_use]
    pub fn shown_value(&self) -> String {
        match &self.shown {
            Some(shown) => shown.clone(),
            None if self.is_sensitive() => mask_value(self.value.expose()),
            None => self.value.expose().to_owned(),
        }
    }
}

impl std::fmt::Debug for WireHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.shown_value())
    }
}

impl RequestDraft {
    /// Ours first (as RFC 6455 section 1.3 shows them), then the table's, then authentication's.
    /// With the tester's switch a row of the table takes the place of ours, where it stands in
    /// the table.
    pub(super) fn wire_headers(
        &self,
        address: &Address,
        auth: &AuthContribution,
        subprotocols: &[String],
        auth_subprotocols: &[AuthSubprotocol],
    ) -> Result<Vec<WireHeader>, UrlProblem> {
        let overriding = self.settings.override_handshake;
        let inherited = self.inherited_headers.iter().map(|(row, from)| (row, Some(from)));
        let rows: Vec<(&HeaderRow, Option<&String>)> = inherited
            .chain(self.headers.iter().map(|row| (row, None)))
            .filter(|(row, _)| row.enabled && !(row.name.is_empty() && row.value.is_empty()))
            .filter(|(row, _)| overriding || headers::owned_reason(&row.name).is_none())
            .collect();
        for (row, _) in &rows {
            if let Some(why) = headers::syntax_problem(&row.name, &row.value) {
                return Err(UrlProblem::Header { name: row.name.clone(), why });
            }
        }
        for AuthHeader { name, value, .. } in &auth.headers {
            if let Some(why) = headers::syntax_problem(name, value.expose()) {
                return Err(UrlProblem::Header { name: name.clone(), why });
            }
        }

        let mut out = vec![
            WireHeader::handshake("Host", address.host_header()),
            WireHeader::handshake("Upgrade", "websocket"),
            WireHeader::handshake("Connection", "Upgrade"),
            WireHeader { is_key: true, ..WireHeader::handshake("Sec-WebSocket-Key", "") },
            WireHeader::handshake("Sec-WebSocket-Version", "13"),
        ];
        if self.settings.compression {
            out.push(WireHeader::handshake("Sec-WebSocket-Extensions", DEFLATE_OFFER));
        }
        if !subprotocols.is_empty() {
            let mut header =
                WireHeader::handshake("Sec-WebSocket-Protocol", subprotocols.join(", "));
            if auth_subprotocols.iter().any(|s| s.is_secret) {
                let secret = |item: &&String| {
                    let mut known = auth_subprotocols.iter().filter(|s| s.is_secret);
                    known.any(|s| s.text.expose() == item.as_str())
                };
                let shown = subprotocols.iter().map(|item| match Some(item).filter(secret) {
                    Some(secret) => mask_value(secret),
                    None => item.clone(),
                });
                header.shown = Some(shown.collect::<Vec<String>>().join(", "));
            }
            out.push(header);
        }
        for (name, value) in rows
            .iter()
            .map(|(row, _)| (&row.name, row.value.len()))
            .chain(auth.headers.iter().map(|header| (&header.name, header.value.expose().len())))
        {
            check_size(name, value)?;
        }
        out.retain(|ours| !rows.iter().any(|(row, _)| row.name.eq_ignore_ascii_case(&ours.name)));
        out.extend(rows.iter().map(|(row, from)| WireHeader {
            name: row.name.clone(),
            value: Secret::new(row.value.clone()),
            origin: HeaderOrigin::User,
            is_key: false,
            shown: None,
            from: from.cloned(),
        }));
        let from = self.auth.inherited_from.clone();
        out.extend(auth.headers.iter().map(|header| WireHeader {
            name: header.name.clone(),
            value: header.value.clone(),
            origin: HeaderOrigin::Auth,
            is_key: false,
            shown: header.shown.clone(),
            from: from.clone(),
        }));
        add_cookies(&mut out, &auth.cookies, from.as_ref())?;
        // user:password@ in the address is Basic authentication, unless something else is set.
        if let Some((user, password)) = &address.userinfo
            && !out.iter().any(|h| h.name.eq_ignore_ascii_case("authorization"))
        {
            let pair = format!("{user}:{}", password.expose());
            out.push(WireHeader {
                name: "Authorization".into(),
                value: Secret::new(format!(
                    "Basic {}",
                    base64::engine::general_purpose::STANDARD.encode(pair)
                )),
                origin: HeaderOrigin::Auth,
                is_key: false,
                shown: None,
                from: None,
            });
        }
        Ok(out)
    }
}

/// Refuses what is a mistake rather than a header.
pub(super) fn check_size(name: &str, size: usize) -> Result<(), UrlProblem> {
    if size <= MAX_HEADER_VALUE {
        return Ok(());
    }
    Err(UrlProblem::Header {
        name: name.to_owned(),
        why: format!(
            "its value has {size} bytes, and no server takes more than {} KiB in one header; is it \
             the right file?",
            MAX_HEADER_VALUE / 1024
        ),
    })
}

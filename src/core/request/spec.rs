//! The request as it will go out, judged and complete but for the key of each attempt.

use std::net::IpAddr;

use super::cookies::{cookie_pairs, is_cookie};
use super::facts::conflicts;
use super::{
    AuthContribution, AuthSubprotocol, Files, FirstMessage, IpFamily, RequestDraft, Signing,
    TlsVersions, WireHeader, read_fingerprint,
};
use crate::core::evidence::RequestFacts;
use crate::core::headers;
use crate::core::proxy::{ProxyRules, ProxyUse};
use crate::core::secret::{Masker, Secret, is_sensitive_name};
use crate::core::subprotocol;
use crate::core::url::{self, Address, UrlProblem};

/// An answer that stands before DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    pub host: String,
    pub port: u16,
    pub address: IpAddr,
}

#[derive(Clone, Debug)]
pub struct TlsSpec {
    pub verify: bool,
    /// Name in the ClientHello, which the certificate must be for; `None` for the host.
    pub server_name: Option<String>,
    pub versions: TlsVersions,
    /// SHA-256 (lower-case hex) of certificates that are accepted whatever the verifier says.
    pub trusted: Vec<String>,
    pub files: Files,
}

/// By what those who keep credentials know their own again when an attempt has ended. Digests, from
/// which no secret can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The grant that the request carries.
    pub grant: Option<String>,
    /// The key that it uses, if the service locks keys.
    pub key: Option<LockedKey>,
    /// Whether cookies of the reply are kept.
    pub cookies: bool,
}

/// A key that its service locks after some failures in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedKey {
    /// A digest of its name.
    pub id: String,
    /// Failures in a row after which it is locked.
    pub limit: u32,
    /// For how long, in seconds.
    pub locked_s: u32,
}

/// Everything that the transport needs for one attempt.
#[derive(Clone)]
pub struct RequestSpec {
    pub address: Address,
    /// Path and query with what authentication added.
    pub target: Secret,
    /// In the order of the wire.
    pub headers: Vec<WireHeader>,
    pub subprotocols: Vec<String>,
    /// Those of them that belong to authentication.
    pub auth_subprotocols: Vec<AuthSubprotocol>,
    pub tls: TlsSpec,
    pub connect_timeout_ms: u64,
    pub max_message: u64,
    pub heartbeat_ms: u64,
    /// The proxy of this address.
    pub proxy: Option<ProxyUse>,
    /// What decides on the proxy of another one.
    pub proxy_rules: ProxyRules,
    /// Redirects that may be followed.
    pub follow_redirects: u32,
    pub resolve: Vec<Resolve>,
    pub ip_family: IpFamily,
    /// Every secret that goes out, for masking by value.
    pub masker: Masker,
    /// As it was signed, secrets included; masked in [`RequestSpec::facts`].
    pub signing: Option<Signing>,
    /// Sent as soon as the connection is open, before anything else.
    pub first_messages: Vec<FirstMessage>,
    /// What of the credential is not there yet; such a request is only looked at. See
    /// [`AuthContribution::pending`].
    pub pending: Option<String>,
    /// What the record of an attempt says of the request.
    pub facts: RequestFacts,
    /// What of it is somebody's who wants to hear how the attempt ends.
    pub provenance: Provenance,
}

impl std::fmt::Debug for RequestSpec {
    /// What tells one request from another; nothing in it is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let subprotocols: Vec<String> =
            self.subprotocols.iter().map(|item| self.masker.mask(item)).collect();
        f.debug_struct("RequestSpec")
            .field("address", &self.address)
            .field("target", &self.target)
            .field("headers", &self.headers)
            .field("subprotocols", &subprotocols)
            .field("proxy", &self.proxy)
            .field("pending", &self.pending)
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

impl RequestDraft {
    /// Judges the draft and writes down what will go out.
    ///
    /// # Errors
    /// The first thing that keeps it from being sent.
    pub fn spec(
        &self,
        auth: &AuthContribution,
        mut files: Files,
    ) -> Result<RequestSpec, UrlProblem> {
        let address = url::read(&self.url)?;
        let settings = &self.settings;
        let mut subprotocols = settings.subprotocols.clone();
        subprotocols.extend(auth.subprotocols.iter().map(|s| s.text.expose().to_owned()));
        check_subprotocols(&subprotocols)?;

        let mut target = match &auth.target {
            Some(target) => target.expose().to_owned(),
            None => address.target.clone(),
        };
        for (name, value) in &auth.query {
            let piece = format!(
                "{}={}",
                url::encode_piece(name, true),
                url::encode_piece(value.expose(), false)
            );
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&piece);
        }

        // One that was typed among the settings is as secret as one of a way of its own.
        let mut auth_subprotocols = auth.subprotocols.clone();
        let typed = &settings.subprotocols;
        for (item, secret) in typed.iter().zip(subprotocol::credentials(typed)) {
            if secret.is_some() {
                let text = Secret::from(item.as_str());
                auth_subprotocols.push(AuthSubprotocol { text, is_secret: true });
            }
        }
        let headers = self.wire_headers(&address, auth, &subprotocols, &auth_subprotocols)?;
        let masker = self.masker(&address, auth, &headers, &auth_subprotocols);
        let mut first_messages = auth.first_messages.clone();
        first_messages.iter_mut().for_each(|message| message.mask(&masker));

        let resolve =
            settings.resolve.iter().map(|line| read_resolve(line)).collect::<Result<_, _>>()?;
        let password = self.auth.cert_password();
        if !password.is_empty() {
            files.cert_password = Some(Secret::new(password));
        }
        let trusted = settings.trusted.iter().map(|text| {
            read_fingerprint(text).map_err(|why| UrlProblem::Trusted { text: text.clone(), why })
        });
        let conflicts = conflicts(&address, auth, &headers);
        let mut facts = self.facts(&address, &target, &headers, &subprotocols, auth, &masker);
        let proxy_rules = ProxyRules {
            setting: Secret::new(settings.proxy.trim()),
            exempt: settings.no_proxy.clone(),
            environment: files.proxy_environment.clone(),
        };
        let choice = proxy_rules.choose(&address);
        facts.proxy_exemption = choice.exemption;
        facts.credential_notes.extend(conflicts);
        let tls = TlsSpec {
            verify: settings.verify,
            server_name: Some(settings.server_name.trim().to_owned()).filter(|n| !n.is_empty()),
            versions: settings.tls_versions,
            trusted: trusted.collect::<Result<_, _>>()?,
            files,
        };
        Ok(RequestSpec {
            target: Secret::new(target),
            headers,
            subprotocols,
            auth_subprotocols,
            tls,
            connect_timeout_ms: settings.connect_timeout_ms,
            max_message: settings.max_message,
            heartbeat_ms: settings.heartbeat_ms,
            proxy: choice.proxy,
            proxy_rules,
            follow_redirects: settings.follow_redirects,
            resolve,
            ip_family: settings.ip_family,
            masker,
            signing: auth.signing.clone(),
            first_messages,
            pending: auth.pending.clone(),
            facts,
            provenance: Provenance { cookies: settings.cookies, ..Provenance::default() },
            address,
        })
    }

    /// Every secret that goes out.
    fn masker(
        &self,
        address: &Address,
        auth: &AuthContribution,
        headers: &[WireHeader],
        auth_subprotocols: &[AuthSubprotocol],
    ) -> Masker {
        let mut masker = Masker::default();
        for header in headers.iter().filter(|h| h.is_sensitive()) {
            let value = header.value.expose();
            masker.add(value);
            if let Some((_, token)) = value.split_once(' ') {
                masker.add(token);
            }
            if is_cookie(header) {
                cookie_pairs(value).for_each(|(_, value)| masker.add(value));
            }
        }
        for (_, value) in &auth.query {
            masker.add(value.expose());
        }
        for secret in &auth.secrets {
            masker.add(secret.expose());
        }
        if let Some((_, password)) = &address.userinfo {
            masker.add(password.expose());
        }
        for item in auth_subprotocols.iter().filter(|item| item.is_secret) {
            masker.add(item.text.expose());
        }
        // Of a pair such as `bearer.TOKEN` the token alone may come back.
        for secret in subprotocol::credentials(&self.settings.subprotocols).into_iter().flatten() {
            masker.add(secret);
        }
        if let (_, Some(query), _) = url::split_query(&self.url) {
            let pairs = query.split('&').filter_map(|piece| piece.split_once('='));
            pairs.filter(|(name, _)| is_sensitive_name(name)).for_each(|(_, v)| masker.add(v));
        }
        masker.add(self.auth.cert_password());
        masker
    }
}

fn check_subprotocols(names: &[String]) -> Result<(), UrlProblem> {
    for (index, name) in names.iter().enumerate() {
        let why = if name.is_empty() {
            "it is empty".to_owned()
        } else if let Some(c) = name.chars().find(|c| !headers::is_token_char(*c)) {
            format!("it holds {}", headers::describe(c))
        } else if names[..index].contains(name) {
            "it is listed twice".to_owned()
        } else {
            continue;
        };
        return Err(UrlProblem::Subprotocol { name: name.clone(), why });
    }
    Ok(())
}

/// `HOST:PORT:ADDRESS`, the address of IPv6 with or without brackets.
fn read_resolve(line: &str) -> Result<Resolve, UrlProblem> {
    let bad = || UrlProblem::BadHost {
        host: line.to_owned(),
        why: "a fixed answer is written as HOST:PORT:ADDRESS".into(),
    };
    let mut parts = line.splitn(3, ':');
    let (Some(host), Some(port), Some(address)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad());
    };
    Ok(Resolve {
        host: host.to_ascii_lowercase(),
        port: port.parse().map_err(|_| bad())?,
        address: address.trim_matches(['[', ']']).parse().map_err(|_| bad())?,
    })
}

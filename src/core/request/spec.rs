//! The request as it will go out, judged and complete but for the key of each attempt.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;

use super::{
    AuthContribution, AuthHeader, AuthSubprotocol, FirstMessage, IpFamily, RequestDraft, Shown,
    Signing, TlsVersions, read_fingerprint,
};
use crate::core::evidence::{
    CredentialFacts, HeaderFacts, OddAuthorization, RequestFacts, TokenFacts,
};
use crate::core::headers::{self, HeaderRow};
use crate::core::jwt;
use crate::core::proxy::{ProxyEnvironment, ProxyRules, ProxyUse};
use crate::core::secret::{Masker, Secret, is_sensitive_name, mask_value};
use crate::core::subprotocol;
use crate::core::url::{self, Address, UrlProblem};

/// What is offered with compression. `client_max_window_bits` without a value lets the server
/// choose how much memory it spends on what we send (RFC 7692 section 7.1.2.2); the rest is left
/// to the server, which knows its own limits.
const DEFLATE_OFFER: &str = "permessage-deflate; client_max_window_bits";

/// Largest value of one header, in bytes. Gateways take 32 KiB (Huawei Cloud's) or less, and what
/// is larger is a whole file that was taken for a token.
pub const MAX_HEADER_VALUE: usize = 64 * 1024;

/// How [`RequestFacts::credentials`] names a message that carries one.
pub(super) const FIRST_MESSAGE: &str = "first message";

/// What the machine has to a request: contents of the files that the settings name, and what the
/// environment says of proxies; read by whoever may open files and look at the environment.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Empty means that no variable is set.
    pub proxy_environment: ProxyEnvironment,
    pub ca_pem: Option<Vec<u8>>,
    /// The client certificate in PEM, or a PKCS#12 file with its key.
    pub cert_pem: Option<Vec<u8>>,
    pub key_pem: Option<Secret>,
    /// Password of the PKCS#12 file; [`RequestDraft::spec`] takes it from the draft.
    pub cert_password: Option<Secret>,
    /// Where the keys of TLS sessions go, if the user wants them written.
    pub key_log: Option<KeyLog>,
}

/// A file for the keys of TLS sessions in the form that Wireshark reads (`SSLKEYLOGFILE`), opened
/// by whoever may open files. Who has it can read all that the sessions carried.
#[derive(Clone)]
pub struct KeyLog {
    /// The file's name, to be shown.
    pub path: String,
    pub sink: Arc<Mutex<dyn io::Write + Send>>,
}

impl std::fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyLog({})", self.path)
    }
}

impl Files {
    /// Leaves the client certificate behind.
    pub fn drop_identity(&mut self) {
        self.cert_pem = None;
        self.key_pem = None;
        self.cert_password = None;
    }
}

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
        let mut masker = Masker::default();

        let mut subprotocols = settings.subprotocols.clone();
        subprotocols.extend(auth.subprotocols.iter().map(|s| s.text.expose().to_owned()));
        check_subprotocols(&subprotocols)?;

        let mut target = match &auth.target {
            Some(target) => target.expose().to_owned(),
            None => address.target.clone(),
        };
        for (name, value) in &auth.query {
            masker.add(value.expose());
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
            if let Some(secret) = secret {
                masker.add(secret);
                let text = Secret::from(item.as_str());
                auth_subprotocols.push(AuthSubprotocol { text, is_secret: true });
            }
        }
        let headers = self.wire_headers(&address, auth, &subprotocols, &auth_subprotocols)?;
        for header in headers.iter().filter(|h| h.is_sensitive()) {
            masker.add(header.value.expose());
            if let Some((_, token)) = header.value.expose().split_once(' ') {
                masker.add(token);
            }
            if header.name.eq_ignore_ascii_case("cookie") {
                let pairs =
                    header.value.expose().split(';').filter_map(|pair| pair.split_once('='));
                pairs.for_each(|(_, value)| masker.add(value));
            }
        }
        auth.secrets.iter().for_each(|secret| masker.add(secret.expose()));
        let mut first_messages = auth.first_messages.clone();
        first_messages.iter_mut().for_each(|message| message.mask(&masker));
        if let Some((_, password)) = &address.userinfo {
            masker.add(password.expose());
        }
        for secret in auth_subprotocols.iter().filter(|s| s.is_secret) {
            masker.add(secret.text.expose());
        }
        if let (_, Some(query), _) = url::split_query(&self.url) {
            for (name, value) in query.split('&').filter_map(|piece| piece.split_once('=')) {
                if is_sensitive_name(name) {
                    masker.add(value);
                }
            }
        }

        let resolve =
            settings.resolve.iter().map(|line| read_resolve(line)).collect::<Result<_, _>>()?;
        let password = self.auth.cert_password();
        if !password.is_empty() {
            masker.add(password);
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

    /// Ours first (as RFC 6455 section 1.3 shows them), then the table's, then authentication's.
    /// With the tester's switch a row of the table takes the place of ours, where it stands in
    /// the table.
    fn wire_headers(
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

    fn facts(
        &self,
        address: &Address,
        target: &str,
        headers: &[WireHeader],
        subprotocols: &[String],
        auth: &AuthContribution,
        masker: &Masker,
    ) -> RequestFacts {
        let mut credentials =
            credentials(headers, target, &auth.subprotocols, !self.settings.cert_file.is_empty());
        if auth.first_messages.iter().any(FirstMessage::holds_secret) {
            credentials.push(FIRST_MESSAGE.into());
        }
        let tokens = tokens(headers, target);
        let value_of = |name: &str| {
            let header = headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
            header.map(|header| header.value.expose())
        };
        RequestFacts {
            typed: masker.mask(&url::masked(&self.url)),
            used: masker.mask(&url::masked(&address.to_url())),
            scheme: address.scheme.name().into(),
            host: address.host.clone(),
            port: address.port_or_default(),
            port_typed: address.port.is_some(),
            target: masker.mask(&url::masked(target)),
            mends: address.mends.clone(),
            subprotocols: subprotocols.iter().map(|s| masker.mask(s)).collect(),
            auth: self.auth.kind.clone(),
            credentials,
            credential_notes: auth.notes.clone(),
            tokens,
            credential: CredentialFacts {
                inherited_from: self.auth.inherited_from.clone(),
                signing: auth.signing.as_ref().map(|s| s.map(|text| masker.mask(text))),
                shown: auth
                    .shown
                    .iter()
                    .map(|part| Shown { title: part.title.clone(), text: masker.mask(&part.text) })
                    .collect(),
                expires: auth.expires,
                clock_offset_s: self.settings.clock_offset_s,
                ..CredentialFacts::default()
            },
            odd_authorization: value_of("Authorization").and_then(OddAuthorization::of),
            overridden: overridden(headers),
            verify: self.settings.verify,
            timeout_ms: self.settings.connect_timeout_ms,
            max_message: self.settings.max_message,
            heartbeat_ms: self.settings.heartbeat_ms,
            origin: value_of("Origin").map(|origin| masker.mask(origin)),
            extensions: value_of("Sec-WebSocket-Extensions")
                .map(|value| value.split(',').map(|item| item.trim().to_owned()).collect())
                .unwrap_or_default(),
            plus_in_query: plus_in_query(target),
            head_bytes: head_bytes(target, headers),
            headers: header_facts(headers, masker),
            // Decided afterwards.
            proxy_exemption: None,
        }
    }
}

pub(super) fn header_facts(headers: &[WireHeader], masker: &Masker) -> Vec<HeaderFacts> {
    headers
        .iter()
        .map(|header| HeaderFacts {
            name: header.name.clone(),
            value: masker.mask(&header.shown_value()),
            added: header.origin == HeaderOrigin::Handshake,
        })
        .collect()
}

/// What goes out and looks like a credential, as [`RequestFacts::credentials`] names it.
pub(super) fn credentials(
    headers: &[WireHeader],
    target: &str,
    subprotocols: &[AuthSubprotocol],
    certificate: bool,
) -> Vec<String> {
    let mut out: Vec<String> = headers
        .iter()
        .filter(|h| h.is_credential())
        .map(|h| format!("header {}", h.name))
        .collect();
    if let (_, Some(query), _) = url::split_query(target) {
        out.extend(
            query
                .split('&')
                .filter_map(|piece| piece.split_once('='))
                .filter(|(name, value)| is_sensitive_name(name) && !value.is_empty())
                .map(|(name, _)| format!("query {name}")),
        );
    }
    if subprotocols.iter().any(|s| s.is_secret) {
        out.push("subprotocol".into());
    }
    if certificate {
        out.push("certificate".into());
    }
    out
}

/// Names of handshake headers that the user took over.
pub(super) fn overridden(headers: &[WireHeader]) -> Vec<String> {
    let of_user = |h: &&WireHeader| {
        h.origin == HeaderOrigin::User && headers::owned_reason(&h.name).is_some()
    };
    headers.iter().filter(of_user).map(|h| h.name.clone()).collect()
}

/// The JSON Web Tokens that go out.
fn tokens(headers: &[WireHeader], target: &str) -> Vec<TokenFacts> {
    let in_headers = headers.iter().flat_map(|h| jwt::in_header(&h.name, h.value.expose()));
    let query = url::split_query(target).1;
    in_headers.chain(query.into_iter().flat_map(jwt::in_query)).collect()
}

/// Names of the parameters whose value holds a `+`; the values may be secrets.
fn plus_in_query(target: &str) -> Vec<String> {
    let (_, query, _) = url::split_query(target);
    let pairs = query.unwrap_or_default().split('&').filter_map(|piece| piece.split_once('='));
    pairs.filter(|(_, value)| value.contains('+')).map(|(name, _)| name.to_owned()).collect()
}

/// Size of the request's head on the wire. The key of each attempt has always 24 characters.
pub(super) fn head_bytes(target: &str, headers: &[WireHeader]) -> u64 {
    let line = |header: &WireHeader| {
        let value = if header.is_key { 24 } else { header.value.expose().len() };
        header.name.len() + value + ": \r\n".len()
    };
    let all = "GET  HTTP/1.1\r\n\r\n".len() + target.len();
    (all + headers.iter().map(line).sum::<usize>()) as u64
}

fn is_cookie(header: &WireHeader) -> bool {
    header.name.eq_ignore_ascii_case("cookie")
}

/// The pairs of a `Cookie` line; what has no `=` is a name.
fn cookie_pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(';')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Puts cookies into the one line that a request may have (RFC 6265 section 5.4): behind those of
/// a line that was typed, which counts where both name a cookie.
fn add_cookies(
    out: &mut Vec<WireHeader>,
    cookies: &[(String, Secret)],
    from: Option<&String>,
) -> Result<(), UrlProblem> {
    let typed = out.iter().position(is_cookie);
    let mut line = zeroize::Zeroizing::new(match typed {
        Some(at) => out[at].value.expose().trim().trim_end_matches(';').to_owned(),
        None => String::new(),
    });
    let mut added = false;
    for (name, value) in cookies {
        if typed.is_some() && cookie_pairs(&line).any(|(known, _)| known == name) {
            continue;
        }
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(&format!("{name}={}", value.expose()));
        added = true;
    }
    if !added {
        return Ok(());
    }
    if let Some(why) = headers::syntax_problem("Cookie", &line) {
        return Err(UrlProblem::Header { name: "Cookie".into(), why });
    }
    check_size("Cookie", line.len())?;
    let masked: Vec<String> =
        cookie_pairs(&line).map(|(name, value)| format!("{name}={}", mask_value(value))).collect();
    let (value, shown) = (Secret::from(line.as_str()), Some(masked.join("; ")));
    match typed {
        Some(at) => {
            out[at].value = value;
            out[at].shown = shown;
        }
        None => out.push(WireHeader {
            name: "Cookie".into(),
            value,
            origin: HeaderOrigin::Jar,
            is_key: false,
            shown,
            from: from.cloned(),
        }),
    }
    Ok(())
}

/// Which of two credentials for one place went out.
fn conflicts(address: &Address, auth: &AuthContribution, headers: &[WireHeader]) -> Vec<String> {
    let mut notes = Vec::new();
    let is_authorization = |name: &str| name.eq_ignore_ascii_case("authorization");
    let of_way = auth.headers.iter().any(|header| is_authorization(&header.name));
    let typed = headers
        .iter()
        .any(|header| header.origin == HeaderOrigin::User && is_authorization(&header.name));
    if address.userinfo.is_some() && (of_way || typed) {
        let whose = if of_way { "way of authenticating" } else { "table of headers" };
        notes.push(format!(
            "the address holds a user name as well; the Authorization of the {whose} goes out \
             instead"
        ));
    }
    if of_way && typed {
        notes.push(
            "Authorization goes out twice: as typed, and by the way of authenticating; servers \
             refuse that or take either"
                .into(),
        );
    }
    let line = headers.iter().find(|h| h.origin == HeaderOrigin::User && is_cookie(h));
    if let Some(line) = line {
        for (name, value) in &auth.cookies {
            let pair = (name.as_str(), value.expose());
            let mut named = cookie_pairs(line.value.expose());
            if named.any(|(known, sent)| known == name && (known, sent) != pair) {
                notes.push(format!("the cookie {name} goes out as typed in the table of headers"));
            }
        }
    }
    notes
}

fn check_size(name: &str, size: usize) -> Result<(), UrlProblem> {
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

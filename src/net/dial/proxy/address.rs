//! A proxy's address, as it stands in the settings or in a variable.

use percent_encoding::percent_decode_str;

use super::failure;
use crate::core::evidence::{Failure, ProxyFacts, ProxyKind, ProxyProblem};
use crate::core::proxy::{self, ProxyUse};
use crate::core::secret::Secret;
use crate::core::stage::Stage;
use crate::net::recorder::Recorder;

/// A proxy that we can speak to.
#[derive(Debug)]
pub(super) struct Proxy {
    pub kind: ProxyKind,
    /// Without brackets.
    pub host: String,
    pub port: u16,
    pub login: Option<(String, Secret)>,
}

/// Reads it and begins the record. `host:port` alone means `http://`; `socks://` means SOCKS 5
/// with names resolved there, as desktops write it into `ALL_PROXY`.
pub(super) fn read(chosen: &ProxyUse, recorder: &mut Recorder) -> Result<Proxy, Failure> {
    let text = chosen.url.expose();
    let whole = proxy::with_scheme(text);
    recorder.evidence.proxy = Some(ProxyFacts {
        url: recorder.clean(&proxy::masked(text)),
        source: chosen.source.clone(),
        ..ProxyFacts::default()
    });
    match parse(&whole) {
        Ok(proxy) => {
            if let Some(facts) = &mut recorder.evidence.proxy {
                facts.kind = proxy.kind;
            }
            if let Some((_, password)) = &proxy.login {
                recorder.masker.add(password.expose());
            }
            Ok(proxy)
        }
        Err(text) => {
            recorder.begin(Stage::Proxy);
            Err(failure(ProxyProblem::Unsupported, text))
        }
    }
}

fn parse(whole: &str) -> Result<Proxy, String> {
    let parsed = ::url::Url::parse(whole)
        .map_err(|error| format!("the proxy's address cannot be read: {error}"))?;
    let (kind, usual) = match parsed.scheme() {
        "http" => (ProxyKind::Http, 80),
        "https" => (ProxyKind::Https, 443),
        "socks4" => (ProxyKind::Socks4, 1080),
        "socks4a" => (ProxyKind::Socks4a, 1080),
        "socks5" => (ProxyKind::Socks5, 1080),
        "socks5h" | "socks" => (ProxyKind::Socks5h, 1080),
        other => {
            return Err(format!(
                "{other}:// proxies are not supported; http, https, socks4, socks4a, socks5 and \
                 socks5h are"
            ));
        }
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let host = decode(parsed.host_str().unwrap_or_default()).trim_matches(['[', ']']).to_owned();
    if host.is_empty() {
        return Err("the proxy's address names no host".to_owned());
    }
    let login = (!parsed.username().is_empty() || parsed.password().is_some()).then(|| {
        let password = decode(parsed.password().unwrap_or_default());
        (decode(parsed.username()), Secret::new(password))
    });
    Ok(Proxy { kind, host, port: parsed.port().unwrap_or(usual), login })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_each_kind() {
        for (text, kind, host, port, user) in [
            ("http://p", ProxyKind::Http, "p", 80, None),
            ("http://p:3128", ProxyKind::Http, "p", 3128, None),
            ("https://p/", ProxyKind::Https, "p", 443, None),
            ("socks5://p", ProxyKind::Socks5, "p", 1080, None),
            ("SOCKS5H://me:p%40ss@p:9", ProxyKind::Socks5h, "p", 9, Some(("me", "p@ss"))),
            ("socks://[::1]:9", ProxyKind::Socks5h, "::1", 9, None),
            ("http://[::1]:9", ProxyKind::Http, "::1", 9, None),
            ("socks4://me@p", ProxyKind::Socks4, "p", 1080, Some(("me", ""))),
            ("socks4a://p", ProxyKind::Socks4a, "p", 1080, None),
        ] {
            let proxy = parse(text).unwrap();
            let login = proxy.login.as_ref().map(|(u, p)| (u.as_str(), p.expose()));
            assert_eq!((proxy.kind, &*proxy.host, proxy.port, login), (kind, host, port, user));
        }
        for text in ["ftp://p", "http://", "socks5://", "http://p:99999", "http://a b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

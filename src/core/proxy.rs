//! Which proxy an address is reached through, and who decided so: the request's setting, or the
//! environment as curl reads it (curl's manual, "Environment").
//!
//! A setting beats the environment, `NO_PROXY` included: who names a proxy for this request means
//! it. A list of exempt hosts in the settings takes the place of `NO_PROXY` and holds for both.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::url::{self, Address, Scheme};

/// The setting that says: no proxy, whatever the environment says.
pub const NONE: &str = "none";

/// Variables that can name a proxy for `ws://`, first one first.
const FOR_WS: &[&str] =
    &["ws_proxy", "WS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
/// The same for `wss://`.
const FOR_WSS: &[&str] =
    &["wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Variables that list the hosts to reach without a proxy.
const EXEMPTING: &[&str] = &["no_proxy", "NO_PROXY"];

/// What the environment says of proxies, as a value: whoever may read the environment makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyEnvironment {
    /// Variables that are set and not empty. Proxy addresses may hold passwords.
    variables: Vec<(&'static str, Secret)>,
}

impl ProxyEnvironment {
    /// Reads all variables that matter by `get`.
    ///
    /// In a CGI program `HTTP_PROXY` is a header of somebody's request (`Proxy:`), so that it is
    /// left out where `REQUEST_METHOD` is set, as curl does.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> ProxyEnvironment {
        let is_cgi = get("REQUEST_METHOD").is_some();
        let mut variables: Vec<(&'static str, Secret)> = Vec::new();
        for name in FOR_WS.iter().chain(FOR_WSS).chain(EXEMPTING) {
            if variables.iter().any(|(known, _)| known == name) || (is_cgi && *name == "HTTP_PROXY")
            {
                continue;
            }
            if let Some(value) = get(name).filter(|value| !value.trim().is_empty()) {
                variables.push((name, Secret::new(value.trim())));
            }
        }
        ProxyEnvironment { variables }
    }

    /// The first of these variables that is set.
    fn first(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        names.iter().find_map(|name| {
            let (name, value) = self.variables.iter().find(|(known, _)| known == name)?;
            Some((*name, value.expose()))
        })
    }
}

/// The proxy of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyUse {
    /// Its address as written, which may hold a password.
    pub url: Secret,
    /// Who chose it: `setting`, or the variable (`HTTPS_PROXY`).
    pub source: String,
}

/// An address is reached without the proxy that it would have, because a list says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProxyExemption {
    /// Where the list stands: `setting`, `NO_PROXY`.
    pub source: String,
    /// The entry that took the address in: `.example.com`.
    pub entry: String,
    /// The proxy that would have been used, secrets masked.
    pub proxy: String,
}

/// What was decided for one address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyChoice {
    pub proxy: Option<ProxyUse>,
    pub exemption: Option<ProxyExemption>,
}

/// Setting and environment together: what decides for every address, a redirect's too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyRules {
    /// Address of a proxy; empty for what the environment says, [`NONE`] for none.
    pub setting: Secret,
    /// Hosts to reach without a proxy; empty for what the environment says.
    pub exempt: Vec<String>,
    pub environment: ProxyEnvironment,
}

impl ProxyRules {
    /// Decides for an address. A Unix socket never has a proxy.
    #[must_use]
    pub fn choose(&self, address: &Address) -> ProxyChoice {
        let setting = self.setting.expose().trim();
        if address.socket.is_some() || setting.eq_ignore_ascii_case(NONE) {
            return ProxyChoice::default();
        }
        let names = match address.scheme {
            Scheme::Ws => FOR_WS,
            Scheme::Wss => FOR_WSS,
        };
        let (source, url) = match (setting, self.environment.first(names)) {
            ("", None) => return ProxyChoice::default(),
            ("", Some((variable, url))) => (variable, url),
            (url, _) => ("setting", url),
        };
        let own: Vec<&str> = self.exempt.iter().flat_map(|line| entries(line)).collect();
        let (list_source, list) = match self.environment.first(EXEMPTING) {
            _ if !own.is_empty() => ("setting", own),
            Some((variable, list)) if source != "setting" => (variable, entries(list).collect()),
            _ => ("", Vec::new()),
        };
        let port = address.port_or_default();
        match list.iter().find(|entry| exempts(entry, &address.host, port)) {
            Some(entry) => ProxyChoice {
                proxy: None,
                exemption: Some(ProxyExemption {
                    source: list_source.to_owned(),
                    entry: (*entry).to_owned(),
                    proxy: masked(url),
                }),
            },
            None => ProxyChoice {
                proxy: Some(ProxyUse { url: Secret::new(url), source: source.to_owned() }),
                exemption: None,
            },
        }
    }
}

/// A proxy's address for showing: its scheme written out, its password masked.
#[must_use]
pub fn masked(url: &str) -> String {
    url::masked(&with_scheme(url))
}

/// A proxy's address with its scheme; `host:port` alone means `http://`, as curl has it.
#[must_use]
pub fn with_scheme(url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("http://{url}") }
}

/// Entries of a list, which commas and blanks divide.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t', '\n']).filter(|entry| !entry.is_empty())
}

/// Whether an entry of a `NO_PROXY` list takes in a host and port: `*` takes in all, a name also
/// what is under it, with or without a dot or `*.` in front, an address itself, `10.0.0.0/8` its
/// network; a port behind it narrows it.
fn exempts(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    let (host, _zone) = url::split_zone(host);
    let host = host.trim_end_matches('.');
    let (entry, wanted) = split_port(entry);
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return match entry.split_once('/') {
            Some((network, bits)) => in_network(ip, network, bits),
            None => entry.parse::<IpAddr>().is_ok_and(|known| known == ip),
        };
    }
    let name = entry.strip_prefix("*.").unwrap_or(entry).trim_matches('.').to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    !name.is_empty()
        && (host == name || host.strip_suffix(&name).is_some_and(|before| before.ends_with('.')))
}

/// Takes a port from the end of an entry, and the brackets from an IPv6 address.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        // More colons than one are an IPv6 address without its brackets.
        Some((name, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn in_network(ip: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (ip, network.parse::<IpAddr>()) {
        (IpAddr::V4(ip), Ok(IpAddr::V4(network))) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(ip) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(ip), Ok(IpAddr::V6(network))) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(ip) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> ProxyEnvironment {
        ProxyEnvironment::read(|name| {
            variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn choose(url: &str, setting: &str, exempt: &str, variables: &[(&str, &str)]) -> ProxyChoice {
        let rules = ProxyRules {
            setting: Secret::new(setting),
            exempt: vec![exempt.to_owned()],
            environment: environment(variables),
        };
        rules.choose(&url::read(url).unwrap())
    }

    /// `source url`, or what exempted, or nothing.
    fn told(choice: &ProxyChoice) -> String {
        match (&choice.proxy, &choice.exemption) {
            (Some(proxy), None) => format!("{} {}", proxy.source, proxy.url.expose()),
            (None, Some(by)) => format!("{} has {}", by.source, by.entry),
            (None, None) => "direct".into(),
            both => panic!("{both:?}"),
        }
    }

    #[test]
    fn setting_and_variables_by_scheme() {
        let (ws, wss) = ("ws://a.example/", "wss://a.example/");
        let both = &[("http_proxy", "h:1"), ("HTTPS_PROXY", "s:2"), ("ALL_PROXY", "a:3")][..];
        for (url, setting, variables, want) in [
            (ws, "", &[][..], "direct"),
            (ws, "p:9", &[], "setting p:9"),
            (ws, "none", both, "direct"),
            (ws, " NONE ", both, "direct"),
            (ws, "", both, "http_proxy h:1"),
            (wss, "", both, "HTTPS_PROXY s:2"),
            (wss, "p:9", both, "setting p:9"),
            (ws, "", &[("https_proxy", "s:2")], "direct"),
            (wss, "", &[("http_proxy", "h:1")], "direct"),
            (wss, "", &[("all_proxy", "a:3")], "all_proxy a:3"),
            (ws, "", &[("ws_proxy", "w:4"), ("http_proxy", "h:1")], "ws_proxy w:4"),
            (wss, "", &[("wss_proxy", "w:4"), ("https_proxy", "s:2")], "wss_proxy w:4"),
            (wss, "", &[("https_proxy", "l:1"), ("HTTPS_PROXY", "u:2")], "https_proxy l:1"),
            (ws, "", &[("HTTP_PROXY", "h:1")], "HTTP_PROXY h:1"),
            (ws, "", &[("HTTP_PROXY", "h:1"), ("REQUEST_METHOD", "GET")], "direct"),
            (ws, "", &[("http_proxy", "h:1"), ("REQUEST_METHOD", "GET")], "http_proxy h:1"),
            (wss, "", &[("https_proxy", ""), ("all_proxy", "a:3")], "all_proxy a:3"),
            ("ws+unix:///run/x.sock:/", "p:9", both, "direct"),
            ("ws://localhost:9/", "", both, "http_proxy h:1"),
        ] {
            assert_eq!(told(&choose(url, setting, "", variables)), want, "{url} {setting:?}");
        }
    }

    #[test]
    fn lists_exempt_hosts() {
        for (list, url, exempt) in [
            ("*", "ws://a.example/", true),
            ("example.com", "ws://example.com/", true),
            ("example.com", "ws://api.example.com/", true),
            (".example.com", "ws://example.com/", true),
            ("*.example.com", "ws://api.example.com/", true),
            ("EXAMPLE.com.", "ws://api.Example.COM/", true),
            ("example.com", "ws://notexample.com/", false),
            ("ample.com", "ws://example.com/", false),
            ("a.example, b.example c.example", "ws://c.example/", true),
            ("example.com:8080", "ws://example.com:8080/", true),
            ("example.com:8080", "ws://example.com/", false),
            ("example.com:80", "ws://example.com/", true),
            ("127.0.0.1", "ws://127.0.0.1:9/", true),
            ("127.0.0.1", "ws://localhost:9/", false),
            ("127.0.0.1:9", "ws://127.0.0.1:9/", true),
            ("127.0.0.0/8", "ws://127.9.9.9/", true),
            ("10.0.0.0/8", "ws://11.0.0.1/", false),
            ("0.0.0.0/0", "ws://11.0.0.1/", true),
            ("10.0.0.0/33", "ws://10.0.0.1/", false),
            ("::1", "ws://[::1]:9/", true),
            ("[::1]", "ws://[::1]:9/", true),
            ("[::1]:8", "ws://[::1]:9/", false),
            ("fe80::/10", "ws://[fe80::1%25eth0]/", true),
            ("fe80::/10", "ws://[::1]/", false),
            ("", "ws://a.example/", false),
            (".", "ws://a.example/", false),
            ("1.1.1.1", "ws://x.1.1.1.1.example/", false),
        ] {
            let environment = [("http_proxy", "u:secret7@h:1"), ("NO_PROXY", list)];
            let choice = choose(url, "", "", &environment);
            assert_eq!(choice.proxy.is_none(), exempt, "{list} {url}");
            if let Some(by) = choice.exemption {
                assert_eq!(by.source, "NO_PROXY");
                assert!(!by.proxy.contains("secret7"), "{}", by.proxy);
            }
        }
    }

    #[test]
    fn a_list_in_the_settings_stands_before_the_environments() {
        let variables = [("http_proxy", "h:1"), ("no_proxy", "*")];
        let url = "ws://a.example/";
        assert_eq!(told(&choose(url, "", "", &variables)), "no_proxy has *");
        assert_eq!(told(&choose(url, "", "b.example", &variables)), "http_proxy h:1");
        assert_eq!(told(&choose(url, "", "a.example", &variables)), "setting has a.example");
        assert_eq!(told(&choose(url, "p:9", "a.example", &[])), "setting has a.example");
        // NO_PROXY is about the environment's proxies.
        assert_eq!(told(&choose(url, "p:9", "", &variables)), "setting p:9");
    }

    #[test]
    fn passwords_are_not_told() {
        let variables = [("http_proxy", "http://u:hunter22@h:1")];
        let text = format!("{:?}", choose("ws://a.example/", "", "", &variables));
        assert!(!text.contains("hunter22"), "{text}");
        assert!(!format!("{:?}", environment(&variables)).contains("hunter22"));
        assert!(!masked("u:hunter22@h:1").contains("hunter22"));
    }

    proptest! {
        #[test]
        fn any_list_can_be_read(entry in "\\PC{0,20}", host in "[a-z0-9.:]{1,20}") {
            let _ = exempts(&entry, &host, 80);
        }
    }
}

//! From connect options to a request draft.

use std::path::Path;

use clap::CommandFactory as _;

use super::alike;
use super::args::{Cli, ConnectArgs};
use super::failure::Failure;
use crate::auth::{self, Field};
use crate::core::headers::{self, HeaderRow};
use crate::core::proxy;
use crate::core::request::{
    AuthDraft, INHERIT, IpFamily, RequestDraft, RequestSettings, TlsVersions,
};
use crate::core::secret::Secret;
use crate::core::url::{self, Address, Scheme};
use crate::credentials::resolve_given;

/// The request that a command line describes.
///
/// # Errors
/// Usage errors: a kind or parameter of authentication that does not exist, a reference that
/// cannot be resolved.
pub fn draft(url: &str, args: &ConnectArgs) -> Result<RequestDraft, Failure> {
    let mut rows = Vec::new();
    if let Some(origin) = &args.origin {
        rows.push(HeaderRow::new("Origin", origin));
    }
    rows.extend(args.header.iter().cloned());
    let defaults = RequestSettings::default();
    let settings = RequestSettings {
        connect_timeout_ms: args
            .connect_timeout
            .map_or(defaults.connect_timeout_ms, |t| t.millis()),
        verify: !args.insecure,
        compression: !args.no_compression,
        ca_file: path(args.cacert.as_ref()),
        cert_file: path(args.cert.as_ref()),
        key_file: path(args.key.as_ref()),
        server_name: args.tls_server_name.clone().unwrap_or_default(),
        tls_versions: tls_versions(args)?,
        trusted: args.trust_fingerprint.clone(),
        max_message: args.max_message_size.map_or(defaults.max_message, |size| size.0),
        subprotocols: args.subprotocol.clone(),
        // Who writes such a header on a command line means it.
        override_handshake: rows.iter().any(|row| headers::owned_reason(&row.name).is_some()),
        // An empty one means none, as with curl.
        proxy: match args.proxy.as_deref() {
            Some("") => proxy::NONE.to_owned(),
            other => other.unwrap_or_default().to_owned(),
        },
        no_proxy: args
            .noproxy
            .iter()
            .map(|host| host.trim().to_owned())
            .filter(|host| !host.is_empty())
            .collect(),
        follow_redirects: if args.location { args.max_redirs.unwrap_or(REDIRECTS) } else { 0 },
        resolve: args.resolve.clone(),
        clock_offset_s: args.clock_offset.unwrap_or_default(),
        ip_family: match (args.ipv4, args.ipv6) {
            (true, _) => IpFamily::V4,
            (_, true) => IpFamily::V6,
            _ => IpFamily::Any,
        },
        ..defaults
    };
    let mut draft = RequestDraft {
        headers: rows,
        auth: auth_draft(args)?,
        settings,
        ..RequestDraft::default()
    };
    if let Some(password) = &args.cert_password {
        let password = resolve_given(password)
            .map_err(|why| Failure::usage(format!("--cert-password {why}")))?;
        draft.auth.set_cert_password(password);
    }
    draft.set_url(url.to_owned());
    if let Some((field, name)) = auth::unknown_header(&draft) {
        return Err(Failure::usage(format!(
            "--auth-param {field} names the header {name}, which is not given with -H"
        )));
    }
    if let Some(socket) = &args.unix_socket {
        lead_to_socket(&mut draft, socket)?;
    }
    Ok(draft)
}

/// Replaces the URL's host by a Unix socket; the server is still told the host. A URL that cannot
/// be read stays, to be explained.
fn lead_to_socket(draft: &mut RequestDraft, socket: &Path) -> Result<(), Failure> {
    let Ok(address) = url::read(&draft.url) else { return Ok(()) };
    if address.scheme == Scheme::Wss {
        return Err(Failure::usage(
            "--unix-socket goes with ws://: TLS over a socket is not known",
        ));
    }
    if address.userinfo.is_some() {
        return Err(Failure::usage(
            "--unix-socket takes no name and password in the URL; give them by --auth basic",
        ));
    }
    let host = address.host_header();
    if host != "localhost" && !draft.headers.iter().any(|r| r.name.eq_ignore_ascii_case("host")) {
        draft.headers.push(HeaderRow::new("Host", host));
        draft.settings.override_handshake = true;
    }
    let socket = Some(socket.to_string_lossy().into_owned());
    draft.set_url(Address { socket, ..address }.to_url());
    Ok(())
}

/// Redirects that are followed if nobody says how many.
const REDIRECTS: u32 = 10;

/// The versions between the least and the greatest that were asked for.
fn tls_versions(args: &ConnectArgs) -> Result<TlsVersions, Failure> {
    match (args.tls13, args.tls_max.as_deref()) {
        (true, Some("1.2")) => {
            Err(Failure::usage("--tlsv1.3 and --tls-max 1.2 leave no version of TLS to offer"))
        }
        (true, _) => Ok(TlsVersions::Only13),
        (false, Some("1.2")) => Ok(TlsVersions::Only12),
        (false, _) => Ok(TlsVersions::Any),
    }
}

/// As [`draft`]; without a URL and without options there is no request to open.
pub fn draft_of_interface(
    url: Option<&str>,
    args: &ConnectArgs,
) -> Result<Option<RequestDraft>, Failure> {
    let draft = draft(url.unwrap_or_default(), args)?;
    Ok((draft != RequestDraft::default()).then_some(draft))
}

/// A bare word that looks like a command is no host that anybody meant.
///
/// # Errors
/// A usage error that names the command and how to write the host.
pub fn refuse_mistyped_command(url: Option<&str>) -> Result<(), Failure> {
    let Some(word) = url.filter(|url| url.chars().all(|c| c.is_ascii_lowercase())) else {
        return Ok(());
    };
    if LATER_COMMANDS.contains(&word) {
        return Err(Failure::usage(format!("`wsdeck {word}` is not in this version")));
    }
    let command = Cli::command();
    let near = command
        .get_subcommands()
        .map(|sub| (alike::percent(word, sub.get_name()), sub.get_name()))
        .max()
        .filter(|(percent, _)| *percent >= 50);
    match near {
        Some((_, name)) => Err(Failure::usage(format!(
            "there is no command “{word}”; did you mean `wsdeck {name}`? A host of that name is \
             written ws://{word}"
        ))),
        None => Ok(()),
    }
}

/// Commands that the manual of a later version has.
const LATER_COMMANDS: &[&str] = &["import", "export"];

fn path(path: Option<&std::path::PathBuf>) -> String {
    path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

fn auth_draft(args: &ConnectArgs) -> Result<AuthDraft, Failure> {
    let mut draft = AuthDraft::default();
    let Some(kind) = &args.auth else {
        return Ok(draft);
    };
    // A command line has no folder around it.
    let ways = || auth::ways().iter().filter(|way| way.kind() != INHERIT);
    let Some(way) = ways().find(|way| way.kind() == kind) else {
        let known: Vec<&str> = ways().map(|way| way.kind()).collect();
        return Err(Failure::usage(format!(
            "--auth {kind} is not in this version; it knows {}",
            known.join(", ")
        )));
    };
    draft.kind = way.kind().to_owned();
    for param in &args.auth_param {
        let Some((name, value)) = param.split_once('=') else {
            // The text is not repeated: it may be a secret in the wrong place.
            return Err(Failure::usage("--auth-param is written as NAME=VALUE"));
        };
        let Some(field) = way.fields().iter().find(|field| field.name == name) else {
            let known: Vec<&str> = way.fields().iter().map(|field| field.name).collect();
            let known = if known.is_empty() { "none".into() } else { known.join(", ") };
            return Err(Failure::usage(format!(
                "--auth {kind} has no parameter “{name}”; its parameters: {known}"
            )));
        };
        let mut value = resolve_given(value)
            .map_err(|why| Failure::usage(format!("--auth-param {name} {why}")))?;
        if let Some(earlier) = draft.values.get(&format!("{kind}.{name}")) {
            if !field.repeatable {
                return Err(Failure::usage(format!("--auth-param {name} is given twice")));
            }
            value = Secret::new(format!("{}, {}", earlier.expose(), value.expose()));
        }
        if !field.choices.is_empty() && !field.choices.contains(&value.expose()) {
            return Err(Failure::usage(format!(
                "--auth-param {name} must be one of {}",
                field.choices.join(", ")
            )));
        }
        draft.set(name, value);
    }
    let asked = auth::fields(&draft);
    for field in asked.iter().filter(|field| field.required) {
        if !draft.values.contains_key(&format!("{kind}.{}", field.name)) {
            // A parameter of another choice (`source=`) is what was forgotten, more often.
            let given =
                |field: &&Field| draft.values.contains_key(&format!("{kind}.{}", field.name));
            let idle: Vec<&str> = way
                .fields()
                .iter()
                .filter(given)
                .map(|field| field.name)
                .filter(|name| !asked.iter().any(|field| field.name == *name))
                .collect();
            let idle = match idle.as_slice() {
                [] => String::new(),
                idle => format!("; nothing asks for {} so", idle.join(", ")),
            };
            return Err(Failure::usage(format!(
                "--auth {kind} needs --auth-param {}=VALUE (or env:NAME, file:PATH, cmd:COMMAND)\
                 {idle}",
                field.name
            )));
        }
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::args::Cli;
    use super::*;

    fn read(options: &[&str]) -> Result<RequestDraft, String> {
        let args = [&["wsdeck", "ws://a.example/x?B=1&a"], options].concat();
        let cli = Cli::try_parse_from(args).map_err(|error| error.to_string())?;
        draft(cli.url.as_deref().unwrap_or_default(), &cli.connect_options)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn options_become_the_draft() {
        let draft = read(&[
            "-H",
            "x-b: 1",
            "-H",
            "X-A:2",
            "-H",
            "x-b: 3",
            "-H",
            "X-Empty;",
            "--origin",
            "https://a.example",
            "--subprotocol",
            "v2",
            "--subprotocol",
            "v1",
            "-k",
            "--cacert",
            "ca.pem",
            "--cert",
            "c.pem",
            "--key",
            "k.pem",
            "--cert-password",
            "p4ss",
            "--trust-fingerprint",
            &["AB"; 32].join(":"),
            "--tls-server-name",
            "b.example",
            "--tls-max",
            "1.2",
            "--proxy",
            "http://p:1",
            "--connect-timeout",
            "1.5",
            "--resolve",
            "a.example:80:127.0.0.1",
            "-6",
            "--max-message-size",
            "2MiB",
        ])
        .unwrap();
        let rows: Vec<String> =
            draft.headers.iter().map(|row| format!("{}: {}", row.name, row.value)).collect();
        assert_eq!(rows, ["Origin: https://a.example", "x-b: 1", "X-A: 2", "x-b: 3", "X-Empty: "]);
        let s = &draft.settings;
        assert_eq!(s.subprotocols, ["v2", "v1"]);
        assert!(!s.verify && !s.override_handshake);
        assert_eq!((&*s.ca_file, &*s.cert_file, &*s.key_file), ("ca.pem", "c.pem", "k.pem"));
        assert_eq!((&*s.server_name, s.tls_versions), ("b.example", TlsVersions::Only12));
        assert_eq!(
            (s.trusted[0].as_str(), draft.auth.cert_password()),
            (&*"ab".repeat(32), "p4ss")
        );
        assert_eq!((s.connect_timeout_ms, s.max_message), (1_500, 2 << 20));
        assert_eq!((s.ip_family, &*s.proxy), (IpFamily::V6, "http://p:1"));
        assert_eq!(s.resolve, ["a.example:80:127.0.0.1"]);
        assert_eq!(draft.params.enabled(), 2);
    }

    #[test]
    fn ways_to_the_server_become_settings() {
        let settings = |options: &[&str]| read(options).unwrap().settings;
        let s = settings(&["-x", "socks5h://p", "--noproxy", "a.example, .b.example"]);
        assert_eq!(
            (&*s.proxy, s.no_proxy.join("|")),
            ("socks5h://p", "a.example|.b.example".into())
        );
        assert_eq!(settings(&["--proxy", ""]).proxy, "none");
        assert_eq!(settings(&[]).follow_redirects, 0);
        assert_eq!(settings(&["-L"]).follow_redirects, 10);
        assert_eq!(settings(&["--location", "--max-redirs", "3"]).follow_redirects, 3);
        assert!(read(&["--max-redirs", "3"]).is_err());

        let draft = read(&["--unix-socket", "/run/a b.sock"]).unwrap();
        assert_eq!(draft.url, "ws+unix:///run/a%20b.sock:/x?B=1&a");
        assert_eq!(draft.headers, [HeaderRow::new("Host", "a.example")]);
        assert!(draft.settings.override_handshake);
    }

    #[test]
    fn a_mistyped_command_is_no_host() {
        for (word, told) in [
            ("chekc", Some("wsdeck check")),
            ("serv", Some("wsdeck serve")),
            ("import", Some("not in this version")),
            ("localhost", None),
            ("gateway", None),
            ("ws://serve", None),
            ("serve:80", None),
        ] {
            let refused = refuse_mistyped_command(Some(word)).err().map(|f| f.to_string());
            match told {
                Some(told) => assert!(refused.is_some_and(|m| m.contains(told)), "{word}"),
                None => assert_eq!(refused, None, "{word}"),
            }
        }
    }

    #[test]
    fn a_header_of_the_handshake_overrides() {
        assert!(read(&["-H", "host: other"]).unwrap().settings.override_handshake);
    }

    #[test]
    fn authentication_is_read_and_checked() {
        let draft = read(&[
            "--auth",
            "basic",
            "--auth-param",
            "username=a=b",
            "--auth-param",
            "password=c",
        ])
        .unwrap();
        assert_eq!((draft.auth.value("username"), draft.auth.value("password")), ("a=b", "c"));
        for (options, expected) in [
            (
                &["--auth", "kerberos"][..],
                "--auth kerberos is not in this version; it knows none, bearer",
            ),
            (&["--auth", "bearer"], "--auth bearer needs --auth-param token="),
            (
                &["--auth", "bearer", "--auth-param", "tokn=x"],
                "--auth bearer has no parameter “tokn”; its parameters: token",
            ),
            (
                &["--auth", "bearer", "--auth-param", "s3cret"],
                "--auth-param is written as NAME=VALUE",
            ),
            (
                &["--auth", "bearer", "--auth-param", "token=a", "--auth-param", "token=b"],
                "--auth-param token is given twice",
            ),
            (
                &["--auth", "api-key", "--auth-param", "value=a", "--auth-param", "in=body"],
                "--auth-param in must be one of header",
            ),
            (
                &["--auth-param", "token=a"],
                "error: the following required arguments were not provided:\n  --auth <KIND>",
            ),
            (&["--tlsv1.3", "--tls-max", "1.2"], "--tlsv1.3 and --tls-max 1.2 leave no version"),
            (
                &["--trust-fingerprint", "ab:cd"],
                "error: invalid value 'ab:cd' for '--trust-fingerprint <SHA256>': it has 4",
            ),
            (&["-4", "-6"], "error: the argument '-4' cannot be used with '-6'"),
            (&["-H", "no colon"], "error: invalid value 'no colon' for '--header <LINE>'"),
        ] {
            let error = read(options).unwrap_err();
            assert!(error.starts_with(expected), "{options:?}: {error}");
        }
    }
}

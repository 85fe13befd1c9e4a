//! `serve`: the practice server alone, until Ctrl+C.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;

use serde::Serialize;
use tempfile::NamedTempFile;

use super::args::ServeArgs;
use super::failure::Failure;
use super::{output, task};
use crate::practice::{Endpoint, Kind, Options, Server, TlsFault, credentials, endpoints};

/// What `--json` prints, once, when all ports are open.
#[derive(Debug, Serialize)]
struct Served {
    wsdeck: &'static str,
    listen: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_listen: Option<SocketAddr>,
    /// The certificate authority in PEM, for `--cacert`; gone when the server ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
    /// Where a client certificate is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    mtls_url: Option<String>,
    /// A client's certificate and key in PEM, for `--cert`; gone when the server ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_cert_file: Option<String>,
    endpoints: Vec<Served1>,
    /// Listeners whose TLS is wrong on purpose.
    tls_faults: Vec<Fault>,
}

#[derive(Debug, Serialize)]
struct Served1 {
    path: &'static str,
    kind: String,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_url: Option<String>,
    summary: &'static str,
}

#[derive(Debug, Serialize)]
struct Fault {
    fault: String,
    url: String,
}

pub fn run(args: &ServeArgs) -> Result<u8, Failure> {
    task::block_on(serve(args))
}

async fn serve(args: &ServeArgs) -> Result<u8, Failure> {
    // Heard from here on, so that a signal during the start ends in good order as well.
    let mut end = Box::pin(task::asked_to_end());
    let started = tokio::select! {
        () = &mut end => return Ok(0),
        started = start(args) => started?,
    };
    let (server, served, files) = started;
    if !server.addr().ip().is_loopback() {
        eprintln!(
            "note: {} can be reached from other machines; the practice server is not made for that",
            server.addr()
        );
    }
    if args.json {
        output::print_json(&served)?;
    } else {
        output::print(list(&served).as_bytes())?;
    }
    end.await;
    server.shutdown().await;
    drop(files);
    Ok(0)
}

/// Files that are there as long as the server runs.
struct Given {
    ca: NamedTempFile,
    client: NamedTempFile,
    mtls_url: String,
}

async fn start(args: &ServeArgs) -> Result<(Server, Served, Option<Given>), Failure> {
    let tls_listen = args.tls.then(|| {
        let port = args.listen.port();
        SocketAddr::new(args.listen.ip(), if port == 0 { 0 } else { port.saturating_add(1) })
    });
    let options = Options { listen: args.listen, tls_listen, ..Options::default() };
    let server = Server::start(options)
        .await
        .map_err(|error| Failure::ours(&format!("listening on {}", args.listen), &error))?;
    let mut tls_faults = Vec::new();
    let given = if args.tls {
        for fault in TlsFault::ALL {
            let addr = server
                .start_tls_fault(fault)
                .await
                .map_err(|error| Failure::ours("opening one more port", &error))?;
            tls_faults.push(Fault {
                fault: words(&format!("{fault:?}")),
                url: format!("wss://localhost:{}/echo", addr.port()),
            });
        }
        let port = server.start_mtls().await;
        let port = port.map_err(|error| Failure::ours("opening one more port", &error))?.port();
        let written = |e: std::io::Error| Failure::ours("writing the practice certificates", &e);
        let (cert, key) = server.client_identity_pem().map_err(written)?;
        Some(Given {
            ca: write_pem("wsdeck-ca-", server.ca_pem()).map_err(written)?,
            client: write_pem("wsdeck-client-", &format!("{cert}{key}")).map_err(written)?,
            mtls_url: format!("wss://localhost:{port}/auth/mtls"),
        })
    } else {
        None
    };
    let served = Served {
        wsdeck: env!("CARGO_PKG_VERSION"),
        listen: server.addr(),
        tls_listen: server.tls_addr(),
        ca_file: given.as_ref().map(|given| path_of(&given.ca)),
        mtls_url: given.as_ref().map(|given| given.mtls_url.clone()),
        client_cert_file: given.as_ref().map(|given| path_of(&given.client)),
        endpoints: endpoints().iter().map(|endpoint| served(endpoint, &server)).collect(),
        tls_faults,
    };
    Ok((server, served, given))
}

fn served(endpoint: &Endpoint, server: &Server) -> Served1 {
    Served1 {
        path: endpoint.path,
        kind: words(&format!("{:?}", endpoint.kind)),
        url: server.url(endpoint.example),
        tls_url: server.tls_addr().map(|_| server.tls_url(endpoint.example)),
        summary: endpoint.summary,
    }
}

/// In a file of its own that only this user can read; it goes away with the server.
fn write_pem(prefix: &str, pem: &str) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(prefix).suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    file.flush()?;
    Ok(file)
}

fn path_of(file: &NamedTempFile) -> String {
    file.path().to_string_lossy().into_owned()
}

/// The endpoints under the headings of their kinds.
fn list(served: &Served) -> String {
    let mut out = format!("Practice server on ws://{}", served.listen);
    if let Some(tls) = served.tls_listen {
        let _ = write!(out, " and wss://localhost:{}", tls.port());
    }
    out.push_str(". Ctrl+C ends it.\n");
    if let Some(path) = &served.ca_file {
        let _ = writeln!(out, "Its certificates are trusted with --cacert {path}");
    }
    if let (Some(url), Some(path)) = (&served.mtls_url, &served.client_cert_file) {
        let _ = writeln!(out, "A client certificate is wanted by {url}: --cert {path}");
    }
    let mut last: Option<Kind> = None;
    for (endpoint, row) in endpoints().iter().zip(&served.endpoints) {
        if last != Some(endpoint.kind) {
            let _ = writeln!(out, "\n{}", endpoint.kind.title());
            last = Some(endpoint.kind);
        }
        let _ = writeln!(out, "  {:<56}  {}", row.url, row.summary);
    }
    if !served.tls_faults.is_empty() {
        out.push_str("\nBroken TLS\n");
        for fault in &served.tls_faults {
            let _ = writeln!(out, "  {:<56}  {}", fault.url, fault.fault);
        }
    }
    let _ = writeln!(
        out,
        "\nTry: wsdeck check {}",
        served.endpoints.get(1).map_or("", |endpoint| endpoint.url.as_str())
    );
    let _ = writeln!(
        out,
        "     wsdeck check ws://{}/auth/bearer --auth bearer --auth-param token={}",
        served.listen,
        credentials::TOKEN
    );
    out
}

/// `MissingIntermediate` as `missing-intermediate`.
fn words(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

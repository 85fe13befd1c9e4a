//! The practice server for these tests: one for all of them, in threads of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::OnceLock;

use tokio::runtime::Runtime;
use wsdeck::practice::{Options, Server, TlsFault};

/// A server, the runtime that it lives in, and its CA in a file.
pub struct Practice {
    runtime: Runtime,
    server: Server,
    dir: tempfile::TempDir,
}

impl Practice {
    fn start() -> Practice {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(Server::start(Options::default())).expect("a free port");
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(dir.path().join("ca.pem"), server.ca_pem()).expect("a file in it");
        Practice { runtime, server, dir }
    }

    /// `ws://` URL of a path.
    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// `wss://` URL of a path on the TLS port.
    pub fn tls_url(&self, path: &str) -> String {
        self.server.tls_url(path)
    }

    /// `wss://` URL of a path on the port that speaks no TLS.
    pub fn wss_to_plain(&self, path: &str) -> String {
        self.server.url(path).replacen("ws:", "wss:", 1)
    }

    /// `host:port` of the plain port.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// `wss://` URL of a listener with this fault.
    pub fn faulty(&self, fault: TlsFault) -> String {
        let addr = self.runtime.block_on(self.server.start_tls_fault(fault)).expect("a port");
        format!("wss://localhost:{}/echo", addr.port())
    }

    /// Certificate and key, in PEM, that a listener which demands one accepts.
    pub fn client_identity(&self) -> (String, String) {
        self.server.client_identity_pem().expect("a key")
    }

    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

/// The server that tests share.
pub fn practice() -> &'static Practice {
    static SHARED: OnceLock<Practice> = OnceLock::new();
    SHARED.get_or_init(Practice::start)
}

/// An address of loopback on which nothing listens.
pub fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}

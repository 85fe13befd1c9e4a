//! The server as its users hold it: options, addresses, and the means to disturb it.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;

use super::accept::{Front, Listener, Shared};
use super::proxy::ProxyFault;
use super::seen::SeenRequest;
use super::tls::certs::Authority;
use super::tls::{TlsFault, Way};

/// Where the server listens and what it allows.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address of the plain port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address of the TLS port, if there is to be one.
    pub tls_listen: Option<SocketAddr>,
    /// Longest message that is taken, in bytes; at most 1 GiB.
    pub max_message: u64,
    /// How many connections are served at once; further ones wait in the system's queue.
    pub max_connections: usize,
    /// How long a client may take to send its request head, and TLS its handshake.
    pub head_timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Options {
            listen: loopback,
            tls_listen: Some(loopback),
            max_message: 64 * 1024 * 1024,
            max_connections: 512,
            head_timeout: Duration::from_secs(30),
        }
    }
}

/// The longest message that can be allowed.
const MESSAGE_MAX: u64 = 1 << 30;

/// How much has happened so far; see [`Server::wait_for`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// TCP connections accepted since the start.
    pub accepted: u64,
    /// TCP connections open now.
    pub open: u64,
    /// Request heads received since the start.
    pub requests: u64,
}

/// A running practice server. Dropping it ends its listeners and connections.
pub struct Server {
    shared: Arc<Shared>,
    addr: SocketAddr,
    tls_addr: Option<SocketAddr>,
    authority: Authority,
    listeners: Mutex<Vec<Listener>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addr", &self.addr)
            .field("tls_addr", &self.tls_addr)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Makes the certificates and starts to listen. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When an address cannot be bound, or no certificate can be made.
    pub async fn start(options: Options) -> io::Result<Server> {
        let authority = Authority::new()?;
        let (listen, tls_listen) = (options.listen, options.tls_listen);
        let max_message = options.max_message.min(MESSAGE_MAX);
        let shared = Arc::new(Shared::new(Options { max_message, ..options }));
        let plain = Listener::start(&shared, listen, Front::Plain).await?;
        let addr = plain.addr;
        let mut listeners = vec![plain];
        let mut tls_addr = None;
        if let Some(listen) = tls_listen {
            let front = Front::Tls(TlsAcceptor::from(authority.good()?));
            let tls = Listener::start(&shared, listen, front).await?;
            tls_addr = Some(tls.addr);
            listeners.push(tls);
        }
        Ok(Server { shared, addr, tls_addr, authority, listeners: Mutex::new(listeners) })
    }

    /// Address of the plain port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Address of the TLS port.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls_addr
    }

    /// `ws://` URL of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.addr)
    }

    /// `wss://` URL of a path, by the name `localhost`; without a TLS port, of port 0, which no
    /// client can reach.
    pub fn tls_url(&self, path: &str) -> String {
        format!("wss://localhost:{}{path}", self.tls_addr.map_or(0, |addr| addr.port()))
    }

    /// URL of the plain port as an HTTP proxy, which tunnels to this server's own ports whatever
    /// the host: `auth.practice.example` wants user and password `practice`,
    /// `digest.practice.example` wants them as Digest,
    /// `denied.practice.example` is forbidden, and other ports cannot be reached. The same port
    /// speaks SOCKS 4 and 5 as well, by [`Server::socks_url`].
    pub fn proxy_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// URL of the TLS port as an HTTP proxy that is itself spoken to over TLS, by the name
    /// `localhost`; without a TLS port, of port 0.
    pub fn tls_proxy_url(&self) -> String {
        format!("https://localhost:{}", self.tls_addr.map_or(0, |addr| addr.port()))
    }

    /// URL of the plain port as a SOCKS proxy that resolves names itself. It checks name and
    /// password if they are offered (`practice` both), and refuses as the HTTP proxy does.
    pub fn socks_url(&self) -> String {
        format!("socks5h://{}", self.addr)
    }

    /// The certificate of the authority that signed the TLS port's certificate, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.authority.pem
    }

    /// Certificate and key, in PEM, of a client that [`TlsFault::ClientCertRequired`] accepts.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn client_identity_pem(&self) -> io::Result<(String, String)> {
        self.authority.client_identity()
    }

    /// Starts one more listener, which takes clients with a certificate of this server's authority
    /// only; see [`Server::client_identity_pem`].
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start_mtls(&self) -> io::Result<SocketAddr> {
        self.start_tls_fault(TlsFault::ClientCertRequired).await
    }

    /// Starts one more listener whose TLS has a fault; behind it are the same endpoints.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start_tls_fault(&self, fault: TlsFault) -> io::Result<SocketAddr> {
        let front = match self.authority.faulty(fault)? {
            Way::Served(config) => Front::Tls(TlsAcceptor::from(config)),
            way => Front::BadTls(Arc::new(way)),
        };
        let ip = self.tls_addr.unwrap_or(self.addr).ip();
        let listener = Listener::start(&self.shared, SocketAddr::new(ip, 0), front).await?;
        let addr = listener.addr;
        self.lock().push(listener);
        Ok(addr)
    }

    /// Starts one more listener that is a proxy with a fault. Where it opens a tunnel at all, the
    /// tunnel leads to this server's own ports.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start_proxy_fault(&self, fault: ProxyFault) -> io::Result<SocketAddr> {
        let at = SocketAddr::new(self.addr.ip(), 0);
        let listener = Listener::start(&self.shared, at, Front::Proxy(fault)).await?;
        let addr = listener.addr;
        self.lock().push(listener);
        Ok(addr)
    }

    /// The last request heads, oldest first, bounded in number and size.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.requests()
    }

    /// The request head with a number (from 0), as soon as it has come; `None` if it came so long
    /// ago that it is forgotten.
    pub async fn request(&self, number: u64) -> Option<SeenRequest> {
        self.wait_for(|counts| counts.requests > number).await;
        self.shared.request(number)
    }

    /// How much has happened so far.
    pub fn counts(&self) -> Counts {
        *self.shared.counts.borrow()
    }

    /// Waits until the counts meet a condition.
    pub async fn wait_for(&self, condition: impl Fn(&Counts) -> bool) -> Counts {
        let mut counts = self.shared.counts.subscribe();
        match counts.wait_for(|counts| condition(counts)).await {
            Ok(counts) => *counts,
            // The sender lives in `shared`, so this is not met; the present counts are true anyway.
            Err(_) => self.counts(),
        }
    }

    /// Ends every established connection with a RST; new ones are accepted as before.
    pub fn drop_all_connections(&self) {
        self.shared.kill_connections();
    }

    /// Gives up all ports, so that connecting is refused; established connections stay.
    pub async fn stop_listening(&self) {
        let stopped: Vec<_> = self.lock().iter_mut().filter_map(Listener::stop).collect();
        for task in stopped {
            // A task that panicked has given up its port as well.
            let _ = task.await;
        }
    }

    /// Listens again on the ports that were given up.
    ///
    /// # Errors
    /// When another process has taken one of them.
    pub async fn resume_listening(&self) -> io::Result<()> {
        let stopped: Vec<_> = {
            let mut listeners = self.lock();
            listeners.extract_if(.., |listener| listener.is_stopped()).collect()
        };
        let mut failed = Ok(());
        for old in stopped {
            match Listener::start(&self.shared, old.addr, old.front.clone()).await {
                Ok(listener) => self.lock().push(listener),
                Err(error) => {
                    failed = Err(error);
                    self.lock().push(old);
                }
            }
        }
        failed
    }

    /// Ends all listeners and connections and waits until they are gone.
    pub async fn shutdown(self) {
        self.shared.shutdown().await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

//! Listeners and the life of a connection, from `accept` to its end.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::conn::{Conn, End, Wire};
use super::endpoints::{self, Call};
use super::head::{self, Arrival};
use super::huawei::Gateway;
use super::oauth::Issuer;
use super::proxy::{self, ProxyFault};
use super::reply::Reply;
use super::seen::{Seen, SeenRequest};
use super::server::{Counts, Options};
use super::tls::{Way, raw};

/// Pause after a failed accept; the usual cause is that the process has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What Node's HTTP server says to bytes that are no HTTP, a TLS ClientHello among them. A client
/// that expects TLS takes its first bytes for a record: WRONG_VERSION_NUMBER.
const NODE_BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

/// What stands between a listener's TCP and HTTP.
#[derive(Clone)]
pub(super) enum Front {
    Plain,
    Tls(TlsAcceptor),
    /// TLS that goes wrong below what a library's configuration can do.
    BadTls(Arc<Way>),
    /// A proxy that fails in this way, whatever is asked of it.
    Proxy(ProxyFault),
}

/// A bound port and the task that accepts on it.
pub(super) struct Listener {
    pub(super) addr: SocketAddr,
    pub(super) front: Front,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Listener {
    pub(super) async fn start(
        shared: &Arc<Shared>,
        addr: SocketAddr,
        front: Front,
    ) -> io::Result<Listener> {
        let tcp = TcpListener::bind(addr).await?;
        let addr = tcp.local_addr()?;
        shared.note_address(addr);
        let stop = shared.root.child_token();
        let accepting = accept_loop(Arc::clone(shared), tcp, front.clone(), stop.clone());
        let task = Some(shared.tasks.spawn(accepting));
        Ok(Listener { addr, front, stop, task })
    }

    /// Asks the accepting task to end and gives it to be waited for; `None` if it was asked before.
    pub(super) fn stop(&mut self) -> Option<JoinHandle<()>> {
        self.stop.cancel();
        self.task.take()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.task.is_none()
    }
}

/// What all listeners and connections of a server have in common.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) counts: watch::Sender<Counts>,
    root: CancellationToken,
    tasks: TaskTracker,
    /// Cancelled, and replaced, to reset the connections of the moment.
    kill: Mutex<CancellationToken>,
    seen: Mutex<Seen>,
    /// Every address listened on, which is where the proxy may lead.
    addresses: Mutex<Vec<SocketAddr>>,
    permits: Arc<Semaphore>,
    gateway: Arc<Gateway>,
    issuer: Arc<Issuer>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No holder of these locks leaves them half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(options: Options) -> Shared {
        let permits = options.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        Shared {
            options,
            counts: watch::Sender::new(Counts::default()),
            root: CancellationToken::new(),
            tasks: TaskTracker::new(),
            kill: Mutex::new(CancellationToken::new()),
            seen: Mutex::new(Seen::default()),
            addresses: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(permits)),
            gateway: Arc::default(),
            issuer: Arc::default(),
        }
    }

    pub(super) fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.seen).all()
    }

    pub(super) fn request(&self, number: u64) -> Option<SeenRequest> {
        lock(&self.seen).get(number)
    }

    pub(super) fn kill_connections(&self) {
        std::mem::take(&mut *lock(&self.kill)).cancel();
    }

    pub(super) fn stop(&self) {
        self.root.cancel();
    }

    pub(super) async fn shutdown(&self) {
        self.stop();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn note_address(&self, addr: SocketAddr) {
        let mut addresses = lock(&self.addresses);
        if !addresses.contains(&addr) {
            addresses.push(addr);
        }
    }

    /// Every address listened on so far.
    fn addresses(&self) -> Vec<SocketAddr> {
        lock(&self.addresses).clone()
    }

    fn note_request(&self, peer: SocketAddr, tls: bool, raw: Bytes) {
        let requests = lock(&self.seen).push(peer, tls, raw);
        self.counts.send_modify(|counts| counts.requests = counts.requests.max(requests));
    }
}

/// Counts a connection for as long as it lives.
struct Counted<'a>(&'a Shared);

impl<'a> Counted<'a> {
    fn new(shared: &'a Shared) -> Counted<'a> {
        shared.counts.send_modify(|counts| {
            counts.accepted += 1;
            counts.open += 1;
        });
        Counted(shared)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.counts.send_modify(|counts| counts.open -= 1);
    }
}

async fn accept_loop(shared: Arc<Shared>, tcp: TcpListener, front: Front, stop: CancellationToken) {
    let accepting = async {
        loop {
            // The semaphore is never closed.
            let Ok(permit) = Arc::clone(&shared.permits).acquire_owned().await else { return };
            let (stream, peer) = match tcp.accept().await {
                Ok(accepted) => accepted,
                Err(_) => {
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (kill, task) = (lock(&shared.kill).clone(), Arc::clone(&shared));
            let front = front.clone();
            shared.tasks.spawn(async move {
                let _permit = permit;
                let _counted = Counted::new(&task);
                tokio::select! {
                    () = task.root.cancelled() => {}
                    () = Box::pin(connection(&task, stream, peer, front, &kill)) => {}
                }
            });
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = accepting => {}
    }
}

/// Serves one TCP connection to its end. Errors of the socket are the client's business.
async fn connection(
    shared: &Shared,
    tcp: TcpStream,
    peer: SocketAddr,
    front: Front,
    kill: &CancellationToken,
) {
    // Without it small messages would wait for the peer's acknowledgements.
    let _ = tcp.set_nodelay(true);
    let limit = shared.options.head_timeout;
    let (wire, tls) = match front {
        Front::Plain => (Wire::Plain(tcp), false),
        Front::Tls(acceptor) => match timeout(limit, acceptor.accept(tcp)).await {
            Ok(Ok(stream)) => (Wire::Tls(Box::new(stream)), true),
            // rustls has sent its alert.
            Ok(Err(_)) | Err(_) => return,
        },
        Front::BadTls(way) => {
            let _ = timeout(limit, raw::play(&way, tcp)).await;
            return;
        }
        Front::Proxy(fault) => {
            let mut conn = Conn::new(Wire::Plain(tcp));
            let own = shared.addresses();
            let ended = tokio::select! {
                () = kill.cancelled() => Ok(End::Reset),
                ended = proxy::fail(fault, &mut conn, &own) => ended,
            };
            if let Ok(end) = ended {
                conn.end(end).await;
            }
            return;
        }
    };
    let mut conn = Conn::new(wire);
    let ended = tokio::select! {
        () = kill.cancelled() => Ok(End::Reset),
        ended = serve(shared, &mut conn, peer, tls) => ended,
    };
    if let Ok(end) = ended {
        conn.end(end).await;
    }
}

async fn serve(shared: &Shared, conn: &mut Conn, peer: SocketAddr, tls: bool) -> io::Result<End> {
    let Ok(arrival) = timeout(shared.options.head_timeout, head::read(conn)).await else {
        return Reply::new(408).send(conn).await;
    };
    match arrival? {
        Arrival::Request(head) => {
            shared.note_request(peer, tls, head.raw.clone());
            if head.method == "CONNECT" {
                return proxy::tunnel(&head, conn, &shared.addresses()).await;
            }
            let (max_message, issuer) = (shared.options.max_message, Arc::clone(&shared.issuer));
            let gateway = Arc::clone(&shared.gateway);
            let call = Call { head, tls, max_message, issuer, gateway };
            endpoints::serve(&call, conn).await
        }
        Arrival::ClientHello | Arrival::Malformed => {
            conn.write_all(NODE_BAD_REQUEST).await?;
            Ok(End::Finish)
        }
        Arrival::Socks => proxy::socks(conn, proxy::Login::IfOffered, &shared.addresses()).await,
        Arrival::TooLarge => Reply::new(431).send(conn).await,
        Arrival::Gone => Ok(End::Finish),
    }
}

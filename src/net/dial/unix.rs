//! A Unix socket in the place of name and TCP; its stage is that of TCP.

use crate::core::evidence::{Failure, FailureKind, TcpFacts};
use crate::core::stage::Stage;
use crate::net::pipe::Pipe;
use crate::net::recorder::Recorder;

/// Connects to the socket at this path.
pub(super) async fn connect(path: &str, recorder: &mut Recorder) -> Result<Pipe, Failure> {
    recorder.begin(Stage::Tcp);
    let shown = recorder.clean(path);
    recorder.evidence.tcp = Some(TcpFacts { socket: Some(shown.clone()), ..TcpFacts::default() });
    match open(path).await {
        Ok(pipe) => {
            recorder.succeed(shown);
            Ok(pipe)
        }
        Err(error) => Err(Failure {
            stage: Stage::Tcp,
            kind: FailureKind::Tcp(crate::net::errors::io_problem(&error)),
            text: crate::net::errors::io_text(&error),
        }),
    }
}

#[cfg(unix)]
async fn open(path: &str) -> std::io::Result<Pipe> {
    tokio::net::UnixStream::connect(path).await.map(Pipe::Unix)
}

#[cfg(not(unix))]
async fn open(_path: &str) -> std::io::Result<Pipe> {
    Err(std::io::Error::new(
        std::io::ErrorKind::Unsupported,
        "this system has no Unix sockets that wsdeck can use",
    ))
}

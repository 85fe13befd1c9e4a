//! The dialogue with a SOCKS proxy: version 5 (RFC 1928) with name and password (RFC 1929), and
//! version 4 with its extension for names (4a). It is ours, so that the record has every byte of
//! the proxy's answers.

use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::address::Proxy;
use super::{closed, facts, failure, first_bytes};
use crate::core::evidence::{Failure, ProxyKind, ProxyProblem, SocksFacts};
use crate::core::secret::Secret;
use crate::net::pipe::Pipe;
use crate::net::recorder::Recorder;

/// Methods of RFC 1928 section 3.
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_FITS: u8 = 0xff;

/// Code of a version 4 proxy that has done as it was asked.
const GRANTED_4: u8 = 90;

/// What the proxy is to connect to.
#[derive(Debug)]
pub(super) enum To {
    Ip(IpAddr),
    Name(String),
}

/// Asks for a connection to `to`. Afterwards `pipe` leads there.
pub(super) async fn connect(
    pipe: &mut Pipe,
    proxy: &Proxy,
    to: &To,
    port: u16,
    recorder: &mut Recorder,
) -> Result<(), Failure> {
    let target = match to {
        To::Ip(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        To::Ip(ip) => format!("{ip}:{port}"),
        To::Name(name) => format!("{name}:{port}"),
    };
    let mut dialogue = Dialogue { pipe, recorder };
    match proxy.kind {
        ProxyKind::Socks4 | ProxyKind::Socks4a => {
            dialogue.version4(proxy, to, port, &target).await?;
        }
        _ => dialogue.version5(proxy, to, port, &target).await?,
    }
    recorder.succeed(format!("connection to {target}"));
    Ok(())
}

struct Dialogue<'a> {
    pipe: &'a mut Pipe,
    recorder: &'a mut Recorder,
}

impl Dialogue<'_> {
    async fn version5(
        &mut self,
        proxy: &Proxy,
        to: &To,
        port: u16,
        target: &str,
    ) -> Result<(), Failure> {
        let methods: &[u8] =
            if proxy.login.is_some() { &[NO_LOGIN, PASSWORD] } else { &[NO_LOGIN] };
        self.begin(5);
        self.socks().methods_offered = methods.to_vec();
        let offer = match proxy.login {
            Some(_) => "SOCKS 5, offering: no login (0), name and password (2)",
            None => "SOCKS 5, offering: no login (0)",
        };
        let greeting = [&[5, u8::try_from(methods.len()).unwrap_or(1)], methods].concat();
        self.say(offer, &greeting).await?;
        let answer = self.hear::<2>(|byte| byte == 5).await?;
        self.socks().method = Some(answer[1]);
        match (answer[1], &proxy.login) {
            (NO_LOGIN, _) => {}
            (PASSWORD, Some((user, password))) => self.log_in(user, password).await?,
            (NONE_FITS, _) => {
                let text = "the SOCKS proxy takes none of the ways to log in that were offered";
                return Err(failure(ProxyProblem::SocksAuth, text));
            }
            (other, _) => {
                let text = format!("the SOCKS proxy chose a way to log in not offered: {other}");
                return Err(failure(ProxyProblem::SocksAuth, text));
            }
        }

        let mut request = vec![5, 1, 0];
        match to {
            To::Ip(IpAddr::V4(ip)) => {
                request.push(1);
                request.extend_from_slice(&ip.octets());
            }
            To::Ip(IpAddr::V6(ip)) => {
                request.push(4);
                request.extend_from_slice(&ip.octets());
            }
            To::Name(name) => {
                request.push(3);
                counted(&mut request, name, "the server's name")?;
            }
        }
        request.extend_from_slice(&port.to_be_bytes());
        let how = if matches!(to, To::Name(_)) { "name" } else { "address" };
        self.say(&format!("connect to {target} (as {how})"), &request).await?;
        let answer = self.hear::<4>(|byte| byte == 5).await?;
        self.socks().reply = Some(answer[1]);
        if answer[1] != 0 {
            return Err(failure(
                ProxyProblem::SocksReply,
                format!("the SOCKS proxy says: {}", meaning(answer[1])),
            ));
        }
        // The address that the proxy connected from; it says nothing to us, and has to be read.
        let rest = match answer[3] {
            1 => 4,
            4 => 16,
            3 => usize::from(self.hear::<1>(|_| true).await?[0]),
            other => {
                let text = format!("the SOCKS proxy answered with an address of kind {other}");
                return Err(failure(ProxyProblem::NotAProxy, text));
            }
        };
        let mut bound = vec![0; rest + 2];
        self.pipe.read_exact(&mut bound).await.map_err(|error| closed(&error))?;
        self.note_heard(&bound);
        Ok(())
    }

    /// Name and password (RFC 1929).
    async fn log_in(&mut self, user: &str, password: &Secret) -> Result<(), Failure> {
        let mut request = vec![1];
        counted(&mut request, user, "the proxy's user name")?;
        counted(&mut request, password.expose(), "the proxy's password")?;
        let request = zeroize::Zeroizing::new(request);
        let shown = self.recorder.clean(user);
        self.say(&format!("log in as {shown}"), &request).await?;
        let answer = self.hear::<2>(|_| true).await?;
        self.socks().login_status = Some(answer[1]);
        if answer[1] == 0 {
            return Ok(());
        }
        Err(failure(ProxyProblem::SocksAuth, "the SOCKS proxy refuses this name and password"))
    }

    async fn version4(
        &mut self,
        proxy: &Proxy,
        to: &To,
        port: u16,
        target: &str,
    ) -> Result<(), Failure> {
        let mut request = vec![4, 1];
        request.extend_from_slice(&port.to_be_bytes());
        let user = proxy.login.as_ref().map_or("", |(user, _)| user.as_str());
        let name = match to {
            To::Ip(IpAddr::V4(ip)) => {
                request.extend_from_slice(&ip.octets());
                None
            }
            // 0.0.0.1 is no address, and announces a name.
            To::Name(name) => {
                request.extend_from_slice(&[0, 0, 0, 1]);
                Some(name)
            }
            To::Ip(IpAddr::V6(_)) => {
                let text = "SOCKS 4 knows IPv4 only; use socks5";
                return Err(failure(ProxyProblem::Unsupported, text));
            }
        };
        for text in [Some(user), name.map(String::as_str)].into_iter().flatten() {
            if text.contains('\0') {
                let text = "a zero byte cannot be sent to a SOCKS 4 proxy";
                return Err(failure(ProxyProblem::Unsupported, text));
            }
            request.extend_from_slice(text.as_bytes());
            request.push(0);
        }
        self.begin(4);
        self.say(&format!("SOCKS 4, connect to {target}"), &request).await?;
        let answer = self.hear::<8>(|byte| byte == 0 || byte == 4).await?;
        self.socks().reply = Some(answer[1]);
        match answer[1] {
            GRANTED_4 => Ok(()),
            92 | 93 => Err(failure(
                ProxyProblem::SocksAuth,
                "the SOCKS proxy cannot confirm the user by ident",
            )),
            code => Err(failure(
                ProxyProblem::SocksReply,
                format!("the SOCKS proxy refuses the connection ({code})"),
            )),
        }
    }

    fn begin(&mut self, version: u8) {
        facts(self.recorder).socks = Some(SocksFacts { version, ..SocksFacts::default() });
    }

    fn socks(&mut self) -> &mut SocksFacts {
        facts(self.recorder).socks.get_or_insert_default()
    }

    /// Sends a step, which stands in the record in words.
    async fn say(&mut self, words: &str, bytes: &[u8]) -> Result<(), Failure> {
        let request = &mut facts(self.recorder).request;
        request.push_str(words);
        request.push('\n');
        let written = async {
            self.pipe.write_all(bytes).await?;
            self.pipe.flush().await
        };
        // What it said before it hung up is read all the same.
        match written.await {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(closed(&error)),
            _ => Ok(()),
        }
    }

    /// Reads the answer to a step, whose first byte tells whether it is one.
    async fn hear<const N: usize>(
        &mut self,
        is_first: impl Fn(u8) -> bool,
    ) -> Result<[u8; N], Failure> {
        let mut out = [0; N];
        for index in 0..N {
            match self.pipe.read_u8().await {
                Ok(byte) => out[index] = byte,
                Err(error) => {
                    self.note_heard(&out[..index]);
                    return Err(if error.kind() == io::ErrorKind::UnexpectedEof {
                        failure(ProxyProblem::Closed, "closed in the middle of SOCKS")
                    } else {
                        closed(&error)
                    });
                }
            }
            if index == 0 && !is_first(out[0]) {
                first_bytes::keep(vec![out[0]], self.pipe, self.recorder).await;
                let text = "the answer is not that of a SOCKS proxy of this version";
                return Err(failure(ProxyProblem::NotAProxy, text));
            }
        }
        self.note_heard(&out);
        Ok(out)
    }

    /// Puts bytes of an answer into the record, in hex.
    fn note_heard(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let reply = &mut facts(self.recorder).reply;
        for (index, byte) in bytes.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            // Writing into a String cannot fail.
            let _ = write!(reply, "{space}{byte:02x}");
        }
        reply.push('\n');
    }
}

/// Appends a text behind its length, which is one byte.
fn counted(out: &mut Vec<u8>, text: &str, what: &str) -> Result<(), Failure> {
    let length = u8::try_from(text.len()).map_err(|_| {
        failure(ProxyProblem::Unsupported, format!("{what} is longer than 255 bytes"))
    })?;
    out.push(length);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Replies of RFC 1928 section 6 in words.
fn meaning(code: u8) -> String {
    let words = match code {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "kind of address not supported",
        _ => "unknown reply",
    };
    format!("{words} ({code})")
}

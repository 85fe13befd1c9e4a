//! The whole vocabulary between a connection's task and whoever started it.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::evidence::{Evidence, StageRecord};
use super::frame::{FrameHead, RawFrame};
use super::message::{Message, MessageKind};
use super::secret::Secret;
use super::stage::{ConnId, Stage};
use super::time::Micros;

/// What can be asked of a connection. Each is heard at every wait, also while resolving,
/// connecting, in TLS and in the upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A text message; valid UTF-8 by its type.
    SendText(String),
    SendBinary(Bytes),
    /// A message in frames of these payload sizes, one after the other; what is left goes into
    /// one more frame, and an empty message into one (RFC 6455 section 5.4).
    SendSplit {
        kind: MessageKind,
        payload: Bytes,
        sizes: Split,
    },
    /// A message whose payload is read from a file as it goes out, in frames, with constant memory
    /// and without compression. Its size is that of the file when its turn comes. What cannot be
    /// sent and is found out in the first 256 KiB (it is no file, no UTF-8) does no harm; later, a
    /// text that is no UTF-8 ends the connection with 1007, a file that cannot be read on with
    /// 1011. Inside a frame that cannot be filled there is nothing but to cut it.
    ///
    /// It keeps its place among the messages. A close that is asked for meanwhile does not wait
    /// for it: the file stops behind the frame that is being sent.
    SendFile {
        transfer: TransferId,
        kind: MessageKind,
        path: PathBuf,
        /// Payload bytes of a frame, at least 1.
        frame: usize,
    },
    /// Stops sending a file. A message cannot be taken back once its first frame is out, so the
    /// connection is closed then with 1001 (RFC 6455 has no other way), or cut if more than 1 MiB
    /// of the frame are still to come; before that, nothing is lost but the message.
    CancelFile(TransferId),
    /// A ping with this payload, at most 125 bytes (RFC 6455 section 5.5).
    Ping(Bytes),
    /// A pong that nobody asked for (RFC 6455 section 5.5.3), at most 125 bytes.
    Pong(Bytes),
    /// How pings of the peer are answered from now on.
    Pongs(PongPolicy),
    /// A frame made by hand; whatever it breaks, it goes out as it is, in its turn among the
    /// messages. With the opcode of a close frame it begins the closing.
    Raw(RawFrame),
    /// Ends the sending half of the stream without a close frame, behind all that waits, and goes
    /// on reading to the end: FIN, over TLS `close_notify` before it.
    HalfClose,
    /// Starts the closing handshake. `None` sends a close frame without a code.
    Close {
        code: Option<u16>,
        reason: String,
    },
    /// Changes the heartbeat of the live connection; `None` stops it.
    Heartbeat(Option<Duration>),
    /// Cancels an attempt, or cuts an open connection without a closing handshake.
    Disconnect,
}

/// What a connection's task tells. [`EventKind::Ended`] is always the last one, and always comes.
#[derive(Clone, Debug)]
pub struct Event {
    pub conn: ConnId,
    pub at: Micros,
    pub kind: EventKind,
}

/// Sizes of the frames of a message that is sent in several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// Frames of so many payload bytes each, at least 1.
    Every(usize),
    /// Frames of these sizes in this order; 0 makes an empty frame.
    Sizes(Vec<usize>),
}

/// Names a file on its way out, as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransferId(pub u64);

/// How far a file on its way out is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub id: TransferId,
    pub kind: MessageKind,
    /// The file's name without its folder, as it is: not made fit for a terminal.
    pub name: String,
    /// Payload bytes that were handed to the operating system.
    pub sent: u64,
    /// Bytes of the file when it was opened; 0 before.
    pub total: u64,
    /// Frames that were begun.
    pub frames: u64,
    pub state: TransferState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    Running,
    Done,
    /// Stopped by the user, or with the connection.
    Stopped,
    /// Why it could not be read or may not go out.
    Failed(String),
}

/// How pings of the peer are answered (RFC 6455 section 5.5.2 wants a pong as soon as is
/// practical; the others are for testing a server).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PongPolicy {
    #[default]
    Answer,
    /// After this time.
    Delay(Duration),
    /// Not at all. The newest one is kept, and sent when another policy is chosen, as section
    /// 5.5.3 allows.
    Hold,
}

#[derive(Clone, Debug)]
pub enum EventKind {
    /// A stage has begun.
    StageBegan(Stage),
    /// A stage has ended, well or not.
    StageEnded(StageRecord),
    /// The connection is open; the record so far.
    Open(Box<Evidence>),
    /// Messages and control frames each way, in the order in which they went over the wire.
    Messages(Vec<Message>),
    /// A reply set cookies: the address that answered, and each `Set-Cookie` line as it came.
    /// They are secrets, which the record has masked.
    Cookies { url: Secret, lines: Vec<Secret> },
    /// A pong answered one of our pings: from the write that took the ping's last byte to the read
    /// that brought the pong.
    RoundTrip { time: Duration, at: Micros },
    /// Pings that were not answered since [`PongPolicy::Hold`] was chosen; told anew when it has
    /// grown, and 0 when another policy is chosen.
    PongsHeld(u64),
    /// Our half of the stream has ended, as [`Command::HalfClose`] asked for.
    HalfClosed,
    /// A frame made by hand went out. It stands for itself: there is no message for it.
    Handmade { head: FrameHead, payload: Bytes },
    /// A file on its way out; told some times in a second and at its end. It is no message of
    /// [`EventKind::Messages`], which would hold all of it.
    Transfer(Transfer),
    /// A command could not be carried out; the connection goes on.
    Rejected { command: &'static str, why: String },
    /// The attempt failed or the connection has ended; the whole record.
    Ended(Box<Evidence>),
}

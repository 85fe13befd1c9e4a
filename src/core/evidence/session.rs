//! An open connection from its opening to its end.

use serde::{Deserialize, Serialize};

use super::IoProblem;
use crate::core::message::{Direction, MessageKind};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionFacts {
    /// Microseconds from the start of the attempt to the open connection.
    pub opened_us: u64,
    pub received: Counts,
    pub sent: Counts,
    pub last_received_us: Option<u64>,
    pub last_sent_us: Option<u64>,
    /// When the last text or binary message went out, and how large it was.
    pub last_message_sent_us: Option<u64>,
    pub last_message_sent_bytes: u64,
    /// Whether anything came after that message.
    pub answered_last_message: bool,
    /// Start of the first messages received, escaped, secrets masked, at most three.
    pub first_received: Vec<String>,
    /// Start of the last message received.
    pub last_received: Option<String>,
    /// Kinds of the messages of [`SessionFacts::first_received`], in the same order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub first_received_kinds: Vec<MessageKind>,
    /// When the first text or binary message came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_message_received_us: Option<u64>,
    /// When the last text or binary message came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_message_received_us: Option<u64>,
    /// Kind of the message of [`SessionFacts::last_received`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_received_kind: Option<MessageKind>,
    /// The first messages that went out, at most three.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub first_sent: Vec<SentMessage>,
    /// The last message that went out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_sent: Option<SentMessage>,
    /// Payload bytes of the largest text or binary message received.
    pub largest_received: u64,
    /// Payload bytes of the largest text or binary message that went out.
    pub largest_sent: u64,
    /// Payload bytes of the largest one that went out and after which a message came, so that it
    /// did no harm.
    pub largest_answered: u64,
    /// Messages that were queued and had not gone out whole at the end.
    pub unsent: u64,
    /// How long the peer had taken no byte at the end while some waited, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub write_stalled_us: Option<u64>,
    /// Age of the oldest of our pings that still waited for its pong at the end, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ping_waiting_us: Option<u64>,
    /// Our pings that no pong answered.
    pub unanswered_pings: u32,
    /// Round-trip times of our pings in microseconds, the last 32.
    pub round_trips_us: Vec<u64>,
    /// The last frames each way, oldest first.
    pub last_frames: Vec<FrameRecord>,
    /// Time during which the reader was held up because nobody took the messages.
    pub stalled_us: u64,
    /// Pings of the peer that were not answered because the user held our pongs.
    #[serde(skip_serializing_if = "is_none", default)]
    pub pongs_held: u64,
    /// When our half of the stream was ended without a close frame because the user asked for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub half_closed_us: Option<u64>,
    /// Frames made by hand that went out, right or wrong.
    #[serde(skip_serializing_if = "is_none", default)]
    pub handmade: u64,
    /// Messages that went out whole from a file, and their payload bytes; they are part of
    /// [`SessionFacts::sent`].
    #[serde(skip_serializing_if = "is_none", default)]
    pub files_sent: u64,
    #[serde(skip_serializing_if = "is_none", default)]
    pub file_bytes_sent: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end: Option<End>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes by reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A message of ours as the record shows it: enough to know its protocol by, no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// Microseconds from the start of the attempt.
    pub at_us: u64,
    pub kind: MessageKind,
    /// Payload bytes.
    pub bytes: u64,
    /// Its beginning: text escaped with the values of secret fields masked, of binary the first
    /// bytes in hex.
    pub start: String,
    /// The last byte of the payload, by which protocols tell where a message ends.
    pub last_byte: Option<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub text: u64,
    pub binary: u64,
    pub ping: u64,
    pub pong: u64,
    pub close: u64,
    /// Frames, including those of fragmented messages.
    pub frames: u64,
    /// Payload bytes.
    pub bytes: u64,
}

impl Counts {
    pub fn add(&mut self, kind: MessageKind, bytes: u64) {
        self.bytes += bytes;
        match kind {
            MessageKind::Text => self.text += 1,
            MessageKind::Binary => self.binary += 1,
            MessageKind::Ping => self.ping += 1,
            MessageKind::Pong => self.pong += 1,
            MessageKind::Close => self.close += 1,
        }
    }

    /// Text and binary messages.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.text + self.binary
    }
}

/// Header of one frame (RFC 6455 section 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRecord {
    /// Microseconds from the start of the attempt.
    pub at_us: u64,
    pub direction: Direction,
    pub fin: bool,
    /// The three reserved bits, RSV1 as 4.
    pub rsv: u8,
    pub opcode: u8,
    pub masked: bool,
    /// Payload length as announced.
    pub length: u64,
    /// Offset of the frame's first byte in the stream after the handshake.
    pub offset: u64,
    /// Its first bytes in hex, kept if the frame breaks the protocol.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_bytes_hex: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// We sent the first close frame, as the user asked.
    Us,
    /// The peer sent the first close frame.
    Peer,
    /// The stream ended without a close frame.
    PeerDropped,
    /// The stream was reset.
    Reset,
    /// The peer broke the protocol, so we failed the connection.
    PeerViolation,
    /// A message was larger than our limit.
    OurLimit,
    /// The user cut the connection without a close.
    Cut,
    /// A pong, or the peer's close frame, did not come in time.
    TimedOut,
    /// The network failed some other way.
    Network,
}

/// Which rule of RFC 6455 the peer broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Violation {
    /// A reserved bit is set without an extension that gives it a meaning (section 5.2).
    ReservedBits,
    /// Only clients mask (section 5.1).
    Masked,
    /// An opcode that is not defined (section 5.2).
    Opcode,
    /// A control frame without FIN (section 5.5).
    ControlFragmented,
    /// A control frame with more than 125 bytes (section 5.5).
    ControlTooLong,
    /// A continuation where no message was begun (section 5.4).
    ContinuationWithoutStart,
    /// A new message before the last one was whole (section 5.4).
    MessageInsideMessage,
    /// A length with its top bit set (section 5.2).
    Length,
    /// A text message that is not UTF-8 (section 8.1).
    TextNotUtf8,
    /// A compressed message that cannot be unpacked (RFC 7692 section 7.2.2).
    Compressed,
    /// A close frame whose payload is one byte (section 5.5.1).
    CloseOneByte,
    /// A close reason that is not UTF-8 (section 5.5.1).
    CloseReasonNotUtf8,
    /// A close code that may not be sent (section 7.4.2).
    CloseCode,
    Other,
}

/// How an open connection ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Microseconds from the start of the attempt.
    pub at_us: u64,
    pub by: EndedBy,
    /// Code of the peer's close frame; `None` if it sent none or one without a code.
    pub code_received: Option<u16>,
    /// Its reason, escaped.
    pub reason_received: String,
    pub close_received: bool,
    pub close_sent: bool,
    pub code_sent: Option<u16>,
    /// A frame was cut in the middle.
    pub frame_cut: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<IoProblem>,
    /// What the peer broke, if that ended it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub violation: Option<Violation>,
    /// The error in the words of the layer that reported it, escaped.
    pub text: String,
    /// Time from the last frame either way that is no close frame to the end, in microseconds.
    pub silence_us: u64,
    /// The compressed message that ended it, if one did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deflate: Option<DeflateFault>,
}

/// A compressed message that could not be taken, as far as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeflateFault {
    pub problem: DeflateProblem,
    /// Payload bytes on the wire that were unpacked before it ended.
    pub wire: u64,
    /// What they had unpacked to by then.
    pub unpacked: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeflateProblem {
    /// The data is no DEFLATE stream (RFC 1951), or refers to what was never sent.
    Corrupt,
    /// It unpacks to more than the limit for a message.
    TooLarge,
}

impl End {
    /// The code as RFC 6455 section 7.1.5 defines it: the peer's, 1005 without one, 1006 without
    /// a close frame.
    #[must_use]
    pub fn code(&self) -> u16 {
        match (self.close_received, self.code_received) {
            (true, Some(code)) => code,
            (true, None) => 1005,
            (false, _) => 1006,
        }
    }

    /// The peer closed, or answered our close, in good order.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(self.by, EndedBy::Us | EndedBy::Peer)
            && self.close_received
            && matches!(self.code(), 1000 | 1001 | 1005)
    }
}

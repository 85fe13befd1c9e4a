//! What the end of a connection means: who ended it, and which close frame we owe the peer.

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use crate::core::evidence::{DeflateFault, DeflateProblem, EndedBy, IoProblem, Violation};
use crate::net::errors::{io_problem, io_text};
use crate::net::tap::{Broken, Unpackable};

/// Why reading stopped, before it is known how the connection goes down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub by: EndedBy,
    pub problem: Option<IoProblem>,
    pub violation: Option<Violation>,
    pub text: String,
    /// Code and reason of the close frame that the peer is owed (RFC 6455 section 7.1.7).
    pub owed: Option<(u16, &'static str)>,
    /// The last frame read is the one to blame, though its header is in order.
    pub blame_latest: bool,
    /// The compressed message that is to blame.
    pub deflate: Option<DeflateFault>,
}

impl Cause {
    pub(super) fn new(by: EndedBy, text: impl Into<String>) -> Cause {
        Cause {
            by,
            problem: None,
            violation: None,
            text: text.into(),
            owed: None,
            blame_latest: false,
            deflate: None,
        }
    }

    /// The stream ended where a close frame was due.
    pub(super) fn dropped(text: impl Into<String>) -> Cause {
        Cause { problem: Some(IoProblem::Eof), ..Cause::new(EndedBy::PeerDropped, text) }
    }

    /// An error of the stream, in reading or writing.
    pub(super) fn io(error: &std::io::Error) -> Cause {
        let problem = io_problem(error);
        let by = match problem {
            IoProblem::Eof => EndedBy::PeerDropped,
            IoProblem::Reset => EndedBy::Reset,
            _ => EndedBy::Network,
        };
        Cause { problem: Some(problem), ..Cause::new(by, io_text(error)) }
    }

    /// A compressed message that cannot be taken. RFC 7692 names no close codes for it: what is no
    /// DEFLATE data is data of the wrong form (1007), a bomb is too big (1009).
    fn unpackable(unpackable: &Unpackable) -> Cause {
        let (by, owed) = match unpackable.fault.problem {
            DeflateProblem::Corrupt => {
                (EndedBy::PeerViolation, (1007, "compressed data is corrupt"))
            }
            DeflateProblem::TooLarge => (EndedBy::OurLimit, (1009, "message too big")),
        };
        Cause {
            owed: Some(owed),
            blame_latest: true,
            violation: (by == EndedBy::PeerViolation).then_some(Violation::Compressed),
            deflate: Some(unpackable.fault),
            ..Cause::new(by, unpackable.text.as_str())
        }
    }

    /// An error of the message layer.
    pub(super) fn of(error: &Error) -> Cause {
        match error {
            Error::Io(error) => {
                let inner = error.get_ref();
                if let Some(unpackable) = inner.and_then(|e| e.downcast_ref::<Unpackable>()) {
                    return Cause::unpackable(unpackable);
                }
                match inner.and_then(|e| e.downcast_ref::<Broken>()) {
                    Some(broken) => Cause {
                        violation: Some(broken.0),
                        owed: Some((1002, "protocol error")),
                        ..Cause::new(EndedBy::PeerViolation, broken.to_string())
                    },
                    None => Cause::io(error),
                }
            }
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Cause::dropped("the stream ended without a close frame")
            }
            Error::Protocol(error) => Cause {
                violation: Some(violation(error)),
                owed: Some((1002, "protocol error")),
                ..Cause::new(EndedBy::PeerViolation, error.to_string())
            },
            Error::Utf8(text) => Cause {
                violation: Some(Violation::TextNotUtf8),
                owed: Some((1007, "not UTF-8")),
                blame_latest: true,
                ..Cause::new(EndedBy::PeerViolation, format!("text that is not UTF-8: {text}"))
            },
            Error::Capacity(error) => Cause {
                owed: Some((1009, "message too big")),
                ..Cause::new(EndedBy::OurLimit, error.to_string())
            },
            other => Cause::new(EndedBy::Network, other.to_string()),
        }
    }
}

/// The rule that the peer broke. [`ProtocolError::InvalidCloseSequence`] is a payload of one byte.
fn violation(error: &ProtocolError) -> Violation {
    match error {
        ProtocolError::NonZeroReservedBits => Violation::ReservedBits,
        ProtocolError::MaskedFrameFromServer => Violation::Masked,
        ProtocolError::UnknownControlFrameType(_)
        | ProtocolError::UnknownDataFrameType(_)
        | ProtocolError::InvalidOpcode(_) => Violation::Opcode,
        ProtocolError::FragmentedControlFrame => Violation::ControlFragmented,
        ProtocolError::ControlFrameTooBig => Violation::ControlTooLong,
        ProtocolError::UnexpectedContinueFrame => Violation::ContinuationWithoutStart,
        ProtocolError::ExpectedFragment(_) => Violation::MessageInsideMessage,
        ProtocolError::InvalidCloseSequence => Violation::CloseOneByte,
        _ => Violation::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio_tungstenite::tungstenite::error::CapacityError;

    use super::*;

    #[test]
    fn errors_of_the_message_layer_find_their_meaning() {
        let cases = [
            (
                Error::Protocol(ProtocolError::ResetWithoutClosingHandshake),
                EndedBy::PeerDropped,
                None,
            ),
            (
                Error::Protocol(ProtocolError::NonZeroReservedBits),
                EndedBy::PeerViolation,
                Some(1002),
            ),
            (Error::Utf8("x".into()), EndedBy::PeerViolation, Some(1007)),
            (
                Error::Capacity(CapacityError::MessageTooLong { size: 2, max_size: 1 }),
                EndedBy::OurLimit,
                Some(1009),
            ),
            (Error::Io(io::ErrorKind::ConnectionReset.into()), EndedBy::Reset, None),
            (Error::Io(io::ErrorKind::UnexpectedEof.into()), EndedBy::PeerDropped, None),
            (Error::Io(io::ErrorKind::TimedOut.into()), EndedBy::Network, None),
        ];
        for (error, by, code) in cases {
            let cause = Cause::of(&error);
            assert_eq!((cause.by, cause.owed.map(|o| o.0)), (by, code), "{error}");
        }
    }
}

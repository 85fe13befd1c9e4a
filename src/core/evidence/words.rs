//! Facts in some words, the same wherever they are told.

use super::{Deviation, EndedBy, TrustProblem, Violation};

impl EndedBy {
    /// Who ended it and how, in some words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            EndedBy::Us => "us, with a close frame",
            EndedBy::Peer => "the peer, with a close frame",
            EndedBy::PeerDropped => "the peer, without a close frame",
            EndedBy::Reset => "a reset",
            EndedBy::PeerViolation => "us, since the peer broke the protocol",
            EndedBy::OurLimit => "us, since a message was too large",
            EndedBy::Cut => "us, without a close frame",
            EndedBy::TimedOut => "us, since no answer came in time",
            EndedBy::Network => "the network",
        }
    }
}

impl Deviation {
    /// What is not as RFC 6455 has it, in some words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Deviation::UpgradeMissing => "no Upgrade header",
            Deviation::UpgradeWrong => "Upgrade names something else than websocket",
            Deviation::ConnectionMissing => "no Connection header",
            Deviation::ConnectionWrong => "Connection does not hold upgrade",
            Deviation::AcceptMissing => "no Sec-WebSocket-Accept",
            Deviation::AcceptWrong => "Sec-WebSocket-Accept does not belong to the key",
            Deviation::AcceptTwice => "Sec-WebSocket-Accept stands there twice",
            Deviation::SubprotocolNotOffered => "a subprotocol that was not offered",
            Deviation::SubprotocolIgnored => "none of the offered subprotocols was chosen",
            Deviation::ExtensionNotOffered => "an extension that was not offered",
            Deviation::ExtensionBadParameter => "parameters of an extension that cannot be",
            Deviation::KeyNotSent => "no Sec-WebSocket-Key was sent",
        }
    }
}

impl TrustProblem {
    /// Why the chain is not trusted, in some words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            TrustProblem::Expired => "it has expired".into(),
            TrustProblem::NotYetValid => "it is not valid yet".into(),
            TrustProblem::WrongName { expected, presented } => {
                // A certificate may hold thousands of names.
                let some: Vec<&str> = presented.iter().take(8).map(String::as_str).collect();
                let more = if presented.len() > 8 { ", …" } else { "" };
                format!("it is for {}{more}, not for {expected}", some.join(", "))
            }
            TrustProblem::UnknownIssuer => "no path to a trusted root".into(),
            TrustProblem::CaAsServer => {
                "a CA's certificate stands where the server's should".into()
            }
            TrustProblem::WrongPurpose => "it is not for servers".into(),
            TrustProblem::Revoked => "it was revoked".into(),
            TrustProblem::BadSignature => "a signature is wrong".into(),
            TrustProblem::WeakSignature => "a signature is of a kind that is too weak".into(),
            TrustProblem::UnsupportedVersion => "its version is not supported".into(),
            TrustProblem::Other { text } => text.clone(),
        }
    }
}

impl Violation {
    /// What a peer did that RFC 6455 forbids, in some words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Violation::ReservedBits => "a reserved bit that no extension gives a meaning",
            Violation::Masked => "a masked frame from a server",
            Violation::Opcode => "an opcode that is not defined",
            Violation::ControlFragmented => "a control frame in pieces",
            Violation::ControlTooLong => "a control frame of more than 125 bytes",
            Violation::ContinuationWithoutStart => "a continuation of nothing",
            Violation::MessageInsideMessage => "a new message before the last one was whole",
            Violation::Length => "a length with its top bit set",
            Violation::TextNotUtf8 => "a text message that is not UTF-8",
            Violation::Compressed => "compressed data that cannot be unpacked",
            Violation::CloseOneByte => "a close frame of one byte",
            Violation::CloseReasonNotUtf8 => "a close reason that is not UTF-8",
            Violation::CloseCode => "a close code that may not be sent",
            Violation::Other => "another rule of the protocol",
        }
    }
}

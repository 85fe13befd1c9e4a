//! What of the transport's news becomes a line of the log: what went out and is no message.

use crate::core::event::{EventKind, Transfer, TransferState};
use crate::core::frame::FrameHead;
use crate::core::sanitize;
use crate::payload::human_bytes;

/// Payload bytes of a frame made by hand that are shown.
const SHOWN: usize = 16;

/// The line for this, if it has one.
pub(super) fn line(event: &EventKind) -> Option<String> {
    match event {
        EventKind::Transfer(transfer) => of_file(transfer),
        EventKind::Handmade { head, payload } => Some(of_frame(head, payload)),
        EventKind::HalfClosed => {
            Some("our half of the connection is closed; what comes is still read".into())
        }
        _ => None,
    }
}

fn of_file(transfer: &Transfer) -> Option<String> {
    let Transfer { kind, name, sent, total, frames, state, .. } = transfer;
    let name = sanitize::escape(name);
    let kind = kind.name();
    let size = human_bytes(*total);
    let part = format!("{} of {size}", human_bytes(*sent));
    Some(match state {
        TransferState::Running => return None,
        TransferState::Done if *frames == 1 => {
            format!("file {name}: {size} sent as {kind} in one frame")
        }
        TransferState::Done => format!("file {name}: {size} sent as {kind} in {frames} frames"),
        TransferState::Stopped if *frames == 0 => format!("file {name} was not sent"),
        TransferState::Stopped => format!("file {name}: stopped, {part} were sent"),
        TransferState::Failed(why) => {
            let why = sanitize::escape(why);
            if *frames == 0 {
                format!("file {name} was not sent: {why}")
            } else {
                format!("file {name}: given up, {part} were sent: {why}")
            }
        }
    })
}

fn of_frame(head: &FrameHead, payload: &[u8]) -> String {
    let opcode = match head.opcode {
        0 => " (continuation)",
        1 => " (text)",
        2 => " (binary)",
        8 => " (close)",
        9 => " (ping)",
        10 => " (pong)",
        _ => " (reserved)",
    };
    let mut line = format!("frame made by hand: opcode {}{opcode}", head.opcode);
    if !head.fin {
        line.push_str(", no FIN");
    }
    for (bit, name) in [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")] {
        if head.rsv & bit != 0 {
            line.push_str(", ");
            line.push_str(name);
        }
    }
    if !head.masked {
        line.push_str(", unmasked");
    }
    line.push_str(&format!(", {}", human_bytes(payload.len() as u64)));
    if !payload.is_empty() {
        let shown = &payload[..payload.len().min(SHOWN)];
        let hex: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        line.push_str(": ");
        line.push_str(&hex.join(" "));
        if payload.len() > SHOWN {
            line.push_str(" …");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::core::event::TransferId;
    use crate::core::message::MessageKind;

    #[test]
    fn files_and_frames_are_told_in_a_line() {
        let file = |frames, sent, state| {
            line(&EventKind::Transfer(Transfer {
                id: TransferId(1),
                kind: MessageKind::Text,
                name: "a\x1b[31m.json".into(),
                sent,
                total: 1 << 30,
                frames,
                state,
            }))
        };
        assert_eq!(file(3, 10, TransferState::Running), None);
        let done = file(16_384, 1 << 30, TransferState::Done).unwrap();
        assert!(done.ends_with("1.0 GiB sent as text in 16384 frames"), "{done}");
        assert!(!done.contains('\x1b'));
        let failed = file(0, 0, TransferState::Failed("it is no file".into())).unwrap();
        assert!(failed.ends_with("was not sent: it is no file"), "{failed}");
        let head = FrameHead {
            fin: false,
            rsv: 2,
            opcode: 3,
            mask: None,
            masked: false,
            header: 2,
            length: 2,
        };
        assert_eq!(
            line(&EventKind::Handmade { head, payload: Bytes::from_static(&[0, 255]) }).unwrap(),
            "frame made by hand: opcode 3 (reserved), no FIN, RSV2, unmasked, 2 B: 00 ff"
        );
    }
}

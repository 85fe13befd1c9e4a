//! The open connection: counts, its end, its last frames.

use super::Page;
use crate::core::close::code_name;
use crate::core::evidence::{EndedBy, SessionFacts};
use crate::core::time::measured;

/// Frames that are listed.
const FRAMES: usize = 12;

impl Page {
    pub(super) fn session(&mut self, session: &SessionFacts) {
        self.heading("The open connection");
        for (name, counts) in [("Received", &session.received), ("Sent", &session.sent)] {
            self.line(&format!(
                "- {name}: {} text, {} binary, {} ping, {} pong, {} bytes",
                counts.text, counts.binary, counts.ping, counts.pong, counts.bytes
            ));
        }
        if let Some(last) = session.round_trips_us.last() {
            self.line(&format!("- Last round trip: {}", measured(*last)));
        }
        if session.unanswered_pings > 0 {
            self.line(&format!("- Pings without an answer: {}", session.unanswered_pings));
        }
        for (name, text) in [
            ("First message received", session.first_received.first()),
            ("Last message received", session.last_received.as_ref()),
        ] {
            self.fact(name, text.map(String::as_str).unwrap_or_default());
        }
        if let Some(end) = &session.end {
            let open = measured(end.at_us.saturating_sub(session.opened_us));
            let who = match end.by {
                EndedBy::Us => "closed by us",
                EndedBy::Peer => "closed by the server",
                EndedBy::PeerDropped => "dropped by the server without a close frame",
                EndedBy::Reset => "reset",
                EndedBy::PeerViolation => "failed, the server broke the protocol",
                EndedBy::OurLimit => "ended by our limit",
                EndedBy::Cut => "cut by us",
                EndedBy::TimedOut => "ended after no answer",
                EndedBy::Network => "ended by the network",
            };
            let code_words = format!("{} ({})", end.code(), code_name(end.code()));
            let silence = measured(end.silence_us);
            self.line(&format!(
                "- Open for {open}, then {who}: {code_words}, after {silence} of silence"
            ));
            self.fact("Reason given", &end.reason_received);
            self.fact("Error", &end.text);
        }
        let frames = session.last_frames.len().saturating_sub(FRAMES);
        if session.last_frames.is_empty() {
            return;
        }
        self.line("");
        self.table(&["time", "direction", "opcode", "FIN", "RSV", "masked", "length"]);
        for frame in session.last_frames.iter().skip(frames) {
            self.row(&[
                measured(frame.at_us),
                format!("{:?}", frame.direction).to_lowercase(),
                format!("{:x}", frame.opcode),
                u8::from(frame.fin).to_string(),
                frame.rsv.to_string(),
                if frame.masked { "yes" } else { "no" }.into(),
                frame.length.to_string(),
            ]);
        }
    }
}

//! `/escape`: messages that try to take over the terminal that shows them.

use std::io;

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::frames;

/// Text messages, each an attack or a mess of its own kind. All are valid UTF-8.
const TEXTS: &[&str] = &[
    // Clears the screen, moves home, colours, makes the title, hides the cursor.
    "\x1b[2J\x1b[H\x1b[31;5mred and blinking\x1b]0;owned title\x07\x1b[?25l",
    // The alternate screen left and mouse reports on.
    "\x1b[?1049l\x1b[?1003h\x1b[?2004lgone",
    // Clipboard by OSC 52, a hyperlink, a device status question, a full reset.
    "\x1b]52;c;cm0gLXJmIC8=\x07\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\\x1b[6n\x1bc",
    // The same sequences by the one-character C1 controls.
    "\u{9b}2J\u{9d}0;title\u{9c}\u{90}q\u{9c}\u{85}",
    // Carriage returns and backspaces that rewrite a line, and a bell, a NUL, a DEL.
    "harmless\rrm -rf /\x08\x08\x08\x07\0\x7f",
    // Bidirectional overrides and isolates.
    "user\u{202e}gnp.exe\u{202c} \u{2066}admin\u{2069} \u{200f}\u{200e}",
    // Zero-width and invisible ones.
    "pass\u{200b}word\u{200d}\u{2060}\u{feff}\u{ad}\u{e0041}\u{e0042}",
    // Marks without end, on one letter.
    "z\u{310}\u{311}\u{312}\u{313}\u{314}\u{33d}\u{34c}\u{489}\u{35b}\u{363}\u{364}\u{365}\u{366}\u{367}\u{368}\u{369}\u{36a}algo",
    // Wide and joined, and a flag, and a lone mark at the start.
    "\u{301}你好👩‍👩‍👧‍👦🏳️‍🌈🇩🇪ｆｕｌｌ﷽",
    // Line ends of every kind, and tabs.
    "one\ntwo\r\nthree\u{2028}four\u{2029}five\x0bsix\x0cseven\teight",
    // JSON with the escapes inside a string.
    "{\"name\":\"\x1b[2J\",\"escaped\":\"\\u001b[2J\\u202e\"}",
];

/// A close reason that is no UTF-8 and begins with an escape sequence.
const REASON: &[u8] = b"\x1b[2J\x1b]0;owned\x07bye \xff\xfe";

pub(super) async fn escape(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    for text in TEXTS {
        session.text(text);
    }
    session.binary(b"\x1b[2J\x1b[H binary \x9b31m\xff");
    session.ping(b"\x1b[2Jping");
    if call.head.flag("close") {
        frames::push_close(&mut session.conn.output, 1000, REASON);
        return session.closed().await;
    }
    session.echo_all().await
}

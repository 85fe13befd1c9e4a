//! The frames that a message came in: the header of each, as RFC 6455 section 5.2 has it.

use ratatui::layout::Rect;

use super::bar::Place;
use crate::app::geometry::Target;
use crate::app::model::Detail;
use crate::core::frame::{FrameHead, HEADS};
use crate::tui::pen::{Pen, row_of};
use crate::tui::words::count;

const HEADING: &str =
    "     #  FIN  RSV  opcode          mask       header       length       offset";

pub(super) fn draw(pen: &mut Pen<'_>, detail: &Detail, area: Rect) -> Place {
    pen.hit(area, Target::Detail);
    let styles = pen.styles;
    let frames = &detail.frames;
    pen.text(area.x, area.y, area.width, HEADING, styles.dim);
    let lines = lines(frames.heads.as_slice(), frames.count);
    let room = usize::from(area.height.saturating_sub(1));
    let first = detail.top.min(lines.len().saturating_sub(room));
    for (y, (line, plain)) in (1..area.height).zip(lines.iter().skip(first)) {
        let place = row_of(area, y);
        let style = if *plain { styles.text } else { styles.dim };
        pen.text(place.x, place.y, place.width, line, style);
    }
    let shown = room.min(lines.len() - first);
    let words = format!("{}–{} of {}", first + 1, first + shown, lines.len());
    Place { first, seen: shown, total: lines.len(), words }
}

/// A line a frame, and a sum; whether each is a frame.
fn lines(heads: &[FrameHead], frames: u64) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    let mut offset = Some(0u64);
    let cut = frames > heads.len() as u64;
    for (index, head) in heads.iter().enumerate() {
        let mut number = index as u64 + 1;
        if cut && index == HEADS - 1 {
            // The last head kept is that of the last frame.
            let between = frames - heads.len() as u64;
            out.push((
                format!("        {} more frames, whose headers are not kept", count(between)),
                false,
            ));
            number = frames;
            offset = None;
        }
        out.push((line(number, head, offset), true));
        offset = offset.map(|at| at + u64::from(head.header) + head.length);
    }
    if let Some(bytes) = offset.filter(|_| !heads.is_empty()) {
        let frames =
            if frames == 1 { "1 frame".into() } else { format!("{} frames", count(frames)) };
        out.push((format!("        {frames}, {} bytes with their headers", count(bytes)), false));
    }
    out
}

fn line(number: u64, head: &FrameHead, offset: Option<u64>) -> String {
    let mask = match (head.mask, head.masked) {
        (Some([a, b, c, d]), _) => format!("{a:02x}{b:02x}{c:02x}{d:02x}"),
        (None, true) => "masked".into(),
        (None, false) => "no".into(),
    };
    format!(
        "{number:>6}  {:<3}  {:03b}  {:<14}  {mask:<9}  {:>6}  {:>11}  {:>11}",
        if head.fin { "yes" } else { "no" },
        head.rsv,
        format!("{:#x} {}", head.opcode, opcode_name(head.opcode)),
        head.header,
        count(head.length),
        offset.map_or("–".into(), count),
    )
}

/// RFC 6455 section 11.8.
fn opcode_name(opcode: u8) -> &'static str {
    match opcode {
        0 => "continues",
        1 => "text",
        2 => "binary",
        8 => "close",
        9 => "ping",
        10 => "pong",
        _ => "reserved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::frame::Frames;
    use crate::core::message::{Direction, MessageKind};

    #[test]
    fn heads_that_are_not_kept_are_counted() {
        let one = Frames::single(Direction::In, MessageKind::Text, 5, None).heads[0];
        let mut frames = Frames::default();
        for _ in 0..1000 {
            frames.push(one);
        }
        let lines = lines(&frames.heads, frames.count);
        assert_eq!(lines.len(), HEADS + 1);
        assert!(lines[HEADS - 1].0.contains("936 more frames"), "{:?}", lines[HEADS - 1]);
        assert!(lines[HEADS].0.starts_with("  1000  yes"), "{:?}", lines[HEADS]);
        assert!(lines[1].0.ends_with(" 7"), "the second begins behind the first: {:?}", lines[1]);
    }

    #[test]
    fn columns_stand_below_their_heading() {
        let head = Frames::single(Direction::Out, MessageKind::Binary, 70_000, None).heads[0];
        let (line, _) = &super::lines(&[head], 1)[0];
        for (name, value) in [("FIN", "yes"), ("RSV", "000"), ("opcode", "0x2"), ("mask", "masked")]
        {
            assert_eq!(HEADING.find(name), line.find(value), "{line}");
        }
        assert_eq!(line.len(), HEADING.len(), "{line}");
    }
}

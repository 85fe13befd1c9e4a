//! Prose for a window of a certain width: paragraphs are filled anew and break between words.

/// Cells of a reading window's text on a screen of this width.
pub(super) fn reading_width(screen: u16) -> usize {
    let window = if screen == 0 { 84 } else { 84.min(screen.saturating_sub(4)) };
    // Border and padding on both sides.
    usize::from(window.saturating_sub(4)).max(20)
}

/// Fills the paragraphs of a Markdown page. Lists keep their items and hang under their mark,
/// headings and fenced code stay as they are.
pub fn reflow(text: &str, width: usize) -> String {
    let mut out = Vec::new();
    let mut paragraph = String::new();
    let mut hang = 0;
    let mut fenced = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            flush(&mut out, &mut paragraph, hang, width);
            fenced = !fenced;
            out.push(line.to_owned());
        } else if fenced || trimmed.starts_with(['#', '|']) {
            flush(&mut out, &mut paragraph, hang, width);
            out.push(line.to_owned());
        } else if trimmed.is_empty() {
            flush(&mut out, &mut paragraph, hang, width);
            out.push(String::new());
        } else if let Some(mark) = list_mark(trimmed) {
            flush(&mut out, &mut paragraph, hang, width);
            hang = line.len() - trimmed.len() + mark;
            line.clone_into(&mut paragraph);
        } else if paragraph.is_empty() {
            hang = line.len() - trimmed.len();
            line.clone_into(&mut paragraph);
        } else {
            paragraph.push(' ');
            paragraph.push_str(trimmed);
        }
    }
    flush(&mut out, &mut paragraph, hang, width);
    out.join("\n")
}

/// Bytes of `- ` or `1. ` before the words of an item.
fn list_mark(line: &str) -> Option<usize> {
    if line.starts_with("- ") || line.starts_with("* ") {
        return Some(2);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && line[digits..].starts_with(". ")).then_some(digits + 2)
}

fn flush(out: &mut Vec<String>, paragraph: &mut String, hang: usize, width: usize) {
    if paragraph.is_empty() {
        return;
    }
    let indent = paragraph.len() - paragraph.trim_start().len();
    let mut line = " ".repeat(indent);
    let mut empty = true;
    let mut cells = indent;
    for word in paragraph.split_whitespace() {
        let wide = word.chars().count();
        if !empty && cells + 1 + wide > width {
            out.push(std::mem::replace(&mut line, " ".repeat(hang)));
            (empty, cells) = (true, hang);
        }
        if !empty {
            line.push(' ');
            cells += 1;
        }
        line.push_str(word);
        cells += wide;
        empty = false;
    }
    out.push(line);
    paragraph.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_break_between_words_and_items_hang() {
        let page = "# A heading that is long\n\nOne two\nthree four five.\n\n- item one\n  goes on\n- two\n1. first of all\n";
        let expected = "# A heading that is long\n\nOne two\nthree four\nfive.\n\n- item one\n  goes on\n- two\n1. first of\n   all";
        assert_eq!(reflow(page, 11), expected);
    }

    #[test]
    fn code_stays_as_it_is() {
        let page = "Text\n```\na  b\n  c\n```\nmore\ntext";
        assert_eq!(reflow(page, 40), "Text\n```\na  b\n  c\n```\nmore text");
    }
}

//! Long texts broken between words. The view of an editor breaks lines at the last cell, which is
//! right for payloads and hard to read in sentences.

/// Joins the lines of each paragraph and breaks them anew at `width` characters. Headings, list
/// items and indented lines begin one of their own; what goes on of it is indented.
#[must_use]
pub fn flowed(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut paragraph: Option<(String, usize)> = None;
    let mut fenced = false;
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        let indent = line.len() - line.trim_start().len();
        let item = line.trim_start().starts_with("- ");
        let whole = fenced || fence || line.trim().is_empty() || line.starts_with('#');
        fenced ^= fence;
        if whole || indent > 0 || item {
            flush(&mut out, paragraph.take(), width);
        }
        if whole {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        match &mut paragraph {
            Some((words, _)) => {
                words.push(' ');
                words.push_str(line.trim());
            }
            none => {
                let hanging = indent + if item { 2 } else { 0 };
                *none = Some((line.to_owned(), hanging));
            }
        }
    }
    flush(&mut out, paragraph, width);
    out
}

fn flush(out: &mut String, paragraph: Option<(String, usize)>, width: usize) {
    let Some((text, hanging)) = paragraph else { return };
    let first = text.len() - text.trim_start().len();
    let mut column = 0;
    for (index, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        let (gap, indent) = if index == 0 {
            ("", first)
        } else if column + 1 + length > width {
            ("\n", hanging)
        } else {
            (" ", 0)
        };
        out.push_str(gap);
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(word);
        column = if gap == " " { column + 1 + length } else { indent + length };
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined_and_broken_between_words() {
        let text = "# A heading that is longer\n\none two\nthree four five\n\n- an item that goes on\n- b\n";
        assert_eq!(
            flowed(text, 14),
            "# A heading that is longer\n\none two three\nfour five\n\n- an item that\n  goes on\n- b\n"
        );
    }

    #[test]
    fn indented_lines_stay_lines() {
        assert_eq!(
            flowed("/a/b:1:2\n  first second\n  third", 10),
            "/a/b:1:2\n  first\n  second\n  third\n"
        );
    }

    #[test]
    fn code_is_left_alone() {
        let text = "```\na b c d e f g h i j\n\n  x\n```\n";
        assert_eq!(flowed(text, 8), text);
    }

    #[test]
    fn no_word_is_lost_on_any_page() {
        for page in crate::diagnose::pages() {
            let text = page.text;
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&flowed(text, 40)), words(text));
        }
    }
}

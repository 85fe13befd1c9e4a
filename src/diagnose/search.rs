//! Finding a page by what another program said: people paste the line that they have.

use super::pages::{Page, also_called, pages};

/// A page and why it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub page: &'static Page,
    /// The name in the page's list that was found in what was asked; `None` if the words stand in
    /// its title or text.
    pub name: Option<&'static str>,
    score: usize,
}

/// Shortest piece that is looked for within a longer text; `1006` is the shortest that tells
/// something.
const SHORTEST: usize = 4;

/// Pages that know what was asked, which may be one word (`ECONNREFUSED`) or a whole line of a
/// log, best first.
#[must_use]
pub fn search(asked: &str) -> Vec<Match> {
    let asked = normal(asked);
    if asked.len() < SHORTEST {
        return Vec::new();
    }
    let mut found: Vec<Match> = pages().iter().filter_map(|page| rate(page, &asked)).collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

fn rate(page: &'static Page, asked: &str) -> Option<Match> {
    let best = also_called(page.id)
        .filter_map(|name| rate_name(&normal(name), asked).map(|score| (score, name)))
        .max_by_key(|(score, _)| *score);
    if let Some((score, name)) = best {
        return Some(Match { page, name: Some(name), score: score + 1_000 });
    }
    let score = if normal(page.title()).contains(asked) || page.id.contains(asked) {
        500
    } else if asked.contains(' ') && normal(page.text).contains(asked) {
        100
    } else {
        return None;
    };
    Some(Match { page, name: None, score })
}

/// How well another tool's name fits; `…` in it stands for anything. A name within a longer line
/// counts the more the longer it is, and a word within a longer name the more it fills of it.
fn rate_name(name: &str, asked: &str) -> Option<usize> {
    let mut rest = asked;
    let mut length = 0;
    let mut whole = true;
    for piece in name.split('…').map(str::trim).filter(|piece| !piece.is_empty()) {
        match find_word(rest, piece) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                length += piece.len();
            }
            None => whole = false,
        }
    }
    if whole && length >= SHORTEST {
        return Some(100 + length);
    }
    find_word(name, asked).map(|_| 100 * asked.len() / name.len().max(1))
}

/// Where `piece` stands in `text` and is not the middle of a longer word or number.
fn find_word(text: &str, piece: &str) -> Option<usize> {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    text.match_indices(piece).map(|(at, _)| at).find(|at| {
        let before =
            part_of_word(text[..*at].chars().next_back()) && part_of_word(piece.chars().next());
        let after = part_of_word(text[at + piece.len()..].chars().next())
            && part_of_word(piece.chars().next_back());
        !before && !after
    })
}

/// Lower case, quotes and repeated blanks taken away, `_` as a blank: OpenSSL prints
/// `wrong version number` where others print `WRONG_VERSION_NUMBER`.
fn normal(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '`' | '“' | '”'))
        .map(|c| if c == '_' { ' ' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_other_programs_find_their_page() {
        for (asked, expected) in [
            ("ECONNREFUSED", "tcp/refused"),
            ("Error: connect ECONNREFUSED 127.0.0.1:8080", "tcp/refused"),
            ("wrong_version_number", "tls/plain-http-server"),
            (
                "Error: write EPROTO 8011:error:0A00010B:SSL routines:ssl3_get_record:wrong \
                 version number:../deps/openssl/ssl/record/ssl3_record.c:355:",
                "tls/plain-http-server",
            ),
            ("1006", "ws/close-1006"),
            ("Invalid WebSocket frame: RSV1 must be clear", "ws/frame-rsv1"),
            ("getaddrinfo ENOTFOUND api.exmaple.com", "dns/nxdomain"),
        ] {
            let found = search(asked);
            assert!(
                found.iter().take(3).any(|m| m.page.id == expected),
                "{asked}: {:?}",
                found.iter().map(|m| (m.page.id, m.name, m.score)).take(5).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn what_nobody_said_finds_nothing() {
        for asked in ["", "a", "zzz zzz", "qwertyuiop"] {
            assert_eq!(search(asked), [], "{asked}");
        }
    }

    #[test]
    fn a_number_is_not_found_within_another() {
        assert_eq!(rate_name("1006", "port 10061"), None);
        assert!(rate_name("close 1006", "1006").is_some());
    }
}

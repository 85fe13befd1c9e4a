//! What vendors say in their refusals, as data: which answer is whose, what it means, what to
//! check.
//!
//! A vendor is a file in `assets/vendors/` and its name in [`table::FILES`]. A row of it is a case
//! of some finding: the rule of that id finds it by [`of`], and the vendor's own words stand first
//! in what it says. Rules that may have rows are marked with
//! [`FnRule::vendors`](super::rule::FnRule::vendors).

mod table;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::table::{Remedy, Row, TABLES, Table};
use super::draft::{Draft, certain};
use super::{see, words};
use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::url::{Scheme, split_query};

pub(super) use self::table::Moved;

/// Bytes of a body in which texts are looked for: error pages say what they are at once.
const SEARCHED: usize = 16 * 1024;

/// Findings of codes that have no finding of their own.
const CODE: &str = "http/vendor-code";
const LOGIN_CODE: &str = "http/401-vendor-code";

/// An answer that is in a table.
#[derive(Debug)]
pub struct Hit {
    vendor: &'static str,
    row: &'static Row,
    error: Error,
    /// What says that it is this vendor's, in some words.
    known_by: String,
    /// Id of the finding that it is a case of.
    pub(super) id: &'static str,
}

/// The parts of an error body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Error {
    code: String,
    message: String,
    request_id: Option<String>,
}

/// The row that fits a refusal best; `None` if none fits.
pub(super) fn of(e: &Evidence) -> Option<Hit> {
    let reply = see::refusal(e)?;
    let start = reply.body.get(..floor(&reply.body, SEARCHED)).unwrap_or_default();
    let body = start.to_lowercase();
    let json = json(&reply.body);
    let mut best: Option<(usize, Hit)> = None;
    for table in TABLES.iter() {
        let known_by = recognised(table, e, reply, json.as_ref());
        let error = table.error(reply, json.as_ref());
        let own_code = table.recognise.codes && !error.code.is_empty();
        for row in &table.rows {
            if !(row.alone || own_code || known_by.is_some()) || !row.fits(e, reply, &error, &body)
            {
                continue;
            }
            let weight = row.weight();
            if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                let hit = Hit {
                    vendor: &table.vendor,
                    row,
                    error: error.clone(),
                    known_by: known_by.clone().unwrap_or_default(),
                    id: match row.id.as_str() {
                        "" if reply.status == 401 => LOGIN_CODE,
                        "" => CODE,
                        id => id,
                    },
                };
                best = Some((weight, hit));
            }
        }
    }
    best.map(|(_, hit)| hit)
}

/// The domain that this host's vendor has given up, if it has.
pub(super) fn moved(host: &str) -> Option<(&'static str, &'static Moved)> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    TABLES.iter().find_map(|table| {
        let moved = table.moved.iter().find(|moved| host.ends_with(moved.host.as_str()))?;
        Some((table.vendor.as_str(), moved))
    })
}

/// A refusal whose body names a code that no table knows.
pub(super) fn unknown_code(e: &Evidence) -> Option<Draft> {
    let reply = see::refusal(e)?;
    let value = json(&reply.body)?;
    let field =
        |names: &[&str]| names.iter().find_map(|name| value.get(name)?.as_str()).map(str::to_owned);
    let code = field(&["error_code", "errorCode"]).filter(|code| !code.trim().is_empty())?;
    let error = Error {
        message: field(&["error_msg", "errorMsg", "error_message", "message"]).unwrap_or_default(),
        request_id: field(&["request_id", "requestId"]),
        code,
    };
    let code = words::name(&error.code);
    Some(
        certain(format!("The server answered {} with the error code {code}.", reply.status))
            .because(error.words(reply))
            .because(error.reference())
            .hint("Look the code up in the vendor's documentation."),
    )
}

impl Table {
    fn error(&self, reply: &ReplyFacts, json: Option<&Value>) -> Error {
        let at = |pointers: &[String]| {
            pointers.iter().find_map(|pointer| match json?.pointer(pointer)? {
                Value::String(text) if !text.is_empty() => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
        };
        let header =
            |names: &[String]| names.iter().find_map(|name| reply.header(name)).map(str::to_owned);
        let code = header(&self.read.code_header)
            .map(|value| value.split(':').next().unwrap_or_default().trim().to_owned())
            .or_else(|| at(&self.read.code))
            .unwrap_or_default();
        let code = self
            .same_as
            .iter()
            .find_map(|(other, own)| Some(format!("{own}{}", code.strip_prefix(other.as_str())?)))
            .unwrap_or(code);
        Error {
            code,
            message: at(&self.read.message).unwrap_or_default(),
            request_id: at(&self.read.request_id).or_else(|| header(&self.read.request_id_header)),
        }
    }
}

impl Row {
    fn fits(&self, e: &Evidence, reply: &ReplyFacts, error: &Error, body: &str) -> bool {
        // Texts stand in the tables in lower case.
        let text = self.text.as_str();
        (self.status.is_empty() || self.status.contains(&reply.status))
            && (self.code.is_empty() || self.code == error.code)
            && (text.is_empty()
                || body.contains(text)
                || error.message.to_lowercase().contains(text))
            && self.header.as_ref().is_none_or(|(name, piece)| reply_has(reply, name, piece))
            && (self.host.is_empty()
                || e.request.host.to_ascii_lowercase().contains(self.host.as_str()))
            && split_query(&e.request.target).0.ends_with(self.path.as_str())
    }

    /// The more a row asks for, the more special it is.
    fn weight(&self) -> usize {
        let given = |is: bool, weight: usize| if is { weight } else { 0 };
        given(!self.code.is_empty(), 1000)
            + given(!self.text.is_empty(), 500 + self.text.len())
            + given(self.header.is_some(), 400)
            + given(!self.path.is_empty(), 50)
            + given(!self.host.is_empty(), 30)
            + given(!self.status.is_empty(), 10)
    }
}

impl Hit {
    /// What the row says of the refusal.
    pub(super) fn draft(&self, e: &Evidence) -> Draft {
        let Some(reply) = see::refusal(e) else { return certain("") };
        let mut draft = certain(self.sentence(reply))
            .confidence(self.row.sure)
            .because(self.error.words(reply))
            .because(&self.known_by)
            .because(self.error.reference());
        for check in self.row.check.list() {
            draft = draft.hint(format!("{check}."));
        }
        let scheme = match self.row.fix {
            Remedy::OtherScheme if see::is_wss(e) => Some(Scheme::Ws),
            Remedy::OtherScheme => Some(Scheme::Wss),
            Remedy::Wss if !see::is_wss(e) => Some(Scheme::Wss),
            _ => None,
        };
        match scheme {
            Some(scheme) => {
                draft.fix(format!("Switch to {}://", scheme.name()), Change::SetScheme { scheme })
            }
            None => draft,
        }
    }
}

impl Hit {
    fn sentence(&self, reply: &ReplyFacts) -> String {
        let vendor = capital(self.vendor);
        let meaning = &self.row.meaning;
        let code = words::name(&self.error.code);
        // A bare number says nothing to a person.
        let named = code.contains(|c: char| !c.is_ascii_digit());
        if self.row.code.is_empty() || !named {
            format!("{vendor} answers {}: {meaning}.", reply.status)
        } else {
            format!("{vendor} says {code}: {meaning}.")
        }
    }

    /// What the row says, below the words of a rule that knows more.
    pub(super) fn below(&self, e: &Evidence, own: Draft) -> Draft {
        let Some(reply) = see::refusal(e) else { return own };
        own.line(self.sentence(reply)).because(self.error.reference())
    }

    /// The vendor's code.
    pub(super) fn code(&self) -> &str {
        &self.error.code
    }
}

impl Error {
    /// The server's own words, as far as it said any.
    fn words(&self, reply: &ReplyFacts) -> String {
        let code = match self.code.as_str() {
            "" => String::new(),
            code => format!(" ({})", words::name(code)),
        };
        let said = if self.message.is_empty() { page_words(reply) } else { self.message.clone() };
        match said.trim() {
            "" => format!("It answered {}{code} without a text.", reply.status),
            said => format!("The server's words are {}{code}.", words::said(said)),
        }
    }

    /// How the operator finds the request.
    fn reference(&self) -> String {
        match &self.request_id {
            Some(id) if !id.trim().is_empty() => {
                format!("Its log knows the request as {}.", words::said_in(id, 60))
            }
            _ => String::new(),
        }
    }
}

/// What a page says: the text of its title or first heading, or the body if it is no page.
fn page_words(reply: &ReplyFacts) -> String {
    let body = reply.body.trim();
    if !body.starts_with('<') {
        return body.to_owned();
    }
    let lower = body.to_ascii_lowercase();
    let between = |open: &str, close: &str| {
        let from = lower.find(open)? + open.len();
        let from = from + lower.get(from..)?.find('>')? + 1;
        let to = from + lower.get(from..)?.find(close)?;
        Some(body.get(from..to)?.trim().to_owned()).filter(|text| !text.is_empty())
    };
    between("<title", "</title").or_else(|| between("<h1", "</h1")).unwrap_or_default()
}

/// What shows that the answer comes from this vendor, as a sentence.
fn recognised(
    table: &Table,
    e: &Evidence,
    reply: &ReplyFacts,
    json: Option<&Value>,
) -> Option<String> {
    let host = e.request.host.to_ascii_lowercase();
    let signs = &table.recognise;
    if let Some(piece) = signs.hosts.iter().find(|piece| host.contains(piece.as_str())) {
        return Some(format!("The host's name has {piece} in it, as {}'s have.", table.vendor));
    }
    let in_body = |(pointer, piece): &(String, String)| {
        let text = json.and_then(|json| json.pointer(pointer)?.as_str());
        text.is_some_and(|text| text.to_lowercase().contains(&piece.to_lowercase()))
    };
    if signs.json.iter().any(in_body) {
        return Some(format!("The body has the form of {}'s errors.", table.vendor));
    }
    let (name, _) = signs.headers.iter().find(|(name, piece)| reply_has(reply, name, piece))?;
    let value = reply.header(name).unwrap_or_default();
    Some(format!("The answer's header {name} is {}.", words::said_in(value, 60)))
}

fn reply_has(reply: &ReplyFacts, name: &str, piece: &str) -> bool {
    see::header_has(reply, name, piece)
}

/// The body as JSON, also if it is the only line of it.
fn json(body: &str) -> Option<Value> {
    let body = body.trim();
    if body.starts_with(['{', '[']) { serde_json::from_str(body).ok() } else { None }
}

/// The last boundary of characters up to `most`.
fn floor(text: &str, most: usize) -> usize {
    let most = most.min(text.len());
    (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

//! Values of JSON: `$.path == value` and what may stand on either side.

use super::{COMPARES, Compare, Parsed, Parser, is_number};
use crate::log::query::json::{MOST_STEPS, Path, Step, is_plain};
use crate::log::query::{Expression, Is, Scalar, Term};

impl<'a> Parser<'a> {
    /// `$.a.b[0] == value`.
    pub(super) fn json(&mut self) -> Parsed<Term> {
        let path = self.path()?;
        self.blanks();
        let start = self.at;
        if self.takes(&["exists"]) {
            return Ok(Term::Json { path, is: Is::There });
        }
        let Some((sign, compare)) = COMPARES.iter().find(|(sign, _)| self.rest().starts_with(sign))
        else {
            let what = "Expected ==, !=, <, <=, >, >=, =~, !~ or exists behind the path";
            return Err(self.wrong_word(start, what));
        };
        self.at += sign.len();
        self.blanks();
        let is = match compare {
            Compare::Like => Is::Like(self.pattern()?),
            Compare::Unlike => Is::Unlike(self.pattern()?),
            Compare::Is => Is::Equal(self.scalar()?),
            Compare::IsNot => Is::Unequal(self.scalar()?),
            Compare::Below => Is::Below(self.ordered()?),
            Compare::AtMost => Is::AtMost(self.ordered()?),
            Compare::Above => Is::Above(self.ordered()?),
            Compare::AtLeast => Is::AtLeast(self.ordered()?),
        };
        Ok(Term::Json { path, is })
    }

    /// An expression between strokes or in quotes.
    pub(super) fn pattern(&mut self) -> Parsed<Expression> {
        let start = self.at;
        match self.peek() {
            Some('/') => self.expression(),
            Some('"') => {
                let source = self.quoted()?;
                self.ends_here("a blank")?;
                let mut settled = String::new();
                let mut chars = source.chars();
                while let Some(c) = chars.next() {
                    match (c, chars.clone().next()) {
                        ('\\', Some('/')) => {}
                        ('\\', Some(next)) => {
                            settled.extend(['\\', next]);
                            chars.next();
                        }
                        (c, _) => settled.push(c),
                    }
                }
                let expression = Expression { source: settled, ignore_case: false };
                self.known(&expression, start + 1..self.at - 1)?;
                Ok(expression)
            }
            _ => Err(self.wrong_word(start, "Expected an expression: /bob/i")),
        }
    }

    pub(super) fn scalar(&mut self) -> Parsed<Scalar> {
        let start = self.at;
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            self.ends_here("a blank")?;
            return Ok(Scalar::Text(text));
        }
        let word = self.word();
        if word.is_empty() {
            let what = "Expected a value: \"text\", 10, true, false or null";
            return Err(self.wrong(start..start, what));
        }
        self.at += word.len();
        Ok(match word {
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            "null" => Scalar::Null,
            word if is_number(word) => Scalar::Number(word.to_owned()),
            word => Scalar::Text(word.to_owned()),
        })
    }

    /// A value that is before or after others.
    pub(super) fn ordered(&mut self) -> Parsed<Scalar> {
        let start = self.at;
        match self.scalar()? {
            Scalar::Bool(_) | Scalar::Null => {
                Err(self.wrong(start..self.at, "Expected a number or a \"text\" to compare with"))
            }
            value => Ok(value),
        }
    }

    pub(super) fn path(&mut self) -> Parsed<Path> {
        let start = self.at;
        self.at += 1;
        let mut steps = Vec::new();
        let mut descends = false;
        loop {
            if steps.len() > MOST_STEPS {
                return Err(self.wrong(start..self.at, "This path has more than 32 steps"));
            }
            let here = self.at;
            let rest = self.rest();
            if rest.starts_with("..") {
                if descends {
                    let what = "A path can have one .. only";
                    return Err(self.wrong(here..here + 2, what));
                }
                descends = true;
                steps.push(Step::Descend);
                self.at += 2;
                if !self.rest().starts_with('[') {
                    steps.push(self.member()?);
                    continue;
                }
            } else if rest.starts_with('.') {
                self.at += 1;
                steps.push(self.member()?);
                continue;
            }
            if !self.rest().starts_with('[') {
                return Ok(Path { steps });
            }
            self.at += 1;
            let step = if self.peek() == Some('*') {
                self.at += 1;
                Step::Each
            } else if self.peek() == Some('"') {
                Step::Key(self.quoted()?)
            } else if self.peek() == Some('\'') {
                let inner = &self.rest()[1..];
                let Some(length) = inner.find('\'') else {
                    return Err(self.wrong(self.at..self.at + 1, "This ' is not closed"));
                };
                self.at += length + 2;
                Step::Key(inner[..length].to_owned())
            } else {
                let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
                let index = self.rest()[..digits].parse().map_err(|_| {
                    let what = "Expected a place, * or a 'name' in brackets: [0], [*], ['name']";
                    self.wrong_word(self.at, what)
                })?;
                self.at += digits;
                Step::Index(index)
            };
            steps.push(step);
            if self.peek() != Some(']') {
                return Err(self.wrong(here..here + 1, "This [ is not closed by a ]"));
            }
            self.at += 1;
        }
    }

    /// The name behind a dot.
    pub(super) fn member(&mut self) -> Parsed<Step> {
        let rest = self.rest();
        if rest.starts_with('*') {
            self.at += 1;
            return Ok(Step::Each);
        }
        let length = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        if length == 0 {
            let what = "Expected a name or * behind the dot; other names stand in ['…']";
            return Err(self.wrong_word(self.at, what));
        }
        self.at += length;
        Ok(Step::Key(rest[..length].to_owned()))
    }
}

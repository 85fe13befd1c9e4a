//! A source file as far as the rules need it: the paths it uses, without comments, strings and
//! test-only code.

use std::path::{Path, PathBuf};

/// A path of two or more parts as it is used somewhere, groups spread out. A new name
/// (`a::b as c`) is the last part `as`.
#[derive(Debug)]
pub struct Use {
    pub path: Vec<String>,
    pub line: usize,
    /// How many modules the place lies below the crate's top.
    pub depth: usize,
}

#[derive(Debug)]
pub struct Source {
    pub text: String,
    /// Lines that are not test-only.
    pub lines: usize,
    pub uses: Vec<Use>,
    /// Macros called, with their lines.
    pub macros: Vec<(usize, String)>,
    /// Lines that ask a clock how long ago something was.
    pub elapsed: Vec<usize>,
    /// Whether every brace found its partner: if not, the reading here went astray.
    pub balanced: bool,
    /// Modules that exist in tests only, as paths without extension.
    pub test_files: Vec<PathBuf>,
}

/// The top-level module to which a file belongs.
pub fn room(file: &Path) -> String {
    let first = file.iter().next().unwrap_or_default();
    Path::new(first).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Source {
    pub fn read(file: &Path, text: &str) -> Source {
        let tokens = tokens(text);
        let (tokens, test_lines, test_modules) = without_tests(tokens);
        let mut source = Source {
            text: text.to_owned(),
            lines: text.lines().count() - test_lines.min(text.lines().count()),
            uses: Vec::new(),
            macros: Vec::new(),
            elapsed: Vec::new(),
            balanced: true,
            test_files: test_modules.iter().map(|name| folder(file).join(name)).collect(),
        };
        source.walk(&tokens, depth(file));
        source
    }

    /// Forgets the uses of a file that is compiled for tests only.
    pub fn free(&mut self) {
        self.uses.clear();
        self.elapsed.clear();
        self.lines = 0;
    }

    fn walk(&mut self, tokens: &[Token], file_depth: usize) {
        // Open braces, and for each whether an inline module began with it.
        let mut braces: Vec<bool> = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let text = |offset: usize| tokens.get(at + offset).map_or("", |t| t.text.as_str());
            match token.text.as_str() {
                "{" => {
                    let module = at >= 2 && tokens[at - 2].text == "mod";
                    braces.push(module);
                }
                "}" => self.balanced &= braces.pop().is_some(),
                "." if text(1) == "elapsed" => self.elapsed.push(token.line),
                _ if token.is_word() => {
                    if text(1) == "!" {
                        self.macros.push((token.line, token.text.clone()));
                    }
                    let depth = file_depth + braces.iter().filter(|module| **module).count();
                    at = self.path(tokens, at, &[], depth);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        self.balanced &= braces.is_empty();
    }

    /// Reads the path that starts at `at`, below `prefix`; returns the place after it.
    fn path(&mut self, tokens: &[Token], mut at: usize, prefix: &[String], depth: usize) -> usize {
        let text = |at: usize| tokens.get(at).map_or("", |t| t.text.as_str());
        let line = tokens.get(at).map_or(0, |t| t.line);
        let mut path = prefix.to_vec();
        while let Some(token) = tokens.get(at).filter(|t| t.is_word() || t.text == "*") {
            path.push(token.text.clone());
            at += 1;
            if text(at) != "::" {
                break;
            }
            at += 1;
            if text(at) == "{" {
                at += 1;
                while at < tokens.len() && text(at) != "}" {
                    let before = at;
                    at = self.path(tokens, at, &path, depth);
                    if text(at) == "as" {
                        at += 2;
                    }
                    at += usize::from(at == before || text(at) == ",");
                }
                return at + 1;
            }
        }
        if text(at) == "as" {
            path.push("as".to_owned());
        }
        if path.len() > 1 {
            self.uses.push(Use { path, line, depth });
        }
        at
    }
}

/// The folder in which a file's submodules lie.
fn folder(file: &Path) -> PathBuf {
    let top = file.parent().unwrap_or(Path::new(""));
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") | None => top.to_owned(),
        Some(stem) => top.join(stem),
    }
}

/// How many modules a file lies below the crate's top.
fn depth(file: &Path) -> usize {
    folder(file).iter().count()
}

#[derive(Debug)]
struct Token {
    text: String,
    line: usize,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// Words and signs; a string or character is the one token `"`, a lifetime is `'`.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
    while at < chars.len() {
        let start = at;
        let first = chars[at];
        let mut token = None;
        if first == '/' && get(at + 1) == '/' {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if first == '/' && get(at + 1) == '*' {
            let mut open = 0;
            loop {
                match (get(at), get(at + 1)) {
                    ('/', '*') => (open, at) = (open + 1, at + 2),
                    ('*', '/') => (open, at) = (open - 1, at + 2),
                    _ => at += 1,
                }
                if open == 0 || at >= chars.len() {
                    break;
                }
            }
        } else if let Some(end) = raw_string(&chars, at) {
            (at, token) = (end, Some("\"".to_owned()));
        } else if first == '"' || (matches!(first, 'b' | 'c') && get(at + 1) == '"') {
            at += if first == '"' { 1 } else { 2 };
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            (at, token) = (at + 1, Some("\"".to_owned()));
        } else if first == '\'' || (first == 'b' && get(at + 1) == '\'') {
            at += if first == '\'' { 1 } else { 2 };
            if get(at) == '\\' {
                at += 2;
                while at < chars.len() && chars[at] != '\'' {
                    at += 1;
                }
                (at, token) = (at + 1, Some("\"".to_owned()));
            } else if get(at + 1) == '\'' {
                (at, token) = (at + 2, Some("\"".to_owned()));
            } else {
                while get(at).is_alphanumeric() || get(at) == '_' {
                    at += 1;
                }
                token = Some("'".to_owned());
            }
        } else if first.is_alphanumeric() || first == '_' {
            while get(at).is_alphanumeric() || get(at) == '_' {
                at += 1;
            }
            token = Some(chars[start..at].iter().collect());
        } else if first == ':' && get(at + 1) == ':' {
            (at, token) = (at + 2, Some("::".to_owned()));
        } else {
            at += 1;
            token = (!first.is_whitespace()).then(|| first.to_string());
        }
        if let Some(text) = token {
            tokens.push(Token { text, line });
        }
        let passed = &chars[start..at.min(chars.len())];
        line += passed.iter().filter(|c| **c == '\n').count();
    }
    tokens
}

/// The end of a raw string (`r"…"`, `br#"…"#`) that starts at `at`.
fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let mut next = at + usize::from(matches!(chars[at], 'b' | 'c'));
    (chars.get(next) == Some(&'r')).then_some(())?;
    next += 1;
    let hashes = chars[next..].iter().take_while(|c| **c == '#').count();
    next += hashes;
    (chars.get(next) == Some(&'"')).then_some(())?;
    next += 1;
    while next < chars.len() {
        let closing = chars[next + 1..].iter().take(hashes).filter(|c| **c == '#').count();
        if chars[next] == '"' && closing == hashes {
            return Some(next + 1 + hashes);
        }
        next += 1;
    }
    Some(chars.len())
}

/// Takes out what is compiled for tests only. Returns what is left, the number of lines taken out,
/// and the names of test-only modules that have a file of their own.
fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, usize, Vec<String>) {
    let mut taken = vec![false; tokens.len()];
    let mut lines = 0;
    let mut modules = Vec::new();
    let text = |at: usize| tokens.get(at).map_or("", |t: &Token| t.text.as_str());
    let mut at = 0;
    while at < tokens.len() {
        let Some(mut end) = test_attribute(&tokens, at) else {
            at += 1;
            continue;
        };
        // Attributes that follow belong to the same item.
        while text(end) == "#" && text(end + 1) == "[" {
            end = closing(&tokens, end + 1);
        }
        let name = (0..8).map(|i| end + i).find(|i| text(*i) == "mod");
        if let Some(name) = name.filter(|name| text(name + 2) == ";") {
            modules.push(text(name + 1).to_owned());
        }
        end = item_end(&tokens, end);
        taken[at..end].fill(true);
        lines += tokens[end - 1].line - tokens[at].line + 1;
        at = end;
    }
    let left = tokens.into_iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(t, _)| t);
    (left.collect(), lines, modules)
}

/// If `#[cfg(test)]` or `#[cfg(all(test, …))]` stands at `at`: the place after it.
fn test_attribute(tokens: &[Token], at: usize) -> Option<usize> {
    let is = |words: &[&str]| {
        words
            .iter()
            .enumerate()
            .all(|(i, word)| tokens.get(at + i).is_some_and(|t| t.text == *word))
    };
    let only = is(&["#", "[", "cfg", "(", "test", ")"])
        || is(&["#", "[", "cfg", "(", "all", "(", "test", ","])
        || is(&["#", "[", "cfg", "(", "all", "(", "test", ")"]);
    only.then(|| closing(tokens, at + 1))
}

/// The place after the bracket that closes the one at `at`.
fn closing(tokens: &[Token], mut at: usize) -> usize {
    let mut open = 0;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "(" | "[" | "{" => open += 1,
            ")" | "]" | "}" => open -= 1,
            _ => {}
        }
        at += 1;
        if open == 0 {
            break;
        }
    }
    at
}

/// The place after the item, statement, field or variant that starts at `at`.
fn item_end(tokens: &[Token], mut at: usize) -> usize {
    let item = [
        "pub",
        "mod",
        "use",
        "fn",
        "impl",
        "struct",
        "enum",
        "const",
        "static",
        "trait",
        "type",
        "unsafe",
        "async",
        "extern",
        "macro_rules",
        "let",
    ];
    let first = tokens.get(at).map_or("", |t| t.text.as_str());
    let is_item = item.contains(&first);
    // The braces of `use a::{b};` do not end it.
    let ends_with_semicolon = ["use", "let", "const", "static"].contains(&first)
        && tokens.get(at + 1).is_none_or(|t| t.text != "fn");
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "," if !is_item => return at + 1,
            ")" | "]" | "}" => return at,
            "{" => {
                at = closing(tokens, at);
                if !ends_with_semicolon {
                    return at;
                }
            }
            "(" | "[" => at = closing(tokens, at),
            _ => at += 1,
        }
    }
    at
}

//! What the handshake tab says, as lines: first the verdict, then what it rests on.

mod facts;

use crate::app::Model;
use crate::app::model::Tab;
use crate::core::action::{Action, Context};
use crate::core::evidence::{Evidence, Outcome, StageRecord};
use crate::core::finding::{Confidence, Finding, Severity};
use crate::core::request::HeaderOrigin;
use crate::core::stage::{ConnectionState, Stage};
use crate::core::time::Micros;
use crate::tui::pen::{Span, cells, span};
use crate::tui::styles::Styles;
use crate::tui::words::{close_words, micros, wrap};

/// Lines of a refusal's body that are shown; the record has all that was read.
const BODY_LINES: usize = 200;

/// From this height on, the verdict has blank lines in it. In less, all of it with its remedies
/// should be seen at once.
const ROOMY: u16 = 14;

/// One line of the tab.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub spans: Vec<Span<'a>>,
    /// The remedy that a click on it takes.
    pub fix: Option<usize>,
}

/// The text of the tab, for a window of that size.
pub(super) fn lines<'a>(
    styles: &Styles,
    model: &Model,
    (width, height): (u16, u16),
    now: Micros,
) -> Vec<Line<'a>> {
    let tab = model.tab();
    let mut out = Text {
        styles: *styles,
        width,
        roomy: height >= ROOMY,
        lines: Vec::new(),
        zone: model.zone.clone(),
    };
    let Some(evidence) = &tab.conn.evidence else {
        if tab.conn.stages.is_empty() {
            out.not_tried(tab);
        } else {
            out.stage_line(&tab.conn.stages);
            out.stage_bars(&tab.conn.stages, tab.conn.began, now);
        }
        out.earlier(tab);
        return out.lines;
    };
    let stages = if tab.conn.stages.is_empty() { &evidence.stages } else { &tab.conn.stages };
    // The verdict first, so that it is seen on a small screen too.
    out.stage_line(stages);
    out.verdict(model, tab, evidence);
    out.stage_bars(stages, tab.conn.began, now);
    if let Some(http) = &evidence.http {
        out.http(http);
    }
    if let Some(tls) = &evidence.tls {
        out.tls(tls);
    }
    if let Some(dns) = &evidence.dns
        && let Some(error) = &dns.error
    {
        out.heading("Name lookup");
        out.fact(&dns.host, error);
    }
    if let Some(tcp) = &evidence.tcp {
        out.tcp(tcp);
    }
    if let Some(proxy) = &evidence.proxy {
        out.heading("Proxy");
        out.fact("address", &proxy.url);
        out.fact("set by", &proxy.source);
        out.raw(&proxy.request, "→");
        out.raw(&proxy.reply, "←");
    }
    if let Some(session) = &evidence.session {
        out.session(session);
    }
    out.earlier(tab);
    out.lines
}

struct Text<'a> {
    styles: Styles,
    width: u16,
    /// Blank lines may stand within the verdict.
    roomy: bool,
    lines: Vec<Line<'a>>,
    zone: jiff::tz::TimeZone,
}

impl<'a> Text<'a> {
    fn push(&mut self, spans: Vec<Span<'a>>) {
        self.lines.push(Line { spans, fix: None });
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.spans.is_empty()) {
            self.push(Vec::new());
        }
    }

    fn heading(&mut self, words: &str) {
        self.blank();
        let rule = "─".repeat(usize::from(self.width.saturating_sub(cells(words) + 1).min(200)));
        let (title, border) = (self.styles.title, self.styles.border);
        self.push(vec![span(format!("{words} "), title), span(rule, border)]);
    }

    /// A paragraph, broken into lines, each behind `indent` blanks.
    fn prose(&mut self, text: &str, style: ratatui::style::Style, indent: u16, first: &str) {
        let lines = wrap(text, self.width.saturating_sub(indent));
        for (index, line) in lines.into_iter().enumerate() {
            let lead = if index == 0 { first } else { "" };
            let pad = usize::from(indent.saturating_sub(cells(lead)));
            let lead = format!("{lead}{}", " ".repeat(pad));
            self.push(vec![span(lead, style), span(line, style)]);
        }
    }

    /// A name and what is known of it.
    fn fact(&mut self, name: &str, value: &str) {
        const NAME: usize = 14;
        let indent = u16::try_from(NAME).unwrap_or(14) + 2;
        let (dim, text) = (self.styles.dim, self.styles.text);
        for (index, line) in wrap(value, self.width.saturating_sub(indent)).into_iter().enumerate()
        {
            let name = if index == 0 { name } else { "" };
            let pad = NAME.saturating_sub(usize::from(cells(name)));
            self.push(vec![span(format!("{name}{}  ", " ".repeat(pad)), dim), span(line, text)]);
        }
    }

    /// Text as it went over the wire, with a mark before each line.
    fn raw(&mut self, text: &str, mark: &str) {
        let style = if mark == "→" { self.styles.outgoing } else { self.styles.incoming };
        for line in text.lines().filter(|line| !line.is_empty()) {
            let room = self.width.saturating_sub(2);
            for (index, line) in wrap(line, room).into_iter().enumerate() {
                let mark = if index == 0 { format!("{mark} ") } else { "  ".to_owned() };
                self.push(vec![span(mark, style), span(line, self.styles.text)]);
            }
        }
    }

    /// Nothing was tried yet: what would be sent.
    fn not_tried(&mut self, tab: &Tab) {
        let styles = self.styles;
        match &tab.preview {
            Err(problem) => {
                self.prose("Nothing was tried yet.", styles.dim, 0, "");
                self.blank();
                self.prose(&problem.to_string(), styles.warn, 2, "✗");
            }
            Ok(preview) => {
                self.prose("Nothing was tried yet. Connecting will send:", styles.dim, 0, "");
                self.blank();
                for header in &preview.headers {
                    let value = if header.is_key {
                        "(made anew for each attempt)".to_owned()
                    } else {
                        header.shown_value()
                    };
                    let style = match header.origin {
                        HeaderOrigin::Handshake => styles.dim,
                        HeaderOrigin::User | HeaderOrigin::Auth => styles.text,
                    };
                    self.push(vec![
                        span("→ ", styles.outgoing),
                        span(format!("{}: ", header.name), styles.dim),
                        span(value, style),
                    ]);
                }
                for mend in &preview.mends {
                    self.prose(mend, styles.warn, 2, "!");
                }
            }
        }
    }

    /// The stages in one line. That the address could be read goes without saying.
    fn stage_line(&mut self, stages: &[StageRecord]) {
        let styles = self.styles;
        let mut line: Vec<Span<'a>> = Vec::new();
        let told = |stage: &&StageRecord| stage.stage != Stage::Url || stage.outcome != Outcome::Ok;
        for stage in stages.iter().filter(told) {
            if !line.is_empty() {
                line.push(span(" → ", styles.dim));
            }
            let (mark, style) = self.outcome(stage.outcome);
            line.push(span(stage.stage.label(), styles.text));
            line.push(span(format!(" {mark}"), style));
            if let Some(ended) = stage.ended_us {
                let took = micros(ended.saturating_sub(stage.began_us));
                line.push(span(format!(" {took}"), styles.dim));
            }
        }
        self.push(line);
    }

    /// Each stage with its place in time and what came of it.
    fn stage_bars(&mut self, stages: &[StageRecord], began: Micros, now: Micros) {
        let styles = self.styles;
        let elapsed = u64::try_from(now.since(began).as_micros()).unwrap_or(u64::MAX);
        let end = |stage: &StageRecord| stage.ended_us.unwrap_or(elapsed.max(stage.began_us));
        let total = stages.iter().map(end).max().unwrap_or(0).max(1);
        let bar = match self.width {
            0..56 => return,
            56..90 => 16,
            _ => 32,
        };
        self.heading("Stages");
        for stage in stages {
            let (mark, style) = self.outcome(stage.outcome);
            let at = |us: u64| usize::try_from(us.min(total) * bar / total).unwrap_or(0);
            let (from, to) = (at(stage.began_us), at(end(stage)));
            let size = usize::try_from(bar).unwrap_or(0);
            let from = from.min(size.saturating_sub(1));
            let to = to.clamp(from + 1, size.max(from + 1));
            let took = micros(end(stage).saturating_sub(stage.began_us));
            self.push(vec![
                span(format!("{:<10}{mark} ", stage.stage.label()), style),
                span("·".repeat(from), styles.border),
                span("━".repeat(to - from), style),
                span("·".repeat(size.saturating_sub(to)), styles.border),
                span(format!(" {took:>8}  "), styles.text),
                span(stage.detail.clone(), styles.dim),
            ]);
        }
    }

    fn outcome(&self, outcome: Outcome) -> (&'static str, ratatui::style::Style) {
        match outcome {
            Outcome::Running => ("◌", self.styles.warn),
            Outcome::Ok => ("✓", self.styles.ok),
            Outcome::Failed => ("✗", self.styles.error),
            Outcome::Cancelled => ("⊘", self.styles.warn),
            Outcome::TimedOut => ("✗", self.styles.error),
        }
    }

    fn verdict(&mut self, model: &Model, tab: &Tab, evidence: &Evidence) {
        let styles = self.styles;
        self.blank();
        let Some(first) = tab.conn.findings.first() else {
            let (words, style) = match (&tab.conn.state, &evidence.failure) {
                (ConnectionState::Open, _) => {
                    ("✓ The connection is open and nothing is odd about it.".to_owned(), styles.ok)
                }
                (_, Some(failure)) => (format!("✗ {}", failure.text), styles.error),
                (ConnectionState::Closed { code }, None) => {
                    (format!("○ It was open and ended with {}.", close_words(*code)), styles.text)
                }
                _ => return,
            };
            self.prose(&words, style, 0, "");
            return;
        };
        let mut fix = 0;
        self.finding(model, first, &mut fix, true);
        for (index, finding) in tab.conn.findings.iter().enumerate().skip(1) {
            if index == 1 {
                self.heading("Also seen");
            } else {
                self.blank();
            }
            self.finding(model, finding, &mut fix, false);
        }
    }

    fn finding(&mut self, model: &Model, finding: &Finding, fix: &mut usize, chief: bool) {
        let styles = self.styles;
        let (mark, style) = match finding.severity {
            Severity::Error => ("✗", styles.error),
            Severity::Warning => ("!", styles.warn),
            Severity::Info => ("i", styles.accent),
        };
        self.prose(&finding.summary, style, 2, mark);
        let mut tail = finding.code.to_string();
        if finding.confidence != Confidence::Certain {
            tail += match finding.confidence {
                Confidence::Likely => " · likely",
                _ => " · possible",
            };
        }
        if !finding.also_called.is_empty() {
            tail += &format!(" · also called {}", finding.also_called.join(", "));
        }
        self.prose(&tail, styles.dim, 2, "");
        if !finding.explanation.is_empty() {
            self.prose(&finding.explanation, styles.text, 2, "");
        }
        if !finding.hints.is_empty() {
            if chief && self.roomy {
                self.blank();
            }
            for hint in &finding.hints {
                self.prose(hint, styles.text, 4, "  •");
            }
        }
        if !finding.fixes.is_empty() && chief && self.roomy {
            self.blank();
        }
        for remedy in &finding.fixes {
            let action =
                [Action::ApplyFix1, Action::ApplyFix2, Action::ApplyFix3].get(*fix).copied();
            let key = action
                .and_then(|action| {
                    let contexts = [Context::Handshake, Context::Command, Context::Global];
                    model.keymap.label_for(action, &contexts)
                })
                .map_or_else(|| "   ".to_owned(), |key| format!("[{key}]"));
            self.lines.push(Line {
                spans: vec![
                    span(format!("  {key} "), styles.accent),
                    span(remedy.label.clone(), styles.title),
                ],
                fix: Some(*fix),
            });
            *fix += 1;
        }
    }
}

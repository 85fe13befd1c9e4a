//! What the detail shows: the entry under the cursor, or the newest one.

use std::sync::Arc;

use super::lay::{Ask, INLINE, Made, Request, lay};
use super::title::title;
use crate::app::effect::{Effect, Job};
use crate::app::model::{Body, Detail, DetailView, TabId, TreeView, Work};
use crate::app::update::Cx;
use crate::core::message::{Message, MessageKind};
use crate::core::progress::Progress;
use crate::log::{CopyAs, Entry, Row, export_text};
use crate::payload::lens::{Lens, LensProblem, Options};
use crate::payload::{self, Kind};

impl Cx<'_> {
    /// Lets the detail show the entry under the cursor, or the newest while following.
    pub(in crate::app::update) fn sync_detail(&mut self) {
        if !self.model.show_detail {
            return;
        }
        let tab = self.model.tab_mut();
        let log = &tab.log;
        let view = log.view();
        let number = if log.cursor > 0 {
            Some(log.cursor)
        } else {
            log.handle.rows(&view).checked_sub(1).and_then(|row| log.handle.number_at(&view, row))
        };
        let number = number.unwrap_or(0);
        // What is being read from disk is asked for again: the log tells by its growth.
        if log.detail.number == number && !log.detail.waiting {
            return;
        }
        let entry = log.handle.get(number);
        self.show_entry(number, entry);
    }

    fn show_entry(&mut self, number: u64, entry: Option<Entry>) {
        let zone = self.model.zone.clone();
        let detail = &mut self.tab().log.detail;
        detail.drop_work();
        detail.number = number;
        detail.waiting = false;
        detail.rewind();
        detail.note.clear();
        detail.views.clear();
        detail.payload = bytes::Bytes::new();
        let Some(entry) = entry else {
            detail.title.clear();
            detail.text.reset_text("");
            detail.body = Body::Empty;
            self.find_anew();
            return;
        };
        match &entry.row {
            Row::Pending => {
                detail.waiting = true;
                detail.title = format!("#{number}");
                detail.body = Body::Empty;
                return;
            }
            Row::Note(note) => {
                detail.title = "note".into();
                detail.show_text(&note.text(), Kind::Text);
            }
            Row::Message { kind, payload, .. } => {
                detail.title = title(&entry, &zone);
                detail.payload = payload.clone();
                detail.is_text = *kind == MessageKind::Text;
                detail.frames = entry.to_message().map(|m| Message::frames(&m)).unwrap_or_default();
                detail.take_view();
                if *kind == MessageKind::Close && !detail.shows_bytes() {
                    let text = export_text(std::slice::from_ref(&entry), CopyAs::Whole);
                    detail.show_text(&text, Kind::Text);
                } else {
                    self.show_payload();
                }
            }
        }
        self.find_anew();
    }

    /// The same message once more: a filter or a type has changed.
    pub(super) fn lay_anew(&mut self) {
        let detail = &mut self.tab().log.detail;
        if detail.views.is_empty() {
            return;
        }
        detail.drop_work();
        detail.rewind();
        detail.note.clear();
        self.show_payload();
        self.find_anew();
    }

    /// Lays the payload out as the view wants, here or beside the loop.
    fn show_payload(&mut self) {
        if self.compare_payload() || self.filter_payload() {
            return;
        }
        let tab = self.tab();
        let id = tab.id;
        let detail = &mut tab.log.detail;
        let small = detail.payload.len() <= INLINE;
        let lens = match detail.view {
            DetailView::Frames => {
                detail.body = Body::Frames;
                return;
            }
            DetailView::Lens(Lens::Hex) => {
                detail.body = Body::Hex;
                return;
            }
            DetailView::Lens(Lens::Raw) if !(small && detail.is_text) => {
                detail.show_raw();
                return;
            }
            DetailView::Lens(Lens::Raw) => {
                let text = payload::text_of(&detail.payload).into_owned();
                let kind = payload::classify(&detail.payload, true);
                detail.show_text(&text, kind);
                return;
            }
            DetailView::Lens(lens) => lens,
        };
        let options = Options {
            jq: None,
            schema: detail.schema.clone(),
            message_type: detail.message_type.clone(),
            ..Options::default()
        };
        let progress = Progress::new(detail.payload.len() as u64);
        let request = Request {
            ask: Ask::Lens(lens, options),
            payload: detail.payload.clone(),
            is_text: detail.is_text,
            progress: progress.clone(),
        };
        // A few KiB may unpack to many MiB.
        let quick = lens != Lens::Unpacked;
        if small && quick {
            let made = lay(&request);
            detail.take(made);
            return;
        }
        // The message as it came is there at once.
        detail.show_raw();
        detail.work = Some(Work { what: "laying out", progress });
        let stamp = detail.stamp;
        self.effects.push(Effect::Job(Job::Lay { tab: id, stamp, request: Arc::new(request) }));
    }

    /// Sends a message of JSON through the tab's program. False if there is none, or it is no JSON, or
    /// the bytes themselves are looked at.
    fn filter_payload(&mut self) -> bool {
        let tab = self.tab();
        let id = tab.id;
        let detail = &mut tab.log.detail;
        let Some(program) = detail.jq.program.clone() else { return false };
        let lens = match detail.view {
            DetailView::Frames | DetailView::HEX => return false,
            DetailView::TREE => Lens::Tree,
            _ if detail.views.contains(&DetailView::TREE) => Lens::Pretty,
            _ => return false,
        };
        let progress = Progress::new(detail.payload.len() as u64);
        let request = Request {
            ask: Ask::Lens(lens, Options { jq: Some(program), ..Options::default() }),
            payload: detail.payload.clone(),
            is_text: detail.is_text,
            progress: progress.clone(),
        };
        // What stands there stays for the moment that a small message takes.
        let stays =
            detail.payload.len() <= INLINE && matches!(detail.body, Body::Text | Body::Tree(_));
        if !stays {
            detail.show_raw();
        }
        detail.work = Some(Work { what: "filtering", progress });
        let stamp = detail.stamp;
        self.effects.push(Effect::Job(Job::Lay { tab: id, stamp, request: Arc::new(request) }));
        true
    }

    pub(in crate::app::update) fn detail_laid(
        &mut self,
        tab: TabId,
        stamp: u64,
        result: Result<Made, LensProblem>,
    ) {
        let front = self.tab().id == tab;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        let detail = &mut tab.log.detail;
        if detail.stamp != stamp {
            return;
        }
        detail.work = None;
        detail.rewind();
        detail.take(result);
        if front {
            self.find_anew();
        }
    }
}

impl Detail {
    /// The view for the payload: the user's choice if it fits, else the automatic one.
    fn take_view(&mut self) {
        let (payload, is_text) = (&self.payload, self.is_text);
        self.views = DetailView::all().filter(|view| view.fits(payload, is_text)).collect();
        self.view = self
            .choice
            .filter(|view| self.views.contains(view))
            .unwrap_or_else(|| DetailView::automatic(payload, is_text));
    }

    /// The view is about the bytes as they came, whatever they mean.
    fn shows_bytes(&self) -> bool {
        matches!(self.view, DetailView::Frames | DetailView::HEX) && self.choice == Some(self.view)
    }

    fn show_text(&mut self, text: &str, kind: Kind) {
        self.text.reset_text(text);
        self.kind = kind;
        self.body = Body::Text;
    }

    /// Text as it came, or a dump of what is none.
    pub(super) fn show_raw(&mut self) {
        self.kind = payload::classify(&self.payload, self.is_text);
        let raw = self.is_text || self.kind != Kind::Binary || self.view == DetailView::RAW;
        self.body = if raw { Body::Raw } else { Body::Hex };
    }

    /// Takes what was made; a payload that cannot be read so says why.
    fn take(&mut self, made: Result<Made, LensProblem>) {
        match made {
            Ok(Made::Text { rope, kind, note }) => {
                self.text.reset_rope(rope);
                self.kind = kind;
                self.note = note;
                self.body = Body::Text;
            }
            Ok(Made::Tree { tree, folds, note }) => {
                self.note = tree.problem().map_or(note, str::to_owned);
                self.body = Body::Tree(Box::new(TreeView::new(tree, folds)));
            }
            Ok(Made::Diff(compared)) => self.body = Body::Diff(compared),
            Err(LensProblem::Cancelled) => self.note = "stopped".into(),
            Err(problem) if self.payload.len() > INLINE => {
                self.show_raw();
                self.note = problem.to_string();
            }
            Err(problem) => self.body = Body::Trouble(problem.to_string()),
        }
    }
}

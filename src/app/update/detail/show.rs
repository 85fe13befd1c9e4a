//! What the detail shows: the entry under the cursor, laid out on the loop if it is small.

use super::lay::lay;
use super::title::title;
use crate::app::effect::{Effect, Job};
use crate::app::model::{DetailView, TabId};
use crate::app::update::Cx;
use crate::core::message::MessageKind;
use crate::log::{CopyAs, Row, export_text};
use crate::payload::{self, Kind};

/// Payloads up to this many bytes are laid out on the loop.
const INLINE: usize = 64 * 1024;

impl Cx<'_> {
    /// Lets the detail show the entry under the cursor, or the newest while following.
    pub(in crate::app::update) fn sync_detail(&mut self) {
        if !self.model.show_detail {
            return;
        }
        let zone = self.model.zone.clone();
        let tab = self.model.tab_mut();
        let log = &mut tab.log;
        let view = log.view();
        let number = if log.cursor > 0 {
            Some(log.cursor)
        } else {
            log.handle.rows(&view).checked_sub(1).and_then(|row| log.handle.number_at(&view, row))
        };
        let number = number.unwrap_or(0);
        let detail = &mut log.detail;
        if detail.number == number {
            return;
        }
        detail.number = number;
        detail.pending = false;
        detail.viewport.top_line = 0;
        detail.viewport.top_offset = 0;
        detail.viewport.left_column = 0;
        detail.lines.take();
        let Some(entry) = log.handle.get(number) else {
            detail.title.clear();
            detail.text.reset_text("");
            return;
        };
        let (kind, payload) = match &entry.row {
            // Asked again when the log says that it has grown.
            Row::Pending => {
                detail.number = 0;
                detail.pending = true;
                detail.text.reset_text("");
                return;
            }
            Row::Note(note) => {
                detail.kind = Kind::Text;
                detail.title = "note".into();
                detail.text.reset_text(&note.text());
                return;
            }
            Row::Message { kind, payload, .. } => (*kind, payload.clone()),
        };
        detail.title = title(&entry, &zone);
        if kind == MessageKind::Close {
            detail.kind = Kind::Text;
            let text = match detail.view {
                DetailView::Hex => lay(DetailView::Hex, Kind::Binary, &payload),
                _ => export_text(std::slice::from_ref(&entry), CopyAs::Whole),
            };
            detail.text.reset_text(&text);
            return;
        }
        detail.kind = payload::classify(&payload, kind == MessageKind::Text);
        if payload.len() <= INLINE {
            let text = lay(detail.view, detail.kind, &payload);
            detail.text.reset_text(&text);
        } else {
            detail.pending = true;
            detail.text.reset_text("");
            let job =
                Job::Lay { tab: tab.id, number, view: detail.view, kind: detail.kind, payload };
            self.effects.push(Effect::Job(job));
        }
    }

    pub(in crate::app::update) fn detail_laid(
        &mut self,
        tab: TabId,
        number: u64,
        view: DetailView,
        text: &str,
    ) {
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        let detail = &mut tab.log.detail;
        if detail.number == number && detail.view == view {
            detail.pending = false;
            detail.text.reset_text(text);
        }
    }

    /// The message as the detail shows it, in the user's pager.
    pub(in crate::app::update) fn read_outside(&mut self) {
        self.model.show_detail = true;
        self.sync_detail();
        let detail = &self.tab().log.detail;
        if detail.pending {
            self.info("The message is still being laid out.");
            return;
        }
        if detail.number == 0 {
            self.info("Choose a message first.");
            return;
        }
        let suffix = match detail.view {
            DetailView::Pretty => detail.kind.suffix(),
            DetailView::Raw | DetailView::Hex => "txt",
        };
        let text = detail.text.rope().clone();
        self.effects.push(Effect::Page { text, suffix });
    }
}

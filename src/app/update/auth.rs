//! Choosing a way of authenticating, and being led through it field by field.

use super::Cx;
use crate::app::model::{
    Choice, MenuItem, Modal, NearWay, Pane, RequestTab, TextPrompt, WayList, advised, auth_rows,
    sent, sent_text,
};
use crate::auth;
use crate::core::reference;
use crate::core::secret::Secret;
use crate::core::url;
use crate::editor::{Edit, Editor, Field};

/// Ways that were chosen and stand at the top of the list.
const RECENT: usize = 3;

impl Cx<'_> {
    /// The window of all ways. `guided` asks for the fields of the chosen one afterwards.
    pub(super) fn open_ways(&mut self, guided: bool) {
        self.leave_fields();
        if !guided {
            self.go(RequestTab::Auth);
        }
        let list = WayList::new(self.near_ways(), &self.tab().draft.auth.kind.clone(), guided);
        let input = Editor::for_field(Field::line().placeholder("type to filter"));
        self.model.modals.push(Modal::Ways { input, list });
    }

    /// Ways that fit the address, those that were chosen before, and those that other tabs use.
    fn near_ways(&mut self) -> Vec<NearWay> {
        let mut near = advised(self.tab());
        let used = self.model.tabs.iter().map(|tab| &tab.draft.auth.kind);
        let mut kinds: Vec<String> = Vec::new();
        for kind in self.model.recent_ways.iter().chain(used) {
            let plain = auth::find(kind).is_none_or(|way| way.about().group == auth::Group::Plain);
            let fits = near.iter().any(|near| near.kind == *kind);
            if !plain && !fits && !kinds.contains(kind) {
                kinds.push(kind.clone());
            }
        }
        kinds.truncate(RECENT);
        let recent = kinds.into_iter();
        near.extend(recent.map(|kind| NearWay { kind, heading: "Used lately", why: "" }));
        near
    }

    /// Takes the way under the cursor of the window.
    pub(super) fn take_way(&mut self) {
        let Some(Modal::Ways { list, .. }) = self.model.modals.last() else { return };
        let Some((kind, guided)) = list.chosen().map(|line| (line.kind, list.guided)) else {
            return;
        };
        self.model.modals.pop();
        self.set_way(kind);
        if guided {
            self.model.asked.clear();
            self.ask_next();
        } else {
            // The cursor goes to what has to be filled in.
            let rows = auth_rows(&self.tab().draft);
            let empty = rows.iter().position(|row| row.required && row.is_default);
            self.tab().auth.row = empty.unwrap_or(0);
        }
    }

    /// Another way of authenticating; what was filled in for the old one stays.
    pub(super) fn set_way(&mut self, kind: &str) {
        self.model.recent_ways.retain(|known| known != kind);
        self.model.recent_ways.insert(0, kind.to_owned());
        let tab = self.tab();
        tab.draft.auth.kind = kind.to_owned();
        tab.draft.auth.inherited_from = None;
        tab.auth.remark = None;
        tab.auth.row = 0;
        self.request_changed();
    }

    /// Asks for an address, then the way, then its fields.
    pub(super) fn connect_guided(&mut self) {
        self.leave_fields();
        self.model.asked.clear();
        self.prompt(TextPrompt::GuideAddress);
    }

    /// Takes the address of the guide.
    pub(super) fn guide_address(&mut self, text: &str) -> Result<(), String> {
        let text = url::trim(text);
        url::read(text).map_err(|problem| problem.to_string())?;
        let now = self.now;
        let tab = self.tab();
        tab.set_url(text);
        tab.refresh_preview(now);
        self.request_changed();
        self.open_ways(true);
        Ok(())
    }

    /// Takes a field of the guide.
    pub(super) fn guide_field(&mut self, name: &'static str, text: &str) -> Result<(), String> {
        let draft = &mut self.tab().draft;
        let field = auth::fields(&draft.auth).into_iter().find(|field| field.name == name);
        let Some(field) = field else { return Ok(()) };
        if field.required && text.trim().is_empty() {
            return Err(format!("{} is needed for this way", field.label));
        }
        draft.auth.set(name, Secret::new(text));
        self.request_changed();
        self.model.asked.push(name);
        self.ask_next();
        Ok(())
    }

    /// Asks for the first field that was not asked for yet; connects after the last one.
    fn ask_next(&mut self) {
        let fields = auth::fields(&self.tab().draft.auth);
        let asked = &self.model.asked;
        let Some(field) = fields.into_iter().find(|field| !asked.contains(&field.name)) else {
            self.connect();
            return;
        };
        if field.choices.is_empty() {
            self.prompt(TextPrompt::GuideField(field.name));
            return;
        }
        let current = self.tab().draft.auth.value(field.name).to_owned();
        let current = if current.is_empty() { field.default.to_owned() } else { current };
        let keys = ('1'..='9').map(Some).chain(std::iter::repeat(None));
        let items = field.choices.iter().zip(keys).map(|(value, key)| MenuItem {
            key,
            label: (*value).to_owned(),
            note: String::new(),
            on: Some(*value == current),
            choice: Choice::GuideField(field.name, value),
        });
        let items: Vec<MenuItem> = items.collect();
        let cursor = items.iter().position(|item| item.on == Some(true)).unwrap_or(0);
        let title = field.label.to_owned();
        self.model.modals.push(Modal::Menu { title, items, cursor, stays: false });
    }

    /// Title, help and field of a step of the guide.
    pub(super) fn guide_prompt(&mut self, name: &'static str) -> (String, String, Editor) {
        let auth = &self.tab().draft.auth;
        let (kind, current) = (auth.kind.clone(), auth.value(name).to_owned());
        let fields = auth::fields(auth);
        let place = fields.iter().position(|field| field.name == name);
        let Some(field) = place.and_then(|at| fields.get(at)) else {
            return (name.to_owned(), String::new(), Editor::for_field(Field::line()));
        };
        let label = auth::find(&kind).map_or("", |way| way.label());
        let step = format!("{} of {}", place.unwrap_or(0) + 1, fields.len());
        let mut help = field.help.to_owned();
        if !field.required {
            help = format!("{help} May stay empty.").trim_start().to_owned();
        }
        if field.secret {
            help += " A reference like env:NAME or file:PATH keeps it out of files.";
        }
        let mut input = editor_of(field.secret, &current, false);
        input.select_all();
        (format!("{label}: {} ({step})", field.label), help, input)
    }

    /// Takes the address that is proposed in place of the one that was typed.
    pub(super) fn mend_address(&mut self) {
        self.leave_fields();
        let remarks = self.tab().advice().map(|advice| advice.remarks).unwrap_or_default();
        let Some(address) = remarks.into_iter().find_map(|remark| remark.address) else {
            self.info("Nothing is proposed for this address.");
            return;
        };
        self.tab().set_url(&address);
        self.request_changed();
        self.info("The address was put right.");
    }

    /// The request as it would go out now, in a window.
    pub(super) fn show_sent(&mut self) {
        self.leave_fields();
        let now = self.now;
        self.tab().refresh_preview(now);
        let zone = self.model.zone.clone();
        let time = |at: crate::core::time::Micros| {
            zone.to_datetime(at.timestamp()).strftime("%Y-%m-%d %H:%M:%S").to_string()
        };
        let text = sent_text(&sent(&self.model.tab().preview), time);
        self.show_lines("What will be sent", &text);
    }

    /// A paste where a row of Auth or Settings is under the cursor begins to edit it. False if
    /// there is no such row.
    pub(super) fn form_paste(&mut self, text: &str) -> bool {
        let tab = self.tab();
        if tab.focus != Pane::Body || tab.request_tab != RequestTab::Auth {
            return false;
        }
        let rows = auth_rows(&tab.draft);
        if rows.get(tab.auth.row).is_none_or(|row| row.editable_text().is_none()) {
            return false;
        }
        self.form_begin(&rows);
        self.edit(Edit::Paste(text.to_owned()));
        self.note_breaks(text);
        true
    }

    /// What a field of one line leaves out of a paste is said.
    pub(super) fn note_breaks(&mut self, pasted: &str) {
        let auth = self.tab().focus == Pane::Body && self.tab().request_tab == RequestTab::Auth;
        if auth && self.model.modals.is_empty() && pasted.contains(['\n', '\r']) {
            self.info("Line breaks of what was pasted were left out.");
        }
    }

    /// A reference is no secret: it is seen while it is typed, and a secret is not.
    pub(super) fn secret_typed(&mut self) {
        let tab = self.tab();
        let rows = auth_rows(&tab.draft);
        let secret = rows.get(tab.auth.row).is_some_and(|row| row.secret);
        let reveal = tab.auth.reveal;
        if let Some(editor) = tab.auth.editing.as_mut().filter(|_| secret) {
            editor.set_mask(!reveal && !is_reference(editor));
        }
    }
}

/// Whether a field holds a reference. A long text is none.
fn is_reference(editor: &Editor) -> bool {
    const LONGEST: usize = 4_096;
    editor.len_bytes() <= LONGEST && reference::is_in(&editor.text())
}

/// A field for a value of a way, masked if it is a secret that is not to be seen.
pub(super) fn editor_of(secret: bool, text: &str, reveal: bool) -> Editor {
    let mut editor = Editor::for_field(if secret { Field::secret() } else { Field::line() });
    editor.reset_text(text);
    if secret {
        editor.set_mask(!reveal && !is_reference(&editor));
    }
    editor
}

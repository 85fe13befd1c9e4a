//! What `Debug` tells of the model: enough to know which request is meant, and nothing that a
//! person typed in confidence. Addresses are masked, texts are told by their length.

use std::fmt;

use super::{FormValue, Model, SavedMessage, Tab};

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("tabs", &self.tabs)
            .field("active", &self.active)
            .field("modals", &self.modals)
            .field("notice", &self.notice)
            .field("settings", &self.settings)
            .field("url_history", &self.url_history.len())
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tab")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("draft", &self.draft)
            .field("folder", &self.folder)
            .field("request_tab", &self.request_tab)
            .field("focus", &self.focus)
            .field("composer", &self.composer)
            .field("saved", &self.saved)
            .field("conn", &self.conn)
            .field("preview", &self.preview)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FormValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormValue::Switch(on) => write!(f, "Switch({on})"),
            FormValue::Choice { options, chosen } => {
                let chosen = options.get(*chosen).map(|(name, _)| name);
                write!(f, "Choice({chosen:?} of {})", options.len())
            }
            FormValue::Text(text) => write!(f, "Text({} bytes)", text.len()),
            FormValue::Number { value, unit, .. } => write!(f, "Number({value} {unit})"),
            FormValue::Secret(text) => write!(f, "Secret({} bytes)", text.len()),
            FormValue::List(items) => write!(f, "List({} items)", items.len()),
            FormValue::Note(text) => write!(f, "Note({text:?})"),
        }
    }
}

impl fmt::Debug for SavedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SavedMessage({:?}, {:?}, {} bytes)", self.name, self.kind, self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{auth_rows, settings_rows};
    use super::*;
    use crate::auth;
    use crate::config::{Keymap, Settings};
    use crate::core::headers::HeaderRow;
    use crate::core::params::ParamRow;
    use crate::core::request::{Files, RequestDraft};
    use crate::core::secret::Secret;
    use crate::core::time::Micros;
    use crate::payload::{BinaryForm, Kind};

    /// A request with a secret, `hunter2…`, in every place that can hold one.
    fn full() -> RequestDraft {
        let mut draft = RequestDraft::default();
        draft.set_url("wss://me:hunter2-a@h/x?token=hunter2-b&a=1".into());
        let value = Some("hunter2-c".into());
        draft.params.rows.push(ParamRow { enabled: false, name: "key".into(), value });
        draft.headers.push(HeaderRow::new("Authorization", "Bearer hunter2-d"));
        draft.inherited_headers.push((HeaderRow::new("Cookie", "sid=hunter2-e"), "x".into()));
        for way in auth::ways() {
            for field in way.fields().iter().filter(|field| field.secret) {
                let key = format!("{}.{}", way.kind(), field.name);
                draft.auth.values.insert(key, Secret::new("hunter2-f"));
            }
        }
        draft.auth.kind = "bearer".into();
        draft.auth.set_cert_password("hunter2-g".into());
        draft.settings.proxy = "http://me:hunter2-h@p:1".into();
        draft.settings.subprotocols = vec!["bearer".into(), "hunter2-i".into()];
        draft
    }

    #[test]
    fn no_secret_in_debug() {
        let mut tokens = full();
        // Two logins are a mistake of their own.
        tokens.headers.clear();
        tokens.set_url("wss://h/x?token=hunter2-b".into());
        let spec = auth::prepare(&tokens, Files::default(), Micros(0)).unwrap();
        let keymap = Keymap::layered(None, Path::new("")).0;
        let mut settings = Settings::default();
        settings.request.proxy = "http://me:hunter2-h@p:1".into();
        let mut model = Model::new(keymap, settings);
        model.push_tab(full(), "t".into());
        model.push_tab(tokens, "u".into());
        model.url_history.push_back("ws://h/?token=hunter2-j".into());
        let tab = model.tab_mut();
        tab.history = Some((0, "ws://h/?token=hunter2-k".into()));
        tab.composer.editor.reset_text("hunter2-l");
        let (name, kind, form) = ("m".into(), Kind::Text, BinaryForm::default());
        tab.saved.push(SavedMessage { on_open: false, name, kind, form, text: "hunter2-m".into() });
        tab.refresh_preview(Micros(0));
        let rows = (auth_rows(&full()), settings_rows(&full()));
        let told = format!("{:?}\n{spec:?}\n{model:?}\n{:#?}\n{rows:?}", full(), model.tabs);
        let leak = told.find("hunter2").map(|at| &told[at.saturating_sub(80)..at + 20]);
        assert_eq!(leak, None);
        assert!(told.contains("wss") && told.len() > 1_000, "{told}");
    }
}

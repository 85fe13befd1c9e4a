//! The jq line: a program that messages of JSON go through, and the schema of Protobuf.

use std::sync::Arc;

use crate::app::effect::{Effect, Job};
use crate::app::model::{Choice, DetailView, Level, MenuItem, Modal, Pane, TabId, TextPrompt};
use crate::app::update::Cx;
use crate::payload::lens::{Lens, Schema};

/// A schema that was loaded, with its message types.
pub type LoadedSchema = (Arc<Schema>, Vec<String>);

impl Cx<'_> {
    pub(super) fn open_jq(&mut self) {
        self.focus(Pane::Detail);
        let jq = &mut self.tab().log.detail.jq;
        jq.open = true;
        jq.editing = true;
    }

    pub(in crate::app::update) fn jq_changed(&mut self) {
        let jq = &mut self.tab().log.detail.jq;
        jq.at = None;
        if jq.compile() {
            self.lay_anew();
        }
    }

    pub(in crate::app::update) fn jq_walk(&mut self, earlier: bool) {
        let jq = &mut self.tab().log.detail.jq;
        jq.walk(earlier);
        if jq.compile() {
            self.lay_anew();
        }
    }

    /// Enter: the program stays, and the keys are the detail's again.
    pub(in crate::app::update) fn jq_submit(&mut self) {
        let jq = &mut self.tab().log.detail.jq;
        if jq.input.is_empty() {
            jq.close();
            return;
        }
        if jq.problem.is_some() {
            return;
        }
        jq.remember();
        jq.editing = false;
        if !self.tab().log.detail.views.contains(&DetailView::TREE) {
            self.info("This message is no JSON; the program waits for those that are.");
        }
    }

    pub(super) fn close_jq(&mut self) {
        let jq = &mut self.tab().log.detail.jq;
        let ran = jq.program.is_some();
        jq.close();
        if ran {
            self.lay_anew();
        }
    }

    pub(super) fn ask_schema(&mut self) {
        self.prompt(TextPrompt::SchemaFiles);
    }

    /// Paths of `.proto` files or of a descriptor set, with blanks between.
    pub(in crate::app::update) fn load_schema(&mut self, typed: &str) -> Result<(), String> {
        let paths: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
        let tab = self.tab();
        typed.trim().clone_into(&mut tab.log.detail.schema_from);
        if paths.is_empty() {
            tab.log.detail.schema = None;
            tab.log.detail.message_type = None;
            self.lay_anew();
            return Ok(());
        }
        let tab = tab.id;
        self.effects.push(Effect::Job(Job::LoadSchema { tab, paths }));
        Ok(())
    }

    pub(in crate::app::update) fn schema_loaded(
        &mut self,
        tab: TabId,
        result: Result<LoadedSchema, String>,
    ) {
        if self.tab().id != tab {
            return;
        }
        match result {
            Err(why) => self.say(Level::Error, why),
            Ok((schema, types)) => {
                let detail = &mut self.tab().log.detail;
                detail.schema = Some(schema);
                detail.message_types = types;
                detail.message_type = match detail.message_types.as_slice() {
                    [only] => Some(only.clone()),
                    types => detail.message_type.take().filter(|name| types.contains(name)),
                };
                self.set_view(Some(DetailView::Lens(Lens::Protobuf)));
                if self.tab().log.detail.message_type.is_none() {
                    self.open_message_types();
                }
            }
        }
    }

    pub(super) fn open_message_types(&mut self) {
        let detail = &self.tab().log.detail;
        if detail.schema.is_none() {
            self.ask_schema();
            return;
        }
        let items: Vec<MenuItem> = detail
            .message_types
            .iter()
            .map(|name| MenuItem {
                key: None,
                label: name.clone(),
                note: String::new(),
                on: Some(detail.message_type.as_ref() == Some(name)),
                choice: Choice::MessageType(name.clone()),
            })
            .collect();
        if items.is_empty() {
            self.info("The schema has no message types.");
            return;
        }
        let cursor = items.iter().position(|item| item.on == Some(true)).unwrap_or(0);
        let title = "Type of the messages".into();
        self.model.modals.push(Modal::Menu { title, items, cursor, stays: false });
    }

    pub(in crate::app::update) fn set_message_type(&mut self, name: String) {
        self.tab().log.detail.message_type = Some(name);
        self.set_view(Some(DetailView::Lens(Lens::Protobuf)));
    }
}

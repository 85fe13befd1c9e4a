//! Reading the long explanations: of what was found, and of what another program said.

use super::Cx;
use crate::app::model::{Choice, MenuItem, Modal};

/// Lines of a menu of pages.
const MOST: usize = 12;

impl Cx<'_> {
    /// The explanation of the finding; with several of them, a menu.
    pub(super) fn explain(&mut self) {
        let findings = self.tab().viewed().map(|viewed| viewed.findings).unwrap_or_default();
        let pages: Vec<&'static str> = findings
            .iter()
            .filter_map(|finding| crate::diagnose::page(&finding.code).map(|page| page.id))
            .collect();
        match pages.as_slice() {
            [] => self.info("There is no finding to explain."),
            [only] => self.show_page(only),
            several => self.menu_of_pages("Explain which finding?", several),
        }
    }

    /// Pages that know what another program said. Says so if there are none.
    pub(super) fn look_up(&mut self, asked: &str) -> Result<(), String> {
        if let Some(page) = crate::diagnose::page(asked.trim()) {
            self.show_page(page.id);
            return Ok(());
        }
        let found = crate::diagnose::search(asked);
        let ids: Vec<&'static str> = found.iter().map(|found| found.page.id).collect();
        match ids.as_slice() {
            [] => return Err("no page knows these words; try the part that is no number".into()),
            [only] => self.show_page(only),
            several => self.menu_of_pages("It may be", several),
        }
        Ok(())
    }

    pub(super) fn show_page(&mut self, id: &'static str) {
        match crate::diagnose::explain(id) {
            Some(text) => self.show_text(id, text),
            None => self.info(format!("There is no longer explanation of {id}.")),
        }
    }

    fn menu_of_pages(&mut self, title: &str, ids: &[&'static str]) {
        let keys = ('1'..='9').map(Some).chain(std::iter::repeat(None));
        let items = ids
            .iter()
            .take(MOST)
            .zip(keys)
            .map(|(id, key)| MenuItem {
                key,
                label: crate::diagnose::page(id).map(|page| page.title()).unwrap_or(id).into(),
                note: (*id).into(),
                on: None,
                choice: Choice::Page(id),
            })
            .collect();
        let title = title.into();
        self.model.modals.push(Modal::Menu { title, items, cursor: 0, stays: false });
    }
}

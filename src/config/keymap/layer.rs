//! The user's entries laid over the embedded ones, and clashes found.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::ops::Range;
use std::path::Path;

use super::read::{self, Entry, name_of};
use super::{Bind, Keymap};
use crate::config::document::Document;
use crate::config::problem::Problem;
use crate::core::action::Context;
use crate::core::key::KeyCombo;

/// An entry in force.
struct Layer {
    entry: Entry,
    /// Whether it came with the upper text.
    users: bool,
}

/// The table of `base` with `user` on top. Problems of `base` are told only when there is no
/// user's text: they are ours, and a test keeps them away.
pub(super) fn layered(base: &str, user: Option<&str>, file: &Path) -> (Keymap, Vec<Problem>) {
    let (base, root) = Document::read(base, file);
    let mut layers: Vec<Layer> = read::entries(&base, &root)
        .into_iter()
        .map(|entry| Layer { entry, users: false })
        .collect();
    let Some(user) = user else {
        let keymap = build(&base, layers);
        return (keymap, base.into_problems());
    };
    let (document, root) = Document::read(user, file);
    for entry in read::entries(&document, &root) {
        put(&document, &mut layers, entry);
    }
    let keymap = build(&document, layers);
    (keymap, document.into_problems())
}

/// Lays one entry of the user over what is there.
fn put(document: &Document<'_>, layers: &mut Vec<Layer>, mut entry: Entry) {
    let same = |layer: &&Layer| layer.entry.action == entry.action;
    // Words that the user left out are those of the entry that is replaced, or else of any that
    // has the same action.
    let shares = |layer: &&Layer| layer.entry.contexts.iter().any(|c| entry.contexts.contains(c));
    let model = layers.iter().filter(same).find(shares).or_else(|| layers.iter().find(same));
    let does = model.and_then(|layer| layer.entry.does.clone());
    let hint = model.and_then(|layer| layer.entry.hint.clone());
    if let Some(earlier) = layers.iter().filter(same).filter(|l| l.users).find(shares) {
        let both = earlier.entry.contexts.iter().find(|c| entry.contexts.contains(c));
        let place = both.map(name_of).unwrap_or_default();
        document.report(
            &entry.at,
            name_of(&entry.action),
            format!("a second entry for {} in {place}; this one is used", name_of(&entry.action)),
            "write all keys into one entry",
        );
    }
    entry.does = entry.does.or(does);
    // An empty word takes the key out of the footer.
    entry.hint = entry.hint.or(hint).filter(|word| !word.is_empty());

    let mut place = None;
    let mut index = 0;
    layers.retain_mut(|layer| {
        let mut stays = true;
        if layer.entry.action == entry.action {
            layer.entry.contexts.retain(|c| !entry.contexts.contains(c));
            stays = !layer.entry.contexts.is_empty();
            if !stays && place.is_none() {
                place = Some(index);
            }
        }
        index += usize::from(stays);
        stays
    });
    // The footer's order is the table's, so a replaced entry keeps its place.
    layers.insert(place.unwrap_or(layers.len()), Layer { entry, users: true });
}

/// Fills the index, the user's entries first, and reports each key that two actions claim.
fn build(document: &Document<'_>, layers: Vec<Layer>) -> Keymap {
    let mut index = HashMap::new();
    let mut owners: HashMap<(Context, KeyCombo), (bool, Range<usize>)> = HashMap::new();
    let mut by_right: Vec<&Layer> = layers.iter().collect();
    by_right.sort_by_key(|layer| (!layer.users, layer.entry.at.start));
    for Layer { entry, users } in by_right {
        for context in &entry.contexts {
            for (key, at) in &entry.keys {
                match index.entry((*context, *key)) {
                    Slot::Vacant(slot) => {
                        slot.insert(entry.action);
                        owners.insert((*context, *key), (*users, at.clone()));
                    }
                    Slot::Occupied(slot) if *slot.get() == entry.action => {}
                    Slot::Occupied(slot) => {
                        let owner = name_of(slot.get());
                        let loser = name_of(&entry.action);
                        let place = name_of(context);
                        // A clash with the embedded table is told where the user's key stands.
                        let owners_at = owners.get(&(*context, *key));
                        let at = match owners_at {
                            Some((true, owners_at)) if !users => owners_at,
                            _ => at,
                        };
                        document.report(
                            at,
                            owner.clone(),
                            format!(
                                "{key} in {place} is claimed by both {owner} and {loser}; {owner} has it"
                            ),
                            if *users {
                                "take it out of one of the two entries".to_owned()
                            } else {
                                format!(
                                    "give {loser} other keys or none, with an entry action = \
                                     \"{loser}\", keys = [], in = [\"{place}\"]"
                                )
                            },
                        );
                    }
                }
            }
        }
    }
    let binds = layers.into_iter().map(|Layer { entry, .. }| {
        let works = |key: &KeyCombo| {
            entry.contexts.iter().any(|c| index.get(&(*c, *key)) == Some(&entry.action))
        };
        Bind {
            action: entry.action,
            keys: entry.keys.iter().map(|(key, _)| *key).filter(works).collect(),
            does: entry.does.unwrap_or_default(),
            hint: entry.hint,
            contexts: entry.contexts,
        }
    });
    let binds = binds.collect();
    Keymap { binds, index }
}

//! What the embedded table promises, and how a user's file changes it.

use std::path::Path;

use super::*;
use crate::config::keymap::read::TYPED_IN;

fn key(name: &str) -> KeyCombo {
    name.parse().unwrap()
}

fn layered(text: &str) -> (Keymap, Vec<String>) {
    let (keymap, problems) = Keymap::layered(Some(text), Path::new("keymap.toml"));
    (keymap, problems.iter().map(ToString::to_string).collect())
}

/// The chain of contexts as the interface gives it for each focus.
const CHAINS: [&[Context]; 11] = [
    &[Context::Url, Context::Field, Context::Global],
    &[Context::Line, Context::Field, Context::Global],
    &[Context::Composer, Context::Field, Context::Global],
    &[Context::Bar, Context::Command, Context::Global],
    &[Context::Table, Context::Command, Context::Global],
    &[Context::Form, Context::Command, Context::Global],
    &[Context::Handshake, Context::Command, Context::Global],
    &[Context::Log, Context::Command, Context::Global],
    &[Context::Detail, Context::Command, Context::Global],
    &[Context::Saved, Context::Command, Context::Global],
    &[Context::Modal, Context::Global],
];

#[test]
fn the_embedded_table_has_no_problem() {
    let (keymap, problems) = Keymap::layered(None, Path::new("keymap.toml"));
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(keymap.binds().iter().all(|b| !b.does.is_empty()), "an entry without words");
}

#[test]
fn every_action_has_an_entry_and_a_name() {
    let keymap = Keymap::embedded();
    for action in Action::ALL {
        assert!(!action_name(*action).is_empty());
        assert!(!keymap.does(*action).is_empty(), "{} has no entry", action_name(*action));
    }
    for context in Context::ALL {
        assert!(!read::name_of(&context).is_empty());
    }
}

#[test]
fn what_everybody_needs_has_a_key_that_every_terminal_sends() {
    let keymap = Keymap::embedded();
    let needed = [
        Action::Palette,
        Action::Help,
        Action::Send,
        Action::Connect,
        Action::Disconnect,
        Action::Quit,
        Action::Cancel,
        Action::GoTo,
        Action::NextPane,
    ];
    for action in needed {
        for chain in CHAINS {
            // Help has a letter outside of fields; inside of them it is found in the palette.
            if action == Action::Help && !chain.contains(&Context::Command) {
                continue;
            }
            let taken_by_completion = action == Action::NextPane && chain.contains(&Context::Line);
            let sure = keymap.keys_for(action, chain).iter().any(|k| Reach::of(*k) == Reach::Sure);
            assert!(sure || taken_by_completion, "{} in {chain:?}", action_name(action));
        }
    }
}

#[test]
fn plain_characters_are_never_commands_where_text_is_typed() {
    for bind in Keymap::embedded().binds() {
        let typing = bind.contexts.iter().any(|c| TYPED_IN.contains(c));
        for key in &bind.keys {
            assert!(!typing || key.typed().is_none(), "{key} for {}", action_name(bind.action));
        }
    }
}

#[test]
fn jumps_to_a_place_work_in_every_place() {
    let keymap = Keymap::embedded();
    for action in Action::ALL.iter().filter(|a| action_name(**a).starts_with("go-")) {
        for chain in CHAINS {
            assert!(keymap.label_for(*action, chain).is_some(), "{action:?} in {chain:?}");
        }
    }
}

#[test]
fn the_inner_context_decides() {
    let keymap = Keymap::embedded();
    let composer = [Context::Composer, Context::Field, Context::Global];
    let log = [Context::Log, Context::Command, Context::Global];
    let url = [Context::Url, Context::Field, Context::Global];
    for (chain, name, action) in [
        (&composer, "enter", Some(Action::Newline)),
        (&url, "enter", Some(Action::Connect)),
        (&log, "enter", Some(Action::OpenDetail)),
        (&log, "q", Some(Action::Quit)),
        (&composer, "q", None),
        (&composer, "ctrl+w", Some(Action::DeleteWordLeft)),
        (&log, "ctrl+w", Some(Action::CloseTab)),
        (&log, "ctrl+s", Some(Action::Send)),
    ] {
        assert_eq!(keymap.lookup(chain, key(name)), action, "{name} in {chain:?}");
    }
    let reported = KeyCombo { shift: true, ..KeyCombo::plain(Key::Char('G')) };
    assert_eq!(keymap.lookup(&log, reported), Some(Action::Last));
}

#[test]
fn hints_start_with_the_place_and_show_keys_that_work_there() {
    let keymap = Keymap::embedded();
    for chain in CHAINS {
        for hint in keymap.hints(chain) {
            let best = keymap.keys_for(hint.action, chain)[0];
            assert_eq!(keymap.lookup(chain, best), Some(hint.action));
            assert_eq!(hint.keys, best.label());
        }
    }
    let composer = keymap.hints(&[Context::Composer, Context::Field, Context::Global]);
    assert_eq!((composer[0].keys.as_str(), composer[0].word.as_str()), ("^S", "send"));
    let log = keymap.hints(&[Context::Log, Context::Command, Context::Global]);
    assert!(
        log.iter().position(|h| h.action == Action::Search)
            < log.iter().position(|h| h.action == Action::Palette)
    );
    let help = log.iter().find(|h| h.action == Action::Help).unwrap();
    assert_eq!(help.keys, "?", "a sure key stands before F1");
}

#[test]
fn the_users_entry_replaces_keys_in_the_same_places_only() {
    let (keymap, problems) =
        layered("[[bind]]\naction = \"search\"\nkeys = [\"ctrl+f\", \"s\"]\nin = [\"log\"]\n");
    assert!(problems.is_empty(), "{problems:?}");
    let slash = key("/");
    assert_eq!(keymap.lookup(&[Context::Log], slash), None);
    assert_eq!(keymap.lookup(&[Context::Log], key("s")), Some(Action::Search));
    assert_eq!(keymap.lookup(&[Context::Detail], slash), Some(Action::Search));
    let users =
        keymap.binds().iter().find(|b| b.contexts == [Context::Log] && b.action == Action::Search);
    let users = users.unwrap();
    assert_eq!((users.does.as_str(), users.hint.as_deref()), ("Search", Some("search")));
}

#[test]
fn an_empty_hint_leaves_the_footer() {
    let chain = [Context::Log, Context::Command, Context::Global];
    let shown = |keymap: &Keymap| keymap.hints(&chain).iter().any(|h| h.action == Action::Ping);
    assert!(shown(&Keymap::embedded()));
    let (keymap, problems) =
        layered("[[bind]]\naction = \"ping\"\nkeys = [\"p\"]\nin = [\"log\"]\nhint = \"\"\n");
    assert!(problems.is_empty() && !shown(&keymap), "{problems:?}");
}

#[test]
fn an_empty_list_unbinds() {
    let (keymap, problems) =
        layered("[[bind]]\naction = \"quit\"\nkeys = []\nin = [\"global\", \"command\"]\n");
    assert!(problems.is_empty(), "{problems:?}");
    assert!(keymap.keys_for(Action::Quit, &[Context::Command, Context::Global]).is_empty());
    assert!(!keymap.does(Action::Quit).is_empty(), "the palette still offers it");
}

#[test]
fn a_clash_names_both_and_the_users_wins() {
    let (keymap, problems) =
        layered("[[bind]]\naction = \"ping\"\nkeys = [\"ctrl+t\"]\nin = [\"global\"]\n");
    assert_eq!(
        problems,
        ["keymap.toml:3:9: ctrl+t in global is claimed by both ping and new-tab; ping has it: \
             give new-tab other keys or none, with an entry action = \"new-tab\", keys = [], in = \
             [\"global\"]"]
    );
    assert_eq!(keymap.lookup(&[Context::Global], key("ctrl+t")), Some(Action::Ping));
    assert!(keymap.keys_for(Action::NewTab, &[Context::Global]).is_empty());

    let (_, problems) = layered(
        "[[bind]]\naction = \"ping\"\nkeys = [\"ctrl+t\"]\nin = [\"global\"]\n\
         [[bind]]\naction = \"new-tab\"\nkeys = []\nin = [\"global\"]\n",
    );
    assert!(problems.is_empty(), "the cure works: {problems:?}");
}

#[test]
fn clashes_within_the_users_file_are_told() {
    let (keymap, problems) = layered(
        "[[bind]]\naction = \"ping\"\nkeys = [\"f9\"]\nin = [\"global\"]\n\
         [[bind]]\naction = \"cut\"\nkeys = [\"f9\"]\nin = [\"global\"]\n\
         [[bind]]\naction = \"ping\"\nkeys = [\"f8\"]\nin = [\"global\"]\n",
    );
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].contains("keymap.toml:10:10: a second entry for ping in global"),
        "{problems:?}"
    );
    assert_eq!(keymap.lookup(&[Context::Global], key("f9")), Some(Action::Cut));

    let (_, problems) = layered(
        "[[bind]]\naction = \"ping\"\nkeys = [\"f9\"]\nin = [\"global\"]\n\
         [[bind]]\naction = \"cut\"\nkeys = [\"f9\"]\nin = [\"global\"]\n",
    );
    assert_eq!(
        problems,
        ["keymap.toml:7:9: f9 in global is claimed by both ping and cut; ping has it: take it \
             out of one of the two entries"]
    );
}

#[test]
fn every_mistake_is_told_with_its_place_and_cure() {
    let text = r#"
[[bind]]
action = "palete"
keys = ["ctl+p"]
in = ["globl"]

[[bind]]
action = "ping"
keys = ["p", "f9"]
in = ["field"]
where = "log"

[[bind]]
keys = "f9"

[[bnd]]
action = "ping"

[[bind]]
action = "cut"
keys = ["f10"]
in = ["global"]
"#;
    let (keymap, problems) = layered(text);
    for expected in [
        "3:10: unknown action palete: did you mean palette?",
        "4:9: “ctl+p” is not a key",
        "5:7: unknown place globl: did you mean global?",
        "9:9: p could no longer be typed if it were a command in field: use ctrl+p or alt+p",
        "11:1: unknown part where of an entry",
        "13:1: the entry has no action: add action",
        "13:1: the entry does not say where its keys work: add in = [\"global\"]",
        "14:8: keys must be a list, but found the text \"f9\": write keys = [",
        "16:3: unknown part bnd: every entry starts with [[bind]]",
    ] {
        assert!(
            problems.iter().any(|p| p.contains(&format!("keymap.toml:{expected}"))),
            "{expected}\n{problems:#?}"
        );
    }
    assert_eq!(problems.len(), 9, "{problems:#?}");
    assert_eq!(keymap.lookup(&[Context::Field], key("f9")), Some(Action::Ping));
    assert_eq!(keymap.lookup(&[Context::Global], key("f10")), Some(Action::Cut));
    assert_eq!(keymap.lookup(&[Context::Global], key("ctrl+p")), Some(Action::Palette));
}

#[test]
fn a_broken_file_leaves_the_embedded_table() {
    for text in ["[[bind", "[[bind]]\naction = \"ping\nkeys = [", "\u{0}", "bind = 3", "[bind]\n"] {
        let (keymap, problems) = layered(text);
        assert!(!problems.is_empty(), "{text}");
        assert_eq!(keymap.lookup(&[Context::Global], key("ctrl+p")), Some(Action::Palette));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

    /// Whatever the file holds, the palette can be reached: only an entry for it could take its
    /// key away, and the texts here do not spell one.
    #[test]
    fn any_text_gives_a_table(text in "\\PC*|(\\[\\[bind\\]\\]\n|action = \"cut\"\n|keys = \\[\"[a-z+]{0,8}\"\\]\n|in = \\[\"log\"\\]\n)*") {
        let (keymap, problems) = Keymap::layered(Some(&text), Path::new("keymap.toml"));
        proptest::prop_assert_eq!(
            keymap.lookup(&[Context::Global], key("ctrl+p")),
            Some(Action::Palette)
        );
        for problem in problems {
            proptest::prop_assert!(problem.line >= 1);
        }
    }
}

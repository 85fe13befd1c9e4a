//! Trees of good, broken and hostile JSON.

use proptest::prelude::*;

use super::super::{Folds, NodeId};
use super::*;

fn tree(text: &str) -> Tree {
    parse(text.to_owned(), &Progress::default()).unwrap()
}

fn leaves(tree: &Tree) -> Vec<&str> {
    (0..tree.len() as u32)
        .map(NodeId)
        .filter(|id| !tree.shape(*id).unwrap().is_container())
        .map(|id| tree.value_text(id))
        .collect()
}

#[test]
fn everything_stays_as_it_was_sent() {
    let tree = tree(r#" {"a":1.10,"a":1e+10,"b":["\u00e9\"",null,true],"c":{}} "#);
    assert_eq!(leaves(&tree), ["1.10", "1e+10", r#""\u00e9\"""#, "null", "true"]);
    assert_eq!(tree.problem(), None);
    let root = NodeId(0);
    assert_eq!((tree.child_count(root), tree.size(root)), (4, 8));
    let keys: Vec<_> = tree.children(root).map(|id| tree.key(id).unwrap().into_owned()).collect();
    assert_eq!(keys, ["a", "a", "b", "c"]);
    assert_eq!(tree.value_text(NodeId(3)), r#"["\u00e9\"",null,true]"#);
    assert_eq!(tree.index(NodeId(5)), Some(1));
    assert_eq!((tree.parent(NodeId(5)), tree.depth(NodeId(5))), (Some(NodeId(3)), 2));
    assert_eq!(tree.next_sibling(NodeId(3)), Some(NodeId(7)));
    assert_eq!(tree.next_sibling(NodeId(7)), None);
}

#[test]
fn values_may_follow_one_another() {
    let tree = tree("\u{FEFF}{\"a\":1}\n[2]\n3");
    assert_eq!(
        tree.roots().map(|id| tree.value_text(id)).collect::<Vec<_>>(),
        ["{\"a\":1}", "[2]", "3"]
    );
    assert_eq!(tree.path(NodeId(3)), "$[0]");
    assert_eq!(tree.index(NodeId(2)), None);
}

#[test]
fn broken_text_gives_what_stands_before_the_fault() {
    for (text, nodes, problem) in [
        (r#"{"a":[1,2"#, 4, "the text ends inside an array (at byte 9)"),
        (r#"{"a":1,"b"#, 3, "the text ends inside a key (at byte 9)"),
        (r#"{"a":1,"b":"#, 3, "the text ends inside an object (at byte 11)"),
        (r#"["abc"#, 2, "the text ends inside a string (at byte 5)"),
        ("[1 2]", 2, "a comma is missing (at byte 3)"),
        ("[1,]", 2, "a value is missing (at byte 3)"),
        ("{\"a\" 1}", 2, "a colon is missing (at byte 5)"),
        ("{a:1}", 1, "a key in quotes is missing (at byte 1)"),
        ("[1}", 2, "a ] is missing (at byte 2)"),
        ("{\"a\":1]", 2, "a } is missing (at byte 6)"),
        ("[NaN,1]", 3, "this is no JSON value (at byte 1)"),
        ("[1]]", 2, "a value is missing (at byte 3)"),
    ] {
        let tree = tree(text);
        assert_eq!((tree.len(), tree.problem()), (nodes, Some(problem)), "{text}");
    }
    assert_eq!(
        parse("}".to_owned(), &Progress::default()).unwrap_err(),
        LensProblem::not("JSON", "a value is missing", Some(0))
    );
    assert!(parse(String::new(), &Progress::default()).is_err());
}

#[test]
fn nesting_has_a_bound() {
    let deep = 3_000_000;
    let tree = tree(&format!("[{}{},7]", "[".repeat(deep), "]".repeat(deep)));
    assert_eq!(tree.len(), DEEPEST + 3);
    assert_eq!(tree.shape(NodeId(DEEPEST as u32 + 1)), Some(Shape::Deep));
    assert_eq!(tree.value_text(NodeId(DEEPEST as u32 + 2)), "7");
    assert_eq!(tree.path(NodeId(DEEPEST as u32 + 1)).len(), 1 + 3 * (DEEPEST + 1));
    assert_eq!(tree.problem(), None);
}

#[test]
fn work_can_be_stopped() {
    let progress = Progress::default();
    progress.cancel();
    let text = format!("[{}1]", "1,".repeat(STRIDE * 2));
    assert_eq!(parse(text, &progress).unwrap_err(), LensProblem::Cancelled);
}

proptest! {
    #[test]
    fn no_text_breaks_the_tree(text in "[\\[\\]{}\",:1a\\\\ é\\n]{0,60}") {
        if let Ok(tree) = parse(text.clone(), &Progress::default()) {
            prop_assert_eq!(tree.source(), &text);
            let folds = Folds::to_depth(&tree, 1);
            for row in 0..tree.rows(&folds) {
                let id = tree.row(&folds, row).unwrap();
                prop_assert!(tree.summary(id, 10).chars().count() <= 10);
                prop_assert!(!tree.label(id).contains(char::is_control));
                prop_assert!(tree.path(id).starts_with('$'));
                prop_assert_eq!(tree.row_of(&folds, id), row);
            }
            for id in (0..tree.len() as u32).map(NodeId) {
                let inside = tree.parent(id).is_none_or(|parent| {
                    tree.value_text(parent).contains(tree.value_text(id))
                });
                prop_assert!(inside);
            }
        }
    }

    #[test]
    fn what_serde_takes_has_no_problem(value in json_value()) {
        let text = value.to_string();
        let tree = tree(&text);
        prop_assert_eq!(tree.problem(), None);
        prop_assert_eq!(tree.value_text(NodeId(0)), text);
    }
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

//! What the workspace and folders give to their requests.

use super::Play;
use crate::app::Msg;
use crate::app::model::{Pane, RequestTab, Shared};
use crate::core::action::Action;
use crate::core::request::INHERIT;

/// A request that inherits, in a folder, with the workspace's tab open beside it.
fn play() -> Play {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.model.tab_mut().draft.auth.kind = INHERIT.into();
    play.msg(Msg::Do(Action::EditWorkspace));
    play
}

#[test]
fn what_is_typed_for_the_workspace_goes_out_with_its_requests() {
    let mut play = play();
    let tab = play.model.tab();
    assert_eq!((&tab.shares, tab.request_tab), (&Some(Shared::Workspace), RequestTab::Auth));
    assert_eq!(tab.title(), "workspace");
    play.model.tab_mut().draft.auth.kind = "bearer".into();
    play.keys("down enter").types("t0ken-for-all").keys("enter");
    play.keys("alt+h enter").types("X-Team").keys("tab").types("ants").keys("enter");
    assert_eq!(play.model.scopes.workspace.auth.value("token"), "t0ken-for-all");

    play.msg(Msg::Do(Action::PreviousTab));
    let shown = play.model.tab().preview.as_ref().unwrap();
    let from: Vec<_> = shown.headers.iter().filter_map(|h| h.from.clone()).collect();
    assert_eq!(from, ["the workspace", "the workspace"]);
    assert_eq!(shown.credential.inherited_from.as_deref(), Some("the workspace"));
    let request = play.connects_to("ws://a.example/");
    assert_eq!(request.draft.auth.value("token"), "t0ken-for-all");
    assert_eq!(request.draft.inherited_headers[0].0.value, "ants");
    // The request itself still says that it inherits.
    assert_eq!(play.model.tab().draft.auth.kind, INHERIT);
}

#[test]
fn a_tab_of_the_workspace_is_no_request() {
    let mut play = play();
    play.keys("ctrl+r");
    assert!(play.model.tab().conn.id.is_none());
    play.model.tab_mut().focus = Pane::Url;
    play.types("ws://b.example");
    assert_eq!(play.model.tab().draft.url, "");
    // Asked for again, it is the same tab.
    play.msg(Msg::Do(Action::PreviousTab)).msg(Msg::Do(Action::EditWorkspace));
    assert_eq!(play.model.tabs.len(), 2);
}

#[test]
fn a_folder_stands_between() {
    let mut play = play();
    play.model.tab_mut().draft.auth.kind = "basic".into();
    play.msg(Msg::Do(Action::PreviousTab));
    play.msg(Msg::Do(Action::EditFolder));
    assert_eq!(play.model.tabs.len(), 2, "there is no folder yet");
    play.msg(Msg::Do(Action::MoveToFolder)).types("../x").keys("enter");
    assert_eq!(play.model.modals.len(), 1, "that is no folder");
    play.keys("ctrl+a").types("team/chat").keys("enter");
    assert_eq!(play.model.tab().folder, "team/chat");
    play.msg(Msg::Do(Action::EditFolder));
    assert_eq!(play.model.tab().draft.auth.kind, INHERIT);
    play.model.tab_mut().draft.auth.kind = "bearer".into();
    play.keys("down enter").types("t0ken-of-chat").keys("enter");
    let (auth, from) = play.model.scopes.auth("team/chat/deep").unwrap();
    assert_eq!((auth.value("token"), &*from), ("t0ken-of-chat", "the folder team/chat"));
}

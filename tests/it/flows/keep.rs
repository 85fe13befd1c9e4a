//! What is kept between runs, and what is told of the user's files.

use crate::harness::{App, Home, Setup, practice};

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_saved_messages_come_back() {
    let server = practice().await;
    let url = server.url("/echo?x=1");
    let mut app = App::start().await;
    app.paste(&url).await;
    app.key("alt+m").await;
    app.type_text("half a thou").await;
    app.key("ctrl+k").await;
    app.wait_for("╭─ ").await;
    app.keys(&["ctrl+a", "delete"]).await;
    app.type_text("my message").await;
    app.key("enter").await;
    app.wait_for_line(&["my message"]).await;
    let home = app.quit().await;

    let mut app = App::at(home, Setup::default()).await;
    app.sees(&url);
    app.sees("half a thou");
    app.key("alt+v").await;
    app.sees("my message");
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    app.key("alt+v").await;
    app.key("s").await;
    app.wait_for_line(&["↓", "half a thou"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_comes_back_and_stands_in_no_shared_file() {
    let mut app = App::start().await;
    app.paste("ws://a.example/").await;
    app.key("alt+a").await;
    app.key("right").await;
    app.keys(&["down", "enter"]).await;
    app.type_text("hunter2hunter2").await;
    app.key("enter").await;
    let home = app.quit().await;
    let workspace = home.path().join("data/workspace");
    let mut files = 0;
    for entry in std::fs::read_dir(workspace.join("requests")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
        files += 1;
    }
    assert_eq!(files, 1);
    let mut app = App::at(home, Setup::default()).await;
    app.key("alt+a").await;
    app.key("alt+y").await;
    app.sees("hunter2hunter2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_is_told_and_the_rest_works() {
    let server = practice().await;
    let config = "[interface]\nclipboard = \"osc52\"\nthem = \"dark\"\n[log]\nmemory_mib = 0\n";
    let mut app = App::with(Setup { config, ..Setup::default() }).await;
    app.sees("2 problems in your files");
    app.sees("config.toml:3:1");
    app.sees("did you mean theme?");
    app.key("esc").await;
    app.sees_not("config.toml:3:1");
    app.paste(&server.url("/echo")).await;
    app.key("enter").await;
    app.wait_for("● CONNECTED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_is_too_small_says_so() {
    let mut app = App::start().await;
    app.resize(39, 9).await;
    app.sees("40x10");
    app.sees("39x9");
    app.resize(80, 24).await;
    app.sees_not("40x10");
    app.sees("NOT CONNECTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_file_that_cannot_be_read_is_told_and_kept() {
    let home = Home::new();
    let requests = home.path().join("data/workspace/requests");
    std::fs::create_dir_all(&requests).unwrap();
    std::fs::write(requests.join("broken.toml"), "url = ").unwrap();
    let mut app = App::at(home, Setup::default()).await;
    app.sees("1 problem in your files");
    app.sees("broken.toml");
    app.key("esc").await;
    app.paste("ws://a.example/").await;
    let home = app.quit().await;
    let kept = home.path().join("data/workspace/requests/broken.toml");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "url = ");
}

/// A command may not draw over the interface; what it said last is told in its place.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_says_becomes_a_part_of_the_error() {
    let server = practice().await;
    let mut draft = crate::harness::request(&server.url("/echo"));
    if let Some(draft) = &mut draft {
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", "cmd:echo vault | tr a-z A-Z >&2; exit 7".into());
    }
    let start = wsdeck::runtime::Start { request: draft, connect: true, ..Default::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("Run this command?").await;
    app.keys(&["left", "enter"]).await;
    app.wait_for("✗ FAILED").await;
    app.wait_for("VAULT").await;
}

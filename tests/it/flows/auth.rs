//! Authentication: choosing a way, seeing what will be sent, what is asked on the way.

use wsdeck::runtime::Start;

use crate::harness::{App, Setup, practice, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_way_is_found_by_name_and_its_token_goes_out_as_pasted() {
    let token = "practice-token";
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/auth/bearer")).await;
    app.key("alt+a").await;
    app.key("enter").await;
    app.wait_for("Way of authenticating").await;
    app.sees("Sent as it is");
    app.type_text("bearer").await;
    app.key("enter").await;
    // The cursor waits at the token, which takes a paste.
    app.paste(&format!("{token}\n")).await;
    app.sees("14 chars");
    app.sees_not(token);
    app.key("enter").await;
    // What will be sent stands beside the form.
    app.wait_for_line(&["Authorization", "Bearer ••••••"]).await;
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    let seen = server.request(0).await.unwrap();
    assert_eq!(seen.header("Authorization"), Some(format!("Bearer {token}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_after_a_yes_and_not_without() {
    let server = practice().await;
    let mut draft = request(&server.url("/auth/bearer"));
    if let Some(draft) = &mut draft {
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", "cmd:printf practice-token".into());
    }
    let start = Start { request: draft, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.key("alt+a").await;
    app.sees("cmd:printf practice-token");
    app.key("ctrl+r").await;
    app.wait_for("Run this command?").await;
    app.sees("printf practice-token");
    app.key("enter").await;
    app.wait_for("✗ FAILED").await;
    app.key("ctrl+r").await;
    app.wait_for("Run this command?").await;
    app.keys(&["left", "enter"]).await;
    app.wait_for("● CONNECTED").await;
    let seen = server.request(0).await.unwrap();
    assert_eq!(seen.header("Authorization"), Some("Bearer practice-token".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_leads_from_address_to_connection() {
    let server = practice().await;
    let mut app = App::start().await;
    app.palette("connect to modelarts").await;
    app.wait_for("Connect to ModelArts").await;
    app.key("ctrl+a").await;
    app.paste(&server.url("/auth/basic")).await;
    app.key("enter").await;
    app.wait_for("Way of authenticating").await;
    app.type_text("basic").await;
    app.key("enter").await;
    app.wait_for("(1 of 2)").await;
    app.type_text("practice").await;
    app.key("enter").await;
    app.wait_for("(2 of 2)").await;
    app.type_text("practice-password").await;
    app.sees_not("practice-password");
    app.key("enter").await;
    app.wait_until("its end", |p| p.has("● CONNECTED") || p.has("✗ FAILED")).await;
    let seen = server.request(0).await.unwrap();
    let sent = seen.header("Authorization").unwrap_or_default();
    assert!(sent.starts_with("Basic "), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_workspace_sets_is_seen_at_the_request_and_goes_out() {
    let server = practice().await;
    let start = Start { request: request(&server.url("/auth/bearer")), ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.key("alt+a").await;
    app.key("w").await;
    app.type_text("folder or work").await;
    app.key("enter").await;
    app.wait_for("Neither a folder around nor the workspace").await;
    app.key("ctrl+p").await;
    app.type_text("whole workspace").await;
    app.key("enter").await;
    app.wait_for("Auth and headers that the workspace gives to its requests").await;
    app.key("w").await;
    app.type_text("bearer").await;
    app.key("enter").await;
    app.paste("practice-token").await;
    app.key("enter").await;
    app.key("ctrl+n").await;
    app.wait_for("Bearer token, from the workspace").await;
    app.sees_not("practice-token");
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    // It comes back with the workspace, and stands in no shared file.
    let home = app.quit().await;
    let file = home.path().join("data/workspace/workspace.toml");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("bearer") && !text.contains("practice-token"), "{text}");
    let mut app = App::at(home, Setup::default()).await;
    app.key("alt+a").await;
    app.wait_for("Bearer token, from the workspace").await;
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_signs_anew() {
    let server = practice().await;
    let mut draft = request(&server.url("/echo"));
    if let Some(draft) = &mut draft {
        draft.auth.kind = "hmac".into();
        draft.auth.set("key", "practice".into());
        draft.auth.set("secret", "practice-hmac-secret".into());
        draft.auth.set("nonce-name", "X-Nonce".into());
        draft.auth.set("template", "{{target}}\\n{{nonce}}".into());
        draft.settings.reconnect_attempts = 5;
        draft.settings.reconnect_interval_ms = 1;
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("● CONNECTED").await;
    server.drop_all_connections();
    app.wait_for("reconnected (attempt 1)").await;
    let (first, second) = (server.request(0).await.unwrap(), server.request(1).await.unwrap());
    for name in ["X-Nonce", "Authorization"] {
        let (old, new) = (first.header(name), second.header(name));
        assert!(old.is_some() && new.is_some() && old != new, "{name}: {old:?} {new:?}");
    }
}

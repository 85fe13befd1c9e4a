//! Every tab of the demo does what its name says.

use crate::harness::{App, Setup};
use wsdeck::runtime::Start;

/// Name of the tab, whether it is sent to, and a line that shows what it is for.
const SHOWS: [(&str, bool, &[&str]); 14] = [
    ("echo", true, &["↓", "hello"]),
    ("clock", false, &["↓", "\"tick\":1"]),
    ("json", true, &["↓", "\"ok\":true"]),
    ("token", true, &["↓", "signed in"]),
    ("trusted tls", true, &["↓", "over TLS"]),
    ("flood", false, &["CLOSED 1000"]),
    ("socket.io", true, &["↓", "40{\"sid\""]),
    ("escape attack", false, &["\\x1b["]),
    ("wrong scheme", false, &["FAILED tls/plain-http-server"]),
    ("ws to tls", false, &["✗ FAILED http/"]),
    ("untrusted", false, &["✗ FAILED tls/cert-"]),
    ("no token", false, &["HTTP", "401 Unauthorized"]),
    ("not found", false, &["HTTP", "404 Not Found"]),
    ("dropped", true, &["CLOSED 1006"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_tab_shows_what_its_name_says() {
    let start = Start { demo: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.sees("Practice server: Enter connects");
    for (at, (name, sends, shows)) in SHOWS.iter().enumerate() {
        if at > 0 {
            app.key("ctrl+pagedown").await;
        }
        app.sees(&format!("{} {name} ○", at + 1));
        app.key("ctrl+r").await;
        if *sends {
            app.wait_for("● CONNECTED").await;
            app.key("ctrl+s").await;
        }
        app.wait_for_line(shows).await;
    }
    // Nothing of it is kept.
    let home = app.quit().await;
    assert!(!home.path().join("data/workspace").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_messages_of_the_demo_cover_the_five_types() {
    let start = Start { demo: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    app.key("alt+v").await;
    for shown in ["Good morning", "\"prompt\"", "<order", "<b>bold</b>", "de ad be ef"] {
        app.key("s").await;
        app.wait_for_line(&["↓", shown]).await;
        app.key("down").await;
    }
}

//! The workspace of `wsdeck demo`: what works first, then one tab for each kind of trouble.
//!
//! All of it happens on this machine's loopback, against the practice server in this process. It
//! is kept nowhere.

use std::io;

use tempfile::TempDir;

use crate::app::model::{Level, Model, SavedMessage};
use crate::core::request::RequestDraft;
use crate::core::secret::Secret;
use crate::net::clock::Clock;
use crate::payload::{BinaryForm, Kind};
use crate::practice::{Options, Server, credentials};

/// The running practice server, with the file that its TLS port's authority stands in.
#[derive(Debug)]
pub struct Practice {
    server: Server,
    _files: TempDir,
}

impl Practice {
    /// The server that the tabs talk to.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }
}

/// A tab of the demo: its name, its request, and what stands in its composer.
struct Show {
    name: &'static str,
    draft: RequestDraft,
    kind: Kind,
    text: &'static str,
}

/// Starts the server and opens the tabs; the first one is in front.
///
/// # Errors
/// If no port can be bound on loopback, or the authority's file cannot be written.
pub async fn open(model: &mut Model) -> io::Result<Practice> {
    let server = Server::start(Options::default()).await?;
    let files = tempfile::Builder::new().prefix("wsdeck-demo-").tempdir()?;
    let ca = files.path().join("practice-ca.pem");
    std::fs::write(&ca, server.ca_pem())?;

    for show in shows(&server, &ca.to_string_lossy()) {
        let tab = model.push_tab(show.draft, show.name.to_owned());
        tab.composer.kind = show.kind;
        tab.composer.editor.reset_text(show.text);
        if show.name == "echo" {
            tab.saved = messages();
        }
    }
    // The empty tab that every model begins with.
    model.tabs.remove(0);
    model.active = 0;
    // Short enough for 80 columns beside the state.
    let text = "Practice server: Enter connects, Ctrl+N goes to the next tab.";
    model.say(Level::Info, text, Clock::process().now());
    Ok(Practice { server, _files: files })
}

fn shows(server: &Server, ca: &str) -> Vec<Show> {
    let draft = |url: String| {
        let mut draft = RequestDraft::default();
        draft.set_url(url);
        draft
    };
    let show = |name, draft, kind, text| Show { name, draft, kind, text };
    let plain = |name, path: &str| show(name, draft(server.url(path)), Kind::Json, "");
    let bearer = |token: &str| {
        let mut draft = draft(server.url("/auth/bearer"));
        draft.auth.kind = "bearer".into();
        if !token.is_empty() {
            draft.auth.set("token", Secret::new(token));
        }
        draft
    };
    // The bare name instead of a typed one, so that nothing but the scheme is wrong.
    let wrong_scheme = server.url("/echo").replacen("ws://", "wss://", 1);
    let wrong_port = server.tls_url("/echo").replacen("wss://", "ws://", 1);
    let untrusted = draft(server.tls_url("/echo"));
    let mut trusted = untrusted.clone();
    trusted.settings.ca_file = ca.to_owned();
    let mut no_token = draft(server.url("/auth/bearer"));
    no_token.auth.kind = "none".into();

    vec![
        show("echo", draft(server.url("/echo")), Kind::Json, "{\n  \"hello\": \"world\"\n}"),
        plain("clock", "/clock"),
        show("json", draft(server.url("/json")), Kind::Json, "{\"question\": 6, \"times\": 7}"),
        show("token", bearer(credentials::TOKEN), Kind::Text, "signed in"),
        show("trusted tls", trusted, Kind::Text, "over TLS"),
        show("flood", draft(server.url("/flood?count=100000")), Kind::Text, ""),
        show("socket.io", draft(socket_io(server)), Kind::Text, "40"),
        show("escape attack", draft(server.url("/escape")), Kind::Text, ""),
        show("wrong scheme", draft(wrong_scheme), Kind::Text, ""),
        show("ws to tls", draft(wrong_port), Kind::Text, ""),
        show("untrusted", untrusted, Kind::Text, ""),
        show("no token", no_token, Kind::Text, ""),
        show("not found", draft(server.url("/no/such/path")), Kind::Text, ""),
        show("dropped", draft(server.url("/drop?after=1")), Kind::Text, "the last words"),
    ]
}

fn socket_io(server: &Server) -> String {
    server.url("/socket.io/?EIO=4&transport=websocket")
}

/// One message of each type, to send with a key.
fn messages() -> Vec<SavedMessage> {
    let message = |name: &str, kind, text: &str| SavedMessage {
        name: name.to_owned(),
        kind,
        form: BinaryForm::default(),
        text: text.to_owned(),
        on_open: false,
    };
    vec![
        message("greeting", Kind::Text, "Good morning, server."),
        message("question", Kind::Json, "{\"prompt\": \"hello\", \"stream\": true}"),
        message("order", Kind::Xml, "<order id=\"7\"><item>tea</item></order>"),
        message("page", Kind::Html, "<p>A <b>bold</b> word.</p>"),
        message("four bytes", Kind::Binary, "de ad be ef"),
    ]
}

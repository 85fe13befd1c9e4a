//! One connection tab: a request, its composer, its connection and its log.

use std::sync::Arc;

use super::{
    Composer, Connection, FormState, HandshakeState, LogPane, Pane, RequestTab, SavedMessage,
    TableKind, TableState,
};
use crate::config::Settings;
use crate::core::evidence::CredentialFacts;
use crate::core::request::{self, Files, FirstMessage, RequestDraft, Scopes, WireHeader};
use crate::core::time::Micros;
use crate::core::url::UrlProblem;
use crate::editor::{Editor, Field};
use crate::payload::{BinaryForm, Kind};

/// Names a tab as long as the program runs; places change, ids do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TabId(pub u64);

/// Whose headers and authentication a tab holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    Workspace,
    /// By its path.
    Folder(String),
}

impl Shared {
    /// `the workspace`, `the folder team/chat`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Shared::Workspace => "the workspace".into(),
            Shared::Folder(path) => format!("the folder {path}"),
        }
    }
}

/// An address for what is shown of authentication without a request.
const ANY_ADDRESS: &str = "wss://service.example/";

/// What would go out if Connect were pressed now.
#[derive(Clone, Debug)]
pub struct Preview {
    pub headers: Vec<WireHeader>,
    /// Sentences about what was mended in the address.
    pub mends: Vec<String>,
    /// Remarks on the credential.
    pub notes: Vec<String>,
    /// Path and query as they will go out, secrets masked.
    pub target: String,
    /// What was computed for it, secrets masked.
    pub credential: CredentialFacts,
    /// Messages that are sent first, secrets masked.
    pub first_messages: Vec<String>,
    /// What of it is not there yet.
    pub pending: Option<String>,
}

pub struct Tab {
    pub id: TabId,
    /// Given by the user; empty to show the host.
    pub name: String,
    pub draft: RequestDraft,
    /// Folder of the request, parts joined with `/`; empty for the top of the workspace.
    pub folder: String,
    /// The tab holds what a workspace or folder gives to its requests, in `draft`'s way of
    /// authenticating and headers, instead of a request.
    pub shares: Option<Shared>,
    /// What folders and workspace give; the same for all tabs.
    pub scopes: Arc<Scopes>,
    /// The field behind the URL line; `draft.url` follows it.
    pub url: Editor,
    /// Place in the history while the up key walks through it, and what was typed before.
    pub history: Option<(usize, String)>,
    pub request_tab: RequestTab,
    pub focus: Pane,
    pub composer: Composer,
    pub params: TableState,
    pub headers: TableState,
    pub auth: FormState,
    pub settings: FormState,
    pub saved: Vec<SavedMessage>,
    pub saved_cursor: usize,
    pub conn: Connection,
    pub log: LogPane,
    pub handshake: HandshakeState,
    /// The request as it would go out, or what keeps it from that; follows the draft.
    pub preview: Result<Preview, UrlProblem>,
    /// Messages that came while the tab was not in front.
    pub unseen: u64,
}

impl Tab {
    #[must_use]
    pub fn new(id: TabId, name: String, draft: RequestDraft, settings: &Settings) -> Tab {
        let mut url = Editor::for_field(
            Field::url().placeholder("wss://host/path — type or paste an address"),
        );
        url.reset_text(&draft.url);
        let mut tab = Tab {
            id,
            name,
            draft,
            folder: String::new(),
            shares: None,
            scopes: Arc::default(),
            url,
            history: None,
            request_tab: RequestTab::default(),
            focus: Pane::Url,
            composer: Composer::new(settings),
            params: TableState::new(TableKind::Params),
            headers: TableState::new(TableKind::Headers),
            auth: FormState::default(),
            settings: FormState::default(),
            saved: Vec::new(),
            saved_cursor: 0,
            conn: Connection::default(),
            log: LogPane::new(settings),
            handshake: HandshakeState::default(),
            preview: Err(UrlProblem::Empty),
            unseen: 0,
        };
        tab.refresh_preview(Micros(0));
        tab
    }

    /// What the tab bar shows: its name, or the host of its address, or "new".
    #[must_use]
    pub fn title(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        match &self.shares {
            Some(Shared::Workspace) => return "workspace".into(),
            Some(Shared::Folder(path)) => return format!("{path}/"),
            None => {}
        }
        match crate::core::url::read(&self.draft.url) {
            Ok(address) => {
                let path = address.target.split('?').next().unwrap_or("/");
                let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
                if last.is_empty() { address.host } else { format!("{} {last}", address.host) }
            }
            Err(_) => "new".into(),
        }
    }

    /// Writes down anew what would go out. `now` judges a token's expiry.
    pub fn refresh_preview(&mut self, now: Micros) {
        let draft = self.effective();
        self.preview = crate::auth::preview(&draft, Files::default(), now).map(|spec| Preview {
            mends: spec.address.mends.iter().map(|mend| mend.sentence()).collect(),
            notes: spec.facts.credential_notes.clone(),
            target: spec.facts.target.clone(),
            credential: spec.facts.credential,
            first_messages: spec.first_messages.into_iter().map(|first| first.shown).collect(),
            pending: spec.pending,
            headers: spec.headers,
        });
    }

    /// The request with all that it inherits.
    #[must_use]
    pub fn effective(&self) -> RequestDraft {
        let mut draft = self.scopes.effective(&self.folder, &self.draft);
        // The one that the way sends goes first, and only once.
        let of_way = match draft.auth.kind.as_str() {
            "first-message" => draft.auth.value("saved").trim().to_owned(),
            _ => String::new(),
        };
        draft.first_messages = self
            .saved
            .iter()
            .filter(|saved| saved.kind != Kind::Binary && saved.form != BinaryForm::File)
            .filter(|saved| saved.on_open || saved.name == of_way)
            .map(|saved| request::SavedMessage {
                name: saved.name.clone(),
                on_open: saved.name != of_way,
                message: FirstMessage::plain(&saved.text),
            })
            .collect();
        if self.shares.is_some() {
            draft.set_url(ANY_ADDRESS.into());
        }
        draft
    }

    /// Changes the URL from elsewhere than its field, which follows.
    pub fn set_url(&mut self, text: &str) {
        self.url.set_text(text);
        self.draft.set_url(text.to_owned());
    }

    /// Takes over what stands in the URL field.
    pub fn url_edited(&mut self) {
        let text = self.url.text();
        if text != self.draft.url {
            self.draft.set_url(text);
        }
    }

    /// The field follows a draft that was changed elsewhere (a table, a remedy).
    pub fn draft_changed(&mut self) {
        if self.url.text() != self.draft.url {
            let url = self.draft.url.clone();
            self.url.set_text(&url);
        }
    }
}

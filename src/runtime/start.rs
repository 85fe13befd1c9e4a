//! From the command line's wishes to a running interface.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::clipboard::Surroundings;
use super::demo::{self, Practice};
use super::program::Program;
use super::sessions::Sessions;
use super::signals::Signals;
use super::terminal::RealConsole;
use super::trace;
use super::workspace::Saver;
use crate::app::Msg;
use crate::app::model::{Level, Modal, Model};
use crate::app::update::reflow;
use crate::config::{self, Places};
use crate::core::action::Action;
use crate::core::proxy::ProxyEnvironment;
use crate::core::request::RequestDraft;
use crate::credentials::Kept;
use crate::editor::{Editor, Mode, Viewport};
use crate::net::clock::Clock;
use crate::store::Paths;
use crate::tui::Styles;

/// Threads for connections; blocking work has its own.
const WORKERS: usize = 2;

/// What the interface begins with.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The request to open, with references to secrets resolved; `None` for none.
    pub request: Option<RequestDraft>,
    /// Connect at once.
    pub connect: bool,
    /// Start the practice server and open the workspace that shows it; nothing is kept.
    pub demo: bool,
    /// Settings file or folder given by hand.
    pub config: Option<PathBuf>,
    /// Workspace folder given by hand; else `.wsdeck` here if there is one, else that of the user.
    pub workspace: Option<PathBuf>,
}

/// Everything that a [`Program`] needs beside a console.
pub struct Opening {
    pub(super) model: Model,
    pub(super) styles: Styles,
    pub(super) saver: Option<Saver>,
    pub(super) clock: Clock,
    pub(super) around: Surroundings,
    pub(super) first: Vec<Msg>,
    pub(super) practice: Option<Practice>,
    /// Empty until [`run`] fills it in, so that tests are not led astray by their surroundings.
    pub(super) proxies: ProxyEnvironment,
    /// Where credentials are kept.
    pub(super) kept: Kept,
    /// Where logs are kept.
    pub(super) sessions: Sessions,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening").field("practice", &self.practice).finish_non_exhaustive()
    }
}

/// Runs the interface on this process's terminal.
///
/// # Errors
/// If there is no terminal, or something of the system that cannot be done without fails.
pub fn run(start: &Start) -> anyhow::Result<ExitCode> {
    let places = Places::find(start.config.as_deref(), |name| std::env::var_os(name))
        .context("no home folder: set WSDECK_CONFIG_DIR and WSDECK_DATA_DIR")?;
    let filter = std::env::var("WSDECK_LOG").ok();
    // Without the log file everything else works.
    let _log = trace::begin(&places.data_dir, filter.as_deref());
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .context("starting the threads")?;
    let ending = threads.block_on(async {
        let mut opening = Opening::prepare(start, &places).await?;
        // The demo happens on this machine only, where no proxy could lead back to.
        if !start.demo {
            opening.proxies = ProxyEnvironment::read(|name| std::env::var(name).ok());
        }
        let signals = Signals::listen().context("listening to signals")?;
        let mouse = opening.model.settings.interface.mouse;
        let console = RealConsole::open(mouse).context("opening the terminal")?;
        Program::new(opening, console, Program::<RealConsole>::PACE).run(Some(signals)).await
    });
    // A name that is being looked up, or a file on a dead server, must not hold up the end.
    threads.shutdown_background();
    Ok(ending?.exit_code())
}

impl Opening {
    /// Reads settings and workspace. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If the practice server of the demo cannot be started; files never keep it from starting.
    pub async fn prepare(start: &Start, places: &Places) -> anyhow::Result<Opening> {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let plain = set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let loaded = config::load(places, plain);
        let clock = Clock::process();
        let styles = Styles::from(&loaded.theme);
        let mut model = Model::new(loaded.keymap, loaded.settings);
        model.zone = jiff::tz::TimeZone::system();
        model.problems = loaded.problems.iter().map(to_read).collect();
        let settings = model.settings.request.clone();
        model.tab_mut().draft.settings = settings;

        let (mut saver, mut practice) = (None, None);
        // The demo keeps nothing.
        let mut kept = Kept::default();
        let sessions;
        if start.demo {
            sessions = Sessions::passing(&model.settings, clock.now());
            practice = Some(demo::open(&mut model).await.context("starting the practice server")?);
        } else {
            let paths =
                Paths { config_dir: places.config_dir.clone(), data_dir: places.data_dir.clone() };
            let here = Path::new(".wsdeck");
            let workspace = match &start.workspace {
                Some(named) => named.clone(),
                None if here.is_dir() => here.to_owned(),
                None => paths.default_workspace(),
            };
            let private = paths.private_dir(&workspace);
            kept = Kept { jar: Some(private.join("cookies.json")), private: Some(private) };
            let (loaded, problems) = Saver::load(&paths, &workspace, &mut model);
            model.problems.extend(problems);
            let (names, settings) = (loaded.names(), &model.settings);
            sessions = Sessions::of(&paths, &workspace, names, settings, clock.now());
            sessions.hold(&model);
            saver = Some(loaded);
        }
        let now = clock.now();
        let mut first = Vec::new();
        let drafts = saver.as_ref().map(|saver| saver.found.clone()).unwrap_or_default();
        first.extend(
            drafts.into_iter().map(|(tab, path)| Msg::DraftFound {
                tab,
                path: path.to_string_lossy().into_owned(),
            }),
        );
        if let Some(request) = &start.request {
            open_request(&mut model, request);
            if start.connect {
                first.push(Msg::Do(Action::Connect));
            }
        }
        for tab in &mut model.tabs {
            tab.refresh_preview(now);
        }
        tell_problems(&mut model, now);
        let around = Surroundings::from_env(set);
        Ok(Opening {
            model,
            styles,
            saver,
            clock,
            around,
            first,
            practice,
            proxies: ProxyEnvironment::default(),
            kept,
            sessions,
        })
    }
}

/// Goes to the tab that shows this request already, or opens one.
fn open_request(model: &mut Model, request: &RequestDraft) {
    if let Some(index) = model.tabs.iter().position(|tab| tab.draft == *request) {
        model.active = index;
        return;
    }
    let blank = model.tabs.len() == 1 && model.tab().draft.url.is_empty();
    model.push_tab(request.clone(), String::new());
    if blank && model.tabs[0].saved.is_empty() && model.tabs[0].composer.editor.is_empty() {
        model.tabs.remove(0);
        model.active = 0;
    }
}

/// A problem on several lines: where, what, what to do.
fn to_read(problem: &config::Problem) -> String {
    let mut text = problem.file.display().to_string();
    if problem.line > 0 {
        text = format!("{text}:{}:{}", problem.line, problem.column);
    }
    for part in [&problem.message, &problem.hint] {
        if !part.is_empty() {
            text = format!("{text}\n- {part}");
        }
    }
    text
}

/// What is wrong with the user's files: a sentence in the footer, and all of it to read.
fn tell_problems(model: &mut Model, now: crate::core::time::Micros) {
    let count = model.problems.len();
    if count == 0 {
        return;
    }
    let plural = if count == 1 { "problem" } else { "problems" };
    let mut text = String::from(
        "What is wrong is left out, and the default stands in. Everything else works.\n",
    );
    for problem in &model.problems {
        text.push('\n');
        text.push_str(problem);
        text.push('\n');
    }
    let mut editor = Editor::new(Mode::Text);
    editor.reset_text(&reflow(&text, 72));
    let mut viewport = Viewport::new(80, 12);
    viewport.wrap = true;
    let title = format!("{count} {plural} in your files");
    model.say(Level::Warning, format!("{title}."), now);
    model.modals.push(Modal::Text { title, source: None, text: editor, viewport });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_open_already_is_gone_to() {
        let keymap = crate::config::Keymap::layered(None, Path::new("")).0;
        let mut model = Model::new(keymap, crate::config::Settings::default());
        let request = |url: &str| {
            let mut draft = RequestDraft::default();
            draft.set_url(url.into());
            draft
        };
        // The first one takes the place of the empty tab.
        open_request(&mut model, &request("ws://a.example/"));
        open_request(&mut model, &request("ws://b.example/"));
        assert_eq!((model.tabs.len(), model.active), (2, 1));
        open_request(&mut model, &request("ws://a.example/"));
        assert_eq!((model.tabs.len(), model.active), (2, 0));
    }
}

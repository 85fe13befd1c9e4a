//! References to secrets, so that none has to stand in a shared file or in the shell's history.

use std::collections::HashMap;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::agreed::Agreed;
use super::files::path_of;
use super::{Attendant, Kept, command};
use crate::auth;
use crate::core::credential::Question;
use crate::core::reference::{self, Piece, Reference, pieces};
use crate::core::request::{FirstMessage, RequestDraft};
use crate::core::secret::Secret;
use crate::core::url::{self, UrlProblem};
use crate::store::{NamedSecrets, Paths, keyring};

/// Far more than any key or token; a mistyped path must not fill the memory.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Resolves a value that its owner has given in person, on a command line: a command is run
/// without asking, and may use the terminal. A value that is no reference stands for itself.
/// Must not be called by a task.
///
/// # Errors
/// A sentence, if the variable is not set, the file cannot be read or the command fails. It never
/// holds the value.
pub fn resolve_given(value: &str) -> Result<Secret, String> {
    // In braces it may as well be meant for later; on a command line only the bare form counts.
    match Reference::read(value).filter(|_| !value.trim_start().starts_with("{{")) {
        Some(Reference::Cmd(command)) => run_apart(&command),
        Some(reference) => Sources::default().read(&reference),
        None => Ok(Secret::from(value)),
    }
}

/// Runs a command for whoever has no tasks.
fn run_apart(text: &str) -> Result<Secret, String> {
    let run = || {
        let tasks = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let tasks = tasks.map_err(|error| format!("refers to a command: {error}"))?;
        tasks.block_on(command::run(text, true)).map_err(|error| error.to_string())
    };
    let done = std::thread::scope(|scope| scope.spawn(run).join());
    done.unwrap_or_else(|_| Err("refers to a command: running it failed in wsdeck itself".into()))
}

/// Where secrets are read from.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The file of named secrets; `None` for that of this process's user.
    named: Option<PathBuf>,
    agreed: Agreed,
}

/// What was read for one attempt: a reference that stands twice is read once, so that a command
/// runs once.
type Found = HashMap<Reference, Secret>;

impl Sources {
    /// The file of named secrets lies beside the folders of all workspaces.
    pub(super) fn new(kept: &Kept) -> Sources {
        let named = kept.private.as_deref().and_then(|dir| dir.parent());
        Sources {
            named: named.map(|dir| dir.join(Paths::NAMED_SECRETS)),
            agreed: Agreed::new(kept.private.clone()),
        }
    }

    /// Puts secrets in place of references: in the fields of the chosen way and the certificate's
    /// password, and in braces in values of headers, in the address, the proxy and the
    /// subprotocols. Gives what was put there.
    ///
    /// # Errors
    /// [`UrlProblem::Auth`] for the first that cannot be resolved.
    pub(super) async fn resolve(
        &self,
        draft: &mut RequestDraft,
        attendant: &dyn Attendant,
    ) -> Result<Vec<Secret>, UrlProblem> {
        let mut found = Found::new();
        let kind = draft.auth.kind.clone();
        let prefix = format!("{kind}.");
        for (key, value) in &mut draft.auth.values {
            let label = match key.strip_prefix(&prefix) {
                Some(field) => auth::find(&kind)
                    .and_then(|way| way.fields().iter().find(|known| known.name == field))
                    .map_or(field, |known| known.label),
                None if key == "certificate.password" => "The certificate's password",
                None => continue,
            };
            if let Some(reference) = Reference::read(value.expose()) {
                *value = self.one(label, reference, &mut found, attendant).await?;
            } else if let Some(text) =
                self.within(label, value.expose(), str::to_owned, &mut found, attendant).await?
            {
                *value = text;
            }
        }
        let inherited = draft.inherited_headers.iter_mut().map(|(row, _)| row);
        for row in draft.headers.iter_mut().chain(inherited).filter(|row| row.enabled) {
            let name = format!("The header {}", row.name);
            let text = self.within(&name, &row.value, str::to_owned, &mut found, attendant).await?;
            if let Some(text) = text {
                text.expose().clone_into(&mut row.value);
            }
        }
        // In an address a secret must not end its part, whatever characters it has.
        let encode = |text: &str| url::encode_all(text);
        let whole = self.within("The address", &draft.url, encode, &mut found, attendant).await?;
        if let Some(whole) = whole {
            draft.set_url(whole.expose().to_owned());
        }
        let proxy = draft.settings.proxy.clone();
        let proxy = self.within("The proxy", &proxy, encode, &mut found, attendant).await?;
        if let Some(proxy) = proxy {
            proxy.expose().clone_into(&mut draft.settings.proxy);
        }
        for item in &mut draft.settings.subprotocols {
            let text =
                self.within("A subprotocol", item, str::to_owned, &mut found, attendant).await?;
            if let Some(text) = text {
                text.expose().clone_into(item);
            }
        }
        let mut escaped = Vec::new();
        for saved in &mut draft.first_messages {
            let whose = format!("The saved message {}", saved.name);
            let text = saved.message.text.clone();
            let made =
                self.in_message(&whose, text.expose(), &mut found, &mut escaped, attendant).await?;
            if let Some(message) = made {
                saved.message = message;
            }
        }
        escaped.extend(found.into_values());
        Ok(escaped)
    }

    /// A message with secrets in place of its references, escaped where they stand in a JSON
    /// string; `None` if it has none. The escaped forms are secrets as well.
    async fn in_message(
        &self,
        whose: &str,
        text: &str,
        found: &mut Found,
        escaped: &mut Vec<Secret>,
        attendant: &dyn Attendant,
    ) -> Result<Option<FirstMessage>, UrlProblem> {
        if !text.contains("{{") || !reference::is_in(text) {
            return Ok(None);
        }
        let mut out = FirstMessage::default();
        let mut before = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => {
                    out.push(text);
                    before.push_str(text);
                }
                Piece::Reference(reference) => {
                    let value = self.one(whose, reference, found, attendant).await?;
                    if auth::json::is_inside_string(&before) {
                        let form = Secret::from(auth::json::escaped(value.expose()));
                        out.push_secret(form.expose());
                        escaped.push(form);
                    } else {
                        out.push_secret(value.expose());
                    }
                }
            }
        }
        Ok(Some(out))
    }

    /// The text with secrets in place of its references in braces, each in the form that `form`
    /// makes of it; `None` if it has none.
    async fn within(
        &self,
        whose: &str,
        text: &str,
        form: impl Fn(&str) -> String,
        found: &mut Found,
        attendant: &dyn Attendant,
    ) -> Result<Option<Secret>, UrlProblem> {
        if !text.contains("{{") || !reference::is_in(text) {
            return Ok(None);
        }
        let mut out = Zeroizing::new(String::new());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Reference(reference) => {
                    let value = self.one(whose, reference, found, attendant).await?;
                    out.push_str(&Zeroizing::new(form(value.expose())));
                }
            }
        }
        Ok(Some(Secret::from(out.as_str())))
    }

    async fn one(
        &self,
        whose: &str,
        reference: Reference,
        found: &mut Found,
        attendant: &dyn Attendant,
    ) -> Result<Secret, UrlProblem> {
        if let Some(known) = found.get(&reference) {
            return Ok(known.clone());
        }
        let failed = |why: String| UrlProblem::Auth { why: format!("{whose} {why}") };
        let value = if let Reference::Cmd(text) = &reference {
            self.agree(whose, text, attendant).await?;
            let run = command::run(text, attendant.has_terminal()).await;
            run.map_err(|error| failed(error.to_string()))?
        } else {
            let (reader, wanted) = (self.for_a_thread(), reference.clone());
            let read = tokio::task::spawn_blocking(move || reader.read(&wanted)).await;
            let read = read.unwrap_or_else(|_| Err("could not be read by wsdeck itself".into()));
            read.map_err(failed)?
        };
        found.insert(reference, value.clone());
        Ok(value)
    }

    /// Goes on only if the command's owner has agreed to it.
    async fn agree(
        &self,
        whose: &str,
        text: &str,
        attendant: &dyn Attendant,
    ) -> Result<(), UrlProblem> {
        if attendant.has_typed(text) || self.agreed.holds(text) {
            return Ok(());
        }
        let question = Question::RunCommand { command: text.to_owned(), whose: whose.into() };
        if !attendant.ask(question).await {
            return Err(UrlProblem::Auth {
                why: format!("{whose} comes from the command `{text}`, which was not allowed"),
            });
        }
        self.agreed.remember(text);
        Ok(())
    }

    fn for_a_thread(&self) -> Sources {
        Sources { named: self.named.clone(), agreed: Agreed::default() }
    }

    /// Reads one that is no command; the error goes on behind the name of the field: `refers to
    /// the file …`. Blocks.
    fn read(&self, reference: &Reference) -> Result<Secret, String> {
        match reference {
            Reference::Env(name) => match std::env::var(name) {
                Ok(value) => Ok(Secret::new(value)),
                Err(std::env::VarError::NotPresent) => {
                    Err(format!("refers to the environment variable {name}, which is not set"))
                }
                Err(std::env::VarError::NotUnicode(_)) => Err(format!(
                    "refers to the environment variable {name}, which is not valid UTF-8"
                )),
            },
            Reference::File(path) => read_file(path)
                .map_err(|why| format!("refers to the file {path}, which cannot be read: {why}")),
            Reference::Cmd(command) => run_apart(command),
            Reference::Keyring(name) => keyring::get(name)
                .map_err(|error| format!("refers to the keyring's entry {name}: {error}")),
            Reference::Named(name) => self
                .named_secret(name)
                .map_err(|error| format!("refers to the secret named {name}: {error}")),
        }
    }

    fn named_secret(&self, name: &str) -> Result<Secret, String> {
        let file = match &self.named {
            Some(file) => file.clone(),
            None => Paths::of_process().map_err(|error| error.to_string())?.named_secrets_file(),
        };
        let named = NamedSecrets::load(&file).map_err(|error| error.to_string())?;
        named.get(name).map_err(|error| error.to_string())
    }
}

fn read_file(path: &str) -> Result<Secret, String> {
    use std::io::Read as _;

    let file = std::fs::File::open(path_of(path)).map_err(|error| error.to_string())?;
    let mut text = Zeroizing::new(String::new());
    let read = file.take(LARGEST_FILE + 1).read_to_string(&mut text);
    read.map_err(|error| error.to_string())?;
    if text.len() as u64 > LARGEST_FILE {
        return Err("it is larger than 1 MiB".into());
    }
    Ok(command::without_line_break(&text))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::future::BoxFuture;

    use super::*;
    use crate::core::credential::Notice;
    use crate::core::headers::HeaderRow;
    use crate::store::write_private;

    fn value(text: &str) -> String {
        resolve_given(text).unwrap().expose().to_owned()
    }

    /// Answers every question alike, and notes what was asked.
    #[derive(Default)]
    struct Person {
        says: bool,
        asked: Mutex<Vec<Question>>,
    }

    impl Attendant for Person {
        fn ask(&self, question: Question) -> BoxFuture<'_, bool> {
            self.asked.lock().unwrap().push(question);
            Box::pin(std::future::ready(self.says))
        }

        fn tell(&self, _notice: Notice) {}
    }

    fn sources(dir: &std::path::Path) -> Sources {
        let private = Some(dir.join("private/workspace-1"));
        Sources::new(&Kept { private, ..Kept::default() })
    }

    #[test]
    fn a_plain_value_stands_for_itself() {
        assert_eq!(value("environment:x"), "environment:x");
        assert_eq!(value(""), "");
    }

    #[test]
    fn a_file_loses_one_line_break() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        for (content, expected) in
            [("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), (" abc", " abc"), ("", "")]
        {
            std::fs::write(&path, content).unwrap();
            assert_eq!(value(&format!("file:{}", path.display())), expected, "{content:?}");
        }
        std::fs::File::create(&path).unwrap().set_len(LARGEST_FILE + 1).unwrap();
        assert!(resolve_given(&format!("file:{}", path.display())).unwrap_err().contains("1 MiB"));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_run_by_the_shell() {
        assert_eq!(value("cmd:printf 'a b\\n' | tr a x"), "x b");
        let failed = resolve_given("cmd:echo s3cret; exit 3").unwrap_err();
        assert!(failed.contains("exit status: 3"), "{failed}");
    }

    #[test]
    fn what_cannot_be_resolved_is_a_usage_error() {
        for text in ["env:WSDECK_NO_SUCH_VARIABLE", "file:/no/such/file"] {
            let why = resolve_given(text).unwrap_err();
            assert!(why.starts_with("refers to the "), "{why}");
        }
    }

    #[tokio::test]
    async fn named_secrets_and_files_come_into_every_place() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("private").join(Paths::NAMED_SECRETS);
        NamedSecrets::load(&file).unwrap().set("work", "s3/cret&".into()).unwrap();
        let mut draft = RequestDraft::default();
        draft.set_url("ws://me:{{secret:work}}@h/x?token={{secret:work}}".into());
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", "secret:work".into());
        draft.auth.set_cert_password("{{secret:work}}".into());
        draft.headers.push(HeaderRow::new("X-A", "a {{secret:work}} {{name}}"));
        draft.settings.proxy = "http://u:{{secret:work}}@p:1".into();
        draft.settings.subprotocols = vec!["token.{{secret:work}}".into()];
        let found = sources(dir.path()).resolve(&mut draft, &Person::default()).await.unwrap();
        assert_eq!(found, [Secret::from("s3/cret&")]);
        assert_eq!(draft.url, "ws://me:s3%2Fcret%26@h/x?token=s3%2Fcret%26");
        assert_eq!(draft.auth.value("token"), "s3/cret&");
        assert_eq!(draft.auth.cert_password(), "s3/cret&");
        assert_eq!(draft.headers[0].value, "a s3/cret& {{name}}");
        assert_eq!(draft.settings.proxy, "http://u:s3%2Fcret%26@p:1");
        assert_eq!(draft.settings.subprotocols, ["token.s3/cret&"]);

        draft.auth.set("token", "secret:other".into());
        let why = sources(dir.path()).resolve(&mut draft, &Person::default()).await.unwrap_err();
        assert!(why.to_string().contains("wsdeck secret set other"), "{why}");
        write_private(&file, b"nonsense").unwrap();
        assert!(sources(dir.path()).resolve(&mut draft, &Person::default()).await.is_err());
    }

    #[cfg(feature = "keyring")]
    #[tokio::test]
    async fn an_entry_of_the_keyring() {
        crate::store::keyring::tests::mock();
        keyring::set("credentials/reference", &"s3cret".into()).unwrap();
        assert_eq!(value("keyring:credentials/reference"), "s3cret");
        let why = resolve_given("keyring:credentials/none").unwrap_err();
        assert!(why.contains("wsdeck secret set credentials/none --keyring"), "{why}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_is_asked_about_once() {
        let dir = tempfile::tempdir().unwrap();
        let draft = || {
            let mut draft = RequestDraft::default();
            draft.auth.kind = "basic".into();
            let command = format!("cmd:echo x >>{}; echo pw", dir.path().join("runs").display());
            draft.auth.set("username", command.as_str().into());
            draft.auth.set("password", command.as_str().into());
            draft
        };
        let runs =
            || std::fs::read_to_string(dir.path().join("runs")).map_or(0, |t| t.lines().count());
        let (no, yes) = (Person::default(), Person { says: true, ..Person::default() });
        let refused = sources(dir.path()).resolve(&mut draft(), &no).await.unwrap_err();
        assert!(refused.to_string().contains("not allowed"), "{refused}");
        assert_eq!(runs(), 0);
        let mut first = draft();
        sources(dir.path()).resolve(&mut first, &yes).await.unwrap();
        assert_eq!((first.auth.value("password"), runs()), ("pw", 1));
        assert_eq!(yes.asked.lock().unwrap().len(), 1);
        sources(dir.path()).resolve(&mut draft(), &no).await.unwrap();
        assert_eq!((runs(), no.asked.lock().unwrap().len()), (2, 1));
    }
}

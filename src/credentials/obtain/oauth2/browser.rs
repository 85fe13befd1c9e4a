//! Opens a page in the person's browser: by the variable `BROWSER`, else by the platform's opener.
//! No shell reads the address.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// An opener that still runs after this time is the browser itself.
const LIMIT: Duration = Duration::from_secs(2);

/// Opens a page; whether that could be done. The page must be an address of the web: openers
/// start programs for others.
pub(in crate::credentials) async fn open(page: &str) -> bool {
    if !page.starts_with("https://") && !page.starts_with("http://") {
        return false;
    }
    let variable = std::env::var("BROWSER").unwrap_or_default();
    let screen = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    let screen = screen.iter().any(|name| std::env::var_os(name).is_some());
    for command in commands(&variable, screen, page) {
        if run(&command).await {
            return true;
        }
    }
    false
}

/// Programs to try, each with its arguments. `BROWSER` holds commands with colons between them,
/// and `%s` for the page. Without a screen the platform's opener would start a browser for the
/// terminal, which is in use.
fn commands(variable: &str, screen: bool, page: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for text in variable.split(':').filter(|text| !text.trim().is_empty()) {
        let Some(mut words) = shlex::split(text) else { continue };
        if words.iter().any(|word| word.contains("%s")) {
            words = words.iter().map(|word| word.replace("%s", page)).collect();
        } else {
            words.push(page.into());
        }
        out.push(words);
    }
    let opener: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        &["rundll32", "url.dll,FileProtocolHandler"]
    } else if screen {
        &["xdg-open"]
    } else {
        &[]
    };
    if !opener.is_empty() {
        let page = std::iter::once(page);
        out.push(opener.iter().copied().chain(page).map(str::to_owned).collect());
    }
    out
}

async fn run(command: &[String]) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    // The terminal is in use, so nothing may read from it or write to it.
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else { return false };
    match tokio::time::timeout(LIMIT, child.wait()).await {
        Ok(ended) => ended.is_ok_and(|status| status.success()),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_comes_first_and_no_shell_is_used() {
        let page = "https://a.example/?a=1&b=$(x)";
        let all = commands("firefox --new 'a b':w3m %s", false, page);
        assert_eq!(all[0], ["firefox", "--new", "a b", page]);
        assert_eq!(all[1], ["w3m", page]);
        for command in commands("", true, page) {
            assert_eq!(command.last().map(String::as_str), Some(page));
            assert!(!["sh", "cmd"].contains(&command[0].as_str()));
        }
        if cfg!(target_os = "linux") {
            assert!(commands("", false, page).is_empty());
        }
    }

    #[tokio::test]
    async fn only_pages_of_the_web_are_opened() {
        for page in ["file:///etc/passwd", "javascript:x", "-a", ""] {
            assert!(!open(page).await, "{page}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_cannot_be_started_is_told() {
        assert!(run(&["true".into(), "https://a/".into()]).await);
        assert!(!run(&["false".into()]).await);
        assert!(!run(&["/no/such/program".into()]).await);
    }
}

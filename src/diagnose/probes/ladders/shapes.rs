//! Other shapes of the request, one thing changed each.

use super::{Case, Planned, ProbeKind, bare, bare_upgrade};
use crate::core::change::Change;
use crate::core::url::Scheme;

pub(super) fn origin(case: &Case<'_>, out: &mut Vec<Planned>) {
    if case.origin.is_some() {
        out.push(
            bare(ProbeKind::WithoutOrigin, "without Origin", &["http/403-origin"])
                .with(Change::DisableHeader { name: "Origin".into() }),
        );
    } else if !case.was_bare() {
        out.push(bare_upgrade(case));
    }
    out.extend(own_origin(case, &["http/403-origin", "http/404-origin-cable"]));
}

pub(super) fn own_origin(case: &Case<'_>, settles: &'static [&'static str]) -> Option<Planned> {
    let own = case.own_origin()?;
    (case.origin.as_ref() != Some(&own)).then(|| {
        bare(ProbeKind::OwnOrigin, &format!("with Origin: {own}"), settles)
            .with(Change::SetHeader { name: "Origin".into(), value: own })
    })
}

/// Other shapes of the request, where the answer or the address suggests them.
pub(super) fn shapes(case: &Case<'_>, status: u16, original: &str, out: &mut Vec<Planned>) {
    let body = original.to_lowercase();
    let path = case.path();
    let speaks_of = |words: &[&str]| {
        words.iter().any(|word| body.contains(word) || path.to_lowercase().contains(word))
    };
    if case.has(&["http/400-engineio", "http/400-engineio-version"])
        || speaks_of(&["socket.io", "engine.io"])
    {
        out.extend(engine_io(case));
    }
    if status == 404 && path.trim_end_matches('/').ends_with("/cable") {
        out.extend(own_origin(case, &["http/404-origin-cable"]));
    }
    if case.has_plain_path() && (case.has(&["http/200-sockjs-base"]) || speaks_of(&["sockjs"]))
        || path.ends_with("/socket")
        || path.ends_with("/live")
    {
        let path = format!("{}/websocket", path.trim_end_matches('/'));
        out.push(
            bare(
                ProbeKind::WebSocketSuffix,
                "with /websocket behind the path",
                &["http/200-sockjs-base", "msg/phoenix-path"],
            )
            .with(Change::SetPath { path }),
        );
    }
    if status == 404 {
        out.extend(slash(case));
    }
    if status == 400 {
        subprotocols(case, original, &["http/400-subprotocol"], out);
        if !case.e.request.extensions.is_empty() {
            out.push(without_extensions());
        }
    }
}

pub(super) fn without_extensions() -> Planned {
    bare(
        ProbeKind::WithoutExtensions,
        "without extensions",
        &["http/400-extensions", "ws/extension-unrequested"],
    )
    .with(Change::SetCompression { on: false })
}

pub(super) fn slash(case: &Case<'_>) -> Option<Planned> {
    let path = case.path();
    if !case.has_plain_path() || path == "/" {
        return None;
    }
    let (changed, path) = match path.strip_suffix('/') {
        Some(short) => ("without the slash at the end", short.to_owned()),
        None => ("with a slash at the end", format!("{path}/")),
    };
    let planned = bare(ProbeKind::TrailingSlash, changed, &["http/404-path", "http/redirect-path"]);
    Some(planned.with(Change::SetPath { path }))
}

/// The address of a Socket.IO server on this host. It opens a session for a moment.
pub(super) fn engine_io(case: &Case<'_>) -> Option<Planned> {
    let request = &case.e.request;
    let scheme = if case.is_wss() { Scheme::Wss } else { Scheme::Ws };
    let target = case.target();
    target.bytes().all(|b| b.is_ascii_graphic()).then_some(())?;
    let authority = match request.port {
        port if port == scheme.default_port() => target.rsplit_once(':')?.0.to_owned(),
        _ => target,
    };
    let scheme = scheme.name();
    let url = format!("{scheme}://{authority}/socket.io/?EIO=4&transport=websocket");
    Some(
        bare(
            ProbeKind::EngineIo,
            "at /socket.io/?EIO=4&transport=websocket",
            &["http/400-engineio", "http/400-engineio-version"],
        )
        .with(Change::SetUrl { url }),
    )
}

pub(super) fn subprotocols(
    case: &Case<'_>,
    body: &str,
    settles: &'static [&'static str],
    out: &mut Vec<Planned>,
) {
    let offered = &case.e.request.subprotocols;
    let mut names: Vec<String> = Vec::new();
    for fix in case.findings.iter().flat_map(|finding| &finding.fixes) {
        match &fix.change {
            Change::AddSubprotocol { name } => names.push(name.clone()),
            Change::SetSubprotocols { names: list } => names.extend(list.iter().take(1).cloned()),
            _ => {}
        }
    }
    names.extend(named(body));
    names.retain(|name| offered.as_slice() != std::slice::from_ref(name));
    names.dedup();
    for name in names.into_iter().take(2) {
        out.push(
            bare(ProbeKind::OtherSubprotocol, &format!("with the subprotocol {name}"), settles)
                .with(Change::SetSubprotocols { names: vec![name] }),
        );
    }
    if !offered.is_empty() {
        out.push(
            bare(ProbeKind::WithoutSubprotocols, "without subprotocols", settles)
                .with(Change::SetSubprotocols { names: Vec::new() }),
        );
    }
}

/// Subprotocols that a refusal in JSON lists.
pub(super) fn named(body: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(body.trim()) else {
        return Vec::new();
    };
    ["supported", "subprotocols", "protocols", "expected"]
        .iter()
        .filter_map(|key| value.get(key)?.as_array())
        .flatten()
        .filter_map(|name| name.as_str())
        .filter(|name| !name.is_empty() && name.len() <= 64)
        .filter(|name| name.chars().all(crate::core::headers::is_token_char))
        .map(str::to_owned)
        .collect()
}

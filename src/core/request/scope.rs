//! What requests share: authentication and headers of a workspace, or of a folder in it.
//!
//! The nearest one counts: a request's own, then its folder's, then the folders above, then the
//! workspace's. Where something comes from is kept beside it, since a header from nowhere is a
//! riddle to whoever debugs.

use std::collections::BTreeMap;

use super::{AuthDraft, RequestDraft};
use crate::core::headers::HeaderRow;

/// Kind of authentication that takes the way of the folder or workspace around.
pub const INHERIT: &str = "inherit";

/// What a workspace or a folder gives to its requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    pub auth: AuthDraft,
    pub headers: Vec<HeaderRow>,
}

impl Scope {
    /// A folder's before anybody has set anything: it takes what is around it.
    #[must_use]
    pub fn of_folder() -> Scope {
        let auth = AuthDraft { kind: INHERIT.into(), ..AuthDraft::default() };
        Scope { auth, headers: Vec::new() }
    }
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scopes {
    pub workspace: Scope,
    /// By path from the top, parts joined with `/`: `team/chat`.
    pub folders: BTreeMap<String, Scope>,
}

impl Scopes {
    /// The scopes around a request of this folder (empty for the top), nearest first, each with
    /// words for where it is.
    #[must_use]
    pub fn around(&self, folder: &str) -> Vec<(String, &Scope)> {
        let mut out = Vec::new();
        let mut path = folder.trim_matches('/');
        while !path.is_empty() {
            if let Some(scope) = self.folders.get(path) {
                out.push((format!("the folder {path}"), scope));
            }
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
        out.push(("the workspace".into(), &self.workspace));
        out
    }

    /// The way of authenticating that a request of this folder inherits, and from where; `None`
    /// if nothing around sets one.
    #[must_use]
    pub fn auth(&self, folder: &str) -> Option<(&AuthDraft, String)> {
        let found = self.around(folder).into_iter().find(|(_, scope)| scope.auth.kind != INHERIT);
        found.filter(|(_, scope)| scope.auth.kind != "none").map(|(from, s)| (&s.auth, from))
    }

    /// Headers that a request of this folder inherits, outermost first, and from where. A row of
    /// the request, or of a nearer scope, takes the place of one of the same name, also if it is
    /// switched off.
    #[must_use]
    pub fn headers(&self, folder: &str, own: &[HeaderRow]) -> Vec<(HeaderRow, String)> {
        let mut taken: Vec<String> = own.iter().map(|row| row.name.to_ascii_lowercase()).collect();
        let mut groups = Vec::new();
        for (from, scope) in self.around(folder) {
            let rows: Vec<(HeaderRow, String)> = scope
                .headers
                .iter()
                .filter(|row| !row.name.is_empty())
                .filter(|row| !taken.contains(&row.name.to_ascii_lowercase()))
                .map(|row| (row.clone(), from.clone()))
                .collect();
            taken.extend(rows.iter().map(|(row, _)| row.name.to_ascii_lowercase()));
            groups.push(rows);
        }
        groups.into_iter().rev().flatten().collect()
    }

    /// The request with all that it inherits, as it is prepared for an attempt.
    #[must_use]
    pub fn effective(&self, folder: &str, draft: &RequestDraft) -> RequestDraft {
        let mut out = draft.clone();
        if draft.auth.kind == INHERIT {
            let own = out.auth.cert_password().to_owned();
            match self.auth(folder) {
                Some((auth, from)) => {
                    out.auth = auth.clone();
                    out.auth.inherited_from = Some(from);
                }
                None => out.auth.kind = "none".into(),
            }
            if !own.is_empty() {
                out.auth.set_cert_password(own.into());
            }
        }
        out.inherited_headers = self.headers(folder, &draft.headers);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(kind: &str, headers: &[(&str, &str)]) -> Scope {
        Scope {
            auth: AuthDraft { kind: kind.into(), ..AuthDraft::default() },
            headers: headers.iter().map(|(name, value)| HeaderRow::new(*name, *value)).collect(),
        }
    }

    fn scopes() -> Scopes {
        Scopes {
            workspace: scope("bearer", &[("X-Team", "w"), ("X-App", "w")]),
            folders: [
                ("a".to_owned(), scope(INHERIT, &[("x-app", "a")])),
                ("a/b".to_owned(), scope("basic", &[("X-New", "b")])),
                ("none".to_owned(), scope("none", &[])),
            ]
            .into(),
        }
    }

    #[test]
    fn the_nearest_way_counts() {
        let scopes = scopes();
        let of = |folder: &str| scopes.auth(folder).map(|(auth, from)| (auth.kind.clone(), from));
        assert_eq!(of(""), Some(("bearer".into(), "the workspace".into())));
        assert_eq!(of("a"), Some(("bearer".into(), "the workspace".into())));
        assert_eq!(of("a/b/c"), Some(("basic".into(), "the folder a/b".into())));
        assert_eq!(of("none"), None);
        assert_eq!(Scopes::default().auth("a"), None);
    }

    #[test]
    fn a_row_takes_the_place_of_one_further_out() {
        let mut own = vec![HeaderRow::new("x-team", "mine")];
        own[0].enabled = false;
        let found = scopes().headers("a/b", &own);
        let rows: Vec<String> =
            found.iter().map(|(row, from)| format!("{}={} {from}", row.name, row.value)).collect();
        assert_eq!(rows, ["x-app=a the folder a", "X-New=b the folder a/b"]);
    }

    #[test]
    fn only_what_inherits_takes_the_way_from_around() {
        let mut draft = RequestDraft::default();
        assert_eq!(scopes().effective("a", &draft).auth.kind, "none");
        draft.auth.kind = INHERIT.into();
        let effective = scopes().effective("a", &draft);
        assert_eq!(effective.auth.kind, "bearer");
        assert_eq!(effective.auth.inherited_from.as_deref(), Some("the workspace"));
        assert_eq!(effective.inherited_headers.len(), 2);
        assert_eq!(Scopes::default().effective("", &draft).auth.kind, "none");
    }
}

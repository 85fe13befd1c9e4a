//! The exchanges of each flow of OAuth 2.0 as they will be made, line by line, without secrets.

use crate::auth::grant::{OAuth2Ask, OAuth2Flow};
use crate::core::request::Shown;
use crate::core::secret::{MASK, Secret, is_sensitive_name};

/// What will be asked, in the order of the asking.
pub(super) fn exchanges(ask: &OAuth2Ask) -> Vec<Shown> {
    let part = |title: &str, text: String| Shown { title: title.into(), text };
    let scope = ask.scopes.join(" ");
    let scope = || (!scope.is_empty()).then(|| ("scope".to_owned(), scope.clone()));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let token = |title: &str, mut form: Vec<(String, String)>, more: bool| {
        form.extend(ask.more.iter().filter(|(name, _)| more || name == "resource").cloned());
        part(title, post(ask, &ask.token_url, form))
    };
    match ask.flow {
        OAuth2Flow::ClientCredentials => {
            let mut form = vec![pair("grant_type", "client_credentials")];
            form.extend(scope());
            vec![token("Token request", form, true)]
        }
        OAuth2Flow::RefreshToken => {
            let refresh = pair("refresh_token", ask.refresh_token.expose());
            let mut form = vec![pair("grant_type", "refresh_token"), refresh];
            form.extend(scope());
            vec![token("Token request", form, true)]
        }
        OAuth2Flow::DeviceCode => {
            let mut form: Vec<_> = scope().into_iter().collect();
            form.extend(ask.more.iter().cloned());
            let form = post(ask, &ask.authorize_url, form);
            let later = vec![
                pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                pair("device_code", "‹of the answer›"),
            ];
            vec![
                part("Device request", form),
                token("Token request, repeated until somebody has agreed", later, false),
            ]
        }
        OAuth2Flow::AuthorizationCode => {
            let port = match ask.redirect_port {
                0 => "‹any free port›".into(),
                port => port.to_string(),
            };
            let redirect = format!("http://127.0.0.1:{port}/callback");
            let mut query = vec![
                pair("response_type", "code"),
                pair("client_id", &ask.client_id),
                pair("state", "‹made anew›"),
                pair("code_challenge", "‹made anew›"),
                pair("code_challenge_method", "S256"),
                pair("redirect_uri", &redirect),
            ];
            query.extend(scope());
            query.extend(ask.more.iter().cloned());
            let page = format!("{}\n{}", ask.authorize_url, lines(&query));
            let form = vec![
                pair("grant_type", "authorization_code"),
                pair("code", "‹that the browser brings›"),
                pair("code_verifier", "‹made anew›"),
                pair("redirect_uri", &redirect),
            ];
            vec![part("Page for the browser", page), token("Token request", form, false)]
        }
    }
}

/// Parameters that are secrets and are no field of the way.
pub(super) fn secrets(ask: &OAuth2Ask) -> Vec<Secret> {
    let secret = ask.more.iter().filter(|(name, _)| is_sensitive_name(name));
    secret.map(|(_, value)| Secret::from(&**value)).collect()
}

/// A request with the client's authentication (RFC 6749 section 2.3.1).
fn post(ask: &OAuth2Ask, url: &str, mut form: Vec<(String, String)>) -> String {
    let id = &ask.client_id;
    let mut head = format!("POST {url}\n");
    if ask.client_secret.is_empty() || ask.secret_in_body {
        form.push(("client_id".into(), id.clone()));
        if !ask.client_secret.is_empty() {
            form.push(("client_secret".into(), ask.client_secret.expose().into()));
        }
    } else {
        head.push_str(&format!("Authorization: Basic {MASK} (client {id} and its secret)\n"));
    }
    head.push_str("Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n");
    head + &lines(&form)
}

fn lines(form: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| {
        // A word in these marks stands for something that is not known yet.
        let open = value.starts_with('‹') || name.starts_with("code_challenge");
        if is_sensitive_name(name) && !open {
            format!("{name}={MASK}")
        } else {
            format!("{name}={value}")
        }
    };
    form.iter().map(line).collect::<Vec<_>>().join("\n")
}

//! Tokens of OAuth 2.0: the flows of RFC 6749 and RFC 8628, spoken by the crate `oauth2` over our
//! own exchange.
//!
//! - [`teller`]: carries the crate's requests out, mends answers that nearly keep the standard,
//!   and keeps the record.
//! - [`answer`]: what an answer says, and how a refusal is told.
//! - [`listener`]: waits on loopback for what the browser brings (RFC 8252 section 7.3).
//! - [`browser`]: opens a page, never through a shell.
//!
//! Everything is one future: dropping it closes the listener, ends the polling and forgets codes
//! and verifiers.

mod answer;
pub(in crate::credentials) mod browser;
mod listener;
mod teller;

use std::time::Duration;

use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DeviceAuthorizationUrl, DeviceCodeErrorResponse, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardDeviceAuthorizationResponse, TokenUrl,
};

use super::{Failed, Work};
use crate::auth::{Grant, OAuth2Ask, OAuth2Flow};
use crate::core::credential::Notice;
use crate::core::evidence::CredentialProblem;
use crate::core::sanitize;
use crate::credentials::Attendant;
use listener::{Brought, Listener};
use teller::{NoAnswer, Teller};

/// Name of a grant's part that renews it.
const REFRESH_TOKEN: &str = "refresh-token";

/// Longest wait for a person in the browser.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What a step is called in which a person is waited for.
const WAITING: &str = "waiting for the person";

/// Longest time that a device code is waited for, whatever the server says.
const LONGEST_CODE: Duration = Duration::from_secs(60 * 60);

/// Shortest pause between two questions about a device code. A server that names none must not
/// be asked without pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// The crate's answer. Written out, since the compiler otherwise loses the lifetimes of the carrier.
type Got<E> = Result<BasicTokenResponse, RequestTokenError<NoAnswer, E>>;

type TokenClient =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Gets a token by the flow that is asked for, with a person's help where it needs one. `old` is
/// what was got before; if it can be renewed without a person, it is.
///
/// # Errors
/// When the server refuses or cannot be reached, or the person says no or nothing.
pub(super) async fn obtain(
    ask: &OAuth2Ask,
    old: Option<&Grant>,
    work: &mut Work<'_>,
) -> Result<Grant, Failed> {
    if let Some(old) = old.filter(|old| !old.part(REFRESH_TOKEN).is_empty()) {
        match refresh(ask, old, work).await {
            // The refresh token has ended or was used; the flow gives another one.
            Err(Failed { problem: CredentialProblem::Refused { .. }, .. }) => {}
            renewed => return renewed,
        }
    }
    let teller = Teller::new(ask, &work.like);
    let got = match ask.flow {
        OAuth2Flow::ClientCredentials => for_client(ask, &teller).await,
        OAuth2Flow::RefreshToken => {
            by_refresh_token(ask, ask.refresh_token.expose(), &teller).await
        }
        OAuth2Flow::DeviceCode => by_device(ask, &teller, work.attendant).await,
        OAuth2Flow::AuthorizationCode => by_browser(ask, &teller, work.attendant).await,
    };
    work.steps.extend(teller.into_steps());
    got
}

/// Renews a grant by its refresh token (RFC 6749 section 6). A server that gives no new one means
/// the old one to be used again.
async fn refresh(ask: &OAuth2Ask, old: &Grant, work: &mut Work<'_>) -> Result<Grant, Failed> {
    let teller = Teller::new(ask, &work.like);
    let token = old.part(REFRESH_TOKEN);
    teller.keep_secret(token);
    let got = by_refresh_token(ask, token, &teller).await;
    work.steps.extend(teller.into_steps());
    got.map(|mut grant| {
        // A scope that is not told is the old one.
        if grant.fact("scope").is_empty() && !old.fact("scope").is_empty() {
            grant.facts.more.push(("scope".into(), old.fact("scope").into()));
        }
        grant
    })
}

fn client(ask: &OAuth2Ask) -> Result<TokenClient, Failed> {
    let url = TokenUrl::new(ask.token_url.clone()).map_err(|e| no_address("token", &e))?;
    let way = if ask.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
    let client = BasicClient::new(ClientId::new(ask.client_id.clone()))
        .set_token_uri(url)
        .set_auth_type(way);
    Ok(if ask.client_secret.is_empty() {
        client
    } else {
        client.set_client_secret(ClientSecret::new(ask.client_secret.expose().to_owned()))
    })
}

fn no_address(which: &str, error: &impl std::fmt::Display) -> Failed {
    Failed::unusable(format!("the {which} address cannot be used: {error}"))
}

fn scopes(ask: &OAuth2Ask) -> impl Iterator<Item = Scope> + use<> {
    ask.scopes.clone().into_iter().map(Scope::new)
}

/// Parameters that belong to the token request when another request came before it: the resource
/// (RFC 8707 section 2.2) alone. Google refuses others there.
fn later(ask: &OAuth2Ask) -> impl Iterator<Item = &(String, String)> {
    ask.more.iter().filter(|(name, _)| name == "resource")
}

async fn for_client(ask: &OAuth2Ask, teller: &Teller) -> Result<Grant, Failed> {
    let client = client(ask)?;
    teller.what("token request");
    let mut request = client.exchange_client_credentials().add_scopes(scopes(ask));
    for (name, value) in &ask.more {
        request = request.add_extra_param(name, value);
    }
    let got: Got<BasicErrorResponse> = request.request_async(teller).await;
    finish(got.map_err(|error| teller.failed(error)), ask, teller)
}

async fn by_refresh_token(ask: &OAuth2Ask, token: &str, teller: &Teller) -> Result<Grant, Failed> {
    let client = client(ask)?;
    teller.what("refreshing the token");
    let token = RefreshToken::new(token.to_owned());
    let mut request = client.exchange_refresh_token(&token);
    // For one that a flow gave, the scope stays what it was.
    let own = ask.flow == OAuth2Flow::RefreshToken;
    if own {
        request = request.add_scopes(scopes(ask));
    }
    for (name, value) in ask.more.iter().filter(|(name, _)| own || name == "resource") {
        request = request.add_extra_param(name, value);
    }
    let got: Got<BasicErrorResponse> = request.request_async(teller).await;
    let mut grant = finish(got.map_err(|error| teller.failed(error)), ask, teller)?;
    grant.more.entry(REFRESH_TOKEN.into()).or_insert_with(|| token.secret().as_str().into());
    Ok(grant)
}

async fn by_device(
    ask: &OAuth2Ask,
    teller: &Teller,
    attendant: &dyn Attendant,
) -> Result<Grant, Failed> {
    let client = client(ask)?;
    let url = DeviceAuthorizationUrl::new(ask.authorize_url.clone())
        .map_err(|e| no_address("device", &e))?;
    teller.what("device code");
    let asking = client.clone().set_device_authorization_url(url);
    let mut request = asking.exchange_device_code().add_scopes(scopes(ask));
    for (name, value) in &ask.more {
        request = request.add_extra_param(name, value);
    }
    let details: Result<
        StandardDeviceAuthorizationResponse,
        RequestTokenError<NoAnswer, BasicErrorResponse>,
    > = request.request_async(teller).await;
    let details = details.map_err(|error| teller.failed(error))?;
    teller.keep_secret(details.device_code().secret());
    let page = details.verification_uri();
    if !matches!(page.url().scheme(), "http" | "https") {
        return Err(Failed::unusable("the page for the device code is no web page"));
    }
    let life = details.expires_in().min(LONGEST_CODE);
    attendant.tell(Notice::DeviceCode {
        page: page.as_str().to_owned(),
        whole: details.verification_uri_complete().map(|whole| whole.secret().clone()),
        code: details.user_code().secret().clone(),
        expires: Some(teller.now().plus(life)),
    });
    teller.detail(format!(
        "code {} for {}",
        sanitize::escape(details.user_code().secret()),
        sanitize::escape(page.as_str())
    ));
    teller.poll(WAITING);
    let began = teller.now();
    let mut request = client.exchange_device_access_token(&details);
    for (name, value) in later(ask) {
        request = request.add_extra_param(name, value);
    }
    let pause = |pause: Duration| tokio::time::sleep(pause.max(SHORTEST_PAUSE));
    let polling = request.request_async(teller, pause, Some(life));
    let got = tokio::select! {
        got = polling => {
            let got: Got<DeviceCodeErrorResponse> = got;
            got.map_err(|error| teller.failed(error))
        }
        failed = teller.given_up() => Err(failed),
    };
    attendant.tell(Notice::Done);
    // A code that expires before the first question was asked leaves no exchange behind.
    let got = got.map_err(|failed| match teller.has_failed() {
        true => failed,
        false => {
            let page = sanitize::escape(page.as_str());
            let failed = if teller.now().since(began) >= life {
                let text = format!("nobody has agreed at {page} before the code expired");
                Failed { problem: CredentialProblem::TimedOut, text }
            } else {
                failed
            };
            teller.fail(WAITING, &page, began, failed)
        }
    });
    finish(got, ask, teller)
}

async fn by_browser(
    ask: &OAuth2Ask,
    teller: &Teller,
    attendant: &dyn Attendant,
) -> Result<Grant, Failed> {
    let listener = Listener::bind(ask.redirect_port).await.map_err(|error| {
        Failed::unusable(format!(
            "the answer of the browser cannot be waited for on 127.0.0.1:{}: {error}",
            ask.redirect_port
        ))
    })?;
    let redirect = RedirectUrl::new(listener.address()).map_err(|e| no_address("answer", &e))?;
    let page =
        AuthUrl::new(ask.authorize_url.clone()).map_err(|e| no_address("authorization", &e))?;
    let client = client(ask)?.set_auth_uri(page).set_redirect_uri(redirect);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let mut request = client.authorize_url(CsrfToken::new_random).add_scopes(scopes(ask));
    for (name, value) in &ask.more {
        request = request.add_extra_param(name, value);
    }
    let (page, state) = request.set_pkce_challenge(challenge).url();
    teller.keep_secret(verifier.secret());
    teller.keep_secret(state.secret());
    let began = teller.now();
    let waiting = async {
        let opened = attendant.browse(page.as_str()).await;
        attendant.tell(Notice::Browser { page: page.to_string(), opened });
    };
    // The browser may be back before its starter has ended.
    let answer = async {
        let (brought, ()) = tokio::join!(listener.answer(state.secret()), waiting);
        brought
    };
    let brought = tokio::time::timeout(PATIENCE, answer).await;
    attendant.tell(Notice::Done);
    let code = match brought {
        Ok(Ok(Brought::Code(code))) => code,
        Ok(Ok(Brought::Refused { error, description })) => {
            let failed = answer::refused(&ask.authorize_url, 302, Some(error), description);
            return Err(teller.fail("answer of the browser", &ask.authorize_url, began, failed));
        }
        Ok(Ok(Brought::Stranger)) => {
            let why = "the browser's answer does not belong to this request: its state is another";
            let failed = Failed::unusable(why);
            return Err(teller.fail("answer of the browser", &ask.authorize_url, began, failed));
        }
        Ok(Err(error)) => {
            let failed =
                Failed::unusable(format!("the browser's answer cannot be waited for: {error}"));
            return Err(teller.fail("answer of the browser", &ask.authorize_url, began, failed));
        }
        Err(_) => {
            let text = "nobody has agreed in the browser within 10 minutes".to_owned();
            let failed = Failed { problem: CredentialProblem::TimedOut, text };
            return Err(teller.fail("answer of the browser", &ask.authorize_url, began, failed));
        }
    };
    teller.keep_secret(&code);
    teller.note("answer of the browser", &ask.authorize_url, began, "a code");
    teller.what("token request");
    let mut request =
        client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
    for (name, value) in later(ask) {
        request = request.add_extra_param(name, value);
    }
    let got: Got<BasicErrorResponse> = request.request_async(teller).await;
    finish(got.map_err(|error| teller.failed(error)), ask, teller)
}

fn finish(
    got: Result<BasicTokenResponse, Failed>,
    ask: &OAuth2Ask,
    teller: &Teller,
) -> Result<Grant, Failed> {
    let grant = answer::grant(&got?, ask, teller.now());
    teller.detail(answer::told(&grant));
    Ok(grant)
}

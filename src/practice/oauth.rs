//! What the practice server's authorization server (RFC 6749) has given out, in memory: codes,
//! device codes, refresh tokens, access tokens. It knows nothing of HTTP; the endpoints do.
//!
//! Written without the client's code, so that both can be wrong only in different ways.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::credentials::{CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID};

/// The most things of one kind that are remembered; beyond it all of them are forgotten.
const MOST: usize = 1024;
/// How long a code from the browser is good (RFC 6749 section 4.1.2 advises at most 10 minutes).
const CODE_LIFE: Duration = Duration::from_secs(60);

/// An error of the token endpoint (RFC 6749 section 5.2, RFC 8628 section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: &'static str,
    pub(super) description: &'static str,
}

const fn refused(error: &'static str, description: &'static str) -> Refused {
    Refused { error, description }
}

/// A code that the browser brings back.
struct Code {
    client: String,
    redirect: String,
    challenge: String,
    scope: String,
    ends: Instant,
}

/// What a person has said to a device code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Open,
    Approved,
    Denied,
}

struct Device {
    user_code: String,
    client: String,
    scope: String,
    verdict: Verdict,
    ends: Instant,
    interval: Duration,
    /// Before this moment a question comes too early.
    next: Option<Instant>,
}

/// A token and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) scope: String,
    pub(super) seconds: u64,
}

#[derive(Default)]
struct State {
    count: u64,
    codes: HashMap<String, Code>,
    /// By device code.
    devices: HashMap<String, Device>,
    /// Client and scope, by refresh token.
    refresh: HashMap<String, (String, String)>,
    /// When each access token ends.
    access: HashMap<String, Instant>,
}

/// All that was given out.
#[derive(Default)]
pub(super) struct Issuer(Mutex<State>);

impl Issuer {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one insertion or removal, so that no state is half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks a client and its secret; `None` for a client that gave none.
    pub(super) fn client(&self, id: &str, secret: Option<&str>) -> Result<(), Refused> {
        match (id, secret) {
            (CLIENT_ID, Some(CLIENT_SECRET)) => Ok(()),
            (PUBLIC_CLIENT_ID, None | Some("")) => Ok(()),
            (CLIENT_ID, _) => Err(refused("invalid_client", "The client's secret is wrong")),
            _ => Err(refused("invalid_client", "No such client")),
        }
    }

    /// A code for the browser to bring back.
    pub(super) fn code(
        &self,
        client: &str,
        redirect: &str,
        challenge: &str,
        scope: &str,
    ) -> String {
        let mut state = self.lock();
        let name = state.name("code");
        let code = Code {
            client: client.into(),
            redirect: redirect.into(),
            challenge: challenge.into(),
            scope: scope.into(),
            ends: Instant::now() + CODE_LIFE,
        };
        remember(&mut state.codes, name.clone(), code);
        name
    }

    /// Exchanges a code, once, and only with the verifier of its challenge (RFC 7636 section 4.6).
    pub(super) fn exchange(
        &self,
        code: &str,
        client: &str,
        redirect: &str,
        verifier: &str,
        seconds: u64,
    ) -> Result<Given, Refused> {
        let mut state = self.lock();
        let Some(found) = state.codes.remove(code) else {
            return Err(refused("invalid_grant", "The code is unknown or was used before"));
        };
        if found.ends < Instant::now() {
            return Err(refused("invalid_grant", "The code has expired"));
        }
        if found.client != client || found.redirect != redirect {
            return Err(refused("invalid_grant", "The code belongs to another client or address"));
        }
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != found.challenge {
            return Err(refused("invalid_grant", "The code_verifier does not fit the challenge"));
        }
        Ok(state.give(client, &found.scope, seconds, true))
    }

    /// A device code and its user code.
    pub(super) fn device(
        &self,
        client: &str,
        scope: &str,
        life: Duration,
        interval: Duration,
    ) -> (String, String) {
        let mut state = self.lock();
        let name = state.name("device");
        let digits = state.name("user");
        let digits: String =
            digits.bytes().rev().take(8).map(|b| char::from(b'A' + b % 26)).collect();
        let user_code = format!("{}-{}", &digits[..4], &digits[4..]);
        let device = Device {
            user_code: user_code.clone(),
            client: client.into(),
            scope: scope.into(),
            verdict: Verdict::Open,
            ends: Instant::now() + life,
            interval,
            next: None,
        };
        remember(&mut state.devices, name.clone(), device);
        (name, user_code)
    }

    /// A person agrees, or does not; whether there is such a code.
    pub(super) fn decide(&self, user_code: &str, verdict: Verdict) -> bool {
        let mut state = self.lock();
        let found = state.devices.values_mut().find(|device| device.user_code == user_code);
        found.map(|device| device.verdict = verdict).is_some()
    }

    /// What became of a device code (RFC 8628 section 3.5).
    pub(super) fn poll(&self, code: &str, client: &str, seconds: u64) -> Result<Given, Refused> {
        let mut state = self.lock();
        let now = Instant::now();
        let Some(device) = state.devices.get_mut(code).filter(|d| d.client == client) else {
            return Err(refused("invalid_grant", "The device code is unknown"));
        };
        if device.ends <= now {
            state.devices.remove(code);
            return Err(refused("expired_token", "The device code has expired"));
        }
        if device.next.is_some_and(|next| now < next) {
            device.interval += Duration::from_secs(5);
            device.next = Some(now + device.interval);
            return Err(refused("slow_down", "Ask less often"));
        }
        match device.verdict {
            Verdict::Open => {
                device.next = Some(now + device.interval);
                Err(refused("authorization_pending", "Nobody has agreed yet"))
            }
            Verdict::Denied => {
                state.devices.remove(code);
                Err(refused("access_denied", "The person said no"))
            }
            Verdict::Approved => {
                let scope = device.scope.clone();
                state.devices.remove(code);
                Ok(state.give(client, &scope, seconds, true))
            }
        }
    }

    /// A token for the client itself, without a refresh token (RFC 6749 section 4.4.3).
    pub(super) fn for_client(&self, client: &str, scope: &str, seconds: u64) -> Given {
        self.lock().give(client, scope, seconds, false)
    }

    /// A new token for a refresh token, which is good only once (RFC 9700 section 4.14.2).
    pub(super) fn refresh(
        &self,
        token: &str,
        client: &str,
        seconds: u64,
    ) -> Result<Given, Refused> {
        let mut state = self.lock();
        match state.refresh.get(token) {
            Some((owner, _)) if owner == client => {}
            Some(_) => {
                return Err(refused("invalid_grant", "The refresh token is another client's"));
            }
            None => {
                return Err(refused("invalid_grant", "The refresh token is unknown or was used"));
            }
        }
        let scope = state.refresh.remove(token).map(|(_, scope)| scope).unwrap_or_default();
        Ok(state.give(client, &scope, seconds, true))
    }

    /// Whether an access token is good.
    pub(super) fn check(&self, access: &str) -> Result<(), &'static str> {
        match self.lock().access.get(access) {
            Some(ends) if Instant::now() < *ends => Ok(()),
            Some(_) => Err("The access token expired"),
            None => Err("The access token is unknown"),
        }
    }
}

impl State {
    /// A name that was not given before. It guards nothing, so it need not be hard to guess.
    fn name(&mut self, kind: &str) -> String {
        self.count += 1;
        let now = jiff::Timestamp::now().as_nanosecond();
        let digest = Sha256::digest(format!("{kind} {} {now}", self.count));
        format!("practice-{kind}-{}", URL_SAFE_NO_PAD.encode(&digest[..18]))
    }

    fn give(&mut self, client: &str, scope: &str, seconds: u64, refresh: bool) -> Given {
        let access = self.name("access");
        remember(&mut self.access, access.clone(), Instant::now() + Duration::from_secs(seconds));
        let refresh = refresh.then(|| {
            let token = self.name("refresh");
            remember(&mut self.refresh, token.clone(), (client.into(), scope.into()));
            token
        });
        Given { access, refresh, scope: scope.into(), seconds }
    }
}

fn remember<T>(map: &mut HashMap<String, T>, name: String, value: T) {
    if map.len() >= MOST {
        map.clear();
    }
    map.insert(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_for_its_verifier() {
        let issuer = Issuer::default();
        // The example of RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let code = |client| issuer.code(client, "http://127.0.0.1:1/", challenge, "read");
        let good = code("c");
        let given = issuer.exchange(&good, "c", "http://127.0.0.1:1/", verifier, 60).unwrap();
        assert_eq!((given.scope.as_str(), issuer.check(&given.access)), ("read", Ok(())));
        for (code, client, redirect, verifier) in [
            (good, "c", "http://127.0.0.1:1/", verifier),
            (code("c"), "d", "http://127.0.0.1:1/", verifier),
            (code("c"), "c", "http://127.0.0.1:2/", verifier),
            (code("c"), "c", "http://127.0.0.1:1/", "x"),
        ] {
            let told = issuer.exchange(&code, client, redirect, verifier, 60).unwrap_err();
            assert_eq!(told.error, "invalid_grant");
        }
    }

    #[test]
    fn a_device_code_waits_for_a_person() {
        let issuer = Issuer::default();
        let life = Duration::from_secs(60);
        let (code, user) = issuer.device("c", "", life, Duration::ZERO);
        let told = |code: &str| issuer.poll(code, "c", 60).map_err(|refused| refused.error);
        assert_eq!(told(&code), Err("authorization_pending"));
        assert!(issuer.decide(&user, Verdict::Approved) && !issuer.decide("no", Verdict::Denied));
        let refresh = told(&code).unwrap().refresh.unwrap();
        assert_eq!(told(&code), Err("invalid_grant"), "good once");
        let next = issuer.refresh(&refresh, "c", 60).unwrap();
        assert_eq!(issuer.refresh(&refresh, "c", 60).unwrap_err().error, "invalid_grant");
        assert!(next.refresh.is_some_and(|token| token != refresh));

        let (slow, _) = issuer.device("c", "", life, Duration::from_secs(60));
        assert_eq!(told(&slow), Err("authorization_pending"));
        assert_eq!(told(&slow), Err("slow_down"));
        let (late, _) = issuer.device("c", "", Duration::ZERO, Duration::ZERO);
        assert_eq!(told(&late), Err("expired_token"));
        let (denied, user) = issuer.device("c", "", life, Duration::ZERO);
        issuer.decide(&user, Verdict::Denied);
        assert_eq!(told(&denied), Err("access_denied"));
    }

    #[test]
    fn tokens_end() {
        let issuer = Issuer::default();
        let given = issuer.for_client("c", "", 0);
        assert_eq!(issuer.check(&given.access), Err("The access token expired"));
        assert_eq!(issuer.check("x"), Err("The access token is unknown"));
        assert_eq!(given.refresh, None);
    }
}

//! A good credential at the wrong address: of another way, region, audience or time.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::url::split_query;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, vendor, words};

use super::{refused, says};

/// What an address wants, by the code of its refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// AppCode, or AppKey and AppSecret.
    App,
    /// An IAM token or a signature by access key.
    Iam,
    /// Another one, without saying which.
    Other,
}

/// Codes of Huawei Cloud about a login of another kind than the address wants.
const CODES: &[(&str, Wanted)] = &[
    ("APIG.0305", Wanted::Other),
    ("ModelArts.0205", Wanted::App),
    ("ModelArts.0206", Wanted::App),
    ("ModelArts.0208", Wanted::App),
    ("ModelArts.0209", Wanted::Iam),
    ("ModelArts.0210", Wanted::Iam),
];

/// Ways that carry an IAM user's login, and those of an App.
const IAM: &[&str] = &["huawei-token", "huawei-aksk"];
const APP: &[&str] = &["huawei-appcode", "huawei-app"];

/// The way of authenticating as its label in the Auth tab.
fn label(way: &str) -> &'static str {
    match way {
        "huawei-token" => "Huawei Cloud token",
        "huawei-aksk" => "Huawei Cloud AK/SK",
        "huawei-appcode" => "Huawei Cloud AppCode",
        "huawei-app" => "Huawei Cloud App",
        "huawei-api-key" => "ModelArts API key",
        "aws-sigv4" => "AWS Signature V4",
        _ => "the other way",
    }
}

/// `Choose … in the Auth tab` as a fix.
fn choose(draft: Draft, way: &str) -> Draft {
    draft.fix(format!("Choose {}", label(way)), Change::SetAuthKind { way: way.to_owned() })
}

/// The case by the code of the refusal.
pub(super) fn by_code(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[401])?;
    let hit = vendor::of(e)?;
    let (_, wanted) = CODES.iter().find(|(code, _)| *code == hit.code())?;
    let way = e.request.auth.as_str();
    let (iam, app) = (IAM.contains(&way), APP.contains(&way));
    let draft = |wants: &str| {
        certain(format!("This address wants {wants}, and {} was sent.", sent(e)))
            .because(says(reply))
            .because(
                "A ModelArts service has one address for IAM users (token or AK/SK) and another \
                 one for Apps.",
            )
    };
    Some(match wanted {
        Wanted::App => {
            let draft = draft("the login of an App")
                .hint("Choose AppCode in the Auth tab, or AppKey with AppSecret.")
                .hint("Use the service's address for IAM users to keep the login.");
            if app { draft } else { choose(draft, "huawei-appcode") }
        }
        Wanted::Iam => {
            let draft = draft("the login of an IAM user")
                .hint("Choose IAM token or AK/SK in the Auth tab.")
                .hint("Use the service's address for Apps to keep the login.");
            if iam { draft } else { choose(draft, "huawei-token") }
        }
        Wanted::Other => {
            let draft = draft("another kind of login")
                .hint("Check on the service's Usage Guides tab which login the address is for.");
            // The two kinds exclude one another, so the other one is what is left.
            match (iam, app) {
                (true, _) => choose(draft, "huawei-appcode"),
                (_, true) => choose(draft, "huawei-token"),
                _ => draft.hint("Choose one of the Huawei Cloud ways in the Auth tab."),
            }
        }
    })
}

fn sent(e: &Evidence) -> String {
    match e.request.auth.as_str() {
        _ if !see::has_credentials(e) => "nothing".into(),
        "" | "none" => "a header of your own".into(),
        way => match label(way) {
            "the other way" => words::name(way),
            label => label.to_owned(),
        },
    }
}

/// The way does not fit the address.
pub(super) fn wrong_way(e: &Evidence) -> Option<Draft> {
    if let Some(draft) = by_code(e) {
        return Some(draft);
    }
    let reply = refused(e)?;
    let path = split_query(&e.request.target).0;
    let way = e.request.auth.as_str();
    let second = path.starts_with("/v2/infer/") && (IAM[1] == way || APP.contains(&way));
    let first = path.starts_with("/v1/infers/") && way == "huawei-api-key";
    if second {
        let draft = likely(format!(
            "A ModelArts address under /v2/infer/ takes an API key or an IAM token, and {} was \
             sent.",
            sent(e)
        ))
        .because(says(reply))
        .because(
            "The new generation of inference services knows no AK/SK signature and no AppCode.",
        )
        .hint("Choose the API key of ModelArts in the Auth tab.");
        return Some(choose(draft, "huawei-api-key"));
    }
    if first {
        let draft = likely(
            "A ModelArts address under /v1/infers/ takes no API key: it is of the old generation.",
        )
        .because(says(reply))
        .because("It takes an IAM token, an AK/SK signature or the login of an App.")
        .hint("Choose IAM token, AK/SK or AppCode in the Auth tab.")
        .hint("Check on the service's Usage Guides tab which login the address is for.");
        return Some(draft);
    }
    aws(e, reply)
}

/// A bearer token or nothing where AWS wants a signature.
fn aws(e: &Evidence, reply: &ReplyFacts) -> Option<Draft> {
    let told = see::holds(
        reply,
        &["authorization header requires 'credential' parameter", "incompletesignature"],
    )?;
    (e.request.auth != "aws-sigv4").then_some(())?;
    let draft = certain(format!("AWS wants a signature (SigV4), and {} was sent.", sent(e)))
        .because(format!("The refusal speaks of it (“{told}”)."))
        .because("An Authorization header without one is taken for a broken signature.")
        .hint("Choose AWS Signature in the Auth tab.")
        .hint("Check the stage and path: an unknown one is answered like that as well.");
    Some(choose(draft, "aws-sigv4"))
}

/// Regions in a name, such as `cn-north-4` or `ap-southeast-3`.
fn regions(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').flat_map(|word| {
        let parts: Vec<(usize, &str)> = word
            .split('-')
            .scan(0, |at, part| {
                let start = *at;
                *at += part.len() + 1;
                Some((start, part))
            })
            .collect();
        let found: Vec<&str> = parts
            .windows(3)
            .filter(|three| {
                let [(_, land), (_, side), (_, number)] = three else { return false };
                land.len() == 2
                    && land.bytes().all(|b| b.is_ascii_lowercase())
                    && SIDES.contains(side)
                    && (1..=3).contains(&number.len())
                    && number.bytes().all(|b| b.is_ascii_digit())
            })
            .map(|three| &word[three[0].0..three[2].0 + three[2].1.len()])
            .collect();
        found
    })
}

/// Middle parts of the names of regions, at Huawei Cloud and AWS.
const SIDES: &[&str] = &[
    "north",
    "south",
    "east",
    "west",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// A credential of another region than the address.
pub(super) fn wrong_region(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let code = vendor::of(e).map(|hit| hit.code().to_owned()).unwrap_or_default();
    let told = ["ModelArts.0207", "ModelArts.0212"].contains(&code.as_str());
    let here = regions(&e.request.host).next();
    let credential = &e.request.credential;
    let mut sources: Vec<&str> = Vec::new();
    if let Some(grant) = &credential.grant {
        sources.push(&grant.source);
        sources.extend(grant.more.iter().map(|(_, value)| value.as_str()));
    }
    sources.extend(credential.steps.iter().map(|step| step.from.as_str()));
    if let Some(signing) = &credential.signing {
        sources.extend(signing.string_to_sign.lines().nth(2));
    }
    let there = sources.iter().flat_map(|text| regions(text)).next();
    if let (Some(here), Some(there)) = (here, there)
        && here != there
    {
        return Some(
            likely(format!(
                "The credential is for the region {there}, and the address is in {here}."
            ))
            .because(says(reply))
            .because("A token or signature counts in the region that it was made for.")
            .hint(format!("Get the credential for {here}: change the region in the Auth tab."))
            .hint(format!("Use the service's address in {there} if it runs there too.")),
        );
    }
    told.then_some(())?;
    let region = here.map(|here| format!(" ({here})")).unwrap_or_default();
    Some(
        certain(format!("The token is not one for a project of this region{region}."))
            .because(says(reply))
            .because("A token for the whole account, or for a project elsewhere, is refused so.")
            .hint("Get a token for the project of this region, with its name as the scope.")
            .hint("Check that the token comes from the IAM of this region."),
    )
}

/// Host and, if it is there, port of an audience that is an address.
fn host_of(audience: &str) -> Option<&str> {
    let rest = match audience.split_once("://") {
        Some((scheme, rest)) => ["http", "https", "ws", "wss"].contains(&scheme).then_some(rest)?,
        None if audience.contains('.') && !audience.contains([' ', '/', ':']) => audience,
        None => return None,
    };
    let host = rest.split(['/', '?', ':']).next().unwrap_or_default();
    host.contains('.').then_some(host)
}

/// A token that is made for another host.
pub(super) fn wrong_audience(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let host = e.request.host.trim_end_matches('.');
    let (token, others) = e.request.tokens.iter().find_map(|token| {
        let hosts: Vec<&str> = token.aud.iter().filter_map(|aud| host_of(aud)).collect();
        // One that is no address may be the name of just this service.
        let strange = !hosts.is_empty()
            && hosts.len() == token.aud.len()
            && !hosts.iter().any(|other| other.eq_ignore_ascii_case(host));
        strange.then_some((token, hosts))
    })?;
    Some(
        likely(format!(
            "The token in {} is for {}, not for {}.",
            words::name(&token.place),
            words::names(&others, 2),
            words::host(e)
        ))
        .because(says(reply))
        .because(format!("Its claim aud is {}.", words::said_in(&token.aud.join(", "), 120)))
        .hint("Get a token whose audience is this server.")
        .hint("Check whether the address is that of another environment."),
    )
}

/// A credential that was kept from an earlier attempt.
pub(super) fn kept(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[401])?;
    let grant = e.request.credential.grant.as_ref().filter(|grant| grant.kept)?;
    let end = match grant.expires {
        Some(end) => format!(" and was to be good until {}", words::second(end)),
        None => String::new(),
    };
    Some(
        certain("The kept token was refused; it was forgotten, connect again.")
            .because(format!(
                "It came from {} at {}{end}.",
                words::name(&grant.source),
                words::second(grant.obtained)
            ))
            .because(says(reply))
            .because(
                "A token can end early: when it is revoked, or when a password or right changes.",
            )
            .hint("Connect again: a new token is got then.")
            .hint("Check the login's rights if a new token is refused too."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_in_hosts_and_addresses() {
        for (text, region) in [
            ("infer-modelarts-cn-southwest-2.modelarts-infer.com", Some("cn-southwest-2")),
            ("https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens", Some("cn-north-4")),
            ("20261124/eu-west-1/execute-api/aws4_request", Some("eu-west-1")),
            ("a.execute-api.ap-southeast-3.amazonaws.com", Some("ap-southeast-3")),
            ("iam.myhuaweicloud.com", None),
            ("my-north-star.example", None),
            ("é-north-1", None),
            ("", None),
        ] {
            assert_eq!(regions(text).next(), region, "{text}");
        }
    }

    #[test]
    fn audiences_that_are_addresses() {
        assert_eq!(host_of("https://api.example.com/v1"), Some("api.example.com"));
        assert_eq!(host_of("wss://api.example.com:9/x"), Some("api.example.com"));
        assert_eq!(host_of("api.example.com"), Some("api.example.com"));
        assert_eq!(host_of("my-api"), None);
        assert_eq!(host_of("api://1f2e.x"), None);
        assert_eq!(host_of("urn:x.y"), None);
    }
}

//! What a pasted ModelArts address says: region, generation, service, which ways of
//! authenticating fit, and what is likely wrong with it.
//!
//! Everything here is read from the text alone. That an address is the one for Apps (a service
//! has at most two, one for IAM and one for Apps) cannot be seen in it and is not guessed.

use super::super::Context;
use crate::core::url::{self, Address, Mend, Scheme};

/// Domain of API groups, and of old real-time services until it was given up for them.
const GATEWAY_DOMAIN: &str = ".huaweicloudapis.com";
/// Domain of real-time services since 2024-12-31.
const INFER_DOMAIN: &str = ".modelarts-infer.com";
/// First label of a host there, before the region.
const INFER_LABEL: &str = "infer-modelarts-";
/// Domain of the management APIs.
const API_DOMAIN: &str = ".myhuaweicloud.com";

/// The two kinds of real-time services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `/v1/infers/<id>`: token, AK/SK, and Apps on a second address.
    Old,
    /// `/v2/infer/<id>`, “inference 2.0”: API key, token, or nothing.
    New,
}

impl Generation {
    /// In words, behind “a ModelArts service”.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Generation::Old => "of the old generation (/v1/infers)",
            Generation::New => "of the new generation (/v2/infer)",
        }
    }
}

/// A way that fits the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Its [kind](super::super::Way::kind).
    pub kind: &'static str,
    /// When to choose it, in a sentence.
    pub why: &'static str,
}

/// Something to look at before connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// One or two sentences.
    pub text: String,
    /// Whether the request cannot work so; otherwise it is only worth a look.
    pub certain: bool,
    /// The address put right, if that is clear.
    pub address: Option<String>,
}

/// What an address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Id of the region in the host's name: `cn-north-4`.
    pub region: Option<String>,
    /// By the path; `None` if it names neither.
    pub generation: Option<Generation>,
    /// Id of the service, usually a UUID.
    pub service: Option<String>,
    /// Best first; empty if the address is no service's.
    pub fits: &'static [Fit],
    /// Certain ones first.
    pub remarks: Vec<Remark>,
}

impl Advice {
    /// What was recognised, in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.fits.is_empty() {
            return "An address of Huawei Cloud, but of no service.".into();
        }
        let generation = self.generation.map(|g| format!(" {}", g.label())).unwrap_or_default();
        let region = self.region.as_ref().map(|r| format!(" in {r}")).unwrap_or_default();
        format!("A ModelArts service{generation}{region}.")
    }

    /// Whether a way of this kind fits. A way that is not Huawei's own may do the same by hand, so
    /// only Huawei's can be said not to.
    #[must_use]
    pub fn allows(&self, kind: &str) -> bool {
        !kind.starts_with("huawei-")
            || self.fits.is_empty()
            || self.fits.iter().any(|fit| fit.kind == kind)
    }
}

const OLD: &[Fit] = &[
    Fit {
        kind: "huawei-token",
        why: "A token of IAM for a project of this region, on the first address of the service's \
              Usage Guides.",
    },
    Fit {
        kind: "huawei-aksk",
        why: "A signature by an IAM user's AK/SK, on the first address of the Usage Guides.",
    },
    Fit {
        kind: "huawei-app",
        why: "A signature by AppKey and AppSecret, on the second address of the Usage Guides, if \
              an App is bound to the service.",
    },
    Fit {
        kind: "huawei-appcode",
        why: "The AppCode of a bound App, on the second address of the Usage Guides.",
    },
];

const NEW: &[Fit] = &[
    Fit { kind: "huawei-api-key", why: "An API key of ModelArts, if the service was deployed so." },
    Fit { kind: "huawei-token", why: "A token of IAM for a project of this region." },
    Fit { kind: "none", why: "Nothing, if the service was deployed without authentication." },
];

/// Looks at an address as typed; `None` if it has nothing of Huawei Cloud's, or cannot be read.
#[must_use]
pub fn advise(typed: &str) -> Option<Advice> {
    let address = url::read(typed).ok()?;
    let host = address.host.trim_end_matches('.');
    let (path, _, _) = url::split_query(&address.target);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let place = Place::of(host);
    let route = match parts.as_slice() {
        ["v1", "infers", ..] => Some(Generation::Old),
        ["v2", "infer", ..] => Some(Generation::New),
        _ => None,
    };
    if route.is_none() && place == Place::Elsewhere {
        return None;
    }
    if matches!(place, Place::Console | Place::Management) {
        return Some(no_service(place, region(host)));
    }
    let service = route.and(parts.get(2)).map(|id| (*id).to_owned());
    let mut remarks: Vec<Remark> = of_scheme(&address, typed, place).into_iter().collect();
    remarks.extend(of_path(&parts, route, service.as_deref(), place, typed));
    if route == Some(Generation::Old) && place == Place::Gateway {
        let region = region(host).unwrap_or_else(|| "<region>".into());
        remarks.push(Remark {
            text: format!(
                "Since 2024-12-31 ModelArts gives up huaweicloudapis.com: a service that was \
                 deployed or restarted later is at {INFER_LABEL}{region}{INFER_DOMAIN}. Look at \
                 its Usage Guides."
            ),
            certain: false,
            address: None,
        });
    }
    remarks.sort_by_key(|remark| !remark.certain);
    let fits = match route {
        Some(Generation::New) => NEW,
        _ => OLD,
    };
    Some(Advice { region: region(host), generation: route, service, fits, remarks })
}

/// Whose host it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// `<group>.apig.<region>.huaweicloudapis.com`
    Gateway,
    /// `infer-modelarts-<region>.modelarts-infer.com`
    Infer,
    /// A page of the console.
    Console,
    /// `modelarts.<region>.myhuaweicloud.com`
    Management,
    /// A load balancer, a name of the user's own, or nothing of Huawei's.
    Elsewhere,
}

impl Place {
    fn of(host: &str) -> Place {
        let console = host.starts_with("console") && host.ends_with(".huaweicloud.com");
        match host {
            _ if host.ends_with(GATEWAY_DOMAIN) => Place::Gateway,
            _ if host.ends_with(INFER_DOMAIN) => Place::Infer,
            _ if host.ends_with(API_DOMAIN) => Place::Management,
            _ if console => Place::Console,
            _ => Place::Elsewhere,
        }
    }
}

/// The region in a host's name.
fn region(host: &str) -> Option<String> {
    let label = if let Some(rest) = host.strip_suffix(GATEWAY_DOMAIN) {
        let (_, region) = rest.rsplit_once(".apig.")?;
        region
    } else if let Some(rest) = host.strip_suffix(INFER_DOMAIN) {
        rest.rsplit('.').find_map(|label| label.strip_prefix(INFER_LABEL))?
    } else {
        let (_, region) = host.strip_suffix(API_DOMAIN)?.rsplit_once('.')?;
        region
    };
    is_region(label).then(|| label.to_owned())
}

/// Whether it is written as regions are: `cn-north-4`, `ap-southeast-1`, `la-south-2`.
pub(super) fn is_region(text: &str) -> bool {
    text.contains('-')
        && text.split('-').all(|part| !part.is_empty())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn no_service(place: Place, region: Option<String>) -> Advice {
    let what = match place {
        Place::Console => "This is a page of the console",
        _ => "This is the address of Huawei Cloud's management APIs",
    };
    let remark = Remark {
        text: format!("{what}. A service's own address stands on its tab Usage Guides."),
        certain: true,
        address: None,
    };
    Advice { region, generation: None, service: None, fits: &[], remarks: vec![remark] }
}

fn of_scheme(address: &Address, typed: &str, place: Place) -> Option<Remark> {
    let text = url::trim(typed);
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let secure = Some(format!("wss://{rest}"));
    let from = address.mends.iter().find_map(|mend| match mend {
        Mend::SchemeMapped { from, .. } => Some(&**from),
        _ => None,
    });
    if from == Some("https") {
        let text = "The console writes https://; for a WebSocket it is wss://, which is used here.";
        return Some(Remark { text: text.into(), certain: false, address: secure });
    }
    let ours = matches!(place, Place::Gateway | Place::Infer);
    if ours && address.scheme == Scheme::Ws && address.socket.is_none() {
        let text = format!(
            "ModelArts is reached from outside by wss:// only; {}:// goes out unencrypted, \
             credentials included.",
            from.unwrap_or("ws")
        );
        return Some(Remark { text, certain: true, address: secure });
    }
    None
}

fn of_path(
    parts: &[&str],
    route: Option<Generation>,
    service: Option<&str>,
    place: Place,
    typed: &str,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut remark = |text: &str, certain: bool, address: Option<String>| {
        remarks.push(Remark { text: text.to_owned(), certain, address });
    };
    let slip = match parts {
        ["v1", "infer", ..] => Some(("/v1/infer/", "/v1/infers/")),
        ["v2", "infers", ..] => Some(("/v2/infers/", "/v2/infer/")),
        _ => None,
    };
    if let Some((wrong, right)) = slip {
        remark(
            &format!(
                "The path begins with {wrong}: the old generation has /v1/infers/, the new one \
                 /v2/infer/."
            ),
            true,
            typed.contains(wrong).then(|| typed.replacen(wrong, right, 1)),
        );
    } else if route.is_none() && place == Place::Infer {
        remark(
            "The path of a service is missing: /v1/infers/<id>, or /v2/infer/<id> in the new \
             generation.",
            true,
            None,
        );
    } else if route.is_some() {
        match service {
            None => remark("The service's id is missing behind the path.", true, None),
            Some(id) if !is_uuid(id) => remark(
                "The service's id is usually a UUID of 36 characters; this one is none. Was it \
                 pasted whole?",
                false,
                None,
            ),
            Some(_) => {}
        }
        if service.is_some() && parts.len() == 3 {
            remark(
                "Nothing follows the service's id. If the model has a path of its own (such as \
                 /ws), append it with or without a slash at the end exactly as it is declared; \
                 otherwise the gateway answers APIG.0101 or ModelArts.4204.",
                false,
                None,
            );
        }
    }
    remarks
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// What the address says against a way of Huawei's, as notes of its contribution.
pub(super) fn misfits(kind: &str, ctx: &Context<'_>) -> Vec<String> {
    let Some(advice) = advise(&ctx.request.url) else { return Vec::new() };
    let mut notes = Vec::new();
    if !advice.allows(kind)
        && let Some(generation) = advice.generation
    {
        let known = match generation {
            Generation::Old => "a token, AK/SK or an App",
            Generation::New => "an API key or a token",
        };
        notes.push(format!("the address is {}, which takes {known}", generation.label()));
    }
    let certain = advice.remarks.into_iter().filter(|remark| remark.certain);
    notes.extend(certain.map(|remark| remark.text));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "468d146d-278a-4ca2-8830-0b6fb37d3b72";
    const GATEWAY: &str = "6ac81cdf.apig.cn-north-4.huaweicloudapis.com";
    const INFER: &str = "infer-modelarts-cn-southwest-2.modelarts-infer.com";

    fn kinds(advice: &Advice) -> Vec<&str> {
        advice.fits.iter().map(|fit| fit.kind).collect()
    }

    #[test]
    fn region_generation_and_service_are_read() {
        let old = ["huawei-token", "huawei-aksk", "huawei-app", "huawei-appcode"];
        let new = ["huawei-api-key", "huawei-token", "none"];
        for (url, region, generation, service, fits) in [
            (
                format!("wss://{GATEWAY}/v1/infers/{ID}/ws"),
                Some("cn-north-4"),
                Some(Generation::Old),
                Some(ID),
                &old[..],
            ),
            (
                format!("https://{INFER}/v2/infer/{ID}/ws?x=1"),
                Some("cn-southwest-2"),
                Some(Generation::New),
                Some(ID),
                &new,
            ),
            (
                format!("{INFER}/v1/infers/{ID}"),
                Some("cn-southwest-2"),
                Some(Generation::Old),
                Some(ID),
                &old,
            ),
            (
                format!("wss://elb.example/v2/infer/{ID}/a"),
                None,
                Some(Generation::New),
                Some(ID),
                &new,
            ),
            (format!("wss://{GATEWAY}"), Some("cn-north-4"), None, None, &old),
            (
                "wss://modelarts.cn-north-4.myhuaweicloud.com/v1/x".into(),
                Some("cn-north-4"),
                None,
                None,
                &[],
            ),
            ("https://console.huaweicloud.com/modelarts/?region=x".into(), None, None, None, &[]),
            ("wss://x.apig..huaweicloudapis.com/v1/infers/".into(), None, None, None, &[]),
        ] {
            let Some(advice) = advise(&url) else {
                assert!(url.contains(".."), "{url}");
                continue;
            };
            assert_eq!(advice.region.as_deref(), region, "{url}");
            assert_eq!(advice.generation, generation, "{url}");
            assert_eq!(advice.service.as_deref(), service, "{url}");
            assert_eq!(kinds(&advice), fits, "{url}");
            assert!(advice.summary().ends_with('.'));
        }
        for url in
            ["wss://a.example/v1/infer/x", "", "wss://huaweicloudapis.com.evil.example/", "::"]
        {
            assert_eq!(advise(url), None, "{url}");
        }
        // Every way that is named exists.
        for fit in OLD.iter().chain(NEW) {
            assert!(super::super::super::find(fit.kind).is_some(), "{}", fit.kind);
            assert!(fit.why.ends_with('.'));
        }
    }

    #[test]
    fn mistakes_are_named_and_put_right() {
        let whole = format!("{INFER}/v1/infers/{ID}/ws");
        for (url, certain, words, fixed) in [
            (format!("https://{whole}"), false, "is used here", Some(format!("wss://{whole}"))),
            (
                format!(" http://{whole}"),
                true,
                "http:// goes out unencrypted",
                Some(format!("wss://{whole}")),
            ),
            (format!("ws://{whole}"), true, "by wss:// only", Some(format!("wss://{whole}"))),
            (
                format!("wss://{GATEWAY}/v1/infers/{ID}/ws"),
                false,
                "infer-modelarts-cn-north-4.modelarts-infer.com",
                None,
            ),
            (format!("wss://{INFER}/v2/infer/{ID}"), false, "Nothing follows", None),
            (format!("wss://{INFER}/v2/infer/"), true, "id is missing", None),
            (format!("wss://{INFER}/v2/infer/468d146d/ws"), false, "usually a UUID", None),
            (format!("wss://{INFER}/ws"), true, "path of a service is missing", None),
            (
                format!("wss://{INFER}/v1/infer/{ID}/ws"),
                true,
                "begins with /v1/infer/",
                Some(format!("wss://{INFER}/v1/infers/{ID}/ws")),
            ),
            (
                "https://console-intl.huaweicloud.com/modelarts/".into(),
                true,
                "page of the console",
                None,
            ),
        ] {
            let remarks = advise(&url).expect(&url).remarks;
            let found = remarks.iter().find(|remark| remark.text.contains(words));
            let found = found.unwrap_or_else(|| panic!("{url}: {remarks:?}"));
            assert_eq!((found.certain, &found.address), (certain, &fixed), "{url}");
        }
        assert_eq!(advise(&format!("wss://{whole}")).unwrap().remarks, []);
    }

    proptest! {
        #[test]
        fn anything_can_be_looked_at(
            host in "[a-z.-]{0,12}",
            domain in prop::sample::select(vec![GATEWAY_DOMAIN, INFER_DOMAIN, API_DOMAIN, ".apig..x", ""]),
            path in "(/(v1|v2|infers?|\\PC{0,3})){0,4}",
        ) {
            if let Some(advice) = advise(&format!("wss://{host}{domain}{path}")) {
                prop_assert!(advice.region.is_none_or(|region| is_region(&region)));
            }
        }
    }
}

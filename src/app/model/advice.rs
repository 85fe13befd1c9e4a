//! What the address of a request says about authentication: ways that fit it, and what cannot work.

use super::{NearWay, Tab, way_label};
use crate::auth::{self, Advice};

/// A sentence above the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdviceLine {
    pub text: String,
    /// It cannot work as it is.
    pub certain: bool,
}

impl Tab {
    /// What its address says, if it is one of a service that is known.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        auth::advise(&self.draft.url)
    }
}

/// What is worth saying beside the form: which ways fit while none of them is chosen, and what is
/// likely wrong with the address. `chooses` and `mends` are the keys for either.
#[must_use]
pub fn advice_lines(tab: &Tab, chooses: &str, mends: &str) -> Vec<AdviceLine> {
    let Some(advice) = tab.advice() else { return Vec::new() };
    let way = tab.way();
    let mut out = Vec::new();
    let fits = way != "none" && advice.fits.iter().any(|fit| fit.kind == way);
    if !fits && !advice.fits.is_empty() {
        let labels: Vec<String> = advice.fits.iter().map(|fit| way_label(fit.kind)).collect();
        let chosen = if advice.allows(way) {
            String::new()
        } else {
            format!("{} is none of them. ", way_label(way))
        };
        let text = format!(
            "{} Ways that fit: {}. {chosen}{chooses} chooses one.",
            advice.summary(),
            labels.join(", ")
        );
        out.push(AdviceLine { text, certain: false });
    } else if advice.fits.is_empty() {
        out.push(AdviceLine { text: advice.summary(), certain: false });
    }
    out.extend(advice.remarks.iter().map(|remark| {
        let mend = remark.address.as_ref().map(|_| format!(" {mends} puts it right."));
        let text = format!("{}{}", remark.text, mend.unwrap_or_default());
        AdviceLine { text, certain: remark.certain }
    }));
    out.sort_by_key(|line| !line.certain);
    out
}

/// The ways that fit, best first, for the top of the list.
#[must_use]
pub fn advised(tab: &Tab) -> Vec<NearWay> {
    let fits = tab.advice().map(|advice| advice.fits).unwrap_or_default();
    let near = fits.iter().map(|fit| NearWay {
        kind: fit.kind.to_owned(),
        heading: "Fits this address",
        why: fit.why,
    });
    near.collect()
}

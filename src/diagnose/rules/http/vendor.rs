//! Error codes of vendors in a refusal that no table knows; the tables' rows come by themselves.

use crate::core::evidence::Evidence;
use crate::diagnose::draft::Draft;
use crate::diagnose::{see, vendor};

pub(super) fn code(e: &Evidence) -> Option<Draft> {
    see::refusal(e).filter(|reply| reply.status != 401)?;
    vendor::of(e).is_none().then(|| vendor::unknown_code(e)).flatten()
}

/// The same in a refused login.
pub(in crate::diagnose::rules) fn login_code(e: &Evidence) -> Option<Draft> {
    see::status(e, &[401])?;
    vendor::of(e).is_none().then(|| vendor::unknown_code(e)).flatten()
}

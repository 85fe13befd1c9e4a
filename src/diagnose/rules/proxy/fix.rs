//! Changes of the proxy that rules offer.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::secret::MASK;

/// The same proxy spoken to in another way; `None` if its address holds a password, which the
/// record does not have.
pub(super) fn by_scheme(e: &Evidence, scheme: &str) -> Option<Change> {
    let url = e.proxy.as_ref()?.url.as_str();
    let (_, rest) = url.split_once("://")?;
    let plain =
        !rest.is_empty() && !url.contains(MASK) && rest.bytes().all(|b| b.is_ascii_graphic());
    plain.then(|| Change::SetProxy { url: format!("{scheme}://{rest}") })
}

/// No proxy for this request, whatever setting and environment say.
pub(super) fn without() -> Change {
    Change::SetProxy { url: crate::core::proxy::NONE.into() }
}

/// Whether the proxy was spoken to in SOCKS.
pub(super) fn is_socks(e: &Evidence) -> bool {
    e.proxy.as_ref().is_some_and(|proxy| proxy.kind.is_socks())
}

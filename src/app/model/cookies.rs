//! What is in the cookie jar, as far as it may be seen.

use crate::core::time::Micros;

/// A cookie without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieRow {
    pub domain: String,
    pub path: String,
    pub name: String,
    /// Goes over `wss://` only.
    pub secure: bool,
    /// `None` for one that ends with the session.
    pub expires: Option<Micros>,
    /// Length of the value in bytes.
    pub bytes: usize,
}

//! What of a log a reader sees.

use super::filter::Filter;
use super::sieve::Sieve;

/// Which rows are shown. Places of rows are counted over what a view shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Directions and kinds; known without reading a payload.
    pub classes: Filter,
    /// A filter on contents; it minds directions and kinds by itself, those that it was
    /// [made for](Sieve::new).
    pub sieve: Option<Sieve>,
}

impl From<Filter> for View {
    fn from(classes: Filter) -> View {
        View { classes, sieve: None }
    }
}

impl From<Sieve> for View {
    fn from(sieve: Sieve) -> View {
        View { classes: sieve.classes(), sieve: Some(sieve) }
    }
}

impl From<&View> for View {
    fn from(view: &View) -> View {
        view.clone()
    }
}

//! What of a log a reader sees.

use super::filter::Filter;

/// Which rows are shown. Places of rows are counted over what a view shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Directions and kinds; known without reading a payload.
    pub classes: Filter,
}

impl From<Filter> for View {
    fn from(classes: Filter) -> View {
        View { classes }
    }
}

impl From<&View> for View {
    fn from(view: &View) -> View {
        view.clone()
    }
}

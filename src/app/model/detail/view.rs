//! How a message is looked at.

use crate::payload::lens::{Lens, automatic};

/// Longer payloads are shown as they came unless somebody asks: laying them out takes seconds and
/// memory.
const AUTOMATIC_MOST: usize = 64 * 1024 * 1024;

/// A lens for the payload, or the frames that it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DetailView {
    Lens(Lens),
    Frames,
}

impl DetailView {
    pub const PRETTY: DetailView = DetailView::Lens(Lens::Pretty);
    pub const TREE: DetailView = DetailView::Lens(Lens::Tree);
    pub const RAW: DetailView = DetailView::Lens(Lens::Raw);
    pub const HEX: DetailView = DetailView::Lens(Lens::Hex);

    /// All there are, in the order of the menu.
    pub fn all() -> impl Iterator<Item = DetailView> {
        // A lens of that name would know the payload alone.
        let frames = DetailView::Frames;
        let lenses = Lens::ALL.iter().filter(move |lens| lens.label() != frames.label());
        lenses.copied().map(DetailView::Lens).chain([frames])
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            DetailView::Lens(lens) => lens.label(),
            DetailView::Frames => "frames",
        }
    }

    /// Whether it can say something about this payload. Text as it came and bytes always can.
    #[must_use]
    pub fn fits(self, payload: &[u8], is_text: bool) -> bool {
        match self {
            DetailView::Frames | DetailView::Lens(Lens::Raw | Lens::Hex) => true,
            DetailView::Lens(lens) => lens.fits(payload, is_text),
        }
    }

    /// Where nobody has chosen.
    #[must_use]
    pub fn automatic(payload: &[u8], is_text: bool) -> DetailView {
        match automatic(payload, is_text) {
            Lens::Hex => DetailView::HEX,
            _ if payload.len() > AUTOMATIC_MOST && is_text => DetailView::RAW,
            _ if payload.len() > AUTOMATIC_MOST => DetailView::HEX,
            lens => DetailView::Lens(lens),
        }
    }
}

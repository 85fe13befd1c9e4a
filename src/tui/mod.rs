//! The screen: [`draw()`] pictures the model, [`Input`] turns what the terminal reports into messages.
//! Nothing here changes the program's state.
//!
//! | where | what |
//! | --- | --- |
//! | `draw` | one picture: the panes in their places, then the windows over them |
//! | `layout` | which pane gets which cells, from the size and the focus |
//! | `pen` | the only way to the buffer: clipped, escaped, cut with `…`, and with hit areas |
//! | `panes` | one file a pane |
//! | `modals` | one file a window |
//! | `widgets` | fields, texts, lists, scroll marks |
//! | `styles` | a theme in ratatui's terms |
//! | `words` | times, sizes and states as people read them |
//! | `input` | crossterm's events as [`Msg`](crate::app::Msg) |
//!
//! A drawing costs what is visible, never what there is: the log is read by its window, texts by
//! their visible lines. It works at every size; under 40 by 10 cells a sentence asks for more room.

mod draw;
mod input;
mod layout;
mod modals;
mod panes;
mod pen;
mod styles;
mod widgets;
mod words;

pub use draw::draw;
pub use input::Input;
pub use layout::{LEAST_HEIGHT, LEAST_WIDTH};
pub use styles::Styles;

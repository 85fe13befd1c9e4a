//! What lies under the pointer is what is seen there.

use wsdeck::app::geometry::Target;
use wsdeck::app::model::{Pane, RequestTab};
use wsdeck::core::action::Action;

use super::{scenes, settle, text_of};

/// The target at the first cell of a text on screen.
fn under(model: &mut wsdeck::app::Model, words: &str) -> Option<Target> {
    let (buffer, geometry, _) = settle(model, 120, 40);
    let text = text_of(&buffer);
    let (y, line) = text.lines().enumerate().find(|(_, line)| line.contains(words))?;
    let x = wsdeck::core::sanitize::display_width(line.split(words).next()?);
    geometry.at(u16::try_from(x).unwrap(), u16::try_from(y).unwrap()).map(|(_, target)| target)
}

#[test]
fn words_are_buttons() {
    let mut model = scenes::reading();
    for (words, target) in [
        ("Disconnect", Target::ConnectButton),
        ("wss://infer", Target::Url),
        ("Params 2", Target::RequestTab(RequestTab::Params)),
        ("Saved ▸", Target::SavedToggle),
        ("beautify", Target::Button(Action::Beautify)),
        ("Send", Target::Button(Action::Send)),
        ("all ▾", Target::Button(Action::FilterKind)),
        ("Messages", Target::Divider),
        ("commands", Target::Button(Action::Palette)),
        ("\"prompt\"", Target::Composer),
    ] {
        assert_eq!(under(&mut model, words), Some(target), "{words}");
    }
    let mut model = scenes::failed();
    assert_eq!(under(&mut model, "Switch to ws://"), Some(Target::Fix(0)));
    assert_eq!(under(&mut model, "Try port 443"), Some(Target::Fix(1)));
}

#[test]
fn rows_of_the_log_are_numbered_from_its_top() {
    let mut model = scenes::connected();
    model.tab_mut().focus = Pane::Log;
    // The last row of the eleven that are seen is the newest.
    assert_eq!(under(&mut model, "{\"token\":\"!\""), Some(Target::LogRow(10)));
    assert_eq!(under(&mut model, "reconnected"), Some(Target::LogRow(9)));
}

#[test]
fn a_window_lies_over_what_is_below() {
    let mut model = scenes::after(scenes::connected(), &[Action::GoTo]);
    assert_eq!(under(&mut model, "Handshake     "), Some(Target::ModalRow(6)));
    assert_eq!(under(&mut model, "Go to"), Some(Target::Modal));
}

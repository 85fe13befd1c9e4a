//! Pictures of whole screens.

use wsdeck::app::model::{Model, Pane, RequestTab};
use wsdeck::core::action::Action;

use super::{scenes, screen};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// A picture at each of the three sizes.
pub fn pictures(name: &str, mut model: Model) {
    for (width, height) in SIZES {
        picture(&format!("{name}_{width}x{height}"), &mut model, width, height);
    }
}

pub fn picture(name: &str, model: &mut Model, width: u16, height: u16) {
    let text = screen(model, width, height);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn idle() {
    pictures("idle", scenes::idle());
}

#[test]
fn composing_json_with_a_problem() {
    pictures("composing", scenes::composing());
}

#[test]
fn connected_with_log_and_detail() {
    pictures("reading", scenes::reading());
}

#[test]
fn the_detail_has_the_keys() {
    let mut model = scenes::reading();
    model.tab_mut().focus = Pane::Detail;
    picture("detail_80x24", &mut model, 80, 24);
}

#[test]
fn failed_tls() {
    pictures("failed", scenes::failed());
}

#[test]
fn headers_while_a_name_is_typed() {
    pictures("headers", scenes::naming_a_header());
}

#[test]
fn params() {
    picture("params_80x24", &mut scenes::at(scenes::request(), RequestTab::Params), 80, 24);
}

#[test]
fn auth() {
    picture("auth_80x24", &mut scenes::at(scenes::request(), RequestTab::Auth), 80, 24);
}

#[test]
fn settings() {
    let mut model = scenes::at(scenes::busy(), RequestTab::Settings);
    picture("settings_80x24", &mut model, 80, 24);
    picture("settings_120x40", &mut model, 120, 40);
}

#[test]
fn handshake_before_the_first_attempt() {
    picture("untried_80x24", &mut scenes::at(scenes::request(), RequestTab::Handshake), 80, 24);
}

#[test]
fn searching_the_log() {
    pictures("searching", scenes::searching());
}

#[test]
fn statistics() {
    pictures("stats", scenes::statistics());
    let none = scenes::after(scenes::idle(), &[Action::Statistics]);
    picture("stats_none_80x24", &mut { none }, 80, 24);
}

#[test]
fn several_connections_and_a_reconnect() {
    pictures("busy", scenes::busy());
}

#[test]
fn palette() {
    let mut model = scenes::after(scenes::connected(), &[Action::Palette]);
    picture("palette_80x24", &mut model, 80, 24);
    picture("palette_120x40", &mut model, 120, 40);
}

#[test]
fn help() {
    pictures("help", scenes::after(scenes::connected(), &[Action::Help]));
}

#[test]
fn windows() {
    for (name, model, action) in [
        ("go_to", scenes::connected(), Action::GoTo),
        ("filter", scenes::connected(), Action::FilterKind),
        ("close_with", scenes::connected(), Action::CloseWith),
        ("quit", scenes::connected(), Action::Quit),
    ] {
        picture(&format!("{name}_80x24"), &mut scenes::after(model, &[action]), 80, 24);
    }
}

#[test]
fn small_screens() {
    let mut model = scenes::composing();
    picture("small_40x10", &mut model, 40, 10);
    picture("small_60x16", &mut model, 60, 16);
    model.tab_mut().set_url("example.com/a b");
    model.tab_mut().refresh_preview(super::NOW);
    model.tab_mut().focus = Pane::Url;
    picture("small_url_60x16", &mut model, 60, 16);
    picture("too_small_39x9", &mut model, 39, 9);
}

#[test]
fn work_under_way_and_a_file_on_its_way_out() {
    let mut model = scenes::at_work();
    picture("at_work_80x24", &mut model, 80, 24);
    picture("at_work_120x40", &mut model, 120, 40);
}

#[test]
fn bytes_in_hexadecimal_have_offsets_and_letters() {
    let mut model = scenes::typing_bytes();
    picture("typing_bytes_80x24", &mut model, 80, 24);
    picture("typing_bytes_120x40", &mut model, 120, 40);
}

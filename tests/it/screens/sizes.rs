//! No size and no state breaks the drawing, and the state of the connection is always on screen.

use wsdeck::app::Model;

use super::{draw_once, scenes, text_of};

/// Around every width and height at which the layout changes.
const WIDTHS: [u16; 15] = [1, 2, 5, 17, 39, 40, 41, 59, 61, 80, 99, 100, 159, 160, 300];
const HEIGHTS: [u16; 13] = [1, 2, 5, 9, 10, 11, 13, 17, 18, 24, 30, 60, 100];

fn check(name: &str, model: &Model, width: u16, height: u16) {
    let (buffer, geometry, cursor) = draw_once(model, width, height);
    assert_eq!((buffer.area.width, buffer.area.height), (width, height));
    if let Some((x, y)) = cursor {
        assert!(x < width && y < height, "{name} at {width}x{height}");
    }
    for (area, target) in &geometry.hits {
        let inside = area.x + area.width <= width && area.y + area.height <= height;
        assert!(inside, "{name} at {width}x{height}: {target:?} {area:?}");
    }
}

#[test]
fn every_scene_is_drawn_at_every_kind_of_size() {
    for (index, (name, model)) in scenes::all().iter().enumerate() {
        for (place, width) in WIDTHS.into_iter().enumerate() {
            // Every width with some heights; other heights for each scene.
            for height in HEIGHTS.into_iter().skip((index + place) % 5).step_by(5) {
                check(name, model, width, height);
            }
        }
    }
}

#[test]
fn the_fullest_scenes_are_drawn_at_all_sizes() {
    for (name, model) in [("busy", scenes::busy()), ("failed", scenes::failed())] {
        for width in WIDTHS {
            for height in HEIGHTS {
                check(name, &model, width, height);
            }
        }
    }
}

#[test]
fn the_state_stands_in_the_lower_right_corner() {
    for (width, height) in [(40, 10), (80, 24), (120, 40), (200, 60)] {
        for (model, words) in [
            (scenes::idle(), "○ NOT CONNECTED"),
            (scenes::connected(), "● CONNECTED"),
            (scenes::notified(), "● CONNECTED"),
            (scenes::failed(), "✗ FAILED tls/plain-http-server"),
        ] {
            let (buffer, ..) = draw_once(&model, width, height);
            let text = text_of(&buffer);
            let last = text.lines().last().unwrap();
            assert!(last.contains(words), "{width}x{height}: {last}");
        }
    }
}

#[test]
fn certificates_that_are_not_checked_are_marked_at_every_size() {
    for (width, height) in [(60, 12), (80, 24), (120, 40), (200, 60)] {
        let (buffer, ..) = draw_once(&scenes::busy(), width, height);
        let text = text_of(&buffer);
        assert!(text.lines().last().unwrap().contains("VERIFY OFF"), "{width}x{height}");
    }
}

//! Rules of the 101, of close codes and of frames.

mod close;
mod deflate;
mod deviation;
mod dropped;
mod frame;
mod private;

pub(in crate::diagnose::rules) use close::closed;
pub(in crate::diagnose::rules) use deflate::{is_offered, switch_off};
pub(in crate::diagnose::rules) use dropped::{SAFE_PING_MS, last_words, story};

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("ws/accept-missing", deviation::accept_missing),
    &FnRule::new("ws/accept-mismatch", deviation::accept_mismatch),
    &FnRule::new("ws/upgrade-missing", deviation::upgrade_missing),
    &FnRule::new("ws/upgrade-other", deviation::upgrade_other),
    &FnRule::new("ws/connection-missing", deviation::connection),
    &FnRule::new("ws/101-http10", deviation::http10),
    &FnRule::new("ws/subprotocol-not-chosen", deviation::subprotocol_ignored),
    &FnRule::new("ws/subprotocol-unrequested", deviation::subprotocol_unrequested),
    &FnRule::new("ws/subprotocol-multiple", deviation::subprotocol_multiple)
        .over(&["ws/subprotocol-unrequested"]),
    &FnRule::new("ws/extension-unrequested", deviation::extension),
    &FnRule::new("ws/deflate-bad-parameter", deflate::bad_parameter)
        .over(&["ws/frame-rsv1", "ws/extension-unrequested"]),
    &FnRule::new("ws/compression-declined", deflate::declined),
    &FnRule::new("ws/deflate-corrupt", deflate::corrupt).over(frame::ALL),
    &FnRule::new("ws/deflate-bomb", deflate::bomb).over(&["msg/too-big-received", "ws/close-1006"]),
    &FnRule::new("ws/101-then-fin", dropped::fin).over(&["ws/close-1006"]),
    &FnRule::new("ws/101-then-rst", dropped::rst).over(&["ws/close-1006"]),
    &FnRule::new("ws/half-open", dropped::half_open).over(&["ws/close-1006"]),
    &FnRule::new("ws/ping-unanswered", dropped::ping_unanswered)
        .over(&["ws/close-unanswered", "ws/close-1006"]),
    &FnRule::new("ws/close-unanswered", dropped::close_unanswered),
    &FnRule::new("ws/frame-cut", dropped::frame_cut).over(&[
        "ws/close-1006",
        "ws/101-then-fin",
        "ws/101-then-rst",
    ]),
    &FnRule::general("ws/close-1006", dropped::abnormal),
    &FnRule::new("ws/close-1000", close::normal),
    &FnRule::general("ws/close-1001", close::going_away),
    &FnRule::new("ws/close-1002", close::protocol_error),
    &FnRule::new("ws/close-1003", close::unsupported_data),
    &FnRule::new("ws/close-1005", close::no_status),
    &FnRule::new("ws/close-1007", close::invalid_payload),
    &FnRule::general("ws/close-1008", close::policy),
    &FnRule::general("ws/close-1009", close::too_big),
    &FnRule::new("ws/close-1010", close::extension),
    &FnRule::general("ws/close-1011", close::internal),
    &FnRule::new("ws/close-1012-1013", close::try_later),
    &FnRule::new("ws/close-invalid-code", close::invalid_code),
    &FnRule::new("ws/close-1015", close::tls).over(&["ws/close-1006"]),
    &FnRule::new("ws/close-one-byte", close::one_byte),
    &FnRule::new("ws/close-reason-utf8", close::reason_not_utf8),
    &FnRule::general("ws/close-3000-3999", private::registered),
    &FnRule::new("ws/close-44xx", private::like_http),
    &FnRule::general("ws/close-4xxx-unknown", private::private),
    &FnRule::new("ws/101-late-body", frame::late_body).over(frame::ALL),
    &FnRule::new("ws/frame-masked", frame::masked),
    &FnRule::new("ws/frame-rsv1", frame::rsv1),
    &FnRule::new("ws/frame-rsv23", frame::rsv23),
    &FnRule::new("ws/frame-opcode", frame::opcode),
    &FnRule::new("ws/frame-control-fragmented", frame::control_fragmented),
    &FnRule::new("ws/frame-control-too-long", frame::control_too_long),
    &FnRule::new("ws/frame-continuation", frame::continuation),
    &FnRule::new("ws/frame-length", frame::length).over(&["msg/too-big-received"]),
    &FnRule::new("ws/text-not-utf8", frame::not_utf8),
    &FnRule::general("ws/protocol-violation", frame::violation),
];

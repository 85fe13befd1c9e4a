//! Rules of the TCP connection.

mod address;
mod closed;
mod refused;
mod socket;
mod unreachable;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::general("tcp/refused", refused::refused),
    &FnRule::new("tcp/refused-default-port", refused::default_port),
    &FnRule::new("tcp/localhost-v6", address::localhost_v6),
    &FnRule::new("tcp/timeout-filtered", unreachable::timeout),
    &FnRule::general("tcp/unreachable", unreachable::unreachable),
    &FnRule::new("tcp/v6-only", unreachable::v6_only),
    &FnRule::new("tcp/macos-local-network", unreachable::macos_local_network),
    &FnRule::new("tcp/accepted-then-closed", closed::accepted_then_closed),
    &FnRule::new("tcp/reset-on-connect", closed::reset_on_connect),
    &FnRule::new("tcp/socket-missing", socket::missing),
    &FnRule::new("tcp/permission", unreachable::permission),
    &FnRule::new("tcp/local-limits", unreachable::local_limits),
    &FnRule::new("tcp/zero-address", address::zero_address),
    &FnRule::new("tcp/ipv6-broken", address::ipv6_broken),
    &FnRule::new("tcp/backlog-full", address::backlog_full),
    &FnRule::new("tcp/loopback-inside", address::loopback_inside),
];

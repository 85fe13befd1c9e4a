//! Rules of name resolution.

mod answer;
mod kind_of_name;
mod moved;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::general("dns/nxdomain", answer::nxdomain),
    &FnRule::new("dns/no-address", answer::no_address),
    &FnRule::general("dns/timeout", answer::timeout),
    &FnRule::new("dns/offline", answer::offline),
    &FnRule::new("dns/servfail", answer::servfail),
    &FnRule::new("dns/local-mdns", kind_of_name::local_mdns),
    &FnRule::new("dns/single-label", kind_of_name::single_label),
    &FnRule::new("dns/split-horizon", kind_of_name::split_horizon),
    &FnRule::new("dns/sinkhole", kind_of_name::sinkhole)
        .over(&["tcp/refused", "tcp/refused-default-port"]),
    &FnRule::new("dns/bad-name", kind_of_name::bad_name),
    &FnRule::new("dns/moved", moved::moved),
];

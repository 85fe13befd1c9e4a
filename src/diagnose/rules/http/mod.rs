//! Rules of this family.

use crate::diagnose::rule::Rule;

pub(super) static RULES: &[&dyn Rule] = &[];

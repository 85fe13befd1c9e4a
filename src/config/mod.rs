//! Settings and keys: defaults, the user's file on top, every problem with its place.

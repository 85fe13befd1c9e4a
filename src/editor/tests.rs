//! Tests of the editor as a whole.

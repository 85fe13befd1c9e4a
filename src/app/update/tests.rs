//! Courses of events by value.

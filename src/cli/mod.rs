//! Headless commands: check, cat, serve, explain and their kin.

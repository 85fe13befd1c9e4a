//! Error texts of vendors as data.

//! What is kept on disk between runs: drafts, saved messages, history.

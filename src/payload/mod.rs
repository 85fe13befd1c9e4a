//! What the bytes of a message mean.

//! The transport: one task a connection, from the name to the close frame.

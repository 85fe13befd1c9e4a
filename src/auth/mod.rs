//! How each way of authenticating puts itself on the opening handshake.

//! Bounds on what a peer can make us hold, in one place so that they can be reviewed together.

/// Largest reply head of an opening handshake, in bytes (status line and headers).
pub const MAX_REPLY_HEAD: usize = 128 * 1024;

/// Most header lines in a reply.
pub const MAX_REPLY_HEADERS: usize = 256;

/// Bytes of a refusal's body that are read and kept.
pub const MAX_REPLY_BODY: usize = 64 * 1024;

/// Milliseconds to wait for the rest of a refusal's body after its head.
pub const REPLY_BODY_WAIT_MS: u64 = 1_000;

/// First bytes of a peer that does not speak what it should, kept as evidence.
pub const FIRST_BYTES: usize = 256;

/// Certificates kept of a peer's chain.
pub const MAX_CHAIN: usize = 10;

/// Names of issuers kept of a server's request for a client certificate.
pub const MAX_ISSUERS: usize = 50;

/// Bytes of our ClientHello that are read again for the record.
pub const MAX_HELLO: usize = 8 * 1024;

/// Frame records kept at each end of an open connection.
pub const LAST_FRAMES: usize = 32;

/// Default limit for a received message, in bytes.
pub const DEFAULT_MAX_MESSAGE: usize = 64 * 1024 * 1024;

//! Ways of authenticating, each through the real transport against a practice endpoint that
//! verifies by itself.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod first;
mod huawei;
mod oauth;
mod obtain;
mod signers;

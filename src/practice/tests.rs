//! The server against a client that is not ours (tokio-tungstenite), and against raw sockets
//! where no lawful client can look closely enough.

mod healthy;

//! The practice server: healthy and faulty WebSocket endpoints on loopback.

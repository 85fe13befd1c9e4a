//! wsdeck: a terminal client for WebSockets, for exploring chatty servers, for debugging
//! handshakes that fail, and for showing a service to others.
//!
//! # How it is built
//!
//! The crate is a house of rooms with few doors. Values and rules are apart from what touches the
//! world, so that most of it is tested by value:
//!
//! | room | holds | may use |
//! | --- | --- | --- |
//! | [`core`] | requests, URLs, headers, events, [`core::evidence`], findings, keys and actions | nothing of ours |
//! | [`auth`] | one file a way of authenticating: what it asks for, what it puts on the handshake | core |
//! | [`payload`] | what bytes mean: kinds, validation, beautifying, colours, hex | core |
//! | [`editor`] | the rope, cursor, selection and undo behind every field | core |
//! | [`report`] | a record as Markdown, as command lines, and read back | core |
//! | [`diagnose`] | rules from evidence to findings, and a page for each finding | core |
//! | [`log`] | the message log: append, disk, windows, filters, search, pairs, statistics; bounded memory | core, payload |
//! | [`net`] | one task a connection: dial in stages, tap, session | core |
//! | [`credentials`] | gets what a request needs: files, references to secrets, tokens from elsewhere | core, auth, net, store |
//! | [`probe`] | makes the further attempts that a diagnosis asks for, bare unless allowed | core, auth, diagnose, net |
//! | [`config`] | settings, key table, themes, with the place of every mistake | core |
//! | [`store`] | what survives between runs; secrets apart from shareable files | core, auth |
//! | [`app`] | the program without I/O: model, messages, effects, update | core, auth, payload, editor, diagnose, report, config, log |
//! | [`tui`] | draws the model, translates input | app, core, payload, editor, config |
//! | [`runtime`] | the loop, effects, the terminal: where the parts are joined | all but cli |
//! | [`practice`] | a server that is healthy or faulty on purpose | core |
//! | [`cli`] | the headless commands | all but app, tui, runtime, editor |
//!
//! `tests/it/arch.rs` reads the sources and keeps this table true, for our modules and for the
//! foreign crates that touch terminal, sockets, files and clocks.
//!
//! # How data flows
//!
//! A key goes through [`tui`]'s input to an [`core::action::Action`] and to [`app::update()`],
//! which changes the model and returns effects. The runtime carries them out:
//! [`app::Effect::Connect`] starts a task of [`net`], whose messages go straight into the tab's
//! [`log`], past the program's loop, and whose other events come back as [`app::Msg`]. A changed
//! model is drawn at most every 16 ms. Drawing changes nothing; it returns where things are, for
//! the mouse. The transport knows no model.
//!
//! So a flood costs the loop one note a frame however many messages it brings, a pong is never
//! late because a screen is slow, and an idle program sleeps.
//!
//! # Where to add
//!
//! A way of authenticating is a file in [`auth`] and a line in [`auth::ways`]; one that needs
//! something from elsewhere has a kind of [`auth::Ask`] and a file in `credentials/obtain` as well,
//! and each has an endpoint of the practice server that checks it by code of its own. A rule is a file in
//! `diagnose/rules`, a line in its folder, a page in `assets/findings` and a fixture; a test names
//! what is missing. A probe is a kind in [`core::evidence`], a rung in `diagnose/probes/ladders`,
//! its meaning in `read.rs` there, and how it is made in [`probe`]. A practice endpoint is a function and a row of the table. A setting is a field
//! in `config/settings`, from which the example file is made. A term of the log's filter
//! language is a variant in `log/query`, read in `parse`, shown in `show`, asked in `check` and
//! explained in `terms`; a test types every example. A command is a variant of `Action`
//! and an entry in `assets/keymap.toml`.
//!
//! # Where this differs from the plan it began with
//!
//! Reconnecting is the program's ([`app`]), not the transport's: the wait is on the screen, a key
//! stops it, and each attempt makes its credentials anew. Back-off is a pure function in
//! [`core::backoff`]. What authentication needs from network, files and people is a room of its
//! own, [`credentials`], between the pure [`auth`] and the transport: command line, interface and
//! probes prepare a request by the same steps. Log search runs in slices on a thread and is asked for its hits, instead of
//! sending them.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod core;
pub mod credentials;
pub mod diagnose;
pub mod editor;
pub mod log;
pub mod net;
pub mod payload;
pub mod practice;
pub mod probe;
pub mod report;
pub mod runtime;
pub mod store;
pub mod tui;

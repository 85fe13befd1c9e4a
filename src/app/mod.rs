//! The program without I/O: model, messages, effects, update.

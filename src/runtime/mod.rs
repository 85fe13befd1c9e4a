//! Where the parts are joined: the loop, effects, terminal guard.

//! The message log: append, read a window, search, with a bound on memory.

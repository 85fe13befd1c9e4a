//! The program as scripts meet it: the real binary, its output and its exit codes.

mod dry_run;
mod help;
mod run;

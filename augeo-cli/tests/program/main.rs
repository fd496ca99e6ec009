//! The whole program, run as its users run it: arguments in, text and exit code out.

mod bad_input;
#[cfg(unix)]
mod cancel;
mod emulator;
mod kept;
mod lifecycle;
mod offline;
mod readme;
mod rehearse;
mod rules;
mod run;

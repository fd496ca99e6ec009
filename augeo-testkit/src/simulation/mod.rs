//! Whole runs from a seed: the real planner, executor, provider and client against the emulator's
//! world, under paused time, with faults and crashes, and with the promises checked at each moment.

mod address;
mod blow;
mod calm;
pub mod campaign;
mod check;
mod excuse;
mod exhaustive;
mod fault;
pub mod mark;
mod monitor;
pub mod mutants;
mod online;
mod profile;
mod random;
mod run;
mod script;
mod secret;
mod shape;
mod shrink;
mod somebody;
mod subject;
mod violation;

pub use exhaustive::{Sweep, every_crash_of_destroy, every_crash_of_provision};
pub use fault::{FaultClass, When};
pub use profile::{PROFILES, Profile};
pub use random::Random;
pub use run::Outcome;
pub use script::{Act, Blow, Crash, Ending, Faults, Lags, Script, Step, Strike};
pub use shape::{Kind, Node, Shape, Tweak};
pub use shrink::{Shrunk, shrink};
pub use subject::{Expected, Subject};
pub use violation::{Invariant, Violation};

/// Plays a script with the stack that it brings.
///
/// # Panics
/// When the script brings none.
pub fn play(script: &Script) -> Outcome {
    let shape = script.shape.as_ref();
    run::play(script, shape.expect("the script brings a stack"), false)
}

/// The same, with every request and answer written down.
///
/// # Panics
/// When the script brings no stack.
pub fn play_traced(script: &Script) -> Outcome {
    let shape = script.shape.as_ref();
    run::play(script, shape.expect("the script brings a stack"), true)
}

/// Plays a script with a stack of the caller's.
pub fn play_with(script: &Script, subject: &dyn Subject) -> Outcome {
    run::play(script, subject, false)
}

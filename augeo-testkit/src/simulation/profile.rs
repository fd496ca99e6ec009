//! How much of what goes wrong: named mixtures from which seeds draw.

use super::fault::FaultClass;

/// A mixture. Shares are of a thousand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, for the command line.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Stacks have at most so many nodes.
    pub nodes_max: usize,
    /// And at most so many edits.
    pub edits_max: usize,
    /// The share of runs that are killed.
    pub crash: u32,
    /// They die at one of so many first requests.
    pub crash_request_max: usize,
    /// The share of provisions that are two at once.
    pub together: u32,
    /// The share of steps after which, and of plans within which, somebody acts.
    pub acts: u32,
    /// The share of steps after which everything is destroyed.
    pub destroys: u32,
    /// The highest share of requests that one class of faults meets.
    pub requests: u32,
    /// Which classes those are of.
    pub classes: &'static [FaultClass],
    /// The highest share of writes whose operation ends otherwise.
    pub operations: u32,
    /// The share of worlds that lag.
    pub lags: u32,
}

const MIXED: Profile = Profile {
    name: "mixed",
    about: "everything at once, each class on in some seeds only",
    nodes_max: 14,
    edits_max: 2,
    crash: 400,
    crash_request_max: 80,
    together: 60,
    acts: 150,
    destroys: 100,
    requests: 40,
    classes: &FaultClass::ALL,
    operations: 60,
    lags: 400,
};

const NOTHING: Profile = Profile {
    name: "calm",
    about: "nothing goes wrong: what a run costs, and that it changes nothing twice",
    nodes_max: 14,
    edits_max: 1,
    crash: 0,
    crash_request_max: 1,
    together: 0,
    acts: 0,
    destroys: 0,
    requests: 0,
    classes: &FaultClass::ALL,
    operations: 0,
    lags: 0,
};

/// Every profile; the first is the usual one.
pub static PROFILES: &[Profile] = &[
    MIXED,
    NOTHING,
    Profile {
        name: "network",
        about: "faults on requests only: no user may ever see one",
        requests: 120,
        ..NOTHING
    },
    Profile {
        name: "crashes",
        about: "runs are killed at any request, and the stack changes before the next",
        edits_max: 3,
        crash: 900,
        crash_request_max: 80,
        destroys: 200,
        ..NOTHING
    },
    Profile {
        name: "operations",
        about: "operations fail, are cancelled, get lost, end early or never",
        operations: 250,
        edits_max: 2,
        destroys: 200,
        ..NOTHING
    },
    Profile {
        name: "lags",
        about: "what was written is not seen at once, and never twice in the same order",
        lags: 1000,
        edits_max: 2,
        ..NOTHING
    },
    Profile {
        name: "people",
        about: "somebody else changes, deletes and adds at the same time; two runs at once",
        acts: 600,
        together: 300,
        edits_max: 2,
        ..NOTHING
    },
    Profile {
        name: "waits",
        about: "long polite waits, and an outage amidst them",
        requests: 700,
        classes: &[
            FaultClass::Throttled,
            FaultClass::ThrottledSilently,
            FaultClass::InternalBefore,
        ],
        ..NOTHING
    },
];

impl Profile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }
}

//! What goes wrong at the fake provider, as data: which mutation is struck, and how.

/// What becomes of a struck mutation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is refused with this code; nothing is changed.
    Refuse(&'static str),
    /// It is accepted and its operation fails with this code; the resource stays.
    FailOperation(&'static str),
    /// It is committed and its answer is lost.
    LoseAnswer,
    /// The process dies before it is committed.
    DieBefore,
    /// The process dies right after it is committed.
    DieAfter,
    /// A defect in the provider: the call panics before anything is committed.
    Panic,
}

/// Which mutation is struck.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Key(String),
    Nth(usize),
}

/// One thing that goes wrong, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    target: Target,
    pub(super) effect: Effect,
}

impl Fault {
    /// Strikes the next mutation of the resource whose key ends so.
    pub fn of(key: impl Into<String>, effect: Effect) -> Self {
        Self {
            target: Target::Key(key.into()),
            effect,
        }
    }

    /// Strikes the mutation before which `mutations` others were sent from now on.
    pub fn after(mutations: usize, effect: Effect) -> Self {
        Self {
            target: Target::Nth(mutations),
            effect,
        }
    }

    /// Whether it strikes the next mutation, which is of `key`; if not, it has come nearer.
    pub(super) fn strikes(&mut self, key: &str) -> bool {
        match &mut self.target {
            Target::Key(end) => key.ends_with(end.as_str()),
            Target::Nth(0) => true,
            Target::Nth(mutations) => {
                *mutations -= 1;
                false
            }
        }
    }
}

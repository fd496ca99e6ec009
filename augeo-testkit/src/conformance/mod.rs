//! What every provider must do, as a suite that any of them is run through.
//!
//! A [`Harness`] makes worlds and says what to declare in them; [`run`] tries each check on each
//! case in a fresh world and returns every breach. It asks for results, never for calls.

mod changes;
mod checks;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use augeo_core::Stack;
use augeo_core::clock::Clock;
use augeo_core::name::{ResourceId, ResourceName};
use augeo_core::provider::Provider;
use augeo_core::value::{PropertyPath, Value};

/// One world: a provider over it, and what others can do to it.
#[async_trait]
pub trait World: Send + Sync {
    /// A provider as a process that has just begun would have it. Each call is another process
    /// over the same world: what only memory held is lost.
    fn provider(&self) -> Arc<dyn Provider>;

    /// The time in this world.
    fn clock(&self) -> Arc<dyn Clock>;

    /// How many mutations were committed so far, by anybody.
    fn mutations(&self) -> usize;

    /// Somebody else sets a property of a resource that exists.
    async fn edit(&self, id: &ResourceId, path: &PropertyPath, value: &Value);

    /// Somebody else deletes a resource; it is gone when this returns.
    async fn delete(&self, id: &ResourceId);

    /// The mark that proves whose a resource is names another stack from now on. False if this
    /// kind of resource bears no mark of its own.
    async fn give_away(&self, id: &ResourceId) -> bool;
}

/// A difference that somebody else makes.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The resource.
    pub resource: ResourceName,
    /// Its property: one that is declared.
    pub path: PropertyPath,
    /// What it is set to: something else than what is declared.
    pub value: Value,
}

/// One stack to try.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is about.
    pub name: &'static str,
    /// What is declared first.
    pub stack: Stack,
    /// What is declared then: the same with something changed in place, added or removed.
    pub edited: Stack,
    /// What somebody else changes; each must be noticed and mended.
    pub edits: Vec<Edit>,
}

/// What a provider is tried with.
pub trait Harness: Sync {
    /// An empty world.
    fn world(&self) -> Arc<dyn World>;

    /// The stacks to try. Together they should have every type that the provider knows.
    fn cases(&self) -> Vec<Case>;
}

/// What a provider does and must not, or does not and must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The case.
    pub case: &'static str,
    /// The check.
    pub check: &'static str,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]: {}", self.check, self.case, self.seen)
    }
}

/// Runs the whole suite; no breach means that the provider conforms.
pub async fn run(harness: &dyn Harness) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for case in harness.cases() {
        for check in checks::ALL.iter().chain(changes::ALL) {
            let bench = checks::Bench::new(harness.world(), case.clone());
            if let Err(seen) = (check.run)(&bench).await {
                breaches.push(Breach {
                    case: case.name,
                    check: check.name,
                    seen,
                });
            }
        }
    }
    breaches
}

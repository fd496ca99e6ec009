//! What one simulation does, as data: the stack, its runs and crashes, and every fault.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fault::{FaultClass, When};
use super::profile::Profile;
use super::random::Random;
use super::shape::Shape;
use crate::emulator::{Consistency, Method};

/// How an operation ends that a fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It fails, and the resource stays in the state `Failed`.
    Failed,
    /// It fails, and nothing is left.
    FailedAndGone,
    /// It is cancelled, and the resource stays.
    Canceled,
    /// Its URL answers 404 for three looks.
    LostForAWhile,
    /// Its URL answers 404 for ever; the work goes on.
    Lost,
    /// It says that it succeeded while the resource is still at work for half a minute.
    Early,
    /// It never ends.
    Endless,
}

impl Ending {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Failed,
        Self::FailedAndGone,
        Self::Canceled,
        Self::LostForAWhile,
        Self::Lost,
        Self::Early,
        Self::Endless,
    ];

    /// Whether ARM could do this to such a request at all.
    pub fn can_meet(self, method: Method) -> bool {
        match method {
            Method::Put | Method::Patch => true,
            // What is still at work after its end was told is an update.
            Method::Delete => self != Self::Early,
            Method::Get | Method::Head | Method::Post => false,
        }
    }

    /// Whether a user must be told, because the service really did not do it.
    pub fn surfaces(self) -> bool {
        match self {
            Self::Failed | Self::FailedAndGone | Self::Canceled | Self::Endless => true,
            Self::LostForAWhile | Self::Lost | Self::Early => false,
        }
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = serde_json::to_value(self).ok();
        let word = word.as_ref().and_then(|word| word.as_str());
        write!(f, "operation-{}", word.unwrap_or("fault"))
    }
}

/// What meets a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blow {
    /// A fault on its way.
    Request(FaultClass),
    /// The end of the operation that it starts.
    Operation(Ending),
}

/// One fault at its place: which run, which request of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Strike {
    /// The run, counted from 0.
    pub run: usize,
    /// The request of that run, counted from 1.
    pub request: u64,
    /// What happens.
    pub blow: Blow,
}

/// Where the faults come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Faults {
    /// Drawn as requests come: so many in a thousand, by class.
    Drawn {
        /// Of requests.
        requests: BTreeMap<FaultClass, u32>,
        /// Of writes that may start an operation.
        operations: BTreeMap<Ending, u32>,
    },
    /// Exactly these.
    Exactly(Vec<Strike>),
}

/// The death of the process at a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crash {
    /// Which request of the run, counted from 1.
    pub request: u64,
    /// Before or after the world did what was asked.
    pub when: When,
}

/// What somebody else does in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Deletes a resource of the stack; the number chooses.
    Delete(usize),
    /// Changes the tags of one.
    Retag(usize),
    /// Puts a resource of their own into the group.
    AddForeign,
    /// Makes a resource of a name that the stack has, or had; the number chooses.
    TakeName(usize),
    /// Locks a resource of the stack; the number chooses.
    Lock(usize),
}

/// One step of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// One provision.
    Apply {
        /// Of which version.
        version: usize,
        /// Whether the process dies.
        crash: Option<Crash>,
        /// What somebody does between plan and execution.
        meanwhile: Option<Act>,
    },
    /// Two provisions at once.
    ApplyTwice {
        /// Of which version.
        version: usize,
    },
    /// One destroy.
    Destroy {
        /// Of which version.
        version: usize,
        /// Whether the process dies.
        crash: Option<Crash>,
    },
    /// Somebody does something.
    Act(Act),
    /// Nothing happens for so many seconds.
    Wait(u64),
}

/// The lags of the world, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lags {
    /// After a create, so long it is not found.
    pub read: u64,
    /// And so long lists do not have it.
    pub list: u64,
    /// After an update, so long the former body is read.
    pub stale: u64,
    /// After the create of a parent, so long nothing can be made in it.
    pub parent: u64,
    /// After a role assignment, so long it does not hold.
    pub settling: u64,
    /// Whether lists and casing change from one answer to the next.
    pub scramble: bool,
    /// Whether a policy copies the group's tags onto what is made in it.
    pub tags_inherited: bool,
}

impl Lags {
    /// The same, as the emulator takes it.
    pub fn consistency(self) -> Consistency {
        let mut consistency = Consistency {
            read_lag: Duration::from_secs(self.read),
            list_lag: Duration::from_secs(self.list),
            stale: Duration::from_secs(self.stale),
            parent_lag: Duration::from_secs(self.parent),
            settling: Duration::from_secs(self.settling),
            scramble: self.scramble,
            ..Consistency::default()
        };
        if self.tags_inherited {
            consistency.tag_policy = Some(crate::emulator::TagPolicy::default());
        }
        consistency
    }

    /// After so long everything is seen.
    pub fn longest(self) -> Duration {
        let seconds = [self.read, self.list, self.stale, self.parent, self.settling];
        Duration::from_secs(seconds.into_iter().max().unwrap_or(0))
    }
}

/// One simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// From which latencies, jitter and secrets are drawn.
    pub seed: u64,
    /// The stack; `None` where the caller brings its own.
    pub shape: Option<Shape>,
    /// What happens until the calm at the end.
    pub steps: Vec<Step>,
    /// What goes wrong.
    pub faults: Faults,
    /// How late the world is.
    pub lags: Lags,
}

/// A rate for each of several classes: most seeds have few of them, so that they meet in all
/// combinations (swarm testing).
fn swarm<T: Copy + Ord>(
    random: &mut Random,
    classes: &[T],
    per_mille_max: u32,
) -> BTreeMap<T, u32> {
    let share = [150, 350, 800];
    let share = *random.pick(&share);
    let mut rates = BTreeMap::new();
    for class in classes {
        if random.per_mille(share) {
            let rate = 1 + random.below(usize::try_from(per_mille_max).unwrap_or(1));
            rates.insert(*class, u32::try_from(rate).unwrap_or(1));
        }
    }
    rates
}

impl Script {
    /// The script of a seed, with a stack of its own.
    pub fn draw(seed: u64, profile: &Profile) -> Self {
        let mut topology = Random::new(seed, "topology");
        let edits = Random::new(seed, "edits").below(profile.edits_max + 1);
        let shape = Shape::draw(&mut topology, profile.nodes_max, edits);
        Self {
            shape: Some(shape),
            ..Self::draw_for(seed, profile, edits + 1)
        }
    }

    /// The script of a seed for a stack of the caller's, of so many versions.
    pub fn draw_for(seed: u64, profile: &Profile, versions: usize) -> Self {
        let mut random = Random::new(seed, "steps");
        let mut steps = Vec::new();
        for version in 0..versions {
            let crash = |random: &mut Random| {
                random.per_mille(profile.crash).then(|| Crash {
                    request: 1 + random.below(profile.crash_request_max) as u64,
                    when: if random.per_mille(500) {
                        When::Before
                    } else {
                        When::After
                    },
                })
            };
            if random.per_mille(profile.together) {
                steps.push(Step::ApplyTwice { version });
            } else {
                let crash = crash(&mut random);
                let meanwhile = random.per_mille(profile.acts).then(|| act(&mut random));
                steps.push(Step::Apply {
                    version,
                    crash,
                    meanwhile,
                });
            }
            if random.per_mille(profile.acts) {
                steps.push(Step::Act(act(&mut random)));
            }
            if random.per_mille(100) {
                steps.push(Step::Wait(1 + random.below(7200) as u64));
            }
            if random.per_mille(profile.destroys) {
                let crash = crash(&mut random);
                steps.push(Step::Destroy { version, crash });
            }
        }
        let mut random = Random::new(seed, "weather");
        let operations: &[Ending] = if profile.operations > 0 {
            &Ending::ALL
        } else {
            &[]
        };
        let requests: &[FaultClass] = if profile.requests > 0 {
            profile.classes
        } else {
            &[]
        };
        let faults = Faults::Drawn {
            requests: swarm(&mut random, requests, profile.requests),
            operations: swarm(&mut random, operations, profile.operations),
        };
        let lags = if random.per_mille(profile.lags) {
            let mut seconds =
                |max: usize| u64::from(random.per_mille(500)) * random.below(max) as u64;
            Lags {
                read: seconds(30),
                list: seconds(60),
                stale: seconds(20),
                parent: seconds(20),
                settling: seconds(90),
                scramble: random.per_mille(500),
                tags_inherited: random.per_mille(300),
            }
        } else {
            Lags::default()
        };
        Self {
            seed,
            shape: None,
            steps,
            faults,
            lags,
        }
    }
}

fn act(random: &mut Random) -> Act {
    match random.below(7) {
        0 | 1 => Act::Delete(random.below(64)),
        2 | 3 => Act::Retag(random.below(64)),
        4 => Act::TakeName(random.below(64)),
        5 => Act::Lock(random.below(64)),
        _ => Act::AddForeign,
    }
}

//! What could go wrong, class by class: the simulation's, and those that a user may see.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::emulator::{
    Consistency, Effect, Emulator, Fault, Interruption, LagsMet, Leaves, Match, Moment, WorldError,
};
use crate::simulation::{FaultClass, When};

/// One thing that could go wrong.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it is called.
    pub name: String,
    /// What happens, in words.
    pub what: &'static str,
    trouble: Trouble,
}

#[derive(Clone, Debug)]
enum Trouble {
    /// The victim's requests meet it, as often in a row as the class may.
    Request(FaultClass),
    /// Every write of the victim meets it, until it is mended.
    Victim(Effect),
    /// The world is seen differently, until it has settled.
    World(Consistency),
}

fn refusal(status: u16, code: &str, message: &str) -> Effect {
    Effect::Refuse {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after: None,
    }
}

fn failed(leaves: Leaves) -> Effect {
    Effect::FailOperation {
        code: "InternalOperationError".to_owned(),
        message: "The operation failed in the rehearsal.".to_owned(),
        leaves,
    }
}

fn words(class: FaultClass) -> &'static str {
    match class {
        FaultClass::Refused => "the connection is refused",
        FaultClass::ResetAfterCommit => "the connection is reset after the work was done",
        FaultClass::TruncatedBody => "the answer breaks off",
        FaultClass::StallBefore => "a minute of silence, then a reset; nothing was done",
        FaultClass::StallAfter => "a minute of silence, then a reset; it was done",
        FaultClass::Throttled => "429, with the time to wait",
        FaultClass::ThrottledSilently => "429, without the time to wait",
        FaultClass::RequestTimeout => "408",
        FaultClass::InternalBefore => "500, nothing was done",
        FaultClass::InternalAfter => "500, although it was done",
        FaultClass::GatewayPageBefore => "502 as a page of HTML, nothing was done",
        FaultClass::GatewayPageAfter => "502 as a page of HTML, although it was done",
        FaultClass::Unavailable => "503, with the time to wait",
        FaultClass::GatewayTimeoutAfter => "504, although it was done",
        FaultClass::AnotherOperation => "409, another operation is in progress",
        FaultClass::ConflictingWork => "409, the service is at work",
        FaultClass::LockHeld => "429, a lock is held",
        FaultClass::ExpiredToken => "401, the token expired while it was waited for",
    }
}

/// Everything that is tried: each of the simulation's classes, what services do to operations,
/// refusals that somebody must lift, and what is not seen everywhere at once.
pub fn trials() -> Vec<Trial> {
    let requests = FaultClass::ALL.into_iter().map(|class| Trial {
        name: class.to_string(),
        what: words(class),
        trouble: Trouble::Request(class),
    });
    let victims = victims().into_iter().map(|(name, what, effect)| Trial {
        name: name.to_owned(),
        what,
        trouble: Trouble::Victim(effect),
    });
    let worlds = worlds().into_iter().map(|(name, what, consistency)| Trial {
        name: name.to_owned(),
        what,
        trouble: Trouble::World(consistency),
    });
    requests.chain(victims).chain(worlds).collect()
}

/// What services do to operations, and refusals that somebody must lift.
fn victims() -> [(&'static str, &'static str, Effect); 9] {
    let cancelled = Effect::CancelOperation {
        leaves: Leaves::Failed,
    };
    let denied = "The client does not have authorization to perform this action.";
    let policy = "The resource was disallowed by policy.";
    let quota = "The operation would exceed an approved quota.";
    [
        (
            "operation-fails",
            "its operation fails and leaves it failed",
            failed(Leaves::Failed),
        ),
        (
            "operation-fails-gone",
            "its operation fails and leaves nothing",
            failed(Leaves::Nothing),
        ),
        (
            "operation-cancelled",
            "its operation ends as cancelled",
            cancelled,
        ),
        (
            "operation-lost",
            "nobody knows its operation any more",
            Effect::LoseOperation { polls: None },
        ),
        (
            "operation-endless",
            "its operation never ends",
            Effect::NeverEnd,
        ),
        (
            "told-too-early",
            "its operation says it succeeded two minutes too early",
            Effect::SucceedEarly { more: 120 },
        ),
        (
            "access-denied",
            "403, a role is missing",
            refusal(403, "AuthorizationFailed", denied),
        ),
        (
            "denied-by-policy",
            "403, a policy forbids it",
            refusal(403, "RequestDisallowedByPolicy", policy),
        ),
        (
            "quota-exceeded",
            "409, a quota is used up",
            refusal(409, "QuotaExceeded", quota),
        ),
    ]
}

/// What is not seen everywhere at once.
fn worlds() -> [(&'static str, &'static str, Consistency); 5] {
    let seconds = Duration::from_secs;
    let at_once = Consistency::default;
    let late = Consistency {
        read_lag: seconds(30),
        list_lag: seconds(60),
        ..at_once()
    };
    let stale = Consistency {
        stale: seconds(30),
        ..at_once()
    };
    let parents = Consistency {
        parent_lag: seconds(30),
        ..at_once()
    };
    let access = Consistency {
        settling: seconds(90),
        ..at_once()
    };
    let spelled = Consistency {
        scramble: true,
        ..at_once()
    };
    [
        (
            "reads-lag",
            "what was created is not found for half a minute, nor listed for one",
            late,
        ),
        (
            "reads-are-stale",
            "what was updated shows its former self for half a minute",
            stale,
        ),
        (
            "parents-lag",
            "what lives in something new is refused for half a minute",
            parents,
        ),
        (
            "access-settles",
            "what was just granted is refused for a minute and a half",
            access,
        ),
        (
            "other-spellings",
            "everything comes in other spellings and orders",
            spelled,
        ),
    ]
}

/// What a request trial still has to do.
#[derive(Clone, Copy, Debug)]
struct Strikes {
    left: usize,
    met: bool,
    /// Whether a write of the victim was answered.
    written: bool,
}

/// A trial under way against one resource.
#[derive(Clone, Debug)]
pub(super) struct Underway {
    class: Option<FaultClass>,
    victim: String,
    strikes: Arc<Mutex<Strikes>>,
}

impl Trial {
    /// Begins in a world that nobody has touched yet.
    pub(super) fn begin(&self, emulator: &Emulator, victim: &str) -> Result<Underway, WorldError> {
        let mut class = None;
        match &self.trouble {
            Trouble::Request(of) => class = Some(*of),
            Trouble::Victim(effect) => {
                for method in [
                    crate::emulator::Method::Put,
                    crate::emulator::Method::Patch,
                    crate::emulator::Method::Delete,
                ] {
                    let matches = Match {
                        method: Some(method),
                        id: Some(victim.to_owned()),
                        ..Match::default()
                    };
                    let fault = Fault::new(matches, effect.clone());
                    emulator.with_world(|world| world.inject(fault))?;
                }
            }
            Trouble::World(consistency) => {
                let consistency = consistency.clone();
                emulator.with_world(|world| world.set_consistency(consistency))?;
            }
        }
        Ok(Underway {
            class,
            victim: victim.to_ascii_lowercase(),
            strikes: Arc::new(Mutex::new(Strikes {
                left: class.map_or(0, FaultClass::row_max),
                met: false,
                written: false,
            })),
        })
    }
}

impl Underway {
    /// What happens at a moment of a request.
    pub(super) fn interrupt(&self, moment: &Moment) -> Interruption {
        let Some(class) = self.class else {
            return Interruption::None;
        };
        let (request, when) = match moment {
            Moment::Before { request, .. } => (request, When::Before),
            Moment::After { request, .. } => (request, When::After),
        };
        let url = request.url.to_ascii_lowercase();
        let path = url.split('?').next().unwrap_or_default();
        let own = path.ends_with(&self.victim) && request.method.is_write();
        let mut strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        let due = if class == FaultClass::ExpiredToken {
            strikes.written
        } else {
            own && class.can_meet(request.method)
        };
        strikes.written |= own && when == When::After;
        if !due || when != class.when() || strikes.left == 0 {
            return Interruption::None;
        }
        strikes.left -= 1;
        strikes.met = true;
        class.interruption(17)
    }

    /// Whether it met anything.
    pub(super) fn met(&self, emulator: &Emulator) -> Result<bool, WorldError> {
        let strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        let met = strikes.met;
        drop(strikes);
        emulator.with_world(|world| {
            let struck = world.faults_struck().iter().any(|times| *times > 0);
            met || struck || world.lags_met() != LagsMet::default()
        })
    }
}

//! What can go wrong, as data: which requests it meets, what it does, how often.

use serde::{Deserialize, Serialize};

use super::request::Method;

/// Which requests a fault meets: every field that is set must agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Match {
    /// The method.
    pub method: Option<Method>,
    /// The type that is addressed, without regard to case; lists of it and actions on it too.
    pub resource_type: Option<String>,
    /// The id that is addressed, without regard to case.
    pub id: Option<String>,
}

/// What a failed operation leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Leaves {
    /// The resource, in the state `Failed`.
    Failed,
    /// Nothing.
    Nothing,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum Effect {
    /// Answers with an error before anything happens.
    Refuse {
        /// The status code.
        status: u16,
        /// The code of the error.
        code: String,
        /// Its message.
        message: String,
        /// Seconds for `Retry-After`, as they are.
        retry_after: Option<u64>,
    },
    /// Does what was asked, then answers with an error.
    RefuseAfter {
        /// The status code.
        status: u16,
        /// The code of the error.
        code: String,
        /// Its message.
        message: String,
    },
    /// Resets the connection before anything happens.
    ResetBefore,
    /// Does what was asked, then resets the connection.
    ResetAfter,
    /// Lets the operation that the request starts fail at its end.
    FailOperation {
        /// The code of the error.
        code: String,
        /// Its message.
        message: String,
        /// What is left.
        leaves: Leaves,
    },
    /// Lets the operation that the request starts end as cancelled.
    CancelOperation {
        /// What is left; [`Leaves::Failed`] is the resource in the state `Canceled`, where its type has that word.
        leaves: Leaves,
    },
    /// Lets the URL of the operation answer 404; the operation itself goes on. It strikes only operations
    /// that have a URL.
    LoseOperation {
        /// For so many questions; `None` is for ever.
        polls: Option<u32>,
    },
    /// Lets the operation go on until [`World::release_operations`](super::World::release_operations). It
    /// strikes only where the answer does not wait for the end.
    NeverEnd,
    /// Lets the operation say that it succeeded while the resource still shows that it is worked on. It
    /// strikes only creates and updates with a URL to ask at, of types that show their state.
    SucceedEarly {
        /// So many seconds longer, as they are.
        more: u64,
    },
    /// Answers, but with another body.
    Reply {
        /// The status code.
        status: u16,
        /// The content type.
        content_type: String,
        /// The body.
        body: String,
    },
}

impl Effect {
    /// Whether it is about the operation that a request starts, rather than about the request.
    pub(crate) fn is_of_operation(&self) -> bool {
        match self {
            Self::FailOperation { .. }
            | Self::CancelOperation { .. }
            | Self::LoseOperation { .. }
            | Self::NeverEnd
            | Self::SucceedEarly { .. } => true,
            Self::Refuse { .. }
            | Self::RefuseAfter { .. }
            | Self::ResetBefore
            | Self::ResetAfter
            | Self::Reply { .. } => false,
        }
    }
}

/// One thing that can go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Which requests it meets.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What it does.
    pub effect: Effect,
    /// How many matching requests pass first; of effects on operations, how many operations that it could strike.
    #[serde(default)]
    pub skip: u32,
    /// How often it strikes; `None` is always.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// A fault that always strikes what it meets.
    pub fn new(matches: Match, effect: Effect) -> Self {
        Self {
            matches,
            effect,
            skip: 0,
            times: None,
        }
    }

    /// Strikes so often, then no more.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Refuses every request on a type with 403, as where a role is missing.
    pub fn deny(resource_type: &str) -> Self {
        Self::new(
            Match {
                resource_type: Some(resource_type.to_owned()),
                ..Match::default()
            },
            Effect::Refuse {
                status: 403,
                code: "AuthorizationFailed".to_owned(),
                message: format!(
                    "The client does not have authorization to perform an action over a scope of type '{resource_type}' or the scope is invalid."
                ),
                retry_after: None,
            },
        )
    }

    /// Lets operations on one id fail; the resource stays in the state `Failed`.
    pub fn fail_operation(id: &str, code: &str, message: &str) -> Self {
        Self::new(
            Match {
                id: Some(id.to_owned()),
                ..Match::default()
            },
            Effect::FailOperation {
                code: code.to_owned(),
                message: message.to_owned(),
                leaves: Leaves::Failed,
            },
        )
    }

    fn meets(&self, met: &Meeting<'_>) -> bool {
        let same = |wanted: &Option<String>, got: Option<&str>| {
            wanted
                .as_ref()
                .is_none_or(|w| got.is_some_and(|g| g.eq_ignore_ascii_case(w)))
        };
        self.matches.method.is_none_or(|m| m == met.method)
            && same(&self.matches.resource_type, met.resource_type)
            && same(&self.matches.id, Some(met.path))
    }
}

/// What of a request faults are matched with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting<'a> {
    pub(crate) method: Method,
    pub(crate) resource_type: Option<&'a str>,
    pub(crate) path: &'a str,
}

/// The faults of a world, and how often each has struck.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    active: Vec<(usize, Fault)>,
    struck: Vec<u64>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) -> usize {
        let number = self.struck.len();
        self.active.push((number, fault));
        self.struck.push(0);
        number
    }

    /// Takes all away; what they did stays counted.
    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    pub(crate) fn struck(&self) -> &[u64] {
        &self.struck
    }

    /// The effect that a request meets, first come first served; it is counted.
    pub(crate) fn strike_request(&mut self, met: &Meeting<'_>) -> Option<Effect> {
        self.strike(met, &|effect| !effect.is_of_operation())
    }

    /// The effect that an operation meets as it starts, of those that can show on it; it is counted.
    pub(crate) fn strike_operation(
        &mut self,
        met: &Meeting<'_>,
        holds: &dyn Fn(&Effect) -> bool,
    ) -> Option<Effect> {
        self.strike(met, &|effect| effect.is_of_operation() && holds(effect))
    }

    fn strike(&mut self, met: &Meeting<'_>, fits: &dyn Fn(&Effect) -> bool) -> Option<Effect> {
        for (number, fault) in &mut self.active {
            if fault.times == Some(0) || !fits(&fault.effect) || !fault.meets(met) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            self.struck[*number] += 1;
            return Some(fault.effect.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting<'a>(method: Method, resource_type: Option<&'a str>, path: &'a str) -> Meeting<'a> {
        Meeting {
            method,
            resource_type,
            path,
        }
    }

    #[test]
    fn a_fault_counts_what_it_meets() {
        let mut faults = Faults::default();
        let number = faults.add(Fault::deny("A/b").after(1).times(1));
        let mut hit = |t: &str| {
            let met = meeting(Method::Get, Some(t), "/x");
            faults.strike_request(&met).is_some()
        };
        assert_eq!(
            [hit("A/c"), hit("a/B"), hit("A/b"), hit("A/b")],
            [false, false, true, false]
        );
        faults.clear();
        assert_eq!(faults.struck()[number], 1);
    }

    #[test]
    fn a_failing_operation_needs_an_operation_that_it_can_strike() {
        let mut faults = Faults::default();
        faults.add(Fault::fail_operation("/x", "C", "m").times(1));
        let put = meeting(Method::Put, None, "/X");
        assert!(faults.strike_request(&put).is_none());
        assert!(faults.strike_operation(&put, &|_| false).is_none());
        assert_eq!(faults.struck(), [0], "nothing was used up");
        assert!(faults.strike_operation(&put, &|_| true).is_some());
        assert!(faults.strike_operation(&put, &|_| true).is_none());
    }
}

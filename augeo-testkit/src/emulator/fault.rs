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

/// One thing that can go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Which requests it meets.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What it does.
    pub effect: Effect,
    /// How many matching requests pass first.
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

    fn meets(&self, method: Method, resource_type: Option<&str>, path: &str) -> bool {
        let same = |wanted: &Option<String>, got: Option<&str>| {
            wanted
                .as_ref()
                .is_none_or(|w| got.is_some_and(|g| g.eq_ignore_ascii_case(w)))
        };
        let starts = !matches!(self.effect, Effect::FailOperation { .. })
            || matches!(method, Method::Put | Method::Patch | Method::Delete);
        starts
            && self.matches.method.is_none_or(|m| m == method)
            && same(&self.matches.resource_type, resource_type)
            && same(&self.matches.id, Some(path))
    }
}

/// The effect that a request meets, first come first served; it is counted.
pub(crate) fn strike(
    faults: &mut [Fault],
    method: Method,
    resource_type: Option<&str>,
    path: &str,
) -> Option<Effect> {
    for fault in faults {
        if fault.times == Some(0) || !fault.meets(method, resource_type, path) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        return Some(fault.effect.clone());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_counts_what_it_meets() {
        let mut faults = vec![Fault::deny("A/b").after(1).times(1)];
        let mut hit = |t: &str| strike(&mut faults, Method::Get, Some(t), "/x").is_some();
        assert_eq!(
            [hit("A/c"), hit("a/B"), hit("A/b"), hit("A/b")],
            [false, false, true, false]
        );
    }

    #[test]
    fn a_failing_operation_needs_a_request_that_starts_one() {
        let mut faults = vec![Fault::fail_operation("/x", "C", "m")];
        assert!(strike(&mut faults, Method::Get, None, "/X").is_none());
        assert!(strike(&mut faults, Method::Put, None, "/X").is_some());
    }
}

//! Every bound of the client, and the budgets of repeats that count consecutive failures.

use std::time::Duration;

use augeo_core::clock::Backoff;
use augeo_core::mutant::{self, Mutant};

use crate::error::RetryClass;
use crate::operation::PollLimits;

/// How often in a row one class of refusal is borne, and how long to wait in between where ARM
/// does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatLimit {
    /// How many failures in a row are followed by another attempt.
    pub failures_max: u32,
    /// The waits.
    pub backoff: Backoff,
}

impl RepeatLimit {
    const fn new(failures_max: u32, delay_min: u64, delay_max: u64) -> Self {
        Self {
            failures_max,
            backoff: Backoff {
                delay_min: Duration::from_millis(delay_min),
                delay_max: Duration::from_secs(delay_max),
            },
        }
    }
}

/// The bounds of a client: nothing that it does is endless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way at once.
    pub requests_max: usize,
    /// Attempts of one request, whatever the reasons.
    pub attempts_max: u32,
    /// How long one attempt may take until it counts as broken off.
    pub attempt_duration_max: Duration,
    /// The longest wait that ARM may ask for; it is honoured exactly or not at all.
    pub retry_after_max: Duration,
    /// Too many requests.
    pub throttled: RepeatLimit,
    /// Another operation on the same resource.
    pub busy: RepeatLimit,
    /// What was made or granted a moment ago and is not known everywhere.
    pub settling: RepeatLimit,
    /// What is to make room for another, and is not gone yet.
    pub leaving: RepeatLimit,
    /// Services out of order and broken connections.
    pub transient: RepeatLimit,
    /// Pages of one list.
    pub pages_max: usize,
    /// Looks at one operation.
    pub polls_max: usize,
    /// How long an operation is waited for.
    pub operation_duration_max: Duration,
    /// The rhythm of looking.
    pub poll: PollLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // ARM takes 200 writes or 250 reads at once.
            requests_max: 256,
            attempts_max: 200,
            attempt_duration_max: Duration::from_secs(120),
            retry_after_max: Duration::from_secs(3_600),
            throttled: RepeatLimit::new(20, 1_000, 60),
            busy: RepeatLimit::new(60, 2_000, 30),
            settling: RepeatLimit::new(30, 2_000, 30),
            leaving: RepeatLimit::new(20, 1_000, 20),
            transient: RepeatLimit::new(6, 500, 30),
            pages_max: 1_000,
            polls_max: 10_000,
            operation_duration_max: Duration::from_secs(4 * 3_600),
            poll: PollLimits::default(),
        }
    }
}

impl Limits {
    /// The limit of a class; nothing for what is never repeated.
    pub fn of(&self, class: RetryClass) -> Option<&RepeatLimit> {
        match class {
            RetryClass::Never => None,
            RetryClass::Throttled => Some(&self.throttled),
            RetryClass::Busy => Some(&self.busy),
            RetryClass::Settling | RetryClass::NewParent | RetryClass::NewGrant => {
                Some(&self.settling)
            }
            RetryClass::Leaving => Some(&self.leaving),
            RetryClass::Transient => Some(&self.transient),
        }
    }
}

/// Counts the failures of one request: those of one class in a row, and all together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget {
    last: Option<RetryClass>,
    consecutive: u32,
    attempts: u32,
}

impl Budget {
    /// Records a failure. Says how many of its class came in a row if another attempt is due.
    /// A failure of another class begins a new row: many polite waits do not make the first
    /// outage fatal.
    pub fn admit(&mut self, class: RetryClass, limits: &Limits) -> Option<u32> {
        self.attempts += 1;
        if self.last != Some(class) && !mutant::is_on(Mutant::ShareBudget) {
            self.last = Some(class);
            self.consecutive = 0;
        }
        self.consecutive += 1;
        let limit = limits.of(class)?;
        (self.consecutive <= limit.failures_max && self.attempts < limits.attempts_max)
            .then_some(self.consecutive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(classes: &[RetryClass], limits: &Limits) -> Vec<Option<u32>> {
        let mut budget = Budget::default();
        classes
            .iter()
            .map(|class| budget.admit(*class, limits))
            .collect()
    }

    #[test]
    fn a_class_does_not_use_up_the_budget_of_another() {
        let mut limits = Limits::default();
        limits.busy.failures_max = 12;
        limits.transient.failures_max = 1;
        let mut classes = vec![RetryClass::Busy; 12];
        classes.push(RetryClass::Transient);
        classes.extend([RetryClass::Busy; 12]);
        assert!(admitted(&classes, &limits).iter().all(Option::is_some));
    }

    #[test]
    fn only_failures_in_a_row_count() {
        use RetryClass::{Busy, Transient};
        let mut limits = Limits::default();
        limits.transient.failures_max = 2;
        assert_eq!(
            admitted(
                &[Transient, Transient, Busy, Transient, Transient, Transient],
                &limits
            ),
            [Some(1), Some(2), Some(1), Some(1), Some(2), None]
        );
    }

    #[test]
    fn alternating_failures_end_too() {
        let limits = Limits {
            attempts_max: 10,
            ..Limits::default()
        };
        let mut budget = Budget::default();
        let classes = [RetryClass::Busy, RetryClass::Throttled];
        let count = (0..100)
            .take_while(|index| budget.admit(classes[index % 2], &limits).is_some())
            .count();
        assert_eq!(count, 9);
        assert_eq!(admitted(&[RetryClass::Never], &limits), [None]);
    }
}

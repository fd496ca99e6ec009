//! Time and chance: the only doors through which either enters the engine.
//!
//! Wall time comes from a [`Clock`]; waiting uses `tokio::time`, so that a paused runtime makes
//! hours free. Chance comes from a [`Stream`], one per purpose, so that one more draw in one
//! place does not shift the draws of another.

use std::fmt::Debug;
use std::time::Duration;

use time::OffsetDateTime;

/// Tells the wall-clock time.
pub trait Clock: Debug + Send + Sync {
    /// The current time, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// A clock that follows tokio's time from a fixed start: under a paused runtime it is virtual.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: OffsetDateTime,
    origin: tokio::time::Instant,
}

impl TokioClock {
    /// A clock that shows `start` now and advances with tokio's time.
    pub fn starting_at(start: OffsetDateTime) -> Self {
        Self {
            start,
            origin: tokio::time::Instant::now(),
        }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> OffsetDateTime {
        self.start + self.origin.elapsed()
    }
}

/// A seeded stream of pseudo-random numbers (SplitMix64): same seed, same numbers.
///
/// It is for jitter and names, never for secrets.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// A stream for one purpose of a run with this seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mixed = purpose
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self { state: mixed }
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; zero if `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or(0)
    }
}

/// Bounded exponential waiting with seeded jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait before the first repeat.
    pub delay_min: Duration,
    /// No wait is longer, jitter included.
    pub delay_max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            delay_min: Duration::from_millis(500),
            delay_max: Duration::from_secs(30),
        }
    }
}

impl Backoff {
    /// The wait after `failures` consecutive failures (1 = the first): doubled each time, with up
    /// to a quarter of jitter on top, never above `delay_max`.
    pub fn delay(&self, failures: u32, stream: &mut Stream) -> Duration {
        let doubled = self
            .delay_min
            .saturating_mul(1 << failures.saturating_sub(1).min(16));
        let base = doubled.min(self.delay_max);
        let quarter = u64::try_from(base.as_micros() / 4).unwrap_or(u64::MAX);
        (base + Duration::from_micros(stream.below(quarter + 1))).min(self.delay_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_have_streams_of_their_own() {
        let first: Vec<u64> = {
            let mut s = Stream::new(7, "jitter");
            (0..3).map(|_| s.next_u64()).collect()
        };
        let again: Vec<u64> = {
            let mut s = Stream::new(7, "jitter");
            (0..3).map(|_| s.next_u64()).collect()
        };
        let other: Vec<u64> = {
            let mut s = Stream::new(7, "ids");
            (0..3).map(|_| s.next_u64()).collect()
        };
        assert_eq!(first, again);
        assert_ne!(first, other);
    }

    #[test]
    fn backoff_grows_and_stays_bounded() {
        let backoff = Backoff::default();
        let mut stream = Stream::new(1, "test");
        let mut floor = Duration::ZERO;
        for failures in 1..40 {
            let delay = backoff.delay(failures, &mut stream);
            assert!(delay >= floor.min(backoff.delay_max) && delay <= backoff.delay_max);
            floor = backoff
                .delay_min
                .saturating_mul(1 << (failures - 1).min(16));
        }
        assert_eq!(backoff.delay(30, &mut stream), backoff.delay_max);
    }
}

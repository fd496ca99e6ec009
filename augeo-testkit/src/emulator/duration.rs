//! How long operations take: Azure's durations, divided by a scale.

use std::num::NonZeroU32;
use std::time::Duration;

/// The profile of durations of a world. It divides durations, never the clock: dates stay real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durations(Option<NonZeroU32>);

impl Durations {
    /// Every operation is over when it is answered.
    pub const fn instant() -> Self {
        Self(None)
    }

    /// Azure's durations.
    pub const fn azure() -> Self {
        Self(Some(NonZeroU32::MIN))
    }

    /// Azure's durations divided by `n`; 0 is the same as [`Durations::instant`].
    pub const fn scaled(n: u32) -> Self {
        Self(NonZeroU32::new(n))
    }

    /// So many of Azure's seconds in this profile.
    pub fn seconds(self, azure: f64) -> Duration {
        match self.0 {
            None => Duration::ZERO,
            Some(n) => Duration::from_secs_f64((azure / f64::from(n.get())).max(0.0)),
        }
    }

    /// A `Retry-After` of Azure in this profile: divided, rounded up, at least one second.
    pub fn retry_after(self, azure: u32) -> u64 {
        match self.0 {
            None => 1,
            Some(n) => u64::from(azure.div_ceil(n.get())).max(1),
        }
    }
}

impl Default for Durations {
    /// A sixtieth of Azure's durations: a minute there is a second here.
    fn default() -> Self {
        Self::scaled(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_divided_rounded_up_and_at_least_one() {
        assert_eq!(Durations::azure().retry_after(17), 17);
        assert_eq!(Durations::scaled(10).retry_after(17), 2);
        assert_eq!(Durations::scaled(60).retry_after(17), 1);
        assert_eq!(Durations::instant().retry_after(17), 1);
    }

    #[test]
    fn a_scale_divides_durations() {
        assert_eq!(
            Durations::scaled(60).seconds(330.0),
            Duration::from_millis(5500)
        );
        assert_eq!(Durations::instant().seconds(330.0), Duration::ZERO);
    }
}

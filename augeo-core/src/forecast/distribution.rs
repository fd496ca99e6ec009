//! How long something takes, as a log-normal distribution, and the little mathematics of it.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::clock::Stream;

/// How many standard deviations the 95th percentile lies above the median.
const Z95: f64 = 1.645;

/// No change takes longer than a year, whatever is drawn.
const SECONDS_MAX: f64 = 365.0 * 86_400.0;

/// A log-normal distribution, told by its median and its 95th percentile.
///
/// Durations of cloud operations are never negative, mostly near a usual value and sometimes far
/// above it, which is what this distribution says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// The median: half of all take longer.
    #[serde(rename = "p50Seconds", serialize_with = "seconds")]
    p50: Duration,
    /// One in twenty takes longer.
    #[serde(rename = "p95Seconds", serialize_with = "seconds")]
    p95: Duration,
}

/// Whole milliseconds, as seconds: more is noise.
pub(super) fn seconds<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*duration).as_secs_f64())
}

pub(super) fn rounded(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

impl Distribution {
    /// From the median and the 95th percentile; one below the median is taken for the median.
    pub fn new(p50: Duration, p95: Duration) -> Self {
        Self {
            p50,
            p95: p95.max(p50),
        }
    }

    /// Always the same.
    pub fn constant(duration: Duration) -> Self {
        Self::new(duration, duration)
    }

    /// The median.
    pub fn p50(self) -> Duration {
        self.p50
    }

    /// The 95th percentile.
    pub fn p95(self) -> Duration {
        self.p95
    }

    /// Divided by a number: the same work where time runs faster.
    #[must_use]
    pub fn divided(self, by: u32) -> Self {
        let divide = |duration: Duration| duration.checked_div(by).unwrap_or_default();
        Self::new(divide(self.p50), divide(self.p95))
    }

    fn mu(self) -> f64 {
        self.p50.as_secs_f64().ln()
    }

    fn sigma(self) -> f64 {
        (self.p95.as_secs_f64().ln() - self.mu()) / Z95
    }

    /// The logarithms of the median and of the spread; `None` where nothing varies.
    pub(super) fn logarithms(self) -> Option<(f64, f64)> {
        (self.p50 > Duration::ZERO).then(|| (self.mu(), self.sigma()))
    }

    /// From the logarithms of the median and of the spread.
    pub(super) fn from_logarithms(mu: f64, sigma: f64) -> Self {
        let at = |z: f64| bounded((mu + sigma * z).exp());
        Self::new(at(0.0), at(Z95))
    }

    /// The value so many standard deviations above the median.
    pub fn at(self, z: f64) -> Duration {
        if self.p95 == self.p50 {
            return self.p50;
        }
        match self.logarithms() {
            Some((mu, sigma)) => bounded((mu + sigma * z).exp()),
            None => Duration::ZERO,
        }
    }

    /// How much longer it takes as a rule, once it has taken so long: half of those that got so
    /// far take longer still.
    pub fn remaining(self, elapsed: Duration) -> Duration {
        if elapsed.is_zero() || self.p95 == self.p50 {
            return self.p50.saturating_sub(elapsed);
        }
        let Some((mu, sigma)) = self.logarithms() else {
            return Duration::ZERO;
        };
        let passed = normal_cdf((elapsed.as_secs_f64().ln() - mu) / sigma);
        let half = passed.midpoint(1.0).min(0.999_9);
        self.at(normal_quantile(half)).saturating_sub(elapsed)
    }
}

fn bounded(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.clamp(0.0, SECONDS_MAX))
}

/// The next number of a standard normal distribution.
pub(super) fn normal(stream: &mut Stream) -> f64 {
    let high = u32::try_from(stream.next_u64() >> 32).expect("32 bits are left");
    normal_quantile((f64::from(high) + 0.5) / (f64::from(u32::MAX) + 1.0))
}

fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    let next = |sum: f64, coefficient: &f64| sum.mul_add(x, *coefficient);
    coefficients.iter().fold(0.0, next)
}

/// The inverse of the standard normal distribution function, after P. J. Acklam: relative error
/// below 1.2e-9.
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
        1.0,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    const LOW: f64 = 0.024_25;
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(q, &C) / polynomial(q, &D)
    };
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    if p < LOW {
        tail(p)
    } else if p > 1.0 - LOW {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        q * polynomial(r, &A) / polynomial(r, &B)
    }
}

/// The standard normal distribution function, after Abramowitz and Stegun 26.2.17: error below
/// 7.5e-8.
fn normal_cdf(z: f64) -> f64 {
    const B: [f64; 6] = [
        1.330_274_429,
        -1.821_255_978,
        1.781_477_937,
        -0.356_563_782,
        0.319_381_530,
        0.0,
    ];
    let t = 1.0 / 0.231_641_9_f64.mul_add(z.abs(), 1.0);
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let upper = density * polynomial(t, &B);
    if z < 0.0 { upper } else { 1.0 - upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_normal_distribution_and_its_inverse_agree_with_tables() {
        for (p, z) in [
            (0.5, 0.0),
            (0.841_344_746, 1.0),
            (0.95, 1.644_853_627),
            (0.01, -2.326_347_874),
            (0.001, -3.090_232_306),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-7, "{p}");
            assert!((normal_cdf(z) - p).abs() < 1e-7, "{z}");
        }
    }

    #[test]
    fn draws_have_the_median_and_the_percentile_that_were_given() {
        let distribution = Distribution::new(seconds(330), seconds(660));
        let mut stream = Stream::new(7, "draws");
        let mut drawn: Vec<Duration> = (0..20_000)
            .map(|_| distribution.at(normal(&mut stream)))
            .collect();
        drawn.sort_unstable();
        let near = |at: usize, wanted: u64| {
            let ratio = drawn[at].as_secs_f64() / seconds(wanted).as_secs_f64();
            assert!((ratio - 1.0).abs() < 0.03, "{at}: {:?}", drawn[at]);
        };
        near(10_000, 330);
        near(19_000, 660);
    }

    #[test]
    fn the_longer_it_took_the_longer_it_takes() {
        let distribution = Distribution::new(seconds(600), seconds(1200));
        assert_eq!(distribution.remaining(Duration::ZERO), seconds(600));
        let early = distribution.remaining(seconds(300));
        assert!(early < seconds(600) && early > seconds(280), "{early:?}");
        let late = distribution.remaining(seconds(1500));
        assert!(late > Duration::ZERO, "what is late is never over at once");
        let constant = Distribution::constant(seconds(10));
        assert_eq!(constant.remaining(seconds(4)), seconds(6));
        assert_eq!(constant.remaining(seconds(40)), Duration::ZERO);
    }

    #[test]
    fn what_takes_no_time_never_does() {
        let none = Distribution::constant(Duration::ZERO);
        assert_eq!(none.at(3.0), Duration::ZERO);
        assert_eq!(none.remaining(seconds(3)), Duration::ZERO);
        let odd = Distribution::new(Duration::ZERO, seconds(5));
        assert_eq!(odd.at(3.0), Duration::ZERO);
        assert_eq!(odd.remaining(seconds(3)), Duration::ZERO);
    }
}

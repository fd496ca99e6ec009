//! Expected times in words: of one change, of a whole plan, and scored against what happened.

use std::time::Duration;

use super::layout::{Line, hanging};
use super::shown::name_text;
use super::style::{Style, Tone, count, duration_text};
use crate::forecast::{Basis, Expected, Forecast};
use crate::name::ResourceName;

/// From this part of the wait on a change is what everything waits for.
const CRITICAL_SHARE: f64 = 0.2;
/// Less than this part of the wait is not worth a word on the critical path.
const TOLD_SHARE: f64 = 0.01;
/// What takes less is over before it is read.
const TOLD_MIN: Duration = Duration::from_millis(100);

/// A duration that is expected, no finer than it is known: `0.4 s`, `20 s`, `5 min 30 s`,
/// `12 min`, `2 h 5 min`.
pub fn about_text(duration: Duration) -> String {
    let rounded = |to: u64| {
        let seconds = duration.as_millis().div_ceil(2) / 500;
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX / 2);
        Duration::from_secs((seconds + to / 2) / to * to)
    };
    match duration.as_secs() {
        0 if duration.as_millis() < 950 => duration_text(duration),
        0..90 => {
            let seconds = (duration.as_millis() + 500) / 1000;
            format!("{seconds} s")
        }
        90..600 => duration_text(rounded(30)),
        _ => duration_text(rounded(60)),
    }
}

/// Whether everything waits for this change for a good part of the time.
pub(super) fn is_critical(expected: &Expected) -> bool {
    expected.share >= CRITICAL_SHARE
}

/// Whether its time is worth a word.
pub(super) fn is_told(expected: &Expected) -> bool {
    expected.p50 >= TOLD_MIN
}

/// What the row of a change says of its time.
pub(super) fn row_text(expected: &Expected) -> String {
    if is_told(expected) {
        format!("~{}", about_text(expected.p50))
    } else {
        String::new()
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// How long a plan takes: the half, the tenth, and what most of the wait is for; nothing where
/// nothing takes any time.
pub(super) fn whole_text(forecast: &Forecast) -> Option<String> {
    if forecast.p50.is_zero() {
        return None;
    }
    let mut parts = vec![format!("about {}", about_text(forecast.p50))];
    let (half, tenth) = (about_text(forecast.p50), about_text(forecast.p90));
    if half != tenth {
        parts[0] = format!("{}, 1 run in 10 takes over {tenth}", parts[0]);
    }
    if let Some(dominant) = forecast.dominant().filter(|_| forecast.changes.len() > 1) {
        let guessed = match dominant.basis {
            Basis::Default | Basis::Estimate => " (an estimate)",
            Basis::Measured | Basis::Learnt => "",
        };
        let name = name_text(&dominant.resource);
        parts.push(format!(
            "{name} is {} of the wait{guessed}",
            percent(dominant.share)
        ));
    }
    let path = path_text(forecast);
    if path.len() > 1 {
        parts.push(format!("critical path {}", path.join(" > ")));
    }
    let unknown = forecast.changes.iter();
    let unknown = unknown.filter(|it| it.basis == Basis::Default).count();
    if unknown > 0 {
        let changes = count(unknown, "change");
        parts.push(format!("nothing is known of the time of {changes}"));
    }
    Some(parts.join("; "))
}

/// The critical path without what hardly counts.
pub(super) fn path_text(forecast: &Forecast) -> Vec<String> {
    let counts = |name: &&ResourceName| {
        let expected = forecast.expected(name);
        expected.is_some_and(|expected| expected.p50.div_duration_f64(forecast.p50) >= TOLD_SHARE)
    };
    let path = forecast.critical_path.iter().filter(counts);
    path.map(name_text).collect()
}

/// The line of a plan's summary.
pub(super) fn whole_lines(forecast: Option<&Forecast>, style: &Style) -> Vec<Line> {
    match forecast.and_then(whole_text) {
        Some(text) => hanging(Line::new().plain("Time:"), 7, Tone::Plain, &text, style),
        None => Vec::new(),
    }
}

/// What was predicted, beside what it took.
pub(super) fn scored_text(forecast: &Forecast, took: Duration) -> Option<String> {
    if forecast.p50.is_zero() {
        return None;
    }
    let predicted = format!("predicted {}", about_text(forecast.p50));
    let tenth = about_text(forecast.p90);
    Some(
        if took > forecast.p90 && tenth != about_text(forecast.p50) {
            format!("{predicted} (p90 {tenth})")
        } else {
            predicted
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_is_told_no_finer_than_it_is_known() {
        let text = |seconds| about_text(Duration::from_secs_f64(seconds));
        assert_eq!(text(0.42), "0.4 s");
        assert_eq!(text(0.97), "1 s");
        assert_eq!(text(21.6), "22 s");
        assert_eq!(text(89.0), "89 s");
        assert_eq!(text(95.0), "1 min 30 s");
        assert_eq!(text(330.0), "5 min 30 s");
        assert_eq!(text(344.0), "5 min 30 s");
        assert_eq!(text(346.0), "6 min");
        assert_eq!(text(689.0), "11 min");
        assert_eq!(text(7500.0), "2 h 5 min");
    }
}

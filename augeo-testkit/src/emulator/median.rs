//! How long the emulator's operations take, as data, for whoever wants to say so beforehand.

use std::time::Duration;

use super::duration::Durations;
use super::facts::facts;
use super::overlay::{Shape, Verb};
use super::view::lengthened;

/// How long one kind of operation takes here. It never varies.
#[derive(Clone, Debug, PartialEq)]
pub struct Median {
    /// The type.
    pub resource_type: &'static str,
    /// What is done.
    pub verb: Verb,
    /// The property (in ARM's body, dotted) and the values, in any case, for which this holds;
    /// `None` for all that no other is for.
    pub when: Option<(&'static str, &'static [String])>,
    /// When the operation is over.
    pub duration: Duration,
    /// When a client that asks no sooner than it is told notices.
    pub noticed: Duration,
}

/// How long every operation takes under a profile of durations.
pub fn medians(durations: Durations) -> Vec<Median> {
    let mut medians = Vec::new();
    for overlay in facts().overlays.values() {
        for verb in [Verb::Create, Verb::Update, Verb::Patch, Verb::Delete] {
            let Some(verb_facts) = overlay.verb(verb) else {
                continue;
            };
            let made = |when, seconds| {
                let duration = durations.seconds(seconds);
                let step = match verb_facts.shape {
                    Shape::Sync => None,
                    Shape::Async | Shape::Location | Shape::Body => Some(Duration::from_secs(
                        durations.retry_after(verb_facts.retry_after),
                    )),
                };
                Median {
                    resource_type: &overlay.type_name,
                    verb,
                    when,
                    duration,
                    noticed: step.map_or(duration, |step| rounded_up(duration, step)),
                }
            };
            medians.push(made(None, verb_facts.seconds));
            let longer = overlay.longer.iter().filter(|_| verb != Verb::Delete);
            medians.extend(longer.map(|longer| {
                let when = (longer.path.as_str(), longer.one_of.as_slice());
                made(Some(when), lengthened(overlay, verb_facts, longer))
            }));
        }
    }
    medians
}

fn rounded_up(duration: Duration, step: Duration) -> Duration {
    let steps = duration.as_nanos().div_ceil(step.as_nanos().max(1));
    step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(durations: Durations) -> Vec<(Duration, Duration)> {
        let found = medians(durations).into_iter().filter(|median| {
            median.resource_type == "Microsoft.DBforPostgreSQL/flexibleServers"
                && median.verb == Verb::Create
        });
        found
            .map(|median| (median.duration, median.noticed))
            .collect()
    }

    #[test]
    fn an_operation_is_noticed_when_a_client_asks_again() {
        let ms = Duration::from_millis;
        assert_eq!(
            postgres(Durations::azure()),
            [(ms(330_000), ms(330_000)), (ms(660_000), ms(660_000))]
        );
        assert_eq!(
            postgres(Durations::scaled(60)),
            [(ms(5_500), ms(6_000)), (ms(11_000), ms(11_000))]
        );
        assert_eq!(postgres(Durations::instant()), [(ms(0), ms(0)); 2]);
    }
}

//! What goes wrong: drawn or looked up for each request, and counted where it met its phase.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;

use super::address::key_of;
use super::fault::When;
use super::mark;
use super::monitor::{Monitor, Phase, Planted};
use super::script::{Blow, Ending, Faults, Strike};
use crate::emulator::{ArmRequest, Effect, Fault, Interruption, Leaves, Match, Method};

/// One request meets so many outages in a row at most: what never passes is no disturbance.
const ROW_MAX: usize = 4;

impl Monitor {
    /// Which ends of operations struck since this was last asked.
    pub(super) fn new_endings(&mut self) -> Vec<Ending> {
        let struck = self.struck();
        let news: Vec<(usize, Ending)> = self
            .planted
            .iter()
            .filter(|planted| struck.contains(&planted.number))
            .filter(|planted| !self.told.contains(&planted.number))
            .map(|planted| (planted.number, planted.ending))
            .collect();
        self.told.extend(news.iter().map(|(number, _)| *number));
        news.into_iter().map(|(_, ending)| ending).collect()
    }

    /// Whether the end of an operation that must be told struck since this was last asked.
    pub(super) fn has_new_endings(&self) -> bool {
        let struck = self.struck();
        let mut planted = self.planted.iter();
        planted.any(|planted| {
            planted.ending.surfaces()
                && struck.contains(&planted.number)
                && !self.told.contains(&planted.number)
        })
    }

    fn struck(&self) -> BTreeSet<usize> {
        let counts = self
            .emulator
            .with_world(|world| world.faults_struck().to_vec());
        let counts = counts.unwrap_or_default();
        let hit = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        hit.map(|(number, _)| number).collect()
    }

    /// Counts the faults on operations that met one, and the lags that were met.
    pub(super) fn settle_marks(&mut self) {
        let struck = self.struck();
        let met: Vec<String> = self
            .planted
            .iter()
            .filter(|planted| struck.contains(&planted.number))
            .map(|planted| planted.ending.to_string())
            .collect();
        for mark in met {
            self.mark(mark);
        }
        let lags = self.emulator.with_world(|world| world.lags_met());
        let lags = lags.unwrap_or_default();
        for (mark, count) in [
            ("lag-missing", lags.missing),
            ("lag-omitted", lags.omitted),
            ("lag-lingering", lags.lingering),
            ("lag-stale", lags.stale),
            ("lag-parent-unknown", lags.parents_unknown),
            ("lag-scrambled", lags.scrambled),
            ("lag-tags-inherited", lags.tags_inherited),
        ] {
            if count > 0 {
                *self.marks.entry(mark.to_owned()).or_default() += count;
            }
        }
    }

    /// What is to meet a request, drawn or looked up.
    pub(super) fn blow(
        &mut self,
        run: usize,
        number: u64,
        request: &ArmRequest,
        path: &str,
    ) -> Option<Blow> {
        if self.calm {
            return None;
        }
        let method = request.method;
        let blow = match &self.faults {
            Faults::Exactly(_) => self.exact.get(&(run, number)).copied(),
            Faults::Drawn {
                requests,
                operations,
            } => {
                let mut drawn = None;
                for (class, rate) in requests {
                    let hits = self.random.per_mille(*rate);
                    if hits && drawn.is_none() && class.can_meet(method) {
                        drawn = Some(Blow::Request(*class));
                    }
                }
                for (ending, rate) in operations {
                    let hits = self.random.per_mille(*rate);
                    // ARM makes groups at once, so only their deletion is an operation.
                    let starts = ending.can_meet(method)
                        && (method == Method::Delete || path.contains("/providers/"));
                    if hits && drawn.is_none() && starts {
                        drawn = Some(Blow::Operation(*ending));
                    }
                }
                drawn
            }
        }?;
        if let Blow::Request(class) = blow {
            let state = self.runs.entry(run).or_default();
            let row = state.rows.entry(key_of(request)).or_default();
            let of_class = row.iter().filter(|met| **met == class).count();
            let outages = row.iter().filter(|met| !met.is_polite()).count();
            if outages >= ROW_MAX || of_class >= class.row_max() {
                row.clear();
                return None;
            }
            row.push(class);
        }
        Some(blow)
    }

    pub(super) fn strike(
        &mut self,
        run: usize,
        number: u64,
        request: &ArmRequest,
        path: &str,
        blow: Option<Blow>,
        now: OffsetDateTime,
    ) -> Interruption {
        let latency = Duration::from_micros(20_000 + self.latency.below(80_000) as u64);
        let Some(blow) = blow else {
            self.runs
                .entry(run)
                .or_default()
                .rows
                .remove(&key_of(request));
            return Interruption::Delay(latency);
        };
        self.strikes.push(Strike {
            run,
            request: number,
            blow,
        });
        match blow {
            Blow::Request(class) => {
                let phase = self.phase_of(run, request.method, path);
                self.mark(mark::of(class, phase));
                if class.when() == When::After {
                    let state = self.runs.entry(run).or_default();
                    state.after.insert(number, class);
                    state.disturbed.insert(path.to_owned());
                    return Interruption::Delay(latency);
                }
                let interruption = class.interruption(1 + self.latency.below(40) as u64);
                if let Interruption::Answer(answer) = &interruption {
                    self.ask_for_patience(run, request, answer, now);
                }
                interruption
            }
            Blow::Operation(ending) => {
                self.plant(run, request.method, path, ending);
                Interruption::Delay(latency)
            }
        }
    }

    /// Where in its work a run is, as coverage tells it.
    fn phase_of(&self, run: usize, method: Method, path: &str) -> &'static str {
        let phase = self.runs.get(&run).map(|run| run.phase).unwrap_or_default();
        match (phase, method) {
            (Phase::Planning, _) => "planning",
            (Phase::Executing, Method::Put | Method::Patch) => "writing",
            (Phase::Executing, Method::Delete) => "deleting",
            (Phase::Executing, _) if path.contains("/operation") => "polling",
            (Phase::Executing, _) => "reading",
        }
    }

    fn plant(&mut self, run: usize, method: Method, path: &str, ending: Ending) {
        let (code, message) = ("SimulatedFailure".to_owned(), "It failed.".to_owned());
        let effect = match ending {
            Ending::Failed => Effect::FailOperation {
                code,
                message,
                leaves: Leaves::Failed,
            },
            Ending::FailedAndGone => Effect::FailOperation {
                code,
                message,
                leaves: Leaves::Nothing,
            },
            Ending::Canceled => Effect::CancelOperation {
                leaves: Leaves::Failed,
            },
            Ending::LostForAWhile => Effect::LoseOperation { polls: Some(3) },
            Ending::Lost => Effect::LoseOperation { polls: None },
            Ending::Early => Effect::SucceedEarly { more: 30 },
            Ending::Endless => Effect::NeverEnd,
        };
        let matches = Match {
            method: Some(method),
            id: Some(path.to_owned()),
            ..Match::default()
        };
        let fault = Fault::new(matches, effect).times(1);
        let number = self.emulator.with_world(|world| world.inject(fault));
        if let Ok(number) = number {
            self.planted.push(Planted { number, ending });
        }
        let state = self.runs.entry(run).or_default();
        state.disturbed.insert(path.to_owned());
    }
}

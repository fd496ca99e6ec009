//! The end of every script: nothing goes wrong any more, and what must then be true.

use augeo_core::plan::{Change, Purpose};

use super::check;
use super::run::{End, Play};
use super::violation::Invariant;
use crate::emulator::{Consistency, World};

/// When nothing goes wrong any more, so many runs must be enough.
const RUNS_MAX: usize = 4;

impl Play<'_> {
    /// Nothing goes wrong any more: a few runs finish the work, and then there is nothing to do.
    pub(super) async fn calm(&mut self) {
        self.monitor.lock().calm_down();
        let now = self.emulator.now();
        let calmed = self.emulator.with_world(|world: &mut World| {
            world.calm();
            world.release_operations(now.get());
        });
        calmed.expect("a world in memory can be changed");
        self.make_room().await;
        tokio::time::sleep(self.script.lags.longest()).await;
        let set = self
            .emulator
            .with_world(|world| world.set_consistency(Consistency::default()));
        set.expect("a world in memory can be changed");
        let version = self.subject.versions() - 1;
        if !self.converge(version).await {
            return;
        }
        check::live(self, version);
        check::secrets(self);
        if !self.monitor.lock().violations.is_empty() {
            return;
        }
        self.vanish(version).await;
    }

    async fn converge(&mut self, version: usize) -> bool {
        let mut last = String::new();
        let mut finished = false;
        for _ in 0..RUNS_MAX {
            let rests = self.emulator.snapshot().next_change().is_none();
            let (run, end) = self.run(version, Purpose::Apply, None, None).await;
            match end {
                End::Died => return false,
                End::NotPlanned(error, _) => last = error,
                End::Done(done) => {
                    let (plan, report) = &*done;
                    if plan.is_empty() {
                        let writes = self.monitor.lock().mutations(run);
                        if writes > 0 {
                            let detail = format!("{writes} writes for an empty plan");
                            let mut monitor = self.monitor.lock();
                            monitor.violate(Invariant::SecondPlanEmpty, detail);
                        }
                        return true;
                    }
                    check::report(self, run, plan, report, false);
                    if finished {
                        let pending: Vec<String> = plan.pending().map(line).collect();
                        let detail = format!("after all was done: {}", pending.join("; "));
                        let mut monitor = self.monitor.lock();
                        monitor.violate(Invariant::SecondPlanEmpty, detail);
                        return false;
                    }
                    let mut outcomes = report.outcomes.iter();
                    finished = rests && outcomes.all(|(.., outcome)| outcome.is_succeeded());
                    let failures = report.failures();
                    let failures: Vec<String> = failures
                        .map(|(name, error)| format!("{name}: {error:?}"))
                        .collect();
                    last = if failures.is_empty() {
                        plan.pending().map(line).collect::<Vec<_>>().join("; ")
                    } else {
                        failures.join("; ")
                    };
                }
            }
        }
        let detail = format!("{RUNS_MAX} runs were not enough: {last}");
        self.monitor.lock().violate(Invariant::Converges, detail);
        false
    }

    async fn vanish(&mut self, version: usize) {
        let mut last = String::new();
        for _ in 0..RUNS_MAX {
            let (_, end) = self.run(version, Purpose::Destroy, None, None).await;
            match end {
                End::Died => return,
                End::NotPlanned(error, _) => last = error,
                End::Done(done) => {
                    let (plan, report) = &*done;
                    if plan.is_empty() {
                        break;
                    }
                    last = format!("{:?}", report.outcomes);
                }
            }
        }
        check::destroyed(self, &last);
    }
}

/// A change, for whoever reads a violation.
fn line(change: &Change) -> String {
    format!("{} {} {:?}", change.action, change.name, change.reasons)
}

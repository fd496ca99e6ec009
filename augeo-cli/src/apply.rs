//! One execution of a plan: progress, cancellation, the report and the exit code.

use std::future::IntoFuture;
use std::sync::Arc;

use augeo_core::forecast::Forecast;
use augeo_core::plan::Plan;
use augeo_core::render::{Heading, failures_text, report_json, report_text};
use augeo_core::report::{Outcome, Report};
use tokio::time::MissedTickBehavior;

use crate::cancel::{Signal, Signals, Step, TwoSteps};
use crate::error::{CliError, Exit};
use crate::progress::{BEAT, ProgressView};
use crate::session::Session;
use crate::target::Target;

/// What a report ends with.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// Further lines: a label and its text.
    pub(crate) notes: Vec<(String, String)>,
    /// What was expected.
    pub(crate) forecast: Option<Arc<Forecast>>,
    /// The command to go on with if everything was done, and nothing waits for the outside world.
    pub(crate) succeeded: String,
    /// The command to go on with otherwise.
    pub(crate) failed: String,
}

/// Prints what became of a plan, and judges it.
pub(crate) fn conclude(session: &Session, plan: &Plan, report: &Report, ending: Ending) -> Exit {
    let output = &session.output;
    let forecast = ending.forecast.as_deref();
    output.document_event("report", "report", &report_json(report, forecast));
    let style = output.terminal().style_stderr();
    let failures = output.with_sources(|sources| failures_text(plan, report, sources, &style));
    if !failures.is_empty() && !output.is_json() {
        output.note(&failures);
    }
    let next = if report.ok().is_ok() && report.pending.is_empty() {
        ending.succeeded
    } else {
        ending.failed
    };
    let heading = Heading {
        notes: ending.notes,
        forecast: ending.forecast,
        next: Some(next),
        ..Heading::default()
    };
    output.data(&report_text(report, &heading, &output.style()));
    exit(report)
}

/// Executes a plan, showing how far it is and how long it goes on. What fails at the target
/// is in the report.
///
/// # Errors
/// When signals cannot be heard: what could not be stopped is not begun.
pub(crate) async fn execute(
    session: &Session,
    target: &Target,
    plan: &Plan,
    forecast: Option<&Arc<Forecast>>,
) -> Result<Report, CliError> {
    let mut signals = Signals::listen()?;
    let view = Arc::new(ProgressView::new(&session.output, forecast.cloned()));
    let steps = TwoSteps::default();
    let mut execution = target
        .engine()
        .execute(plan)
        .observe(Arc::<ProgressView>::clone(&view))
        .stop_on(steps.stop.clone())
        .abandon_on(steps.abandon.clone())
        .into_future();
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let report = loop {
        tokio::select! {
            biased;
            signal = signals.next() => {
                if signal == Signal::Interrupt {
                    view.forget_echo();
                }
                say(session, &view, steps.advance());
            }
            report = &mut execution => break report,
            _ = beat.tick() => view.beat(),
        }
    };
    view.finish();
    Ok(report)
}

fn say(session: &Session, view: &ProgressView, step: Step) {
    let output = &session.output;
    match step {
        Step::Stop => {
            let running = view.running();
            let still = if running.is_empty() {
                "Nothing runs in Azure.".to_owned()
            } else {
                format!("Still running in Azure: {}.", running.join("; "))
            };
            output.note(&format!(
                "No new change starts. {still}\nWaiting for it. Ctrl-C again leaves at once; Azure \
                 goes on, and the next run picks it up."
            ));
        }
        Step::Abandon => output.note("Leaving. What runs in Azure goes on; the next run finds it."),
        Step::Nothing => {}
    }
}

/// An unknown end matters most, then a failure, then that it was stopped.
fn exit(report: &Report) -> Exit {
    let outcomes = || report.outcomes.iter().map(|(.., outcome)| outcome);
    let any = |wanted: fn(&Outcome) -> bool| outcomes().any(wanted);
    if any(|outcome| matches!(outcome, Outcome::Unknown { .. })) {
        Exit::Unknown
    } else if any(|outcome| matches!(outcome, Outcome::Failed { .. })) {
        Exit::Failed
    } else if any(|outcome| matches!(outcome, Outcome::Cancelled)) {
        Exit::Cancelled
    } else if any(Outcome::is_skipped) {
        Exit::Failed
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use augeo_core::name::{ResourceName, StackName};
    use augeo_core::plan::Action;
    use augeo_core::provider::{ErrorKind, ProviderError};

    use super::*;

    fn exit_of(outcomes: &[Outcome]) -> Exit {
        let name = ResourceName::parse("a").unwrap();
        exit(&Report {
            stack: StackName::parse("p", "e").unwrap(),
            outcomes: outcomes
                .iter()
                .map(|outcome| (name.clone(), Action::Create, outcome.clone()))
                .collect(),
            elapsed_by_resource: BTreeMap::new(),
            elapsed: Duration::ZERO,
            pending: Vec::new(),
            resources: BTreeMap::new(),
        })
    }

    #[test]
    fn the_worst_outcome_decides_the_exit_code() {
        let error = || Box::new(ProviderError::new(ErrorKind::Conflict, "C", "m"));
        let failed = Outcome::Failed { error: error() };
        let unknown = Outcome::Unknown { error: error() };
        assert_eq!(exit_of(&[]), Exit::Done);
        assert_eq!(exit_of(&[Outcome::Succeeded]), Exit::Done);
        assert_eq!(
            exit_of(&[Outcome::Succeeded, Outcome::Cancelled]),
            Exit::Cancelled
        );
        assert_eq!(exit_of(&[Outcome::Cancelled, failed.clone()]), Exit::Failed);
        assert_eq!(
            exit_of(&[failed, unknown, Outcome::Cancelled]),
            Exit::Unknown
        );
    }
}

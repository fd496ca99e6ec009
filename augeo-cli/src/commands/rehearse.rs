//! `augeo rehearse`: the real plan against a copy of what is there; nothing is touched.

use augeo_core::PlanOptions;
use augeo_core::clock::{Clock as _, SystemClock};
use augeo_core::engine::Limits;
use augeo_core::forecast::Forecast;
use augeo_core::name::ResourceName;
use augeo_core::plan::Plan;
use augeo_core::render::{Sources, findings_text};
use augeo_testkit::emulator::LeftOut;
use augeo_testkit::rehearsal::{Rehearsal, Rehearsed, Tried, rehearsed_text, trials, trials_text};
use clap::Args;
use serde_json::json;

use crate::cancel::unless_cancelled;
use crate::durations::Durations;
use crate::error::{CliError, Exit};
use crate::project::{resource, today};
use crate::session::Session;
use crate::target::Target;

/// Rehearse an apply against a copy of what is there, in no time and without touching anything
#[derive(Args, Debug)]
pub(crate) struct RehearseArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Try what would happen if something went wrong, once for each class of faults
    #[arg(long)]
    faults: bool,
    /// The resource that faults happen to [default: the one that most of the wait is for]
    #[arg(long, value_name = "NAME", requires = "faults")]
    victim: Option<String>,
}

/// What came of it.
struct Rehearsals {
    rehearsed: Rehearsed,
    tried: Vec<Tried>,
}

pub(crate) fn run(args: &RehearseArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    let environment = project.environment(&args.environment)?;
    let stack = project.judged(&environment, today())?.stack;
    let victim = args.victim.as_deref();
    let victim = victim
        .map(|name| resource(&stack, "--victim", name))
        .transpose()?;
    session.run(async {
        let (target, recorder) = Target::open_recorded(session, &project, &environment).await?;
        let options = PlanOptions::default();
        let plan = target.plan(&stack, &options).await?;
        if let Err(blocked) = plan.ensure_executable() {
            // No plan is printed here that would list what stops it.
            let style = session.output.terminal().style_stderr();
            let text = |sources: Sources<'_>| findings_text(&blocked.findings, sources, &style);
            let text = session.output.with_sources(text);
            session.output.note(&format!("{text}\n"));
            return Err(blocked.into());
        }
        let now = SystemClock.now();
        let copy = recorder.copy(target.subscription(), now);
        heading(
            session,
            &target,
            &project.name(),
            &copy.left_out,
            copy.resources,
        );
        let rehearsal = Rehearsal {
            world: copy.world,
            now,
            stack,
            options,
            limits: Limits::default(),
        };
        // What is expected of Azure, also where the emulator is the target: that is what is
        // rehearsed.
        let durations = Durations::azure(project.folder(), &session.output)?;
        let forecast = durations.forecast(&plan);
        let victim = victim.or_else(|| decisive(&plan, forecast.as_deref()));
        let struck = victim.clone().filter(|_| args.faults);
        let result = perform(rehearsal, plan.clone(), struck).await?;
        conclude(session, &result, forecast.as_deref(), victim.as_ref());
        let next = session.command(&format!("provision {environment}"));
        if result.rehearsed.performed.converged() && !plan.is_empty() {
            session.output.next(&next);
        }
        Ok(exit(&result))
    })
}

fn heading(session: &Session, target: &Target, config: &str, left_out: &[LeftOut], copied: usize) {
    let output = &session.output;
    output.event(&json!({"type": "copy", "resources": copied, "leftOut": left_out}));
    let words = target.words().join(" | ");
    let noun = if copied == 1 { "resource" } else { "resources" };
    output.data(&format!(
        "Rehearsal on a copy of {copied} {noun}; nothing is touched      {words} | {config}"
    ));
    for left in left_out {
        output.note(&format!(
            "note: {} is not in the copy: {}",
            left.id, left.reason
        ));
    }
}

/// The change that most of the wait is for.
fn decisive(plan: &Plan, forecast: Option<&Forecast>) -> Option<ResourceName> {
    let dominant = forecast.and_then(Forecast::dominant);
    let first = || plan.pending().next().map(|change| change.name.clone());
    dominant.map(|it| it.resource.clone()).or_else(first)
}

/// Rehearses on a thread of its own: its time is virtual.
async fn perform(
    rehearsal: Rehearsal,
    plan: Plan,
    victim: Option<ResourceName>,
) -> Result<Rehearsals, CliError> {
    let work = tokio::task::spawn_blocking(move || {
        let rehearsed = rehearsal.run(&plan);
        let victim = victim.and_then(|name| plan.change(name.as_str()));
        let id = victim.map(|change| change.id.text());
        let tried = id.map_or(Vec::new(), |id| {
            let run = |trial| rehearsal.run_with(trial, id);
            trials().iter().map(run).collect()
        });
        Rehearsals { rehearsed, tried }
    });
    unless_cancelled(work)
        .await?
        .map_err(|error| CliError::Runtime {
            source: std::io::Error::other(error.to_string()),
        })
}

fn conclude(
    session: &Session,
    result: &Rehearsals,
    forecast: Option<&Forecast>,
    victim: Option<&ResourceName>,
) {
    let output = &session.output;
    output.event(&json!({
        "type": "rehearsal", "rehearsal": result.rehearsed, "forecast": forecast,
    }));
    output.data(&rehearsed_text(&result.rehearsed, forecast));
    if let Some(victim) = victim.filter(|_| !result.tried.is_empty()) {
        output.event(&json!({"type": "trials", "victim": victim, "trials": result.tried}));
        output.data(&trials_text(victim.as_str(), &result.tried));
    }
}

/// A rehearsal fails where not everything is as it is to be in the end.
fn exit(result: &Rehearsals) -> Exit {
    let tried = result.tried.iter().filter(|it| it.met);
    let converged = result.rehearsed.performed.converged() && tried.clone().all(Tried::converged);
    if converged { Exit::Done } else { Exit::Failed }
}

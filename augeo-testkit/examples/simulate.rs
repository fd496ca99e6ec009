//! Plays simulations from seeds; says what broke a promise, and how to see it again.

use std::io::{IsTerminal, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use augeo_azure::platform::Config;
use augeo_core::Stack;
use augeo_testkit::simulation::campaign::{self, Totals};
use augeo_testkit::simulation::mutants::{self, Mutant};
use augeo_testkit::simulation::{
    Faults, Outcome, PROFILES, Profile, Script, Subject, Sweep, every_crash_of_destroy,
    every_crash_of_provision, mark, play, play_traced, shrink,
};
use clap::Parser;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Simulates provisions and destroys: stacks, faults and crashes from a seed, with every promise
/// of the engine checked at each moment.
#[derive(Debug, Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// The seeds, as `FROM..TO`, the last not included; or one.
    #[arg(long, default_value = "0..2000", value_parser = parse_seeds)]
    seeds: Range<u64>,
    /// How much of what goes wrong: mixed, calm, network, crashes, operations, lags, people.
    #[arg(long, default_value = "mixed", value_parser = parse_profile)]
    profile: &'static Profile,
    /// So many threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Prints every request of every seed.
    #[arg(long)]
    trace: bool,
    /// Prints how often each situation was met.
    #[arg(long)]
    marks: bool,
    /// Does not look for the shortest script of a failing seed.
    #[arg(long)]
    no_shrink: bool,
    /// Kills a provision and a destroy of the platform at every request instead, in these
    /// environments.
    #[arg(long, value_delimiter = ',', value_name = "ENVIRONMENT")]
    crashes: Vec<String>,
    /// Hunts a deliberate defect, or `all`: seeds of its profile are played until one shows it. Only
    /// in a build with `RUSTFLAGS="--cfg augeo_mutants"`.
    #[arg(long)]
    mutant: Option<String>,
    /// Writes the script of the first seed, with exactly the faults that it met, to a file: for the
    /// corpus that always runs.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Plays a script from a file instead of seeds.
    #[arg(long)]
    script: Option<PathBuf>,
}

fn parse_seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |text: &str| -> Result<u64, String> {
        let plain = text.replace('_', "");
        plain.parse().map_err(|_| format!("`{text}` is no number"))
    };
    match text.split_once("..") {
        Some((from, to)) => Ok(number(from)?..number(to)?),
        None => number(text).map(|seed| seed..seed + 1),
    }
}

fn parse_profile(name: &str) -> Result<&'static Profile, String> {
    let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
    Profile::named(name).ok_or_else(|| format!("the profiles are {}", known.join(", ")))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let failed = match &arguments.script {
        Some(path) => play_file(path),
        None if arguments.mutant.is_some() => hunt(&arguments),
        None if !arguments.crashes.is_empty() => crash(&arguments.crashes),
        None => play_seeds(&arguments),
    };
    match failed {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn play_file(path: &std::path::Path) -> Result<bool, Box<dyn std::error::Error>> {
    let script: Script = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let outcome = play_traced(&script);
    print_trace(&outcome)?;
    Ok(!outcome.violations.is_empty())
}

/// Seeds until a defect shows; a survivor fails.
fn hunt(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
    let name = arguments.mutant.as_deref().unwrap_or_default();
    if !mutants::available() {
        return Err("this build has no mutants: set RUSTFLAGS=\"--cfg augeo_mutants\"".into());
    }
    let mut out = std::io::stdout().lock();
    let (kills, survivors) = if name == "all" {
        mutants::hunt_all(arguments.jobs)
    } else {
        let mutant = Mutant::ALL.iter().find(|mutant| mutant.to_string() == name);
        let mutant = mutant.ok_or_else(|| format!("there is no mutant `{name}`"))?;
        match mutants::hunt(*mutant, mutants::SEEDS_MAX) {
            Ok(kill) => (vec![kill], Vec::new()),
            Err(survivor) => (Vec::new(), vec![survivor]),
        }
    };
    for kill in &kills {
        writeln!(out, "{kill}")?;
    }
    for survivor in &survivors {
        writeln!(out, "{survivor}, in {} seeds", mutants::SEEDS_MAX)?;
    }
    writeln!(
        out,
        "{} mutants killed, {} survive",
        kills.len(),
        survivors.len()
    )?;
    Ok(!survivors.is_empty())
}

/// A way to kill a run at every request.
type Sweeper = fn(&dyn Subject, u64) -> Sweep;

/// Every crash of every environment, each sweep on a thread of its own.
fn crash(environments: &[String]) -> Result<bool, Box<dyn std::error::Error>> {
    let text = include_str!("../../examples/augeo-platform/augeo.toml");
    let config = Config::parse(text, "augeo.toml")?;
    let mut sweeps: Vec<(String, Vec<Stack>, Sweeper)> = Vec::new();
    for environment in environments {
        let stack = config.stack(environment)?;
        let provision = format!("provision {environment}");
        sweeps.push((provision, vec![stack.clone()], every_crash_of_provision));
        let destroy = format!("destroy {environment}");
        sweeps.push((destroy, vec![stack], every_crash_of_destroy));
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicUsize::new(0);
    let crashes = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, stack, sweep)) =
                    sweeps.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let found = sweep(stack, 1);
                    let mut out = std::io::stdout().lock();
                    let _ = writeln!(
                        out,
                        "{name}: {} crashes, {} violations",
                        found.crashes,
                        found.failures.len()
                    );
                    for (script, violation) in found.failures.iter().take(3) {
                        let _ = writeln!(out, "  {violation} in {:?}", script.steps);
                    }
                    crashes.fetch_add(found.crashes, Ordering::Relaxed);
                    failed.fetch_add(found.failures.len(), Ordering::Relaxed);
                }
            });
        }
    });
    let failed = failed.into_inner();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} crashes, {failed} violations", crashes.into_inner())?;
    Ok(failed > 0)
}

fn print_trace(outcome: &Outcome) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in &outcome.trace {
        writeln!(out, "{line}")?;
    }
    for violation in &outcome.violations {
        writeln!(out, "violation: {violation}")?;
    }
    Ok(())
}

fn play_seeds(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
    let Arguments { seeds, profile, .. } = arguments;
    if let Some(path) = &arguments.write {
        let script = Script::draw(seeds.start, profile);
        let script = Script {
            faults: Faults::Exactly(play(&script).strikes),
            ..script
        };
        std::fs::write(path, serde_json::to_string_pretty(&script)? + "\n")?;
        return Ok(false);
    }
    if arguments.trace {
        for seed in seeds.clone() {
            print_trace(&play_traced(&Script::draw(seed, profile)))?;
        }
    }
    let played = AtomicU64::new(0);
    let every = (seeds.end.saturating_sub(seeds.start) / 20).max(1);
    let shows = std::io::stderr().is_terminal();
    let totals = campaign::run(seeds.clone(), profile, arguments.jobs, &|_| {
        let count = played.fetch_add(1, Ordering::Relaxed) + 1;
        if shows && count.is_multiple_of(every) {
            let _ = writeln!(std::io::stderr(), "{count} seeds");
        }
    });
    report(arguments, &totals)
}

fn report(arguments: &Arguments, totals: &Totals) -> Result<bool, Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    let profile = arguments.profile;
    for failure in totals.failures.iter().take(5) {
        let seed = failure.seed;
        writeln!(out, "seed {seed}: {}", failure.violation)?;
        writeln!(
            out,
            "  again: cargo run --release -p augeo-testkit --features simulation --example simulate -- --seeds {seed} --profile {} --trace",
            profile.name
        )?;
    }
    let first = totals.failures.first().filter(|_| !arguments.no_shrink);
    if let Some(failure) = first {
        let script = Script::draw(failure.seed, profile);
        match shrink(&script) {
            Some(shrunk) => writeln!(
                out,
                "the shortest that fails so, after {} plays:\n{}",
                shrunk.plays,
                shrunk.as_test(failure.seed)?
            )?,
            None => writeln!(
                out,
                "it does not fail again with exactly those faults: {}",
                play(&script).violations.len()
            )?,
        }
    }
    if arguments.marks {
        for (mark, count) in &totals.marks {
            writeln!(out, "{count:>10} {mark}")?;
        }
    }
    let mut failed = !totals.failures.is_empty();
    if profile.name == "mixed" && totals.seeds >= mark::SEEDS_MIN {
        for mark in totals.missing() {
            writeln!(out, "never met: {mark}")?;
            failed = true;
        }
    }
    writeln!(
        out,
        "{} runs, {} requests, {} seeds played twice",
        totals.runs, totals.requests, totals.replayed
    )?;
    writeln!(out, "{totals}")?;
    Ok(failed)
}

//! From a failing seed to the shortest script that fails the same way.

use super::run::Outcome;
use super::script::{Act, Faults, Lags, Script, Step};
use super::violation::{Invariant, Violation};

/// No more plays than this: the shortest so far is good enough then.
const PLAYS_MAX: usize = 1_500;

/// A failing script and what it breaks.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The script.
    pub script: Script,
    /// What it breaks.
    pub violation: Violation,
    /// How many plays it took.
    pub plays: usize,
}

struct Search {
    best: Script,
    violation: Violation,
    plays: usize,
}

impl Search {
    fn invariant(&self) -> Invariant {
        self.violation.invariant
    }

    /// Takes a shorter script if it fails the same way.
    fn attempt(&mut self, candidate: Script) -> bool {
        if self.plays >= PLAYS_MAX || candidate == self.best {
            return false;
        }
        self.plays += 1;
        let outcome = super::play(&candidate);
        let same = first_of(&outcome, self.invariant());
        let Some(violation) = same else {
            return false;
        };
        self.best = candidate;
        self.violation = violation;
        true
    }

    /// Takes parts out of a list, large ones first, as long as it fails without them.
    fn thin<T: Clone>(
        &mut self,
        parts: impl Fn(&Script) -> Vec<T>,
        with: impl Fn(&Script, Vec<T>) -> Script,
    ) {
        let mut size = parts(&self.best).len();
        while size > 0 {
            let mut at = 0;
            loop {
                let all = parts(&self.best);
                if at >= all.len() {
                    break;
                }
                let end = (at + size).min(all.len());
                let rest: Vec<T> = all[..at].iter().chain(&all[end..]).cloned().collect();
                let candidate = with(&self.best, rest);
                if !self.attempt(candidate) {
                    at = end;
                }
            }
            size /= 2;
        }
    }

    fn thin_everything(&mut self) {
        self.thin(
            |script| script.steps.clone(),
            |script, steps| Script {
                steps,
                ..script.clone()
            },
        );
        self.thin(
            |script| match &script.faults {
                Faults::Exactly(strikes) => strikes.clone(),
                Faults::Drawn { .. } => Vec::new(),
            },
            |script, strikes| Script {
                faults: Faults::Exactly(strikes),
                ..script.clone()
            },
        );
        let versions = self
            .best
            .shape
            .as_ref()
            .map_or(0, |shape| shape.versions.len());
        for version in 1..versions {
            self.thin(
                |script| {
                    let shape = script.shape.as_ref();
                    shape.map_or_else(Vec::new, |shape| shape.versions[version].clone())
                },
                |script, tweaks| {
                    let mut script = script.clone();
                    if let Some(shape) = &mut script.shape {
                        shape.versions[version] = tweaks;
                    }
                    script
                },
            );
        }
        // Nodes are named by their place: only from the end can they go without a trace.
        while let Some(mut shape) = self.best.shape.clone() {
            if shape.nodes.pop().is_none() {
                break;
            }
            let candidate = Script {
                shape: Some(shape),
                ..self.best.clone()
            };
            if !self.attempt(candidate) {
                break;
            }
        }
        self.simplify_steps();
        self.simplify_lags();
    }

    fn simplify_steps(&mut self) {
        for at in 0..self.best.steps.len() {
            let simpler: Vec<Step> = match self.best.steps[at] {
                Step::Apply {
                    version,
                    crash,
                    meanwhile,
                } => vec![
                    Step::Apply {
                        version,
                        crash: None,
                        meanwhile,
                    },
                    Step::Apply {
                        version,
                        crash,
                        meanwhile: None::<Act>,
                    },
                ],
                Step::Destroy { version, .. } => vec![Step::Destroy {
                    version,
                    crash: None,
                }],
                Step::ApplyTwice { version } => vec![Step::Apply {
                    version,
                    crash: None,
                    meanwhile: None,
                }],
                Step::Act(_) | Step::Wait(_) => Vec::new(),
            };
            for step in simpler {
                let mut candidate = self.best.clone();
                candidate.steps[at] = step;
                self.attempt(candidate);
            }
        }
    }

    fn simplify_lags(&mut self) {
        let fields: [fn(&mut Lags); 7] = [
            |lags| lags.read = 0,
            |lags| lags.list = 0,
            |lags| lags.stale = 0,
            |lags| lags.parent = 0,
            |lags| lags.settling = 0,
            |lags| lags.scramble = false,
            |lags| lags.tags_inherited = false,
        ];
        for clear in fields {
            let mut candidate = self.best.clone();
            clear(&mut candidate.lags);
            self.attempt(candidate);
        }
    }
}

fn first_of(outcome: &Outcome, invariant: Invariant) -> Option<Violation> {
    let mut violations = outcome.violations.iter();
    violations
        .find(|violation| violation.invariant == invariant)
        .cloned()
}

/// The shortest script that breaks the same promise as this one; `None` if it breaks none when it
/// is played again with exactly the faults that it met.
pub fn shrink(script: &Script) -> Option<Shrunk> {
    let outcome = super::play(script);
    let violation = outcome.violations.first()?.clone();
    let exact = Script {
        faults: Faults::Exactly(outcome.strikes),
        ..script.clone()
    };
    let mut search = Search {
        best: script.clone(),
        violation,
        plays: 1,
    };
    if !search.attempt(exact) {
        return None;
    }
    loop {
        let before = search.best.clone();
        search.thin_everything();
        if search.best == before || search.plays >= PLAYS_MAX {
            break;
        }
    }
    Some(Shrunk {
        script: search.best,
        violation: search.violation,
        plays: search.plays,
    })
}

impl Shrunk {
    /// The script as a test to paste.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn as_test(&self, seed: u64) -> serde_json::Result<String> {
        let script = serde_json::to_string_pretty(&self.script)?;
        let name = self.violation.invariant.to_string().replace('-', "_");
        Ok(format!(
            "/// {}\n#[test]\nfn {name}_of_seed_{seed}() {{\n    let script: Script = serde_json::from_str(\n        r#\"{script}\"#,\n    )\n    .unwrap();\n    assert_eq!(play(&script).violations, []);\n}}",
            self.violation
        ))
    }
}

//! What Augeo must reach, measured in one run: prints a table, exits with 1 on a miss.
//!
//! `cargo run --release -p augeo-examples --example benchmark [-- NAME]`, with NAME one of
//! `critical-path`, `unchanged`, `two-hundred`. What is told of other programs was measured by
//! hand and stands in `docs/testing.md`; planning alone is measured by the test kit's example
//! `plan_scale`.

mod apply;
mod process;
mod stacks;
mod unchanged;

use std::process::ExitCode;

/// One line of the table.
#[derive(Clone, Debug)]
struct Row {
    what: String,
    measured: String,
    required: String,
    met: bool,
}

impl Row {
    /// A figure that may not be above another.
    fn at_most(what: impl Into<String>, measured: f64, allowed: f64, unit: &str) -> Self {
        Self {
            what: what.into(),
            measured: format!("{measured:.3} {unit}"),
            required: format!("<= {allowed} {unit}"),
            met: measured <= allowed,
        }
    }

    /// The same, with what stands behind the figure.
    fn of(mut self, told: &str) -> Self {
        self.measured = format!("{} ({told})", self.measured);
        self
    }
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints a table"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let rows = match words.as_slice() {
        // The two halves of `unchanged`, each a process of its own.
        ["serve"] => return unchanged::serve(),
        ["client", endpoint] => return unchanged::client(endpoint),
        [] => [
            apply::critical_path(),
            unchanged::measure(),
            apply::two_hundred(),
        ]
        .concat(),
        ["critical-path"] => apply::critical_path(),
        ["unchanged"] => unchanged::measure(),
        ["two-hundred"] => apply::two_hundred(),
        _ => {
            eprintln!("usage: benchmark [critical-path | unchanged | two-hundred]");
            return ExitCode::from(2);
        }
    };
    let width = |of: fn(&Row) -> &String| rows.iter().map(|row| of(row).len()).max().unwrap_or(0);
    let (first, second, third) = (
        width(|row| &row.what),
        width(|row| &row.measured),
        width(|row| &row.required),
    );
    for row in &rows {
        let verdict = if row.met { "ok" } else { "MISS" };
        println!(
            "{:first$}  {:second$}  {:third$}  {verdict}",
            row.what, row.measured, row.required
        );
    }
    if rows.iter().all(|row| row.met) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

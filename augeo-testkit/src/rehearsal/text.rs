//! What a rehearsal showed, for people.

use std::fmt::Write as _;
use std::time::Duration;

use augeo_core::forecast::Forecast;
use augeo_core::render::{about_text, duration_text, printable};

use super::{Kind, Performed, Rehearsed, Tried};

/// A rehearsal without trouble, with the time that was forecast.
pub fn rehearsed_text(rehearsed: &Rehearsed, forecast: Option<&Forecast>) -> String {
    let mut out = String::new();
    let performed = &rehearsed.performed;
    let _ = writeln!(out, "Rehearsed: {}", performed_text(performed));
    for failing in performed.failed.iter().take(6) {
        let _ = writeln!(
            out,
            "  {}   {}: {}",
            printable(&failing.resource),
            printable(&failing.code),
            printable(&failing.message)
        );
    }
    for differs in rehearsed.differs.iter().take(6) {
        let _ = writeln!(out, "  the copy differs   {}", printable(differs));
    }
    if rehearsed.differs.len() > 6 {
        let _ = writeln!(out, "  and {} more differ", rehearsed.differs.len() - 6);
    }
    if let Some(forecast) = forecast.filter(|forecast| !forecast.p50.is_zero()) {
        let (half, tenth) = (about_text(forecast.p50), about_text(forecast.p90));
        let draws = forecast.draws;
        let _ = writeln!(
            out,
            "Time:      about {half} (P50), 1 run in 10 takes over {tenth} (P90); {draws} drawn"
        );
        let waits = waits(forecast);
        if !waits.is_empty() {
            let _ = writeln!(out, "Critical path, with its part of the wait:\n{waits}");
        }
    }
    let requests = &rehearsed.requests;
    let kinds = [
        ("reads", &requests.reads),
        ("writes", &requests.writes),
        ("deletes", &requests.deletes),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(word, kind)| kind_text(word, kind))
        .collect();
    let _ = writeln!(
        out,
        "Requests:  {}; {} throttled",
        kinds.join(", "),
        requests.throttled
    );
    out
}

fn kind_text(word: &str, kind: &Kind) -> String {
    if kind.sent == 0 {
        format!("no {word}")
    } else {
        let word = if kind.sent == 1 {
            word.trim_end_matches('s')
        } else {
            word
        };
        format!(
            "{} {word} (of {} never under {} left)",
            kind.sent, kind.limit, kind.left_min
        )
    }
}

/// The changes that are waited for, longest first.
fn waits(forecast: &Forecast) -> String {
    const SHOWN_MAX: usize = 8;
    const SHARE_MIN: f64 = 0.005;
    let mut waited: Vec<_> = forecast
        .changes
        .iter()
        .filter(|change| change.share >= SHARE_MIN)
        .collect();
    waited.sort_by(|one, other| other.share.total_cmp(&one.share));
    let rows = waited.into_iter().take(SHOWN_MAX).map(|change| {
        format!(
            "  {:>3.0} %  {:<28} {:<9} ~{}",
            change.share * 100.0,
            printable(change.resource.as_str()),
            change.action.verb(),
            about_text(change.p50)
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn performed_text(performed: &Performed) -> String {
    let took = duration_text(Duration::from_secs(performed.seconds));
    if let Some(why) = &performed.not_planned {
        return format!("nothing was executed: {}", printable(why));
    }
    if performed.converged() {
        return match performed.changes {
            0 => "nothing is left to change".to_owned(),
            1 => format!("1 change converges in {took}"),
            changes => format!("{changes} changes converge in {took}"),
        };
    }
    let mut parts = Vec::new();
    if let Some(failing) = performed.failed.first() {
        parts.push(format!(
            "{} fails with {}",
            printable(&failing.resource),
            printable(&failing.code)
        ));
    }
    if performed.failed.len() > 1 {
        parts.push(format!("{} others fail", performed.failed.len() - 1));
    }
    if performed.others > 0 {
        parts.push(format!("{} held back", performed.others));
    }
    if parts.is_empty() {
        parts.push("everything is done and a plan afterwards is not empty".to_owned());
    }
    format!(
        "{} of {} done in {took}; {}",
        performed.succeeded,
        performed.changes,
        parts.join(", ")
    )
}

/// What a user would see in each case, and what the same command then does.
pub fn trials_text(victim: &str, tried: &[Tried]) -> String {
    let mut out = format!("If it happened to {}:\n", printable(victim));
    let widest = tried.iter().map(|it| it.name.len()).max().unwrap_or(0);
    let met = || tried.iter().filter(|it| it.met);
    for it in met().filter(|it| it.second.is_none()) {
        let took = duration_text(Duration::from_secs(it.first.seconds));
        let _ = writeln!(
            out,
            "  {:<widest$}  converges in {took:<12}  {}",
            it.name, it.what
        );
    }
    for it in met() {
        if let Some(second) = &it.second {
            let _ = writeln!(out, "  {:<widest$}  is seen: {}", it.name, it.what);
            for (word, run) in [("first", &it.first), ("again", second)] {
                let _ = writeln!(out, "  {:<widest$}    {word}: {}", "", performed_text(run));
            }
        }
    }
    let silent: Vec<&str> = tried
        .iter()
        .filter(|it| !it.met)
        .map(|it| it.name.as_str())
        .collect();
    if !silent.is_empty() {
        let _ = writeln!(out, "  met nothing here: {}", silent.join(", "));
    }
    out
}

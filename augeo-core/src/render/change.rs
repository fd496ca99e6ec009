//! One change of a plan: its row, the properties that differ, and why.

use super::difference::{Row, TEXT, importance, row_lines, rows, unchanged_lines};
use super::error::some_of;
use super::expected as times;
use super::layout::{Line, hanging};
use super::shown::name_text;
use super::style::{Style, Tone, count, printable};
use crate::finding::SourceLocation;
use crate::forecast::Forecast;
use crate::plan::{Action, Cause, Change, Plan, Reason};
use crate::resource::{Condition, Lifecycle};

/// How many properties of a creation, and of any other change, are listed unless all are.
const CREATED_MAX: usize = 4;
const CHANGED_MAX: usize = 12;

/// What the rows of one rendering share: how wide the columns of names and titles are, and the
/// times that are expected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns<'f> {
    pub(super) name: usize,
    title: usize,
    forecast: Option<&'f Forecast>,
}

impl<'f> Columns<'f> {
    /// The same with expected times.
    pub(super) fn expecting(self, forecast: Option<&'f Forecast>) -> Self {
        Self { forecast, ..self }
    }

    pub(super) fn of<'a>(changes: impl Iterator<Item = &'a Change>) -> Self {
        let changes: Vec<&Change> = changes.collect();
        let widest = |length: fn(&Change) -> usize| {
            changes
                .iter()
                .map(|change| length(change))
                .max()
                .unwrap_or(0)
        };
        Self {
            name: widest(|change| change.name.as_str().chars().count()).clamp(18, 34),
            title: widest(|change| change.ty.title.chars().count()).clamp(14, 30),
            forecast: None,
        }
    }
}

pub(super) fn tone_of(action: Action) -> Tone {
    match action {
        Action::NoOp | Action::Forget => Tone::Quiet,
        Action::Create | Action::Recover => Tone::Good,
        Action::Update | Action::Adopt | Action::Lift => Tone::Careful,
        Action::Replace | Action::Delete => Tone::Bad,
    }
}

/// A symbol in its column, so that names begin in the same one.
pub(super) fn symbol(action: Action) -> String {
    format!("{:>3} ", action.symbol())
}

/// The row of a change.
pub(super) fn head_lines(change: &Change, columns: Columns<'_>, style: &Style) -> Vec<Line> {
    let tone = tone_of(change.action);
    let verb = if change.awaits && change.action == Action::NoOp {
        "await"
    } else {
        change.action.verb()
    };
    let start = 4 + columns.name + 2;
    let name = name_text(&change.name);
    let named = Line::new()
        .tone(tone, symbol(change.action))
        .tone(Tone::Strong, name.as_str());
    let rest = |line: Line| {
        line.to(start)
            .tone(tone, verb)
            .to(start + 9)
            .plain(printable(&change.ty.title))
    };
    // A name that is too long for its column has a line of its own.
    let (mut lines, row) = if name.chars().count() > columns.name {
        (vec![named], rest(Line::new()))
    } else {
        (Vec::new(), rest(named))
    };
    let expected = columns.forecast.and_then(|it| it.expected(&change.name));
    let mut marks = Vec::new();
    if loses_data(change) {
        marks.push("LOSES DATA");
    }
    if drifted(change) {
        marks.push("DRIFT");
    }
    if change.awaits && change.action != Action::NoOp {
        marks.push("is busy, awaited first");
    }
    if change.action == Action::Replace {
        marks.push("deletes first");
    }
    if change.action == Action::Delete && change.ty.lifecycle == Lifecycle::Resettable {
        marks.push("is put back to its default");
    }
    if expected.is_some_and(times::is_critical) {
        marks.push("CRITICAL PATH");
    }
    let takes = expected.map_or(String::new(), times::row_text);
    let marks = if takes.is_empty() {
        Line::new().tone(tone, marks.join(", "))
    } else {
        let takes = Line::new().plain(format!("{takes:<10}"));
        takes.tone(tone, marks.join(", "))
    };
    lines.extend(row.last(start + 9 + columns.title + 2, TEXT, &marks, style));
    lines
}

/// Whether the data that it holds is gone afterwards, be it because of what it lives in.
pub(super) fn loses_data(change: &Change) -> bool {
    let with_parent = |reason: &Reason| matches!(reason, Reason::ParentReplaced { .. });
    change.loses_data() || (change.ty.holds_data && change.reasons.iter().any(with_parent))
}

/// Whether the resource changed although its declaration did not.
pub(super) fn drifted(change: &Change) -> bool {
    change
        .differences
        .iter()
        .any(|difference| difference.cause == Cause::Drift)
}

/// Everything that is said of a change.
pub(super) fn change_lines(
    change: &Change,
    plan: &Plan,
    columns: Columns<'_>,
    style: &Style,
) -> Vec<Line> {
    let mut lines = head_lines(change, columns, style);
    let rows = if matches!(
        change.action,
        Action::Delete | Action::Forget | Action::Lift
    ) {
        Vec::new()
    } else {
        rows(change)
    };
    lines.extend(property_lines(change, &rows, plan, style));
    if let Some(parent) = &change.goes_with {
        let label = Line::new().to(6).plain("why");
        let text = format!("it goes with {}", name_text(parent));
        lines.extend(hanging(label, TEXT, Tone::Quiet, &text, style));
    }
    for why in why(change, &rows, style) {
        let label = Line::new().to(6).plain("why");
        lines.extend(hanging(label, TEXT, Tone::Quiet, &why, style));
    }
    if style.full && !change.after.is_empty() {
        let label = Line::new().to(6).plain("after");
        let names = super::shown::names(&change.after);
        lines.extend(hanging(label, TEXT, Tone::Quiet, &names, style));
    }
    lines
}

fn property_lines(change: &Change, rows: &[Row<'_>], plan: &Plan, style: &Style) -> Vec<Line> {
    let creates = change.action == Action::Create;
    let limit = match (style.full, creates) {
        (true, _) => rows.len(),
        (false, true) => CREATED_MAX,
        (false, false) => CHANGED_MAX,
    };
    let mut chosen: Vec<usize> = (0..rows.len()).collect();
    let rank = |index: &usize| {
        let row = &rows[*index];
        let weight = if creates { importance(row) } else { 0 };
        (!row.origin.forces_replacement, weight)
    };
    chosen.sort_by_key(rank);
    let forced = rows
        .iter()
        .filter(|row| row.origin.forces_replacement)
        .count();
    // One more is listed rather than counted: the count would take a line as well.
    let limit = limit.max(forced);
    chosen.truncate(if rows.len() == limit + 1 {
        limit + 1
    } else {
        limit
    });
    let hidden = rows.len() - chosen.len();
    chosen.sort_unstable();
    let mut lines = Vec::new();
    for index in chosen {
        lines.extend(row_lines(&rows[index], plan, style));
    }
    if !creates {
        for (path, unchanged) in unchanged_lines(change, rows) {
            let label = Line::new().to(6).plain(printable(&path.to_string()));
            lines.push(
                label
                    .to(TEXT)
                    .tone(Tone::Quiet, format!("{unchanged} unchanged")),
            );
        }
    }
    if hidden > 0 {
        let more = format!(
            "{hidden} more {}",
            if hidden == 1 {
                "property"
            } else {
                "properties"
            }
        );
        lines.push(
            Line::new()
                .to(6)
                .plain(more)
                .to(TEXT)
                .tone(Tone::Quiet, "--full lists them"),
        );
    }
    lines
}

/// The reasons of a change, one sentence each.
pub(super) fn why(change: &Change, rows: &[Row<'_>], style: &Style) -> Vec<String> {
    let mut said = Vec::new();
    for reason in &change.reasons {
        match reason {
            Reason::Absent => {
                if let Some(place) = change.location.as_ref().filter(|_| style.full) {
                    said.push(format!(
                        "{} declares it and it is not there",
                        place_text(place)
                    ));
                }
            }
            Reason::Differs => said.extend(why_it_differs(change, rows)),
            Reason::SoftDeleted => {
                let purged = change
                    .prior
                    .as_ref()
                    .and_then(|prior| match prior.condition {
                        Condition::SoftDeleted { purged_at } => purged_at,
                        Condition::Ready
                        | Condition::Busy { .. }
                        | Condition::Failed { .. }
                        | Condition::Deleting => None,
                    });
                let until = purged.map_or(String::new(), |at| format!(" until {}", at.date()));
                said.push(format!("it is soft-deleted{until} and declared again"));
            }
            Reason::LastOperationFailed { code } if change.action == Action::Replace => {
                said.push(format!(
                    "it failed while it was made ({}), and takes no other write",
                    printable(code)
                ));
            }
            Reason::LastOperationFailed { code } => said.push(format!(
                "its last operation failed ({}); it is sent again",
                printable(code)
            )),
            Reason::Busy { doing } => said.push(format!(
                "an operation runs on it ({}); it is awaited and then compared again",
                printable(doing)
            )),
            Reason::SecretOutdated { secret } => said.push(format!(
                "it is not known to have the newest version of {secret}"
            )),
            Reason::SecretNeeded { by } => {
                said.push(format!("{by} needs a version whose value is known"));
            }
            Reason::ParentReplaced { parent } => {
                said.push(format!("{parent}, which it lives in, is replaced"));
            }
            Reason::Pending(pending) => said.push(format!(
                "{} is not ready in the outside world ({})",
                pending.on,
                printable(&pending.state)
            )),
            Reason::LiftsLock { lock } => said.push(format!("lifts lock {lock}")),
            Reason::InTheWay { of } => {
                let of = some_of(of);
                said.push(format!(
                    "it would refuse what is done to {of}, and is put back after"
                ));
            }
            Reason::PutBack => said.push("it was lifted, and is put back".to_owned()),
            Reason::LeftStack => said.push("the stack no longer names it".to_owned()),
            Reason::Destroyed => {}
        }
    }
    said
}

/// The causes of differences; where there are several, each says which properties it is about.
fn why_it_differs(change: &Change, rows: &[Row<'_>]) -> Vec<String> {
    let is_recorded = change
        .prior
        .as_ref()
        .is_some_and(|prior| prior.declared.is_some());
    let mut causes: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let cause = match &row.origin.cause {
            Cause::Declared => match &row.origin.source {
                Some(place) => format!("{} changed since the last apply", place_text(place)),
                None => "its declaration changed since the last apply".to_owned(),
            },
            Cause::Drift => {
                "it was changed since the last apply, and its declaration was not".to_owned()
            }
            Cause::Upstream { reference } => format!("{reference} changes"),
            Cause::Undetermined if is_recorded => {
                let place = row.origin.source.as_ref();
                let place = place.map_or(String::new(), |it| format!(" in {}", place_text(it)));
                format!(
                    "it was declared anew{place}, or somebody else changed it, since the last apply"
                )
            }
            Cause::Undetermined => match &row.origin.source {
                Some(place) => format!("{} differs from what there is", place_text(place)),
                None => "it differs; who changed it cannot be told for this type".to_owned(),
            },
        };
        let path = printable(&row.path.to_string());
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, paths)) => paths.push(path),
            None => causes.push((cause, vec![path])),
        }
    }
    let several = causes.len() > 1;
    let listed = if causes.len() > 4 { 3 } else { causes.len() };
    let hidden = causes.len() - listed;
    let mut said: Vec<String> = causes
        .into_iter()
        .take(listed)
        .map(|(cause, paths)| match paths.as_slice() {
            [path] if several => format!("{path}: {cause}"),
            [path, rest @ ..] if several => {
                format!("{path} and {}: {cause}", count(rest.len(), "other"))
            }
            _ => cause,
        })
        .collect();
    if hidden > 0 {
        said.push(format!("and {}", count(hidden, "other cause")));
    }
    said
}

pub(super) fn place_text(place: &SourceLocation) -> String {
    printable(&place.to_string())
}

//! The properties of a change that differ, one row each, in words.
//!
//! A row shows nothing of either side as soon as a secret is in one of them.

use super::hunk;
use super::layout::{Line, hanging};
use super::shown::{SECRET, has_secret, shown};
use super::style::{Style, Tone, count, printable};
use crate::plan::{Change, Difference, Plan};
use crate::value::{Object, PropertyPath, Segment, Value};

/// Where names of properties begin, and where what is said of them.
const LABEL: usize = 6;
pub(super) const TEXT: usize = 32;
/// How many items, or lines of long text, one property may list unless all is listed.
const LISTED_MAX: usize = 20;

/// One property that differs, as deep as both sides can be told apart.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) path: PropertyPath,
    pub(super) before: Option<&'a Value>,
    pub(super) after: Option<&'a Value>,
    pub(super) origin: &'a Difference,
    /// Whether neither side may be shown.
    pub(super) secret: bool,
}

/// The rows of a change, in the order of its differences.
pub(super) fn rows(change: &Change) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for difference in &change.differences {
        let first = rows.len();
        let mut go = Splitter {
            change,
            origin: difference,
            rows: &mut rows,
        };
        go.split(
            difference.path.clone(),
            difference.before.as_ref(),
            difference.after.as_ref(),
        );
        if rows.len() == first {
            rows.push(row(
                change,
                difference.path.clone(),
                difference.before.as_ref(),
                difference.after.as_ref(),
                difference,
            ));
        }
    }
    rows
}

fn row<'a>(
    change: &Change,
    path: PropertyPath,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    origin: &'a Difference,
) -> Row<'a> {
    let under = |patterns: &[&str]| patterns.iter().any(|pattern| path.is_at_or_below(pattern));
    let secret = before.is_some_and(has_secret)
        || after.is_some_and(has_secret)
        || declared_secret(change, &path);
    let confidential = under(change.ty.secret);
    Row {
        path,
        before,
        after,
        origin,
        secret: secret || confidential,
    }
}

/// Whether the stack declares a secret at this path, whatever the difference holds.
fn declared_secret(change: &Change, path: &PropertyPath) -> bool {
    [&change.desired, &change.planned]
        .into_iter()
        .flatten()
        .filter_map(|value| value.get(path))
        .any(has_secret)
}

struct Splitter<'a, 'r> {
    change: &'a Change,
    origin: &'a Difference,
    rows: &'r mut Vec<Row<'a>>,
}

impl<'a> Splitter<'a, '_> {
    fn split(&mut self, path: PropertyPath, before: Option<&'a Value>, after: Option<&'a Value>) {
        match (before, after) {
            (Some(one), Some(other)) if one == other => {}
            (None, Some(Value::Object(after))) if !after.is_empty() => {
                for (key, value) in after {
                    self.split(path.key(key), None, Some(value));
                }
            }
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                self.objects(&path, before, after);
            }
            (Some(Value::Array(before)), Some(Value::Array(after)))
                if same_names(before, after) =>
            {
                for (index, item) in after.iter().enumerate() {
                    let old = before.iter().find(|old| name_of(old) == name_of(item));
                    self.split(path.index(index), old, Some(item));
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after)))
                if before.len() == after.len() && before.iter().chain(after).all(is_object) =>
            {
                for (index, (old, item)) in before.iter().zip(after).enumerate() {
                    self.split(path.index(index), Some(old), Some(item));
                }
            }
            _ => self
                .rows
                .push(row(self.change, path, before, after, self.origin)),
        }
    }

    fn objects(&mut self, path: &PropertyPath, before: &'a Object, after: &'a Object) {
        for (key, value) in after {
            let old = before
                .iter()
                .find(|(other, _)| other.eq_ignore_ascii_case(key));
            let old = before.get(key).or(old.map(|(_, value)| value));
            self.split(path.key(key), old, Some(value));
        }
        let whole = self
            .change
            .ty
            .whole_maps
            .iter()
            .any(|pattern| path.is_at_or_below(pattern));
        // Elsewhere a property that is not declared is left as it is, so it is no difference.
        if whole {
            for (key, value) in before.iter().filter(|(key, _)| undeclared(after, key)) {
                self.split(path.key(key), Some(value), None);
            }
        }
    }
}

fn undeclared(declared: &Object, key: &str) -> bool {
    !declared.keys().any(|other| other.eq_ignore_ascii_case(key))
}

fn is_object(value: &Value) -> bool {
    value.as_object().is_some()
}

fn name_of(item: &Value) -> Option<&str> {
    item.field("name").and_then(Value::as_str)
}

/// Whether two lists hold the same named things, so that each can be compared with itself.
fn same_names(before: &[Value], after: &[Value]) -> bool {
    let names = |items: &[Value]| -> Option<Vec<String>> {
        let mut names: Vec<String> = items
            .iter()
            .map(|item| name_of(item).map(str::to_owned))
            .collect::<Option<_>>()?;
        names.sort();
        let count = names.len();
        names.dedup();
        (names.len() == count && count > 0).then_some(names)
    };
    match (names(before), names(after)) {
        (Some(before), Some(after)) => before == after,
        _ => false,
    }
}

/// What is said of one property: on its line, and on lines of their own below it.
#[derive(Debug, Default)]
struct Said {
    text: String,
    /// A sign and a line; a space as sign is context, `@` a place.
    below: Vec<(char, String)>,
}

impl Said {
    fn inline(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            below: Vec::new(),
        }
    }
}

/// The lines of one property.
pub(super) fn row_lines(row: &Row<'_>, plan: &Plan, style: &Style) -> Vec<Line> {
    let said = say(row, plan, style);
    let label = Line::new()
        .to(LABEL)
        .plain(printable(&row.path.to_string()));
    let mut lines = hanging(label, TEXT, Tone::Plain, &said.text, style);
    if row.origin.forces_replacement {
        let mark = Line::new().tone(Tone::Bad, "FORCES REPLACEMENT");
        let last = lines.pop().expect("a row has at least its own line");
        lines.extend(last.last(72, TEXT, &mark, style));
    }
    let listed = if style.full {
        said.below.len()
    } else {
        LISTED_MAX
    };
    for (sign, text) in said.below.iter().take(listed) {
        let columns = style.columns() - LABEL - 6;
        let text = style.shorten(&clean_line(text), columns);
        lines.push(match sign {
            '@' => Line::new()
                .to(LABEL + 2)
                .tone(Tone::Quiet, format!("at {text}")),
            '+' => Line::new()
                .to(LABEL + 4)
                .tone(Tone::Good, format!("+ {text}")),
            '-' => Line::new()
                .to(LABEL + 4)
                .tone(Tone::Bad, format!("- {text}")),
            _ => Line::new().to(LABEL + 4).plain(format!("  {text}")),
        });
    }
    if said.below.len() > listed {
        let more = count(said.below.len() - listed, "more line");
        lines.push(
            Line::new()
                .to(LABEL + 4)
                .plain(format!("{more}   --full lists them")),
        );
    }
    lines
}

/// Keeps indentation, unlike [`printable`] of a whole text.
fn clean_line(text: &str) -> String {
    printable(&text.replace('\t', "    "))
}

fn say(row: &Row<'_>, plan: &Plan, style: &Style) -> Said {
    if row.secret {
        return Said::inline(match (row.before, row.after) {
            (None, Some(_)) => format!("{SECRET} set, value never shown"),
            (Some(_), None) => format!("{SECRET} removed, value never shown"),
            _ => format!("{SECRET} changed, value never shown"),
        });
    }
    match (row.before, row.after) {
        (Some(Value::Array(before)), Some(Value::Array(after))) => lists(before, after, plan),
        (Some(Value::String(before)), Some(Value::String(after)))
            if hunk::is_long(before) || hunk::is_long(after) =>
        {
            long_text(before, after)
        }
        (None, Some(Value::String(text))) if hunk::is_long(text) => {
            let (kind, lines) = hunk::kind_of(text);
            Said {
                text: format!("{kind}, {}", count(lines.len(), "line")),
                below: if style.full {
                    lines.into_iter().map(|line| ('+', line)).collect()
                } else {
                    Vec::new()
                },
            }
        }
        (before, after) => Said::inline(arrow(before, after, plan, style)),
    }
}

fn arrow(before: Option<&Value>, after: Option<&Value>, plan: &Plan, style: &Style) -> String {
    let columns = style.columns() - TEXT;
    let one = |value: &Value, columns: usize| style.shorten(&shown(value, plan), columns);
    match (before, after) {
        (None, None) => String::new(),
        (None, Some(after)) => one(after, columns),
        (Some(before), None) => {
            format!("{} {} (removed)", one(before, columns - 13), style.arrow())
        }
        (Some(before), Some(after)) => {
            let (old, new) = (shown(before, plan), shown(after, plan));
            let both = old.chars().count() + new.chars().count() + 4;
            // Where both fit on one line neither is shortened; else each gets a line.
            let each = if both <= columns { both } else { columns - 4 };
            let (old, new) = (style.shorten(&old, each), style.shorten(&new, each));
            format!("{old} {} {new}", style.arrow())
        }
    }
}

fn long_text(before: &str, after: &str) -> Said {
    let difference = hunk::compare(before, after);
    let mut below = Vec::new();
    for (position, hunk) in difference.hunks.iter().enumerate() {
        match &hunk.at {
            Some(at) => below.push(('@', at.clone())),
            None if position > 0 => below.push(('@', "a later place".to_owned())),
            None => {}
        }
        below.extend(hunk.lines.iter().cloned());
    }
    let hunks = match difference.hunks.len() {
        0 => "the same in another layout".to_owned(),
        hunks => count(hunks, "hunk"),
    };
    let lines = count(difference.lines, "line");
    Said {
        text: format!("{}, {lines}, {hunks}", difference.kind),
        below,
    }
}

/// Two lists, as what was added and what was removed.
fn lists(before: &[Value], after: &[Value], plan: &Plan) -> Said {
    let missing = |from: &[Value], items: &[Value]| -> Vec<String> {
        let mut left: Vec<&Value> = from.iter().collect();
        items
            .iter()
            .filter(|item| match left.iter().position(|other| other == item) {
                Some(position) => {
                    left.swap_remove(position);
                    false
                }
                None => true,
            })
            .map(|item| shown(item, plan))
            .collect()
    };
    let added = missing(before, after);
    let removed = missing(after, before);
    let text = match (added.as_slice(), removed.as_slice()) {
        ([], []) => format!("the same {} in another order", count(after.len(), "item")),
        ([one], []) if one.len() < 60 => return Said::inline(format!("+ {one}")),
        ([], [one]) if one.len() < 60 => return Said::inline(format!("- {one}")),
        (added, removed) => {
            let parts: Vec<String> = [(added.len(), "added"), (removed.len(), "removed")]
                .into_iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, word)| format!("{number} {word}"))
                .collect();
            format!("list of {}: {}", after.len(), parts.join(", "))
        }
    };
    let signed = |sign: char, items: Vec<String>| items.into_iter().map(move |item| (sign, item));
    Said {
        text,
        below: signed('+', added).chain(signed('-', removed)).collect(),
    }
}

/// For each map that was partly changed: how many of its properties were not.
pub(super) fn unchanged_lines(change: &Change, rows: &[Row<'_>]) -> Vec<(PropertyPath, usize)> {
    let Some(planned) = change.planned.as_ref() else {
        return Vec::new();
    };
    let mut parents: Vec<PropertyPath> = Vec::new();
    for row in rows {
        if let Some(parent) = parent(&row.path)
            && !parents.contains(&parent)
        {
            parents.push(parent);
        }
    }
    parents
        .into_iter()
        .filter_map(|parent| {
            let object = planned.get(&parent)?.as_object()?;
            let touched = |key: &str| {
                let child = parent.key(key);
                rows.iter()
                    .any(|row| row.path.segments().starts_with(child.segments()))
            };
            let unchanged = object.keys().filter(|key| !touched(key)).count();
            let whole = change
                .ty
                .whole_maps
                .iter()
                .any(|pattern| parent.is_at_or_below(pattern));
            (unchanged >= if whole { 1 } else { 5 }).then_some((parent, unchanged))
        })
        .collect()
}

fn parent(path: &PropertyPath) -> Option<PropertyPath> {
    let (_, above) = path.segments().split_last()?;
    (!above.is_empty()).then(|| {
        above
            .iter()
            .fold(PropertyPath::root(), |path, segment| match segment {
                Segment::Key(key) => path.key(key),
                Segment::Index(index) => path.index(*index),
            })
    })
}

/// How much a property tells of what is created: smaller is more.
pub(super) fn importance(row: &Row<'_>) -> usize {
    const TELLING: [&str; 10] = [
        "sku",
        "tier",
        "size",
        "kind",
        "version",
        "capacity",
        "replicas",
        "public",
        "retention",
        "tls",
    ];
    let path = row.path.to_string().to_lowercase();
    if matches!(row.after, Some(Value::Unknown(_))) || row.secret {
        return TELLING.len();
    }
    if path.starts_with("tags") {
        return TELLING.len() + 2;
    }
    TELLING
        .iter()
        .position(|word| path.contains(word))
        .unwrap_or(TELLING.len() + 1)
}

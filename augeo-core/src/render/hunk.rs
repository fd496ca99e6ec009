//! Differences of long text: the lines that changed, each with one line of context.
//!
//! JSON inside text is laid out first, so that one changed query is one hunk and not one long line.

use serde_json::Value as Json;

/// Beyond this product of lengths, what differs is shown as removed and added as a whole.
const COMPARISONS_MAX: usize = 4_000_000;

/// One place that differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    /// Where in the JSON, if it is JSON.
    pub(super) at: Option<String>,
    /// A sign (space, `-`, `+`) and the line.
    pub(super) lines: Vec<(char, String)>,
}

/// Two texts compared by line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TextDifference {
    /// `JSON` or `text`.
    pub(super) kind: &'static str,
    /// How many lines the new text has.
    pub(super) lines: usize,
    pub(super) hunks: Vec<Hunk>,
}

/// Whether text is too long for one line, or holds JSON.
pub(super) fn is_long(text: &str) -> bool {
    text.trim_end().contains('\n') || (text.len() > 60 && parse(text).is_some())
}

/// What text is, and how many lines it has.
pub(super) fn kind_of(text: &str) -> (&'static str, Vec<String>) {
    match parse(text) {
        Some(json) => (
            "JSON",
            laid_out(&json).into_iter().map(|l| l.text).collect(),
        ),
        None => ("text", text.lines().map(str::to_owned).collect()),
    }
}

/// Compares two texts, as JSON if both are.
pub(super) fn compare(before: &str, after: &str) -> TextDifference {
    let (kind, before, after) = match (parse(before), parse(after)) {
        (Some(before), Some(after)) => ("JSON", laid_out(&before), laid_out(&after)),
        _ => ("text", plain_lines(before), plain_lines(after)),
    };
    TextDifference {
        kind,
        lines: after.len(),
        hunks: hunks(&before, &after),
    }
}

struct Placed {
    at: Option<String>,
    text: String,
}

fn plain_lines(text: &str) -> Vec<Placed> {
    text.lines()
        .map(|line| Placed {
            at: None,
            text: line.to_owned(),
        })
        .collect()
}

fn parse(text: &str) -> Option<Json> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn laid_out(json: &Json) -> Vec<Placed> {
    let mut lines = Vec::new();
    lay_out(json, "", "", 0, "", &mut lines);
    lines
}

/// Adds a value's lines; `at` is where its container is, `own` where it is itself.
fn lay_out(json: &Json, at: &str, label: &str, depth: usize, end: &str, lines: &mut Vec<Placed>) {
    let mut push = |depth: usize, at: &str, text: String| {
        lines.push(Placed {
            at: Some(if at.is_empty() { "/" } else { at }.to_owned()),
            text: format!("{}{text}", "  ".repeat(depth)),
        });
    };
    let own = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match json {
        Json::Object(object) if !object.is_empty() => {
            push(depth, at, format!("{label}{{"));
            let count = object.len();
            for (position, (key, value)) in object.iter().enumerate() {
                let comma = if position + 1 == count { "" } else { "," };
                let place = if value.is_object() || value.is_array() {
                    own(key)
                } else {
                    at.to_owned()
                };
                let label = format!("{}: ", Json::from(key.as_str()));
                lay_out(value, &place, &label, depth + 1, comma, lines);
            }
            lines.push(Placed {
                at: Some(at.to_owned()),
                text: format!("{}}}{end}", "  ".repeat(depth)),
            });
        }
        Json::Array(items) if !items.is_empty() => {
            push(depth, at, format!("{label}["));
            for (position, item) in items.iter().enumerate() {
                let comma = if position + 1 == items.len() { "" } else { "," };
                lay_out(
                    item,
                    &own(&position.to_string()),
                    "",
                    depth + 1,
                    comma,
                    lines,
                );
            }
            lines.push(Placed {
                at: Some(at.to_owned()),
                text: format!("{}]{end}", "  ".repeat(depth)),
            });
        }
        leaf @ (Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_)) => push(depth, at, format!("{label}{leaf}{end}")),
    }
}

fn hunks(before: &[Placed], after: &[Placed]) -> Vec<Hunk> {
    let script = script(before, after);
    let changed = |position: usize| script.get(position).is_some_and(|(sign, _)| *sign != ' ');
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut open = false;
    for (position, (sign, line)) in script.iter().enumerate() {
        let near = changed(position)
            || changed(position + 1)
            || position.checked_sub(1).is_some_and(&changed);
        if !near {
            open = false;
            continue;
        }
        if !open {
            hunks.push(Hunk {
                at: None,
                lines: Vec::new(),
            });
            open = true;
        }
        let hunk = hunks.last_mut().expect("one was opened above");
        if *sign != ' ' && hunk.at.is_none() {
            hunk.at.clone_from(&line.at);
        }
        hunk.lines.push((*sign, line.text.clone()));
    }
    hunks
}

/// The lines of both, each marked as kept, removed or added.
fn script<'a>(before: &'a [Placed], after: &'a [Placed]) -> Vec<(char, &'a Placed)> {
    let same = |one: &Placed, other: &Placed| one.text == other.text;
    let head = before
        .iter()
        .zip(after)
        .take_while(|(one, other)| same(one, other))
        .count();
    let tail = before[head..]
        .iter()
        .rev()
        .zip(after[head..].iter().rev())
        .take_while(|(one, other)| same(one, other))
        .count();
    let old = &before[head..before.len() - tail];
    let new = &after[head..after.len() - tail];
    let mut script: Vec<(char, &Placed)> = after[..head].iter().map(|line| (' ', line)).collect();
    script.extend(middle(old, new));
    script.extend(after[after.len() - tail..].iter().map(|line| (' ', line)));
    script
}

fn middle<'a>(old: &'a [Placed], new: &'a [Placed]) -> Vec<(char, &'a Placed)> {
    let removed = |lines: &'a [Placed]| lines.iter().map(|line| ('-', line));
    let added = |lines: &'a [Placed]| lines.iter().map(|line| ('+', line));
    if old.len().saturating_mul(new.len()) > COMPARISONS_MAX {
        return removed(old).chain(added(new)).collect();
    }
    // common[i][j]: the length of the longest common sequence of old[i..] and new[j..].
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i].text == new[j].text {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut script = Vec::new();
    while i < old.len() && j < new.len() {
        if old[i].text == new[j].text {
            script.push((' ', &new[j]));
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            script.push(('-', &old[i]));
            i += 1;
        } else {
            script.push(('+', &new[j]));
            j += 1;
        }
    }
    script.extend(removed(&old[i..]).chain(added(&new[j..])));
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_shows_one_line_of_context() {
        let difference = compare("a\nb\nc\nd\ne\nf\ng", "a\nb\nC\nd\ne\nf\ng\nh");
        let joined = |hunk: &Hunk| {
            let lines: Vec<_> = hunk
                .lines
                .iter()
                .map(|(sign, line)| format!("{sign}{line}"))
                .collect();
            lines.concat()
        };
        let text: Vec<String> = difference.hunks.iter().map(joined).collect();
        assert_eq!(text, [" b-c+C d", " g+h"]);
        assert_eq!((difference.kind, difference.lines), ("text", 8));
    }

    #[test]
    fn json_is_compared_by_structure() {
        let before = r#"{"items":[{"query":"a","range":1},{"query":"b"}],"v":1}"#;
        let after = r#"{ "v": 1, "items":[{"query":"a","range":1},{"query":"c"}]}"#;
        let difference = compare(before, after);
        assert_eq!(difference.kind, "JSON");
        assert_eq!(difference.hunks.len(), 1);
        assert_eq!(difference.hunks[0].at.as_deref(), Some("/items/1"));
    }

    #[test]
    fn what_is_too_long_to_compare_is_shown_whole() {
        let lines = |text: &str| {
            let lines: Vec<_> = (0..2100).map(|n| format!("{text}{n}")).collect();
            lines.join("\n")
        };
        let difference = compare(&lines("a"), &lines("b"));
        assert_eq!(difference.hunks.len(), 1);
        assert_eq!(difference.hunks[0].lines.len(), 4200);
    }
}

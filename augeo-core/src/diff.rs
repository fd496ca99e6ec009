//! Differences of one resource: what is declared against what is observed.
//!
//! Only what is declared is compared, in canonical form, and shown as it was written.

use crate::mutant::{self, Mutant};
use crate::name::ResourceName;
use crate::plan::{Cause, Difference};
use crate::resource::ResourceType;
use crate::value::{Expression, OutputRef, PropertyPath, Segment, Value, find};

/// A difference before its cause is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawDifference {
    pub(crate) path: PropertyPath,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    pub(crate) forces_replacement: bool,
}

/// Both forms of one resource's values.
pub(crate) struct Comparison<'a> {
    pub(crate) ty: &'a ResourceType,
    /// What is declared, as far as it is known.
    pub(crate) planned: &'a Value,
    /// What was observed.
    pub(crate) observed: &'a Value,
    /// The same two in canonical form.
    pub(crate) planned_canonical: &'a Value,
    pub(crate) observed_canonical: &'a Value,
}

/// The declared properties in which a value differs from what is observed, and whether each forces
/// replacement. Both values are in canonical form.
pub fn differing(
    ty: &ResourceType,
    planned: &Value,
    observed: &Value,
) -> Vec<(PropertyPath, bool)> {
    Comparison {
        ty,
        planned,
        observed,
        planned_canonical: planned,
        observed_canonical: observed,
    }
    .differences()
    .into_iter()
    .map(|difference| (difference.path, difference.forces_replacement))
    .collect()
}

fn matches_any(path: &PropertyPath, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| path.is_at_or_below(pattern))
}

/// Whether a property takes part in comparisons.
pub(crate) fn is_compared(ty: &ResourceType, path: &PropertyPath) -> bool {
    !matches_any(path, ty.initial) && !matches_any(path, ty.write_only)
}

/// What a defective engine does not compare.
fn is_overlooked(path: &PropertyPath) -> bool {
    (mutant::is_on(Mutant::DiffIgnoresTags) && path.is_at_or_below("tags"))
        || (mutant::is_on(Mutant::DiffIgnoresNested) && path.segments().len() > 1)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(object) => object.values().all(is_empty),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Unknown(_)
        | Value::Secret(_) => false,
    }
}

impl Comparison<'_> {
    /// Every declared property that differs.
    pub(crate) fn differences(&self) -> Vec<RawDifference> {
        let mut found = Vec::new();
        self.compare(
            &PropertyPath::root(),
            self.planned_canonical,
            Some(self.observed_canonical),
            &mut found,
        );
        found
    }

    fn compare(
        &self,
        path: &PropertyPath,
        wanted: &Value,
        found: Option<&Value>,
        out: &mut Vec<RawDifference>,
    ) {
        if !is_compared(self.ty, path) || is_overlooked(path) {
            return;
        }
        match (wanted, found) {
            (Value::Null | Value::Secret(_), _) => {}
            (Value::Object(wanted), Some(Value::Object(found))) => {
                for (key, value) in wanted {
                    self.compare(&path.key(key), value, find(found, key), out);
                }
                if self.is_whole_map(path) {
                    for (key, value) in found {
                        let path = path.key(key);
                        let undeclared = find(wanted, key).is_none() && *value != Value::Null;
                        if undeclared && is_compared(self.ty, &path) {
                            self.differ(&path, None, false, out);
                            // It is somebody else's, and may be a secret.
                            if let Some(stranger) = out.last_mut() {
                                stranger.before = Some(Value::from("(not declared, not shown)"));
                            }
                        }
                    }
                }
            }
            (Value::Array(wanted), Some(Value::Array(found))) => {
                let same_length = wanted.len() == found.len();
                let mut inner = Vec::new();
                for (at, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                    self.compare(&path.index(at), wanted, Some(found), &mut inner);
                }
                if !same_length || !inner.is_empty() {
                    let forced = inner.iter().any(|inner| inner.forces_replacement);
                    self.differ(path, Some(wanted.iter().cloned().collect()), forced, out);
                }
            }
            (wanted, None | Some(Value::Null)) if is_empty(wanted) => {}
            (Value::Object(wanted), None | Some(Value::Null)) => {
                for (key, value) in wanted {
                    self.compare(&path.key(key), value, None, out);
                }
            }
            (wanted, Some(found)) if wanted == found => {}
            (wanted, _) => self.differ(path, Some(wanted.clone()), false, out),
        }
    }

    fn is_whole_map(&self, path: &PropertyPath) -> bool {
        let length = path.segments().len();
        self.ty.whole_maps.iter().any(|pattern| {
            path.is_at_or_below(pattern) && PropertyPath::parse(pattern).segments().len() == length
        })
    }

    /// `forced` where something inside a list, which differs as a whole, cannot be changed.
    fn differ(
        &self,
        path: &PropertyPath,
        after: Option<Value>,
        forced: bool,
        out: &mut Vec<RawDifference>,
    ) {
        let stable = !path
            .segments()
            .iter()
            .any(|segment| matches!(segment, Segment::Index(_)));
        let before = if stable {
            self.observed.get(path)
        } else {
            self.observed_canonical.get(path)
        };
        let after = after.map(|canonical| {
            if stable {
                self.planned.get(path).cloned().unwrap_or(canonical)
            } else {
                canonical
            }
        });
        let unset = before.is_none_or(|before| *before == Value::Null);
        let fixed =
            matches_any(path, self.ty.immutable) && !(unset && matches_any(path, self.ty.set_once));
        out.push(RawDifference {
            path: path.clone(),
            before: before.cloned(),
            after,
            forces_replacement: forced || fixed,
        });
    }

    /// The observed value cut down to what is declared and compared: what a saved plan relies on.
    pub(crate) fn relied_on(&self) -> Value {
        self.prune(
            &PropertyPath::root(),
            self.planned_canonical,
            self.observed_canonical,
        )
    }

    fn prune(&self, path: &PropertyPath, wanted: &Value, found: &Value) -> Value {
        match (wanted, found) {
            _ if !is_compared(self.ty, path) => Value::Null,
            (Value::Object(wanted), Value::Object(found)) => Value::Object(
                wanted
                    .iter()
                    .filter_map(|(key, value)| {
                        find(found, key)
                            .map(|found| (key.clone(), self.prune(&path.key(key), value, found)))
                    })
                    .collect(),
            ),
            (_, found) => found.clone(),
        }
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}

/// Tells why each property differs.
///
/// `declared_before` is the digest kept at the last write, `declared_now` that of the declaration;
/// `changing` tells whether a resource is changed by the same plan.
pub(crate) fn explain(
    raw: Vec<RawDifference>,
    desired: &Value,
    declared_before: Option<&str>,
    declared_now: &str,
    changing: &dyn Fn(&ResourceName) -> bool,
) -> Vec<Difference> {
    let one = |raw| explain_one(raw, desired, declared_before, declared_now, changing);
    let mut differences: Vec<Difference> = raw.into_iter().map(one).collect();
    let mut declared: Vec<&mut Difference> = differences
        .iter_mut()
        .filter(|difference| difference.cause == Cause::Declared)
        .collect();
    // The digest tells that some property was declared anew, not which.
    if declared.len() > 1 {
        for difference in &mut declared {
            difference.cause = Cause::Undetermined;
        }
    }
    differences
}

fn explain_one(
    raw: RawDifference,
    desired: &Value,
    declared_before: Option<&str>,
    declared_now: &str,
    changing: &dyn Fn(&ResourceName) -> bool,
) -> Difference {
    let upstream: Option<OutputRef> = match desired.get(&raw.path) {
        Some(Value::Unknown(Expression::Output(reference))) => Some(reference.clone()),
        Some(Value::Unknown(expression)) => expression
            .references()
            .find(|reference| changing(&reference.resource))
            .cloned(),
        _ => None,
    };
    let cause = match (upstream, declared_before) {
        (Some(reference), _) if changing(&reference.resource) => Cause::Upstream { reference },
        (_, Some(before)) if before == declared_now => Cause::Drift,
        (_, Some(_)) => Cause::Declared,
        (_, None) => Cause::Undetermined,
    };
    Difference {
        path: raw.path,
        before: raw.before,
        after: raw.after,
        cause,
        forces_replacement: raw.forces_replacement,
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty() -> ResourceType {
        ResourceType {
            immutable: &["place", "rules[].name"],
            initial: &["image", "settings.RELEASE"],
            write_only: &["password"],
            whole_maps: &["settings"],
            ..ResourceType::BASE
        }
    }

    fn diff(planned: serde_json::Value, observed: serde_json::Value) -> Vec<String> {
        differing(&ty(), &planned.into(), &observed.into())
            .into_iter()
            .map(|(path, forced)| format!("{path}{}", if forced { "!" } else { "" }))
            .collect()
    }

    #[test]
    fn only_what_is_declared_is_compared() {
        assert!(diff(json!({"a": 1}), json!({"a": 1, "b": 2})).is_empty());
        assert_eq!(
            diff(
                json!({"a": 1, "b": {"c": 1}}),
                json!({"a": 2, "b": {"c": 3, "d": 1}})
            ),
            ["a", "b.c"]
        );
    }

    #[test]
    fn initial_and_write_only_properties_never_differ() {
        assert!(
            diff(
                json!({"image": "a", "password": "b"}),
                json!({"image": "z"})
            )
            .is_empty()
        );
    }

    #[test]
    fn immutable_properties_force_replacement() {
        assert_eq!(
            diff(json!({"place": "here"}), json!({"place": "there"})),
            ["place!"]
        );
    }

    #[test]
    fn whole_maps_lose_what_is_not_declared() {
        assert_eq!(
            diff(
                json!({"settings": {"A": "1"}}),
                json!({"settings": {"A": "1", "B": "2"}})
            ),
            ["settings.B"]
        );
    }

    #[test]
    fn whole_maps_keep_what_a_release_owns_and_what_is_nothing() {
        assert!(
            diff(
                json!({"settings": {"A": "1"}}),
                json!({"settings": {"A": "1", "RELEASE": "7", "C": null}})
            )
            .is_empty()
        );
        assert_eq!(
            diff(json!({"Settings": {}}), json!({"Settings": {"B": "2"}})),
            ["Settings.B"]
        );
    }

    #[test]
    fn what_cannot_change_inside_a_list_forces_replacement_of_all() {
        let rules = |name: &str, size: i64| json!({"rules": [{"name": name, "size": size}]});
        assert_eq!(diff(rules("a", 1), rules("b", 1)), ["rules!"]);
        assert_eq!(diff(rules("a", 1), rules("a", 2)), ["rules"]);
    }

    #[test]
    fn lists_differ_as_a_whole() {
        assert_eq!(diff(json!({"l": [1, 2]}), json!({"l": [1, 3]})), ["l"]);
        assert_eq!(diff(json!({"l": [1]}), json!({"l": []})), ["l"]);
        assert!(diff(json!({"l": [{"a": 1}]}), json!({"l": [{"a": 1, "b": 2}]})).is_empty());
    }

    #[test]
    fn declared_emptiness_equals_absence() {
        assert!(diff(json!({"l": [], "o": {}}), json!({})).is_empty());
        assert_eq!(diff(json!({"o": {"x": false}}), json!({})), ["o.x"]);
    }
}

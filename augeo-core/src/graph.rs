//! The graph of a stack: what comes before what, and how long the rest will take.
//!
//! Nodes are names; it knows nothing of resources but their references.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;

use crate::finding::{Finding, Severity};
use crate::name::ResourceName;
use crate::resource::Desired;
use crate::stack::Stack;
use crate::value::{SecretRef, Value};

/// What comes before what. It has no cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    order: Vec<ResourceName>,
    dependencies: IndexMap<ResourceName, BTreeSet<ResourceName>>,
}

/// The resources that a declaration mentions, with the path of each mention.
fn mentions(desired: &Desired) -> Vec<(ResourceName, String)> {
    let mut found = Vec::new();
    desired.value.walk(&mut |path, value| match value {
        Value::Unknown(expression) => {
            found.extend(
                expression
                    .references()
                    .map(|reference| (reference.resource.clone(), path.to_string())),
            );
        }
        Value::Secret(SecretRef::KeptBy(resource)) => {
            found.push((resource.clone(), path.to_string()));
        }
        Value::Secret(SecretRef::Generated { .. })
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {}
    });
    if let Some(scope) = desired.scope.resource() {
        found.push((scope.clone(), "its scope".to_owned()));
    }
    found.extend(
        desired
            .after
            .iter()
            .map(|other| (other.clone(), "`after`".to_owned())),
    );
    found.extend(
        desired
            .once_ready
            .iter()
            .map(|other| (other.clone(), "`once_ready`".to_owned())),
    );
    found
}

impl Graph {
    /// Orders a stack.
    ///
    /// # Errors
    /// With every mistake of the stack: those noticed when it was built, references to what it
    /// does not have, and cycles.
    pub fn build(stack: &Stack) -> Result<Self, Vec<Finding>> {
        let errors = stack
            .findings()
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let mut mistakes: Vec<Finding> = errors.cloned().collect();
        let names: BTreeSet<&ResourceName> = stack
            .resources()
            .iter()
            .map(|desired| &desired.name)
            .collect();
        let mut dependencies: IndexMap<ResourceName, BTreeSet<ResourceName>> = IndexMap::new();
        for desired in stack.resources() {
            let mut needed = BTreeSet::new();
            for (other, path) in mentions(desired) {
                if names.contains(&other) {
                    needed.insert(other);
                } else if !stack.existing_resources().contains_key(&other) {
                    let message = format!(
                        "`{}` refers to `{other}`, which the stack does not have",
                        desired.name
                    );
                    let place = desired
                        .sources
                        .get(&path)
                        .unwrap_or(&desired.location)
                        .clone();
                    mistakes.push(
                        Finding::error("augeo/dangling-reference", message)
                            .about(&desired.name)
                            .property(path)
                            .at(place)
                            .fix(format!(
                                "add `{other}` to the stack, or refer to something else"
                            )),
                    );
                }
            }
            dependencies
                .entry(desired.name.clone())
                .or_default()
                .extend(needed);
        }
        let positions = stack
            .resources()
            .iter()
            .map(|desired| desired.name.clone())
            .collect::<Vec<_>>();
        let order = sort(&positions, &dependencies);
        if order.len() < dependencies.len() {
            mistakes.push(cycle(stack, &dependencies, &order));
        }
        if mistakes.is_empty() {
            Ok(Self {
                order,
                dependencies,
            })
        } else {
            mistakes.sort();
            mistakes.dedup();
            Err(mistakes)
        }
    }

    /// Every resource, each after what it needs; otherwise as they were declared.
    pub fn order(&self) -> &[ResourceName] {
        &self.order
    }

    /// What a resource needs directly.
    pub fn dependencies(&self, resource: &ResourceName) -> &BTreeSet<ResourceName> {
        const NONE: &BTreeSet<ResourceName> = &BTreeSet::new();
        self.dependencies.get(resource).unwrap_or(NONE)
    }

    /// These resources and everything that they need.
    pub fn closure(&self, of: &BTreeSet<ResourceName>) -> BTreeSet<ResourceName> {
        let mut closed = of.clone();
        for name in self.order.iter().rev() {
            if closed.contains(name) {
                closed.extend(self.dependencies(name).iter().cloned());
            }
        }
        closed
    }
}

/// Names in an order in which each comes after what it needs, ties as given. What is on a cycle,
/// or needs something that is, is left out; needs outside `names` count as met.
pub(crate) fn sort(
    names: &[ResourceName],
    needs: &IndexMap<ResourceName, BTreeSet<ResourceName>>,
) -> Vec<ResourceName> {
    let position: IndexMap<&ResourceName, usize> = names
        .iter()
        .enumerate()
        .map(|(at, name)| (name, at))
        .collect();
    let mut open = vec![0_usize; names.len()];
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    for (at, name) in names.iter().enumerate() {
        for needed in needs.get(name).into_iter().flatten() {
            if let Some(&before) = position.get(needed) {
                open[at] += 1;
                dependents[before].push(at);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..names.len()).filter(|&at| open[at] == 0).collect();
    let mut order = Vec::with_capacity(names.len());
    while let Some(at) = ready.pop_first() {
        order.push(names[at].clone());
        for &dependent in &dependents[at] {
            open[dependent] -= 1;
            if open[dependent] == 0 {
                ready.insert(dependent);
            }
        }
    }
    order
}

/// A finding that prints one cycle as a path.
fn cycle(
    stack: &Stack,
    dependencies: &IndexMap<ResourceName, BTreeSet<ResourceName>>,
    sorted: &[ResourceName],
) -> Finding {
    let sorted: BTreeSet<_> = sorted.iter().collect();
    let on_cycle = |name: &ResourceName| !sorted.contains(name);
    let mut path: Vec<ResourceName> = Vec::new();
    let mut next = dependencies.keys().find(|name| on_cycle(name)).cloned();
    while let Some(name) = next {
        if let Some(start) = path.iter().position(|seen| *seen == name) {
            path.drain(..start);
            path.push(name);
            break;
        }
        next = dependencies[&name]
            .iter()
            .find(|needed| on_cycle(needed))
            .cloned();
        path.push(name);
    }
    let text = path
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" -> ");
    let place = path
        .first()
        .and_then(|first| {
            stack
                .resources()
                .iter()
                .find(|desired| desired.name == *first)
        })
        .map(|desired| desired.location.clone());
    let finding = Finding::error("augeo/cycle", format!("resources need each other: {text}"))
        .fix("remove one of these references");
    match (place, path.first()) {
        (Some(place), Some(first)) => finding.about(first).at(place),
        _ => finding,
    }
}

/// For each name the weight of the longest path that begins with it: what is left to do once it
/// may start. `order` has each name after what it needs.
pub(crate) fn longest_remaining(
    order: &[ResourceName],
    needs: &dyn Fn(&ResourceName) -> Vec<ResourceName>,
    weight: &dyn Fn(&ResourceName) -> Duration,
) -> IndexMap<ResourceName, Duration> {
    let mut after: IndexMap<ResourceName, Duration> = IndexMap::new();
    let mut remaining = IndexMap::new();
    for name in order.iter().rev() {
        let total = weight(name) + after.get(name).copied().unwrap_or_default();
        for needed in needs(name) {
            let longest = after.entry(needed).or_default();
            *longest = (*longest).max(total);
        }
        remaining.insert(name.clone(), total);
    }
    remaining
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde::Serialize;

    use super::*;
    use crate::resource::{Resource, ResourceType, Scope};
    use crate::value::{Input, Output};

    #[derive(Serialize)]
    struct Thing {
        uses: Vec<Input<String>>,
        #[serde(skip)]
        scope: Scope,
    }

    impl Resource for Thing {
        fn resource_type(&self) -> Cow<'static, ResourceType> {
            Cow::Owned(ResourceType::BASE)
        }

        fn scope(&self) -> Scope {
            self.scope.clone()
        }
    }

    fn stack(edges: &[(&str, &[&str])]) -> Stack {
        let mut stack = Stack::new("shop", "dev");
        for (name, uses) in edges {
            let uses = uses
                .iter()
                .map(|used| Output::new(ResourceName::parse(used).unwrap(), "id").into())
                .collect();
            stack.add(
                *name,
                Thing {
                    uses,
                    scope: Scope::Stack,
                },
            );
        }
        stack
    }

    fn names(graph: &Graph) -> Vec<&str> {
        graph.order().iter().map(ResourceName::as_str).collect()
    }

    #[test]
    fn each_comes_after_what_it_needs_otherwise_as_declared() {
        let graph = Graph::build(&stack(&[
            ("d", &["b"]),
            ("c", &[]),
            ("b", &["a"]),
            ("a", &[]),
        ]))
        .unwrap();
        assert_eq!(names(&graph), ["c", "a", "b", "d"]);
    }

    #[test]
    fn mistakes_come_together_with_their_places() {
        let mut stack = stack(&[("a", &["b"]), ("b", &["a"]), ("c", &["nowhere"])]);
        stack.add(
            "a",
            Thing {
                uses: Vec::new(),
                scope: Scope::Stack,
            },
        );
        let mistakes = Graph::build(&stack).unwrap_err();
        let rules: Vec<&str> = mistakes
            .iter()
            .map(|mistake| mistake.rule.as_str())
            .collect();
        assert_eq!(
            rules,
            [
                "augeo/cycle",
                "augeo/dangling-reference",
                "augeo/duplicate-name"
            ]
        );
        assert_eq!(
            mistakes[0].message,
            "resources need each other: a -> b -> a"
        );
        assert!(mistakes.iter().all(|mistake| {
            mistake
                .location
                .as_ref()
                .is_some_and(|place| &*place.file == file!())
        }));
    }

    #[test]
    fn what_remains_is_the_longest_path() {
        let graph = Graph::build(&stack(&[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &["a"]),
            ("d", &["b"]),
        ]))
        .unwrap();
        let weight =
            |name: &ResourceName| Duration::from_secs(if name.as_str() == "c" { 10 } else { 1 });
        let needs = |name: &ResourceName| graph.dependencies(name).iter().cloned().collect();
        let remaining = longest_remaining(graph.order(), &needs, &weight);
        let order = graph.order().iter();
        let seconds: Vec<u64> = order.map(|name| remaining[name].as_secs()).collect();
        assert_eq!(seconds, [11, 2, 10, 1]);
    }
}

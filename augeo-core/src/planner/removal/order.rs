//! The order of deletions: what uses goes before what is used, what is inside before what holds
//! it, and as much as possible goes along with what it lives in.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::Leaving;
use crate::graph;
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change};

/// What each deletion waits for.
pub(super) type Needs = IndexMap<ResourceName, BTreeSet<ResourceName>>;

/// What uses something, and what it uses: the first is deleted first.
struct Edge<'a> {
    from: &'a ResourceId,
    onto: &'a ResourceId,
}

/// Orders what leaves, and tells what each waits for. Where what lives inside two resources uses
/// one another in both directions, it is deleted by itself instead of along with them.
pub(super) fn order(leaving: &mut Leaving<'_>) -> (Vec<ResourceName>, Needs) {
    loop {
        let edges = edges(leaving);
        let mut needs = containment(leaving);
        for (first, then) in edges.iter().filter_map(|edge| tops(leaving, edge)) {
            needs.entry(then).or_default().insert(first);
        }
        let mut names: Vec<ResourceName> = needs.keys().cloned().collect();
        names.sort();
        let order = graph::sort(&names, &needs);
        if order.len() == names.len() {
            return (order, needs);
        }
        let sorted: BTreeSet<ResourceName> = order.into_iter().collect();
        let stuck = edges.iter().filter(|edge| {
            tops(leaving, edge)
                .is_some_and(|(first, then)| !sorted.contains(&first) && !sorted.contains(&then))
        });
        let apart: BTreeSet<ResourceId> = stuck
            .flat_map(|edge| [edge.from, edge.onto])
            .filter(|id| leaving.can_go_alone(id))
            .cloned()
            .collect();
        if apart.is_empty() {
            let loose = edges
                .iter()
                .filter_map(|edge| tops(leaving, edge))
                .collect();
            let needs = without_cycles(containment(leaving), loose);
            return (graph::sort(&names, &needs), needs);
        }
        leaving.alone.extend(apart);
    }
}

/// Who uses whom: by what was observed, and by what is declared.
fn edges<'a>(leaving: &Leaving<'a>) -> Vec<Edge<'a>> {
    let mut edges = Vec::new();
    if mutant::is_on(Mutant::IgnoreDeleteOrder) {
        return edges;
    }
    for (from, observed) in &leaving.observed {
        let mentioned = observed.mentions.iter();
        edges.extend(
            mentioned
                .filter(|onto| leaving.observed.contains_key(onto))
                .map(|onto| Edge { from, onto }),
        );
    }
    for (from, observed) in leaving.guards() {
        let inside = leaving.observed.keys().filter(|onto| {
            let within = observed.parent.as_ref();
            **onto != from && within.is_some_and(|host| leaving.is_within(onto, host))
        });
        edges.extend(inside.map(|onto| Edge { from, onto }));
    }
    for name in leaving.planner.graph.order() {
        let from = &leaving.planner.ids[name];
        for needed in leaving.planner.graph.dependencies(name) {
            let onto = &leaving.planner.ids[needed];
            let both = [from, onto];
            if both.iter().all(|id| leaving.observed.contains_key(id)) {
                edges.push(Edge { from, onto });
            }
        }
    }
    edges
}

/// The deletions that an edge is about: the first, and the one that waits for it.
fn tops(leaving: &Leaving<'_>, edge: &Edge<'_>) -> Option<(ResourceName, ResourceName)> {
    let (first, then) = (leaving.top(edge.from)?, leaving.top(edge.onto)?);
    (first != then).then(|| (leaving.names[first].clone(), leaving.names[then].clone()))
}

/// What holds something waits for what is deleted by itself; what goes along comes after.
fn containment(leaving: &Leaving<'_>) -> Needs {
    let mut needs = Needs::new();
    // One may hold nearly everything: a set is made of all that it waits for at once.
    let mut held: IndexMap<ResourceName, Vec<ResourceName>> = IndexMap::new();
    for (id, observed) in &leaving.observed {
        let name = leaving.names[*id].clone();
        let with = leaving.goes_with(observed);
        needs.entry(name.clone()).or_default().extend(with.clone());
        let parent = observed.parent.as_ref();
        let holder = parent
            .filter(|_| with.is_none())
            .and_then(|parent| leaving.top(parent));
        if let Some(holder) = holder {
            held.entry(leaving.names[holder].clone())
                .or_default()
                .push(name);
        }
    }
    for (holder, inside) in held {
        let mut inside: BTreeSet<ResourceName> = inside.into_iter().collect();
        needs.entry(holder).or_default().append(&mut inside);
    }
    needs
}

/// What is replaced is deleted first, and not while something uses it that leaves the stack.
pub(super) fn before_replacements(
    leaving: &Leaving<'_>,
    declared: &[Change],
) -> Vec<(ResourceName, ResourceName)> {
    let replaced = declared
        .iter()
        .filter(|change| change.action == Action::Replace);
    let mut found = Vec::new();
    for change in replaced {
        let users = leaving
            .observed
            .iter()
            .filter(|(_, observed)| observed.mentions.contains(&change.id));
        let tops = users.filter_map(|(id, _)| leaving.top(id));
        found.extend(tops.map(|top| (change.name.clone(), leaving.names[top].clone())));
    }
    found
}

/// Adds as many of the loose needs as make no cycle, in their order.
pub(in crate::planner) fn without_cycles(
    mut needs: Needs,
    loose: Vec<(ResourceName, ResourceName)>,
) -> Needs {
    for (first, then) in loose {
        if !reaches(&needs, &first, &then) {
            needs.entry(then).or_default().insert(first);
        }
    }
    needs
}

fn reaches(needs: &Needs, from: &ResourceName, to: &ResourceName) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            open.extend(needs.get(name).into_iter().flatten());
        }
    }
    false
}

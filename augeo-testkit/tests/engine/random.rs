//! Random stacks, edits and faults: plans keep their invariants and one run converges.

use std::future::Future;

use augeo_core::plan::Purpose;
use augeo_core::stack::Added;
use augeo_core::{DeleteData, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};
use proptest::prelude::*;

use super::stacks::{engine, number, outcomes, plan_with};

const KINDS: [&str; 9] = [
    "Fake/store",
    "Fake/bucket",
    "Fake/server",
    "Fake/rule",
    "Fake/app",
    "Fake/secret",
    "Fake/vault",
    "Fake/binding",
    "Fake/lock",
];

/// One resource: what it is, what it lives in, what it uses, and what may be edited.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
pub(crate) struct Node {
    kind: usize,
    parent: usize,
    uses: Vec<usize>,
    by_id: bool,
    bound: bool,
    size: i64,
    place: bool,
    present: bool,
}

pub(crate) fn node() -> impl Strategy<Value = Node> {
    (
        0..KINDS.len(),
        0..1000_usize,
        prop::collection::vec(0..1000_usize, 0..3),
        any::<(bool, bool, bool)>(),
        1..4_i64,
        prop::bool::weighted(0.85),
    )
        .prop_map(
            |(kind, parent, uses, (by_id, bound, place), size, present)| Node {
                kind,
                parent,
                uses,
                by_id,
                bound,
                size,
                place,
                present,
            },
        )
}

/// The same resources with other sizes and places, some gone, some new.
pub(crate) fn edited(nodes: &[Node], edits: &[(i64, bool, bool)]) -> Vec<Node> {
    nodes
        .iter()
        .zip(edits)
        .map(|(node, (size, place, present))| Node {
            size: *size,
            place: *place,
            present: *present,
            ..node.clone()
        })
        .collect()
}

pub(crate) fn build(nodes: &[Node]) -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", Fake::group("here"));
    let mut added: Vec<Option<(usize, Added<Fake>)>> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let chosen = node.parent % (at + 1);
        // Nothing lives in a lock, or uses one.
        let is_lock = |kind: usize| KINDS[kind] == "Fake/lock";
        let parent = match added.get(chosen) {
            None => Some(&group),
            Some(Some((kind, _))) if is_lock(*kind) => Some(&group),
            Some(chosen) => chosen.as_ref().map(|(_, it)| it),
        };
        let Some(parent) = parent.filter(|_| node.present) else {
            added.push(None);
            continue;
        };
        let kind = KINDS[node.kind];
        let place = if node.place { "here" } else { "there" };
        let mut fake = if is_lock(node.kind) {
            Fake::lock(parent, place).sized(node.size)
        } else {
            Fake::within(kind, parent).sized(node.size)
        };
        if kind == "Fake/store" {
            fake = fake.placed(place);
        }
        if kind == "Fake/secret" {
            fake = fake.keeping_secret();
        }
        // A secret cannot be deleted by itself, so nothing that it used could be, either.
        let free = kind != "Fake/secret" && !is_lock(node.kind);
        for used in node.uses.iter().filter(|_| free) {
            let Some((used_kind, used)) = added.get(used % (at + 1)).and_then(Option::as_ref)
            else {
                continue;
            };
            if is_lock(*used_kind) {
                continue;
            }
            if KINDS[*used_kind] == "Fake/secret" {
                if kind == "Fake/server" {
                    fake = fake.given(used.secret());
                }
            } else if kind == "Fake/server" && node.bound && fake.zone.is_none() {
                fake = fake.in_zone(used.output(Fake::ADDRESS));
            } else if node.by_id {
                fake = fake.using_id(used);
            } else {
                fake = fake.using(used.output(Fake::ADDRESS));
            }
        }
        added.push(Some((node.kind, stack.add(format!("n{at}"), fake))));
    }
    stack
}

pub(crate) fn data() -> PlanOptions {
    PlanOptions {
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    }
}

/// One run, after which the next plan is empty. A second one is due only where a property that
/// cannot change follows an output that a crash left unknown: that is not replaced on suspicion.
async fn converge(provider: &FakeProvider, stack: &Stack, what: &str) {
    let plan = plan_with(provider, stack, &data()).await;
    let mut report = engine(provider).execute(&plan).await;
    let told = outcomes(&report);
    let suspected = report.failures().all(|(name, error)| {
        let change = plan.change(name.as_str()).unwrap();
        let bound = change
            .desired
            .as_ref()
            .and_then(|desired| desired.field("zone"));
        let follows = bound.is_some_and(augeo_core::value::Value::has_unknown);
        error.code == "augeo/moved" && change.awaits && follows
    });
    if report.ok().is_err() && suspected {
        let plan = plan_with(provider, stack, &data()).await;
        report = engine(provider).execute(&plan).await;
    }
    assert!(report.ok().is_ok(), "{what}: {told:?}");
    let again = plan_with(provider, stack, &data()).await;
    let pending: Vec<_> = again
        .pending()
        .map(|change| {
            (
                &change.name,
                change.action,
                &change.reasons,
                &change.differences,
            )
        })
        .collect();
    assert!(pending.is_empty(), "{what}: the next plan: {pending:?}");
    assert_eq!(provider.violations(), Vec::<String>::new(), "{what}");
}

async fn faulty(provider: &FakeProvider, stack: &Stack, fault: Fault) {
    provider.inject(fault);
    let plan = plan_with(provider, stack, &data()).await;
    let death = provider.death();
    tokio::select! {
        biased;
        () = death.cancelled() => {}
        report = engine(provider).execute(&plan) => drop(report),
    }
    provider.heal();
}

async fn destroy(provider: &FakeProvider, stack: &Stack) {
    provider.keep_mentioned();
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        ..data()
    };
    let plan = plan_with(provider, stack, &options).await;
    let report = engine(provider).execute(&plan).await;
    assert!(report.ok().is_ok(), "destroy: {:?}", outcomes(&report));
    assert_eq!(provider.keys(), Vec::<String>::new());
    assert_eq!(provider.violations(), Vec::<String>::new());
}

pub(crate) fn paused(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test);
}

fn effect() -> impl Strategy<Value = Effect> {
    prop::sample::select(vec![
        Effect::Refuse("Refused"),
        Effect::FailOperation("Failed"),
        Effect::LoseAnswer,
        Effect::DieBefore,
        Effect::DieAfter,
        Effect::Panic,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stack_and_any_edit_converge_in_one_run(
        nodes in prop::collection::vec(node(), 1..14),
        edits in prop::collection::vec((1..4_i64, any::<bool>(), prop::bool::weighted(0.7)), 14),
        drifted in 0..14_usize,
        lost in 0..14_usize,
    ) {
        paused(async {
            let provider = FakeProvider::new();
            let first = build(&nodes);
            converge(&provider, &first, "created").await;
            let live = provider.keys();
            let key = &live[drifted % live.len()];
            provider.edit(key, "size", number(77));
            if let Some(key) = live.get(1 + lost) {
                provider.lose(key);
            }
            let provider = provider.restarted();
            converge(&provider, &first, "drifted").await;
            let second = build(&edited(&nodes, &edits));
            let provider = provider.restarted();
            converge(&provider, &second, "edited").await;
            destroy(&provider, &second).await;
        });
    }

    #[test]
    fn one_run_after_a_fault_converges(
        nodes in prop::collection::vec(node(), 1..12),
        edits in prop::collection::vec((1..4_i64, any::<bool>(), prop::bool::weighted(0.7)), 12),
        at in 0..12_usize,
        effect in effect(),
        later in 0..6_usize,
    ) {
        paused(async {
            let provider = FakeProvider::new();
            let first = build(&nodes);
            faulty(&provider, &first, Fault::after(at, effect.clone())).await;
            let provider = provider.restarted();
            converge(&provider, &first, "after a fault").await;
            let second = build(&edited(&nodes, &edits));
            let provider = provider.restarted();
            faulty(&provider, &second, Fault::after(later, effect)).await;
            let provider = provider.restarted();
            converge(&provider, &second, "edited, after a fault").await;
            destroy(&provider, &second).await;
        });
    }
}

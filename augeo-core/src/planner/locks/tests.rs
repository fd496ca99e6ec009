//! What is lifted for what: cases, and a property of any plan.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::name::StackName;
use crate::resource::Guard;

/// A lock on something: whether it refuses writes, and whose it is.
type Put = (&'static str, bool, Ownership);

fn name(path: &str) -> ResourceName {
    ResourceName::unchecked(path.to_owned())
}

fn id(path: &str) -> ResourceId {
    ResourceId::new(path, path, path)
}

fn ty(guards: bool) -> Arc<ResourceType> {
    let guards = guards.then_some(Guard {
        property: "level",
        refusing_writes: &["ReadOnly"],
    });
    Arc::new(ResourceType {
        guards,
        ..ResourceType::BASE
    })
}

fn observed(path: &str, ownership: Ownership) -> Observed {
    Observed {
        id: id(path),
        ty: TypeName::from_static("Fake/lock"),
        version: "1".to_owned(),
        value: Arc::new(Value::Null),
        condition: Condition::Ready,
        ownership,
        parent: None,
        mentions: BTreeSet::new(),
        declared: None,
        secret_versions: BTreeMap::new(),
        secret_version: None,
    }
}

fn above(path: &str) -> Option<&str> {
    let (above, _) = path.rsplit_once('/')?;
    (!above.is_empty()).then_some(above)
}

/// A change of what has this path, and is in what is above it there.
fn change(path: &str, action: Action, guards: bool) -> Change {
    Change {
        name: name(path),
        id: id(path),
        ty: ty(guards),
        action,
        awaits: false,
        reasons: Vec::new(),
        differences: Vec::new(),
        desired: (action != Action::Delete).then_some(Value::Null),
        planned: None,
        prior: None,
        after: BTreeSet::new(),
        once_ready: BTreeSet::new(),
        follows: BTreeSet::new(),
        exclusion: BTreeSet::new(),
        scope: above(path).map(name),
        goes_with: None,
        location: None,
        declared: String::new(),
        digest: String::new(),
    }
}

fn plan(purpose: Purpose, changes: Vec<Change>) -> Plan {
    Plan {
        stack: StackName::parse("shop", "dev").unwrap(),
        purpose,
        changes,
        existing: BTreeMap::new(),
        findings: Vec::new(),
        left_out: 0,
        requests: 0,
    }
}

fn parents_of<'a>(paths: impl IntoIterator<Item = &'a str>) -> BTreeMap<ResourceId, ResourceId> {
    let known = paths
        .into_iter()
        .filter_map(|path| Some((id(path), id(above(path)?))));
    known.collect()
}

/// Places these locks in a plan of `/g`, `/g/store`, `/g/store/bucket` and `/g/server`.
fn placed(plan: &mut Plan, declared: &[Change], locks: &[Put]) {
    let paths = ["/g", "/g/store", "/g/store/bucket", "/g/server"];
    let all = paths
        .into_iter()
        .chain(locks.iter().map(|(path, ..)| *path));
    let parents = parents_of(all);
    let seen: Vec<Observed> = locks
        .iter()
        .map(|(path, _, whose)| observed(path, whose.clone()))
        .collect();
    let on: Vec<Lock<'_>> = seen
        .iter()
        .zip(locks)
        .map(|(observed, (_, strict, _))| Lock {
            observed,
            ty: ty(true),
            host: &parents[&observed.id],
            refuses_writes: *strict,
        })
        .collect();
    place(plan, declared, &on, &parents);
}

/// What comes of changes beside a lock of the stack on the store.
fn beside_own(strict: bool, changes: &[(&str, Action)]) -> Plan {
    let keep = change("/g/store/keep", Action::NoOp, true);
    let mut all: Vec<Change> = changes
        .iter()
        .map(|(path, action)| change(path, *action, false))
        .collect();
    all.push(keep.clone());
    let mut plan = plan(Purpose::Apply, all);
    let put = ("/g/store/keep", strict, Ownership::Ours);
    placed(&mut plan, &[keep], &[put]);
    plan
}

fn told(plan: &Plan) -> Vec<String> {
    let told = plan.changes.iter().filter(|it| it.is_change());
    told.map(|it| format!("{} {}", it.action, it.name))
        .collect()
}

#[test]
fn a_lock_is_lifted_for_what_it_refuses_and_for_nothing_else() {
    use Action::{Create, Delete, Forget, Replace, Update};
    let lifts = |strict: bool, path: &str, action: Action| {
        let plan = beside_own(strict, &[(path, action)]);
        plan.changes.iter().any(|it| it.action == Action::Lift)
    };
    for (path, action, by_deletions, by_all) in [
        ("/g/store", Update, false, true),
        ("/g/store", Replace, true, true),
        ("/g/store/bucket", Create, false, true),
        ("/g/store/bucket", Delete, true, true),
        ("/g/store/bucket", Forget, false, false),
        ("/g", Update, false, false),
        ("/g", Replace, true, true),
        ("/g/server", Delete, false, false),
        ("/g/server", Update, false, false),
    ] {
        assert_eq!(lifts(false, path, action), by_deletions, "{action} {path}");
        assert_eq!(lifts(true, path, action), by_all, "{action} {path}");
    }
}

#[test]
fn what_is_only_reset_is_deleted_by_nobody() {
    let mut reset = change("/g/store/bucket", Action::Delete, false);
    let facts = ResourceType {
        lifecycle: Lifecycle::Resettable,
        ..ResourceType::BASE
    };
    reset.ty = Arc::new(facts);
    let keep = change("/g/store/keep", Action::NoOp, true);
    let mut plan = plan(Purpose::Apply, vec![reset, keep.clone()]);
    let put = ("/g/store/keep", false, Ownership::Ours);
    placed(&mut plan, &[keep], &[put]);
    assert_eq!(told(&plan), ["delete /g/store/bucket"]);
}

#[test]
fn it_is_lifted_first_and_put_back_last() {
    let plan = beside_own(
        false,
        &[
            ("/g/store/bucket", Action::Delete),
            ("/g/store", Action::Update),
        ],
    );
    let lift = "lift /g/store/keep:lift";
    assert_eq!(told(&plan)[0], lift);
    assert_eq!(told(&plan)[3], "create /g/store/keep");
    let back = plan.change("/g/store/keep").unwrap();
    assert_eq!(back.reasons, [Reason::PutBack]);
    let waits: Vec<&str> = back.waits_for().map(ResourceName::as_str).collect();
    assert_eq!(waits, ["/g/store", "/g/store/bucket", "/g/store/keep:lift"]);
    let deleted = plan.change("/g/store/bucket").unwrap();
    assert!(deleted.after.contains(&name("/g/store/keep:lift")));
    assert!(plan.change("/g/store").unwrap().after.is_empty());
}

#[test]
fn a_lock_that_a_part_of_the_plan_leaves_out_is_put_back() {
    let keep = change("/g/store/keep", Action::NoOp, true);
    let changes = vec![change("/g/store/bucket", Action::Delete, false)];
    let mut plan = plan(Purpose::Apply, changes);
    let put = ("/g/store/keep", false, Ownership::Ours);
    placed(&mut plan, &[keep], &[put]);
    let all = [
        "lift /g/store/keep:lift",
        "delete /g/store/bucket",
        "create /g/store/keep",
    ];
    assert_eq!(told(&plan), all);
}

#[test]
fn a_lock_that_is_not_ours_to_lift_stops_the_plan() {
    let other = Ownership::Other {
        stack: "shop/staging".to_owned(),
    };
    for (whose, purpose, says) in [
        (
            Ownership::Foreign,
            Purpose::Apply,
            "which is not this stack's",
        ),
        (other, Purpose::Destroy, "which is not this stack's"),
        (
            Ownership::Ours,
            Purpose::Apply,
            "which the stack does not declare",
        ),
        (
            Ownership::Ours,
            Purpose::Destroy,
            "which is not among what is deleted",
        ),
    ] {
        let changes = vec![change("/g/store/bucket", Action::Delete, false)];
        let mut plan = plan(purpose, changes);
        placed(&mut plan, &[], &[("/g/store/keep", false, whose)]);
        assert_eq!(told(&plan), ["delete /g/store/bucket"]);
        let [finding] = plan.findings.as_slice() else {
            panic!("{:?}", plan.findings);
        };
        assert_eq!(finding.rule, "augeo/locked");
        assert!(finding.message.contains(says), "{}", finding.message);
    }
}

#[test]
fn a_new_lock_comes_after_all_that_is_written_in_what_it_is_on() {
    let keep = change("/g/store/keep", Action::Create, true);
    let mut needing = change("/g/store/bucket", Action::Create, false);
    needing.after.insert(keep.name.clone());
    let changes = vec![
        keep.clone(),
        change("/g/store", Action::Create, false),
        change("/g/server", Action::Create, false),
        needing,
    ];
    let mut plan = plan(Purpose::Apply, changes);
    placed(&mut plan, &[keep], &[]);
    let follows = &plan.change("/g/store/keep").unwrap().follows;
    assert_eq!(*follows, BTreeSet::from([name("/g/store")]));
}

#[test]
fn a_lock_that_is_needed_by_what_it_refuses_is_told() {
    let keep = change("/g/store/keep", Action::NoOp, true);
    let mut needing = change("/g/store/bucket", Action::Replace, false);
    needing.after.insert(keep.name.clone());
    let mut plan = plan(Purpose::Apply, vec![keep.clone(), needing]);
    let put = ("/g/store/keep", false, Ownership::Ours);
    placed(&mut plan, &[keep], &[put]);
    assert_eq!(plan.findings[0].rule, "augeo/locked");
    assert!(plan.findings[0].message.contains("is needed by"));
}

/// A tree of resources with what becomes of each, and locks on some of them.
#[derive(Clone, Debug)]
struct Story {
    parents: Vec<Index>,
    actions: Vec<u8>,
    locks: Vec<(Index, bool, bool)>,
}

fn stories() -> impl Strategy<Value = Story> {
    (1_usize..8).prop_flat_map(|count| {
        let locks = (any::<Index>(), any::<bool>(), any::<bool>());
        (
            prop::collection::vec(any::<Index>(), count),
            prop::collection::vec(0_u8..3, count),
            prop::collection::vec(locks, 0..4),
        )
            .prop_map(|(parents, actions, locks)| Story {
                parents,
                actions,
                locks,
            })
    })
}

impl Story {
    /// What there is, each with what becomes of it: what is in something that goes, goes.
    fn told(&self) -> Vec<(String, Action)> {
        let mut told: Vec<(String, Action)> = Vec::new();
        for (at, action) in self.actions.iter().enumerate() {
            let above = (at > 0).then(|| told[self.parents[at].index(at)].clone());
            let action = match (&above, action) {
                (Some((_, Action::Delete)), _) | (_, 0) => Action::Delete,
                (_, 1) => Action::Update,
                _ => Action::NoOp,
            };
            let above = above.map_or(String::new(), |(path, _)| path);
            told.push((format!("{above}/r{at}"), action));
        }
        told
    }
}

fn holds(outer: &str, inner: &str) -> bool {
    inner == outer || inner.starts_with(&format!("{outer}/"))
}

proptest! {
    #[test]
    fn only_own_locks_are_lifted_each_before_what_it_refuses_and_back_after(story in stories()) {
        let told = story.told();
        let mut changes: Vec<Change> = Vec::new();
        for (path, action) in &told {
            let mut entry = change(path, *action, false);
            let inside = told.iter().filter(|(inner, _)| inner != path && holds(path, inner));
            if *action == Action::Delete {
                entry.after = inside.map(|(inner, _)| name(inner)).collect();
            }
            changes.push(entry);
        }
        let locks: Vec<(String, usize, bool, bool)> = story.locks.iter().enumerate()
            .map(|(at, (host, strict, ours))| {
                let host = host.index(told.len());
                (format!("{}/lock{at}", told[host].0), host, *strict, *ours)
            })
            .collect();
        let mut declared = Vec::new();
        for (path, host, _, ours) in &locks {
            let (host, becomes) = &told[*host];
            if *ours && *becomes == Action::Delete {
                let mut leaves = change(path, Action::Delete, true);
                leaves.goes_with = Some(name(host));
                leaves.after.insert(name(host));
                changes.push(leaves);
            } else if *ours {
                declared.push(change(path, Action::NoOp, true));
            }
        }
        changes.extend(declared.iter().cloned());
        let paths = told.iter().map(|(path, _)| path).chain(locks.iter().map(|it| &it.0));
        let parents = parents_of(paths.map(String::as_str));
        let seen: Vec<Observed> = locks.iter()
            .map(|(path, _, _, ours)| {
                observed(path, if *ours { Ownership::Ours } else { Ownership::Foreign })
            })
            .collect();
        let on: Vec<Lock<'_>> = seen.iter().zip(&locks)
            .map(|(observed, (_, _, strict, _))| Lock {
                observed,
                ty: ty(true),
                host: &parents[&observed.id],
                refuses_writes: *strict,
            })
            .collect();
        let mut plan = plan(Purpose::Apply, changes);
        // As the planner has it before.
        sort(&mut plan);
        place(&mut plan, &declared, &on, &parents);

        let at = |wanted: &str| plan.changes.iter().position(|it| it.name.as_str() == wanted);
        for (path, host, strict, ours) in &locks {
            let (host, becomes) = &told[*host];
            let refused: Vec<&String> = told.iter()
                .filter(|(it, action)| {
                    (*action == Action::Delete && (holds(host, it) || holds(it, host)))
                        || (*action == Action::Update && *strict && holds(host, it))
                })
                .map(|(it, _)| it)
                .collect();
            let lift = at(&format!("{path}:lift"));
            let stops = plan.findings.iter().any(|it| it.message.contains(&format!("{path},")));
            let gone = if *ours && *becomes == Action::Delete {
                prop_assert_eq!(&plan.changes[at(path).unwrap()].goes_with, &None);
                at(path)
            } else {
                lift
            };
            let leaves = *ours && *becomes == Action::Delete;
            prop_assert_eq!(lift.is_some(), *ours && !leaves && !refused.is_empty());
            prop_assert_eq!(stops, !ours && !refused.is_empty());
            if !ours || refused.is_empty() {
                continue;
            }
            for it in &refused {
                prop_assert!(gone < at(it), "{it} before {path} is off");
                prop_assert!(leaves || at(it) < at(path), "{path} is back before {it}");
            }
        }
        // Nothing is there twice, or lost.
        let lifts = plan.changes.iter().filter(|it| it.action == Action::Lift).count();
        let own = locks.iter().filter(|(.., ours)| *ours).count();
        prop_assert_eq!(plan.changes.len(), told.len() + own + lifts);
        for (position, entry) in plan.changes.iter().enumerate() {
            for needed in entry.waits_for() {
                prop_assert!(at(needed.as_str()) < Some(position), "{} {needed}", entry.name);
            }
        }
    }
}

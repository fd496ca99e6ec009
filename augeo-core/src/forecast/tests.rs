//! What forecasts promise, over plans made by hand and by chance.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use time::macros::date;

use super::*;
use crate::name::{ResourceId, StackName, TypeName};
use crate::plan::{Change, Purpose, Reason};
use crate::report::{Outcome, Report};
use crate::resource::ResourceType;
use crate::value::Value;

fn name(text: &str) -> ResourceName {
    ResourceName::parse(text).unwrap()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A creation of a type that is called like the resource.
fn change(resource: &str, after: &[&str]) -> Change {
    Change {
        name: name(resource),
        id: ResourceId::new(resource, resource, resource),
        ty: Arc::new(ResourceType {
            name: TypeName::new(resource),
            ..ResourceType::BASE
        }),
        action: Action::Create,
        awaits: false,
        reasons: vec![Reason::Absent],
        differences: Vec::new(),
        desired: None,
        planned: None,
        prior: None,
        after: after.iter().map(|it| name(it)).collect(),
        once_ready: BTreeSet::new(),
        follows: BTreeSet::new(),
        exclusion: BTreeSet::new(),
        scope: None,
        goes_with: None,
        location: None,
        declared: String::new(),
        digest: String::new(),
    }
}

fn plan(changes: Vec<Change>) -> Plan {
    Plan {
        stack: StackName::parse("shop", "dev").unwrap(),
        purpose: Purpose::Apply,
        changes,
        existing: BTreeMap::new(),
        findings: Vec::new(),
        left_out: 0,
        requests: 0,
    }
}

fn figure(distribution: Distribution) -> Figure {
    Figure {
        when: None,
        distribution,
        basis: Basis::Measured,
        source: Cow::Borrowed("a test"),
    }
}

fn model(figures: &[(&str, Distribution)]) -> DurationModel {
    let mut model = DurationModel::new();
    for (ty, distribution) in figures {
        for work in [Work::Create, Work::Update, Work::Delete] {
            model.insert(TypeName::new(*ty), work, figure(*distribution));
        }
    }
    model
}

fn constant(seconds: u64) -> Distribution {
    Distribution::constant(secs(seconds))
}

fn forecast(plan: &Plan, model: &DurationModel) -> Forecast {
    Forecast::of(plan, model, &ForecastOptions::default())
}

#[test]
fn a_chain_is_a_sum_and_branches_are_not() {
    let model = model(&[("a", constant(2)), ("b", constant(30)), ("c", constant(7))]);
    let chain = plan(vec![
        change("a", &[]),
        change("b", &["a"]),
        change("c", &["b"]),
    ]);
    let made = forecast(&chain, &model);
    assert_eq!((made.p50, made.p90), (secs(39), secs(39)));
    assert_eq!(made.critical_path, [name("a"), name("b"), name("c")]);
    let fork = plan(vec![
        change("a", &[]),
        change("b", &["a"]),
        change("c", &["a"]),
    ]);
    let made = forecast(&fork, &model);
    assert_eq!(made.p50, secs(32));
    assert_eq!(made.critical_path, [name("a"), name("b")]);
    let dominant = made.dominant().unwrap();
    assert_eq!(dominant.resource, name("b"));
    assert!((dominant.share - 30.0 / 32.0).abs() < 1e-9);
    assert!(made.expected(&name("c")).unwrap().share.abs() < f64::EPSILON);
}

#[test]
fn what_excludes_each_other_is_done_one_after_another() {
    let model = model(&[("a", constant(10)), ("b", constant(10))]);
    let mut one = change("a", &[]);
    let mut other = change("b", &[]);
    let free = plan(vec![one.clone(), other.clone()]);
    assert_eq!(forecast(&free, &model).p50, secs(10));
    one.exclusion.insert("server".to_owned());
    other.exclusion.insert("server".to_owned());
    let made = forecast(&plan(vec![one, other]), &model);
    assert_eq!(made.p50, secs(20));
    assert_eq!(made.critical_path, [name("a"), name("b")]);
    let narrow = ForecastOptions {
        limits: Limits { changes_max: 1 },
        ..ForecastOptions::default()
    };
    assert_eq!(Forecast::of(&free, &model, &narrow).p50, secs(20));
}

#[test]
fn what_needs_no_work_takes_no_time_and_holds_nothing_back() {
    let model = model(&[("a", constant(10)), ("b", constant(10)), ("c", constant(5))]);
    let mut unchanged = change("a", &[]);
    unchanged.action = Action::NoOp;
    let mut gone = change("b", &["a"]);
    gone.action = Action::Delete;
    gone.goes_with = Some(name("c"));
    let made = forecast(&plan(vec![unchanged, gone, change("c", &["b"])]), &model);
    assert_eq!(made.p50, secs(5));
    let listed: Vec<&str> = made.changes.iter().map(|it| it.resource.as_str()).collect();
    assert_eq!(listed, ["c"]);
    let nothing = forecast(&plan(Vec::new()), &model);
    assert_eq!((nothing.p50, nothing.dominant()), (Duration::ZERO, None));
}

#[test]
fn a_replacement_is_a_deletion_and_a_creation() {
    let mut replaced = change("a", &[]);
    replaced.action = Action::Replace;
    let made = forecast(&plan(vec![replaced]), &model(&[("a", constant(10))]));
    assert_eq!(made.p50, secs(20));
}

#[test]
fn the_spread_of_the_whole_is_that_of_what_decides() {
    let spread = Distribution::new(secs(330), secs(660));
    let model = model(&[("a", spread), ("b", constant(20))]);
    let made = forecast(&plan(vec![change("a", &[]), change("b", &[])]), &model);
    assert!(made.p50.abs_diff(secs(330)) < secs(4), "{:?}", made.p50);
    // ln 330 + 1.2816 * (ln 2 / 1.645)
    assert!(made.p90.abs_diff(secs(566)) < secs(25), "{:?}", made.p90);
    assert_eq!(made.draws, 1000);
}

#[test]
fn a_type_that_nobody_knows_is_marked() {
    let made = forecast(&plan(vec![change("a", &[])]), &DurationModel::new());
    assert_eq!(made.changes[0].basis, Basis::Default);
    assert_eq!(made.changes[0].p50, ResourceType::BASE.usual.create);
}

#[test]
fn a_property_can_decide() {
    let mut model = model(&[("a", constant(10))]);
    let slow = Figure {
        when: Some(When {
            path: "ha.mode".into(),
            one_of: vec!["ZoneRedundant".into()],
        }),
        ..figure(constant(100))
    };
    model.insert(TypeName::new("a"), Work::Create, slow);
    let mut slow = change("a", &[]);
    slow.planned = Some(Value::from(json!({"ha": {"mode": "zoneRedundant"}})));
    assert_eq!(forecast(&plan(vec![slow]), &model).p50, secs(100));
    let mut plain = change("a", &[]);
    plain.planned = Some(Value::from(json!({"ha": {"mode": "Disabled"}})));
    assert_eq!(forecast(&plan(vec![plain]), &model).p50, secs(10));
}

#[test]
fn what_remains_follows_what_happens() {
    let model = model(&[("a", constant(2)), ("b", constant(30)), ("c", constant(7))]);
    let plan = plan(vec![
        change("a", &[]),
        change("b", &["a"]),
        change("c", &["b"]),
    ]);
    let made = forecast(&plan, &model);
    let (a, b) = (name("a"), name("b"));
    assert_eq!(made.remaining([], []).time, secs(39));
    let left = made.remaining([&a], [(&b, secs(10))]);
    assert_eq!((left.time, left.decides), (secs(27), Some(b.clone())));
    assert_eq!(made.remaining([&a, &b], []).time, secs(7));
    assert_eq!(
        made.remaining([&a], [(&b, secs(500))]).time,
        secs(7),
        "what is late is not negative"
    );
}

#[test]
fn it_is_plain_data_for_tools() {
    let model = model(&[("a", constant(2))]);
    let made = forecast(&plan(vec![change("a", &[])]), &model);
    assert_eq!(
        serde_json::to_value(&made).unwrap(),
        json!({
            "p50Seconds": 2.0, "p90Seconds": 2.0, "draws": 1000, "criticalPath": ["a"],
            "changes": [{
                "resource": "a", "action": "create", "p50Seconds": 2.0, "p95Seconds": 2.0,
                "share": 1.0, "basis": "measured", "source": "a test",
            }],
        })
    );
}

fn observation(ty: &str, seconds: f64) -> Observation {
    Observation {
        ty: TypeName::new(ty),
        action: Work::Create,
        seconds,
        date: date!(2026 - 11 - 24),
        location: Some("westeurope".to_owned()),
        variant: None,
    }
}

#[test]
fn three_observations_move_a_figure_and_two_do_not() {
    let prior = || model(&[("a", Distribution::new(secs(100), secs(200)))]);
    let refined = |number: usize, seconds: f64| {
        let seen = vec![observation("a", seconds); number];
        prior()
            .refined(&seen)
            .figures(&TypeName::new("a"), Work::Create)[0]
            .clone()
    };
    assert_eq!(refined(2, 400.0).distribution.p50(), secs(100));
    let three = refined(3, 400.0);
    assert!(
        three.distribution.p50().abs_diff(secs(200)) < secs(1),
        "half-way, in logarithms"
    );
    assert_eq!(three.basis, Basis::Learnt);
    let many = refined(500, 400.0).distribution;
    assert!(many.p50() > secs(360) && many.p95() < secs(600), "{many:?}");
    let unknown = DurationModel::new().refined(&vec![observation("z", 40.0); 3]);
    let figure = &unknown.figures(&TypeName::new("z"), Work::Create)[0];
    assert!(figure.distribution.p50().abs_diff(secs(40)) < secs(1));
}

#[test]
fn lines_come_back_and_garbage_is_told() {
    let seen = [observation("a", 12.5), observation("b", 3.0)];
    let text = to_lines(&seen);
    assert_eq!(
        text.lines().next().unwrap(),
        r#"{"type":"a","action":"create","seconds":12.5,"date":"2026-11-24","location":"westeurope"}"#
    );
    assert_eq!(from_lines(&text), (seen.to_vec(), Vec::new()));
    let torn = format!("{text}\nnot json\n{{\"seconds\":-1}}\n{}", &text[..20]);
    let (read, unreadable) = from_lines(&torn);
    assert_eq!(read, seen);
    let lines: Vec<usize> = unreadable.iter().map(|it| it.line).collect();
    assert_eq!(lines, [4, 5, 6]);
}

#[test]
fn a_run_teaches_what_succeeded_and_nothing_of_whose_it_was() {
    let mut odd = change("secretname", &[]);
    odd.ty = Arc::new(ResourceType {
        name: TypeName::new("T/x"),
        ..ResourceType::BASE
    });
    let mut failed = odd.clone();
    failed.name = name("other");
    let mut replaced = odd.clone();
    replaced.name = name("third");
    replaced.action = Action::Replace;
    let plan = plan(vec![odd, failed, replaced]);
    let outcome = |at: usize, outcome: Outcome| {
        (
            plan.changes[at].name.clone(),
            plan.changes[at].action,
            outcome,
        )
    };
    let report = Report {
        stack: plan.stack.clone(),
        outcomes: vec![
            outcome(0, Outcome::Succeeded),
            outcome(1, Outcome::Cancelled),
            outcome(2, Outcome::Succeeded),
        ],
        elapsed_by_resource: plan
            .changes
            .iter()
            .map(|change| (change.name.clone(), secs(4)))
            .collect(),
        elapsed: secs(4),
        pending: Vec::new(),
        resources: BTreeMap::new(),
    };
    let place = |_: &Change| Some("/subscriptions/1/not-a-place".to_owned());
    let day = date!(2026 - 11 - 24);
    let learnt = observations(&plan, &report, &DurationModel::new(), day, place);
    assert_eq!(
        to_lines(&learnt),
        "{\"type\":\"T/x\",\"action\":\"create\",\"seconds\":4.0,\"date\":\"2026-11-24\"}\n"
    );
}

/// Changes that need earlier ones, some of which exclude each other.
fn plans() -> impl Strategy<Value = (Plan, DurationModel)> {
    let row = (1_u64..500, 1_u64..4, any::<u32>(), 0_u8..4);
    proptest::collection::vec(row, 1..12).prop_map(|rows| {
        let mut model = DurationModel::new();
        let mut changes = Vec::new();
        for (at, (p50, spread, needs, key)) in rows.into_iter().enumerate() {
            let label = format!("r{at}");
            let needed = (0..at).filter(|other| needs >> other & 3 == 3);
            let needed: Vec<String> = needed.map(|other| format!("r{other}")).collect();
            let after: Vec<&str> = needed.iter().map(String::as_str).collect();
            let mut made = change(&label, &after);
            if key > 1 {
                made.exclusion.insert(format!("key{key}"));
            }
            changes.push(made);
            let distribution = Distribution::new(secs(p50), secs(p50 * spread));
            model.insert(TypeName::new(label), Work::Create, figure(distribution));
        }
        (plan(changes), model)
    })
}

fn few(seed: u64) -> ForecastOptions {
    ForecastOptions {
        seed,
        draws: 200,
        ..ForecastOptions::default()
    }
}

proptest! {
    #[test]
    fn nothing_is_done_sooner_than_its_longest_change((plan, model) in plans(), seed: u64) {
        let made = Forecast::of(&plan, &model, &few(seed));
        let longest = made.changes.iter().map(|change| change.p50).max().unwrap_or_default();
        let sum: Duration = made.changes.iter().map(|change| change.p50).sum();
        prop_assert!(made.p50 >= longest && made.p90 >= made.p50);
        prop_assert!(made.remaining([], []).time <= sum);
        let shares: f64 = made.changes.iter().map(|change| change.share).sum();
        prop_assert!((shares - 1.0).abs() < 1e-6, "all of the wait is for something: {shares}");
    }

    #[test]
    fn one_seed_is_one_forecast((plan, model) in plans(), seed: u64) {
        prop_assert_eq!(
            Forecast::of(&plan, &model, &few(seed)),
            Forecast::of(&plan, &model, &few(seed))
        );
    }

    #[test]
    fn one_more_change_at_the_end_never_shortens_it((plan, model) in plans(), more in 1_u64..500) {
        let before = Forecast::of(&plan, &model, &few(1)).remaining([], []).time;
        let (mut longer, mut model) = (plan.clone(), model);
        let all: Vec<&str> = plan.changes.iter().map(|change| change.name.as_str()).collect();
        longer.changes.push(change("last", &all));
        model.insert(TypeName::new("last"), Work::Create, figure(constant(more)));
        let after = Forecast::of(&longer, &model, &few(1)).remaining([], []).time;
        prop_assert_eq!(after, before + secs(more));
    }

    #[test]
    fn lines_never_panic(text in ".{0,200}") {
        let (read, unreadable) = from_lines(&text);
        prop_assert!(read.len() + unreadable.len() <= text.lines().count());
    }
}

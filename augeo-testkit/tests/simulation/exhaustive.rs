//! A crash at every request, of stacks that lose and rename resources before the next run. The
//! platform's environments are swept by `simulate --crashes`, in CI, and in `augeo-azure`'s tests.

use augeo_core::Stack;
use augeo_testkit::simulation::{
    Kind, Node, Shape, Sweep, Tweak, every_crash_of_destroy, every_crash_of_provision,
};

use crate::stacks;

fn assert_held(sweep: &Sweep, crashes_min: usize) {
    let told: Vec<String> = sweep
        .failures
        .iter()
        .map(|(script, violation)| format!("{violation} in {:?}", script.steps))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(sweep.crashes >= crashes_min, "{} crashes", sweep.crashes);
}

fn node(kind: Kind) -> Node {
    Node {
        kind,
        choice: 0,
        variant: 1,
    }
}

/// Something of every kind that lives long, and what its owner makes of it meanwhile.
fn shop(tweaks: Vec<Tweak>) -> Shape {
    let kinds = [
        Kind::Identity,
        Kind::Storage,
        Kind::Container,
        Kind::Vault,
        Kind::Secret,
        Kind::Server,
        Kind::Rule,
        Kind::Plan,
        Kind::App,
        Kind::Settings,
        Kind::RoleOnStorage,
    ];
    Shape {
        nodes: kinds.map(node).to_vec(),
        versions: vec![Vec::new(), tweaks],
    }
}

#[test]
fn nothing_is_forgotten_when_the_stack_changes_after_a_crash() {
    let removed = shop(vec![Tweak::Gone(2), Tweak::Gone(9), Tweak::Variant(1, 2)]);
    assert_held(&every_crash_of_provision(&removed, 3), 80);
    let kind_gone = shop(vec![Tweak::KindGone(Kind::Storage)]);
    assert_held(&every_crash_of_provision(&kind_gone, 4), 80);
    let renamed = shop(vec![Tweak::Renamed(1), Tweak::Renamed(5)]);
    assert_held(&every_crash_of_provision(&renamed, 5), 80);
}

#[test]
fn a_destroy_is_finished_after_any_crash() {
    assert_held(&every_crash_of_destroy(&shop(Vec::new()), 6), 40);
}

fn survives(stack: fn(bool) -> Stack, seed: u64) {
    let stacks = vec![stack(false), stack(true)];
    assert_held(&every_crash_of_provision(&stacks, seed), 20);
    assert_held(&every_crash_of_destroy(&stacks, seed), 10);
}

#[test]
fn parameters_and_administrators_survive_a_crash_at_every_request() {
    survives(stacks::people, 7);
}

#[test]
fn a_site_with_its_names_survives_a_crash_at_every_request() {
    survives(stacks::names, 10);
}

#[test]
fn a_name_that_loses_its_certificate_survives_a_crash_at_every_request() {
    survives(stacks::secured, 11);
}

#[test]
fn a_classic_cache_survives_a_crash_at_every_request() {
    survives(stacks::cache, 8);
}

#[test]
fn managed_redis_survives_a_crash_at_every_request() {
    survives(stacks::redis, 9);
}

#[test]
fn zones_and_records_survive_a_crash_at_every_request() {
    survives(stacks::zone, 10);
}

#[test]
fn mail_survives_a_crash_at_every_request() {
    survives(stacks::mail, 11);
}

#[test]
fn locks_budgets_and_grants_survive_a_crash_at_every_request() {
    survives(stacks::guarded, 11);
}

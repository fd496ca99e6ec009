//! A stack of one's own under simulation: in every seed something else goes wrong, runs are killed,
//! and the stack has changed by the next run.

use augeo_core::Stack;
use augeo_testkit::simulation::{Profile, Script, Subject, every_crash_of_provision, play_with};

/// The shop, and the shop after its account is no longer declared.
#[derive(Debug)]
struct Shop;

impl Subject for Shop {
    fn versions(&self) -> usize {
        2
    }

    fn stack(&self, version: usize) -> Stack {
        match version {
            0 => augeo_examples::shop("test").0,
            _ => augeo_examples::group_only("test"),
        }
    }
}

#[test]
fn whatever_goes_wrong_the_shop_ends_as_it_is_declared() {
    let profile = Profile::named("mixed").expect("it is one of the profiles");
    for seed in 0..50 {
        let outcome = play_with(&Script::draw_for(seed, profile, Shop.versions()), &Shop);
        assert_eq!(outcome.violations, [], "seed {seed}");
    }
}

#[test]
fn a_kill_at_any_request_loses_nothing() {
    let sweep = every_crash_of_provision(&Shop, 1);
    assert!(
        sweep.crashes >= 20 && sweep.failures.is_empty(),
        "{sweep:?}"
    );
}

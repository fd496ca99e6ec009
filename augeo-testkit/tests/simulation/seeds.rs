//! Seeds of every profile keep every promise, and the same seed does the same.

use augeo_testkit::simulation::campaign::{self, Totals};
use augeo_testkit::simulation::{PROFILES, Profile, Script, play, play_traced};

fn held(profile: &Profile, seeds: u64) -> Totals {
    let totals = campaign::run(0..seeds, profile, 2, &|_| {});
    let told: Vec<String> = totals
        .failures
        .iter()
        .map(|failure| format!("seed {}: {}", failure.seed, failure.violation))
        .collect();
    assert!(told.is_empty(), "{}: {}", profile.name, told.join("\n"));
    assert_eq!(totals.seeds, seeds);
    totals
}

#[test]
fn mixed_faults_break_no_promise() {
    let profile = &PROFILES[0];
    assert_eq!(profile.name, "mixed");
    let totals = held(profile, 200);
    assert!(totals.faults > 1_000, "{totals}");
    assert!(totals.simulated.as_secs() > 24 * 3_600, "{totals}");
}

#[test]
fn every_other_profile_breaks_none_either() {
    for profile in &PROFILES[1..] {
        held(profile, 30);
    }
}

#[test]
fn a_seed_is_a_script_that_can_be_read_back() {
    let profile = &PROFILES[0];
    let script = Script::draw(7, profile);
    assert_eq!(script, Script::draw(7, profile));
    let text = serde_json::to_string(&script).unwrap();
    assert_eq!(serde_json::from_str::<Script>(&text).unwrap(), script);
    assert_ne!(script, Script::draw(8, profile));
}

#[test]
fn exactly_the_same_faults_do_exactly_the_same() {
    let profile = Profile::named("network").unwrap();
    let mut met = 0;
    for seed in 0..20 {
        let script = Script::draw(seed, profile);
        let drawn = play(&script);
        let exact = Script {
            faults: augeo_testkit::simulation::Faults::Exactly(drawn.strikes.clone()),
            ..script
        };
        let again = play_traced(&exact);
        assert_eq!(again.strikes, drawn.strikes, "seed {seed}");
        assert_eq!(again.trace.is_empty(), again.requests == 0);
        met += drawn.strikes.len();
    }
    assert!(met > 50, "{met} faults");
}

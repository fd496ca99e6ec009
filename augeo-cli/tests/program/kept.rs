//! After a destroy: what Azure still keeps and until when, or that it could not be seen.

use augeo_testkit::emulator::{Effect, Fault, Match};

use crate::run::{Place, Ran, SMALL, Served};

const DESTROY: &str = "destroy dev --confirm dev --delete-data all";

/// What the rows of the ending say of what is kept.
fn kept(ran: &Ran) -> Vec<String> {
    let rows = ran.stdout.lines().chain(ran.stderr.lines());
    let rows = rows.filter_map(|line| line.strip_prefix("Kept:"));
    rows.map(|row| row.trim().to_owned()).collect()
}

/// The text with each date in it as `DATE`.
fn undated(text: &str) -> String {
    let form = |word: &str| {
        let digits = word
            .bytes()
            .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        digits.eq(*b"0000-00-00")
    };
    let words = text.split(' ').map(|word| {
        let (date, rest) = word.split_at_checked(10).unwrap_or((word, ""));
        if form(date) {
            format!("DATE{rest}")
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_azure_keeps_is_told_with_its_date() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    let ran = place.run_fast(DESTROY).expect(0);
    let rows: Vec<String> = kept(&ran).iter().map(|row| undated(row)).collect();
    let stays = "it can be brought back, its name stays taken";
    assert_eq!(
        rows,
        [
            format!("monitoring/logs is soft-deleted until DATE at the latest: {stays}"),
            format!("security/vault is soft-deleted until DATE: {stays}"),
        ],
        "{ran}"
    );
}

#[test]
fn a_look_that_is_refused_is_told_and_the_destruction_is_done() {
    let served = Served::new();
    let place = Place::with(SMALL);
    let run = |arguments: &str| place.run(&format!("{arguments} --endpoint {}", served.endpoint));
    for (status, code, told) in [
        (400, "Confused", "what Azure keeps could not be looked up: "),
        (
            403,
            "AuthorizationFailed",
            "whether a deleted Key vault can be recovered cannot be seen: ",
        ),
    ] {
        run("provision dev --yes").expect(0);
        let matches = Match {
            resource_type: Some("Microsoft.KeyVault/deletedVaults".to_owned()),
            ..Match::default()
        };
        let refusal = Effect::Refuse {
            status,
            code: code.to_owned(),
            message: "ask somebody else".to_owned(),
            retry_after: None,
        };
        let inject = |effect| {
            served
                .emulator
                .with_world(|world| world.inject(Fault::new(matches, effect).times(1)))
        };
        inject(refusal).expect("a world in memory");
        let ran = run(DESTROY).expect(0);
        let rows = kept(&ran);
        let is_told = |row: &String| row.starts_with(told) && row.contains("ask somebody else");
        assert!(rows.iter().any(is_told), "{ran}");
    }
}

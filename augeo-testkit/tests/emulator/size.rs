//! What a request costs does not grow with what it does not touch.

use std::time::{Duration, Instant};

use augeo_testkit::emulator::{ArmRequest, Durations, Method, VIRTUAL_EPOCH, World, WorldOptions};
use serde_json::json;

use crate::support::{GROUP, account};

fn world(accounts: usize) -> World {
    let options = WorldOptions {
        durations: Durations::instant(),
        throttling: false,
        ..Default::default()
    };
    let mut world = World::new(options);
    let mut put = |url: String, body| {
        let request = ArmRequest::new(Method::Put, url).json(&body).bearer("t");
        assert!(world.handle(VIRTUAL_EPOCH, &request).status < 300);
    };
    put(
        format!("{GROUP}?api-version=2025-04-01"),
        json!({"location": "westeurope"}),
    );
    for i in 0..accounts {
        let mut body = account();
        if i < 10 {
            body["tags"]["augeo-stack"] = json!("mine/dev");
        }
        put(
            format!(
                "{GROUP}/providers/Microsoft.Storage/storageAccounts/acc{i:06}?api-version=2026-04-01"
            ),
            body,
        );
    }
    world
}

/// The best of several rounds, so that a busy machine does not judge.
#[expect(clippy::disallowed_methods, reason = "a measurement of real time")]
fn cost(world: &mut World, url: &str) -> Duration {
    let request = ArmRequest::new(Method::Get, url).bearer("t");
    (0..5)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..20 {
                assert_eq!(world.handle(VIRTUAL_EPOCH, &request).status, 200);
            }
            start.elapsed()
        })
        .min()
        .expect("rounds")
}

#[test]
fn a_read_costs_what_it_touches() {
    let (mut small, mut large) = (world(20), world(1000));
    let one = format!(
        "{GROUP}/providers/Microsoft.Storage/storageAccounts/acc000001?api-version=2026-04-01"
    );
    let tagged = format!(
        "{}/resources?api-version=2024-11-01&$filter=tagName%20eq%20'augeo-stack'%20and%20tagValue%20eq%20'mine/dev'",
        crate::support::subscription()
    );
    for url in [one, tagged] {
        let (few, many) = (cost(&mut small, &url), cost(&mut large, &url));
        // Fifty times the world; a scan would cost fifty times the time.
        assert!(many < few * 10, "{url}: {few:?} against {many:?}");
    }
}

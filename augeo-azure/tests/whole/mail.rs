//! Mail from a domain of one's own, and zones below zones: pending on the outside world, step by step.

use std::time::Duration;

use augeo_azure::platform::Config;
use augeo_core::Stack;
use augeo_testkit::emulator::Emulator;

use crate::rig::{apply, assert_unchanged, destroy_everything, engine, execute};

const CONFIG: &str = "
project = 'shop'
location = 'westeurope'
cost_center = 'CC-1'
owner = 'operations'
[database]
enabled = false
[redis]
enabled = false
[environment.dev.dns]
zone = 'dev.example.org'
[environment.production.dns]
zone = 'example.org'
[environment.production.dns.delegations]
dev = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop-dev-rg/providers/Microsoft.Network/dnsZones/dev.example.org'
[environment.production.communication]
domain = 'example.org'
";

fn stack(environment: &str) -> Stack {
    let config = Config::parse(CONFIG, "augeo.toml").expect("it is right");
    config.stack(environment).expect("there is one")
}

/// A run that nothing fails in, and what it leaves pending.
async fn provision(emulator: &Emulator, stack: &Stack) -> Vec<String> {
    let report = apply(&engine(emulator), stack).await;
    report.ok().expect("nothing fails");
    let plan = engine(emulator).plan(stack).await;
    let plan = plan.expect("it can be planned");
    let waiting = plan.awaiting_outside();
    waiting.map(|(change, _)| change.name.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_domain_is_verified_and_linked_and_a_zone_is_delegated_once_it_is_there() {
    let emulator = Emulator::new();
    let production = stack("production");
    let waiting = provision(&emulator, &production).await;
    assert!(waiting.contains(&"dns/dev".to_owned()), "{waiting:?}");
    assert!(waiting.contains(&"email/links".to_owned()), "{waiting:?}");

    let dev = stack("dev");
    provision(&emulator, &dev).await;
    assert_unchanged(&engine(&emulator), &dev).await;
    let mut left = Vec::new();
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(1800)).await;
        left = provision(&emulator, &production).await;
    }
    assert_eq!(left, Vec::<String>::new());
    assert_unchanged(&engine(&emulator), &production).await;
    let world = emulator.snapshot();
    let all = world.live_resources();
    let of = |ty: &str, end: &str| {
        let mut found = all.iter();
        let found = found.find(|live| live.resource_type.ends_with(ty) && live.id.ends_with(end));
        found.expect("it is there").body["properties"].clone()
    };
    let below = of("dnsZones/NS", "/dev");
    let servers = of("dnsZones", "/dev.example.org")["nameServers"].clone();
    assert_eq!(below["NSRecords"][0]["nsdname"], servers[0]);
    let linked = of("communicationServices", "")["linkedDomains"].clone();
    assert_eq!(linked.as_array().map(Vec::len), Some(1));

    let plan = engine(&emulator)
        .plan_with(&production, &destroy_everything())
        .await;
    let plan = plan.expect("it can be planned");
    let report = execute(&engine(&emulator), &plan).await;
    report.ok().expect("all of it goes");
}

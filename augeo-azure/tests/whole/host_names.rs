//! Names of one's own, in the order that Azure wants.

use augeo_azure::platform::Config;
use augeo_testkit::emulator::{Emulator, World};

use crate::rig::{apply, assert_unchanged, destroy_everything, engine, execute};

const CONFIG: &str = "
project = 'shop'
location = 'westeurope'
cost_center = 'CC-1'
owner = 'operations'
[app_service]
host_name = 'api.example.org'
[static_web_app]
host_name = 'admin.example.org'
[environment.dev]
";

#[tokio::test(start_paused = true)]
async fn the_platform_is_reached_by_names_of_ones_own() {
    let config = Config::parse(CONFIG, "augeo.toml").expect("it is right");
    let stack = config.stack("dev").expect("there is one");
    let emulator = Emulator::new();
    let engine = engine(&emulator);
    apply(&engine, &stack).await.ok().expect("it succeeds");
    assert_unchanged(&engine, &stack).await;
    let world = emulator.snapshot();
    let all = world.live_resources();
    let binding = all.iter().find(|live| live.id.ends_with("api.example.org"));
    let body = &binding.expect("the name is bound").body;
    assert_eq!(body["properties"]["sslState"], "SniEnabled");
    assert!(
        all.iter()
            .any(|live| live.id.ends_with("admin.example.org"))
    );
    emulator
        .with_world(World::renew_certificates)
        .expect("in memory");
    assert_unchanged(&engine, &stack).await;
    let plan = engine.plan_with(&stack, &destroy_everything()).await;
    let plan = plan.expect("it can be planned");
    execute(&engine, &plan).await.ok().expect("all of it goes");
}

//! The same over plain HTTP on loopback, through the default transport.

use std::sync::Arc;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions, default_transport};
use augeo_azure::cloud::Cloud;
use augeo_azure::credential::Credential;
use augeo_azure::provider::AzureOptions;
use augeo_core::clock::{Clock, SystemClock};
use augeo_core::engine::Engine;
use augeo_testkit::emulator::{Durations, Emulator, Listener, WorldOptions, wall_now};
use tokio_util::sync::CancellationToken;

use crate::rig::{
    ENVIRONMENTS, assert_kept, assert_recovers, assert_unchanged, destroy_everything, execute,
    provision, stack, until_nothing_waits,
};

fn engine(endpoint: &str, emulator: &Emulator) -> Engine {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let cloud = Cloud::emulator_at(endpoint).expect("it is on loopback");
    let subscription =
        SubscriptionId::parse(emulator.subscription_id()).expect("the emulator has one");
    let mut options = ArmClientOptions::new(
        cloud,
        subscription,
        Credential::emulator(Arc::clone(&clock)),
        clock,
    );
    options.transport = Some(default_transport().expect("there is one"));
    Engine::new(Azure::new(AzureOptions::new(
        ArmClient::new(options).expect("the options are right"),
    )))
}

#[tokio::test]
async fn every_environment_is_made_stays_goes_and_comes_back_over_http() {
    for environment in ENVIRONMENTS {
        let options = WorldOptions {
            durations: Durations::instant(),
            ..WorldOptions::default()
        };
        let emulator = Emulator::in_memory(options, wall_now());
        let listener = Listener::bind(emulator.clone(), ([127, 0, 0, 1], 0).into())
            .await
            .expect("a port is free");
        let endpoint = listener.endpoint();
        let done = CancellationToken::new();
        let stack = stack(environment);
        let work = async {
            let engine = engine(&endpoint, &emulator);
            provision(&engine, &stack).await;
            assert_unchanged(&engine, &stack).await;
            let plan = engine
                .plan_with(&stack, &destroy_everything())
                .await
                .expect("it can be planned");
            execute(&engine, &plan).await;
            assert_eq!(
                emulator.snapshot().live_ids(),
                Vec::<String>::new(),
                "{environment}"
            );
            assert_kept(&emulator);
            let plan = engine.plan(&stack).await.expect("it can be planned");
            assert_recovers(&plan);
            let report = execute(&engine, &plan).await;
            until_nothing_waits(&engine, &stack, &report).await;
            assert_unchanged(&engine, &stack).await;
            done.cancel();
        };
        tokio::join!(listener.serve(done.clone().cancelled_owned()), work);
    }
}

//! The provider for Azure conforms, on the emulator, with every type of the catalogue.

#![expect(clippy::unwrap_used, reason = "a test's own code may panic")]

mod cases;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use augeo_azure::resources::CATALOGUE;
use augeo_testkit::conformance::{Case, Harness, World, run};

use world::EmulatedWorld;

/// Worlds of the emulator, and one stack to try in them.
struct Emulated(fn() -> Case);

impl Harness for Emulated {
    fn world(&self) -> Arc<dyn World> {
        Arc::new(EmulatedWorld::new())
    }

    fn cases(&self) -> Vec<Case> {
        vec![(self.0)()]
    }
}

async fn conforms(case: fn() -> Case) {
    let breaches = run(&Emulated(case)).await;
    let told: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert_eq!(told, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn storage() {
    conforms(cases::storage).await;
}

#[tokio::test(start_paused = true)]
async fn a_vault_and_a_database_with_its_password() {
    conforms(cases::database).await;
}

#[tokio::test(start_paused = true)]
async fn a_database_with_parameters_and_administrators() {
    conforms(cases::data::entra_database).await;
}

#[tokio::test(start_paused = true)]
async fn a_classic_cache() {
    conforms(cases::data::classic_redis).await;
}

#[tokio::test(start_paused = true)]
async fn managed_redis() {
    conforms(cases::data::managed_redis).await;
}

#[tokio::test(start_paused = true)]
async fn a_web_app_with_its_logs_and_rights() {
    conforms(cases::web_app).await;
}

#[tokio::test(start_paused = true)]
async fn a_web_app_with_slots_on_a_plan_that_scales() {
    conforms(cases::web::slots).await;
}

#[tokio::test(start_paused = true)]
async fn names_of_ones_own() {
    conforms(cases::web::host_names).await;
}

#[tokio::test(start_paused = true)]
async fn zones_with_records() {
    conforms(cases::names::dns).await;
}

#[tokio::test(start_paused = true)]
async fn mail() {
    conforms(cases::names::email).await;
}

#[tokio::test(start_paused = true)]
async fn a_pipelines_identity() {
    conforms(cases::authorization::deployment).await;
}

#[tokio::test(start_paused = true)]
async fn locks_and_budgets() {
    conforms(cases::authorization::guarded).await;
}

#[test]
fn every_type_of_the_catalogue_is_in_a_case() {
    let cases = cases::ALL.map(|case| case());
    let tried: BTreeSet<_> = cases
        .iter()
        .flat_map(|case| case.stack.resources())
        .map(|desired| desired.ty.title.clone())
        .collect();
    let known: BTreeSet<_> = CATALOGUE.iter().map(|ty| ty.facts.title.clone()).collect();
    assert_eq!(tried, known);
}

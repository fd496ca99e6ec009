//! A forecast keeps the executor's rules: with the durations that a run had, it says how long the
//! run took, to the nanosecond.

use std::sync::Arc;
use std::time::Duration;

use augeo_core::Stack;
use augeo_core::engine::Limits;
use augeo_core::forecast::{
    Basis, Distribution, DurationModel, Figure, Forecast, ForecastOptions, Work,
};
use augeo_core::name::TypeName;
use augeo_core::plan::{Plan, Purpose};
use augeo_core::report::Report;
use augeo_core::{DeleteData, PlanOptions};
use augeo_testkit::fake_provider::FakeProvider;
use proptest::prelude::*;

use super::random::{build, data, edited, node, paused};
use super::stacks::{engine, plan_with, shop};

/// Forecasts a run from how long each of its changes took.
fn foretold(plan: &Plan, report: &Report, limits: Limits) -> Forecast {
    let mut plan = plan.clone();
    let mut model = DurationModel::new();
    for change in &mut plan.changes {
        let mut ty = (*change.ty).clone();
        ty.name = TypeName::new(format!("only {}", change.name));
        let took = report.elapsed_by_resource.get(&change.name);
        let took = took.copied().unwrap_or_default();
        // All of a replacement is told as its creation.
        let replaces = change.action == augeo_core::plan::Action::Replace;
        for work in [Work::Create, Work::Update, Work::Delete] {
            let nothing = replaces && work == Work::Delete;
            let took = if nothing { Duration::ZERO } else { took };
            let figure = Figure {
                when: None,
                distribution: Distribution::constant(took),
                basis: Basis::Measured,
                source: "the run itself".into(),
            };
            model.insert(ty.name.clone(), work, figure);
        }
        change.ty = Arc::new(ty);
    }
    let options = ForecastOptions {
        draws: 2,
        limits,
        ..ForecastOptions::default()
    };
    Forecast::of(&plan, &model, &options)
}

async fn run(provider: &FakeProvider, stack: &Stack, options: &PlanOptions, limits: Limits) {
    let plan = plan_with(provider, stack, options).await;
    let engine = engine(provider).with_limits(limits);
    let report = engine.execute(&plan).await;
    assert!(report.ok().is_ok(), "{:?}", report.outcomes);
    let forecast = foretold(&plan, &report, limits);
    assert_eq!(forecast.p50, report.elapsed, "{limits:?}");
    assert_eq!(forecast.p90, report.elapsed);
    let path = forecast.critical_path.iter();
    let waited: Duration = path.map(|name| report.elapsed_by_resource[name]).sum();
    assert_eq!(waited, report.elapsed, "all of the wait is for something");
}

#[tokio::test(start_paused = true)]
async fn the_shop_takes_as_long_as_it_is_told() {
    for changes_max in [1, 2, 3, 256] {
        let provider = FakeProvider::new();
        let limits = Limits { changes_max };
        run(&provider, &shop(), &PlanOptions::default(), limits).await;
        let destroy = PlanOptions {
            purpose: Purpose::Destroy,
            delete_data: DeleteData::All,
            ..PlanOptions::default()
        };
        run(&provider.restarted(), &shop(), &destroy, limits).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_run_takes_as_long_as_it_is_told(
        nodes in prop::collection::vec(node(), 1..14),
        edits in prop::collection::vec((1..4_i64, any::<bool>(), prop::bool::weighted(0.7)), 14),
        changes_max in prop::sample::select(vec![1_usize, 2, 3, 5, 256]),
    ) {
        paused(async {
            let limits = Limits { changes_max };
            let provider = FakeProvider::new();
            run(&provider, &build(&nodes), &data(), limits).await;
            let second = build(&edited(&nodes, &edits));
            run(&provider.restarted(), &second, &data(), limits).await;
        });
    }
}

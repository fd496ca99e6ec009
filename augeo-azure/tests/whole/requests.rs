//! Reads are batched: one request per type that a group can list, one per parent for children.

use augeo_azure::resources::{Container, ResourceGroup, StorageAccount};
use augeo_core::Stack;
use augeo_testkit::bound::requests_max;
use augeo_testkit::emulator::Emulator;

use crate::rig::{ENVIRONMENTS, apply, assert_unchanged, engine, stack};

#[tokio::test(start_paused = true)]
async fn a_plan_without_changes_asks_no_more_than_once_per_type_or_parent() {
    for environment in ENVIRONMENTS.into_iter().chain(["shared"]) {
        let emulator = Emulator::new();
        let stack = stack(environment);
        apply(&engine(&emulator), &stack).await;
        let plan = engine(&emulator)
            .plan(&stack)
            .await
            .expect("it can be planned");
        assert!(plan.is_empty());
        let bound = requests_max(&stack);
        assert!(
            plan.requests <= bound,
            "{environment}: {} requests, bound {bound}",
            plan.requests
        );
    }
}

#[tokio::test(start_paused = true)]
async fn siblings_cost_no_request() {
    let mut requests = Vec::new();
    for containers in [10, 100, 1_000] {
        let emulator = Emulator::new();
        let mut stack = Stack::new("shop", "dev");
        let group = stack.add("group", ResourceGroup::at("westeurope"));
        let store = stack.add("store", StorageAccount::within(&group));
        for number in 0..containers {
            stack.add(format!("store/number-{number}"), Container::within(&store));
        }
        let engine = engine(&emulator);
        apply(&engine, &stack).await;
        assert_unchanged(&engine, &stack).await;
        requests.push(
            engine
                .plan(&stack)
                .await
                .expect("it can be planned")
                .requests,
        );
    }
    // Marked ones, the group, accounts, containers, and a policy that may have left; an account's
    // grants are seen with the group.
    assert!(
        requests
            .iter()
            .all(|count| *count == requests[0] && *count <= 6),
        "{requests:?}"
    );
}

//! Asking whether names are free never uses up the writes that the apply itself needs.

use augeo_azure::resources::{ResourceGroup, StorageAccount};
use augeo_core::Stack;
use augeo_testkit::emulator::{Emulator, Method};

use crate::rig::engine;

/// How many names were asked for, and whether the plan tells of those that were not.
async fn asked(accounts: usize) -> (usize, bool) {
    let emulator = Emulator::new();
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    for number in 0..accounts {
        stack.add(format!("store-{number}"), StorageAccount::within(&group));
    }
    let plan = engine(&emulator)
        .plan(&stack)
        .await
        .expect("it can be planned");
    plan.ensure_executable().expect("nothing is in its way");
    let told = plan
        .findings
        .iter()
        .any(|finding| finding.rule == "azure/not-verified");
    let world = emulator.snapshot();
    let requests = world.requests().iter();
    let posts = requests.filter(|request| request.method == Method::Post);
    (posts.count(), told)
}

#[tokio::test(start_paused = true)]
async fn names_are_asked_for_as_far_as_the_writes_leave_room() {
    assert_eq!(asked(40).await, (40, false));
    // With the group 151 writes: 49 of the 200 are left.
    assert_eq!(asked(150).await, (49, true));
    assert_eq!(asked(250).await, (0, true));
}

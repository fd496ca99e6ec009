//! The stacks that are measured, and engines over emulators in the same process.

use std::sync::Arc;

use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::resources::{ResourceGroup, StorageAccount, management, storage};
use augeo_azure::schema::ArmType;
use augeo_azure::{Azure, AzureOptions};
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::{Engine, Stack};
use augeo_testkit::emulator::{Emulator, EmulatorTransport};

/// A group with so many storage accounts.
pub(crate) fn accounts(number: usize) -> Stack {
    let mut stack = Stack::new("bench", "test");
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    for account in 0..number {
        stack.add(
            format!("account-{account:04}"),
            StorageAccount::within(&group),
        );
    }
    stack
}

/// Groups and storage accounts only: nothing that an account holds is looked for.
pub(crate) static SLICE: &[&ArmType] = &[&management::RESOURCE_GROUP, &storage::STORAGE_ACCOUNT];

/// An engine with what this run's client options and catalogue say.
pub(crate) fn engine(
    emulator: &Emulator,
    transport: EmulatorTransport,
    catalogue: Option<&'static [&'static ArmType]>,
    edit: impl FnOnce(&mut ArmClientOptions),
) -> Engine {
    let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(emulator.now().get()));
    let subscription =
        SubscriptionId::parse(emulator.subscription_id()).expect("the emulator has one");
    let mut options =
        ArmClientOptions::in_process(Arc::new(transport), subscription, Arc::clone(&clock));
    edit(&mut options);
    let mut options = AzureOptions::new(ArmClient::new(options).expect("the options are right"));
    options.catalogue = catalogue.unwrap_or(options.catalogue);
    Engine::new(Azure::new(options)).with_clock(clock)
}

//! The stack that the examples share: a group, a storage account, a container.

use augeo_azure::resources::{Container, ResourceGroup, StorageAccount, StorageSku};
use augeo_core::Stack;
use augeo_core::stack::Added;

/// The shop's stack, and its storage account to refer to.
pub fn shop(environment: &str) -> (Stack, Added<StorageAccount>) {
    let mut stack = Stack::new("shop", environment);
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    let mut account = StorageAccount::within(&group);
    account.sku = StorageSku::StandardGrs;
    let store = stack.add("store", account);
    stack.add("store/backups", Container::within(&store));
    (stack, store)
}

/// The same stack without anything in its group.
pub fn group_only(environment: &str) -> Stack {
    let mut stack = Stack::new("shop", environment);
    stack.add("group", ResourceGroup::at("westeurope"));
    stack
}

/// The example of the guide to simulation is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/simulate-a-stack.md")]
#[derive(Debug)]
pub struct SimulateAStack;

/// The README's example is compiled and run, too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;

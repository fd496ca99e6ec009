//! An embedded emulator of Azure Resource Manager.
//!
//! [`World`] is the whole of it: a pure function from the time and a request to a response. Everything
//! else carries requests to it.

mod admit;
mod check;
mod clock;
mod consistency;
mod credential;
mod delete;
mod dispatch;
mod duration;
mod entry;
mod error;
mod facts;
mod fate;
mod fault;
mod filter;
mod front;
mod hooks;
mod human;
mod implicit;
mod import;
mod inspect;
mod listener;
mod log;
mod management;
mod median;
mod operation;
mod overlay;
mod path;
mod poll;
#[cfg(test)]
mod published;
mod read;
mod request;
mod role;
mod schema;
mod scramble;
mod seed;
mod store;
mod throttle;
mod token;
mod transport;
mod tree;
mod usages;
mod view;
mod world;
mod write;

pub use clock::{Now, VIRTUAL_EPOCH, virtual_now, wall_now};
pub use consistency::{Consistency, LagsMet, TagPolicy};
pub use credential::{EmulatorCredential, PRINCIPAL_ID};
pub use duration::Durations;
pub use fault::{Effect, Fault, Leaves, Match};
pub use front::Emulator;
pub use human::{HUMAN_ID, Human};
pub use import::LeftOut;
pub use inspect::{LiveResource, Running};
pub use listener::{ListenError, Listener, serve};
pub use log::WorldError;
pub use median::{Median, medians};
pub use overlay::Verb;
pub use request::{
    ArmRequest, ArmResponse, Delivery, Method, PUBLIC_ENDPOINT, RequestRecord, UnknownMethod,
};
pub use throttle::requests_at_once;
pub use transport::{EmulatorTransport, Interruption, Moment};
pub use world::{SUBSCRIPTION_ID, TENANT_ID, World, WorldOptions};

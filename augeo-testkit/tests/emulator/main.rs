//! What the emulator answers, type by type and rule by rule.
#![cfg(feature = "emulator")]

mod budget;
mod cache;
mod dns;
mod email;
mod faults;
mod identity;
mod import;
mod key_vault;
mod lags;
mod listener;
mod log;
mod management;
mod monitor;
mod postgresql;
mod postgresql_config;
mod probes;
mod random;
mod size;
mod storage;
mod support;
mod transport;
mod web;

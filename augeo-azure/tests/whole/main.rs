//! The platform's three environments on the emulator, through the real provider and client.

mod any_type;
mod crash;
mod critical_path;
mod drift;
mod host_names;
mod http;
mod life;
mod mail;
mod names;
mod requests;
mod rig;

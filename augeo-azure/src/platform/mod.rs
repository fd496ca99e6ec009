//! The blueprint of the Augeo platform: `augeo.toml` in, the stack of an environment out.
//!
//! [`Config`] holds a checked configuration; [`Config::stack`] makes the stack. Each file beside
//! this one that is named after a module of the platform document holds the keys of that module
//! and what it adds to a stack, made of the public resource types only: whoever reads one learns
//! to write their own.

pub(crate) mod address;
mod app_service;
mod app_service_inside;
mod app_service_plan;
mod budget;
mod builder;
mod check;
mod communication;
mod config;
mod custom;
mod database;
mod dns;
mod document;
mod documentation;
mod environment;
mod error;
mod excerpt;
mod form;
mod host_names;
mod identity;
mod json_schema;
mod key_vault;
mod log_analytics;
mod mistakes;
mod monitoring;
mod names;
mod principal;
mod redis;
mod redis_settings;
mod reference;
mod resource_group;
mod root;
mod section;
mod setting;
mod shared;
mod source;
mod static_web_app;
mod storage;
mod suppress;

pub use config::{Config, JudgedStack, Target};
pub use documentation::reference;
pub use environment::{ALL, DEV, Defaults, PRODUCTION, STAGING};
pub use error::{CODES, ConfigError, ConfigErrors, Mistake};
pub use json_schema::json_schema;

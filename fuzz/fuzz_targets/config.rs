//! `augeo.toml`: read, and made into the stack of each environment.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::config);

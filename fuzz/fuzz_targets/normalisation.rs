//! Canonical forms of values of every type.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::normalisation);

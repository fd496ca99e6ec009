//! Differences between two values.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::difference);

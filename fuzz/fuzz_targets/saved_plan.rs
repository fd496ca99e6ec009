//! Saved plans: read, shown, verified and executed.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::saved_plan);

//! ARM ids: taken apart and put together.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::arm_id);

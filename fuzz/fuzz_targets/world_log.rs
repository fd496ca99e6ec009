//! The log of the emulator's world: opened, used and opened again.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::world_log);

//! What a client sends to the emulator's HTTP front.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::listener_request);

//! Headers and bodies of operations: where a client is led, and for how long.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::operation);

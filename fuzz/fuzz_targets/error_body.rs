//! ARM error bodies: any body is a refusal that can be shown.

#![cfg_attr(fuzzing, no_main)]

augeo_fuzz::target!(augeo_fuzz::error_body);

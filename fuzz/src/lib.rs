//! What is fuzzed: one function per subject, which takes any bytes and panics where a promise is
//! broken. Fuzz targets and the properties on stable call the same functions.

mod arm_id;
mod config;
#[cfg(test)]
mod damage;
mod difference;
mod error_body;
mod listener_request;
mod normalisation;
mod operation;
mod saved_plan;
mod world_log;

use std::io;
use std::path::PathBuf;

pub use arm_id::arm_id;
pub use config::config;
pub use difference::difference;
pub use error_body::error_body;
#[cfg(fuzzing)]
pub use libfuzzer_sys;
pub use listener_request::listener_request;
pub use normalisation::normalisation;
pub use operation::operation;
pub use saved_plan::saved_plan;
pub use world_log::world_log;

/// Takes any bytes, and panics where a promise is broken.
pub type Subject = fn(&[u8]);

/// Every subject by the name of its target and of its folder in the corpus.
pub const SUBJECTS: [(&str, Subject); 9] = [
    ("arm_id", arm_id),
    ("config", config),
    ("difference", difference),
    ("error_body", error_body),
    ("listener_request", listener_request),
    ("normalisation", normalisation),
    ("operation", operation),
    ("saved_plan", saved_plan),
    ("world_log", world_log),
];

/// Makes a program of a subject: libFuzzer's where cargo-fuzz builds it, elsewhere one that replays
/// the files that it is given.
#[cfg(fuzzing)]
#[macro_export]
macro_rules! target {
    ($subject:path) => {
        use $crate::libfuzzer_sys;
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $subject(data));
    };
}

/// Makes a program of a subject: libFuzzer's where cargo-fuzz builds it, elsewhere one that replays
/// the files that it is given.
#[cfg(not(fuzzing))]
#[macro_export]
macro_rules! target {
    ($subject:path) => {
        fn main() -> std::io::Result<()> {
            let files = std::env::args_os().skip(1).map(Into::into);
            $crate::replay($subject, files)
        }
    };
}

/// Hands each file to a subject.
///
/// # Errors
/// When a file cannot be read.
pub fn replay(subject: Subject, files: impl Iterator<Item = PathBuf>) -> io::Result<()> {
    for file in files {
        subject(&std::fs::read(file)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn entries(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect()
    }

    #[test]
    fn every_subject_has_a_target_and_a_corpus() {
        let names: BTreeSet<String> = SUBJECTS.iter().map(|(name, _)| (*name).into()).collect();
        let files = names.iter().map(|name| format!("{name}.rs")).collect();
        assert_eq!(entries("fuzz_targets"), files);
        assert_eq!(entries("corpus"), names);
        let manifest = include_str!("../Cargo.toml");
        for name in &names {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            assert!(!entries(&format!("corpus/{name}")).is_empty(), "{name}");
        }
    }

    #[test]
    fn the_corpus_is_replayed() {
        for (name, subject) in SUBJECTS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("corpus")
                .join(name);
            let files = std::fs::read_dir(folder).unwrap();
            replay(subject, files.map(|file| file.unwrap().path())).unwrap();
        }
    }
}

//! Scripts that once failed, shortened: they are played for ever.

use std::path::Path;

use augeo_testkit::simulation::{Script, play};

#[test]
fn what_once_failed_never_fails_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/simulation/corpus");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let script: Script = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let outcome = play(&script);
        assert_eq!(outcome.violations, [], "{}", path.display());
        played += 1;
    }
    assert!(played >= 3, "{played} scripts");
}

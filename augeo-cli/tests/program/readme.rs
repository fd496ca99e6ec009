//! The README's plan is what its command prints; `AUGEO_UPDATE=1` writes it.

use std::fs;
use std::path::Path;

use augeo_testkit::emulator::{Emulator, WorldOptions};
use serde_json::json;

use crate::run::Place;

const COMMAND: &str = "plan dev -c examples/augeo-platform";

/// Somebody else lowers what the storage account asks of its callers.
fn weaken(world: &Path) {
    let emulator = Emulator::open(world, WorldOptions::default()).expect("nobody else has it open");
    let ids = emulator.snapshot().live_ids();
    let store = ids
        .into_iter()
        .find(|id| id.split('/').rev().nth(1) == Some("storageAccounts"))
        .expect("dev has a storage account");
    let weaker = json!({"properties": {"minimumTlsVersion": "TLS1_0"}});
    let edited = emulator.with_world(|world| world.edit(&store, &weaker));
    assert!(edited.expect("the world can be written"));
}

/// What stands between the line of the command and the end of its fence.
fn block<'a>(readme: &'a str, opening: &str) -> &'a str {
    let after = readme.split_once(opening).expect("the README shows it").1;
    after.split_once("```").expect("the fence ends").0
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable says that the file is to be written"
)]
fn the_plan_in_the_readme_is_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("crates lie below the root");
    let config = "examples/augeo-platform/augeo.toml";
    let text = fs::read_to_string(root.join(config)).expect("the example is there");

    let place = Place::empty();
    let folder = place.path("examples/augeo-platform");
    fs::create_dir_all(&folder).expect("a folder of the temporary one");
    place.write(config, &text);
    place
        .run_fast("provision dev -c examples/augeo-platform --yes")
        .expect(0);
    weaken(&folder.join(".augeo/world.log"));
    // The first is dev's; the line keeps its number, which the plan shows.
    let longer = text.replacen("backup_days = 7", "backup_days = 14", 1);
    assert_ne!(longer, text);
    place.write(config, &longer);
    let printed = place.run(COMMAND).expect(0).stdout;

    let readme = root.join("README.md");
    let written = fs::read_to_string(&readme).expect("there is one");
    let opening = format!("```text\n$ augeo {COMMAND}\n");
    let shown = block(&written, &opening);
    if std::env::var_os("AUGEO_UPDATE").is_some() {
        let old = format!("{opening}{shown}```");
        let new = format!("{opening}{printed}```");
        fs::write(&readme, written.replacen(&old, &new, 1)).expect("it can be written");
        return;
    }
    assert!(
        shown == printed,
        "README.md shows another plan than\n{printed}\nAUGEO_UPDATE=1 cargo test -p augeo-cli"
    );
}

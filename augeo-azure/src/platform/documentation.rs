//! Writes the reference of `augeo.toml` from the settings themselves.

use std::fmt::Write as _;

use super::config::SECTIONS;
use super::custom;
use super::environment::ALL;
use super::root::{ENVIRONMENT, ROOT};
use super::setting::SectionSpec;
use super::{shared, suppress};

/// The reference of `augeo.toml` as Markdown: every key with its type, its default in each kind
/// of environment, its meaning. `docs/reference/configuration.md` is this text.
pub fn reference() -> String {
    let mut text = String::from(INTRODUCTION);
    section(&mut text, "At the top", &ROOT);
    section(&mut text, "`[environment.NAME]`", &ENVIRONMENT);
    for spec in SECTIONS {
        section(&mut text, &format!("`[{}]`", spec.name), spec);
    }
    section(&mut text, "`[shared]`", &shared::SECTION);
    section(&mut text, "`[[resource]]`", &custom::SECTION);
    section(&mut text, "`[[suppress]]`", &suppress::SECTION);
    text
}

const INTRODUCTION: &str = "\
# `augeo.toml`

<!-- Generated from the settings in `augeo-azure/src/platform`; a test compares. Write it anew with
     `AUGEO_UPDATE=1 cargo test -p augeo-azure --test platform references`. -->

What is written in an environment wins over what holds for all environments, and that over the
default; entries of a table such as `tags` are added one by one. A default that is told for
`dev` also holds for environments with `like = \"dev\"`, and so on. An unknown key is an error.
";

fn section(text: &mut String, title: &str, spec: &SectionSpec) {
    let mut rows = String::new();
    for setting in spec.settings {
        let inherited = spec.name == ENVIRONMENT.name && ROOT.setting(setting.key).is_some();
        let shown = ALL.map(|defaults| {
            if inherited {
                "what the top says".to_owned()
            } else {
                setting.default.shown(defaults)
            }
        });
        let defaults = if shown.iter().all(|default| *default == shown[0]) {
            shown[0].clone()
        } else {
            let named = ALL
                .iter()
                .zip(&shown)
                .map(|(of, default)| format!("{}: {default}", of.kind));
            named.collect::<Vec<_>>().join("; ")
        };
        let kind = setting.kind.noun().replace('|', "\\|");
        let about = setting.about.replace('|', "\\|");
        writeln!(
            rows,
            "| `{}` | {kind} | {defaults} | {about} |",
            setting.key
        )
        .expect("text takes whatever is written");
    }
    let about = spec.about;
    write!(
        text,
        "\n## {title}\n\n{about}\n\n| key | takes | default | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )
    .expect("text takes whatever is written");
}

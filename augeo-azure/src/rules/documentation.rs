//! Writes the reference of the rules from the rules themselves.

use std::fmt::Write as _;

use super::all;

const INTRODUCTION: &str = "\
# Rules

<!-- Generated from `augeo-azure/src/rules`; a test compares. Write it anew with
     `AUGEO_UPDATE=1 cargo test -p augeo-azure --test platform references`. -->

What stacks are checked for before anything is asked of Azure, by `augeo validate`, `plan`, `provision`
and `rehearse`, and by [`augeo_azure::rules::check`](../../augeo-azure/src/rules/mod.rs) for stacks of
one's own. `augeo explain CODE` says why and what to do. `[[suppress]]` in `augeo.toml` takes a finding
upon oneself, with a reason and a last day; what Azure enforces cannot be suppressed: nothing would
come of it but a later and dearer refusal. A rule with a date says from when, or since when, it is so.

| rule | severity | what is so | date | Azure enforces it | source |
| --- | --- | --- | --- | --- | --- |
";

/// The reference of the rules as Markdown; `docs/reference/rules.md` is this text.
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    for rule in all() {
        let date = rule.date.map(|date| date.to_string()).unwrap_or_default();
        let enforced = if rule.enforced { "yes" } else { "" };
        let (id, severity, link) = (rule.id, rule.severity, rule.link);
        let title = rule.title.replace('|', "\\|");
        writeln!(
            text,
            "| [`{id}`](errors.md#{}) | {severity} | {title} | {date} | {enforced} | [source]({link}) |",
            id.replace('/', "")
        )
        .expect("text takes whatever is written");
    }
    text
}

//! Writes the reference of the resource types from their facts.

use std::fmt::Write as _;

use super::CATALOGUE;
use crate::naming::rule_in_words;
use crate::schema::{ArmScope, ArmType, NameRule, OwnershipMark};

const INTRODUCTION: &str = "\
# Resource types

<!-- Generated from the catalogue in `augeo-azure/src/resources`; a test compares. Write it anew with
     `AUGEO_UPDATE=1 cargo test -p augeo-azure --test platform references`. -->

The types that are described here. Any other is written as [`Generic`](../../augeo-azure/src/resources/generic.rs),
or as `[[resource]]` in `augeo.toml`. Whose a resource is stands in tags where its type has them, else in
another property, or follows from what it lives in. What cannot change replaces the resource where it
differs.
";

/// The reference of the catalogue as Markdown; `docs/reference/resources.md` is this text.
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str(
        "\n| type | title | api-version | scope | whose it is | holds data | cannot change | name | source |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for ty in CATALOGUE {
        row(&mut text, ty);
    }
    text
}

fn row(text: &mut String, ty: &ArmType) {
    let name = ty.facts.name.as_str();
    let yes = |holds: bool| if holds { "yes" } else { "" };
    let immutable = ty.facts.immutable.iter().map(|path| format!("`{path}`"));
    let immutable = immutable.collect::<Vec<_>>().join(", ");
    let named = match &ty.name {
        NameRule::Derived { global: true, .. } => {
            format!("{}, unique in Azure", rule_in_words(&ty.name))
        }
        NameRule::Derived { .. } | NameRule::Own { .. } | NameRule::Fixed(_) | NameRule::Guid => {
            rule_in_words(&ty.name).into_owned()
        }
    };
    let scope = match ty.scope {
        ArmScope::Subscription => "subscription",
        ArmScope::Group => "group",
        ArmScope::Child => "in another",
        ArmScope::Extension => "on another",
        ArmScope::Finish => "another, once more",
    };
    let mark = match ty.ownership {
        OwnershipMark::Tag => "tags".to_owned(),
        OwnershipMark::Field(field) => format!("text in `{field}`"),
        OwnershipMark::Metadata(field) => format!("entries in `{field}`"),
        OwnershipMark::NamePrefix => "its name".to_owned(),
        OwnershipMark::Exclusive | OwnershipMark::Singleton => "as its parent's".to_owned(),
    };
    writeln!(
        text,
        "| `{name}` | {} | {} | {scope} | {mark} | {} | {immutable} | {named} | \
         [template](https://learn.microsoft.com/azure/templates/{}) |",
        ty.facts.title,
        ty.api_version(),
        yes(ty.facts.holds_data),
        name.to_ascii_lowercase()
    )
    .expect("text takes whatever is written");
}

//! The group that everything else is in: `{project}-{environment}-rg`, or one that is there.

use augeo_core::stack::Added;

use super::builder::Builder;
use super::error::Mistake;
use super::setting::{Fallback, Kind, SectionSpec, Setting};
use crate::resources::ResourceGroup;
use crate::resources::management::RESOURCE_GROUP;

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "resource_group",
    about: "The resource group.",
    settings: &[Setting {
        key: "name",
        kind: Kind::Name(&RESOURCE_GROUP),
        default: Fallback::Nothing("`{project}-{environment}-rg`"),
        about: "The group's name in Azure.",
    }],
};

pub(super) fn add(builder: &mut Builder<'_>) -> Added<ResourceGroup> {
    let section = builder.section(&SECTION);
    let written = section.text("name");
    if let Some(id) = builder.existing("resource_group") {
        if written.is_some() {
            let mistake = Mistake::ConflictingKeys {
                key: "resource_group.name".to_owned(),
                other: "existing.resource_group".to_owned(),
            };
            builder.mistakes.add(section.at("name"), mistake);
        }
        let existing = ResourceGroup::existing(&id).expect("the document's ids were checked");
        return builder.add_existing("group", "resource_group", existing);
    }
    let derived = format!("{}-{}-rg", builder.project(), builder.environment());
    let mut group = ResourceGroup::at(builder.location());
    group.physical_name = Some(written.map_or(derived, str::to_owned));
    group.tags = builder.tags();
    let group = builder.stack.add("group", group);
    builder.describe(&group, &section, &[]);
    group
}

//! Rules for resources of any type: names, tags, regions.

use augeo_core::resource::Desired;
use augeo_core::suggestion::nearest;
use augeo_core::value::Value;

use super::regions;
use super::scene::{Found, Scene, region, text};
use super::when::When;
use super::{Rule, Test};
use crate::naming::{name_problem, rule_in_words};
use crate::resources::{CATALOGUE, StaticSite};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/no-cost-center",
        title: "Resources have no tag `CostCenter`, so nobody can be charged for them.",
        reason: "Costs are put together by tags; what has none is paid by whoever owns the \
                 subscription.",
        fix: "add `cost_center = \"...\"`: nobody can be charged for it otherwise",
        link: "https://learn.microsoft.com/azure/cost-management-billing/costs/cost-allocation-introduction",
        test: Test::Whole(no_cost_center),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/unknown-region",
        title: "The region is not one of those that were known when Augeo was built.",
        reason: "It may be new, or mistyped; Azure decides.",
        fix: "`az account list-locations` lists them",
        link: "https://learn.microsoft.com/azure/reliability/regions-list",
        test: Test::Whole(unknown_region),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/name-form",
        title: "A name in Azure is not one that its type can have.",
        reason: "Each type has an alphabet and a length of its own; Azure refuses other names when the \
                 resource is made.",
        fix: "give it another name, or none: one that fits is then derived",
        link: "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules",
        test: Test::Whole(name_form),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/tags-many",
        title: "A resource has more tags than its type takes.",
        reason: "Azure takes 50 of most types, and 15 of DNS zones and of Automation. Augeo adds three, \
                 and a fourth where a secret is given.",
        fix: "delete some",
        link: "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations",
        test: Test::Whole(tags_many),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/tag-name",
        title: "The name of a tag has characters that its type does not take.",
        reason: "No name of a tag holds any of `< > % & \\ ? /`; those of DNS zones hold no spaces, \
                 parentheses or special characters either, and begin with no digit.",
        fix: "use letters, digits, dashes and underscores, a letter first",
        link: "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations",
        test: Test::Whole(tag_name),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/no-zones",
        title: "Something is to be spread over zones in a region that has none.",
        reason: "Regions without availability zones refuse zone-redundant servers, plans and storage.",
        fix: "take a region with zones, or switch it off",
        link: "https://learn.microsoft.com/azure/reliability/regions-list",
        types: &[
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "Microsoft.Storage/storageAccounts",
            "Microsoft.Web/serverfarms",
        ],
        test: Test::Each(no_zones),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/no-pair",
        title: "Copies are to go to a paired region, and the region has no pair.",
        reason: "Newer regions have zones instead of a pair; they refuse geo-redundant storage and \
                 backups.",
        fix: "take zone-redundant storage (ZRS), or a region with a pair",
        link: "https://learn.microsoft.com/azure/reliability/regions-paired",
        types: &[
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "Microsoft.Storage/storageAccounts",
        ],
        test: Test::Each(no_pair),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/static-region",
        title: "A static web app is to be in a region that does not have the service.",
        reason: "Five regions keep the settings of static web apps, one of them in the EU; the files \
                 are served from everywhere.",
        fix: "take westus2, centralus, eastus2, westeurope or eastasia",
        link: "https://learn.microsoft.com/azure/static-web-apps/overview",
        types: &["Microsoft.Web/staticSites"],
        test: Test::Property(
            When::IsNot("location", StaticSite::REGIONS),
            "static web apps are made in few regions, and this is none of them",
        ),
        ..Rule::REFUSED
    },
];

const COST_CENTER: &str = "CostCenter";

/// Types of which most are without tags; who has tags declares some, or could.
fn tags(desired: &Desired) -> Option<&augeo_core::value::Object> {
    desired.value.field("tags").and_then(Value::as_object)
}

fn no_cost_center<'a>(scene: &Scene<'a>) -> Vec<Found<'a>> {
    let untagged = scene.resources().iter().filter(|desired| {
        let has = |tags: &augeo_core::value::Object| {
            tags.keys().any(|key| key.eq_ignore_ascii_case(COST_CENTER))
        };
        tags(desired).is_some_and(|tags| !has(tags))
    });
    let mut untagged = untagged.peekable();
    let Some(first) = untagged.peek().copied() else {
        return Vec::new();
    };
    let message = format!("{} has no cost center", scene.stack.environment());
    vec![Found::of(first, message).of_stack()]
}

fn unknown_region<'a>(scene: &Scene<'a>) -> Vec<Found<'a>> {
    if scene.occasion.cloud != "public" {
        return Vec::new();
    }
    let mut told = Vec::new();
    let mut found = Vec::new();
    for desired in scene.resources() {
        let Some(region) = region(desired) else {
            continue;
        };
        let known = region == "global" || regions::PUBLIC.contains(&region.as_str());
        if known || told.contains(&region) {
            continue;
        }
        let message = format!("`{region}` is no region of Azure that is known here");
        let found_here = Found::at(desired, "location", message).of_stack();
        found.push(match nearest(&region, regions::PUBLIC.iter().copied()) {
            Some(meant) => found_here.fix(format!("did you mean `{meant}`?")),
            None => found_here,
        });
        told.push(region);
    }
    found
}

fn name_form<'a>(scene: &Scene<'a>) -> Vec<Found<'a>> {
    let named = scene.resources().iter().filter_map(|desired| {
        let name = desired.physical_name.as_deref()?;
        let same_type = CATALOGUE.iter().filter(|ty| *ty.name() == desired.ty.name);
        // What each parent has one of is told apart by its name.
        let ty = same_type
            .clone()
            .find(|ty| ty.facts.title == desired.ty.title);
        let ty = ty.filter(|_| same_type.count() == 1)?;
        let problem = name_problem(&ty.name, name)?;
        let found = Found::of(desired, format!("`{name}` {problem}"));
        Some(found.fix(format!("it takes {}", rule_in_words(&ty.name))))
    });
    named.collect()
}

/// Types that take fewer tags, with plainer names.
const FEW_TAGS: &[&str] = &[
    "Microsoft.Network/dnsZones",
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Automation/automationAccounts",
];

/// The tags that Augeo adds to what it makes; what is given a secret has one more.
const OURS: usize = 3;

fn tags_many<'a>(scene: &Scene<'a>) -> Vec<Found<'a>> {
    let many = scene.resources().iter().filter_map(|desired| {
        let mut secrets = 0;
        desired.value.walk(&mut |_, leaf| {
            secrets = secrets.max(usize::from(matches!(leaf, Value::Secret(_))));
        });
        let count = tags(desired)?.len() + OURS + secrets;
        let most = if super::scene::is_a(desired, FEW_TAGS) {
            15
        } else {
            50
        };
        let message = format!("has {count} tags with Augeo's own; its type takes {most}");
        (count > most).then(|| Found::at(desired, "tags", message))
    });
    many.collect()
}

fn tag_name<'a>(scene: &Scene<'a>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for desired in scene.resources() {
        let plain = super::scene::is_a(desired, &FEW_TAGS[..1]);
        for name in tags(desired).into_iter().flat_map(|tags| tags.keys()) {
            let never = name.contains(['<', '>', '%', '&', '\\', '?', '/']);
            let odd = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
            let odd = name.contains(odd) || name.starts_with(|c: char| c.is_ascii_digit());
            if never || plain && odd {
                let message = format!("the tag `{name}` has a name that its type does not take");
                found.push(Found::at(desired, &format!("tags.{name}"), message));
            }
        }
    }
    found
}

fn no_zones<'a>(_: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let Some(region) = region(desired).filter(|it| regions::WITHOUT_ZONES.contains(&it.as_str()))
    else {
        return Vec::new();
    };
    let spread = [
        ("highAvailability.mode", "ZoneRedundant"),
        ("sku.name", "ZRS"),
        ("zoneRedundant", "true"),
    ];
    let spread = spread.into_iter().filter_map(|(path, value)| {
        let written = text(desired, path)?;
        let holds = written
            .to_ascii_lowercase()
            .ends_with(&value.to_ascii_lowercase());
        let message = format!("`{written}` needs zones, and `{region}` has none");
        holds.then(|| Found::at(desired, path, message))
    });
    spread.collect()
}

fn no_pair<'a>(_: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let Some(region) = region(desired).filter(|it| regions::WITHOUT_PAIR.contains(&it.as_str()))
    else {
        return Vec::new();
    };
    let sku = text(desired, "sku.name").unwrap_or_default();
    if ["GRS", "GZRS"]
        .iter()
        .any(|copies| sku.to_ascii_uppercase().ends_with(copies))
    {
        let message = format!("`{sku}` needs a paired region, and `{region}` has none");
        return vec![Found::at(desired, "sku.name", message)];
    }
    let backup = "backup.geoRedundantBackup";
    if text(desired, backup).is_some_and(|text| text.eq_ignore_ascii_case("Enabled")) {
        let message =
            format!("geo-redundant backups need a paired region, and `{region}` has none");
        return vec![Found::at(desired, backup, message)];
    }
    Vec::new()
}

//! Rules for App Service plans: what their sizes have, and what a slot needs of its own.

use augeo_core::resource::Desired;
use augeo_core::value::{PropertyPath, Value};

use super::scene::{Found, Scene, is_a, items, plain, text};
use super::{Rule, Test};
use crate::rules::when::When;

const PLAN: &str = "Microsoft.Web/serverfarms";
const SLOT: &str = "Microsoft.Web/sites/slots";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/plan-slots",
        title: "A web app has more slots than the size of its plan takes.",
        reason: "Free, shared and B sizes have no slots, S sizes five, P sizes twenty.",
        fix: "take S1 or larger in [app_service_plan], or set `staging_slot = false`",
        link: "https://learn.microsoft.com/azure/app-service/deploy-staging-slots",
        types: &["Microsoft.Web/sites"],
        test: Test::Each(slots),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/plan-autoscale",
        title: "Autoscale is set on a plan whose size has none.",
        reason: "Free, shared and B sizes keep the number of machines that they were given.",
        fix: "take S1 or larger, or set `autoscale_max = 0`",
        link: "https://learn.microsoft.com/azure/app-service/manage-scale-up",
        types: &[SCALE],
        test: Test::Each(autoscale),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/plan-instances",
        title: "A plan has more machines than its size takes.",
        reason: "B sizes take three, S sizes ten, P sizes thirty.",
        fix: "take fewer instances, or a larger size",
        link: "https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#app-service-limits",
        types: &[PLAN, SCALE],
        test: Test::Each(instances),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/autoscale-range",
        title: "Autoscale has a least number that is above its greatest.",
        reason: "Azure refuses a profile whose least, greatest and default number are not in that \
                 order.",
        fix: "raise `autoscale_max`, or lower `instances`",
        link: "https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-understanding-settings",
        types: &[SCALE],
        test: Test::Each(range),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/plan-always-on",
        title: "A web app is to stay loaded on a plan whose size does not keep it so.",
        reason: "Free and shared sizes unload apps that nobody asks for anything.",
        fix: "take B1 or larger, or set `always_on = false`",
        link: "https://learn.microsoft.com/azure/app-service/configure-common#configure-general-settings",
        types: &["Microsoft.Web/sites/config", "Microsoft.Web/sites"],
        test: Test::Each(always_on),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/plan-certificate",
        title: "A managed certificate is for a plan whose size takes none.",
        reason: "Certificates and host names of one's own begin with B sizes.",
        fix: "take B1 or larger",
        link: "https://learn.microsoft.com/azure/app-service/configure-ssl-certificate",
        types: &["Microsoft.Web/certificates"],
        test: Test::Property(
            When::Of(
                "serverFarmId",
                &When::Is("sku.name", &["F1", "FREE", "D1", "SHARED"]),
            ),
            "the plan's size takes no certificates",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/slot-identity",
        title: "A slot has another identity than its app, or none.",
        reason: "A swap exchanges code and settings and leaves identities where they are: what the app \
                 may read, the swapped code may not.",
        fix: "give app and slot one user-assigned identity, also as `keyVaultReferenceIdentity`",
        link: "https://learn.microsoft.com/azure/app-service/deploy-staging-slots#what-happens-during-a-swap",
        types: &[SLOT],
        test: Test::Each(slot_identity),
        ..Rule::BASE
    },
];

const SCALE: &str = "Microsoft.Insights/autoscaleSettings";

/// What a family of sizes has.
struct Size {
    /// What its names begin with.
    letter: char,
    slots: usize,
    instances: i64,
    scales: bool,
}

const fn size(letter: char, slots: usize, instances: i64, scales: bool) -> Size {
    Size {
        letter,
        slots,
        instances,
        scales,
    }
}

/// The families (<https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#app-service-limits>).
static SIZES: &[Size] = &[
    size('F', 0, 1, false),
    size('D', 0, 1, false),
    size('B', 0, 3, false),
    size('S', 5, 10, true),
    size('P', 20, 30, true),
];

fn size_of(plan: &Desired) -> Option<(&'static Size, String)> {
    let sku = text(plan, "sku.name")?;
    let letter = sku.chars().next()?.to_ascii_uppercase();
    let size = SIZES.iter().find(|size| size.letter == letter)?;
    Some((size, sku))
}

fn slots<'a>(scene: &Scene<'a>, app: &'a Desired) -> Vec<Found<'a>> {
    let plan = scene.referred(app, "serverFarmId").and_then(size_of);
    let Some((sizes, sku)) = plan else {
        return Vec::new();
    };
    let slots: Vec<&Desired> = scene.inside(app, SLOT).collect();
    let Some(first_too_many) = slots.get(sizes.slots).copied() else {
        return Vec::new();
    };
    let message = match sizes.slots {
        0 => format!("{sku} has no slots"),
        most => format!("{sku} has {most} slots, and {} are declared", slots.len()),
    };
    vec![Found::of(first_too_many, message)]
}

fn autoscale<'a>(scene: &Scene<'a>, scale: &'a Desired) -> Vec<Found<'a>> {
    let plan = scene.referred(scale, "targetResourceUri").and_then(size_of);
    let Some((_, sku)) = plan.filter(|(size, _)| !size.scales) else {
        return Vec::new();
    };
    let path = "profiles[0].capacity.maximum";
    vec![Found::at(scale, path, format!("{sku} has no autoscale"))]
}

fn instances<'a>(scene: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let (plan, paths): (_, &[&str]) = if is_a(desired, &[PLAN]) {
        (Some(desired), &["sku.capacity"])
    } else {
        let plan = scene.referred(desired, "targetResourceUri");
        // Where there is no autoscale at all, that is told.
        let plan = plan.filter(|plan| size_of(plan).is_some_and(|(size, _)| size.scales));
        (plan, &["profiles[0].capacity.maximum"])
    };
    let Some((size, sku)) = plan.and_then(size_of) else {
        return Vec::new();
    };
    let many = paths.iter().filter_map(|path| {
        let count: i64 = text(desired, path)?.parse().ok()?;
        let message = format!(
            "{sku} takes at most {} instances, not {count}",
            size.instances
        );
        (count > size.instances).then(|| Found::at(desired, path, message))
    });
    many.collect()
}

fn range<'a>(_: &Scene<'a>, scale: &'a Desired) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for (index, profile) in items(scale, "profiles").iter().enumerate() {
        let number = |end: &str| -> Option<i64> {
            let path = PropertyPath::parse("capacity").key(end);
            plain(profile.get(&path)?)?.parse().ok()
        };
        if let (Some(least), Some(most)) = (number("minimum"), number("maximum"))
            && least > most
        {
            let message = format!("cannot be {most} at most: there are {least} instances at least");
            let path = format!("profiles[{index}].capacity.maximum");
            found.push(Found::at(scale, &path, message));
        }
    }
    found
}

fn always_on<'a>(scene: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let is_site = is_a(desired, &["Microsoft.Web/sites"]);
    let (site, path) = if is_site {
        (Some(desired), "siteConfig.alwaysOn")
    } else {
        (scene.parent(desired), "alwaysOn")
    };
    let plan = site
        .and_then(|site| scene.referred(site, "serverFarmId"))
        .and_then(size_of);
    let Some((_, sku)) = plan.filter(|(size, _)| size.instances == 1) else {
        return Vec::new();
    };
    if text(desired, path).as_deref() != Some("true") {
        return Vec::new();
    }
    vec![Found::at(
        desired,
        path,
        format!("{sku} unloads apps that nobody asks for anything"),
    )]
}

fn slot_identity<'a>(scene: &Scene<'a>, slot: &'a Desired) -> Vec<Found<'a>> {
    let Some(site) = scene.parent(slot) else {
        return Vec::new();
    };
    let differing = ["identity", "keyVaultReferenceIdentity"]
        .into_iter()
        .find(|path| {
            let of = |desired: &'a Desired| match desired.value.field(path) {
                None | Some(Value::Null) => None,
                Some(value) => Some(value),
            };
            of(site) != of(slot)
        });
    let Some(path) = differing else {
        return Vec::new();
    };
    let message = format!(
        "the slot's `{path}` is not that of {}, and a swap exchanges neither",
        site.name
    );
    vec![Found::at(slot, path, message)]
}

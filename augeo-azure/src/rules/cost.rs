//! Rules for budgets, and the least that a stack costs.

use augeo_core::resource::Desired;
use time::Date;
use time::macros::format_description;

use super::scene::{Found, Scene, is_a, text};
use super::when::When;
use super::{Rule, Test};

const BUDGET: &str = "Microsoft.Consumption/budgets";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/budget-floor",
        title: "A budget is below the least that its stack costs.",
        reason: "The sizes that are declared have known prices. A budget below their sum is exceeded every \
                 month, and its alerts are soon ignored.",
        fix: "raise the amount, or take smaller sizes",
        link: "https://azure.microsoft.com/pricing/calculator/",
        types: &[BUDGET],
        test: Test::Each(floor),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/budget-start",
        title: "A budget does not begin on the first of a month.",
        reason: "Azure refuses any other day for monthly, quarterly and yearly budgets.",
        fix: "begin on the first of a month",
        link: "https://learn.microsoft.com/azure/templates/microsoft.consumption/budgets",
        types: &[BUDGET],
        test: Test::Each(start),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/budget-alerts",
        title: "A budget has more alerts than it can, or one at a share that cannot be.",
        reason: "Five alerts are allowed, each between 0 and 1000 % of the amount.",
        fix: "delete some, or set the threshold to 1 to 1000",
        link: "https://learn.microsoft.com/azure/templates/microsoft.consumption/budgets",
        types: &[BUDGET],
        test: Test::Each(alerts),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/budget-nobody",
        title: "A budget tells nobody.",
        reason: "A budget stops nothing: without an alert that goes to somebody it has no effect.",
        fix: "add `notifications` with `contactEmails`",
        link: "https://learn.microsoft.com/azure/cost-management-billing/costs/tutorial-acm-create-budgets",
        types: &[BUDGET],
        test: Test::Property(
            When::Unset("notifications"),
            "nobody is told of what is spent",
        ),
        ..Rule::BASE
    },
];

/// What one of something costs a month at least: the lowest list price that was seen in the regions
/// of Europe and the United States, in US cents, pay as you go, 730 hours.
struct Price {
    ty: &'static str,
    /// Where its size is.
    size_at: &'static str,
    size: &'static str,
    cents: i64,
    /// Where it says how many there are.
    times: Times,
}

#[derive(Clone, Copy)]
enum Times {
    Once,
    Number(&'static str),
    /// Twice, if the property is none of these.
    TwiceUnless(&'static str, &'static [&'static str]),
}

const PLAN: &str = "Microsoft.Web/serverfarms";
const SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
const CACHE: &str = "Microsoft.Cache/redis";
const CLUSTER: &str = "Microsoft.Cache/redisEnterprise";
const PAIR: Times = Times::TwiceUnless("highAvailability.mode", &["Disabled"]);
const NODES: Times = Times::TwiceUnless("highAvailability", &["Disabled"]);

const fn price(ty: &'static str, size: &'static str, cents: i64, times: Times) -> Price {
    let size_at = "sku.name";
    Price {
        ty,
        size_at,
        size,
        cents,
        times,
    }
}

/// Prices as of September 2026 (<https://prices.azure.com/api/retail/prices>). What is not listed is
/// taken for nothing, so that a sum is a floor.
static PRICES: &[Price] = &[
    price(PLAN, "B1", 1_241, Times::Number("sku.capacity")),
    price(PLAN, "S1", 6_935, Times::Number("sku.capacity")),
    price(PLAN, "P0v3", 5_658, Times::Number("sku.capacity")),
    price(PLAN, "P1v3", 11_315, Times::Number("sku.capacity")),
    price(SERVER, "Standard_B1ms", 1_241, PAIR),
    price(SERVER, "Standard_D2s_v3", 12_500, PAIR),
    price(CLUSTER, "Balanced_B0", 1_168, NODES),
    price(CLUSTER, "Balanced_B3", 4_745, NODES),
    price("Microsoft.Web/staticSites", "Standard", 900, Times::Once),
    Price {
        ty: "Microsoft.Network/dnsZones",
        size_at: "",
        size: "",
        cents: 50,
        times: Times::Once,
    },
    Price {
        ty: "Microsoft.Network/privateEndpoints",
        size_at: "",
        size: "",
        cents: 730,
        times: Times::Once,
    },
];

/// Classic caches: tier, size, and what both cost.
static CACHES: &[(&str, &str, i64)] = &[
    ("Basic", "0", 1_606),
    ("Standard", "0", 4_015),
    ("Standard", "1", 8_716),
    ("Premium", "1", 40_442),
];

/// A gibibyte of a database's disk a month.
const DISK_GIB: f64 = 11.5;

fn cents(desired: &Desired) -> i64 {
    let is = |path: &str, word: &str| {
        text(desired, path).is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    let times = |times: Times| match times {
        Times::Once => 1,
        Times::Number(path) => text(desired, path)
            .and_then(|it| it.parse().ok())
            .unwrap_or(1),
        Times::TwiceUnless(path, words) if words.iter().any(|word| is(path, word)) => 1,
        Times::TwiceUnless(path, _) if text(desired, path).is_none() => 1,
        Times::TwiceUnless(..) => 2,
    };
    let listed = PRICES.iter().filter(|price| is_a(desired, &[price.ty]));
    let listed = listed.filter(|price| price.size_at.is_empty() || is(price.size_at, price.size));
    let mut sum: i64 = listed.map(|price| price.cents * times(price.times)).sum();
    if is_a(desired, &[CACHE]) {
        let fits =
            |(tier, size, _): &&(&str, &str, i64)| is("sku.name", tier) && is("sku.capacity", size);
        sum += CACHES.iter().find(fits).map_or(0, |(_, _, cents)| *cents);
    }
    if is_a(desired, &[SERVER]) {
        let gib: f64 = text(desired, "storage.storageSizeGB")
            .and_then(|it| it.parse().ok())
            .unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "a disk has at most 32 TiB")]
        let disk = (gib * DISK_GIB) as i64;
        sum += disk;
    }
    sum
}

fn floor<'a>(scene: &Scene<'a>, budget: &'a Desired) -> Vec<Found<'a>> {
    let monthly = text(budget, "timeGrain").is_none_or(|it| it.eq_ignore_ascii_case("Monthly"));
    let amount: Option<f64> = text(budget, "amount").and_then(|it| it.parse().ok());
    let (true, Some(amount)) = (monthly, amount) else {
        return Vec::new();
    };
    let mut parts: Vec<(i64, &Desired)> =
        scene.resources().iter().map(|it| (cents(it), it)).collect();
    parts.retain(|(cents, _)| *cents > 0);
    parts.sort_by_key(|(cents, _)| -cents);
    let sum: i64 = parts.iter().map(|(cents, _)| cents).sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "prices are far below 2^52 cents"
    )]
    let least = sum as f64 / 100.0;
    if amount >= least {
        return Vec::new();
    }
    let shown = |cents: i64| (cents + 50) / 100;
    let (most, others) = parts.split_at(parts.len().min(3));
    let others: i64 = others.iter().map(|(cents, _)| cents).sum();
    let others = (others > 0).then(|| format!("others {}", shown(others)));
    let most = most
        .iter()
        .map(|(cents, it)| format!("{} {}", it.name, shown(*cents)))
        .chain(others);
    let message = format!(
        "{amount} a month is below {least:.0} USD, the least that the declared sizes cost ({})",
        most.collect::<Vec<_>>().join(", ")
    );
    vec![Found::at(budget, "amount", message)]
}

fn start<'a>(_: &Scene<'a>, budget: &'a Desired) -> Vec<Found<'a>> {
    let path = "timePeriod.startDate";
    let day = format_description!("[year]-[month]-[day]");
    let text = text(budget, path).unwrap_or_default();
    let date = text.get(..10).and_then(|date| Date::parse(date, day).ok());
    match date {
        Some(date) if date.day() != 1 => {
            vec![Found::at(
                budget,
                path,
                format!("{date} is not the first of a month"),
            )]
        }
        _ => Vec::new(),
    }
}

fn alerts<'a>(_: &Scene<'a>, budget: &'a Desired) -> Vec<Found<'a>> {
    let all = budget
        .value
        .field("notifications")
        .and_then(|it| it.as_object());
    let Some(all) = all else {
        return Vec::new();
    };
    if all.len() > 5 {
        let message = format!("has {} alerts; five are allowed", all.len());
        return vec![Found::at(budget, "notifications", message)];
    }
    let wrong = all.iter().filter_map(|(name, alert)| {
        let threshold: f64 = super::scene::plain(alert.field("threshold")?)?
            .parse()
            .ok()?;
        let path = format!("notifications.{name}.threshold");
        let message = format!("the alert `{name}` is at {threshold} %");
        (!(0.0..=1000.0).contains(&threshold)).then(|| Found::at(budget, &path, message))
    });
    wrong.collect()
}

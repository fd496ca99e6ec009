//! Rules: what is wrong, risky or about to end in a stack, told before anything is asked of Azure.
//!
//! A [`Rule`] is data: what it looks at, why, what to do, where Microsoft says so. One engine runs
//! all of them over the types and values of any stack, whoever made it; [`check`] is a pure
//! function of the stack and of the [`Occasion`]. What a rule asks of a property is data too
//! (`When`); a function is for what takes more than one resource or arithmetic.

mod access;
mod calendar;
mod cost;
mod database;
mod dns;
mod documentation;
mod every;
mod monitor;
mod network;
mod redis;
pub(crate) mod regions;
mod scene;
mod storage;
mod suppress;
mod vault;
mod web;
mod web_slots;
mod when;

use augeo_core::finding::{Finding, Severity};
use augeo_core::resource::Desired;
use augeo_core::stack::Stack;
use time::Date;

pub(crate) use calendar::refused_when_made;
pub use documentation::reference;
pub(crate) use suppress::unused;
pub use suppress::{Judged, Suppression, judge};

use scene::{Found, Scene};
use when::When;

/// When and where a stack is judged: the same occasion gives the same findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occasion<'a> {
    /// The day, in UTC: rules with a date say more from that day on.
    pub today: Date,
    /// Which of Azure's clouds it is for, as [`Cloud::named`](crate::cloud::Cloud::named) spells it.
    pub cloud: &'a str,
}

impl Occasion<'_> {
    /// A day, in the public cloud.
    pub fn on(today: Date) -> Self {
        let cloud = "public";
        Self { today, cloud }
    }
}

/// One rule.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its code, which never changes: findings, suppressions and `augeo explain` name it.
    pub id: &'static str,
    /// How much its findings matter.
    pub severity: Severity,
    /// What is so where it fires: a sentence.
    pub title: &'static str,
    /// Why that matters: sentences.
    pub reason: &'static str,
    /// What to do: an edit or a command, without a full stop.
    pub fix: &'static str,
    /// Where Microsoft, or whoever decides, says so.
    pub link: &'static str,
    /// Since or from when it is so, where that has a date.
    pub date: Option<Date>,
    /// Whether Azure refuses what it objects to: then it cannot be suppressed, because nothing
    /// would come of it but a later and dearer refusal.
    pub enforced: bool,
    /// The types that it looks at; none: it looks at the whole stack.
    pub types: &'static [&'static str],
    test: Test,
}

/// How a rule looks.
#[derive(Debug)]
enum Test {
    /// At the properties of each resource of its types. The text says what that means.
    Property(When, &'static str),
    /// At each resource of its types.
    Each(for<'a> fn(&Scene<'a>, &'a Desired) -> Vec<Found<'a>>),
    /// At the whole stack.
    Whole(for<'a> fn(&Scene<'a>) -> Vec<Found<'a>>),
}

impl Rule {
    /// What a rule is unless it says otherwise; every rule assigns the texts and the test.
    const BASE: Self = Self {
        id: "",
        severity: Severity::Warning,
        title: "",
        reason: "",
        fix: "",
        link: "",
        date: None,
        enforced: false,
        types: &[],
        test: Test::Whole(|_| Vec::new()),
    };

    /// Azure refuses it: an error that cannot be suppressed.
    const REFUSED: Self = Self {
        severity: Severity::Error,
        enforced: true,
        ..Self::BASE
    };

    fn finding(&self, found: Found<'_>, occasion: &Occasion<'_>) -> Finding {
        let mut message = found.message;
        if let Some(date) = self.date.filter(|_| found.dated) {
            let word = if occasion.today < date {
                "from"
            } else {
                "since"
            };
            message = format!("{message} ({word} {date})");
        }
        let fix = found.fix.unwrap_or_else(|| self.fix.to_owned());
        let mut finding = Finding::new(self.severity, self.id, message).fix(fix);
        if let Some(resource) = found.resource {
            let place = found
                .path
                .as_deref()
                .and_then(|path| scene::source(resource, path));
            finding = finding.at(place.unwrap_or(&resource.location).clone());
            if !found.whole {
                finding = finding.about(&resource.name);
            }
        }
        match found.path {
            Some(path) if found.shows_path => finding.property(path),
            _ => finding,
        }
    }
}

/// Every rule, by area.
static AREAS: &[&[Rule]] = &[
    every::RULES,
    web::RULES,
    web_slots::RULES,
    database::RULES,
    redis::RULES,
    storage::RULES,
    vault::RULES,
    monitor::RULES,
    access::RULES,
    network::RULES,
    dns::RULES,
    cost::RULES,
    calendar::RULES,
];

/// Every rule, in the order of the codes.
pub fn all() -> Vec<&'static Rule> {
    let mut rules: Vec<&Rule> = AREAS.iter().copied().flatten().collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// The rule of this code.
pub fn find(id: &str) -> Option<&'static Rule> {
    AREAS.iter().copied().flatten().find(|rule| rule.id == id)
}

/// What the rules say of a stack: the same stack on the same occasion gives the same findings, in
/// the order of the resources.
///
/// ```
/// use augeo_azure::resources::{ResourceGroup, StorageAccount};
/// use augeo_azure::rules::{self, Occasion};
/// use augeo_core::Stack;
/// use time::macros::date;
///
/// let mut stack = Stack::new("shop", "dev");
/// let group = stack.add("group", ResourceGroup::at("westeurope"));
/// let mut store = StorageAccount::within(&group);
/// store.allow_blob_public_access = true;
/// stack.add("store", store);
///
/// let findings = rules::check(&stack, &Occasion::on(date!(2026 - 12 - 01)));
/// assert!(findings.iter().any(|finding| finding.rule == "augeo/storage-public"));
/// for finding in findings {
///     stack.report(finding); // the plan tells them, and an error stops it
/// }
/// ```
pub fn check(stack: &Stack, occasion: &Occasion<'_>) -> Vec<Finding> {
    let scene = Scene::new(stack, occasion);
    let mut findings = Vec::new();
    for rule in AREAS.iter().copied().flatten() {
        let found = match &rule.test {
            Test::Whole(look) => look(&scene),
            Test::Each(look) => {
                let each = scene.of_types(rule.types);
                each.flat_map(|desired| look(&scene, desired)).collect()
            }
            Test::Property(when, says) => {
                let each = scene.of_types(rule.types);
                each.filter_map(|desired| {
                    let seen = when.holds(&scene, desired)?;
                    Some(Found::seen(desired, seen, says))
                })
                .collect()
            }
        };
        let found = found.into_iter();
        findings.extend(found.map(|found| (found.position(&scene), rule.finding(found, occasion))));
    }
    findings.sort_by_key(|(position, _)| *position);
    findings.into_iter().map(|(_, finding)| finding).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_are_whole_and_their_codes_are_unique() {
        let rules = all();
        let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), rules.len(), "two rules have one code");
        assert!(rules.len() >= 40, "{}", rules.len());
        for rule in rules {
            let id = rule.id;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let bare = id.strip_prefix("augeo/").unwrap_or_default();
            assert!(!bare.is_empty() && bare.chars().all(plain), "{id}");
            for text in [rule.title, rule.reason] {
                assert!(text.ends_with('.') && !text.contains("  "), "{id}: {text}");
            }
            assert!(
                !rule.fix.is_empty() && !rule.fix.ends_with('.'),
                "{id}: {}",
                rule.fix
            );
            assert!(rule.link.starts_with("https://"), "{id}: {}", rule.link);
            let looks_at_all = matches!(rule.test, Test::Whole(_));
            assert_eq!(looks_at_all, rule.types.is_empty(), "{id}");
            assert!(!rule.enforced || rule.severity == Severity::Error, "{id}");
        }
    }
}

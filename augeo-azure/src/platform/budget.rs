//! The budget: what the group may cost in a month, and who is told. It stops nothing.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::error::Mistake;
use super::form;
use super::setting::{ENABLED, Fallback, Kind, SectionSpec, Setting};
use crate::resources::{Budget, Notification, ResourceGroup, ThresholdType};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "budget",
    about: "What the environment may cost. Somebody is told at 80 % and at 100 % of it, and when Azure \
            expects that it will not last for the month; nothing is stopped.",
    settings: &[
        ENABLED,
        Setting {
            key: "amount",
            kind: Kind::Number {
                min: 1,
                max: 1_000_000,
            },
            default: Fallback::Nothing("there is no budget"),
            about: "The most that a month may cost, in the currency that the subscription is billed in.",
        },
        Setting {
            key: "emails",
            kind: Kind::List(&form::EMAIL),
            default: Fallback::Nothing("needed with `amount`"),
            about: "Who is told.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    amount: Option<u32>,
    #[serde(default)]
    emails: Vec<String>,
}

/// The budget, where an amount is written.
pub(super) fn add(builder: &mut Builder<'_>, group: &Added<ResourceGroup>) {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    let Some(amount) = settings.amount.filter(|_| settings.enabled) else {
        return;
    };
    if settings.emails.is_empty() {
        let mistake = Mistake::MissingKey {
            key: "budget.emails".to_owned(),
            example: "`emails = [\"operations@example.com\"]`".to_owned(),
        };
        builder.mistakes.add(section.at("amount"), mistake);
        return;
    }
    let mut budget = Budget::on(group, amount);
    for (name, percent, of) in [
        ("used-80", 80, ThresholdType::Actual),
        ("used-100", 100, ThresholdType::Actual),
        ("expected-100", 100, ThresholdType::Forecasted),
    ] {
        let told = Notification::at(percent, of, settings.emails.iter().map(String::as_str));
        budget.notifications.insert(name.to_owned(), told);
    }
    let budget = builder.stack.add("budget", budget);
    let places = [("amount", "amount"), ("notifications", "emails")];
    builder.describe(&budget, &section, &places);
}

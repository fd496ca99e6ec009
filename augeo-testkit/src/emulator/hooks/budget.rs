//! Budgets: when they may begin, and whom they may tell.

use serde_json::{Value, json};
use time::{Date, Duration, Month, OffsetDateTime};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::tree;
use super::super::write::Draft;

/// How many notifications one has at most
/// (<https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update>).
const NOTIFICATIONS_MAX: usize = 5;
const START: &str = "properties.timePeriod.startDate";
const END: &str = "properties.timePeriod.endDate";

fn refuse<T>(message: &str, at: &str) -> Result<T, ArmError> {
    Err(ArmError::bad_request("400", message).at(at))
}

pub(super) fn fill(draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let date = |path: &str| tree::text(&entry.body, path).map(day);
    let Some(Some(start)) = date(START) else {
        return refuse("The start date is no date.", START);
    };
    let former = draft.existing.as_ref();
    let former = former.and_then(|former| day(tree::text(&former.body, START)?));
    match former {
        Some(former) if former != start => {
            return refuse("The start date of a budget cannot be changed.", START);
        }
        None if start.day() != 1 || start < first(2017, Month::June) => {
            return refuse("The start date must be the first of a month.", START);
        }
        None if !may_begin(start, draft.now) => {
            return refuse(
                "The start date must be in the current period, or at most three months later.",
                START,
            );
        }
        Some(_) | None => {}
    }
    let end = match date(END) {
        Some(Some(end)) if end > start => end,
        Some(_) => return refuse("The end date must be after the start date.", END),
        None => Date::from_calendar_date(start.year() + 10, start.month(), 1).unwrap_or(start),
    };
    for (path, date) in [(START, start), (END, end)] {
        tree::set(&mut entry.body, path, json!(format!("{date}T00:00:00Z")));
    }
    if tree::get(&entry.body, "properties.amount").and_then(Value::as_f64) <= Some(0.0) {
        return refuse("The amount must be more than nothing.", "properties.amount");
    }
    let told = tree::get(&entry.body, "properties.notifications").and_then(Value::as_object);
    for notification in told.into_iter().flat_map(|told| told.values()) {
        let list = |key: &str| notification[key].as_array().map_or(0, Vec::len);
        if list("contactEmails") + list("contactGroups") + list("contactRoles") == 0 {
            return refuse(
                "A notification needs a recipient.",
                "properties.notifications",
            );
        }
        if notification["threshold"]
            .as_f64()
            .is_none_or(|it| it > 1000.0)
        {
            return refuse("A threshold is at most 1000.", "properties.notifications");
        }
    }
    if told.is_some_and(|told| told.len() > NOTIFICATIONS_MAX) {
        return refuse(
            "A budget has at most five notifications.",
            "properties.notifications",
        );
    }
    Ok(())
}

fn day(text: &str) -> Option<Date> {
    let mut parts = text.get(..10)?.splitn(3, '-');
    let mut number = || parts.next()?.parse::<u16>().ok();
    let (year, month, day) = (number()?, number()?, number()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()
}

fn first(year: i32, month: Month) -> Date {
    Date::from_calendar_date(year, month, 1).unwrap_or(Date::MIN)
}

fn may_begin(start: Date, now: OffsetDateTime) -> bool {
    let month = first(now.year(), now.month());
    (month..=month + Duration::days(93)).contains(&start)
}

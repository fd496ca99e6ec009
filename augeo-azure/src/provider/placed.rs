//! What a declaration leaves to where and when it is sent: the subscription, and the month.

use augeo_core::value::{PropertyPath, Value};
use time::{OffsetDateTime, Time};

use super::merge::{edit, set};
use crate::arm_id::SubscriptionId;
use crate::schema::ArmType;

/// What stands for the subscription in texts that may have it.
const SUBSCRIPTION: &str = "{subscription}";

/// The value with the subscription in the texts that may have it.
pub(super) fn in_subscription(ty: &ArmType, value: &Value, subscription: &SubscriptionId) -> Value {
    let mut value = value.clone();
    for path in ty.subscription_in {
        edit(&mut value, &PropertyPath::parse(path), &mut |found| {
            if let Value::String(text) = found {
                *text = text.replace(SUBSCRIPTION, subscription.as_str());
            }
        });
    }
    value
}

/// Sets what begins with the month of the creation, where the declaration does not say when.
pub(super) fn in_month(ty: &ArmType, value: &mut Value, now: OffsetDateTime) {
    let Some(path) = ty.month_at.map(PropertyPath::parse) else {
        return;
    };
    let declared = value.get(&path).is_some_and(|found| *found != Value::Null);
    let first = now
        .replace_day(1)
        .map(|day| day.replace_time(Time::MIDNIGHT));
    if let (Ok(first), false) = (first, declared) {
        let (year, month) = (first.year(), u8::from(first.month()));
        set(
            value,
            &path,
            &format!("{year:04}-{month:02}-01T00:00:00Z").into(),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn ty() -> ArmType {
        let mut ty = ArmType::REGIONAL.named("Test.Space/things", "2025-01-01", "Thing");
        ty.subscription_in = &["name", "scopes[]"];
        ty.month_at = Some("period.start");
        ty
    }

    #[test]
    fn the_subscription_stands_only_where_the_type_has_it() {
        let id = SubscriptionId::parse("00000000-0000-0000-0000-000000000001").unwrap();
        let declared = json!({
            "name": "role of {subscription}", "scopes": ["/subscriptions/{subscription}", "/x"],
            "query": "{subscription}",
        });
        let placed = in_subscription(&ty(), &declared.into(), &id);
        let expected = json!({
            "name": format!("role of {}", id.as_str()),
            "scopes": [format!("/subscriptions/{}", id.as_str()), "/x"],
            "query": "{subscription}",
        });
        assert_eq!(placed, expected.into());
        assert_eq!(in_subscription(&ty(), &placed, &id), placed);
    }

    #[test]
    fn a_month_begins_on_its_first_day_unless_it_is_declared() {
        let at = |mut value: Value| {
            in_month(&ty(), &mut value, datetime!(2026-12-31 23:59:59 UTC));
            value
        };
        let begun = json!({"period": {"end": "x", "start": "2026-12-01T00:00:00Z"}});
        assert_eq!(
            at(json!({"period": {"end": "x"}}).into()),
            begun.clone().into()
        );
        assert_eq!(at(begun.clone().into()), begun.into());
        let other = json!({"period": {"start": "2027-01-01T00:00:00Z"}});
        assert_eq!(at(other.clone().into()), other.into());
    }
}

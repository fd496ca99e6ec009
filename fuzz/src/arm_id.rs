//! ARM ids: whatever is accepted survives the way through text, and its parents lead to a root.

use augeo_azure::arm_id::{ArmId, SubscriptionId};

/// One id in each line.
///
/// # Panics
/// Where a promise is broken.
pub fn arm_id(data: &[u8]) {
    for line in String::from_utf8_lossy(data).lines() {
        if let Ok(subscription) = SubscriptionId::parse(line) {
            assert_eq!(
                SubscriptionId::parse(subscription.as_str()),
                Ok(subscription)
            );
        }
        match ArmId::parse(line) {
            Ok(id) => check(line, &id),
            Err(error) => assert!(error.to_string().contains("is not an ARM id")),
        }
    }
}

fn parse(text: &str) -> ArmId {
    ArmId::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn check(text: &str, id: &ArmId) {
    let again = parse(&id.to_string());
    assert_eq!(again, *id);
    assert_eq!(again.to_string(), id.to_string());
    assert_eq!(parse(&text.to_ascii_uppercase()), *id);
    let resource = id.to_resource_id();
    assert_eq!(ArmId::try_from(&resource).as_ref(), Ok(id));
    assert_eq!(parse(&text.to_ascii_lowercase()).to_resource_id(), resource);

    let segments = text.split('/').count();
    let parents = std::iter::successors(id.parent(), ArmId::parent);
    for (count, parent) in parents.enumerate() {
        assert!(count < segments, "the parents of {id} do not end");
        assert!(
            parent.contains(id) && !id.contains(&parent),
            "{parent} and {id}"
        );
    }
    let is_resource = id.to_string().contains("/providers/");
    if let (true, Some(parent)) = (is_resource, id.parent()) {
        let rebuilt = parent.resource(&id.resource_type(), id.name());
        assert_eq!(rebuilt.as_ref(), Ok(id), "from {parent}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::damage::input;

    proptest! {
        #[test]
        fn ids_are_survived(data in input("arm_id")) {
            arm_id(&data);
        }
    }

    #[test]
    #[should_panic(expected = "left == right")]
    fn another_id_would_be_told() {
        check("/subscriptions/one", &parse("/subscriptions/two"));
    }
}

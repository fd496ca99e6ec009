//! Where a resource is or will be: its ARM id, known before anything exists.

use augeo_core::name::ResourceId;
use augeo_core::resource::{Desired, Scope};

use super::finish;
use super::types::Types;
use crate::arm_id::{ArmId, SubscriptionId};
use crate::naming::{NameScope, physical_name};
use crate::schema::{ArmScope, ArmType, OwnershipMark};

/// The id of a resource; `scope` is the id of what it lives in or on.
pub(super) fn locate(
    ty: &ArmType,
    desired: &Desired,
    scope: Option<&ArmId>,
    subscription: &SubscriptionId,
) -> ResourceId {
    let base = base(ty, desired, scope, subscription);
    if let Some(id) = finish::identity(ty, &base) {
        return id;
    }
    let name = desired.physical_name.clone().unwrap_or_else(|| {
        let within = base.key();
        let scope = NameScope {
            subscription: subscription.as_str(),
            stack: &desired.stack,
            within: &within,
        };
        physical_name(&ty.name, scope, &desired.name)
    });
    if ty.scope == ArmScope::Subscription
        && !ty.name().as_str().contains("/providers/")
        && is_group(ty)
    {
        return ArmId::resource_group_scope(subscription, &plain(&name)).to_resource_id();
    }
    let levels = levels_between(ty, &base);
    let qualified = |name: &str| {
        if name.contains('/') {
            name.to_owned()
        } else {
            format!("{}{name}", "default/".repeat(levels))
        }
    };
    let made = base
        .resource(ty.name(), &qualified(&name))
        .or_else(|_| base.resource(ty.name(), &qualified(&plain(&name))));
    // A type without a slash is no type: the id says so, and whatever is asked of it is refused.
    made.map_or_else(
        |_| {
            let text = format!("{base}/providers/{}/{}", ty.name(), plain(&name));
            ResourceId::new(&text, &text.to_ascii_lowercase(), &name)
        },
        |id| id.to_resource_id(),
    )
}

fn is_group(ty: &ArmType) -> bool {
    ty.name()
        .as_str()
        .to_ascii_lowercase()
        .ends_with("/resourcegroups")
}

/// What would change the meaning of an id, replaced.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| {
            if "/?#%\\".contains(c) || c.is_control() {
                '-'
            } else {
                c
            }
        })
        .collect()
}

fn base(
    ty: &ArmType,
    desired: &Desired,
    scope: Option<&ArmId>,
    subscription: &SubscriptionId,
) -> ArmId {
    let subscription_scope = || ArmId::subscription_scope(subscription);
    let Some(scope) = scope else {
        return subscription_scope();
    };
    let on = matches!(desired.scope, Scope::On(_));
    match ty.scope {
        ArmScope::Subscription => subscription_scope(),
        ArmScope::Group if !on => scope.resource_group_id().unwrap_or_else(subscription_scope),
        ArmScope::Group | ArmScope::Child | ArmScope::Extension | ArmScope::Finish => scope.clone(),
    }
}

/// How many levels there are between a type and what it is said to live in.
fn levels_between(ty: &ArmType, base: &ArmId) -> usize {
    let own = base.resource_type();
    let inside = ty
        .name()
        .as_str()
        .to_ascii_lowercase()
        .strip_prefix(&format!("{}/", own.as_str().to_ascii_lowercase()))
        .map(|rest| rest.split('/').count());
    inside.map_or(0, |levels| levels.saturating_sub(1))
}

/// What a resource lives in or on, past the levels that are only there: the `default` between an
/// account and its containers, and what each parent has exactly one of.
pub(super) fn parent(types: Types, id: &ArmId) -> Option<ArmId> {
    let mut parent = id.parent()?;
    while let Some(outer) = parent
        .parent()
        .filter(|_| id.target() != Some(parent.clone()))
    {
        let inner = parent.qualified_name().contains('/');
        let passed = match types.of_id(&parent) {
            Some(ty) => ty.ownership == OwnershipMark::Singleton,
            None => parent.name().eq_ignore_ascii_case("default"),
        };
        if !(inner && passed) {
            break;
        }
        parent = outer;
    }
    Some(parent)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use augeo_core::finding::SourceLocation;
    use augeo_core::name::{ResourceName, StackName};
    use augeo_core::value::Value;

    use super::*;
    use crate::schema::NameRule;

    const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

    static GROUP: ArmType = {
        let mut ty = ArmType::REGIONAL.named("Test.Resources/resourceGroups", "1", "Group");
        ty.scope = ArmScope::Subscription;
        ty
    };
    static ACCOUNT: ArmType = ArmType::REGIONAL.named("Test.Space/accounts", "1", "Account");
    static SERVICE: ArmType =
        ArmType::SINGLETON.named("Test.Space/accounts/services", "1", "Service");
    static BOX: ArmType = ArmType::CHILD.named("Test.Space/accounts/services/boxes", "1", "Box");
    static GRANT: ArmType = {
        let mut ty = ArmType::REGIONAL.named("Test.Grants/grants", "1", "Grant");
        ty.scope = ArmScope::Extension;
        ty.name = NameRule::Guid;
        ty
    };
    static CATALOGUE: &[&ArmType] = &[&GROUP, &ACCOUNT, &SERVICE, &BOX, &GRANT];

    fn at(
        ty: &ArmType,
        name: &str,
        scope: Scope,
        within: Option<&ArmId>,
        physical: Option<&str>,
    ) -> String {
        let desired = Desired {
            stack: StackName::parse("augeo", "dev").unwrap(),
            name: ResourceName::parse(name).unwrap(),
            ty: Arc::new(ty.facts.clone()),
            scope,
            physical_name: physical.map(Into::into),
            value: Value::Null,
            after: BTreeSet::new(),
            once_ready: BTreeSet::new(),
            renamed_from: None,
            location: SourceLocation::new("test", 1, 1),
            sources: BTreeMap::new(),
        };
        let subscription = SubscriptionId::parse(SUBSCRIPTION).unwrap();
        let id = locate(ty, &desired, within, &subscription);
        id.text()
            .strip_prefix("/subscriptions/00000000-0000-0000-0000-000000000001")
            .unwrap_or(id.text())
            .to_owned()
    }

    fn id(rest: &str) -> ArmId {
        ArmId::parse(&format!("/subscriptions/{SUBSCRIPTION}{rest}")).unwrap()
    }

    fn within(name: &str) -> Scope {
        Scope::Within(ResourceName::parse(name).unwrap())
    }

    #[test]
    fn ids_are_known_before_anything_exists() {
        assert_eq!(
            at(&GROUP, "group", Scope::Stack, None, None),
            "/resourceGroups/augeo-dev-group"
        );
        assert_eq!(
            at(&GROUP, "group", Scope::Stack, None, Some("a?b")),
            "/resourceGroups/a-b"
        );
        let group = id("/resourceGroups/rg");
        let account = "/resourceGroups/rg/providers/Test.Space/accounts";
        assert_eq!(
            at(&ACCOUNT, "store", within("group"), Some(&group), None),
            format!("{account}/augeo-dev-store")
        );
        let store = id(&format!("{account}/store"));
        assert_eq!(
            at(&BOX, "store/logs", within("store"), Some(&store), None),
            format!("{account}/store/services/default/boxes/logs")
        );
        assert_eq!(
            at(
                &BOX,
                "logs",
                within("s"),
                Some(&id(&format!("{account}/store/services/other"))),
                None
            ),
            format!("{account}/store/services/other/boxes/logs")
        );
        assert_eq!(
            at(&SERVICE, "blobs", within("store"), Some(&store), None),
            format!("{account}/store/services/default")
        );
        // A sibling's id leads to its group.
        assert_eq!(
            at(&ACCOUNT, "b", within("store"), Some(&store), None),
            format!("{account}/augeo-dev-b")
        );
    }

    #[test]
    fn extensions_are_on_what_they_name_and_have_stable_names() {
        let store = id("/resourceGroups/rg/providers/Test.Space/accounts/store");
        let on = || Scope::On(ResourceName::parse("store").unwrap());
        let one = at(&GRANT, "reads", on(), Some(&store), None);
        assert!(
            one.contains("/accounts/store/providers/Test.Grants/grants/"),
            "{one}"
        );
        assert_eq!(one, at(&GRANT, "reads", on(), Some(&store), None));
        assert_ne!(
            one,
            at(&GRANT, "reads", on(), Some(&id("/resourceGroups/rg")), None)
        );
        let generic = ArmType::generic("Test.Locks/locks", "2020-01-01");
        let lock = at(&generic, "keep", on(), Some(&store), None);
        assert!(
            lock.ends_with("/accounts/store/providers/Test.Locks/locks/augeo-dev-keep"),
            "{lock}"
        );
    }

    #[test]
    fn parents_skip_levels_that_are_only_there() {
        let types = Types::new(CATALOGUE);
        let group = "/resourceGroups/rg";
        let account = format!("{group}/providers/Test.Space/accounts/store");
        for (child, expected) in [
            (
                format!("{account}/services/default/boxes/logs"),
                account.as_str(),
            ),
            (
                format!("{account}/unknown/default/things/x"),
                account.as_str(),
            ),
            (
                format!("{account}/unknown/named/things/x"),
                &format!("{account}/unknown/named"),
            ),
            (format!("{account}/services/default"), account.as_str()),
            (account.clone(), group),
            (group.to_owned(), ""),
            (
                format!("{account}/services/default/providers/Test.Grants/grants/g"),
                &format!("{account}/services/default"),
            ),
        ] {
            assert_eq!(parent(types, &id(&child)), Some(id(expected)), "{child}");
        }
    }
}

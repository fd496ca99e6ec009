//! Ids taken apart, put together, compared; any id survives the way through text.

use proptest::prelude::*;

use super::*;

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

fn id(rest: &str) -> ArmId {
    ArmId::parse(&format!("{SUBSCRIPTION}{rest}")).unwrap()
}

#[test]
fn ids_are_taken_apart() {
    let container = id(
        "/resourceGroups/Rg/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default/containers/logs",
    );
    assert_eq!(container.resource_group(), Some("Rg"));
    assert_eq!(container.namespace(), "Microsoft.Storage");
    assert_eq!(
        container.resource_type().as_str(),
        "Microsoft.Storage/storageAccounts/blobServices/containers"
    );
    assert_eq!(container.name(), "logs");
    assert_eq!(container.qualified_name(), "acct/default/logs");
    let parents: Vec<String> = std::iter::successors(container.parent(), ArmId::parent)
        .map(|parent| parent.qualified_name())
        .collect();
    assert_eq!(
        parents,
        [
            "acct/default",
            "acct",
            "Rg",
            "00000000-0000-0000-0000-000000000001"
        ]
    );
}

#[test]
fn extensions_know_their_target() {
    let lock = id(
        "/resourceGroups/rg/providers/Microsoft.Web/sites/api/providers/Microsoft.Authorization/locks/keep",
    );
    assert!(lock.is_extension());
    assert_eq!(lock.target().unwrap().name(), "api");
    assert_eq!(lock.parent(), lock.target());
    assert!(lock.target().unwrap().contains(&lock));
    let role = ArmId::parse("/providers/Microsoft.Authorization/roleDefinitions/acdd").unwrap();
    assert_eq!(role.parent(), None);
    assert_eq!(role.target(), None);
}

#[test]
fn resources_are_put_together() {
    let group = id("/resourceGroups/rg");
    let build = |at: &ArmId, ty: &str, name: &str| at.resource(&TypeName::new(ty), name).unwrap();
    let account = build(&group, "Microsoft.Storage/storageAccounts", "acct");
    assert!(
        account
            .to_string()
            .ends_with("/rg/providers/Microsoft.Storage/storageAccounts/acct")
    );
    let blobs = build(
        &account,
        "microsoft.storage/storageAccounts/blobServices",
        "default",
    );
    assert!(blobs.to_string().ends_with("/acct/blobServices/default"));
    let grandchild = build(
        &account,
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        "default/logs",
    );
    assert_eq!(grandchild.parent(), Some(blobs));
    let role = build(&account, "Microsoft.Authorization/roleAssignments", "r1");
    assert_eq!(role.target(), Some(account.clone()));
    assert!(
        account
            .resource(&TypeName::new("Microsoft.Web/sites/slots"), "one")
            .is_err()
    );
    assert!(
        group
            .resource(&TypeName::new("Microsoft.Web/sites"), "a?b")
            .is_err()
    );
}

#[test]
fn what_is_not_an_id_is_refused_with_a_reason() {
    for (text, reason) in [
        ("subscriptions/x", "must begin"),
        ("/", "names nothing"),
        ("/subscriptions", "subscription is missing"),
        ("/subscriptions/s/resourceGroups", "group is missing"),
        ("/subscriptions/s/groups/g", "expected `providers`"),
        ("/subscriptions/s/providers", "provider is missing"),
        ("/subscriptions/s/providers/N", "no type and name"),
        ("/subscriptions/s/providers/N/t", "no name"),
        (
            "/subscriptions/s/resourceGroups/../providers/N/t/n",
            "`.` or `..`",
        ),
        ("/subscriptions/s?x=1", "URLs reserve"),
    ] {
        let error = ArmId::parse(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    assert!(SubscriptionId::parse("0000").is_err());
    assert!(SubscriptionId::parse("00000000-0000-0000-0000-00000000000A").is_ok());
}

#[test]
fn slashes_and_case_do_not_matter() {
    let one = id("//resourcegroups/RG/");
    assert_eq!(one, id("/resourceGroups/rg"));
    assert_eq!(one.to_string(), format!("{SUBSCRIPTION}/resourceGroups/RG"));
    assert_eq!(
        one.to_resource_id(),
        id("/resourceGroups/rg").to_resource_id()
    );
    assert!(!id("/resourceGroups/rg").contains(&id("/resourceGroups/rg2")));
}

fn segment() -> impl Strategy<Value = String> {
    "[A-Za-z0-9][A-Za-z0-9._()-]{0,12}".prop_filter("fixed segments are not names", |text| {
        !["providers", "resourcegroups", "subscriptions"]
            .contains(&text.to_ascii_lowercase().as_str())
    })
}

fn part() -> impl Strategy<Value = String> {
    (
        segment(),
        prop::collection::vec((segment(), segment()), 1..4),
    )
        .prop_map(|(namespace, levels)| {
            levels
                .iter()
                .fold(format!("/providers/{namespace}"), |text, (kind, name)| {
                    format!("{text}/{kind}/{name}")
                })
        })
}

proptest! {
    #[test]
    fn display_round_trips(
        group in prop::option::of(segment()),
        parts in prop::collection::vec(part(), 0..3),
    ) {
        let group = group.map(|name| format!("/resourceGroups/{name}")).unwrap_or_default();
        let text = format!("{SUBSCRIPTION}{group}{}", parts.concat());
        let parsed = ArmId::parse(&text).unwrap();
        prop_assert_eq!(parsed.to_string(), text.clone());
        prop_assert_eq!(&ArmId::parse(&text.to_ascii_uppercase()).unwrap(), &parsed);
        for parent in std::iter::successors(parsed.parent(), ArmId::parent) {
            prop_assert!(parent.contains(&parsed) && parent != parsed);
        }
    }

    #[test]
    fn parsing_never_panics(text in ".{0,80}") {
        if let Ok(parsed) = ArmId::parse(&text) {
            prop_assert_eq!(ArmId::parse(&parsed.to_string()).unwrap(), parsed);
        }
    }

    #[test]
    fn a_built_id_has_the_type_and_name_it_was_built_from(
        namespace in segment(),
        levels in prop::collection::vec((segment(), segment()), 1..4),
    ) {
        let kinds: Vec<_> = levels.iter().map(|(kind, _)| kind.as_str()).collect();
        let names: Vec<_> = levels.iter().map(|(_, name)| name.as_str()).collect();
        let ty = TypeName::new(format!("{namespace}/{}", kinds.join("/")));
        let built = id("/resourceGroups/rg").resource(&ty, &names.join("/")).unwrap();
        prop_assert_eq!(built.resource_type(), ty);
        prop_assert_eq!(built.qualified_name(), names.join("/"));
    }
}

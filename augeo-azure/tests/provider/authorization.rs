//! Roles in no group, budgets that begin in a month, credentials one after another.

use super::*;

const BUDGETS: &str = "Microsoft.Consumption/budgets";
const BUDGET_VERSION: &str = "2026-06-01";
const ROLES: &str = "Microsoft.Authorization/roleDefinitions";

/// The id of the one that there is.
fn find(bench: &Bench, ty: &str) -> String {
    let ids = bench.emulator.snapshot().live_ids();
    let found = ids.iter().find(|id| id.contains(ty));
    found
        .unwrap_or_else(|| panic!("no {ty} in {ids:#?}"))
        .clone()
}

/// One of each type that has to do with what is allowed.
pub(super) fn add_everything(
    stack: &mut Stack,
    group: &Added<ResourceGroup>,
    identity: &Added<UserAssignedIdentity>,
    vault: &Added<Vault>,
) {
    let github = FederatedCredential::github(identity, "repo:augeo/app:environment:dev");
    stack.add("identity/github", github);
    let role = RoleDefinition::within(group, "Augeo", Permission::actions(["*/read"]));
    let role = stack.add("role", role);
    let may = RoleAssignment::at_subscription(
        role.output(RoleDefinition::ROLE),
        identity.output(UserAssignedIdentity::PRINCIPAL_ID),
    );
    stack.add("identity/role", may);
    stack.add("vault/lock", Lock::on(vault));
    stack.add("budget", Budget::on(group, 100));
}

fn with_budget(amount: u32) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    stack.add("budget", Budget::on(&group, amount));
    stack
}

#[tokio::test(start_paused = true)]
async fn a_budget_begins_in_the_month_in_which_it_is_made_and_keeps_it() {
    let bench = Bench::new();
    bench.apply(&with_budget(100)).await;
    let path = find(&bench, BUDGETS);
    let period = |bench: &Bench| {
        let found = bench.get(&path, BUDGET_VERSION).unwrap();
        found["properties"]["timePeriod"].clone()
    };
    let begun = period(&bench);
    assert_eq!(begun["startDate"], "2026-11-01T00:00:00Z");
    // Two months later it is still no change, and a change keeps the date.
    tokio::time::sleep(std::time::Duration::from_secs(60 * 86_400)).await;
    assert!(bench.again().plan(&with_budget(100)).await.is_empty());
    bench.again().apply(&with_budget(200)).await;
    let found = bench.get(&path, BUDGET_VERSION).unwrap();
    assert_eq!(found["properties"]["amount"], 200);
    assert_eq!(period(&bench), begun);
}

fn with_role(action: Option<&str>) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    if let Some(action) = action {
        let role = RoleDefinition::within(
            &group,
            "Augeo in {subscription}",
            Permission::actions([action]),
        );
        let role = stack.add("role", role);
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let may = RoleAssignment::at_subscription(role.output(RoleDefinition::ROLE), principal);
        stack.add("identity/role", may);
    }
    stack
}

#[tokio::test(start_paused = true)]
async fn a_role_is_named_after_its_subscription_and_found_when_it_left_the_stack() {
    let bench = Bench::new();
    bench.apply(&with_role(Some("Microsoft.Web/*"))).await;
    let found = bench.get(&find(&bench, ROLES), "2022-04-01").unwrap();
    assert_eq!(
        found["properties"]["roleName"],
        format!("Augeo in {SUBSCRIPTION_ID}")
    );
    assert_eq!(
        found["properties"]["assignableScopes"],
        json!([format!("/subscriptions/{SUBSCRIPTION_ID}")])
    );
    let bench = bench.again();
    bench.apply(&with_role(Some("Microsoft.Storage/*"))).await;
    let bench = bench.again();
    let plan = bench.plan(&with_role(None)).await;
    let actions: Vec<_> = plan.pending().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Delete, Action::Delete]);
    bench.apply(&with_role(None)).await;
    let left = bench.emulator.snapshot().live_ids();
    assert!(
        !left.iter().any(|id| id.contains("Authorization")),
        "{left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_role_stays() {
    let bench = Bench::new();
    bench.apply(&with_role(Some("Microsoft.Web/*"))).await;
    let mut body = bench.get(&find(&bench, ROLES), "2022-04-01").unwrap();
    body["properties"]["roleName"] = json!("Theirs");
    let path = format!(
        "/subscriptions/{SUBSCRIPTION_ID}/providers/{ROLES}/21111111-2222-3333-4444-555555555555"
    );
    let made = bench.request(Method::Put, &path, "2022-04-01", Some(body));
    assert_eq!(made.status, 201);
    bench.again().apply(&with_role(None)).await;
    assert!(bench.get(&path, "2022-04-01").is_some());
}

#[tokio::test(start_paused = true)]
async fn credentials_of_one_identity_are_written_one_after_another() {
    let bench = Bench::new();
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    for name in ["dev", "staging", "production"] {
        let subject = format!("repo:augeo/app:environment:{name}");
        let credential = FederatedCredential::github(&identity, subject);
        stack.add(format!("identity/{name}"), credential);
    }
    bench.apply(&stack).await;
    let sent = bench.sent.take();
    let written = sent
        .iter()
        .filter(|sent| sent.starts_with("PUT") && sent.contains("federatedIdentityCredentials"));
    assert_eq!(written.count(), 3, "no write was refused: {sent:#?}");
}

/// A vault, an identity and a group, alone or each with what has no tags in it.
fn with_extras(extras: bool) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let vault = stack.add("vault", Vault::within(&group, data::TENANT.to_owned()));
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    if extras {
        stack.add("vault/lock", Lock::on(&vault));
        stack.add("budget", Budget::on(&group, 100));
        let role = RoleDefinition::within(&group, "Augeo", Permission::actions(["*/read"]));
        stack.add("role", role);
        let github = FederatedCredential::github(&identity, "repo:augeo/app:pull_request");
        stack.add("identity/github", github);
    }
    stack
}

#[tokio::test(start_paused = true)]
async fn what_has_no_tags_is_found_by_a_sign_when_it_left_the_stack() {
    let bench = Bench::new();
    bench.apply(&with_extras(false)).await;
    let before = bench.again().plan(&with_extras(false)).await.requests;
    let with = with_extras(true);
    let plan = bench.again().plan(&with).await;
    // The signs are written before what they are signs of, and all into the group.
    let order: Vec<_> = plan.pending().map(|change| change.action).collect();
    assert_eq!(order.iter().filter(|it| **it == Action::Update).count(), 1);
    assert_eq!(order[0], Action::Update);
    bench.again().apply(&with).await;
    let plan = bench.again().plan(&with_extras(false)).await;
    let left: Vec<_> = plan.pending().map(|change| change.action).collect();
    assert_eq!(left, [Action::Delete; 4], "{}", told(&plan));
    bench.again().apply(&with_extras(false)).await;
    // A sign stays: it costs a request each, and nothing that a crash left behind is lost.
    let after = bench.again().plan(&with_extras(false)).await.requests;
    assert_eq!(after, before + 4);
}

/// An account with containers and a lock.
fn locked(containers: &[&str], level: LockLevel) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let account = stack.add("storage", StorageAccount::within(&group));
    for name in containers {
        stack.add(format!("storage/{name}"), Container::within(&account));
    }
    let mut lock = Lock::on(&account);
    lock.level = level;
    stack.add("storage/lock", lock);
    stack
}

fn removing() -> PlanOptions {
    PlanOptions {
        delete_data: augeo_core::DeleteData::All,
        ..PlanOptions::default()
    }
}

#[tokio::test(start_paused = true)]
async fn our_lock_is_lifted_for_what_it_would_refuse_and_put_back() {
    for (level, before, after) in [
        (
            LockLevel::ReadOnly,
            ["one"].as_slice(),
            ["one", "two"].as_slice(),
        ),
        (LockLevel::CanNotDelete, &["one"], &["one", "two"]),
    ] {
        let bench = Bench::new();
        bench.apply(&locked(before, level.clone())).await;
        bench.again().apply(&locked(after, level.clone())).await;
        let bench = bench.again();
        let plan = bench.plan(&locked(after, level.clone())).await;
        assert!(plan.is_empty());
        let locks = bench.emulator.snapshot().live_ids();
        assert_eq!(locks.iter().filter(|id| id.contains("/locks/")).count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_lock_stops_a_deletion_when_it_is_planned() {
    let bench = Bench::new();
    bench.apply(&with_role(Some("Microsoft.Web/*"))).await;
    let lock = format!(
        "{}/providers/Microsoft.Authorization/locks/theirs",
        group_path()
    );
    let body = json!({"properties": {"level": "CanNotDelete"}});
    bench.request(Method::Put, &lock, "2020-05-01", Some(body));
    // Nothing is deleted, so nobody looks.
    assert!(
        bench
            .again()
            .plan(&with_role(Some("Microsoft.Web/*")))
            .await
            .is_empty()
    );
    let mut without = Stack::new("augeo", "dev");
    group(&mut without);
    let bench = bench.again();
    let plan = bench.plan_with(&without, &removing()).await;
    let found = plan.findings.iter().find(|it| it.rule == "augeo/locked");
    let found = found.unwrap_or_else(|| panic!("{:#?}", plan.findings));
    assert!(found.message.contains("/locks/theirs"), "{found:?}");
    let everything = PlanOptions {
        purpose: augeo_core::plan::Purpose::Destroy,
        ..removing()
    };
    let plan = bench.again().plan_with(&without, &everything).await;
    assert!(plan.ensure_executable().is_err(), "{:#?}", plan.findings);
    assert!(plan.findings.iter().any(|it| it.rule == "augeo/locked"));
}

//! Create, observe, update, delete, recover: for every type of the catalogue.

use std::collections::BTreeSet;

use augeo_core::finding::Severity;
use augeo_core::name::ResourceName;
use augeo_core::plan::Purpose;
use augeo_core::{DeleteData, PlanOptions};

use super::*;

#[tokio::test(start_paused = true)]
async fn every_type_is_created_and_equal_to_what_was_declared() {
    let bench = Bench::new();
    let everything = Everything::new(|_| {});
    let declared: BTreeSet<_> = everything
        .stack
        .resources()
        .iter()
        .map(|desired| desired.ty.title.clone())
        .collect();
    let known: BTreeSet<_> = CATALOGUE.iter().map(|ty| ty.facts.title.clone()).collect();
    assert_eq!(declared, known, "the stack has every type");
    bench.apply(&everything.stack).await;
    assert_eq!(
        bench.emulator.snapshot().unsupported_requests(),
        Vec::<String>::new()
    );
}

/// A vault with these days of soft delete, in this region.
fn vault_of(location: &str, days: u16) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let tenant = "00000000-0000-0000-0000-0000000000aa".to_owned();
    let mut vault = Vault::within(&group, tenant);
    vault.location = location.to_owned().into();
    vault.soft_delete_retention_in_days = days;
    stack.add("vault", vault);
    stack
}

#[tokio::test(start_paused = true)]
async fn a_name_that_azure_keeps_stops_the_plan_before_anything_is_sent() {
    let bench = Bench::new();
    bench.apply(&vault_of("westeurope", 7)).await;
    let kept = |plan: &Plan| {
        let findings = plan
            .findings
            .iter()
            .filter(|it| it.severity == Severity::Error);
        findings
            .map(|it| format!("{} {}", it.rule, it.resource.as_ref().unwrap()))
            .collect::<Vec<_>>()
    };
    let everything = PlanOptions {
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let replaced = vault_of("northeurope", 7);
    let plan = bench.again().plan_with(&replaced, &everything).await;
    assert_eq!(kept(&plan), ["azure/name-kept vault"], "{}", told(&plan));

    let destroy = PlanOptions {
        purpose: Purpose::Destroy,
        ..everything.clone()
    };
    let bench = bench.again();
    let plan = bench.plan_with(&vault_of("westeurope", 7), &destroy).await;
    bench.engine.execute(&plan).await.ok().unwrap();
    for other in [vault_of("northeurope", 7), vault_of("westeurope", 90)] {
        let plan = bench.again().plan_with(&other, &everything).await;
        assert_eq!(kept(&plan), ["azure/name-kept vault"], "{}", told(&plan));
    }
    bench.again().apply(&vault_of("westeurope", 7)).await;
}

#[tokio::test(start_paused = true)]
async fn changes_are_made_in_place_and_keep_what_others_set() {
    let bench = Bench::new();
    bench.apply(&Everything::new(|_| {}).stack).await;
    let account = find(&bench, "Microsoft.Storage/storageAccounts");
    let tags = json!({"operation": "Merge", "properties": {"tags": {"hidden-title": "seen", "owner": "me"}}});
    let path = format!("{account}/providers/Microsoft.Resources/tags/default");
    assert_eq!(
        bench
            .request(Method::Patch, &path, GROUP_VERSION, Some(tags))
            .status,
        200
    );
    let changed = Everything::new(|edits| {
        edits.retention = 60;
        edits.backups = 14;
        edits.setting = "2".to_owned();
    });
    let plan = bench.again().plan(&changed.stack).await;
    let names: Vec<_> = actions(&plan).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["logs", "storage", "postgres", "api/settings"],
        "{}",
        told(&plan)
    );
    assert!(
        actions(&plan)
            .iter()
            .all(|(_, action)| *action == Action::Update),
        "{}",
        told(&plan)
    );
    bench.again().apply(&changed.stack).await;
    let tags = bench.get(&account, "2026-04-01").unwrap()["tags"].clone();
    assert_eq!(tags["hidden-title"], "seen");
    assert_eq!(tags["augeo-stack"], "augeo/dev");
    let owner = tags
        .as_object()
        .unwrap()
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("owner"))
        .unwrap()
        .1;
    assert_eq!(owner, "team");
}

#[tokio::test(start_paused = true)]
async fn everything_is_deleted_and_recovered() {
    let bench = Bench::new();
    let everything = Everything::new(|_| {});
    let first = bench.apply(&everything.stack).await;
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let bench = bench.again();
    let plan = bench
        .engine
        .plan_with(&everything.stack, &options)
        .await
        .unwrap();
    plan.ensure_executable()
        .unwrap_or_else(|blocked| panic!("{:#?}", blocked.findings));
    bench
        .engine
        .execute(&plan)
        .await
        .ok()
        .unwrap_or_else(|incomplete| panic!("{incomplete}"));
    assert_eq!(bench.get(&group_path(), GROUP_VERSION), None);
    let nothing = bench
        .again()
        .engine
        .plan_with(&everything.stack, &options)
        .await
        .unwrap();
    assert!(nothing.is_empty(), "{}", told(&nothing));
    let bench = bench.again();
    let plan = bench.plan(&everything.stack).await;
    assert_eq!(
        plan.change("vault").unwrap().action,
        Action::Recover,
        "{}",
        told(&plan)
    );
    assert_eq!(
        plan.change("logs").unwrap().action,
        Action::Recover,
        "{}",
        told(&plan)
    );
    let again = bench.apply(&everything.stack).await;
    let ids = |report: &Report| -> Vec<_> {
        report
            .resources
            .values()
            .map(|observed| observed.id.clone())
            .collect()
    };
    assert_eq!(ids(&again), ids(&first));
}

#[tokio::test(start_paused = true)]
async fn a_generic_type_is_created_updated_and_deleted_when_it_left() {
    let bench = Bench::new();
    let stack = |value: Option<&str>| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        if let Some(value) = value {
            let body =
                json!({"location": "westeurope", "tags": {"Purpose": value}, "properties": {}});
            stack.add(
                "plain",
                Generic::within(
                    &group,
                    "Microsoft.ManagedIdentity/userAssignedIdentities",
                    "2024-11-30",
                    body,
                ),
            );
        }
        stack
    };
    bench.apply(&stack(Some("one"))).await;
    bench.again().apply(&stack(Some("two"))).await;
    let bench = bench.again();
    let plan = bench.plan(&stack(None)).await;
    assert_eq!(plan.count(Action::Delete), 1, "{}", told(&plan));
    bench.apply(&stack(None)).await;
}

/// Each account has at most one policy, which no list tells.
#[tokio::test(start_paused = true)]
async fn the_only_one_that_its_parent_has_is_deleted_when_it_left() {
    let stack = |with: bool| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let account = stack.add("storage", StorageAccount::within(&group));
        if with {
            let rule = LifecycleRule::for_block_blobs("archive", ["old/".to_owned()]);
            let rules = vec![rule.archive_after(90)];
            stack.add("storage/policy", ManagementPolicy::within(&account, rules));
        }
        stack
    };
    let bench = Bench::new();
    bench.apply(&stack(true)).await;
    let plan = bench.again().plan(&stack(false)).await;
    let removed: Vec<_> = plan
        .pending()
        .map(|change| (change.ty.title.as_ref(), change.action))
        .collect();
    let policy = ("Storage lifecycle policy", Action::Delete);
    assert_eq!(removed, [policy], "{}", told(&plan));
    bench.again().apply(&stack(false)).await;
}

/// A type that no catalogue describes: it is found by its tag, and read in the version that its
/// provider registered.
#[tokio::test(start_paused = true)]
async fn what_left_is_found_although_nothing_is_known_of_its_type() {
    static GROUPS: &[&ArmType] = &[&management::RESOURCE_GROUP];
    let emulator = Bench::new().emulator;
    let knowing_little = || {
        let transport = emulator.transport();
        Bench::knowing(GROUPS, emulator.clone(), transport)
    };
    let stack = |names: &[&str]| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        for name in names {
            let identity = UserAssignedIdentity::within(&group);
            stack.add(*name, identity);
        }
        stack
    };
    for (before, after) in [
        (["one", "two"].as_slice(), [].as_slice()),
        (&["one", "two"], &["two"]),
    ] {
        let plan = knowing_little().plan(&stack(before)).await;
        knowing_little().engine.execute(&plan).await.ok().unwrap();
        let plan = knowing_little().plan(&stack(after)).await;
        assert_eq!(
            plan.count(Action::Delete),
            before.len() - after.len(),
            "{}",
            told(&plan)
        );
        let bench = knowing_little();
        bench.engine.execute(&plan).await.ok().unwrap();
        assert!(knowing_little().plan(&stack(after)).await.is_empty());
    }
}

fn name(text: &str) -> ResourceName {
    ResourceName::parse(text).unwrap()
}

/// What stops a plan, as rule and resource.
fn stopping(plan: &Plan) -> Vec<String> {
    let errors = plan
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors
        .map(|finding| format!("{} {}", finding.rule, finding.resource.as_ref().unwrap()))
        .collect()
}

fn allowing(purpose: Purpose, data: &[&str]) -> PlanOptions {
    PlanOptions {
        purpose,
        delete_data: DeleteData::Named(data.iter().map(|data| name(data)).collect()),
        ..PlanOptions::default()
    }
}

/// Nothing is known of an account but that it is not among the few types that keep no data.
#[tokio::test(start_paused = true)]
async fn what_left_stays_with_its_data_although_nothing_is_known_of_its_type() {
    static GROUPS: &[&ArmType] = &[&management::RESOURCE_GROUP];
    let emulator = Bench::new().emulator;
    let knowing_little = || {
        let transport = emulator.transport();
        Bench::knowing(GROUPS, emulator.clone(), transport)
    };
    let stack = |with: bool| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        if with {
            let mut account = StorageAccount::within(&group);
            account.physical_name = Some("augeodev".to_owned());
            stack.add("storage", account);
        }
        stack
    };
    let plan = knowing_little().plan(&stack(true)).await;
    knowing_little().engine.execute(&plan).await.ok().unwrap();

    let plan = knowing_little().plan(&stack(false)).await;
    assert_eq!(stopping(&plan), ["augeo/protected augeodev"]);
    let report = knowing_little().engine.execute(&plan).await;
    assert!(report.ok().is_err());
    find(&knowing_little(), "Microsoft.Storage/storageAccounts");

    let allowed = allowing(Purpose::Apply, &["augeodev"]);
    let plan = knowing_little().plan_with(&stack(false), &allowed).await;
    assert_eq!(stopping(&plan), [""; 0]);
    knowing_little().engine.execute(&plan).await.ok().unwrap();
    assert!(knowing_little().plan(&stack(false)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_destroy_wants_the_name_of_a_generic_resource_that_holds_data() {
    let stack = |holds_data: Option<bool>| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let body = json!({
            "location": "global",
            "properties": {"groupShortName": "on-call", "enabled": true},
        });
        let ty = "Microsoft.Insights/actionGroups";
        let mut alerts = Generic::within(&group, ty, "2023-01-01", body);
        alerts.holds_data = holds_data;
        stack.add("alerts", alerts);
        stack
    };
    let bench = Bench::new();
    bench.apply(&stack(None)).await;
    let held = stack(Some(true));
    let unnamed = allowing(Purpose::Destroy, &[]);
    let plan = bench.again().plan_with(&held, &unnamed).await;
    assert_eq!(stopping(&plan), ["augeo/protected alerts"]);
    let named = allowing(Purpose::Destroy, &["alerts"]);
    let plan = bench.again().plan_with(&held, &named).await;
    assert_eq!(stopping(&plan), [""; 0]);

    // Of a type that is known to keep nothing, none needs to be named.
    let plan = bench.again().plan_with(&stack(None), &unnamed).await;
    assert_eq!(stopping(&plan), [""; 0]);
    bench.again().engine.execute(&plan).await.ok().unwrap();
    assert_eq!(bench.get(&group_path(), GROUP_VERSION), None);
}

/// The id of the only resource of a type.
pub(super) fn find(bench: &Bench, ty: &str) -> String {
    let listed = bench
        .get(&format!("{}/resources", group_path()), GROUP_VERSION)
        .unwrap();
    let items = listed["value"].as_array().unwrap().clone();
    let found = items
        .iter()
        .find(|item| item["type"].as_str().unwrap().eq_ignore_ascii_case(ty));
    found.unwrap_or_else(|| panic!("no {ty} in {items:#?}"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

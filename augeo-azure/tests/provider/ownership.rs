//! Whose resources are: nothing of anybody else's is changed, and what left the stack is found.

use super::lifecycle::find;
use super::*;

fn storage(with_container: bool) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let mut account = StorageAccount::within(&group);
    account.physical_name = Some("augeodevstore".to_owned());
    let account = stack.add("storage", account);
    if with_container {
        stack.add("storage/logs", Container::within(&account));
    }
    stack
}

#[tokio::test(start_paused = true)]
async fn a_group_of_somebody_elses_is_refused() {
    let bench = Bench::new();
    let body = json!({"location": "westeurope", "tags": {"augeo-stack": "augeo/dev", "augeo-owner": "copied"}});
    assert_eq!(
        bench
            .request(Method::Put, &group_path(), GROUP_VERSION, Some(body))
            .status,
        201
    );
    let plan = bench.plan(&storage(false)).await;
    let blocked = plan.ensure_executable().unwrap_err();
    assert!(
        blocked
            .findings
            .iter()
            .any(|finding| finding.rule == "augeo/not-ours"),
        "{blocked:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_appears_between_plan_and_execution_is_not_overwritten() {
    let bench = Bench::new();
    let mut stack = Stack::new("augeo", "dev");
    group(&mut stack);
    bench.apply(&stack).await;
    let bench = bench.again();
    let plan = bench.plan(&storage(false)).await;
    let body = json!({"location": "westeurope", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "properties": {}});
    let path = format!(
        "{}/providers/Microsoft.Storage/storageAccounts/augeodevstore",
        group_path()
    );
    let status = bench
        .request(Method::Put, &path, "2026-04-01", Some(body))
        .status;
    assert!((200..300).contains(&status), "{status}");
    tokio::time::sleep(std::time::Duration::from_secs(120)).await;
    let report = bench.engine.execute(&plan).await;
    assert_eq!(
        report.outcome("storage").unwrap().code(),
        Some("augeo/not-ours")
    );
    assert_eq!(bench.get(&path, "2026-04-01").unwrap()["tags"], Json::Null);
}

#[tokio::test(start_paused = true)]
async fn another_stacks_resource_is_told_by_name() {
    let bench = Bench::new();
    bench.apply(&storage(false)).await;
    let mut other = Stack::new("augeo", "staging");
    let mut same = ResourceGroup::at("westeurope");
    same.physical_name = Some("augeo-dev-rg".to_owned());
    other.add("group", same);
    let plan = bench.again().plan(&other).await;
    let blocked = plan.ensure_executable().unwrap_err();
    assert!(
        blocked.findings[0].message.contains("augeo/dev"),
        "{blocked:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_that_left_the_stack_is_found_and_protected() {
    let bench = Bench::new();
    bench.apply(&storage(true)).await;
    let plan = bench.again().plan(&storage(false)).await;
    assert_eq!(plan.count(Action::Delete), 1, "{}", told(&plan));
    let blocked = plan.ensure_executable().unwrap_err();
    assert!(
        blocked
            .findings
            .iter()
            .any(|finding| finding.rule == "augeo/protected"),
        "{blocked:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_without_a_mark_is_left_alone() {
    let bench = Bench::new();
    bench.apply(&storage(false)).await;
    let account = find(&bench, "Microsoft.Storage/storageAccounts");
    let path = format!("{account}/blobServices/default/containers/foreign");
    let status = bench
        .request(
            Method::Put,
            &path,
            "2026-04-01",
            Some(json!({"properties": {}})),
        )
        .status;
    assert!((200..300).contains(&status), "{status}");
    let plan = bench.again().plan(&storage(false)).await;
    assert!(
        plan.is_empty() && plan.findings.is_empty(),
        "{}\n{:#?}",
        told(&plan),
        plan.findings
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_that_left_the_stack_is_found_outside_the_group() {
    let bench = Bench::new();
    let other = format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/elsewhere");
    let body = json!({"location": "westeurope"});
    assert_eq!(
        bench
            .request(Method::Put, &other, GROUP_VERSION, Some(body))
            .status,
        201
    );
    let stack = |with_role: bool| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let elsewhere = stack.existing("elsewhere", ResourceGroup::existing(&other).unwrap());
        let identity = stack.add("identity", UserAssignedIdentity::within(&group));
        if with_role {
            let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
            stack.add(
                "reads",
                RoleAssignment::on(&elsewhere, Role::READER, principal),
            );
        }
        stack
    };
    bench.apply(&stack(true)).await;
    let bench = bench.again();
    let plan = bench.plan(&stack(false)).await;
    assert_eq!(plan.count(Action::Delete), 1, "{}", told(&plan));
    bench.apply(&stack(false)).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_with_guests_stays() {
    use augeo_core::plan::Purpose;
    use augeo_core::{DeleteData, PlanOptions};

    let bench = Bench::new();
    bench.apply(&storage(true)).await;
    let path = format!(
        "{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/guest",
        group_path()
    );
    let body = json!({"location": "westeurope"});
    assert_eq!(
        bench
            .request(Method::Put, &path, "2024-11-30", Some(body))
            .status,
        201
    );
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let bench = bench.again();
    let plan = bench
        .engine
        .plan_with(&storage(true), &options)
        .await
        .unwrap();
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "augeo/host-stays"),
        "{:#?}",
        plan.findings
    );
    bench.engine.execute(&plan).await.ok().unwrap();
    assert!(bench.get(&path, "2024-11-30").is_some());
    assert!(bench.get(&group_path(), GROUP_VERSION).is_some());
    let left = bench
        .get(&format!("{}/resources", group_path()), GROUP_VERSION)
        .unwrap();
    assert_eq!(left["value"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_left_the_stack_stays_if_it_has_guests() {
    let bench = Bench::new();
    bench.apply(&storage(false)).await;
    let path = format!(
        "{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/guest",
        group_path()
    );
    let body = json!({"location": "westeurope"});
    assert_eq!(
        bench
            .request(Method::Put, &path, "2024-11-30", Some(body))
            .status,
        201
    );
    let plan = bench.again().plan(&Stack::new("augeo", "dev")).await;
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "augeo/host-stays"),
        "{:#?}",
        plan.findings
    );
    assert!(
        plan.change("group").is_none() && plan.change("augeo-dev-rg").is_none(),
        "{}",
        told(&plan)
    );
}

#[tokio::test(start_paused = true)]
async fn a_deleted_resource_that_nothing_proves_ours_is_not_recovered() {
    let workspace = json!({"location": "westeurope", "properties": {}});
    let vault = json!({"location": "westeurope", "properties": {
        "tenantId": "00000000-0000-0000-0000-00000000e700",
        "sku": {"family": "A", "name": "standard"},
    }});
    for (kind, version, body) in [
        (
            "Microsoft.OperationalInsights/workspaces",
            "2026-03-01",
            workspace,
        ),
        ("Microsoft.KeyVault/vaults", "2026-02-01", vault),
    ] {
        let bench = Bench::new();
        let stack = |with_it: bool| {
            let mut stack = Stack::new("augeo", "dev");
            let group = group(&mut stack);
            if with_it && kind.contains("Vault") {
                let tenant = "00000000-0000-0000-0000-00000000e700".to_owned();
                let mut vault = Vault::within(&group, tenant);
                vault.physical_name = Some("augeo-dev-theirs".to_owned());
                stack.add("theirs", vault);
            } else if with_it {
                let mut workspace = Workspace::within(&group);
                workspace.physical_name = Some("augeo-dev-theirs".to_owned());
                stack.add("theirs", workspace);
            }
            stack
        };
        bench.apply(&stack(false)).await;
        // A stranger made it without tags and deleted it, so the list of deleted ones has none.
        let path = format!("{}/providers/{kind}/augeo-dev-theirs", group_path());
        for (method, body) in [(Method::Put, Some(body)), (Method::Delete, None)] {
            let response = bench.request(method, &path, version, body);
            assert!((200..300).contains(&response.status), "{response:?}");
            tokio::time::sleep(std::time::Duration::from_secs(600)).await;
        }
        assert_eq!(bench.get(&path, version), None);
        let plan = bench.again().plan(&stack(true)).await;
        assert_ne!(plan.change("theirs").unwrap().action, Action::Recover);
        let blocked = plan.ensure_executable().unwrap_err();
        let finding = &blocked.findings[0];
        assert_eq!(finding.rule, "augeo/not-ours", "{blocked:#?}");
        assert!(finding.message.contains("was deleted"), "{blocked:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_somebody_replaced_are_told_with_the_way_back() {
    let bench = Bench::new();
    bench.apply(&storage(true)).await;
    let account = find(&bench, "Microsoft.Storage/storageAccounts");
    let tags = |tags: Json| Some(json!({"tags": tags}));
    let kept = bench.get(&account, "2026-04-01").unwrap()["tags"].clone();
    let others = tags(json!({"Owner": "somebody"}));
    let path = account.as_str();
    bench.request(Method::Patch, path, "2026-04-01", others);

    let plan = bench.again().plan(&storage(true)).await;
    assert_eq!(actions(&plan), [], "what is in it was not looked at");
    let hint = plan.findings.iter();
    let hint = hint
        .filter(|finding| finding.rule == "azure/mark-missing")
        .find_map(|finding| finding.fix.as_deref())
        .unwrap();
    for key in ["augeo-stack", "augeo-owner"] {
        let tag = format!("{key}={}", kept[key].as_str().unwrap());
        assert!(hint.contains(&tag), "{hint}");
    }

    bench.request(Method::Patch, path, "2026-04-01", tags(kept));
    assert!(bench.again().plan(&storage(true)).await.is_empty());
}

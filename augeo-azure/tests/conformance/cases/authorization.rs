//! Who may do what: roles, federated credentials, locks and budgets.

use augeo_azure::resources::*;
use augeo_testkit::conformance::Case;
use serde_json::json;

use super::{edit, shop};

/// A pipeline that acts as an identity, in what it may do.
pub(crate) fn deployment() -> Case {
    let stack = |branch: &str, action: &str| {
        let (mut stack, group) = shop();
        let identity = stack.add("deploy", UserAssignedIdentity::within(&group));
        for (name, subject) in [
            ("deploy/dev", "repo:shop/shop:environment:dev".to_owned()),
            (
                "deploy/main",
                format!("repo:shop/shop:ref:refs/heads/{branch}"),
            ),
        ] {
            stack.add(name, FederatedCredential::github(&identity, subject));
        }
        let mut role = RoleDefinition::within(
            &group,
            "Shop deployer ({subscription})",
            Permission::actions(["*/read", action]),
        );
        role.description = Some("Deploys the shop.".to_owned());
        let role = stack.add("role", role);
        let may = RoleAssignment::at_subscription(
            role.output(RoleDefinition::ROLE),
            identity.output(UserAssignedIdentity::PRINCIPAL_ID),
        );
        stack.add("deploy/may", may);
        stack
    };
    Case {
        name: "a pipeline's identity",
        stack: stack("main", "Microsoft.Web/*"),
        edited: stack("trunk", "Microsoft.Storage/*"),
        edits: vec![
            edit("deploy/dev", "subject", &json!("repo:somebody/else:ref")),
            edit("role", "assignableScopes", &json!([])),
        ],
    }
}

pub(crate) fn guarded() -> Case {
    let stack = |notes: &str, amount: u32| {
        let (mut stack, group) = shop();
        let account = stack.add("storage", StorageAccount::within(&group));
        stack.add("storage/backups", Container::within(&account));
        let mut lock = Lock::on(&account);
        lock.notes = Some(notes.to_owned());
        stack.add("storage/lock", lock);
        let mut budget = Budget::on(&group, amount);
        for (name, percent, of) in [
            ("warning", 80, ThresholdType::Actual),
            ("all", 100, ThresholdType::Actual),
            ("forecast", 100, ThresholdType::Forecasted),
        ] {
            let told = Notification::at(percent, of, ["ops@augeo.app"]);
            budget.notifications.insert(name.to_owned(), told);
        }
        stack.add("budget", budget);
        stack
    };
    Case {
        name: "locks and budgets",
        stack: stack("ask first", 100),
        edited: stack("ask twice", 200),
        edits: vec![
            edit("storage/lock", "level", &json!("ReadOnly")),
            edit("budget", "amount", &json!(1)),
            edit("budget", "notifications.all.enabled", &json!(false)),
        ],
    }
}

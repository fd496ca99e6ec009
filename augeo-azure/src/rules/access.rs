//! Rules for who may do what: roles, locks, federated credentials.

use augeo_core::resource::Desired;
use time::macros::date;

use super::scene::{Found, Scene, items, plain, text};
use super::when::When;
use super::{Rule, Test};

const CREDENTIAL: &str =
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/role-wide",
        title: "Somebody gets a role with which everything can be done or given away.",
        reason: "Owner and User Access Administrator assign any role to anybody, themselves included.",
        fix: "take a role of the service, or Role Based Access Control Administrator with a condition",
        link: "https://learn.microsoft.com/azure/role-based-access-control/best-practices",
        types: &["Microsoft.Authorization/roleAssignments"],
        test: Test::Property(
            When::Holds(
                "roleDefinitionId",
                &[
                    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
                    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
                ],
            ),
            "with this role everything can be done or given away",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/role-wildcard",
        title: "A role of one's own allows everything.",
        reason: "The action `*` is Owner by another name, and grows with every new service.",
        fix: "list the actions that are needed",
        link: "https://learn.microsoft.com/azure/role-based-access-control/custom-roles",
        types: &["Microsoft.Authorization/roleDefinitions"],
        test: Test::Each(wildcard),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/lock-readonly",
        title: "A lock refuses every change, and many a reading.",
        reason: "`ReadOnly` also refuses POST: keys and settings cannot be listed, apps not restarted, \
                 plans not scaled.",
        fix: "take `CanNotDelete`",
        link: "https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources#considerations-before-applying-your-locks",
        types: &["Microsoft.Authorization/locks"],
        test: Test::Property(
            When::Is("level", &["ReadOnly"]),
            "it also refuses to list keys and settings, to restart and to scale",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/federation-subject",
        title: "A federated credential names a repository in the form that new repositories do not send.",
        reason: "Repositories that were made, renamed or transferred since then send \
                 `repo:OWNER@OWNER_ID/REPO@REPO_ID:…`, which does not match the old form: the sign-in \
                 fails with AADSTS700213.",
        fix: "take the prefix from the repository's OIDC settings, with both ids",
        link: "https://docs.github.com/actions/reference/security/oidc",
        date: Some(date!(2026 - 07 - 15)),
        types: &[CREDENTIAL],
        test: Test::Each(subject),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/federation-audience",
        title: "A federated credential has another audience than Entra takes.",
        reason: "There is exactly one, and GitHub's tokens for Azure are made for \
                 `api://AzureADTokenExchange`.",
        fix: "name `api://AzureADTokenExchange` alone",
        link: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations",
        types: &[CREDENTIAL],
        test: Test::Each(audience),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/federation-many",
        title: "An identity has more federated credentials than it can.",
        reason: "Entra takes twenty of each identity.",
        fix: "spread them over several identities",
        link: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations",
        types: &["Microsoft.ManagedIdentity/userAssignedIdentities"],
        test: Test::Each(credentials),
        ..Rule::REFUSED
    },
];

fn wildcard<'a>(_: &Scene<'a>, role: &'a Desired) -> Vec<Found<'a>> {
    let permissions = items(role, "permissions").iter().enumerate();
    let all = permissions.filter_map(|(index, permission)| {
        let actions = permission.field("actions")?.as_array()?;
        let path = format!("permissions[{index}].actions");
        let any = actions.iter().filter_map(plain).any(|action| action == "*");
        any.then(|| Found::at(role, &path, "the action `*` allows everything"))
    });
    all.collect()
}

fn subject<'a>(_: &Scene<'a>, credential: &'a Desired) -> Vec<Found<'a>> {
    let Some(subject) = text(credential, "subject") else {
        return Vec::new();
    };
    let repository = subject
        .strip_prefix("repo:")
        .and_then(|rest| rest.split(':').next());
    match repository {
        Some(repository) if !repository.contains('@') => {
            let message = format!("`{subject}` has no ids, which newer repositories send");
            vec![Found::at(credential, "subject", message)]
        }
        _ => Vec::new(),
    }
}

fn audience<'a>(_: &Scene<'a>, credential: &'a Desired) -> Vec<Found<'a>> {
    let audiences: Vec<String> = items(credential, "audiences")
        .iter()
        .filter_map(plain)
        .collect();
    if audiences.is_empty() || audiences == ["api://AzureADTokenExchange"] {
        return Vec::new();
    }
    let message = format!("the audiences are {}", audiences.join(", "));
    vec![Found::at(credential, "audiences", message)]
}

/// How many credentials an identity takes.
const CREDENTIALS: usize = 20;

fn credentials<'a>(scene: &Scene<'a>, identity: &'a Desired) -> Vec<Found<'a>> {
    let count = scene.inside(identity, CREDENTIAL).count();
    if count <= CREDENTIALS {
        return Vec::new();
    }
    let message = format!("has {count} federated credentials; {CREDENTIALS} are allowed");
    vec![Found::of(identity, message)]
}

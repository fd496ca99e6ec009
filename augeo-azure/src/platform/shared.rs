//! The stack that all environments of a subscription share: storage for leases and releases, who
//! deploys, and what that may do. It is destroyed by its own name only.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::form;
use super::section::Section;
use super::setting::{Fallback, Kind, LOCK, Scalar, SectionSpec, Setting, name_of};
use crate::resources::storage::STORAGE_ACCOUNT;
use crate::resources::{
    Container, FederatedCredential, Permission, ResourceGroup, Role, RoleAssignment,
    RoleDefinition, StorageAccount, UserAssignedIdentity,
};

/// The name of the stack, which no environment may have.
pub(super) const NAME: &str = "shared";

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: NAME,
    about: "What all environments of a subscription share, a stack of its own: `augeo provision shared`. \
            It is in the group `{project}-shared-rg`, and no environment's destroy touches it.",
    settings: &[
        name_of(&STORAGE_ACCOUNT),
        Setting {
            key: LOCK.key,
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(true)),
            about: LOCK.about,
        },
        Setting {
            key: "github",
            kind: Kind::Text(&form::REPOSITORY),
            default: Fallback::Nothing("nobody deploys from GitHub"),
            about: "The repository whose workflows deploy, as GitHub's tokens name it: `ORG/REPO`, or \
                    `ORG@ID/REPO@ID` for those made, renamed or moved since 2026-07-15. Each environment \
                    has an identity for the GitHub environment of its name, and pull requests have one \
                    that only reads.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name: Option<String>,
    lock: bool,
    github: Option<String>,
}

/// What a deployment does: everything that the platform has, its locks, and its grants. Whoever may
/// assign roles can give itself any, so who may use the identity matters.
const DEPLOYS: [&str; 14] = [
    "*/read",
    "Microsoft.Authorization/locks/*",
    "Microsoft.Authorization/roleAssignments/*",
    "Microsoft.Cache/*",
    "Microsoft.Communication/*",
    "Microsoft.Consumption/budgets/*",
    "Microsoft.DBforPostgreSQL/*",
    "Microsoft.Insights/*",
    "Microsoft.KeyVault/*",
    "Microsoft.ManagedIdentity/*",
    "Microsoft.Network/*",
    "Microsoft.OperationalInsights/*",
    "Microsoft.Resources/*",
    "Microsoft.Storage/*",
];

/// What a plan does for a pull request: it reads. Settings are read by an action, and may hold what
/// should be in a vault, so who may open a pull request matters, too.
const PLANS: [&str; 4] = [
    "*/read",
    "Microsoft.Web/sites/config/list/action",
    "Microsoft.Web/sites/slots/config/list/action",
    "Microsoft.Web/staticSites/listAppSettings/action",
];

/// The whole stack; `environments` are those that are deployed.
pub(super) fn add(builder: &mut Builder<'_>, environments: &[&str]) {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    let mut group = ResourceGroup::at(builder.location());
    group.physical_name = Some(format!("{}-{NAME}-rg", builder.project()));
    group.tags = builder.tags();
    let group = builder.stack.add("group", group);
    builder.describe(&group, &section, &[]);

    let mut account = StorageAccount::within(&group);
    account.location = builder.location().into();
    account.physical_name = settings.name;
    account.tags = builder.tags();
    // Leases and releases are read and written by whoever has a role, and by no key.
    account.allow_shared_key_access = false;
    let account = builder.stack.add("store", account);
    builder.describe(&account, &section, &[]);
    for name in ["leases", "releases"] {
        let container = Container::within(&account);
        let container = builder.stack.add(format!("store/{name}"), container);
        builder.describe(&container, &section, &[]);
    }
    if settings.lock {
        builder.lock(&account, &section);
    }

    let actions = DEPLOYS.into_iter().chain(["Microsoft.Web/*"]);
    let name = format!("Augeo deployer of {} ({{subscription}})", builder.project());
    let mut role = RoleDefinition::within(&group, name, Permission::actions(actions));
    role.description = Some("Provisions the platform's environments.".to_owned());
    let role = builder.stack.add("role/deployer", role);
    builder.describe(&role, &section, &[]);
    let Some(repository) = settings.github else {
        return;
    };
    let deployment = Deployment {
        section: &section,
        group: &group,
        account: &account,
        repository: &repository,
    };
    for environment in environments {
        let subject = format!("environment:{environment}");
        let identity = deployment.identity(builder, environment, &subject);
        let role = role.output(RoleDefinition::ROLE);
        deployment.grant(
            builder,
            &identity,
            role,
            Role::STORAGE_BLOB_DATA_CONTRIBUTOR,
        );
    }
    let name = format!("Augeo planner of {} ({{subscription}})", builder.project());
    let mut role = RoleDefinition::within(&group, name, Permission::actions(PLANS));
    role.description = Some("Plans the platform's environments, and changes nothing.".to_owned());
    let role = builder.stack.add("role/planner", role);
    builder.describe(&role, &section, &[]);
    let identity = deployment.identity(builder, "pull-requests", "pull_request");
    let role = role.output(RoleDefinition::ROLE);
    deployment.grant(builder, &identity, role, Role::STORAGE_BLOB_DATA_READER);
}

/// What the identities of deployments have in common.
struct Deployment<'a> {
    section: &'a Section,
    group: &'a Added<ResourceGroup>,
    account: &'a Added<StorageAccount>,
    repository: &'a str,
}

impl Deployment<'_> {
    /// An identity as which the workflows act that a subject of the repository is about.
    fn identity(
        &self,
        builder: &mut Builder<'_>,
        name: &str,
        subject: &str,
    ) -> Added<UserAssignedIdentity> {
        let mut identity = UserAssignedIdentity::within(self.group);
        identity.location = builder.location().into();
        identity.tags = builder.tags();
        let identity = builder.stack.add(format!("deploy/{name}"), identity);
        builder.describe(&identity, self.section, &[]);
        let subject = format!("repo:{}:{subject}", self.repository);
        let credential = FederatedCredential::github(&identity, subject);
        let credential = builder
            .stack
            .add(format!("deploy/{name}/github"), credential);
        builder.describe(&credential, self.section, &[("subject", "github")]);
        identity
    }

    /// What it may do in the subscription, and with the blobs.
    fn grant(
        &self,
        builder: &mut Builder<'_>,
        identity: &Added<UserAssignedIdentity>,
        role: impl Into<augeo_core::value::Input<Role>>,
        blobs: Role,
    ) {
        let principal = || identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let everywhere = RoleAssignment::at_subscription(role, principal());
        let on_blobs = RoleAssignment::on(self.account, blobs, principal());
        for (what, grant) in [("may", everywhere), ("blobs", on_blobs)] {
            let grant = builder
                .stack
                .add(format!("{}/{what}", identity.name()), grant);
            builder.describe(&grant, self.section, &[]);
        }
    }
}

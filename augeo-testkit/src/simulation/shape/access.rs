//! Nodes that say who may do what, what may not be done at all, and what it may cost.

use augeo_azure::resources::{
    Budget, FederatedCredential, LockLevel, Notification, Permission, Role, RoleAssignment,
    RoleDefinition, ThresholdType, UserAssignedIdentity,
};
use augeo_core::value::Input;

use super::{Built, Kind, Node, chosen};

impl Built {
    /// What a node is called in the world follows its place, so that who renames it keeps it.
    pub(super) fn add_access(
        &mut self,
        index: usize,
        node: &Node,
        name: &str,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let choice = node.choice;
        match node.kind {
            Kind::RoleOnStorage => self.add_grant(name, choice, variant, former)?,
            Kind::OwnRole => {
                let title = format!("Role {index} of the simulation ({{subscription}})");
                let action = format!("Microsoft.Storage/variant{variant}/read");
                let permission = Permission::actions([action.clone()]);
                let role = RoleDefinition::within(&self.group, title, permission);
                let added = self.stack.add(name, role);
                self.named(&added, former);
                self.expect(name, "/properties/permissions/0/actions/0", action);
                self.roles.push(added);
            }
            Kind::Credential => {
                let identity = chosen(&self.identities, choice)?.clone();
                let subject = format!("repo:augeo/sim:environment:node{index}-{variant}");
                let credential = FederatedCredential::github(&identity, subject.clone());
                let added = self.stack.add(name, credential);
                self.named(&added, former);
                self.expect(name, "/properties/subject", subject);
            }
            Kind::Budget => {
                if !self.once.insert("budget".to_owned()) {
                    return None;
                }
                let mut budget = Budget::on(&self.group, 100 + u32::from(variant));
                let told = Notification::at(80, ThresholdType::Actual, ["owner@example.com"]);
                budget.notifications.insert("most".to_owned(), told);
                let added = self.stack.add(name, budget);
                self.named(&added, former);
                self.expect(name, "/properties/amount", 100 + u32::from(variant));
            }
            Kind::Lock => {
                let mut lock = chosen(&self.locks, choice)?.clone();
                let level = if variant.is_multiple_of(2) {
                    "CanNotDelete"
                } else {
                    lock.level = LockLevel::ReadOnly;
                    "ReadOnly"
                };
                lock.notes = (variant > 1).then(|| "It holds data.".to_owned());
                let added = self.stack.add(name, lock);
                self.named(&added, former);
                self.expect(name, "/properties/level", level);
            }
            Kind::Workspace
            | Kind::Component
            | Kind::Identity
            | Kind::Storage
            | Kind::Container
            | Kind::Vault
            | Kind::Secret
            | Kind::Server
            | Kind::Database
            | Kind::Rule
            | Kind::Parameter
            | Kind::Redis
            | Kind::RedisDatabase
            | Kind::RedisAccess
            | Kind::Cache
            | Kind::CacheRule
            | Kind::Plan
            | Kind::Autoscale
            | Kind::App
            | Kind::Settings
            | Kind::Slot
            | Kind::SlotConfig
            | Kind::HostName
            | Kind::Certificate
            | Kind::SecureName
            | Kind::StaticSite
            | Kind::StaticSiteName
            | Kind::Zone
            | Kind::Texts
            | Kind::Alias
            | Kind::Delegation
            | Kind::MailService
            | Kind::MailDomain
            | Kind::MailUser
            | Kind::Messenger => return None,
        }
        Some(())
    }

    fn add_grant(
        &mut self,
        name: &str,
        choice: usize,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let account = chosen(&self.accounts, choice)?.clone();
        let identity = chosen(&self.identities, choice / 2)?.clone();
        let own = chosen(&self.roles, choice).filter(|_| variant > 1);
        let (role, title) = if let Some(own) = own {
            let role = own.output(RoleDefinition::ROLE);
            (Input::from(role), own.name().to_string())
        } else {
            let role = if variant.is_multiple_of(2) {
                Role::STORAGE_BLOB_DATA_READER
            } else {
                Role::STORAGE_BLOB_DATA_CONTRIBUTOR
            };
            let title = role.guid().to_owned();
            (Input::from(role), title)
        };
        let key = format!("{} {} {title}", account.name(), identity.name());
        if !self.once.insert(key) {
            return None;
        }
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let assignment = RoleAssignment::on(&account, role, principal);
        let added = self.stack.add(name, assignment);
        self.named(&added, former);
        Some(())
    }
}

//! What the data cannot say about a type: one named hook each, kept small.

mod authorization;
mod budget;
mod cache;
mod dns;
pub(crate) mod email;
mod federation;
mod host_name;
mod key_vault;
mod monitor;
mod postgresql;
mod postgresql_config;
mod static_site;
mod storage;
mod web;

use super::entry::Entry;
use super::error::ArmError;
use super::overlay::Overlay;
use super::tree::Body;
use super::view::Aspect;
use super::world::{Call, Reply, World};
use super::write::Draft;

/// The hook that an overlay names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    StorageAccount,
    ServerFarm,
    Site,
    SiteConfig,
    HostName,
    StaticSiteName,
    Certificate,
    StaticSite,
    FlexibleServer,
    FirewallRule,
    PostgresParameter,
    PostgresAdministrator,
    RedisCache,
    RedisChild,
    RedisCluster,
    RedisDatabase,
    Vault,
    VaultSecret,
    Workspace,
    Component,
    RoleAssignment,
    DnsZone,
    DnsRecord,
    CommunicationService,
    EmailService,
    EmailDomain,
    EmailSender,
    RoleDefinition,
    FederatedCredential,
    Budget,
}

impl Hook {
    pub(crate) fn of(overlay: &Overlay) -> Option<Self> {
        Self::named(overlay.hook.as_deref()?)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "storageAccount" => Self::StorageAccount,
            "serverFarm" => Self::ServerFarm,
            "site" => Self::Site,
            "siteConfig" => Self::SiteConfig,
            "hostName" => Self::HostName,
            "staticSiteName" => Self::StaticSiteName,
            "certificate" => Self::Certificate,
            "staticSite" => Self::StaticSite,
            "flexibleServer" => Self::FlexibleServer,
            "firewallRule" => Self::FirewallRule,
            "postgresParameter" => Self::PostgresParameter,
            "postgresAdministrator" => Self::PostgresAdministrator,
            "redisCache" => Self::RedisCache,
            "redisChild" => Self::RedisChild,
            "redisCluster" => Self::RedisCluster,
            "redisDatabase" => Self::RedisDatabase,
            "vault" => Self::Vault,
            "vaultSecret" => Self::VaultSecret,
            "workspace" => Self::Workspace,
            "component" => Self::Component,
            "roleAssignment" => Self::RoleAssignment,
            "dnsZone" => Self::DnsZone,
            "dnsRecord" => Self::DnsRecord,
            "communicationService" => Self::CommunicationService,
            "emailService" => Self::EmailService,
            "emailDomain" => Self::EmailDomain,
            "emailSender" => Self::EmailSender,
            "roleDefinition" => Self::RoleDefinition,
            "federatedCredential" => Self::FederatedCredential,
            "budget" => Self::Budget,
            _ => return None,
        })
    }

    /// Completes what a resource holds, or refuses it.
    pub(crate) fn fill(
        self,
        world: &World,
        draft: &Draft,
        entry: &mut Entry,
    ) -> Result<(), ArmError> {
        match self {
            Self::StorageAccount => storage::fill_account(entry),
            Self::ServerFarm => web::fill_plan(entry)?,
            Self::Site => web::fill_site(world, draft, entry)?,
            Self::SiteConfig => web::fill_config(world, draft, entry)?,
            Self::HostName => host_name::fill_binding(world, draft, entry)?,
            Self::StaticSiteName => static_site::ensure_resolves(world, draft, entry)?,
            Self::Certificate => host_name::fill_certificate(world, draft, entry)?,
            Self::StaticSite | Self::DnsZone | Self::EmailService => {}
            Self::FlexibleServer => postgresql::fill_server(draft, entry)?,
            Self::FirewallRule => postgresql::check_rule(entry)?,
            Self::PostgresParameter => postgresql_config::fill_parameter(draft, entry)?,
            Self::PostgresAdministrator => {
                postgresql_config::fill_administrator(world, draft, entry)?;
            }
            Self::RedisCache => cache::fill_cache(draft, entry)?,
            Self::RedisChild => cache::fill_child(world, draft, entry)?,
            Self::RedisCluster => cache::fill_cluster(draft, entry)?,
            Self::RedisDatabase => cache::fill_database(world, draft, entry)?,
            Self::Vault => key_vault::fill_vault(draft, entry)?,
            Self::VaultSecret => key_vault::fill_secret(world, draft, entry)?,
            Self::Workspace => monitor::fill_workspace(entry)?,
            Self::Component => monitor::fill_component(world, entry)?,
            Self::RoleAssignment => authorization::fill_assignment(world, draft, entry)?,
            Self::DnsRecord => dns::fill_record(world, draft, entry)?,
            Self::CommunicationService => email::fill_communication(world, entry)?,
            Self::EmailDomain => email::fill_domain(world, draft, entry)?,
            Self::EmailSender => email::fill_sender(world, draft, entry)?,
            Self::RoleDefinition => authorization::fill_definition(world, draft, entry)?,
            Self::FederatedCredential => federation::check_credential(world, draft, entry)?,
            Self::Budget => budget::fill(draft, entry)?,
        }
        Ok(())
    }

    /// After a resource was written down.
    pub(crate) fn committed(self, world: &mut World, draft: &Draft) {
        if self == Self::Site {
            web::apply_site_config(world, draft);
            host_name::bind_own_name(world, draft);
        }
    }

    /// Changes how a resource shows itself.
    pub(crate) fn show(self, world: &World, entry: &Entry, aspect: Aspect, body: &mut Body) {
        match self {
            Self::ServerFarm => web::show_plan(world, entry, body),
            Self::Site => {
                web::show_site(body);
                host_name::show_names(world, entry, body);
            }
            Self::StaticSite => static_site::show(world, entry, body),
            Self::DnsZone => dns::show_zone(world, entry, body),
            Self::EmailSender => email::show_sender(world, entry, body),
            Self::FlexibleServer => postgresql::show_server(entry, aspect, body),
            Self::PostgresParameter => postgresql_config::show_parameter(body),
            Self::RedisCache => cache::show_cache(body),
            Self::RedisChild => cache::show_child(entry, body),
            Self::RedisCluster | Self::RedisDatabase => cache::show_managed(entry, aspect, body),
            Self::Certificate => host_name::show_certificate(entry, aspect, body),
            Self::StorageAccount
            | Self::SiteConfig
            | Self::HostName
            | Self::StaticSiteName
            | Self::FirewallRule
            | Self::PostgresAdministrator
            | Self::Vault
            | Self::VaultSecret
            | Self::Workspace
            | Self::Component
            | Self::RoleAssignment
            | Self::RoleDefinition
            | Self::FederatedCredential
            | Self::Budget
            | Self::DnsRecord
            | Self::CommunicationService
            | Self::EmailService
            | Self::EmailDomain => {}
        }
    }

    /// Takes away what a list omits.
    pub(crate) fn list(self, body: &mut Body) {
        if self == Self::Site {
            web::show_site(body);
        }
    }

    /// Refuses a deletion.
    pub(crate) fn guard_delete(
        self,
        world: &mut World,
        call: &Call<'_>,
        entry: &Entry,
    ) -> Result<(), ArmError> {
        match self {
            Self::ServerFarm => web::guard_plan(world, entry),
            Self::Site => {
                web::note_plan_wish(world, call, entry);
                Ok(())
            }
            Self::Certificate => host_name::guard_certificate(world, entry),
            Self::DnsRecord => dns::guard_record(entry),
            Self::EmailService => email::guard_service(world, entry),
            Self::EmailDomain => email::guard_domain(world, entry),
            Self::RoleDefinition => authorization::guard_definition(world, entry),
            Self::StorageAccount
            | Self::SiteConfig
            | Self::HostName
            | Self::StaticSiteName
            | Self::StaticSite
            | Self::FlexibleServer
            | Self::FirewallRule
            | Self::PostgresParameter
            | Self::PostgresAdministrator
            | Self::RedisCache
            | Self::RedisChild
            | Self::RedisCluster
            | Self::RedisDatabase
            | Self::Vault
            | Self::VaultSecret
            | Self::Workspace
            | Self::Component
            | Self::RoleAssignment
            | Self::FederatedCredential
            | Self::Budget
            | Self::DnsZone
            | Self::CommunicationService
            | Self::EmailSender => Ok(()),
        }
    }

    /// After a resource is gone.
    pub(crate) fn removed(self, world: &mut World, entry: &Entry) {
        if self == Self::Site {
            web::site_removed(world, entry);
        }
    }

    /// Runs an action of the type; `None` where it has no such action.
    pub(crate) fn action(
        self,
        world: &mut World,
        call: &Call<'_>,
        entry: &Entry,
        action: &str,
    ) -> Option<Result<Reply, ArmError>> {
        match self {
            Self::StorageAccount => storage::action(world, entry, action),
            Self::Site => web::site_action(action),
            Self::SiteConfig => web::config_action(world, entry, action),
            Self::Workspace => monitor::workspace_action(world, entry, action),
            Self::StaticSite => static_site::action(world, entry, action),
            Self::EmailDomain => email::domain_action(world, call, entry, action),
            Self::ServerFarm
            | Self::HostName
            | Self::StaticSiteName
            | Self::Certificate
            | Self::FlexibleServer
            | Self::FirewallRule
            | Self::PostgresParameter
            | Self::PostgresAdministrator
            | Self::RedisCache
            | Self::RedisChild
            | Self::RedisCluster
            | Self::RedisDatabase
            | Self::Vault
            | Self::VaultSecret
            | Self::Component
            | Self::RoleAssignment
            | Self::RoleDefinition
            | Self::FederatedCredential
            | Self::Budget
            | Self::DnsZone
            | Self::DnsRecord
            | Self::CommunicationService
            | Self::EmailService
            | Self::EmailSender => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_that_an_overlay_names_exists() {
        for overlay in super::super::facts::facts().overlays.values() {
            assert_eq!(
                overlay.hook.is_some(),
                Hook::of(overlay).is_some(),
                "{}",
                overlay.type_name
            );
        }
    }
}

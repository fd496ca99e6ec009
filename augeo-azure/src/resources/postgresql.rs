//! `PostgreSQL` flexible servers, their databases, and the addresses that reach them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Input, OutputPath, SecretRef};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, usual};
use super::identity::ManagedIdentity;
use super::management::ResourceGroup;
use crate::schema::{
    ArmType, Capabilities, Compare, Counted, NameAlphabet, NameCheck, NameRule, Offer, Quota,
    UpdateMode,
};

/// The size of a server.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PostgresSku {
    /// Its size, such as `Standard_B1ms`.
    pub name: String,
    /// The family that the size belongs to: `Burstable`, `GeneralPurpose`, `MemoryOptimized`.
    pub tier: String,
}

impl PostgresSku {
    /// A size by its name, such as `Standard_D2s_v3`; its tier follows from the letter.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let letter = name.trim_start_matches("Standard_").chars().next();
        let tier = match letter {
            Some('B') => "Burstable",
            Some('E') => "MemoryOptimized",
            _ => "GeneralPurpose",
        };
        Self {
            name,
            tier: tier.to_owned(),
        }
    }
}

/// What a server stores on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PostgresStorage {
    /// How much; at least 32, and it never shrinks.
    #[serde(rename = "storageSizeGB")]
    pub storage_size_gb: u32,
    /// Whether it grows by itself. Then the size that it has grown to differs from the one
    /// declared, and cannot be taken back.
    pub auto_grow: Switch,
}

/// How a server is backed up.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PostgresBackup {
    /// To any moment of so many days it can be restored: 7 to 35.
    pub backup_retention_days: u8,
    /// Whether backups are also kept in the paired region; cannot be changed.
    pub geo_redundant_backup: Switch,
}

/// Whether a standby takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AvailabilityMode {
    /// There is none.
    Disabled,
    /// One in the same zone.
    SameZone,
    /// One in another zone. Burstable sizes and some regions have none.
    ZoneRedundant,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// The standby of a server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HighAvailability {
    /// Whether there is one, and where.
    pub mode: AvailabilityMode,
    /// Its zone at first; a failover moves it.
    pub standby_availability_zone: Option<String>,
}

/// How a server is reached.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PostgresNetwork {
    /// Whether it is reached over public addresses, by the firewall's rules.
    pub public_network_access: Switch,
    /// The subnet that it is put into; cannot be changed.
    pub delegated_subnet_resource_id: Option<Input<String>>,
    /// The private DNS zone that goes with the subnet.
    pub private_dns_zone_arm_resource_id: Option<Input<String>>,
}

/// How a server tells who somebody is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PostgresAuthentication {
    /// By Entra.
    pub active_directory_auth: Switch,
    /// By password.
    pub password_auth: Switch,
    /// The directory that Entra is asked in.
    pub tenant_id: Option<Input<String>>,
}

/// A [PostgreSQL flexible server](https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PostgresServer {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its size.
    pub sku: PostgresSku,
    /// Its identities.
    pub identity: Option<ManagedIdentity>,
    /// The major version; it can be raised, not lowered.
    pub version: String,
    /// The name of the administrator who has a password; cannot be changed.
    pub administrator_login: Option<String>,
    /// That password.
    pub administrator_login_password: Option<SecretRef>,
    /// What it stores on.
    pub storage: PostgresStorage,
    /// How it is backed up.
    pub backup: PostgresBackup,
    /// Its standby.
    pub high_availability: HighAvailability,
    /// How it is reached.
    pub network: PostgresNetwork,
    /// How it tells who somebody is.
    pub auth_config: PostgresAuthentication,
    /// Its zone at first; a failover moves it.
    pub availability_zone: Option<String>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl PostgresServer {
    /// The name under which clients reach it.
    pub const FQDN: OutputPath<Self, String> = OutputPath::new("fullyQualifiedDomainName");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A server outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a flexible server.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&POSTGRES_SERVER, id)
    }

    /// The smallest server in a group, in the group's region: version 17, 32 GiB, backups of
    /// 7 days, no standby, public but closed until a firewall rule admits somebody. Its password
    /// is usually kept by a vault's secret.
    pub fn within(
        group: &Added<ResourceGroup>,
        administrator_login: impl Into<String>,
        administrator_login_password: SecretRef,
    ) -> Self {
        Self {
            administrator_login: Some(administrator_login.into()),
            administrator_login_password: Some(administrator_login_password),
            auth_config: PostgresAuthentication {
                active_directory_auth: Switch::Disabled,
                password_auth: Switch::Enabled,
                tenant_id: None,
            },
            ..Self::without_administrators(group)
        }
    }

    /// The same without any password: only
    /// [administrators](super::PostgresAdministrator) that a directory knows sign in.
    pub fn without_passwords(
        group: &Added<ResourceGroup>,
        tenant_id: impl Into<Input<String>>,
    ) -> Self {
        let mut server = Self::without_administrators(group);
        server.auth_config.tenant_id = Some(tenant_id.into());
        server
    }

    fn without_administrators(group: &Added<ResourceGroup>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            sku: PostgresSku::named("Standard_B1ms"),
            identity: None,
            version: "17".to_owned(),
            administrator_login: None,
            administrator_login_password: None,
            storage: PostgresStorage {
                storage_size_gb: 32,
                auto_grow: Switch::Disabled,
            },
            backup: PostgresBackup {
                backup_retention_days: 7,
                geo_redundant_backup: Switch::Disabled,
            },
            high_availability: HighAvailability {
                mode: AvailabilityMode::Disabled,
                standby_availability_zone: None,
            },
            network: PostgresNetwork {
                public_network_access: Switch::Enabled,
                delegated_subnet_resource_id: None,
                private_dns_zone_arm_resource_id: None,
            },
            auth_config: PostgresAuthentication {
                active_directory_auth: Switch::Enabled,
                password_auth: Switch::Disabled,
                tenant_id: None,
            },
            availability_zone: None,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for PostgresServer {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&POSTGRES_SERVER.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// [What a region offers](https://learn.microsoft.com/rest/api/postgresql/capabilities-by-location/list):
/// versions, sizes, and the standbys that each size can have there.
const OFFERED: Capabilities = Capabilities {
    path: "providers/Microsoft.DBforPostgreSQL/locations/{location}/capabilities",
    offers: &[
        Offer {
            property: "version",
            free: None,
            lists: &[("supportedServerVersions", None)],
        },
        Offer {
            property: "sku.name",
            free: None,
            lists: &[
                ("supportedServerEditions", Some("sku.tier")),
                ("supportedServerSkus", None),
            ],
        },
        Offer {
            property: "highAvailability.mode",
            free: Some("Disabled"),
            lists: &[
                ("supportedServerEditions", Some("sku.tier")),
                ("supportedServerSkus", Some("sku.name")),
                ("supportedHaMode", None),
            ],
        },
    ],
};

/// The facts of flexible servers.
pub static POSTGRES_SERVER: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "2025-08-01",
        "PostgreSQL server",
    );
    ty.facts.immutable = &[
        "location",
        "administratorLogin",
        "backup.geoRedundantBackup",
        "network.delegatedSubnetResourceId",
    ];
    // A server that was made without passwords can be given one later.
    ty.facts.set_once = &["administratorLogin"];
    ty.facts.initial = &[
        "availabilityZone",
        "highAvailability.standbyAvailabilityZone",
    ];
    ty.facts.write_only = &["administratorLoginPassword", "createMode", "pointInTimeUTC"];
    ty.facts.secret = &["administratorLoginPassword"];
    ty.facts.holds_data = true;
    ty.facts.usual = usual(330_000, 132_000, 120_000);
    ty.update = UpdateMode::Patch;
    ty.compare = &[
        ("sku.name", Compare::IgnoreCase),
        ("sku.tier", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::LowerAlphanumericDash,
        length_min: 3,
        length_max: 63,
        global: true,
    };
    ty.capabilities = Some(OFFERED);
    // https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits
    ty.grows = &["storage.storageSizeGB", "version"];
    // https://learn.microsoft.com/rest/api/postgresql/quota-usages/list
    ty.quota = Some(Quota {
        path: "providers/Microsoft.DBforPostgreSQL/locations/{location}/resourceType/flexibleServers/usages",
        counted: Counted::Cores {
            all: "cores",
            size: "sku.name",
            doubled_unless: ("highAvailability.mode", "Disabled"),
        },
    });
    ty.name_check = Some(NameCheck {
        path: "providers/Microsoft.DBforPostgreSQL/checkNameAvailability",
        type_name: "Microsoft.DBforPostgreSQL/flexibleServers",
    });
    ty.ready_when = Some(("state", "Ready"));
    ty
};

/// A [database](https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers/databases)
/// on a server.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PostgresDatabase {
    /// How its text is encoded; cannot be changed.
    pub charset: String,
    /// How its text is ordered; cannot be changed.
    pub collation: String,
    /// Its name on the server, where it is not the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl PostgresDatabase {
    /// Its name on the server.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A database on a server, in UTF-8.
    pub fn within(server: &Added<PostgresServer>) -> Self {
        Self {
            charset: "UTF8".to_owned(),
            collation: "en_US.utf8".to_owned(),
            physical_name: None,
            scope: Scope::Within(server.name().clone()),
        }
    }
}

impl Resource for PostgresDatabase {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&POSTGRES_DATABASE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of databases.
pub static POSTGRES_DATABASE: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.DBforPostgreSQL/flexibleServers/databases",
        "2025-08-01",
        "PostgreSQL database",
    );
    ty.facts.immutable = &["charset", "collation"];
    ty.facts.holds_data = true;
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(12_000, 5_000, 12_000);
    ty.compare = &[
        ("charset", Compare::IgnoreCase),
        ("collation", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericDashUnderscore,
        length_min: 1,
        length_max: 63,
    };
    ty.made_by_service = &["azure_maintenance", "azure_sys", "postgres"];
    ty
};

/// A [firewall rule](https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers/firewallrules):
/// public addresses that reach a server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FirewallRule {
    /// The first address.
    pub start_ip_address: Input<String>,
    /// The last address.
    pub end_ip_address: Input<String>,
    /// Its name on the server, where it is not the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl FirewallRule {
    /// Admits the addresses from `start` to `end`, both included.
    pub fn within(
        server: &Added<PostgresServer>,
        start: impl Into<Input<String>>,
        end: impl Into<Input<String>>,
    ) -> Self {
        Self {
            start_ip_address: start.into(),
            end_ip_address: end.into(),
            physical_name: None,
            scope: Scope::Within(server.name().clone()),
        }
    }
}

impl Resource for FirewallRule {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&FIREWALL_RULE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of firewall rules.
pub static FIREWALL_RULE: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
        "2025-08-01",
        "PostgreSQL firewall rule",
    );
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(12_000, 5_000, 12_000);
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericDashUnderscore,
        length_min: 1,
        length_max: 80,
    };
    ty
};

//! Rules for flexible servers of `PostgreSQL`.

use augeo_core::finding::Severity;
use augeo_core::resource::Desired;
use augeo_core::value::Value;

use super::network::range_of;
use super::scene::{Found, Scene, is_a, own_name, text};
use super::when::When;
use super::{Rule, Test};
use crate::naming::{NameScope, physical_name};
use crate::resources::identity::USER_ASSIGNED_IDENTITY;

const SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
const PARAMETER: &str = "Microsoft.DBforPostgreSQL/flexibleServers/configurations";
const FIREWALL: &str = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules";
const ADMINISTRATOR: &str = "Microsoft.DBforPostgreSQL/flexibleServers/administrators";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/database-standby",
        title: "A PostgreSQL server of a burstable size is to have a standby.",
        reason: "B sizes are for development; they have no high availability, in one zone or in two.",
        fix: "take a D or E size, or set `high_availability = \"off\"`",
        link: "https://learn.microsoft.com/azure/reliability/reliability-postgresql-flexible-server",
        types: &[SERVER],
        test: Test::Property(
            When::All(&[
                When::IsNot("highAvailability.mode", &["Disabled"]),
                When::Begins("sku.name", &["Standard_B"]),
            ]),
            "a burstable size has no standby",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/database-tier",
        title: "The size and the tier of a PostgreSQL server do not go together.",
        reason: "B sizes are `Burstable`, D sizes `GeneralPurpose`, E sizes `MemoryOptimized`.",
        fix: "name the tier that the size belongs to",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute",
        types: &[SERVER],
        test: Test::Property(
            When::Any(&[
                When::All(&[
                    When::IsNot("sku.tier", &["Burstable"]),
                    When::Begins("sku.name", &["Standard_B"]),
                ]),
                When::All(&[
                    When::IsNot("sku.tier", &["GeneralPurpose"]),
                    When::Begins("sku.name", &["Standard_D"]),
                ]),
                When::All(&[
                    When::IsNot("sku.tier", &["MemoryOptimized"]),
                    When::Begins("sku.name", &["Standard_E"]),
                ]),
            ]),
            "the size belongs to another tier",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/database-backup-days",
        title: "The backups of a PostgreSQL server are to be kept for fewer or more days than they can.",
        reason: "They are kept for 7 to 35 days; what must stay longer is a matter of exports.",
        fix: "set 7 to 35 days",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-backup-restore",
        types: &[SERVER],
        test: Test::Property(
            When::Outside("backup.backupRetentionDays", 7, 35),
            "backups are kept for 7 to 35 days",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/database-storage",
        title: "A PostgreSQL server stores less or more than it can.",
        reason: "The smallest disk has 32 GiB, the largest 32 TiB; it can grow and never shrink.",
        fix: "set 32 or more",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage",
        types: &[SERVER],
        test: Test::Property(
            When::Outside("storage.storageSizeGB", 32, 32_767),
            "it stores 32 to 32767 GiB",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/database-tls",
        title: "A PostgreSQL server takes connections without TLS, or with TLS older than 1.2.",
        reason: "Passwords and rows are then read by whoever is on the way.",
        fix: "set `require_secure_transport` to `on` and `ssl_min_protocol_version` to `TLSv1.2`",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/security-tls",
        types: &[PARAMETER],
        test: Test::Property(
            When::Any(&[
                When::All(&[
                    When::Is("value", &["off"]),
                    When::Named(&["require_secure_transport"]),
                ]),
                When::All(&[
                    When::Is("value", super::web::OLD_TLS),
                    When::Named(&["ssl_min_protocol_version", "tls_version"]),
                ]),
            ]),
            "connections without current TLS are accepted",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/restart-needed",
        severity: Severity::Note,
        title: "A parameter of PostgreSQL works only after the server was restarted.",
        reason: "Azure takes the new value at once and puts it to work when the server starts again; \
                 Augeo restarts nothing.",
        fix: "az postgres flexible-server restart, at a time that suits its users",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-server-parameters",
        types: &[PARAMETER],
        test: Test::Each(restart),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/database-closed",
        title: "PostgreSQL has no firewall rule, so nobody reaches it.",
        reason: "Only addresses that are written down are admitted; the web app is no exception.",
        fix: "add addresses to [database.firewall], such as `azure = \"0.0.0.0\"`",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/security-firewall-rules",
        types: &[SERVER],
        test: Test::Each(closed),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/database-open",
        severity: Severity::Note,
        title: "A firewall rule of PostgreSQL admits more than one's own callers.",
        reason: "`0.0.0.0` admits every service of Azure, of any customer; password and TLS still \
                 protect it.",
        fix: "name the addresses of those who need it, where they are known",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/security-firewall-rules",
        types: &[FIREWALL],
        test: Test::Each(open),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/database-network",
        title: "A PostgreSQL server in a subnet has firewall rules.",
        reason: "A server is either in a delegated subnet or behind a firewall; that is settled when it \
                 is made, and the other kind of access is refused.",
        fix: "delete the rule: who is in the network reaches the server",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private",
        types: &[FIREWALL],
        test: Test::Each(in_subnet),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/database-nobody",
        severity: Severity::Error,
        title: "Nobody can sign in to a PostgreSQL server.",
        reason: "Passwords are off, and nobody is named who signs in by Entra.",
        fix: "name somebody in [database.administrators]",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/security-entra-concepts",
        types: &[SERVER],
        test: Test::Each(nobody),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/database-role",
        title: "The web app signs in to PostgreSQL as its identity, in a role that has to be made.",
        reason: "ARM makes administrators of a server and nothing else; roles with fewer rights are made \
                 by SQL, from where the server can be reached.",
        fix: "run the SQL that the finding shows, once, as one of the administrators",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/security-manage-entra-users",
        types: &[SERVER],
        test: Test::Each(role),
        ..Rule::BASE
    },
];

/// Parameters that only a restart of the server puts to work, as Azure lists them; there are others,
/// which hardly anybody sets.
const STATIC: [&str; 12] = [
    "autovacuum_max_workers",
    "max_connections",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "shared_buffers",
    "shared_preload_libraries",
    "track_activity_query_size",
    "wal_level",
];

fn restart<'a>(_: &Scene<'a>, parameter: &'a Desired) -> Vec<Found<'a>> {
    let name = own_name(parameter);
    if !STATIC.contains(&name) {
        return Vec::new();
    }
    let message = format!("a new value of `{name}` works after a restart of the server");
    vec![Found::at(parameter, "value", message)]
}

fn is(desired: &Desired, path: &str, word: &str) -> bool {
    text(desired, path).is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn set(desired: &Desired, path: &str) -> bool {
    let value = desired.value.get(&path.into());
    value.is_some_and(|value| *value != Value::Null)
}

const SUBNET: &str = "network.delegatedSubnetResourceId";

fn closed<'a>(scene: &Scene<'a>, server: &'a Desired) -> Vec<Found<'a>> {
    let private = set(server, SUBNET) || is(server, "network.publicNetworkAccess", "Disabled");
    if private || scene.inside(server, FIREWALL).next().is_some() {
        return Vec::new();
    }
    let message = "the firewall of the database lets nobody in, the web app included";
    vec![Found::of(server, message)]
}

/// A range as wide as this is more than an office.
const WIDE: u64 = 1 << 16;

fn open<'a>(_: &Scene<'a>, rule: &'a Desired) -> Vec<Found<'a>> {
    let Some(range) = range_of(rule) else {
        return Vec::new();
    };
    let message = if range.is_all_of_azure() {
        "`0.0.0.0` lets in every service of Azure, of any customer".to_owned()
    } else if range.size() >= WIDE {
        format!("`{range}` lets in {} addresses", range.size())
    } else {
        return Vec::new();
    };
    vec![Found::at(rule, "startIpAddress", message)]
}

fn in_subnet<'a>(scene: &Scene<'a>, rule: &'a Desired) -> Vec<Found<'a>> {
    let Some(server) = scene.parent(rule).filter(|server| set(server, SUBNET)) else {
        return Vec::new();
    };
    let message = format!("{} is in a subnet, so it has no firewall", server.name);
    vec![Found::of(rule, message)]
}

fn nobody<'a>(scene: &Scene<'a>, server: &'a Desired) -> Vec<Found<'a>> {
    if !is(server, "authConfig.passwordAuth", "Disabled") {
        return Vec::new();
    }
    let by_entra = !is(server, "authConfig.activeDirectoryAuth", "Disabled");
    if by_entra && scene.inside(server, ADMINISTRATOR).next().is_some() {
        return Vec::new();
    }
    let message = "passwords are off, and nobody signs in by Entra";
    vec![Found::at(server, "authConfig.passwordAuth", message)]
}

/// Without passwords an app signs in as its identity, in a role that only SQL makes.
fn role<'a>(scene: &Scene<'a>, server: &'a Desired) -> Vec<Found<'a>> {
    if !is(server, "authConfig.passwordAuth", "Disabled") {
        return Vec::new();
    }
    let databases = scene.inside(
        server,
        "Microsoft.DBforPostgreSQL/flexibleServers/databases",
    );
    let databases: Vec<&str> = databases.map(own_name).collect();
    let mut found = Vec::new();
    for site in scene.of_type("Microsoft.Web/sites") {
        let identities = site.value.get(&"identity.userAssignedIdentities".into());
        let identity = identities.and_then(|it| identity_in(scene, it));
        let Some(identity) = identity else {
            continue;
        };
        let within = NameScope {
            subscription: "",
            stack: scene.stack,
            within: "",
        };
        let role = identity.physical_name.clone();
        let role = role
            .unwrap_or_else(|| physical_name(&USER_ASSIGNED_IDENTITY.name, within, &identity.name));
        let message = format!(
            "ARM makes administrators only: the web app signs in to the database as `{role}`, a role \
             that SQL makes, once"
        );
        let fix = format!(
            "as an administrator, in the database postgres: SELECT * FROM \
             pgaadauth_create_principal('{role}', false, false); then, in {}: GRANT what the app may \
             do TO \"{role}\"",
            databases.first().unwrap_or(&"the app's database")
        );
        let one = Found::at(server, "authConfig.passwordAuth", message);
        found.push(one.fix(fix).of_stack());
    }
    found
}

/// The user-assigned identity that a value refers to, anywhere in it.
fn identity_in<'a>(scene: &Scene<'a>, value: &Value) -> Option<&'a Desired> {
    let mut found = None;
    value.walk(&mut |_, value| {
        if let Value::Unknown(expression) = value {
            found = found.or_else(|| scene.mentioned(expression));
        }
    });
    found.filter(|it| is_a(it, &["Microsoft.ManagedIdentity/userAssignedIdentities"]))
}

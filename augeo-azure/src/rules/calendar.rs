//! What ends, and when: the calendar of retirements as data, and the rules that read it.

use augeo_core::finding::{Finding, Severity};
use augeo_core::name::TypeName;
use augeo_core::resource::Desired;
use augeo_core::value::Value;
use time::Date;
use time::macros::date;

use super::scene::{Found, Scene, own_name, plain};
use super::when::When;
use super::{Rule, Test};

const SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
const CACHE: &str = "Microsoft.Cache/redis";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/database-version",
        title: "A major version of PostgreSQL is near its end, or past it.",
        reason: "The community stops mending it; Azure then takes no new servers of it, and lets those that \
                 are there go on for a fee, Extended Support, of which nobody can opt out.",
        fix: "take `version = \"17\"`; a server that is there is raised in place, after a test on a copy",
        link: "https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-version-policy",
        types: &[SERVER],
        test: Test::Each(version),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/redis-retired",
        title: "Azure Cache for Redis, the classic kind, ends.",
        reason: "Who had no cache before April 2026 is refused one. Those that are there run until \
                 2028-09-30 and are then switched off. Azure Managed Redis takes its place.",
        fix: "take Managed Redis (`kind = \"managed\"`); who has a classic cache has until then to move",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq",
        date: Some(date!(2028 - 09 - 30)),
        types: &[CACHE],
        test: Test::Each(classic),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/redis-enterprise-retired",
        title: "The Enterprise sizes of Azure Cache for Redis end.",
        reason: "They cannot be made any more, and are switched off on that day; Managed Redis is the same \
                 service with other sizes.",
        fix: "take a size of Managed Redis, such as `Balanced_B5`",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq",
        date: Some(date!(2027 - 03 - 31)),
        types: &["Microsoft.Cache/redisEnterprise"],
        test: Test::Property(
            When::Begins("sku.name", &["Enterprise_", "EnterpriseFlash_"]),
            "the Enterprise sizes end",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/vault-version",
        title: "A vault is written in an api-version that ends.",
        reason: "The control plane of Key Vault answers no version before 2026-02-01 from that day on.",
        fix: "write `api_version = \"2026-02-01\"`, and say `enableRbacAuthorization`, whose default changed",
        link: "https://learn.microsoft.com/azure/key-vault/general/access-control-default",
        date: Some(date!(2027 - 02 - 27)),
        types: &[
            "Microsoft.KeyVault/vaults",
            "Microsoft.KeyVault/vaults/secrets",
        ],
        test: Test::Each(vault_version),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-test-ping",
        title: "A web test is a URL ping test, which has ended.",
        reason: "Azure removed them from Application Insights; the standard test does the same and checks \
                 the certificate, too.",
        fix: "take `kind = \"standard\"`",
        link: "https://learn.microsoft.com/azure/azure-monitor/app/availability",
        date: Some(date!(2026 - 09 - 30)),
        types: &["Microsoft.Insights/webTests"],
        test: Test::Property(
            When::Is("kind", &["ping", "multistep"]),
            "this kind of test has ended",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/public-ip-basic",
        severity: Severity::Error,
        title: "A public address is of the Basic kind, which has ended.",
        reason: "Basic public addresses are retired and cannot be made any more; Standard ones are closed \
                 until a security group opens them.",
        fix: "take `sku = { name = \"Standard\" }` with static allocation",
        link: "https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-basic-upgrade-guidance",
        date: Some(date!(2025 - 09 - 30)),
        types: &["Microsoft.Network/publicIPAddresses"],
        test: Test::Property(
            When::Is("sku.name", &["Basic"]),
            "Basic addresses have ended",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/runbook-runtime",
        title: "A runbook runs on PowerShell 7.2, which has ended upstream.",
        reason: "Nobody mends it any more; runtime environments with a current version take its place.",
        fix: "use a runtime environment with PowerShell 7.4 or later",
        link: "https://learn.microsoft.com/azure/automation/automation-runbook-types",
        date: Some(date!(2024 - 11 - 08)),
        types: &["Microsoft.Automation/automationAccounts/runbooks"],
        test: Test::Property(
            When::Is("runbookType", &["PowerShell72", "PowerShell7"]),
            "PowerShell 7.2 has ended",
        ),
        ..Rule::BASE
    },
];

/// A major version of the database on Azure.
struct Version {
    number: &'static str,
    /// The community's last release.
    community: Date,
    /// The last day of Azure's support without a fee; from then on no new servers.
    standard: Date,
}

/// As Microsoft's policy has them; what is not listed is far from its end, or long past it
/// (<https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-version-policy>).
static VERSIONS: &[Version] = &[
    Version {
        number: "11",
        community: date!(2023 - 11 - 09),
        standard: date!(2025 - 07 - 31),
    },
    Version {
        number: "12",
        community: date!(2024 - 11 - 14),
        standard: date!(2025 - 07 - 31),
    },
    Version {
        number: "13",
        community: date!(2025 - 11 - 13),
        standard: date!(2026 - 03 - 31),
    },
    Version {
        number: "14",
        community: date!(2026 - 11 - 12),
        standard: date!(2026 - 12 - 11),
    },
    Version {
        number: "15",
        community: date!(2027 - 11 - 11),
        standard: date!(2027 - 11 - 11),
    },
];

/// So many days before the end of its support a version is told.
const AHEAD: i64 = 180;

fn version_in(server: &Value) -> Option<&'static Version> {
    let written = server.get(&"version".into()).and_then(plain)?;
    VERSIONS.iter().find(|version| version.number == written)
}

fn version<'a>(scene: &Scene<'a>, server: &'a Desired) -> Vec<Found<'a>> {
    let Some(version) = version_in(&server.value) else {
        return Vec::new();
    };
    let today = scene.occasion.today;
    if (version.standard - today).whole_days() > AHEAD {
        return Vec::new();
    }
    let Version {
        number,
        community,
        standard,
    } = version;
    let message = if today <= *standard {
        format!(
            "PostgreSQL {number} ends: the community's support on {community}, Azure's on {standard}, \
             after which no new server is made and those that are there pay for Extended Support"
        )
    } else {
        format!(
            "PostgreSQL {number} has ended: no new server is made since {standard}, and those that are \
             there pay for Extended Support"
        )
    };
    vec![Found::at(server, "version", message).undated()]
}

/// Why Azure refuses to make one of this type today, although it lets one that is there live on.
pub(crate) fn refused_when_made(ty: &TypeName, value: &Value, today: Date) -> Option<Finding> {
    if *ty != TypeName::from_static(SERVER) {
        return None;
    }
    let version = version_in(value).filter(|version| today > version.standard)?;
    let Version {
        number, standard, ..
    } = version;
    let message = format!("PostgreSQL {number} has ended: no new server is made since {standard}");
    let finding = Finding::error("augeo/database-version", message).property("version");
    Some(finding.fix("take `version = \"17\"`"))
}

fn classic<'a>(_: &Scene<'a>, cache: &'a Desired) -> Vec<Found<'a>> {
    let message = "Azure Cache for Redis is closed to who had none before 2026-04-01, and is switched off \
                   after 2028-09-30";
    vec![Found::at(cache, "sku", message).undated()]
}

/// The first version of Key Vault's control plane that stays.
const VAULT_VERSION: &str = "2026-02-01";

fn vault_version<'a>(_: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let written = &*desired.ty.version;
    let date = written.get(..10).unwrap_or(written);
    if date >= VAULT_VERSION {
        return Vec::new();
    }
    let message = format!(
        "`{}` is written in {written}, which ends",
        own_name(desired)
    );
    vec![Found::of(desired, message)]
}

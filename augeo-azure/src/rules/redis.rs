//! Rules for Redis: classic caches and Managed Redis.

use augeo_core::finding::Severity;
use augeo_core::resource::Desired;

use super::scene::{Found, Scene, is_a, text};
use super::web::OLD_TLS;
use super::when::When;
use super::{Rule, Test};

const CACHE: &str = "Microsoft.Cache/redis";
const CLUSTER: &str = "Microsoft.Cache/redisEnterprise";
const DATABASE: &str = "Microsoft.Cache/redisEnterprise/databases";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/redis-persistence",
        title: "A classic cache of a tier that keeps nothing on disk is to do so.",
        reason: "Only Premium keeps a log (AOF) or copies (RDB), from some 400 USD a month; Basic and \
                 Standard lose what they hold with their nodes. Managed Redis has both in every size.",
        fix: "take Managed Redis (`kind = \"managed\"`), or a Premium size, or set `persistence = \"off\"`",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-premium-persistence",
        types: &[CACHE],
        test: Test::Property(
            When::All(&[
                When::Any(&[
                    When::Is("redisConfiguration.aof-backup-enabled", &["true"]),
                    When::Is("redisConfiguration.rdb-backup-enabled", &["true"]),
                ]),
                When::IsNot("sku.name", &["Premium"]),
            ]),
            "only Premium keeps anything on disk",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/redis-both",
        title: "Redis is to keep a log and copies.",
        reason: "It keeps either each write (AOF) or a copy now and then (RDB), not both.",
        fix: "switch one of them off",
        link: "https://learn.microsoft.com/azure/redis/how-to-persistence",
        types: &[CACHE, DATABASE],
        test: Test::Property(
            When::Any(&[
                When::All(&[
                    When::Is("persistence.aofEnabled", &["true"]),
                    When::Is("persistence.rdbEnabled", &["true"]),
                ]),
                When::All(&[
                    When::Is("redisConfiguration.aof-backup-enabled", &["true"]),
                    When::Is("redisConfiguration.rdb-backup-enabled", &["true"]),
                ]),
            ]),
            "a log and copies exclude each other",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/redis-frequency",
        title: "Redis is to write its log or its copies at an interval that it does not have.",
        reason: "Managed Redis writes its log every second and copies every 1, 6 or 12 hours; every 4 \
                 hours, and into a storage account, is what an export of one's own does.",
        fix: "take `1s` for the log, `1h`, `6h` or `12h` for copies",
        link: "https://learn.microsoft.com/azure/redis/how-to-persistence",
        types: &[DATABASE],
        test: Test::Property(
            When::Any(&[
                When::IsNot("persistence.aofFrequency", &["1s", "always"]),
                When::IsNot("persistence.rdbFrequency", &["1h", "6h", "12h"]),
            ]),
            "Redis does not have this interval",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/redis-clusters",
        severity: Severity::Note,
        title: "Redis asks its clients to speak the protocol of Redis clusters.",
        reason: "Under `OSSCluster` a plain client, such as that of most Python apps, fails at the first \
                 key on another shard. It cannot be changed.",
        fix: "take `EnterpriseCluster`, unless every client is aware of clusters",
        link: "https://learn.microsoft.com/azure/redis/architecture#cluster-policies",
        types: &[DATABASE],
        test: Test::Property(
            When::Is("clusteringPolicy", &["OSSCluster"]),
            "clients must speak the protocol of clusters",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/redis-unclustered",
        title: "Redis without clustering has a size that needs it.",
        reason: "All on one shard goes up to 25 GB; larger sizes are spread over several.",
        fix: "take a size of at most 24 GB, or `EnterpriseCluster`",
        link: "https://learn.microsoft.com/azure/redis/architecture#cluster-policies",
        types: &[DATABASE],
        test: Test::Each(unclustered),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/redis-patches",
        title: "A Basic cache has a schedule for patches.",
        reason: "Only Standard and Premium let one say when; Basic has one node, which stops then.",
        fix: "delete the schedule, or take Standard",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-administration#schedule-updates",
        types: &["Microsoft.Cache/redis/patchSchedules"],
        test: Test::Property(
            When::Parent(&When::Is("sku.name", &["Basic"])),
            "a Basic cache has no schedule for patches",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/redis-entra",
        title: "Somebody is let in to a cache by Entra, and Entra is off there.",
        reason: "An access policy is assigned only on a cache with `aad-enabled`.",
        fix: "set `entra = true`",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-azure-active-directory-for-authentication",
        types: &["Microsoft.Cache/redis/accessPolicyAssignments"],
        test: Test::Property(
            When::Parent(&When::Any(&[
                When::Unset("redisConfiguration.aad-enabled"),
                When::Is("redisConfiguration.aad-enabled", &["false"]),
            ])),
            "sign-in by Entra is off on this cache",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/redis-tls",
        title: "Redis answers without TLS, or with TLS older than 1.2.",
        reason: "Sessions and keys are then read by whoever is on the way. Classic caches have refused \
                 TLS 1.0 and 1.1 since March 2025.",
        fix: "switch the port without TLS off, and ask for TLS 1.2",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-remove-tls-10-11",
        types: &[CACHE, CLUSTER, DATABASE],
        test: Test::Property(
            When::Any(&[
                When::Is("enableNonSslPort", &["true"]),
                When::Is("clientProtocol", &["Plaintext"]),
                When::Is("minimumTlsVersion", OLD_TLS),
            ]),
            "connections without current TLS are accepted",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/redis-keys",
        severity: Severity::Note,
        title: "The web app signs in to Redis with an access key.",
        reason: "Augeo never reads the keys of a cache, so it can neither set them nor change them.",
        fix: "write the key into the vault and name it in [app_service.secrets], or set `entra = true`",
        link: "https://learn.microsoft.com/azure/redis/entra-for-authentication",
        types: &[CACHE, DATABASE],
        test: Test::Each(keys),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/redis-public",
        severity: Severity::Note,
        title: "Redis is reached from any address.",
        reason: "TLS and the sign-in protect it. Classic caches can have a firewall for public \
                 addresses; Managed Redis has none, and is closed by a private endpoint.",
        fix: "nothing has to be done; it has no firewall for public addresses",
        link: "https://learn.microsoft.com/azure/redis/private-link",
        types: &[CACHE, CLUSTER],
        test: Test::Each(public),
        ..Rule::BASE
    },
];

fn is(desired: &Desired, path: &str, word: &str) -> bool {
    text(desired, path).is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// The largest size without clustering, in gigabytes
/// (<https://learn.microsoft.com/azure/redis/architecture#cluster-policies>).
const UNCLUSTERED_GB: u32 = 25;

fn unclustered<'a>(scene: &Scene<'a>, database: &'a Desired) -> Vec<Found<'a>> {
    if !is(database, "clusteringPolicy", "NoCluster") {
        return Vec::new();
    }
    let sku = scene
        .parent(database)
        .and_then(|cluster| text(cluster, "sku.name"));
    let Some(sku) = sku else {
        return Vec::new();
    };
    // A size is named after its gigabytes, but for the smallest ones, which are far below.
    let digits = sku.trim_start_matches(|c: char| !c.is_ascii_digit());
    if digits
        .parse::<u32>()
        .is_ok_and(|size| size > UNCLUSTERED_GB)
    {
        let message = format!("{sku} is spread over several shards");
        return vec![Found::at(database, "clusteringPolicy", message)];
    }
    Vec::new()
}

fn keys<'a>(scene: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let (path, off) = if is_a(desired, &[CACHE]) {
        ("disableAccessKeyAuthentication", "true")
    } else {
        ("accessKeysAuthentication", "Disabled")
    };
    let has_app = scene.of_type("Microsoft.Web/sites").next().is_some();
    if is(desired, path, off) || !has_app {
        return Vec::new();
    }
    let message =
        "the web app signs in to Redis with an access key, which Augeo neither reads nor sets";
    vec![Found::at(desired, path, message).of_stack()]
}

fn public<'a>(scene: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    if is(desired, "publicNetworkAccess", "Disabled") {
        return Vec::new();
    }
    if is_a(desired, &[CLUSTER]) {
        let message = "Managed Redis is reached from any address, by TLS and who signs in, until it has \
                       a private endpoint";
        return vec![Found::of(desired, message)];
    }
    if scene
        .inside(desired, "Microsoft.Cache/redis/firewallRules")
        .next()
        .is_some()
    {
        return Vec::new();
    }
    let message =
        "the cache has no firewall: it is reached from any address, by TLS and who signs in";
    let fix = "add public addresses to [redis.firewall]; those of a subnet never match";
    vec![Found::of(desired, message).fix(fix)]
}

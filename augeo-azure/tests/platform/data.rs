//! Databases without passwords, and both kinds of Redis.

use augeo_azure::platform::Config;
use augeo_core::stack::Stack;

use crate::shown::{TOP, judged, list, names, no_errors, resource, stack, value};

const PEOPLE: &str = "
[database]
password_auth = false
[database.administrators]
'people@example.com' = 'group 00000000-0000-4000-8000-00000000000A'
";

fn shown(stack: &Stack, name: &str, property: &str) -> String {
    let value_of = &resource(stack, name).value;
    value(
        value_of
            .field(property)
            .unwrap_or_else(|| panic!("{name}.{property}")),
    )
}

/// What is wrong with the environment dev of a configuration.
fn mistakes(text: &str) -> Vec<String> {
    let whole = format!("{TOP}{text}");
    let config = Config::parse(&whole, "augeo.toml").and_then(|config| config.stack("dev"));
    let errors = config.err().map(|errors| errors.to_string());
    let lines = errors.iter().flat_map(|text| text.lines());
    let told = lines.filter(|line| line.contains("error"));
    told.map(str::to_owned).collect()
}

#[test]
fn without_passwords_there_is_none_anywhere() {
    let stack = judged(&format!("{TOP}{PEOPLE}"), "dev");
    no_errors(&stack);
    let text = list(&stack);
    assert!(
        !text.contains("password ") && !text.contains("PASSWORD"),
        "{text}"
    );
    assert_eq!(
        shown(&stack, "web/api/settings", "DATABASE_USER"),
        "${identity/api.name}"
    );
    let login = shown(&stack, "data/postgres", "authConfig");
    assert_eq!(
        login,
        "{activeDirectoryAuth: \"Enabled\", passwordAuth: \"Disabled\", tenantId: ${identity/api.tenantId}}"
    );
    let people = resource(
        &stack,
        "data/postgres/administrators/00000000-0000-4000-8000-00000000000a",
    );
    assert_eq!(
        value(people.value.field("principalType").unwrap()),
        "\"Group\""
    );
    let role = stack
        .findings()
        .iter()
        .find(|it| it.rule == "augeo/database-role");
    let fix = role.unwrap().fix.clone().unwrap();
    assert!(
        fix.contains("pgaadauth_create_principal('augeo-dev-identity-api', false, false)"),
        "{fix}"
    );
    // Administrators beside the password change nothing for the app.
    let both = PEOPLE.replace("password_auth = false", "");
    let both = judged(&format!("{TOP}{both}"), "dev");
    assert!(names(&both).contains(&"security/vault/postgres-password"));
    assert_eq!(
        shown(&both, "web/api/settings", "DATABASE_USER"),
        "\"augeo\""
    );
    assert!(
        !both
            .findings()
            .iter()
            .any(|it| it.rule == "augeo/database-role")
    );
}

#[test]
fn somebody_must_be_able_to_sign_in() {
    let stack = judged(&format!("{TOP}[database]\npassword_auth = false\n"), "dev");
    let mut findings = stack.findings().iter();
    let nobody = findings.find(|finding| finding.rule == "augeo/database-nobody");
    let place = nobody.and_then(|finding| finding.location.as_ref());
    assert_eq!(place.unwrap().to_string(), "augeo.toml:8:17");
    let nameless = mistakes("[database.administrators]\n'a@b.c' = 'user'\n");
    assert!(nameless[0].contains("cannot be `user`"), "{nameless:?}");
}

#[test]
fn sizes_and_files_follow_the_environment() {
    let text = format!("{TOP}[environment.production.database]\nenabled = false\n");
    for (environment, sku, high_availability, files) in [
        (
            "dev",
            "Balanced_B0",
            "Disabled",
            "{aofEnabled: false, rdbEnabled: false}",
        ),
        (
            "staging",
            "Balanced_B1",
            "Enabled",
            "{aofEnabled: false, rdbEnabled: false}",
        ),
        (
            "production",
            "Balanced_B1",
            "Enabled",
            "{aofEnabled: true, aofFrequency: \"1s\", rdbEnabled: false}",
        ),
    ] {
        let stack = stack(&text, environment);
        assert_eq!(
            shown(&stack, "data/redis", "sku"),
            format!("{{name: \"{sku}\"}}")
        );
        let second = shown(&stack, "data/redis", "highAvailability");
        assert_eq!(second, format!("\"{high_availability}\""));
        assert_eq!(shown(&stack, "data/redis/database", "persistence"), files);
    }
}

#[test]
fn a_classic_cache_with_all_that_it_has() {
    let text = format!(
        "{TOP}
[redis]
kind = 'classic'
sku = 'Premium_P1'
persistence = 'rdb-6h'
patch_days = ['sunday', 'monday']
[redis.firewall]
office = '203.0.113.0/28'
"
    );
    let stack = stack(&text, "dev");
    no_errors(&stack);
    let listed = list(&stack);
    let wanted = ["data/redis", "identity/api-keeps-redis"];
    let blocks = listed
        .split("\n\n")
        .filter(|block| wanted.iter().any(|name| block.starts_with(name)));
    insta::assert_snapshot!(blocks.collect::<Vec<_>>().join("\n\n"));
    assert_eq!(shown(&stack, "web/api/settings", "REDIS_PORT"), "\"6380\"");
}

#[test]
fn classic_caches_keep_nothing_unless_somebody_asks() {
    let text = format!("{TOP}[redis]\nkind = 'classic'\nentra = false\n");
    for (environment, sku) in [
        ("dev", "Basic"),
        ("staging", "Standard"),
        ("production", "Standard"),
    ] {
        let stack = stack(&text, environment);
        assert!(shown(&stack, "data/redis", "sku").contains(sku));
        let configuration = shown(&stack, "data/redis", "redisConfiguration");
        assert_eq!(
            configuration,
            "{aad-enabled: \"false\", maxmemory-policy: \"volatile-lru\"}"
        );
        assert!(!names(&stack).contains(&"data/redis/api"));
        let variables = resource(&stack, "web/api/settings")
            .value
            .as_object()
            .unwrap();
        assert!(!variables.contains_key("REDIS_USER"));
    }
}

#[test]
fn what_only_the_other_kind_has_is_a_mistake() {
    for (text, problem) in [
        (
            "kind = 'classic'\nhigh_availability = true",
            "`high_availability` is for Managed Redis only",
        ),
        (
            "kind = 'classic'\nclustering = 'none'",
            "`clustering` is for Managed Redis only",
        ),
        (
            "kind = 'classic'\nsku = 'Balanced_B0'",
            "`sku` cannot be `Balanced_B0`, a size of Managed Redis",
        ),
        (
            "sku = 'Standard_C1'",
            "`sku` cannot be `Standard_C1`, a size of classic caches",
        ),
        (
            "patch_days = ['sunday']",
            "`patch_days` is for classic caches only",
        ),
        ("patch_days = ['day']", "`patch_days` cannot be `day`"),
        ("sku = 'B0'", "`sku` cannot be `B0`"),
        (
            "firewall = { office = '203.0.113.7' }",
            "`firewall` is for classic caches only",
        ),
        (
            "firewall = { the-office = '203.0.113.7' }",
            "`firewall` cannot be `the-office`",
        ),
    ] {
        let found = mistakes(&format!("[redis]\n{text}\n"));
        assert!(
            found.len() == 1 && found[0].contains(problem),
            "{text}: {found:?}"
        );
    }
    let found = mistakes(
        "[redis]\nkind = 'classic'\nsku = 'Premium_P1'\npersistence = 'aof'\n[storage]\nenabled = false\n",
    );
    assert!(
        found.len() == 1 && found[0].contains("redis.persistence"),
        "{found:?}"
    );
}

//! The stack that all environments share.

use augeo_azure::platform::Config;

use crate::shown::{TOP, list, names, stack};

fn with(keys: &str) -> String {
    format!("{TOP}[shared]\n{keys}\n")
}

#[test]
fn each_environment_has_who_deploys_it_and_pull_requests_who_reads() {
    let stack = stack(&with("github = 'contoso/shop'"), "shared");
    insta::assert_snapshot!(list(&stack));
}

#[test]
fn without_a_repository_there_is_storage_and_a_role() {
    let stack = stack(&with("lock = false"), "shared");
    let all = [
        "group",
        "store",
        "store/leases",
        "store/releases",
        "role/deployer",
    ];
    assert_eq!(names(&stack), all);
}

#[test]
fn it_is_listed_where_it_is_written_and_no_environment_takes_its_name() {
    let config = Config::parse(TOP, "augeo.toml").unwrap();
    assert_eq!(config.environments(), ["dev", "production", "staging"]);
    assert!(config.stack("shared").is_err());
    let config = Config::parse(&with(""), "augeo.toml").unwrap();
    let all = ["dev", "production", "staging", "shared"];
    assert_eq!(config.environments(), all);
    let text = format!("{TOP}[environment.shared]\nlike = 'dev'\n");
    let errors = Config::parse(&text, "augeo.toml").unwrap_err().to_string();
    assert!(errors.contains("the stack of all environments"), "{errors}");
}

#[test]
fn a_repository_has_an_owner_and_a_name() {
    for wrong in ["shop", "a/b/c", "https://github.com/a/b", "a/"] {
        let text = with(&format!("github = '{wrong}'"));
        assert!(Config::parse(&text, "augeo.toml").is_err(), "{wrong}");
    }
    let text = with("github = 'contoso@12/shop@34'");
    assert!(Config::parse(&text, "augeo.toml").is_ok());
}

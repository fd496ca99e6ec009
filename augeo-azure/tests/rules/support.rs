//! Small stacks, written as lines.

use std::fmt::Write as _;

use augeo_azure::platform::Config;
use augeo_azure::rules::{self, Occasion};
use augeo_core::finding::Finding;
use augeo_core::stack::Stack;
use time::Date;
use time::macros::date;

/// The day on which the cases are judged.
pub(crate) const TODAY: Date = date!(2026 - 12 - 01);

/// A rule with a stack in which it fires and one in which it is silent.
pub(crate) struct Case {
    pub(crate) rule: &'static str,
    pub(crate) fires: &'static str,
    pub(crate) silent: &'static str,
}

/// An environment without any module of the platform.
pub(crate) const EMPTY: &str = "\
project = 'augeo'
location = 'westeurope'
cost_center = 'CC-1'
log_analytics.enabled = false
monitoring.enabled = false
storage.enabled = false
key_vault.enabled = false
database.enabled = false
redis.enabled = false
app_service_plan.enabled = false
app_service.enabled = false
static_web_app.enabled = false
[environment.dev]
[environment.production]
";

const TEXT: &str = "text takes whatever is written";

/// One resource a line: `NAME TYPE [at VERSION] [in NAME] [on NAME] [called NAME] { BODY }`, the body
/// as TOML. A line `production` judges that environment instead of `dev`.
pub(crate) fn configuration(text: &str) -> String {
    let mut config = EMPTY.to_owned();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != "production")
    {
        let (head, body) = line.split_at(line.find('{').expect("a body"));
        let mut words = head.split_whitespace();
        let (name, ty) = (words.next().expect("a name"), words.next().expect("a type"));
        let mut version = "2026-02-01";
        let mut more = String::new();
        while let (Some(word), Some(value)) = (words.next(), words.next()) {
            match word {
                "at" => version = value,
                "in" => writeln!(more, "within = '{value}'").expect(TEXT),
                "on" => writeln!(more, "on = '{value}'").expect(TEXT),
                "called" => writeln!(more, "physical_name = '{value}'").expect(TEXT),
                other => panic!("`{other}` in {line}"),
            }
        }
        writeln!(
            config,
            "[[resource]]\nname = '{name}'\ntype = '{ty}'\napi_version = '{version}'\n{more}body = {body}"
        )
        .expect(TEXT);
    }
    config
}

/// The stack of such lines.
pub(crate) fn stack(text: &str) -> Stack {
    let production = text.lines().any(|line| line.trim() == "production");
    let environment = if production { "production" } else { "dev" };
    let config = Config::parse(&configuration(text), "augeo.toml");
    let stack = config.and_then(|config| config.stack(environment));
    stack.unwrap_or_else(|errors| panic!("{text}\n{errors}"))
}

/// What the rules say of it.
pub(crate) fn findings(text: &str, today: Date) -> Vec<Finding> {
    let stack = stack(text);
    assert!(
        stack.findings().is_empty(),
        "{text}: {:?}",
        stack.findings()
    );
    rules::check(&stack, &Occasion::on(today))
}

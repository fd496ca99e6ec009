//! The forms of text in `augeo.toml`: what an address, a name, an id must look like.

use augeo_core::name::StackName;

use super::address::AddressRange;
use super::principal::Principal;
use crate::arm_id::{ArmId, SubscriptionId};
use crate::naming::name_problem;
use crate::schema::ArmType;

/// Why a text is not of its form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Objection {
    /// Continues "`key` ...".
    pub(super) problem: String,
    pub(super) help: Option<String>,
}

impl Objection {
    pub(super) fn new(problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            help: Some(help.into()),
        }
    }
}

/// A form of text.
#[derive(Debug)]
pub(super) struct Form {
    /// What it is, with an article.
    pub(super) noun: &'static str,
    pub(super) check: fn(&str) -> Result<(), Objection>,
}

pub(super) fn with_rule(text: &str, rule: &str, holds: bool) -> Result<(), Objection> {
    if holds {
        return Ok(());
    }
    Err(Objection::new(
        format!("cannot be `{}`", shortened(text)),
        format!("it takes {rule}"),
    ))
}

/// So much of a text as belongs in a message.
pub(super) fn shortened(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(60).map(visible).collect();
    if short.len() < text.len() {
        short.push_str("..");
    }
    short
}

pub(super) fn made_of(text: &str, allowed: impl Fn(char) -> bool, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count()) && text.chars().all(allowed)
}

/// Whether a resource of a type can have this name in Azure.
pub(super) fn check_name(text: &str, ty: &ArmType) -> Result<(), Objection> {
    let Some(problem) = name_problem(&ty.name, text) else {
        return Ok(());
    };
    let help = "delete the line: the name that is derived without it fits";
    Err(Objection::new(
        format!("of a {} {problem}", ty.facts.title.to_lowercase()),
        help,
    ))
}

fn lower_or_digit(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn begins_with_letter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Any text that says something.
pub(super) static LINE: Form = Form {
    noun: "a text",
    check: |text| {
        let holds = made_of(text, |c| !c.is_control(), 1, 1024) && !text.trim().is_empty();
        with_rule(text, "one line of 1 to 1024 characters", holds)
    },
};

/// The first part of every name.
pub(super) static PROJECT: Form = Form {
    noun: "a short name",
    check: |text| {
        let dashed = made_of(text, |c| lower_or_digit(c) || c == '-', 1, 20);
        let holds = dashed && StackName::parse(text, "dev").is_ok() && !text.ends_with('-');
        let rule = "1 to 20 lower-case letters, digits and dashes, a letter first: every name \
                    in Azure begins with it";
        with_rule(text, rule, holds)
    },
};

/// The name of an environment.
pub(super) static ENVIRONMENT: Form = Form {
    noun: "the name of an environment",
    check: PROJECT.check,
};

/// A region.
pub(super) static LOCATION: Form = Form {
    noun: "the name of a region",
    check: |text| {
        let holds = made_of(text, |c| c.is_ascii_alphanumeric() || c == ' ', 1, 40)
            && begins_with_letter(text);
        with_rule(text, "a region such as `westeurope`", holds)
    },
};

/// The id of a subscription or tenant.
pub(super) static GUID: Form = Form {
    noun: "a GUID",
    check: |text| {
        let rule = "a GUID such as `00000000-0000-0000-0000-000000000000`";
        with_rule(text, rule, SubscriptionId::parse(text).is_ok())
    },
};

/// The key of a tag.
pub(super) static TAG_KEY: Form = Form {
    noun: "the name of a tag",
    check: |text| {
        let lower = text.to_ascii_lowercase();
        let reserved = ["augeo-", "hidden-", "microsoft", "azure", "windows"];
        if let Some(prefix) = reserved.iter().find(|prefix| lower.starts_with(**prefix)) {
            let problem = format!("cannot begin with `{prefix}`");
            return Err(Objection::new(
                problem,
                "choose a name that is not reserved",
            ));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let holds = made_of(text, allowed, 1, 128) && begins_with_letter(text);
        // DNS zones take nothing else, and an environment's tags go on everything.
        with_rule(
            text,
            "letters, digits and - _ . with a letter first, at most 128",
            holds,
        )
    },
};

/// The value of a tag.
pub(super) static TAG_VALUE: Form = Form {
    noun: "a text",
    check: |text| {
        let holds = made_of(text, |c| !c.is_control(), 0, 256);
        with_rule(text, "one line of at most 256 characters", holds)
    },
};

/// A tag that is of use only with a value.
pub(super) static WORD: Form = Form {
    noun: "a text",
    check: |text| {
        let holds = made_of(text, |c| !c.is_control(), 1, 256) && !text.trim().is_empty();
        with_rule(text, "one line of 1 to 256 characters", holds)
    },
};

/// A container of blobs.
pub(super) static CONTAINER: Form = Form {
    noun: "the name of a container",
    check: |text| {
        let holds = made_of(text, |c| lower_or_digit(c) || c == '-', 3, 63)
            && !text.contains("--")
            && begins_with_letter(text)
            && !text.ends_with('-');
        with_rule(
            text,
            "3 to 63 lower-case letters, digits and single dashes",
            holds,
        )
    },
};

/// A secret in a vault.
pub(super) static SECRET_NAME: Form = Form {
    noun: "the name of a secret",
    check: |text| {
        let holds = made_of(text, |c| c.is_ascii_alphanumeric() || c == '-', 1, 127);
        with_rule(text, "1 to 127 letters, digits and dashes", holds)
    },
};

/// A setting of an app: an environment variable in its container.
pub(super) static VARIABLE: Form = Form {
    noun: "the name of an environment variable",
    check: |text| {
        let holds = made_of(text, |c| c.is_ascii_alphanumeric() || c == '_', 1, 128)
            && !text.starts_with(|c: char| c.is_ascii_digit());
        with_rule(
            text,
            "letters, digits and underscores, no digit first",
            holds,
        )
    },
};

/// What an environment variable holds.
pub(super) static VARIABLE_VALUE: Form = Form {
    noun: "a text",
    check: |text| {
        if text.starts_with("@Microsoft.KeyVault(") {
            let problem = "is a reference to a vault";
            let help = "name the secret in [app_service.secrets]; the reference is made from it";
            return Err(Objection::new(problem, help));
        }
        Ok(())
    },
};

/// An image of a container.
pub(super) static IMAGE: Form = Form {
    noun: "an image, such as \"registry.example.com/api:1.4\"",
    check: |text| {
        if text.contains("://") || text.contains('|') {
            let help = "write registry/name:tag alone, without `https://` or `DOCKER|`";
            return Err(Objection::new(
                format!("cannot be `{}`", shortened(text)),
                help,
            ));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
        let holds = made_of(text, allowed, 1, 255)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric());
        with_rule(text, "registry/name:tag", holds)
    },
};

/// A path of a URL.
pub(super) static URL_PATH: Form = Form {
    noun: "a path such as \"/health\"",
    check: |text| {
        let allowed = |c: char| c.is_ascii_graphic();
        let holds = text.starts_with('/') && made_of(text, allowed, 1, 256);
        with_rule(text, "a path that begins with `/`", holds)
    },
};

/// A size of a database server.
pub(super) static DATABASE_SKU: Form = Form {
    noun: "a size such as \"Standard_D2s_v3\"",
    check: |text| {
        let family = text
            .strip_prefix("Standard_")
            .and_then(|rest| rest.chars().next());
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let holds = matches!(family, Some('B' | 'D' | 'E')) && made_of(text, allowed, 11, 40);
        with_rule(
            text,
            "a B, D or E size, such as `Standard_B1ms` or `Standard_D2s_v3`",
            holds,
        )
    },
};

/// A database in a server.
pub(super) static DATABASE_NAME: Form = Form {
    noun: "the name of a database",
    check: |text| {
        if ["postgres", "azure_sys", "azure_maintenance"].contains(&text) {
            let problem = format!("cannot be `{text}`: the service makes that database itself");
            return Err(Objection::new(problem, "choose another name"));
        }
        let holds =
            made_of(text, |c| lower_or_digit(c) || c == '_', 1, 63) && begins_with_letter(text);
        with_rule(
            text,
            "1 to 63 lower-case letters, digits and underscores",
            holds,
        )
    },
};

/// The administrator of a database server.
pub(super) static ADMINISTRATOR: Form = Form {
    noun: "a login name",
    check: |text| {
        let taken = [
            "azure_superuser",
            "azure_pg_admin",
            "admin",
            "administrator",
            "root",
        ];
        if taken.contains(&text) || ["guest", "public"].contains(&text) || text.starts_with("pg_") {
            let problem = format!(
                "cannot be `{}`: PostgreSQL keeps that name",
                shortened(text)
            );
            return Err(Objection::new(problem, "choose another name"));
        }
        let holds =
            made_of(text, |c| lower_or_digit(c) || c == '_', 1, 63) && begins_with_letter(text);
        with_rule(
            text,
            "1 to 63 lower-case letters, digits and underscores",
            holds,
        )
    },
};

/// The name that somebody signs in with.
pub(super) static PRINCIPAL_NAME: Form = Form {
    noun: "the name of a user, group or application",
    check: |text| {
        let holds = made_of(text, |c| !c.is_control(), 1, 256) && !text.trim().is_empty();
        let rule = "the name as the directory has it, such as `somebody@example.com`";
        with_rule(text, rule, holds)
    },
};

/// An address of e-mail.
pub(super) static EMAIL: Form = Form {
    noun: "an address of e-mail",
    check: |text| {
        let (name, domain) = text.split_once('@').unwrap_or_default();
        let plain = |c: char| c.is_ascii_graphic() && !"<>,;@\"".contains(c);
        let holds =
            made_of(name, plain, 1, 64) && made_of(domain, plain, 3, 190) && domain.contains('.');
        with_rule(text, "an address such as `operations@example.com`", holds)
    },
};

/// A repository, as the tokens of GitHub name it.
pub(super) static REPOSITORY: Form = Form {
    noun: "a repository",
    check: |text| {
        let (owner, name) = text.split_once('/').unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
        let holds = made_of(owner, plain, 1, 80) && made_of(name, plain, 1, 140);
        with_rule(text, "a repository such as `contoso/shop`", holds)
    },
};

/// What somebody is, and the id in the directory.
pub(super) static PRINCIPAL: Form = Form {
    noun: "a kind and an id, such as \"group 00000000-0000-0000-0000-000000000000\"",
    check: |text| {
        let rule = "`user`, `group` or `application`, a space, and the id of its object in the \
                    directory: `az ad group show --group NAME --query id` prints a group's";
        with_rule(text, rule, Principal::parse(text).is_some())
    },
};

/// A parameter of a database server.
pub(super) static PARAMETER: Form = Form {
    noun: "the name of a server parameter",
    check: |text| {
        let allowed = |c: char| lower_or_digit(c) || "_.".contains(c);
        let holds = made_of(text, allowed, 1, 63) && begins_with_letter(text);
        let rule = "a parameter such as `log_statement`, in lower-case letters";
        with_rule(text, rule, holds)
    },
};

/// What a parameter is set to.
pub(super) static PARAMETER_VALUE: Form = Form {
    noun: "a text, such as \"on\" or \"100\"",
    check: |text| {
        let holds = made_of(text, |c| !c.is_control(), 0, 1024);
        with_rule(text, "one line of at most 1024 characters", holds)
    },
};

/// A size of Redis.
pub(super) static REDIS_SKU: Form = Form {
    noun: "a size such as \"Balanced_B1\"",
    check: |text| {
        let families = [
            "Balanced_B",
            "MemoryOptimized_M",
            "ComputeOptimized_X",
            "FlashOptimized_A",
            "Basic_C",
            "Standard_C",
            "Premium_P",
        ];
        let holds = families.iter().any(|family| {
            let size = text.strip_prefix(family);
            size.is_some_and(|size| made_of(size, |c| c.is_ascii_digit(), 1, 4))
        });
        let rule = "a size of Managed Redis, such as `Balanced_B1`, or tier and size of a classic \
                    cache, such as `Standard_C1`";
        with_rule(text, rule, holds)
    },
};

/// The name of a firewall rule of Redis.
pub(super) static REDIS_RULE_NAME: Form = Form {
    noun: "a short name",
    check: |text| {
        let holds = made_of(text, lower_or_digit, 1, 60) && begins_with_letter(text);
        let rule = "1 to 60 lower-case letters and digits, a letter first";
        with_rule(text, rule, holds)
    },
};

/// A day of the week.
pub(super) static WEEKDAY: Form = Form {
    noun: "a day such as \"sunday\"",
    check: |text| {
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        with_rule(text, "a day such as `sunday`", days.contains(&text))
    },
};

/// The name of a firewall rule: who is let in.
pub(super) static RULE_NAME: Form = Form {
    noun: "a short name",
    check: |text| {
        let holds =
            made_of(text, |c| lower_or_digit(c) || c == '-', 1, 60) && begins_with_letter(text);
        with_rule(
            text,
            "1 to 60 lower-case letters, digits and dashes, a letter first",
            holds,
        )
    },
};

/// Addresses that are let in.
pub(super) static ADDRESSES: Form = Form {
    noun: "an IPv4 address or range, such as \"203.0.113.0/28\"",
    check: |text| {
        AddressRange::parse(text)
            .map(|_| ())
            .map_err(|error| Objection::new(error.to_string(), error.help()))
    },
};

pub(super) fn check_id(text: &str, ty: &str) -> Result<(), Objection> {
    let rule = format!("an id of the type {ty}, as `az resource show --query id` prints it");
    let holds =
        ArmId::parse(text).is_ok_and(|id| id.resource_type().as_str().eq_ignore_ascii_case(ty));
    with_rule(text, &rule, holds)
}

/// The id of a resource group.
pub(super) static GROUP_ID: Form = Form {
    noun: "the id of a resource group",
    check: |text| check_id(text, "Microsoft.Resources/resourceGroups"),
};

/// The id of a Log Analytics workspace.
pub(super) static WORKSPACE_ID: Form = Form {
    noun: "the id of a Log Analytics workspace",
    check: |text| check_id(text, "Microsoft.OperationalInsights/workspaces"),
};

/// The id of a container registry.
pub(super) static REGISTRY_ID: Form = Form {
    noun: "the id of a container registry",
    check: |text| check_id(text, "Microsoft.ContainerRegistry/registries"),
};

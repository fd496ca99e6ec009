//! What resources are called in Azure: names derived from the stack's, made to fit each type's
//! rules, and what is wrong with a name that an author gave.

use std::borrow::Cow;

use augeo_core::name::{ResourceName, StackName};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::schema::{NameAlphabet, NameRule};

/// How many characters keep a name apart from everybody else's: 30 bits.
const SUFFIX_LENGTH: usize = 6;

/// What no name of anything may hold.
const NEVER: &str = "<>%&:\\?/#*|\"";

/// Who a name is for.
#[derive(Clone, Copy, Debug)]
pub struct NameScope<'a> {
    /// The subscription: two people with the same stack get different global names.
    pub subscription: &'a str,
    /// The stack.
    pub stack: &'a StackName,
    /// The identity of what the resource lives in or on, in lower case.
    pub within: &'a str,
}

/// Which rule a name breaks; what is displayed follows the name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameProblem {
    /// It has too many characters.
    #[error("has {length} characters; at most {length_max} are allowed")]
    TooLong {
        /// So many.
        length: usize,
        /// At most.
        length_max: usize,
    },
    /// It has too few.
    #[error("has {length} characters; at least {length_min} are needed")]
    TooShort {
        /// So many.
        length: usize,
        /// At least.
        length_min: usize,
    },
    /// It holds a character that it may not hold.
    #[error("holds `{found}`; it may hold only {allowed}")]
    Character {
        /// The first of them.
        found: char,
        /// What it may hold, in words.
        allowed: &'static str,
    },
    /// It begins or ends with what may only be inside, or has two of them in a row.
    #[error("{problem}")]
    Shape {
        /// What is wrong.
        problem: &'static str,
    },
    /// Only one name is possible.
    #[error("must be `{only}`")]
    Fixed {
        /// That one.
        only: &'static str,
    },
    /// It must be a GUID.
    #[error("must be a GUID")]
    Guid,
}

/// The name by which Azure is to know a resource.
pub fn physical_name(rule: &NameRule, scope: NameScope<'_>, name: &ResourceName) -> String {
    match rule {
        NameRule::Derived {
            alphabet,
            length_min,
            length_max,
            global,
        } => {
            let stack = scope.stack;
            let whole = format!("{}-{}-{name}", stack.project(), stack.environment());
            let seed = format!("{}|{stack}|{name}", scope.subscription);
            let fitted = fit(&whole, *alphabet);
            // A name that is cut or stretched would meet others: its suffix keeps it apart.
            let fits = (*length_min..=*length_max).contains(&fitted.len());
            if *global || !fits {
                suffixed(&fitted, *alphabet, *length_max, &seed)
            } else {
                fitted
            }
        }
        NameRule::Own { alphabet, .. } => {
            let own = name.as_str().rsplit('/').next().unwrap_or_default();
            match alphabet {
                NameAlphabet::Domain | NameAlphabet::Record | NameAlphabet::Any => own.to_owned(),
                NameAlphabet::LowerAlphanumeric
                | NameAlphabet::LowerAlphanumericDash
                | NameAlphabet::AlphanumericDash
                | NameAlphabet::AlphanumericDashUnderscore
                | NameAlphabet::AlphanumericOfOurs => fit(own, *alphabet),
            }
        }
        NameRule::Fixed(fixed) => (*fixed).to_owned(),
        NameRule::Guid => {
            let seed = format!("{}|{}|{name}", scope.within, scope.stack);
            Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes()).to_string()
        }
    }
}

/// What is wrong with a name, if anything is.
pub fn name_problem(rule: &NameRule, name: &str) -> Option<NameProblem> {
    let (alphabet, length_min, length_max) = match rule {
        NameRule::Derived {
            alphabet,
            length_min,
            length_max,
            ..
        }
        | NameRule::Own {
            alphabet,
            length_min,
            length_max,
        } => (*alphabet, *length_min, *length_max),
        NameRule::Fixed(only) => {
            return (!only.eq_ignore_ascii_case(name)).then_some(NameProblem::Fixed { only });
        }
        NameRule::Guid => return Uuid::parse_str(name).is_err().then_some(NameProblem::Guid),
    };
    let length = name.chars().count();
    if length > length_max {
        return Some(NameProblem::TooLong { length, length_max });
    }
    if length < length_min {
        return Some(NameProblem::TooShort { length, length_min });
    }
    if let Some(found) = name.chars().find(|c| !holds(alphabet, *c)) {
        let allowed = in_words(alphabet);
        return Some(NameProblem::Character { found, allowed });
    }
    shape_problem(alphabet, name).map(|problem| NameProblem::Shape { problem })
}

fn shape_problem(alphabet: NameAlphabet, name: &str) -> Option<&'static str> {
    if alphabet == NameAlphabet::Any {
        let ends = name.ends_with(['.', ' ']) || name.starts_with(' ');
        return ends.then_some("begins with a space, or ends with a space or a full stop");
    }
    if matches!(alphabet, NameAlphabet::Domain | NameAlphabet::Record) {
        return domain_problem(alphabet, name);
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Some("begins or ends with a dash");
    }
    let twice = alphabet == NameAlphabet::LowerAlphanumericDash && name.contains("--");
    twice.then_some("has two dashes in a row")
}

fn domain_problem(alphabet: NameAlphabet, name: &str) -> Option<&'static str> {
    let record = alphabet == NameAlphabet::Record;
    if record && name == "@" {
        return None;
    }
    let mut words = name.split('.').peekable();
    words.next_if(|first| record && *first == "*");
    for word in words {
        if word.is_empty() || word.len() > 63 {
            return Some("has a word of no or of more than 63 characters between its full stops");
        }
        if word.contains(['@', '*']) {
            return Some("has `@` or `*` inside: `@` stands alone, `*` for the whole first word");
        }
    }
    None
}

/// The rule in words, for messages.
pub fn rule_in_words(rule: &NameRule) -> Cow<'static, str> {
    match rule {
        NameRule::Derived {
            alphabet,
            length_min,
            length_max,
            ..
        }
        | NameRule::Own {
            alphabet,
            length_min,
            length_max,
        } => format!("{length_min} to {length_max} {}", in_words(*alphabet)).into(),
        NameRule::Fixed(fixed) => format!("always `{fixed}`").into(),
        NameRule::Guid => "a GUID".into(),
    }
}

fn in_words(alphabet: NameAlphabet) -> &'static str {
    match alphabet {
        NameAlphabet::LowerAlphanumeric => "lower-case letters and digits",
        NameAlphabet::LowerAlphanumericDash => "lower-case letters, digits and dashes",
        NameAlphabet::AlphanumericDash => "letters, digits and dashes",
        NameAlphabet::AlphanumericOfOurs => "letters and digits, and dashes where others made it",
        NameAlphabet::AlphanumericDashUnderscore => "letters, digits, dashes and underscores",
        NameAlphabet::Domain => "letters, digits, dashes and underscores, with full stops between",
        NameAlphabet::Record => {
            "letters, digits, dashes and underscores, with full stops between, `@` or a first `*`"
        }
        NameAlphabet::Any => "characters that have no meaning in an address",
    }
}

fn holds(alphabet: NameAlphabet, c: char) -> bool {
    match alphabet {
        NameAlphabet::LowerAlphanumeric => c.is_ascii_lowercase() || c.is_ascii_digit(),
        NameAlphabet::LowerAlphanumericDash => {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
        }
        NameAlphabet::AlphanumericDash | NameAlphabet::AlphanumericOfOurs => {
            c.is_ascii_alphanumeric() || c == '-'
        }
        NameAlphabet::AlphanumericDashUnderscore => c.is_ascii_alphanumeric() || "-_".contains(c),
        NameAlphabet::Domain => c.is_ascii_alphanumeric() || "-_.".contains(c),
        NameAlphabet::Record => c.is_ascii_alphanumeric() || "-_.@*".contains(c),
        NameAlphabet::Any => !c.is_control() && !NEVER.contains(c),
    }
}

fn dash(alphabet: NameAlphabet) -> &'static str {
    use NameAlphabet::{AlphanumericOfOurs, LowerAlphanumeric};
    if matches!(alphabet, LowerAlphanumeric | AlphanumericOfOurs) {
        ""
    } else {
        "-"
    }
}

/// The text in lower case with only what the alphabet has; what separates words becomes one dash,
/// if it has one.
fn fit(text: &str, alphabet: NameAlphabet) -> String {
    let underscore = alphabet == NameAlphabet::AlphanumericDashUnderscore;
    text.split(|c: char| !(c.is_ascii_alphanumeric() || (underscore && c == '_')))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(dash(alphabet))
        .to_ascii_lowercase()
}

fn suffixed(fitted: &str, alphabet: NameAlphabet, length_max: usize, seed: &str) -> String {
    let dash = dash(alphabet);
    let room = length_max.saturating_sub(SUFFIX_LENGTH + dash.len());
    let cut: String = fitted.chars().take(room).collect();
    format!("{}{dash}{}", cut.trim_end_matches('-'), suffix(seed))
}

/// Stable letters and digits (base 32) made from a text.
fn suffix(seed: &str) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(seed.as_bytes());
    digest
        .iter()
        .take(SUFFIX_LENGTH)
        .map(|byte| char::from(DIGITS[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resources::CATALOGUE;

    const GROUP: &str = "/subscriptions/s/resourcegroups/rg";

    fn named(rule: &NameRule, subscription: &str, name: &str) -> String {
        in_stack(rule, subscription, ("augeo", "production"), name)
    }

    fn in_stack(rule: &NameRule, subscription: &str, stack: (&str, &str), name: &str) -> String {
        let stack = StackName::parse(stack.0, stack.1).unwrap();
        let scope = NameScope {
            subscription,
            stack: &stack,
            within: GROUP,
        };
        physical_name(rule, scope, &ResourceName::parse(name).unwrap())
    }

    const ACCOUNT: NameRule = NameRule::Derived {
        alphabet: NameAlphabet::LowerAlphanumeric,
        length_min: 3,
        length_max: 24,
        global: true,
    };
    const PLAN: NameRule = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 40,
        global: false,
    };

    #[test]
    fn names_derive_from_stack_and_resource() {
        assert_eq!(named(&PLAN, "s", "web/plan"), "augeo-production-web-plan");
        let account = named(&ACCOUNT, "s", "data.storage");
        assert!(account.starts_with("augeoproductiondat"), "{account}");
        assert_eq!(account.len(), 24);
    }

    /// What exists under a name would be orphaned if a later version derived another one.
    #[test]
    fn names_never_change() {
        assert_eq!(named(&ACCOUNT, "s", "data/store"), PINNED_ACCOUNT);
        assert_eq!(named(&NameRule::Guid, "s", "role"), PINNED_GUID);
    }

    const PINNED_ACCOUNT: &str = "augeoproductiondatbx3yvd";
    const PINNED_GUID: &str = "ab47641c-9cbe-5fce-b9bc-88ae468e5104";

    #[test]
    fn global_names_differ_between_subscriptions_stacks_and_resources() {
        let one = named(&ACCOUNT, "one", "storage");
        assert_ne!(one, named(&ACCOUNT, "two", "storage"));
        assert_ne!(one, named(&ACCOUNT, "one", "storage2"));
        assert_ne!(
            in_stack(&ACCOUNT, "s", ("a-b", "c"), "x"),
            in_stack(&ACCOUNT, "s", ("a", "b-c"), "x")
        );
    }

    #[test]
    fn own_names_are_the_last_part() {
        let own = |alphabet| NameRule::Own {
            alphabet,
            length_min: 3,
            length_max: 63,
        };
        let name = |alphabet| named(&own(alphabet), "s", "storage/audit.logs");
        assert_eq!(name(NameAlphabet::Any), "audit.logs");
        assert_eq!(name(NameAlphabet::LowerAlphanumericDash), "audit-logs");
        let ours = NameAlphabet::AlphanumericOfOurs;
        assert_eq!(name(ours), "auditlogs");
        let given = name_problem(&own(ours), "0a1b2c3d-0000-4000-8000-00000000000a");
        assert_eq!(given, None);
        assert_eq!(named(&NameRule::Fixed("default"), "s", "x"), "default");
    }

    #[test]
    fn wrong_names_are_told_with_the_rule() {
        let account = |name: &str| name_problem(&ACCOUNT, name).map(|p| p.to_string());
        assert_eq!(account("abc"), None);
        for (name, problem) in [
            ("ab", "has 2 characters; at least 3 are needed"),
            ("a-b-c", "holds `-`; it may hold only lower-case letters"),
            (
                "abcdefghijklmnopqrstuvwxyz",
                "has 26 characters; at most 24 are allowed",
            ),
        ] {
            assert!(account(name).unwrap().starts_with(problem), "{name}");
        }
        assert_eq!(name_problem(&NameRule::Guid, "x"), Some(NameProblem::Guid));
        assert!(name_problem(&NameRule::Fixed("web"), "default").is_some());
        assert!(name_problem(&PLAN, "plan-").is_some());
        assert_eq!(name_problem(&PLAN, "My-Plan"), None);
        let any = NameRule::Own {
            alphabet: NameAlphabet::Any,
            length_min: 1,
            length_max: 90,
        };
        assert_eq!(name_problem(&any, "Contoso (EU)_rg.1"), None);
        assert!(name_problem(&any, "a?b").is_some());
        assert!(name_problem(&any, "group.").is_some());
    }

    #[test]
    fn names_of_records_may_be_the_domain_itself_or_stand_for_all() {
        let rule = |alphabet| NameRule::Own {
            alphabet,
            length_min: 1,
            length_max: 253,
        };
        let record = |name: &str| name_problem(&rule(NameAlphabet::Record), name);
        for fine in [
            "@",
            "*",
            "*.api",
            "api",
            "asuid.api",
            "selector1-x._domainkey",
        ] {
            assert_eq!(record(fine), None, "{fine}");
        }
        for wrong in ["a@b", "api.*", "a..b", "api.", "ä", &"a".repeat(64)] {
            assert!(record(wrong).is_some(), "{wrong}");
        }
        let domain = |name: &str| name_problem(&rule(NameAlphabet::Domain), name);
        assert_eq!(domain("dev.example.org"), None);
        assert!(domain("*.example.org").is_some());
    }

    proptest! {
        #[test]
        fn derived_names_follow_the_rule_of_every_type(
            name in "[a-z][a-z0-9_./-]{0,80}",
            project in "[a-z][a-z0-9-]{0,39}",
            environment in "[a-z][a-z0-9-]{0,39}",
        ) {
            for ty in CATALOGUE {
                if !matches!(ty.name, NameRule::Own { .. }) {
                    let made = in_stack(&ty.name, "s", (&project, &environment), &name);
                    prop_assert_eq!(name_problem(&ty.name, &made), None, "{} {}", ty.name(), made);
                    let again = in_stack(&ty.name, "s", (&project, &environment), &name);
                    prop_assert_eq!(made, again);
                }
            }
        }

        #[test]
        fn names_differ_when_resources_do(
            one in "[a-z][a-z0-9]{0,80}",
            other in "[a-z][a-z0-9]{0,80}",
        ) {
            prop_assume!(one != other);
            for rule in [ACCOUNT, PLAN, NameRule::Guid] {
                prop_assert_ne!(named(&rule, "s", &one), named(&rule, "s", &other));
            }
        }
    }
}

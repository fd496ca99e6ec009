//! Other spellings and orders, as Azure's services answer with them: never of what a service promises.
//!
//! Ids come back with `resourcegroups` and with namespaces in lower case, regions as the portal writes them, some
//! enums in another case, sets in any order. Names, values of tags and everything else stay.

use serde_json::Value;

use super::facts::facts;
use super::tree::Body;
use super::world::World;

/// Texts whose case the services change, by type and path.
const ENUMS: [(&str, &str); 5] = [
    ("Microsoft.KeyVault/vaults", "properties.sku.name"),
    (
        "Microsoft.KeyVault/vaults",
        "properties.publicNetworkAccess",
    ),
    (
        "Microsoft.OperationalInsights/workspaces",
        "properties.sku.name",
    ),
    ("Microsoft.Insights/components", "kind"),
    ("Microsoft.Web/sites", "kind"),
];

/// Lists whose order means nothing, by type and path; `[]` is each item.
const SETS: [(&str, &str); 8] = [
    ("Microsoft.KeyVault/vaults", "properties.accessPolicies"),
    (
        "Microsoft.KeyVault/vaults",
        "properties.networkAcls.ipRules",
    ),
    (
        "Microsoft.KeyVault/vaults",
        "properties.networkAcls.virtualNetworkRules",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.networkAcls.ipRules",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.networkAcls.virtualNetworkRules",
    ),
    (
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "properties.policy.rules",
    ),
    (
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "properties.policy.rules.[].definition.filters.blobTypes",
    ),
    (
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "properties.policy.rules.[].definition.filters.prefixMatch",
    ),
];

/// A stream of choices that is the same for the same world and question.
struct Choices {
    digits: Vec<u32>,
    at: usize,
}

impl Choices {
    /// A number below `limit`, which is small.
    fn below(&mut self, limit: usize) -> usize {
        self.at += 1;
        let digit = self.digits[self.at % self.digits.len()];
        // Past the first round the place counts, too: equal digits do not repeat equal choices.
        (digit as usize + self.at / self.digits.len()) % limit.max(1)
    }

    fn shuffle(&mut self, items: &mut [Value]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

impl World {
    fn choices(&self, what: &str) -> Choices {
        let request = self.served().to_string();
        let digits = self.seed.hex(64, &["scramble", what, &request]);
        Choices {
            digits: digits.chars().filter_map(|c| c.to_digit(16)).collect(),
            at: 0,
        }
    }

    /// Respells what one answer tells of a resource.
    pub(crate) fn scramble(&self, type_name: &str, body: &mut Body) {
        if !self.consistency.scramble {
            return;
        }
        let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
        let mut choices = self.choices(&id.to_lowercase());
        let spelling = choices.below(4);
        for value in body.values_mut() {
            respell_ids(value, spelling);
        }
        if spelling & 2 != 0
            && let Some(Value::String(text)) = body.get_mut("type")
        {
            *text = lower_namespace(text);
        }
        if let Some(Value::String(location)) = body.get_mut("location")
            && let Some(known) = facts().cloud.location(location)
        {
            *location = match choices.below(3) {
                0 => known.to_owned(),
                1 => facts().cloud.display(known),
                _ => facts().cloud.display(known).to_lowercase(),
            };
        }
        let own = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(type_name);
        for (_, path) in ENUMS.iter().filter(own) {
            let lower = choices.below(2) == 1;
            at_each(body, path, &mut |value| {
                if let Value::String(text) = value
                    && lower
                {
                    *text = text.to_lowercase();
                }
            });
        }
        for (_, path) in SETS.iter().filter(own) {
            at_each(body, path, &mut |value| {
                if let Value::Array(items) = value {
                    choices.shuffle(items);
                }
            });
        }
    }

    /// Puts the items of one page of a list in another order.
    pub(crate) fn shuffle_page(&self, path: &str, items: &mut [Value]) {
        if self.consistency.scramble {
            self.choices(&path.to_lowercase()).shuffle(items);
        }
    }
}

fn at_each(body: &mut Body, path: &str, act: &mut dyn FnMut(&mut Value)) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(value) = body.get_mut(head) {
        at_each_value(value, rest, act);
    }
}

fn at_each_value(value: &mut Value, path: &str, act: &mut dyn FnMut(&mut Value)) {
    if path.is_empty() {
        act(value);
        return;
    }
    match value {
        Value::Object(inner) => at_each(inner, path, act),
        Value::Array(items) => {
            if let Some(rest) = path.strip_prefix("[].") {
                for item in items {
                    at_each_value(item, rest, act);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Respells ids at any depth, also as keys of maps.
fn respell_ids(value: &mut Value, spelling: usize) {
    match value {
        Value::String(text) => {
            if let Some(other) = respelled(text, spelling) {
                *text = other;
            }
        }
        Value::Array(items) => {
            for item in items {
                respell_ids(item, spelling);
            }
        }
        Value::Object(body) => {
            for (key, mut inner) in std::mem::take(body) {
                respell_ids(&mut inner, spelling);
                body.insert(respelled(&key, spelling).unwrap_or(key), inner);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An id in another spelling: 1 is of the groups, 2 of the namespaces, 3 of both.
fn respelled(text: &str, spelling: usize) -> Option<String> {
    if spelling == 0 || !text.starts_with("/subscriptions/") {
        return None;
    }
    let mut after_providers = false;
    let segments = text.split('/').map(|segment| {
        let is_namespace = std::mem::take(&mut after_providers);
        after_providers = segment == "providers";
        let groups = spelling & 1 != 0 && segment.eq_ignore_ascii_case("resourceGroups");
        if groups || (spelling & 2 != 0 && is_namespace) {
            segment.to_lowercase()
        } else {
            segment.to_owned()
        }
    });
    Some(segments.collect::<Vec<_>>().join("/"))
}

fn lower_namespace(type_name: &str) -> String {
    match type_name.split_once('/') {
        Some((namespace, rest)) => format!("{}/{rest}", namespace.to_lowercase()),
        None => type_name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_groups_and_namespaces_of_ids_change() {
        let id = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.Web/serverFarms/P/providers/Microsoft.Authorization/locks/L";
        assert_eq!(
            respelled(id, 3).as_deref(),
            Some(
                "/subscriptions/S/resourcegroups/RG/providers/microsoft.web/serverFarms/P/providers/microsoft.authorization/locks/L"
            )
        );
        assert_eq!(
            respelled(id, 1),
            Some(id.replace("resourceGroups", "resourcegroups"))
        );
        assert_eq!(respelled(id, 0), None);
        assert_eq!(respelled("a /subscriptions/ text", 3), None);
    }

    #[test]
    fn every_path_is_one_of_its_type() {
        for (name, path) in ENUMS.iter().chain(&SETS) {
            let facts = facts().of(name).unwrap_or_else(|| panic!("{name}"));
            let first = path.split(".[]").next().unwrap_or_default();
            assert!(facts.schema.at(first).is_some(), "{name}: {path}");
        }
    }
}

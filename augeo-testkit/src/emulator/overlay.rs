//! What the published schemas do not say about a type, as data with a source each.

use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::tree::{self, Body};

/// How an operation ends its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    /// The final answer in the first response, as long as it takes.
    Sync,
    /// `Azure-AsyncOperation`, with `Location` beside it.
    Async,
    /// `Location` only.
    Location,
    /// The state inside the resource's own body.
    Body,
}

/// What a verb does to a resource of a type.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VerbFacts {
    pub(crate) status: u16,
    pub(crate) shape: Shape,
    /// The median of Azure's durations, in seconds.
    pub(crate) seconds: f64,
    #[serde(default = "default_retry_after")]
    pub(crate) retry_after: u32,
    /// The status where nothing is left to wait for.
    pub(crate) instant_status: Option<u16>,
    #[serde(rename = "source")]
    pub(crate) _source: Option<String>,
}

fn default_retry_after() -> u32 {
    10
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// A PUT of what is not there.
    Create,
    /// A PUT of what is there.
    Update,
    /// A PATCH.
    Patch,
    /// A DELETE.
    Delete,
}

/// A property that cannot change.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Immutable {
    pub(crate) path: String,
    #[serde(default = "default_refusal")]
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: Option<String>,
    /// Changes that are allowed all the same.
    #[serde(default)]
    pub(crate) allowed: Vec<[String; 2]>,
    /// It can be set as long as it is not.
    #[serde(default)]
    pub(crate) settable: bool,
    /// Ids that differ only in what stands before their last segment are the same.
    #[serde(default)]
    pub(crate) by_last_segment: bool,
}

fn default_refusal() -> u16 {
    400
}

/// A property whose number may only grow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grows {
    pub(crate) path: String,
    pub(crate) code: String,
}

/// A name that is unique in the cloud.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GlobalName {
    pub(crate) registry: String,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Whoever asks for a name is answered with nothing, or with that refusal.
    #[serde(default)]
    pub(crate) bare: bool,
}

/// The rule for names, beyond the schema's.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameRule {
    pub(crate) min: Option<usize>,
    pub(crate) max: Option<usize>,
    pub(crate) pattern: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) global: Option<GlobalName>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl NameRule {
    pub(crate) fn admits(&self, name: &str) -> bool {
        let length = name.chars().count();
        self.min.is_none_or(|min| length >= min)
            && self.max.is_none_or(|max| length <= max)
            && self.pattern.as_ref().is_none_or(|pattern| {
                self.compiled
                    .get_or_init(|| Regex::new(pattern).ok())
                    .as_ref()
                    .is_none_or(|regex| regex.is_match(name))
            })
    }
}

/// The words for the states of a resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct States {
    pub(crate) path: String,
    pub(crate) creating: String,
    pub(crate) updating: String,
    pub(crate) deleting: String,
    pub(crate) failed: String,
}

impl Default for States {
    fn default() -> Self {
        Self {
            path: "properties.provisioningState".to_owned(),
            creating: "Creating".to_owned(),
            updating: "Updating".to_owned(),
            deleting: "Deleting".to_owned(),
            failed: "Failed".to_owned(),
        }
    }
}

/// What an operation excludes while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BusyScope {
    /// The resource itself.
    #[serde(rename = "self")]
    Itself,
    /// The outermost resource with everything below it.
    Root,
}

/// The refusal while an operation runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Busy {
    pub(crate) scope: BusyScope,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A test of one property.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Condition {
    pub(crate) path: String,
    #[serde(default, rename = "in")]
    pub(crate) one_of: Vec<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) between: Option<[f64; 2]>,
    pub(crate) max_length: Option<usize>,
}

impl Condition {
    /// Whether the property holds; `None` where it is absent.
    pub(crate) fn holds(&self, body: &Body) -> Option<bool> {
        let value = tree::get(body, &self.path).filter(|v| !v.is_null())?;
        let text = match value {
            Value::Bool(flag) => flag.to_string(),
            Value::String(text) => text.clone(),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        Some(
            (self.one_of.is_empty()
                || self
                    .one_of
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&text)))
                && self
                    .prefix
                    .as_ref()
                    .is_none_or(|prefix| text.to_lowercase().starts_with(&prefix.to_lowercase()))
                && self.between.is_none_or(|[low, high]| {
                    value.as_f64().is_some_and(|n| n >= low && n <= high)
                })
                && self
                    .max_length
                    .is_none_or(|max| text.chars().count() <= max),
        )
    }
}

/// A rule across properties that Azure enforces late: what a tier lacks, what must go together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(rename = "if")]
    pub(crate) when: Option<Condition>,
    pub(crate) require: Option<Condition>,
    pub(crate) forbid: Option<Condition>,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Rule {
    pub(crate) fn broken(&self, body: &Body) -> Option<&Condition> {
        if self
            .when
            .as_ref()
            .is_some_and(|c| c.holds(body) != Some(true))
        {
            return None;
        }
        let required = self
            .require
            .as_ref()
            .filter(|c| c.holds(body) == Some(false));
        required.or_else(|| self.forbid.as_ref().filter(|c| c.holds(body) == Some(true)))
    }
}

/// A duration that holds instead where a property says so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Longer {
    pub(crate) path: String,
    #[serde(rename = "in")]
    pub(crate) one_of: Vec<String>,
    pub(crate) seconds: f64,
    #[serde(rename = "source")]
    pub(crate) _source: String,
}

/// A value that the service spells in its own way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rewrite {
    pub(crate) path: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// A child that comes with its parent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Child {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) body: Body,
}

/// What is in each parent from the start, as one of many: it is listed and can be written, and
/// costs nothing until somebody does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Implicit {
    pub(crate) name: String,
    pub(crate) body: Body,
}

/// The refusal of writes to what failed while it was being made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stillborn {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What a deletion keeps.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SoftDelete {
    /// The property with the days.
    pub(crate) retention: Option<String>,
    pub(crate) days: i64,
    pub(crate) holds_name: bool,
    /// The type under which what was deleted is listed.
    pub(crate) collection: String,
    #[serde(default)]
    pub(crate) recover_on_create: bool,
    /// The parameter of a DELETE that keeps nothing.
    pub(crate) force_parameter: Option<String>,
    #[serde(default)]
    pub(crate) conflict_code: String,
}

/// Facts about one type beyond its schema.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Overlay {
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a fact without a source is refused by a test")
    )]
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) api_versions: Vec<String>,
    pub(crate) create: Option<VerbFacts>,
    pub(crate) update: Option<VerbFacts>,
    pub(crate) patch: Option<VerbFacts>,
    pub(crate) delete: Option<VerbFacts>,
    #[serde(default)]
    pub(crate) longer: Vec<Longer>,
    #[serde(default)]
    pub(crate) name: NameRule,
    #[serde(default)]
    pub(crate) immutable: Vec<Immutable>,
    #[serde(default)]
    pub(crate) grows: Vec<Grows>,
    #[serde(default)]
    pub(crate) defaults: Body,
    #[serde(default)]
    pub(crate) computed: Body,
    #[serde(default)]
    pub(crate) keep: Vec<String>,
    #[serde(default)]
    pub(crate) rewrites: Vec<Rewrite>,
    #[serde(default)]
    pub(crate) states: States,
    pub(crate) busy: Option<Busy>,
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
    #[serde(default)]
    pub(crate) children: Vec<Child>,
    #[serde(default)]
    pub(crate) implicit: Vec<Implicit>,
    pub(crate) stillborn: Option<Stillborn>,
    pub(crate) soft_delete: Option<SoftDelete>,
    #[serde(default)]
    pub(crate) write_only: Vec<String>,
    /// `body` where the `ETag` stands in the body too.
    pub(crate) etag: Option<String>,
    /// What the `ETag` is called in the body where it is spelled in another way: an update must
    /// send the current one there.
    pub(crate) etag_key: Option<String>,
    pub(crate) page_size: Option<usize>,
    pub(crate) tag_limit: Option<usize>,
    pub(crate) missing_code: Option<String>,
    pub(crate) stored_name: Option<String>,
    pub(crate) location_form: Option<String>,
    /// The names whose PUT merges into what is there.
    #[serde(default)]
    pub(crate) put_merges: Vec<String>,
    /// The names that are read by a POST of `list`, not by GET.
    #[serde(default)]
    pub(crate) post_lists: Vec<String>,
    /// The only names that take a PATCH; empty where all do.
    #[serde(default)]
    pub(crate) patch_only: Vec<String>,
    /// How long Azure's directory takes to know what was made.
    #[serde(default)]
    pub(crate) settle_seconds: f64,
    pub(crate) hook: Option<String>,
}

impl Overlay {
    /// What a verb does. What is there from the start is made and taken away by updates.
    pub(crate) fn verb(&self, verb: Verb) -> Option<&VerbFacts> {
        let otherwise = self.update.as_ref().filter(|_| !self.implicit.is_empty());
        match verb {
            Verb::Create => self.create.as_ref().or(otherwise),
            Verb::Update => self.update.as_ref(),
            Verb::Patch => self.patch.as_ref(),
            Verb::Delete => self.delete.as_ref().or(otherwise),
        }
    }
}

/// Lays computed templates over a body: text in braces is replaced by what `fill` knows.
pub(crate) fn render(template: &Body, fill: &dyn Fn(&str) -> Option<String>) -> Body {
    template
        .iter()
        .map(|(key, value)| (key.clone(), render_value(value, fill)))
        .collect()
}

fn render_value(value: &Value, fill: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(render_text(text, fill)),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| render_value(item, fill)).collect())
        }
        Value::Object(body) => Value::Object(
            body.iter()
                .map(|(k, v)| (k.clone(), render_value(v, fill)))
                .collect::<Map<_, _>>(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// One text with its placeholders replaced; what is not known stays as it stands.
pub(crate) fn render_text(text: &str, fill: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..open + close];
        match fill(name) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&rest[open..=open + close]),
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_unknown_ones_stay() {
        let fill = |name: &str| (name == "name").then(|| "x".to_owned());
        assert_eq!(render_text("a{name}b{other}c{", &fill), "axb{other}c{");
    }
}

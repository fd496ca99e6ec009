//! What is ready only when the outside world says so: who tells it, and what waits for that.
//!
//! A provider may do all that it was asked, and a domain still not be verified: somebody has to do
//! something elsewhere, or hours must pass. That is no change and no failure. It is *pending*.

use serde::{Deserialize, Serialize};

use crate::name::ResourceName;
use crate::resource::Observed;
use crate::value::{PropertyPath, Value};

/// When a resource of a type is ready in the outside world, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The properties that tell it (dotted): it is ready when each is one of `ready`. None means
    /// that it is ready as soon as it is there.
    pub paths: &'static [&'static str],
    /// The words that mean that it is ready, without regard to case.
    pub ready: &'static [&'static str],
    /// The words that mean that the outside world is at it: to ask again would not help.
    pub under_way: &'static [&'static str],
    /// What is to be done next, and where. `{path}` stands for the property at that path of the
    /// resource that is not ready.
    pub next_step: &'static str,
}

/// How far a resource is in the outside world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is ready.
    Ready,
    /// It is worked on; the word for it.
    UnderWay(String),
    /// It is not ready, and nobody works on it; the word for it.
    Unready(String),
}

impl Readiness {
    /// How far a resource is, by its properties. The first that is not ready tells it, unless
    /// another one needs somebody to do something.
    pub(crate) fn progress(&self, value: &Value) -> Progress {
        let is = |words: &[&str], found: &str| {
            let mut words = words.iter();
            words.any(|word| word.eq_ignore_ascii_case(found))
        };
        let mut progress = Progress::Ready;
        for path in self.paths {
            let found = value.get(&PropertyPath::parse(path));
            let word = found.and_then(Value::as_str).unwrap_or("unknown");
            if is(self.ready, word) {
                continue;
            }
            if !is(self.under_way, word) {
                return Progress::Unready(word.to_owned());
            }
            if progress == Progress::Ready {
                progress = Progress::UnderWay(word.to_owned());
            }
        }
        progress
    }

    /// Whether a resource is neither ready nor under way, so that it has to be asked for.
    pub fn needs_asking(&self, value: &Value) -> bool {
        matches!(self.progress(value), Progress::Unready(_))
    }

    /// Whether a property is one of those that tell it.
    pub(crate) fn tells(&self, path: &PropertyPath) -> bool {
        self.paths.iter().any(|own| path.is_at_or_below(own))
    }

    /// What is to be done next, with the properties of the resource in it.
    fn next_step(&self, value: &Value) -> String {
        let mut text = String::new();
        let mut rest = self.next_step;
        while let Some((before, inner)) = rest.split_once('{') {
            text.push_str(before);
            let (path, after) = inner.split_once('}').unwrap_or((inner, ""));
            text.push_str(&shown(value.get(&PropertyPath::parse(path))));
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| shown(Some(item))).collect();
            items.join(", ")
        }
        Some(other) => other
            .to_json()
            .map_or_else(String::new, |json| json.to_string()),
        None => "(unknown)".to_owned(),
    }
}

/// What a resource waits for in the outside world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The resource that is not ready.
    pub on: ResourceName,
    /// How far that is, in the provider's word.
    pub state: String,
    /// What is to be done next, and where.
    pub next_step: String,
}

impl Pending {
    /// What those wait for that await a resource; `None` once it is ready.
    pub(crate) fn on(
        name: &ResourceName,
        readiness: Option<Readiness>,
        observed: &Observed,
    ) -> Option<Self> {
        let readiness = readiness?;
        let state = match readiness.progress(&observed.value) {
            Progress::Ready => return None,
            Progress::UnderWay(state) | Progress::Unready(state) => state,
        };
        Some(Self {
            on: name.clone(),
            state,
            next_step: readiness.next_step(&observed.value),
        })
    }

    /// What those wait for that await something outside the stack which is not there yet.
    pub(crate) fn on_absent(name: &ResourceName, id: &crate::name::ResourceId) -> Self {
        Self {
            on: name.clone(),
            state: "absent".to_owned(),
            next_step: format!(
                "provision the environment that makes {id}, or make it by hand, then provision again"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const READINESS: Readiness = Readiness {
        paths: &["states.domain", "states.spf"],
        ready: &["Verified"],
        under_way: &["InProgress"],
        next_step: "set {records} for {name}, {nothing}",
    };

    fn progress(domain: &str, spf: &str) -> Progress {
        READINESS.progress(&json!({"states": {"domain": domain, "spf": spf}}).into())
    }

    #[test]
    fn it_is_ready_when_everything_is() {
        assert_eq!(progress("verified", "Verified"), Progress::Ready);
        let under_way = Progress::UnderWay("InProgress".to_owned());
        assert_eq!(progress("InProgress", "Verified"), under_way);
        let failed = Progress::Unready("Failed".to_owned());
        assert_eq!(progress("InProgress", "Failed"), failed);
        let unknown = Progress::Unready("unknown".to_owned());
        assert_eq!(READINESS.progress(&json!({}).into()), unknown);
    }

    #[test]
    fn the_next_step_names_what_the_resource_tells() {
        let value = json!({"records": ["a", "b"], "name": "mail"}).into();
        assert_eq!(READINESS.next_step(&value), "set a, b for mail, (unknown)");
    }
}

//! What a rule asks of the properties of a resource, as data.

use augeo_core::resource::Desired;
use augeo_core::value::{PropertyPath, Value};

use super::scene::{Scene, own_name, plain, text};

/// A condition. Texts are compared without regard to case; `true` and numbers count as text, because
/// Azure has them as either. What refers to another resource is not known, and meets none of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// The property is one of these.
    Is(&'static str, &'static [&'static str]),
    /// It has another plain value than these.
    IsNot(&'static str, &'static [&'static str]),
    /// It begins with one of these.
    Begins(&'static str, &'static [&'static str]),
    /// It holds one of these.
    Holds(&'static str, &'static [&'static str]),
    /// It is not there, or is nothing.
    Unset(&'static str),
    /// It is a number outside this range.
    Outside(&'static str, i64, i64),
    /// The name in Azure is one of these.
    Named(&'static [&'static str]),
    /// The stack is for one of these environments.
    Environment(&'static [&'static str]),
    /// All hold; what is told is the first.
    All(&'static [When]),
    /// One holds.
    Any(&'static [When]),
    /// It holds of the resource that this one is in or on; what is told is this one.
    Parent(&'static When),
    /// It holds of the resource that the property refers to; what is told is the property.
    Of(&'static str, &'static When),
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) value: Option<String>,
}

impl Seen {
    fn new(path: &str, value: impl Into<Option<String>>) -> Self {
        Self {
            path: path.to_owned(),
            value: value.into(),
        }
    }
}

impl When {
    /// What meets the condition, if it is met.
    pub(super) fn holds(&self, scene: &Scene<'_>, desired: &Desired) -> Option<Seen> {
        let lower = |path| text(desired, path).map(|text| text.to_ascii_lowercase());
        let met = |path: &str, met: bool| met.then(|| Seen::new(path, text(desired, path)));
        match *self {
            Self::Is(path, values) => {
                let found = lower(path)?;
                met(
                    path,
                    values.iter().any(|it| it.eq_ignore_ascii_case(&found)),
                )
            }
            Self::IsNot(path, values) => {
                let found = lower(path)?;
                met(
                    path,
                    !values.iter().any(|it| it.eq_ignore_ascii_case(&found)),
                )
            }
            Self::Begins(path, starts) => {
                let found = lower(path)?;
                let begins = |start: &&str| found.starts_with(&start.to_ascii_lowercase());
                met(path, starts.iter().any(begins))
            }
            Self::Holds(path, parts) => {
                let found = lower(path)?;
                let holds = |part: &&str| found.contains(&part.to_ascii_lowercase());
                met(path, parts.iter().any(holds))
            }
            Self::Unset(path) => {
                let value = desired.value.get(&PropertyPath::parse(path));
                let unset = matches!(value, None | Some(Value::Null));
                unset.then(|| Seen::new(path, None))
            }
            Self::Outside(path, least, most) => {
                let number: i64 = text(desired, path)?.parse().ok()?;
                met(path, !(least..=most).contains(&number))
            }
            Self::Named(names) => {
                let name = own_name(desired);
                let known = names.iter().any(|known| known.eq_ignore_ascii_case(name));
                known.then(|| Seen::new("", None))
            }
            Self::Environment(names) => {
                let known = names.contains(&scene.stack.environment());
                known.then(|| Seen::new("", None))
            }
            Self::All(all) => {
                let mut first = None;
                for one in all {
                    let seen = one.holds(scene, desired)?;
                    first.get_or_insert(seen);
                }
                first
            }
            Self::Any(any) => any.iter().find_map(|one| one.holds(scene, desired)),
            Self::Parent(when) => {
                when.holds(scene, scene.parent(desired)?)?;
                Some(Seen::new("", None))
            }
            Self::Of(path, when) => {
                when.holds(scene, scene.referred(desired, path)?)?;
                Some(Seen::new(
                    path,
                    desired
                        .value
                        .get(&PropertyPath::parse(path))
                        .and_then(plain),
                ))
            }
        }
    }
}

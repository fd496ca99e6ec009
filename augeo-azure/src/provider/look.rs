//! One look at Azure: which request reads resources of a type, and what it found.

use std::collections::BTreeSet;
use std::sync::Arc;

use augeo_core::provider::{Context, ErrorKind};
use serde_json::Value as Json;

use crate::arm_id::ArmId;
use crate::client::{ArmClient, ArmRequest};
use crate::error::ArmError;
use crate::schema::{ArmScope, ArmType, NameRule, ReadPlan};

/// Where is looked. Looks at the same place are one look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A collection, with its query.
    List(String, Vec<(String, String)>),
    /// One resource.
    One(String),
    /// One resource that is only told by an action: its id, and what is posted to.
    Action(String, String),
}

/// A look at resources of one type.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) ty: Arc<ArmType>,
    pub(super) place: Place,
}

/// Which places can be told apart without regard to case.
pub(super) type PlaceKey = (u8, String, Vec<(String, String)>);

impl Look {
    /// The look that reads this resource, and its siblings where that costs no more.
    pub(super) fn at(ty: &Arc<ArmType>, id: &ArmId) -> Self {
        let place = match ty.read {
            ReadPlan::List { query } => match ty.scope {
                ArmScope::Extension => extension_place(id, query),
                ArmScope::Subscription | ArmScope::Group | ArmScope::Child | ArmScope::Finish => {
                    Place::List(collection(id), owned(query))
                }
            },
            ReadPlan::ListOfParent { query } => {
                let parent = id.parent();
                Place::List(collection(parent.as_ref().unwrap_or(id)), owned(query))
            }
            ReadPlan::ListOfAll(collection) => {
                let parent = id.parent();
                let parent = parent.as_ref().unwrap_or(id);
                Place::List(format!("{parent}/{collection}"), Vec::new())
            }
            ReadPlan::Get => Place::One(id.to_string()),
            ReadPlan::PostList | ReadPlan::PostParent(_) => action(ty, id),
        };
        Self {
            ty: Arc::clone(ty),
            place,
        }
    }

    /// A look at a collection.
    pub(super) fn list(ty: &Arc<ArmType>, path: String) -> Self {
        let query = match ty.read {
            ReadPlan::List { query } | ReadPlan::ListOfParent { query } => owned(query),
            ReadPlan::ListOfAll(_)
            | ReadPlan::Get
            | ReadPlan::PostList
            | ReadPlan::PostParent(_) => Vec::new(),
        };
        Self {
            ty: Arc::clone(ty),
            place: Place::List(path, query),
        }
    }

    /// A look at whatever of a type is in a collection, if that can be read without knowing more.
    pub(super) fn within(ty: &Arc<ArmType>, collection: String) -> Option<Self> {
        match (ty.read, &ty.name) {
            (ReadPlan::List { .. }, _) => Some(Self::list(ty, collection)),
            (ReadPlan::ListOfAll(all), _) => {
                let (parent, _) = collection.rsplit_once('/')?;
                Some(Self::list(ty, format!("{parent}/{all}")))
            }
            // There is at most one, and it has the same name in each parent.
            (ReadPlan::Get, NameRule::Fixed(name)) => Some(Self {
                ty: Arc::clone(ty),
                place: Place::One(format!("{collection}/{name}")),
            }),
            (
                ReadPlan::ListOfParent { .. }
                | ReadPlan::Get
                | ReadPlan::PostList
                | ReadPlan::PostParent(_),
                _,
            ) => None,
        }
    }

    /// A look at this resource alone.
    pub(super) fn one(ty: &Arc<ArmType>, id: &ArmId) -> Self {
        let place = match ty.read {
            ReadPlan::PostList | ReadPlan::PostParent(_) => action(ty, id),
            ReadPlan::List { .. }
            | ReadPlan::ListOfParent { .. }
            | ReadPlan::ListOfAll(_)
            | ReadPlan::Get => Place::One(id.to_string()),
        };
        Self {
            ty: Arc::clone(ty),
            place,
        }
    }

    pub(super) fn key(&self) -> PlaceKey {
        match &self.place {
            Place::List(path, query) => (0, path.to_ascii_lowercase(), query.clone()),
            Place::One(path) => (1, path.to_ascii_lowercase(), Vec::new()),
            Place::Action(path, _) => (2, path.to_ascii_lowercase(), Vec::new()),
        }
    }

    /// Each body that is there, with its id. A collection whose parent is not there is empty.
    pub(super) async fn bodies(
        &self,
        client: &ArmClient,
        ctx: &Context,
    ) -> Result<Vec<(ArmId, Json)>, ArmError> {
        let version = self.ty.api_version();
        let one = |path: &str, body: Option<Json>| -> Vec<(ArmId, Json)> {
            body.into_iter()
                .filter_map(|body| Some((ArmId::parse(path).ok()?, body)))
                .collect()
        };
        match &self.place {
            Place::List(path, query) => {
                let request = query
                    .iter()
                    .fold(ArmRequest::get(path, version), |request, (name, value)| {
                        request.query(name, value)
                    });
                match client.list(&request, ctx).await {
                    Ok(items) => Ok(items
                        .into_iter()
                        .filter_map(|body| Some((id_of(&body)?, body)))
                        .collect()),
                    Err(error) if means_nothing_there(&error) => Ok(Vec::new()),
                    Err(error) => Err(error),
                }
            }
            Place::One(path) => match client.get(path, version, ctx).await {
                Ok(body) => Ok(one(path, body)),
                Err(error) if means_nothing_there(&error) => Ok(Vec::new()),
                Err(error) => Err(error),
            },
            Place::Action(path, action) => {
                let request = ArmRequest::post(action, version, None).safe_to_repeat();
                match client.read(&request, ctx).await {
                    Ok(body) => Ok(one(path, body)),
                    Err(error) if means_nothing_there(&error) => Ok(Vec::new()),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

/// Where a resource is that only an action tells.
fn action(ty: &ArmType, id: &ArmId) -> Place {
    let action = match (ty.read, id.parent()) {
        (ReadPlan::PostParent(action), Some(parent)) => format!("{parent}/{action}"),
        _ => format!("{id}/list"),
    };
    Place::Action(id.to_string(), action)
}

fn owned(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The id that a body tells.
pub(super) fn id_of(body: &Json) -> Option<ArmId> {
    body.get("id")
        .and_then(Json::as_str)
        .and_then(|text| ArmId::parse(text).ok())
}

/// What an id is an item of.
pub(super) fn collection(id: &ArmId) -> String {
    let text = id.to_string();
    text.rsplit_once('/')
        .map_or_else(|| text.clone(), |(collection, _)| collection.to_owned())
}

/// The list of a group has the extensions of everything below it; the one of a subscription would
/// have those of everybody, and is cut to its own.
fn extension_place(id: &ArmId, query: &[(&str, &str)]) -> Place {
    let ty = id.resource_type();
    if let Some(group) = id.resource_group_id() {
        return Place::List(format!("{group}/providers/{ty}"), owned(query));
    }
    match (id.target(), id.is_extension()) {
        (Some(target), false) => {
            let mut query = owned(query);
            query.push(("$filter".to_owned(), "atScope()".to_owned()));
            Place::List(format!("{target}/providers/{ty}"), query)
        }
        _ => Place::One(id.to_string()),
    }
}

/// Whether a refusal to read says no more than that there is nothing.
fn means_nothing_there(error: &ArmError) -> bool {
    error.is_not_found()
        || error
            .code()
            .eq_ignore_ascii_case("MissingSubscriptionRegistration")
}

/// Whether a refusal is about what the caller may see.
pub(super) fn is_denied(error: &ArmError) -> bool {
    error.kind() == ErrorKind::Denied && error.refusal().is_some()
}

/// Whether a refusal is about one type only: nobody may see it, or Azure does not know it, or not
/// in that version. Everything else can still be looked at.
pub(super) fn is_of_one_type(error: &ArmError) -> bool {
    let unknown = [
        "InvalidResourceType",
        "InvalidApiVersionParameter",
        "NoRegisteredProviderFound",
    ];
    let code = error.code();
    is_denied(error) || unknown.iter().any(|known| known.eq_ignore_ascii_case(code))
}

/// So many lists of one subscription's grants are asked for by filter. They cost less than the
/// list of everybody's, which has up to 4,000 of them
/// (<https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits>).
const LOOKS_MAX: usize = 2;

/// Looks, each place once.
#[derive(Debug, Default)]
pub(super) struct Looks {
    keys: BTreeSet<PlaceKey>,
    due: Vec<Look>,
}

impl Looks {
    /// Adds a look, unless its place was looked at before.
    pub(super) fn add(&mut self, look: Look) {
        if self.keys.insert(look.key()) {
            self.due.push(look);
        }
    }

    /// Makes one of the looks at grants that are due at the subscription, those of principals and
    /// those at its own, where there are several: without a filter it answers all of them.
    pub(super) fn gather(&mut self, ty: &Arc<ArmType>, path: &str) {
        let wide = Look::list(ty, path.to_owned());
        let is_at = |look: &Look| matches!(&look.place, Place::List(at, _) if at == path);
        if self.due.iter().filter(|look| is_at(look)).count() > LOOKS_MAX {
            self.due.retain(|look| !is_at(look));
            self.add(wide);
        }
    }

    /// The looks that are due now, in the order of their places.
    pub(super) fn take(&mut self) -> Vec<Look> {
        let mut due = std::mem::take(&mut self.due);
        due.sort_by_cached_key(Look::key);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scope: ArmScope, read: ReadPlan) -> Arc<ArmType> {
        let mut ty = ArmType::REGIONAL.named("Test.Space/things", "2025-01-01", "Thing");
        ty.scope = scope;
        ty.read = read;
        Arc::new(ty)
    }

    const LIST: ReadPlan = ReadPlan::List {
        query: &[("x", "y")],
    };

    #[test]
    fn siblings_are_read_together() {
        let ty = of(ArmScope::Group, LIST);
        let id = |name: &str| {
            ArmId::parse(&format!(
                "/subscriptions/s/resourceGroups/rg/providers/Test.Space/things/{name}"
            ))
            .unwrap()
        };
        let mut looks = Looks::default();
        looks.add(Look::at(&ty, &id("one")));
        looks.add(Look::at(&ty, &id("TWO")));
        looks.add(Look::one(&ty, &id("one")));
        let due = looks.take();
        assert_eq!(due.len(), 2);
        let path = "/subscriptions/s/resourceGroups/rg/providers/Test.Space/things".to_owned();
        assert_eq!(
            due[0].place,
            Place::List(path, vec![("x".to_owned(), "y".to_owned())])
        );
        looks.add(Look::at(&ty, &id("three")));
        assert!(looks.take().is_empty());
        let single = of(ArmScope::Child, ReadPlan::PostList);
        assert_eq!(
            Look::at(&single, &id("a")).place,
            Place::Action(id("a").to_string(), format!("{}/list", id("a")))
        );
    }

    #[test]
    fn extensions_are_read_for_a_whole_group() {
        let ty = of(ArmScope::Extension, ReadPlan::List { query: &[] });
        let path = |text: &str| match Look::at(&ty, &ArmId::parse(text).unwrap()).place {
            Place::List(path, query) => format!("{path} {}", query.len()),
            other @ (Place::One(_) | Place::Action(..)) => format!("{other:?}"),
        };
        let group = "/subscriptions/s/resourceGroups/rg";
        for target in ["", "/providers/Test.Web/sites/api"] {
            assert_eq!(
                path(&format!("{group}{target}/providers/T.A/r/x")),
                format!("{group}/providers/T.A/r 0")
            );
        }
        assert_eq!(
            path("/subscriptions/s/providers/T.A/r/x"),
            "/subscriptions/s/providers/T.A/r 1"
        );
    }
}

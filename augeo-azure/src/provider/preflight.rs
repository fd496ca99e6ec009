//! What would refuse a plan and can be asked before anything is written: names that are taken,
//! services that the subscription has not registered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use augeo_core::finding::Finding;
use augeo_core::mutant::{self, Mutant};
use augeo_core::name::ResourceName;
use augeo_core::plan::{Action, Change, Plan};
use augeo_core::provider::{Context, ProviderError};
use augeo_core::resource::{Ownership, ResourceType};
use augeo_core::value::Value;
use futures::StreamExt as _;
use serde_json::{Value as Json, json};

use super::look::is_denied;
use super::{Azure, RESOURCES_API_VERSION};
use crate::arm_id::ArmId;
use crate::client::ArmRequest;
use crate::error::ArmError;
use crate::rules::refused_when_made;

const CHECKS_MAX: usize = 8;

/// A name to be asked for.
struct Question {
    resource: ResourceName,
    title: String,
    name: String,
    ty: Arc<ResourceType>,
    id: ArmId,
    request: ArmRequest,
}

impl Azure {
    pub(super) async fn check_online(
        &self,
        plan: &Plan,
        ctx: &Context,
    ) -> Result<Vec<Finding>, ProviderError> {
        let mut findings: Vec<Finding> = plan
            .pending()
            .filter_map(|change| self.keeps_its_name(change))
            .collect();
        findings.extend(plan.pending().flat_map(|change| self.shrinks(change)));
        findings.extend(self.check_locks(plan, ctx).await);
        let creations: Vec<&Change> = plan
            .changes
            .iter()
            .filter(|change| change.action == Action::Create)
            .collect();
        let today = ctx.clock.now().date();
        findings.extend(creations.iter().filter_map(|change| {
            let planned = change.planned.as_ref()?;
            let finding = refused_when_made(&change.ty.name, planned, today)?;
            Some(finding.about(&change.name))
        }));
        let (capabilities, made) = futures::join!(
            self.check_capabilities(plan, ctx),
            self.check_creations(&creations, plan, ctx)
        );
        findings.extend(capabilities);
        findings.extend(made);
        // A request that fails here is no obstacle: the write will tell what is wrong.
        let mut located: Vec<Finding> = findings
            .into_iter()
            .map(|finding| {
                let place = finding
                    .resource
                    .as_ref()
                    .and_then(|resource| plan.change(resource.as_str()))
                    .and_then(|change| change.location.clone());
                match place {
                    Some(place) => finding.at(place),
                    None => finding,
                }
            })
            .collect();
        located.sort();
        located.dedup();
        Ok(located)
    }

    /// What is asked only where something is made.
    async fn check_creations(
        &self,
        creations: &[&Change],
        plan: &Plan,
        ctx: &Context,
    ) -> Vec<Finding> {
        let Some(first) = creations.first() else {
            return Vec::new();
        };
        if mutant::is_on(Mutant::WriteWhilePlanning) {
            let request = ArmRequest::put(first.id.text(), RESOURCES_API_VERSION, json!({}));
            drop(self.client.begin(&request, ctx).await);
        }
        let (mut findings, registrations, quotas) = futures::join!(
            self.check_names(creations, plan.pending().count(), ctx),
            self.check_registrations(creations, ctx),
            self.check_quotas(creations, ctx)
        );
        findings.extend(registrations);
        findings.extend(quotas);
        findings
    }

    /// What can only grow, as a server's storage, and is declared smaller.
    fn shrinks(&self, change: &Change) -> Vec<Finding> {
        let number = |value: Option<&Value>| -> Option<f64> {
            match value?.to_json()? {
                Json::Number(number) => number.as_f64(),
                Json::String(text) => text.parse().ok(),
                Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
            }
        };
        let grows = self.types.of(&change.ty).grows;
        let differences = change.differences.iter().filter(|it| {
            change.action == Action::Update
                && grows.iter().any(|path| it.path.is_at_or_below(path))
                && number(it.after.as_ref()) < number(it.before.as_ref())
        });
        let found = differences.map(|difference| {
            let path = difference.path.to_string();
            let shown = |value: Option<&Value>| {
                let json = value.and_then(Value::to_json);
                json.map_or_else(String::new, |json| json.to_string())
            };
            let message = format!(
                "{} of {} ({}) can only grow: it is {} and is declared as {}",
                path,
                change.name,
                change.ty.title,
                shown(difference.before.as_ref()),
                shown(difference.after.as_ref())
            );
            let finding = Finding::error("azure/only-grows", message).about(&change.name);
            let finding = finding.property(&path);
            let finding =
                finding.fix("take it back, or move the data to a resource of another name");
            match &difference.source {
                Some(source) => finding.at(source.clone()),
                None => finding,
            }
        });
        found.collect()
    }

    /// A replacement of what Azure deletes softly would end half-way: the deleted resource keeps
    /// its name until it is purged, and can only be brought back as it was.
    fn keeps_its_name(&self, change: &Change) -> Option<Finding> {
        let ty = self.types.of(&change.ty);
        ty.soft_delete?;
        let forcing = change.differences.iter().filter(|it| it.forces_replacement);
        let forcing: Vec<String> = forcing.map(|it| it.path.to_string()).collect();
        let (name, title, forcing) = (&change.name, &ty.facts.title, forcing.join(", "));
        let message = match change.action {
            Action::Replace => format!(
                "{name} ({title}) cannot be replaced for {forcing}: until the purge, Azure keeps a \
                 deleted one under its name"
            ),
            Action::Recover if !forcing.is_empty() => format!(
                "{name} ({title}) was deleted and can only come back as it was, and {forcing} \
                 cannot be changed afterwards"
            ),
            Action::Recover
            | Action::NoOp
            | Action::Create
            | Action::Update
            | Action::Delete
            | Action::Lift
            | Action::Adopt
            | Action::Forget => return None,
        };
        let finding = Finding::error("azure/name-kept", message).about(&change.name);
        Some(finding.fix("take the change back, or give the resource another name"))
    }

    /// Asks for as many names as leave ARM's write bucket to the writes: each question is a `POST`,
    /// which ARM counts as one, and a run that empties the bucket goes on at a tenth of its speed.
    async fn check_names(
        &self,
        creations: &[&Change],
        writes: usize,
        ctx: &Context,
    ) -> Vec<Finding> {
        // What a replaced parent takes along frees its name.
        let mut questions: Vec<Question> = creations
            .iter()
            .filter(|change| change.prior.is_none())
            .filter_map(|change| self.question(change))
            .collect();
        let room = self.client.writes_burst().saturating_sub(writes);
        let left = questions.len().saturating_sub(room);
        questions.truncate(room);
        let answers: Vec<(Question, Result<Json, ArmError>)> = futures::stream::iter(questions)
            .map(|question| async move {
                let answer = self.client.send(&question.request, ctx).await;
                let mut answer = answer.map(|answer| answer.body).or_else(taken_in_an_error);
                let taken = answer.as_ref().is_ok_and(|body| !is_available(body));
                if taken && self.holds_it_already(&question, ctx).await {
                    answer = Ok(json!({"nameAvailable": true}));
                }
                (question, answer)
            })
            .buffered(CHECKS_MAX)
            .collect()
            .await;
        let unasked = (left > 0).then(|| {
            let message = format!(
                "not verified: whether {left} names are free (asking would use up the writes that \
                 ARM takes at once; a name that is taken is refused when it is written)"
            );
            Finding::note("azure/not-verified", message)
        });
        answers
            .into_iter()
            .filter_map(|(question, answer)| name_finding(&question, answer))
            .chain(unasked)
            .collect()
    }

    /// Whether the stack itself has the name: lists lag behind creations, so that a plan made soon
    /// after a run may not see what that run made.
    async fn holds_it_already(&self, question: &Question, ctx: &Context) -> bool {
        let ty = Arc::new(self.types.of(&question.ty).into_owned());
        let known = question.id.to_resource_id();
        let found = self.look_at(&ty, &known, &question.id, ctx).await;
        found.is_ok_and(|found| found.is_some_and(|found| found.ownership == Ownership::Ours))
    }

    fn question(&self, change: &Change) -> Option<Question> {
        let ty = self.types.of(&change.ty);
        let check = ty.name_check?;
        let id = ArmId::try_from(&change.id).ok()?;
        let subscription = ArmId::subscription_scope(self.subscription_id());
        let path = format!("{subscription}/{}", check.path.trim_start_matches('/'));
        let body = json!({"name": id.name(), "type": check.type_name});
        Some(Question {
            resource: change.name.clone(),
            title: ty.facts.title.to_string(),
            name: id.name().to_owned(),
            ty: Arc::clone(&change.ty),
            request: ArmRequest::post(path, ty.api_version(), Some(body)).safe_to_repeat(),
            id,
        })
    }

    async fn check_registrations(&self, creations: &[&Change], ctx: &Context) -> Vec<Finding> {
        let mut needed: BTreeMap<String, &Change> = BTreeMap::new();
        for change in creations {
            let Ok(id) = ArmId::try_from(&change.id) else {
                continue;
            };
            // A group belongs to ARM itself, which needs no registration.
            if id.target().is_some() {
                needed.entry(id.namespace().to_owned()).or_insert(change);
            }
        }
        if needed.is_empty() {
            return Vec::new();
        }
        let subscription = ArmId::subscription_scope(self.subscription_id());
        let request = ArmRequest::get(format!("{subscription}/providers"), RESOURCES_API_VERSION);
        let providers = match self.client.list(&request, ctx).await {
            Ok(providers) => providers,
            Err(error) => return vec![not_verified("whether every service is registered", &error)],
        };
        let text = |provider: &Json, key: &str| {
            provider
                .get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_lowercase()
        };
        let mut unknown: Vec<Finding> = creations
            .iter()
            .filter_map(|change| self.unknown_type(change, &providers))
            .collect();
        let elsewhere = creations.iter();
        unknown.extend(elsewhere.filter_map(|change| unavailable_region(change, &providers)));
        let states: BTreeMap<String, String> = providers
            .iter()
            .map(|provider| {
                (
                    text(provider, "namespace"),
                    text(provider, "registrationState"),
                )
            })
            .collect();
        let mut told = BTreeSet::new();
        let unregistered = needed
            .into_iter()
            .filter(|(namespace, _)| told.insert(namespace.to_lowercase()))
            .filter_map(|(namespace, change)| {
                let state = states
                    .get(&namespace.to_lowercase())
                    .map_or("", String::as_str);
                registration_finding(&namespace, state, change)
            });
        unknown.extend(unregistered);
        unknown
    }

    /// A type that is written down by hand may be misspelt, and its version, too: Azure tells both
    /// with its services.
    fn unknown_type(&self, change: &Change, providers: &[Json]) -> Option<Finding> {
        if self.types.named(&change.ty.name).is_some() {
            return None;
        }
        let (namespace, kind) = change.ty.name.as_str().split_once('/')?;
        let mut services = providers.iter();
        let service = services.find(|service| is(service, "namespace", namespace))?;
        let types = service.get("resourceTypes").and_then(Json::as_array)?;
        let ty = types.iter().find(|ty| is(ty, "resourceType", kind));
        let name = &change.name;
        let Some(ty) = ty else {
            let message = format!("{name}: there is no type `{}` here", change.ty.name);
            let fix = format!("az provider show --namespace {namespace} lists the types");
            let finding = Finding::error("azure/no-such-type", message).about(name);
            return Some(finding.fix(fix));
        };
        let versions = texts(ty, "apiVersions");
        let version = change.ty.version.as_ref();
        if versions.is_empty() || versions.iter().any(|it| it.eq_ignore_ascii_case(version)) {
            return None;
        }
        let newest = versions.iter().max().copied().unwrap_or_default();
        let message = format!("{name}: `{}` has no version {version}", change.ty.name);
        let finding = Finding::error("azure/no-such-version", message).about(name);
        Some(finding.fix(format!("write {newest}, the newest that is here")))
    }
}

fn is(found: &Json, key: &str, wanted: &str) -> bool {
    let text = found.get(key).and_then(Json::as_str);
    text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}

fn texts<'a>(found: &'a Json, key: &str) -> Vec<&'a str> {
    let list = found.get(key).and_then(Json::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect()
}

/// A service tells with each of its types where that is to be had, in words such as `West Europe`: what
/// is asked for elsewhere is refused by ARM itself.
fn unavailable_region(change: &Change, providers: &[Json]) -> Option<Finding> {
    let plain = crate::normalize::location;
    let location = change.planned.as_ref()?.field("location")?.as_str()?;
    let (namespace, kind) = change.ty.name.as_str().split_once('/')?;
    let mut services = providers.iter();
    let service = services.find(|service| is(service, "namespace", namespace))?;
    let mut types = service.get("resourceTypes")?.as_array()?.iter();
    let regions = texts(types.find(|ty| is(ty, "resourceType", kind))?, "locations");
    let here = plain(location);
    let had = here == "global" || regions.iter().any(|region| plain(region) == here);
    if had || regions.is_empty() {
        return None;
    }
    let (name, title) = (&change.name, &change.ty.title);
    let message = format!("{name} ({title}) is not to be had in `{location}`");
    let mut some: Vec<String> = regions.iter().map(|region| plain(region)).collect();
    some.sort();
    some.truncate(8);
    let fix = format!("take another region, such as {}", some.join(", "));
    let finding = Finding::error("azure/no-such-region", message).property("location");
    Some(finding.about(name).fix(fix))
}

/// Redis answers with an error where others say that the name is not available
/// (<https://learn.microsoft.com/rest/api/redis/redis/check-name-availability>).
fn taken_in_an_error(error: ArmError) -> Result<Json, ArmError> {
    if error.code().eq_ignore_ascii_case("NameNotAvailable") {
        return Ok(json!({"nameAvailable": false}));
    }
    Err(error)
}

fn is_available(answer: &Json) -> bool {
    answer.get("nameAvailable").and_then(Json::as_bool) != Some(false)
}

fn name_finding(question: &Question, answer: Result<Json, ArmError>) -> Option<Finding> {
    let Question {
        resource,
        title,
        name,
        ..
    } = question;
    let body = match answer {
        Ok(body) => body,
        Err(error) => {
            let what = format!("whether the name `{name}` of {resource} is free");
            return Some(not_verified(&what, &error).about(resource));
        }
    };
    if is_available(&body) {
        return None;
    }
    let said = body
        .get("message")
        .and_then(Json::as_str)
        .unwrap_or_default()
        .trim();
    let invalid = body
        .get("reason")
        .and_then(Json::as_str)
        .is_some_and(|reason| reason.to_lowercase().contains("invalid"));
    let (rule, problem) = if invalid {
        ("azure/invalid-name", "is not allowed")
    } else {
        ("azure/name-taken", "is taken in Azure")
    };
    let message = format!("the name `{name}` of {resource} ({title}) {problem}");
    let message = if said.is_empty() {
        message
    } else {
        format!("{message}: {said}")
    };
    let fix = "give it another physical name, or refer to it as existing if it is yours";
    Some(Finding::error(rule, message).about(resource).fix(fix))
}

fn registration_finding(namespace: &str, state: &str, change: &Change) -> Option<Finding> {
    let fix = format!("az provider register --wait --namespace {namespace}");
    let finding = match state {
        "registered" => return None,
        "registering" => Finding::warning(
            "azure/provider-not-registered",
            format!(
                "{namespace} is being registered in the subscription; {} needs it",
                change.name
            ),
        ),
        _ => Finding::error(
            "azure/provider-not-registered",
            format!(
                "{namespace} is not registered in the subscription; {} needs it",
                change.name
            ),
        ),
    };
    Some(finding.about(&change.name).fix(fix))
}

pub(super) fn not_verified(what: &str, error: &ArmError) -> Finding {
    let reason = if is_denied(error) {
        "it may not be asked".to_owned()
    } else {
        error.to_string()
    };
    Finding::note(
        "azure/not-verified",
        format!("not verified: {what} ({reason})"),
    )
}

//! One ARM body read as what the engine knows of a resource.

use std::sync::Arc;

use augeo_core::mutant::{self, Mutant};
use augeo_core::name::{ResourceId, StackName};
use augeo_core::resource::{Condition, Observed, Ownership};
use augeo_core::value::{PropertyPath, Value};
use serde_json::Value as Json;

use super::body::{mentions, to_shape};
use super::finish;
use super::merge::set;
use super::ownership::{judge, unmark};
use super::types::Types;
use crate::arm_id::ArmId;
use crate::schema::ArmType;

/// Whose a resource is judged for, and by what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub(super) types: Types,
    pub(super) stack: &'a StackName,
    /// Whose the resource is that this one lives in.
    pub(super) parent: Option<&'a Ownership>,
}

/// Reads a body. `known` is how the engine spells the id, if it knows it.
pub(super) fn read(
    ty: &ArmType,
    id: &ArmId,
    known: Option<&ResourceId>,
    body: Json,
    judging: Judge<'_>,
) -> Observed {
    let mentions = mentions(&body, id);
    let doing = word(&body).map(str::to_owned);
    let mut value = to_shape(ty, id, body);
    put_in_what_is_left_out(ty, &mut value);
    let condition = condition(ty, doing.as_deref(), &value);
    let marks = unmark(ty, &mut value);
    let ownership = match ty.reset {
        // What nobody has set is the service's, unless the stack asks for it.
        Some(reset) if known.is_none() && reset.is_at_rest(&value) => Ownership::Foreign,
        _ => judge(ty, id, marks.as_ref(), judging.stack, judging.parent),
    };
    let secret_version = ty
        .secret_version_at
        .and_then(|path| value.get(&PropertyPath::parse(path)))
        .and_then(Value::as_str)
        .and_then(|uri| uri.trim_end_matches('/').rsplit('/').next())
        .map(str::to_owned);
    let marks = marks
        .filter(|_| ownership == Ownership::Ours)
        .unwrap_or_default();
    Observed {
        id: known.cloned().unwrap_or_else(|| id.to_resource_id()),
        ty: ty.name().clone(),
        version: ty.api_version().to_owned(),
        value: Arc::new(value),
        condition,
        ownership,
        parent: finish::parent(judging.types, ty, id).map(|parent| parent.to_resource_id()),
        mentions,
        declared: marks.declared,
        secret_versions: marks.secret_versions,
        secret_version,
    }
}

fn put_in_what_is_left_out(ty: &ArmType, value: &mut Value) {
    for (path, left_out) in ty.left_out {
        let path = PropertyPath::parse(path);
        if value.get(&path).is_none_or(|told| *told == Value::Null) {
            set(value, &path, &(*left_out).into());
        }
    }
}

/// ARM's word for what a resource goes through.
fn word(body: &Json) -> Option<&str> {
    let inside = body
        .get("properties")
        .and_then(|properties| properties.get("provisioningState"));
    inside
        .and_then(Json::as_str)
        .or_else(|| body.get("provisioningState").and_then(Json::as_str))
        .filter(|word| !word.is_empty())
}

fn condition(ty: &ArmType, word: Option<&str>, value: &Value) -> Condition {
    let by_state = match word.map(str::to_ascii_lowercase).as_deref() {
        None | Some("succeeded") => Condition::Ready,
        Some("canceled") if mutant::is_on(Mutant::TrustCancelledOperation) => Condition::Ready,
        Some("failed" | "canceled" | "cancelled") => Condition::Failed {
            code: stillborn(ty, value).or(word).unwrap_or_default().to_owned(),
        },
        Some("deleting") => Condition::Deleting,
        Some(_) => Condition::Busy {
            doing: word.unwrap_or_default().to_owned(),
        },
    };
    if by_state != Condition::Ready {
        return by_state;
    }
    if let Some(path) = ty.ready_with {
        let told = value.get(&PropertyPath::parse(path));
        if told.is_none_or(|told| *told == Value::Null || told.as_str() == Some("")) {
            return Condition::Busy {
                doing: "Creating".to_owned(),
            };
        }
    }
    let Some((path, ready)) = ty.ready_when else {
        return by_state;
    };
    let found = value
        .get(&PropertyPath::parse(path))
        .and_then(Value::as_str);
    match found {
        None => by_state,
        Some(found) if found.eq_ignore_ascii_case(ready) => by_state,
        Some(found) => match found.to_ascii_lowercase().as_str() {
            "dropping" | "deleting" => Condition::Deleting,
            // Of the states of a server (https://learn.microsoft.com/rest/api/postgresql/servers/get#serverstate)
            // these are no rest: it is not what was asked for, and only a write may mend it.
            "disabled" | "inaccessible" => Condition::Failed {
                code: found.to_owned(),
            },
            // A server that is stopped rests; it works on nothing.
            resting if !resting.ends_with("ing") => by_state,
            _ => Condition::Busy {
                doing: found.to_owned(),
            },
        },
    }
}

/// The word that means that nothing came of a resource's creation, if it says that.
fn stillborn(ty: &ArmType, value: &Value) -> Option<&'static str> {
    let (path, word) = ty.stillborn_when?;
    let found = value.get(&PropertyPath::parse(path))?.as_str()?;
    found.eq_ignore_ascii_case(word).then_some(word)
}

/// Whether a condition is one of being made: nothing is inside yet.
pub(super) fn is_being_created(condition: &Condition) -> bool {
    match condition {
        Condition::Busy { doing } => {
            let doing = doing.to_ascii_lowercase();
            ["creat", "accepted", "provisioning"]
                .iter()
                .any(|word| doing.starts_with(word))
        }
        Condition::Ready
        | Condition::Failed { .. }
        | Condition::Deleting
        | Condition::SoftDeleted { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::LeftOut;

    static TYPE: ArmType = {
        let mut ty = ArmType::REGIONAL.named("Test.Space/things", "2025-01-01", "Thing");
        ty.ready_when = Some(("state", "Ready"));
        ty.secret_version_at = Some("secretUriWithVersion");
        ty.left_out = &[("saving.log", LeftOut::Flag(false))];
        ty.stillborn_when = Some(("stage", "CreateFailed"));
        ty
    };

    fn observed(body: Json) -> Observed {
        let id = ArmId::parse("/subscriptions/s/resourceGroups/rg/providers/Test.Space/things/one")
            .unwrap();
        let stack = StackName::parse("a", "b").unwrap();
        read(
            &TYPE,
            &id,
            None,
            body,
            Judge {
                types: Types::new(&[]),
                stack: &stack,
                parent: None,
            },
        )
    }

    #[test]
    fn conditions_follow_the_state_and_then_what_means_ready() {
        let busy = |doing: &str| Condition::Busy {
            doing: doing.to_owned(),
        };
        for (properties, expected) in [
            (json!({}), Condition::Ready),
            (
                json!({"provisioningState": "Succeeded", "state": "Ready"}),
                Condition::Ready,
            ),
            (
                json!({"provisioningState": "Failed"}),
                Condition::Failed {
                    code: "Failed".to_owned(),
                },
            ),
            (
                json!({"provisioningState": "Deleting"}),
                Condition::Deleting,
            ),
            (
                json!({"provisioningState": "RegisteringDns"}),
                busy("RegisteringDns"),
            ),
            (
                json!({"provisioningState": "Failed", "stage": "createFailed"}),
                Condition::Failed {
                    code: "CreateFailed".to_owned(),
                },
            ),
            (
                json!({"provisioningState": "Failed", "stage": "UpdateFailed"}),
                Condition::Failed {
                    code: "Failed".to_owned(),
                },
            ),
            (json!({"state": "Updating"}), busy("Updating")),
            (json!({"state": "Dropping"}), Condition::Deleting),
            (json!({"state": "Stopped"}), Condition::Ready),
            (
                json!({"state": "Disabled"}),
                Condition::Failed {
                    code: "Disabled".to_owned(),
                },
            ),
        ] {
            assert_eq!(
                observed(json!({"properties": properties})).condition,
                expected,
                "{properties}"
            );
        }
        assert!(is_being_created(&busy("Creating")) && !is_being_created(&busy("Updating")));
    }

    #[test]
    fn what_tells_no_state_is_being_made_until_it_tells_what_it_is_known_by() {
        let mut ty = TYPE.clone();
        ty.ready_with = Some("thumbprint");
        let busy = Condition::Busy {
            doing: "Creating".to_owned(),
        };
        let failed = Condition::Failed {
            code: "Failed".to_owned(),
        };
        for (value, state, expected) in [
            (json!({}), None, &busy),
            (json!({"thumbprint": null}), Some("Succeeded"), &busy),
            (json!({"thumbprint": ""}), None, &busy),
            (json!({"thumbprint": "A1"}), None, &Condition::Ready),
            (json!({}), Some("Failed"), &failed),
        ] {
            let text = value.to_string();
            assert_eq!(condition(&ty, state, &value.into()), *expected, "{text}");
        }
        assert!(is_being_created(&busy));
    }

    #[test]
    fn what_an_answer_leaves_out_is_put_in() {
        let saving = |body: Json| observed(body).value.field("saving").cloned();
        let off = Value::from(json!({"log": false}));
        assert_eq!(saving(json!({"properties": {}})), Some(off.clone()));
        assert_eq!(
            saving(json!({"properties": {"saving": {"log": null}}})),
            Some(off)
        );
        let on = json!({"properties": {"saving": {"log": true, "more": 1}}});
        assert_eq!(saving(on), Some(json!({"log": true, "more": 1}).into()));
    }

    #[test]
    fn the_version_of_a_secret_is_the_end_of_its_uri() {
        let body =
            json!({"properties": {"secretUriWithVersion": "https://v.vault/secrets/n/0a1b"}});
        let secret = observed(body);
        assert_eq!(secret.secret_version.as_deref(), Some("0a1b"));
        assert_eq!(secret.ownership, Ownership::Foreign);
        assert_eq!(secret.parent.unwrap().label(), "rg");
    }
}

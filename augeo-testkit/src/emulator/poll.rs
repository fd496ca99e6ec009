//! What the URLs of an operation answer.

use serde_json::json;

use super::entry::{Lost, Operation, ShapeRow};
use super::error::ArmError;
use super::overlay::Verb;
use super::view::{Aspect, failure_json};
use super::world::{Call, Reply, World, stamp};

impl World {
    /// Answers a question for the status or the result of an operation.
    pub(crate) fn operation_status(
        &mut self,
        call: &Call<'_>,
        id: &str,
        result: bool,
    ) -> Result<Reply, ArmError> {
        let lost = self.lose(&id.to_lowercase());
        let found = self.store.operations().get(&id.to_lowercase());
        let Some(operation) = found.filter(|_| !lost) else {
            return Err(ArmError::not_found(
                "OperationNotFound",
                format!("The operation '{id}' could not be found."),
            ));
        };
        let retry_after = self
            .options
            .durations
            .retry_after(operation.retry_after)
            .to_string();
        if result {
            return self.operation_result(call, operation, &retry_after);
        }
        let mut status = json!({
            "id": super::path::join(&call.at.segments),
            "name": operation.id,
            "status": "InProgress",
            "startTime": stamp(operation.started),
        });
        if operation.heard() > call.now {
            return Ok(Reply::json(200, status).header("retry-after", retry_after));
        }
        status["endTime"] = json!(stamp(operation.heard()));
        if let Some(doom) = &operation.doom {
            status["status"] = json!(if doom.failure.canceled {
                "Canceled"
            } else {
                "Failed"
            });
            status["error"] = failure_json(&doom.failure);
        } else {
            status["status"] = json!("Succeeded");
            status["percentComplete"] = json!(100.0);
        }
        Ok(Reply::json(200, status))
    }

    fn operation_result(
        &self,
        call: &Call<'_>,
        operation: &Operation,
        retry_after: &str,
    ) -> Result<Reply, ArmError> {
        if operation.heard() > call.now {
            return Ok(Reply::new(202)
                .header("location", format!("{}{}", call.at.origin, own_path(call)))
                .header("retry-after", retry_after));
        }
        if let Some(doom) = &operation.doom {
            return Err(ArmError::conflict(
                &doom.failure.code,
                doom.failure.message.clone(),
            ));
        }
        if operation.verb == Verb::Delete {
            return Ok(Reply::new(if operation.shape == ShapeRow::Location {
                200
            } else {
                204
            }));
        }
        Ok(match self.store.resource(&operation.resource) {
            Some(entry) => Reply::json(200, self.view(entry, Aspect::Current)),
            None => Reply::new(204),
        })
    }

    /// Whether this question for an operation goes unanswered; it is counted.
    fn lose(&mut self, id: &str) -> bool {
        let Some(operation) = self.store.operations().get(id) else {
            return false;
        };
        match operation.lost {
            None | Some(Lost { polls: Some(0) }) => false,
            Some(Lost { polls: None }) => true,
            Some(Lost { polls: Some(left) }) => {
                let lost = Some(Lost {
                    polls: Some(left - 1),
                });
                let operation = Operation {
                    lost,
                    ..operation.clone()
                };
                self.store.put_operation(operation);
                true
            }
        }
    }
}

fn own_path(call: &Call<'_>) -> String {
    let url = &call.request.url;
    url.split_once("://")
        .map_or(url.as_str(), |(_, rest)| {
            rest.find('/').map_or("", |at| &rest[at..])
        })
        .to_owned()
}

//! What holds for an operation whatever Azure answers.

use proptest::prelude::*;
use serde_json::json;

use super::tests::{ASYNC, LOCATED, NOW, RESOURCE, headers, state};
use super::*;

proptest! {
    /// Whatever Azure answers, success is told only after an answer that says so, and a link is
    /// followed only at home.
    #[test]
    fn nothing_but_an_answer_of_success_is_a_success(
        kind in prop::sample::select(vec![OperationKind::Write, OperationKind::Action, OperationKind::Delete]),
        first in (prop::sample::select(vec![200u16, 201, 202, 204]), 0..6usize, 0..6usize),
        rest in prop::collection::vec((prop::sample::select(vec![200u16, 201, 202, 204, 400, 403, 404, 409, 410]), 0..6usize, 0..6usize), 0..12),
    ) {
        let bodies = [Json::Null, json!({"status": "Succeeded"}), json!({"status": "Failed"}), state("Creating"), state("Succeeded"), json!({"id": 1})];
        let links: [&[(&'static str, &'static str)]; 6] = [&[], ASYNC, LOCATED, &[("location", "https://evil.example/")], &[("azure-asyncoperation", ":")], &[("retry-after", "x")]];
        let url = Url::parse(RESOURCE).unwrap();
        let cloud = Cloud::public();
        let sent = headers(links[first.1]);
        let answer = Answer { status: first.0, headers: &sent, body: &bodies[first.2] };
        let (mut operation, mut step) = Operation::start(kind, url, &cloud, PollLimits::default(), answer, NOW);
        for (status, link, body) in rest {
            let Step::Poll { url, .. } = &step else { break };
            prop_assert!(cloud.admits(url));
            let status_document = matches!(operation.watch, Watch::Status(_));
            let sent = headers(links[link]);
            step = operation.advance(Answer { status, headers: &sent, body: &bodies[body] }, NOW);
            if let Step::Done(_) = step {
                let gone = kind == OperationKind::Delete && matches!(status, 404 | 410);
                let result = matches!(operation.watch, Watch::Result(_));
                let told_otherwise = match kind {
                    OperationKind::Write => body == 3 || (status_document && body == 2),
                    OperationKind::Action | OperationKind::Delete => {
                        status_document && matches!(body, 2 | 3)
                    }
                };
                prop_assert!(
                    gone || result || (is_success(status) && !told_otherwise),
                    "{kind:?} {status} {body}"
                );
            }
        }
    }
}

//! Who may do what: tokens that expire, access that settles, services that are not registered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use augeo_core::clock::TokioClock;
use augeo_core::provider::ErrorKind;
use augeo_core::report::Outcome;
use augeo_testkit::emulator::{
    ArmResponse, Fault, HUMAN_ID, Interruption, Match, Method, Moment, WorldOptions,
};

use crate::rig::{Rig, apply, assert_done, id_of, is_after};
use crate::stacks::{WORKSPACES, database, granted, monitoring};

/// Scenario 18. The machine's clock is 50 minutes slow, so that its token of an hour ends after ten
/// minutes, and it does not know.
#[tokio::test(start_paused = true)]
async fn a_token_that_expires_during_a_long_wait_is_renewed_once() {
    let (rig, stack) = (Rig::new(), database());
    let slow = rig.emulator.now().get() - time::Duration::minutes(50);
    let clock = Arc::new(TokioClock::starting_at(slow));
    let engine = rig.engine_at(clock, |_| Interruption::None);
    let report = apply(&engine, &stack).await;
    let exchanges = rig.exchanges();
    let refused: Vec<usize> = (0..exchanges.len())
        .filter(|index| exchanges[*index].status == 401)
        .collect();
    let [index] = refused[..] else {
        panic!("one request met the end of the token: {refused:?}");
    };
    let (met, again) = (&exchanges[index], &exchanges[index + 1]);
    assert!(met.at >= Duration::from_secs(600), "{met:?}");
    assert!(met.method == Method::Get && met.path.contains("DBforPostgreSQL"));
    assert_eq!((&again.path, again.status), (&met.path, 200));
    assert_eq!(again.at, met.at, "at once");
    assert_ne!(again.token, met.token);
    assert_done(&report);
    let id = id_of(&stack, "server").await;
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    rig.assert_settled(&stack).await;
}

/// Scenario 19: nobody here can answer the challenge, so the run ends cleanly.
#[tokio::test(start_paused = true)]
async fn a_session_that_is_revoked_ends_the_run_and_the_next_sign_in_goes_on() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let id = id_of(&stack, "workspace").await;
    let ended = Arc::new(AtomicBool::new(false));
    let (revoking, accepted) = (Arc::clone(&ended), id.clone());
    let engine = rig.engine_watched(move |moment| {
        if is_after(moment, Method::Put, &accepted) {
            revoking.store(true, Ordering::SeqCst);
            return Interruption::None;
        }
        if matches!(moment, Moment::After { .. }) || !revoking.load(Ordering::SeqCst) {
            return Interruption::None;
        }
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==\"";
        let body = serde_json::json!({"error": {
            "code": "InvalidAuthenticationToken",
            "message": "The access token has been revoked.",
        }});
        Interruption::Answer(ArmResponse {
            status: 401,
            headers: BTreeMap::from([("www-authenticate".to_owned(), challenge.to_owned())]),
            body: body.to_string().into_bytes(),
            ..ArmResponse::default()
        })
    });
    let report = apply(&engine, &stack).await;
    assert!(ended.load(Ordering::SeqCst));
    let workspace = report.outcome("workspace").expect("it was planned");
    assert!(
        matches!(workspace, Outcome::Unknown { .. }),
        "{workspace:?}"
    );
    for (name, error) in report.failures() {
        assert!(error.message.contains("revoked"), "{name}: {error:?}");
        if error.kind == ErrorKind::Unauthenticated {
            let help = error.help.join(" ");
            assert!(help.contains("sign in again"), "{name}: {error:?}");
        }
    }
    assert!(report.outcome("component").is_some_and(Outcome::is_skipped));
    let refused = rig.exchanges();
    let refused: Vec<_> = refused.iter().filter(|one| one.status == 401).collect();
    assert!(
        (2..=16).contains(&refused.len()),
        "each is asked once more, with another token: {refused:#?}"
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_done(&apply(&rig.engine(), &stack).await);
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 20, where nobody granted anything, or to somebody else.
#[tokio::test(start_paused = true)]
async fn access_that_nobody_granted_is_refused_at_once_and_clearly() {
    for (stack, others) in [
        (monitoring(30), vec!["identity", "store"]),
        (granted(HUMAN_ID), vec!["grant"]),
    ] {
        let rig = Rig::new();
        let denied = rig.inject(Fault::new(
            Match {
                method: Some(Method::Put),
                ..Fault::deny(WORKSPACES).matches
            },
            Fault::deny(WORKSPACES).effect,
        ));
        let report = apply(&rig.engine(), &stack).await;
        assert_eq!(rig.struck(denied), 1, "it is asked once");
        let (name, error) = report.failures().next().expect("the workspace's");
        let met = (name.as_str(), &error.kind);
        assert_eq!(met, ("workspace", &ErrorKind::Denied));
        assert_eq!(error.code, "AuthorizationFailed");
        assert!(error.help.join(" ").contains("role"), "{error:?}");
        assert!(report.elapsed_by_resource["workspace"] < Duration::from_secs(5));
        for other in others {
            assert!(report.outcome(other).is_some_and(Outcome::is_succeeded));
        }
    }
}

/// Scenario 22: registering is the owner's to do; it is told before anything is written.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_registered_is_named_before_anything_is_written() {
    let namespace = "Microsoft.OperationalInsights";
    let rig = Rig::with(WorldOptions {
        unregistered: vec![namespace.to_owned()],
        ..WorldOptions::default()
    });
    let stack = monitoring(30);
    let engine = rig.engine();
    let blocked = engine.plan(&stack).await.expect("it can be planned");
    let blocked = blocked
        .ensure_executable()
        .expect_err("it is not registered");
    let finding = &blocked.findings[0];
    assert_eq!(finding.rule, "azure/provider-not-registered");
    let register = format!("az provider register --wait --namespace {namespace}");
    assert_eq!(finding.fix.as_deref(), Some(register.as_str()));
    assert!(rig.writes().is_empty(), "{:?}", rig.writes());

    let path = format!(
        "/subscriptions/{}/providers/{namespace}",
        rig.emulator.subscription_id()
    );
    let human = rig.emulator.as_human();
    let asked = human.send(Method::Post, &format!("{path}/register"), None);
    assert_eq!(
        asked.expect("in memory").json()["registrationState"],
        "Registering"
    );
    let early = engine.plan(&stack).await.expect("it can be planned");
    assert!(early.ensure_executable().is_ok(), "{:?}", early.findings);
    assert!(
        early
            .findings
            .iter()
            .any(|finding| finding.message.contains("is being registered")),
        "{:?}",
        early.findings
    );
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let state = human.send(Method::Get, &path, None).expect("in memory");
        if state.json()["registrationState"] == "Registered" {
            break;
        }
    }
    assert_done(&apply(&rig.engine(), &stack).await);
    rig.assert_settled(&stack).await;
}

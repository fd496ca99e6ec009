//! Secrets: made while they are sent, compared by version, and nowhere to be read.

use augeo_testkit::emulator::{Interruption, Moment};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_secret_is_in_no_plan_no_trace_and_no_report() {
    let emulator = Bench::new().emulator;
    let secrets = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&secrets);
    let transport = emulator.transport().with_watcher(move |moment| {
        if let Moment::Before { request, .. } = moment {
            let body = serde_json::from_slice::<Json>(&request.body).unwrap_or_default();
            seen.lock().unwrap().extend(secret_in(&body));
        }
        Interruption::None
    });
    let bench = Bench::by(emulator, transport);
    let everything = Everything::new(|_| {});
    let plan = bench.plan(&everything.stack).await;
    let report = bench.engine.execute(&plan).await;
    report.ok().unwrap();
    let secrets = secrets.lock().unwrap().clone();
    // The vault's and the server's are the same.
    assert!(secrets.len() == 2 && secrets[0] == secrets[1] && secrets[0].len() == 40);
    let trace = bench.sent.text();
    assert!(trace.contains("[redacted]"));
    assert!(!trace.contains(&secrets[0]) && !format!("{plan:?}{report:?}").contains(&secrets[0]));
    let again = bench.again().plan(&everything.stack).await;
    assert!(again.is_empty(), "{}", told(&again));
}

fn secret_in(body: &Json) -> Option<String> {
    let properties = body.get("properties")?;
    let text = properties
        .get("administratorLoginPassword")
        // The parameter of a server has a value, too.
        .or_else(|| {
            let value = properties.get("value");
            value.filter(|_| properties.get("source").is_none())
        })?
        .as_str()?;
    Some(text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_new_version_made_elsewhere_reaches_its_consumer() {
    let bench = Bench::new();
    let everything = Everything::new(|_| {});
    bench.apply(&everything.stack).await;
    let vault = lifecycle::find(&bench, "Microsoft.KeyVault/vaults");
    let secret = format!("{vault}/secrets/postgres-password");
    let found = bench.get(&secret, "2026-02-01").unwrap();
    let body = json!({"tags": found["tags"], "properties": {"value": "rotated-by-hand-0123456789-ABC", "attributes": {"enabled": true}}});
    assert_eq!(
        bench
            .request(Method::Put, &secret, "2026-02-01", Some(body))
            .status,
        200
    );
    let bench = bench.again();
    let plan = bench.plan(&everything.stack).await;
    let changed: Vec<_> = actions(&plan).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        changed,
        ["vault/postgres-password", "postgres"],
        "{}",
        told(&plan)
    );
    bench.apply(&everything.stack).await;
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_keeps_its_secret_is_changed_without_it() {
    let bench = Bench::new();
    bench.apply(&Everything::new(|_| {}).stack).await;
    let bench = bench.again();
    let changed = Everything::new(|edits| edits.backups = 21);
    let plan = bench.plan(&changed.stack).await;
    assert_eq!(
        actions(&plan),
        [("postgres".to_owned(), Action::Update)],
        "{}",
        told(&plan)
    );
    bench.sent.take();
    bench.engine.execute(&plan).await.ok().unwrap();
    let trace = bench.sent.text();
    assert!(
        !trace.contains("[redacted]") && !trace.contains("\"administratorLoginPassword\""),
        "{trace}"
    );
    let again = bench.again().plan(&changed.stack).await;
    assert!(again.is_empty(), "{}", told(&again));
}

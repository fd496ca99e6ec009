//! DNS and e-mail: one list for a zone, whose a record set is, and what is made by Azure.

use std::time::Duration;

use augeo_core::DeleteData;
use augeo_core::plan::Purpose;

use super::lifecycle::find;
use super::*;

const DNS: &str = "2018-05-01";
const ZONE: &str = "Microsoft.Network/dnsZones";
/// A domain that Azure has verified.
pub(super) const KNOWN: &str = "example.com";

/// One of each type that has to do with names.
pub(super) fn add_everything(stack: &mut Stack, group: &Added<ResourceGroup>) {
    let zone = stack.add("zone", DnsZone::within(group, KNOWN));
    let inner = stack.add("inner", DnsZone::within(group, "dev.example.com"));
    let servers = RecordSet::within(&zone, "dev", NsRecords::delegating_to(&inner));
    stack.add("zone/dev", servers);
    let records = ARecords::of(["203.0.113.1"]);
    stack.add("zone/www", RecordSet::within(&zone, "www", records));
    let record = CnameRecord::of("www.example.com");
    stack.add("zone/api", RecordSet::within(&zone, "api", record));
    let service = stack.add("mail", EmailService::within(group, "Europe"));
    let domain = stack.add("mail/own", EmailDomain::within(&service, KNOWN));
    let proof = domain.output(EmailDomain::OWNERSHIP_RECORD);
    stack.add(
        "zone/texts",
        RecordSet::within(&zone, "@", TxtRecords::of([proof])),
    );
    let servers = MxRecords::of([(10, "mx.example.com")]);
    stack.add("zone/mail", RecordSet::within(&zone, "@", servers));
    let sender = SenderUsername::within(&domain, "support", "Support");
    stack.add("mail/own/support", sender);
    for record in VerifiedRecord::ALL {
        let verification = EmailVerification::finishing(&domain, record);
        stack.add(format!("mail/own/{record:?}").to_lowercase(), verification);
    }
    let sender = CommunicationService::within(group, "Europe");
    let sender = stack.add("sender", sender);
    let links = LinkedDomains::finishing(&sender, &domain);
    let links = stack.add("sender/links", links);
    stack.describe(&links).once_ready(&domain);
}

/// A domain with one of its records, and the verifications of two, one after the other.
fn verified() -> Stack {
    const DOMAIN: &str = "mail.example.com";
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let zone = stack.add("zone", DnsZone::within(&group, DOMAIN));
    let service = stack.add("mail", EmailService::within(&group, "Europe"));
    let domain = stack.add("mail/own", EmailDomain::within(&service, DOMAIN));
    let proof = domain.output(EmailDomain::OWNERSHIP_RECORD);
    let spf = format!("v=spf1 {} -all", EmailDomain::SPF);
    let texts = TxtRecords::of([augeo_core::value::Input::from(proof), spf.into()]);
    let texts = stack.add("zone/texts", RecordSet::within(&zone, "@", texts));
    let first = EmailVerification::finishing(&domain, VerifiedRecord::Domain);
    let first = stack.add("mail/own/proof", first);
    stack.describe(&first).after(&texts);
    let second = EmailVerification::finishing(&domain, VerifiedRecord::Spf);
    let second = stack.add("mail/own/spf", second);
    stack.describe(&second).once_ready(&first);
    stack
}

#[tokio::test(start_paused = true)]
async fn a_domain_is_verified_step_by_step_while_nobody_waits() {
    let bench = Bench::new();
    let stack = verified();
    let plan = bench.plan(&stack).await;
    let report = bench.engine.execute(&plan).await;
    report.ok().unwrap();
    let waiting = |report: &Report| -> Vec<String> {
        let waiting = report.pending.iter();
        waiting.map(|(name, _)| name.to_string()).collect()
    };
    assert_eq!(waiting(&report), ["mail/own/spf"]);
    // Azure looks; there is nothing to do meanwhile.
    let bench = bench.again();
    let plan = bench.plan(&stack).await;
    assert!(plan.is_empty(), "{}", told(&plan));
    assert_eq!(plan.awaiting_outside().count(), 2);
    // It found the first record, and is asked for the second.
    tokio::time::sleep(Duration::from_secs(1800)).await;
    let bench = bench.again();
    let plan = bench.plan(&stack).await;
    assert_eq!(
        actions(&plan),
        [("mail/own/spf".to_owned(), Action::Update)]
    );
    bench.engine.execute(&plan).await.ok().unwrap();
    tokio::time::sleep(Duration::from_secs(1800)).await;
    let plan = bench.again().plan(&stack).await;
    assert!(plan.is_empty(), "{}", told(&plan));
    assert_eq!(plan.awaiting_outside().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_azure_did_not_find_is_asked_for_again() {
    let bench = Bench::new();
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let service = stack.add("mail", EmailService::within(&group, "Europe"));
    let domain = stack.add(
        "mail/own",
        EmailDomain::within(&service, "mail.example.com"),
    );
    let proof = EmailVerification::finishing(&domain, VerifiedRecord::Domain);
    stack.add("mail/own/proof", proof);
    let plan = bench.plan(&stack).await;
    bench.engine.execute(&plan).await.ok().unwrap();
    tokio::time::sleep(Duration::from_secs(1800)).await;
    let plan = bench.again().plan(&stack).await;
    assert_eq!(
        actions(&plan),
        [("mail/own/proof".to_owned(), Action::Update)]
    );
}

/// A zone with these TXT records of its own name, and a CNAME where one is wanted.
fn zone_with(texts: &[&str], api: Option<&str>) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let zone = stack.add("zone", DnsZone::within(&group, KNOWN));
    let texts = TxtRecords::of(texts.iter().copied());
    stack.add("zone/texts", RecordSet::within(&zone, "@", texts));
    if let Some(name) = api {
        let record = RecordSet::within(&zone, "api", CnameRecord::of(name));
        stack.add("zone/api", record);
    }
    stack
}

fn record_names(bench: &Bench) -> Vec<String> {
    let all = bench
        .get(&format!("{}/all", find(bench, ZONE)), DNS)
        .unwrap();
    let sets = all["value"].as_array().unwrap().iter();
    let name = |set: &Json| {
        let ty = set["type"].as_str().unwrap().rsplit('/').next().unwrap();
        format!("{ty} {}", set["name"].as_str().unwrap())
    };
    sets.map(name).collect()
}

#[tokio::test(start_paused = true)]
async fn one_request_tells_all_record_sets_of_a_zone() {
    let bench = Bench::new();
    let stack = zone_with(&["one"], Some("x.example.com"));
    bench.apply(&stack).await;
    let bench = bench.again();
    assert!(bench.plan(&stack).await.is_empty());
    let sent = bench.sent.take();
    let into_zone: Vec<_> = sent
        .iter()
        .filter(|request| request.contains("/dnsZones/example.com/"))
        .collect();
    assert_eq!(into_zone.len(), 1, "{sent:#?}");
}

#[tokio::test(start_paused = true)]
async fn order_and_form_of_records_are_no_drift_and_another_text_is() {
    let bench = Bench::new();
    let long = "x".repeat(300);
    let stack = zone_with(&["b", "a", &long], Some("X.example.com."));
    bench.apply(&stack).await;
    let set = format!("{}/TXT/@", find(&bench, ZONE));
    let texts = |texts: Json| json!({"properties": {"TXTRecords": texts}});
    let patch = |body: Json| {
        let answer = bench.request(Method::Patch, &set, DNS, Some(body));
        assert_eq!(answer.status, 200);
    };
    let same =
        json!([{"value": ["a"]}, {"value": ["x".repeat(150), "x".repeat(150)]}, {"value": ["b"]}]);
    patch(texts(same));
    tokio::time::sleep(Duration::from_secs(60)).await;
    let plan = bench.again().plan(&stack).await;
    assert!(plan.is_empty(), "{}", told(&plan));
    patch(texts(json!([{"value": ["a"]}])));
    tokio::time::sleep(Duration::from_secs(60)).await;
    let plan = bench.again().plan(&stack).await;
    assert_eq!(
        actions(&plan),
        [("zone/texts".to_owned(), Action::Update)],
        "{}",
        told(&plan)
    );
}

#[tokio::test(start_paused = true)]
async fn what_left_is_deleted_and_what_others_added_to_the_zone_stays() {
    let bench = Bench::new();
    bench
        .apply(&zone_with(&["one"], Some("x.example.com")))
        .await;
    let zone = find(&bench, ZONE);
    for (set, body) in [
        (
            "A/theirs",
            json!({"ARecords": [{"ipv4Address": "203.0.113.9"}]}),
        ),
        (
            "CNAME/theirs-too",
            json!({"CNAMERecord": {"cname": "y.example.com"}}),
        ),
    ] {
        let body = json!({"properties": body});
        let answer = bench.request(Method::Put, &format!("{zone}/{set}"), DNS, Some(body));
        assert_eq!(answer.status, 201);
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    let bench = bench.again();
    let less = zone_with(&["one"], None);
    let plan = bench.plan(&less).await;
    assert_eq!(
        actions(&plan),
        [("example.com/api".to_owned(), Action::Delete)],
        "{}",
        told(&plan)
    );
    bench.apply(&less).await;
    assert_eq!(
        record_names(&bench),
        ["A theirs", "CNAME theirs-too", "NS @", "SOA @", "TXT @"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_set_that_somebody_made_is_not_taken() {
    let bench = Bench::new();
    bench.apply(&zone_with(&["one"], None)).await;
    let path = format!("{}/CNAME/api", find(&bench, ZONE));
    let body = json!({"properties": {"TTL": 60, "CNAMERecord": {"cname": "theirs.example.com"}}});
    let answer = bench.request(Method::Put, &path, DNS, Some(body));
    assert_eq!(answer.status, 201);
    let plan = bench
        .again()
        .plan(&zone_with(&["one"], Some("x.example.com")))
        .await;
    assert!(plan.ensure_executable().is_err());
}

#[tokio::test(start_paused = true)]
async fn records_go_into_a_zone_of_somebody_elses_and_leave_it_as_it_was() {
    let bench = Bench::new();
    bench.apply(&zone_with(&["one"], None)).await;
    let zone = find(&bench, ZONE);
    let stack = || {
        let mut stack = Stack::new("augeo", "other");
        let zone = stack.existing("zone", DnsZone::existing(&zone).unwrap());
        let record = RecordSet::within(&zone, "other", NsRecords::delegating_to(&zone));
        stack.add("zone/other", record);
        stack
    };
    let bench = bench.again();
    bench.apply(&stack()).await;
    assert_eq!(record_names(&bench), ["NS @", "NS other", "SOA @", "TXT @"]);
    let own = bench.get(&format!("{zone}/NS/@"), DNS).unwrap();
    let other = bench.get(&format!("{zone}/NS/other"), DNS).unwrap();
    assert_eq!(
        own["properties"]["NSRecords"],
        other["properties"]["NSRecords"]
    );
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let bench = bench.again();
    let plan = bench.plan_with(&stack(), &options).await;
    bench.engine.execute(&plan).await.ok().unwrap();
    assert_eq!(record_names(&bench), ["NS @", "SOA @", "TXT @"]);
}

#[tokio::test(start_paused = true)]
async fn the_sender_that_every_domain_has_is_nobodys() {
    let bench = Bench::new();
    let stack = |with_sender: bool| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let service = stack.add("mail", EmailService::within(&group, "Europe"));
        let domain = stack.add("mail/own", EmailDomain::within(&service, KNOWN));
        if with_sender {
            stack.add(
                "mail/own/support",
                SenderUsername::within(&domain, "support", "Support"),
            );
        }
        stack
    };
    bench.apply(&stack(true)).await;
    let bench = bench.again();
    let plan = bench.plan(&stack(false)).await;
    assert_eq!(actions(&plan).len(), 1, "{}", told(&plan));
    bench.apply(&stack(false)).await;
    let senders = format!(
        "{}/domains/{KNOWN}/senderUsernames",
        find(&bench, "Microsoft.Communication/emailServices")
    );
    let left = bench.get(&senders, "2026-03-18").unwrap();
    assert_eq!(left["value"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_somebody_linked_is_no_drift_and_goes_after_the_service() {
    let bench = Bench::new();
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let service = stack.add("mail", EmailService::within(&group, "Europe"));
    stack.add("mail/azure", EmailDomain::azure_managed(&service));
    stack.add("sender", CommunicationService::within(&group, "Europe"));
    bench.apply(&stack).await;
    let domain = find(&bench, "Microsoft.Communication/emailServices/domains");
    let sender = find(&bench, "Microsoft.Communication/communicationServices");
    let body = json!({"properties": {"linkedDomains": [domain]}});
    let answer = bench.request(Method::Patch, &sender, "2026-03-18", Some(body));
    assert_eq!(answer.status, 200);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let bench = bench.again();
    assert!(bench.plan(&stack).await.is_empty());
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        ..PlanOptions::default()
    };
    let plan = bench.plan_with(&stack, &options).await;
    let report = bench.engine.execute(&plan).await;
    report
        .ok()
        .unwrap_or_else(|_| panic!("{:#?}", report.outcomes));
}

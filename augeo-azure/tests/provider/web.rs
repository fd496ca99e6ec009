//! Web apps: what autoscale, releases and renewals own; slots; names and their certificates.

use augeo_core::plan::Purpose;
use augeo_testkit::emulator::World;

use super::lifecycle::find;
use super::*;

const VERSION: &str = "2025-03-01";
const PLAN: &str = "Microsoft.Web/serverfarms";
const SITE: &str = "Microsoft.Web/sites";
const CERTIFICATE: &str = "Microsoft.Web/certificates";

/// One of each type that has to do with the web, but for the app itself.
pub(super) fn add_everything(
    stack: &mut Stack,
    group: &Added<ResourceGroup>,
    plan: &Added<AppServicePlan>,
    app: &Added<WebApp>,
    like: WebApp,
) {
    let scale = AutoscaleSetting::by_processor(group, plan, 1, 3);
    stack.add("plan/scale", scale);
    let sticky = SlotConfigNames::within(app, ["ENVIRONMENT".to_owned()]);
    stack.add("api/sticky", sticky);
    inside(stack, "api", app);
    let slot = stack.add("api/staging", WebAppSlot::within(app, like));
    inside(stack, "api/staging", &slot);
    let mut settings = AppSettings::within(&slot);
    settings.setting("ENVIRONMENT", "staging");
    stack.add("api/staging/settings", settings);
    stack.add("api/staging/web", WebConfig::within(&slot));
    let name = HostNameBinding::within(app, "api.example.net");
    let name = stack.add("api/name", name);
    let certificate = ManagedCertificate::within(group, plan, &name);
    let certificate = stack.add("api/certificate", certificate);
    stack.add("api/tls", SecureHostName::finishing(&name, &certificate));
    let site = stack.add("admin", StaticSite::within(group, "westeurope"));
    let mut settings = StaticSiteSettings::within(&site);
    settings.setting("API", "https://api.example.org");
    stack.add("admin/settings", settings);
    let name = StaticSiteDomain::within(&site, "admin.example.net");
    stack.add("admin/name", name);
}

fn inside<S: Site>(stack: &mut Stack, name: &str, site: &Added<S>) {
    let mut strings = ConnectionStrings::within(site);
    strings.string("MAIN", ConnectionStringType::PostgreSQL, "server=x");
    stack.add(format!("{name}/strings"), strings);
    stack.add(format!("{name}/logs"), SiteLogs::within(site));
    for (way, method) in [
        ("ftp", PublishingMethod::Ftp),
        ("scm", PublishingMethod::Scm),
    ] {
        let policy = PublishingPolicy::within(site, method);
        stack.add(format!("{name}/{way}"), policy);
    }
}

/// An app with a slot on a plan that autoscale counts.
fn scaled(size: &str, most: u32, tag: &str) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let mut plan = AppServicePlan::within(&group, size);
    plan.sku.capacity = 2;
    plan.autoscaled = true;
    plan.tags.insert("Owner".to_owned(), tag.to_owned());
    let plan = stack.add("plan", plan);
    let scale = AutoscaleSetting::by_processor(&group, &plan, 2, most);
    stack.add("plan/scale", scale);
    let like = WebApp::within(&group, &plan, "nginx:1");
    let app = stack.add("api", like.clone());
    stack.add("api/web", WebConfig::within(&app));
    let slot = stack.add("api/staging", WebAppSlot::within(&app, like));
    stack.add("api/staging/web", WebConfig::within(&slot));
    stack
}

/// Somebody changes something, and it is done.
async fn patch(bench: &Bench, path: &str, body: Json) {
    let answer = bench.request(Method::Patch, path, VERSION, Some(body));
    assert_eq!(answer.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn what_autoscale_did_is_no_drift_and_no_write_undoes_it() {
    let bench = Bench::new();
    bench.apply(&scaled("S1", 5, "one")).await;
    let path = find(&bench, PLAN);
    assert_eq!(bench.get(&path, VERSION).unwrap()["sku"]["capacity"], 2);
    let body = json!({"sku": {"name": "S1", "capacity": 4}});
    patch(&bench, &path, body).await;
    assert!(bench.again().plan(&scaled("S1", 5, "one")).await.is_empty());
    let bench = bench.again();
    bench.apply(&scaled("S2", 5, "two")).await;
    let plan = bench.get(&path, VERSION).unwrap();
    assert_eq!(plan["sku"]["name"], "S2");
    assert_eq!(plan["sku"]["capacity"], 4);
}

#[tokio::test(start_paused = true)]
async fn a_release_is_no_drift_in_site_and_slot_and_another_version_of_tls_is() {
    let bench = Bench::new();
    let stack = scaled("S1", 5, "one");
    bench.apply(&stack).await;
    let site = find(&bench, SITE);
    for path in [site.clone(), format!("{site}/slots/staging")] {
        let released = json!({"properties": {"linuxFxVersion": "DOCKER|nginx:2"}});
        patch(&bench, &format!("{path}/config/web"), released).await;
        assert!(bench.again().plan(&stack).await.is_empty());
        let weaker = json!({"properties": {"minTlsVersion": "1.0"}});
        patch(&bench, &format!("{path}/config/web"), weaker).await;
        let plan = bench.again().plan(&stack).await;
        assert_eq!(actions(&plan).len(), 1, "{}", told(&plan));
        bench.again().apply(&stack).await;
        let config = bench.get(&format!("{path}/config/web"), VERSION).unwrap();
        assert_eq!(config["properties"]["minTlsVersion"], "1.2");
        assert_eq!(config["properties"]["linuxFxVersion"], "DOCKER|nginx:2");
    }
}

fn named(host_name: Option<&str>, with_slot: bool) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let plan = stack.add("plan", AppServicePlan::within(&group, "S1"));
    let like = WebApp::within(&group, &plan, "nginx:1");
    let app = stack.add("api", like.clone());
    if with_slot {
        stack.add("api/staging", WebAppSlot::within(&app, like));
    }
    if let Some(host_name) = host_name {
        let name = stack.add("api/name", HostNameBinding::within(&app, host_name));
        let certificate = ManagedCertificate::within(&group, &plan, &name);
        stack.add("api/certificate", certificate);
    }
    stack
}

/// Somebody serves the name with the certificate.
fn secure(bench: &Bench, name: &str) {
    let certificate = bench.get(&find(bench, CERTIFICATE), VERSION).unwrap();
    let thumbprint = certificate["properties"]["thumbprint"].clone();
    let path = format!("{}/hostNameBindings/{name}", find(bench, SITE));
    let body = json!({"properties": {"sslState": "SniEnabled", "thumbprint": thumbprint}});
    let answer = bench.request(Method::Put, &path, VERSION, Some(body));
    assert_eq!(answer.status, 200);
}

/// A name with TLS, as far as it goes.
fn secured(with_certificate: bool) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let plan = stack.add("plan", AppServicePlan::within(&group, "S1"));
    let app = stack.add("api", WebApp::within(&group, &plan, "nginx:1"));
    let name = HostNameBinding::within(&app, "api.example.org");
    let name = stack.add("api/name", name);
    if with_certificate {
        let certificate = ManagedCertificate::within(&group, &plan, &name);
        let certificate = stack.add("api/certificate", certificate);
        let tls = SecureHostName::finishing(&name, &certificate);
        stack.add("api/tls", tls);
    }
    stack
}

fn ssl_state(bench: &Bench) -> serde_json::Value {
    let path = format!("{}/hostNameBindings/api.example.org", find(bench, SITE));
    let binding = bench.get(&path, VERSION).unwrap();
    binding["properties"]["sslState"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_name_is_bound_again_once_it_has_a_certificate() {
    let bench = Bench::new();
    let stack = secured(true);
    bench.apply(&stack).await;
    assert_eq!(ssl_state(&bench), "SniEnabled");
    assert!(bench.again().plan(&stack).await.is_empty());
    // A renewal changes two thumbprints and nothing else.
    bench
        .emulator
        .with_world(World::renew_certificates)
        .unwrap();
    assert!(bench.again().plan(&stack).await.is_empty());
    // Somebody takes TLS away.
    let path = format!("{}/hostNameBindings/api.example.org", find(&bench, SITE));
    let body = json!({"properties": {"sslState": "Disabled"}});
    let answer = bench.request(Method::Put, &path, VERSION, Some(body));
    assert_eq!(answer.status, 200);
    let bench = bench.again();
    let plan = bench.plan(&stack).await;
    assert_eq!(actions(&plan), [("api/tls".to_owned(), Action::Update)]);
    bench.engine.execute(&plan).await.ok().unwrap();
    assert_eq!(ssl_state(&bench), "SniEnabled");
}

#[tokio::test(start_paused = true)]
async fn what_a_finishing_write_used_goes_after_it_was_put_back() {
    let bench = Bench::new();
    bench.apply(&secured(true)).await;
    let bench = bench.again();
    let plan = bench.plan(&secured(false)).await;
    let names: Vec<String> = actions(&plan).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 2, "{}", told(&plan));
    assert!(names[0].ends_with("api.example.org#tls"), "{}", told(&plan));
    bench.engine.execute(&plan).await.ok().unwrap();
    assert_eq!(ssl_state(&bench), "Disabled");
    assert!(bench.again().plan(&secured(false)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn everything_of_a_secure_name_goes() {
    let bench = Bench::new();
    bench.apply(&secured(true)).await;
    let bench = bench.again();
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        ..PlanOptions::default()
    };
    let plan = bench.plan_with(&secured(true), &options).await;
    bench.engine.execute(&plan).await.ok().unwrap();
    assert_eq!(bench.emulator.snapshot().live_resources(), Vec::new());
}

#[tokio::test(start_paused = true)]
async fn a_renewed_certificate_is_no_drift() {
    let bench = Bench::new();
    let stack = named(Some("api.example.org"), false);
    bench.apply(&stack).await;
    secure(&bench, "api.example.org");
    assert!(bench.again().plan(&stack).await.is_empty());
    bench
        .emulator
        .with_world(World::renew_certificates)
        .unwrap();
    assert!(bench.again().plan(&stack).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_name_goes_before_its_certificate_and_its_own_name_stays() {
    let bench = Bench::new();
    bench.apply(&named(Some("api.example.org"), true)).await;
    secure(&bench, "api.example.org");
    let bench = bench.again();
    let plan = bench.plan(&named(None, false)).await;
    let gone: Vec<_> = actions(&plan);
    assert!(gone.iter().all(|(_, action)| *action == Action::Delete));
    assert_eq!(gone.len(), 3, "{}", told(&plan));
    bench.engine.execute(&plan).await.ok().unwrap();
    let names = format!("{}/hostNameBindings", find(&bench, SITE));
    let names = bench.get(&names, VERSION).unwrap();
    assert_eq!(names["value"].as_array().unwrap().len(), 1);
    assert!(bench.again().plan(&named(None, false)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn everything_goes_although_a_name_uses_a_certificate() {
    let bench = Bench::new();
    let stack = named(Some("api.example.org"), true);
    bench.apply(&stack).await;
    secure(&bench, "api.example.org");
    let bench = bench.again();
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

//! Slots, host names and static web apps.

use augeo_azure::resources::*;
use augeo_core::Stack;
use augeo_core::stack::Added;
use augeo_testkit::conformance::Case;
use serde_json::json;

use super::{edit, shop};

fn inside<S: Site>(stack: &mut Stack, name: &str, site: &Added<S>, pool: &str) {
    let mut settings = AppSettings::within(site);
    settings.setting("POOL", pool.to_owned());
    stack.add(format!("{name}/settings"), settings);
    let mut strings = ConnectionStrings::within(site);
    strings.string(
        "MAIN",
        ConnectionStringType::PostgreSQL,
        format!("p={pool}"),
    );
    stack.add(format!("{name}/strings"), strings);
    stack.add(format!("{name}/web"), WebConfig::within(site));
    stack.add(format!("{name}/logs"), SiteLogs::within(site));
    for (way, method) in [
        ("ftp", PublishingMethod::Ftp),
        ("scm", PublishingMethod::Scm),
    ] {
        stack.add(
            format!("{name}/{way}"),
            PublishingPolicy::within(site, method),
        );
    }
}

/// An app with two slots, of which one is taken away, on a plan that scales by itself.
pub(crate) fn slots() -> Case {
    let stack = |pool: &str, with_more: bool| {
        let (mut stack, group) = shop();
        let identity = stack.add("identity", UserAssignedIdentity::within(&group));
        let mut plan = AppServicePlan::within(&group, "S1");
        plan.autoscaled = true;
        plan.sku.capacity = 2;
        let plan = stack.add("plan", plan);
        let most = if with_more { 5 } else { 4 };
        let scale = AutoscaleSetting::by_processor(&group, &plan, 2, most);
        stack.add("plan/scale", scale);
        let mut app = WebApp::within(&group, &plan, "nginx:1");
        app.identity = Some(ManagedIdentity::user_assigned(identity.id()));
        app.key_vault_reference_identity = Some(identity.id().into());
        let made_like = app.clone();
        let app = stack.add("api", app);
        let sticky: &[&str] = if with_more { &["POOL", "SLOT"] } else { &[] };
        let sticky = sticky.iter().map(|name| (*name).to_owned());
        stack.add("api/sticky", SlotConfigNames::within(&app, sticky));
        inside(&mut stack, "api", &app, pool);
        let staging = WebAppSlot::within(&app, made_like.clone());
        let staging = stack.add("api/staging", staging);
        inside(&mut stack, "api/staging", &staging, pool);
        if with_more {
            stack.add("api/preview", WebAppSlot::within(&app, made_like));
        }
        stack
    };
    Case {
        name: "a web app with slots",
        stack: stack("1", true),
        edited: stack("2", false),
        edits: vec![
            edit("api/staging", "httpsOnly", &json!(false)),
            edit("api/staging/settings", "POOL", &json!("9")),
            edit("api/staging/strings", "MAIN.value", &json!("x")),
            edit("api/staging/web", "alwaysOn", &json!(false)),
            edit(
                "api/staging/logs",
                "detailedErrorMessages.enabled",
                &json!(true),
            ),
            edit("api/staging/scm", "allow", &json!(true)),
            edit("api/strings", "MAIN.type", &json!("Custom")),
            edit(
                "api/logs",
                "applicationLogs.fileSystem.level",
                &json!("Error"),
            ),
            edit("api/ftp", "allow", &json!(true)),
            edit("api/sticky", "appSettingNames", &json!(["OTHER"])),
            edit("plan/scale", "enabled", &json!(false)),
        ],
    }
}

/// A name of an app's own with its certificate, and a static web app.
pub(crate) fn host_names() -> Case {
    let stack = |value: &str, host_name: &str| {
        let (mut stack, group) = shop();
        let plan = stack.add("plan", AppServicePlan::within(&group, "B1"));
        let app = stack.add("api", WebApp::within(&group, &plan, "nginx:1"));
        let name = HostNameBinding::within(&app, format!("api.{host_name}"));
        let name = stack.add("api/name", name);
        let certificate = ManagedCertificate::within(&group, &plan, &name);
        let certificate = stack.add("api/certificate", certificate);
        stack.describe(&certificate).after(&name);
        let secure = SecureHostName::finishing(&name, &certificate);
        stack.add("api/tls", secure);
        let site = stack.add("admin", StaticSite::within(&group, "westeurope"));
        let mut settings = StaticSiteSettings::within(&site);
        settings.setting("API", value.to_owned());
        stack.add("admin/settings", settings);
        let name = StaticSiteDomain::within(&site, format!("admin.{host_name}"));
        stack.add("admin/name", name);
        stack
    };
    Case {
        name: "names of one's own",
        stack: stack("1", "example.org"),
        edited: stack("2", "example.net"),
        edits: vec![
            edit("api/name", "customHostNameDnsRecordType", &json!("A")),
            edit("api/tls", "sslState", &json!("Disabled")),
            edit("admin", "allowConfigFileUpdates", &json!(false)),
            edit("admin/settings", "API", &json!("9")),
        ],
    }
}

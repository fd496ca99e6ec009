//! Web apps and static web apps.

use augeo_azure::resources::{
    AppServicePlan, AppSettings, AutoscaleSetting, ConnectionStringType, ConnectionStrings,
    HostNameBinding, ManagedCertificate, ManagedIdentity, PublishingMethod, PublishingPolicy,
    ResourceGroup, SecureHostName, Site, SiteLogs, SlotConfigNames, StaticSite, StaticSiteDomain,
    StaticSiteSettings, VaultSecret, WebApp, WebAppSlot, WebConfig,
};
use augeo_core::stack::{Added, Stack};

pub(super) fn add(
    stack: &mut Stack,
    group: &Added<ResourceGroup>,
    password: &Added<VaultSecret>,
    identity: Option<ManagedIdentity>,
) {
    let mut plan = AppServicePlan::within(group, "B1");
    plan.autoscaled = true;
    stack.add("plan/autoscaled", plan);
    let plan = stack.add("plan", AppServicePlan::within(group, "B1"));
    let scale = AutoscaleSetting::by_processor(group, &plan, 2, 5);
    stack.add("plan/scale", scale);
    let mut full = WebApp::within(group, &plan, "mcr.microsoft.com/appsvc/staticsite:latest");
    if let Some(identity) = &identity {
        let reader = identity.user_assigned_identities[0].clone();
        full.key_vault_reference_identity = Some(reader);
    }
    full.identity = identity;
    full.virtual_network_subnet_id = Some("/subscriptions/s".into());
    full.site_config.acr_user_managed_identity_id = Some("0".into());
    stack.add("app/full", full.clone());
    let app = WebApp::within(group, &plan, "example.azurecr.io/api:1");
    let app = stack.add("app", app);
    let sticky = SlotConfigNames::within(&app, ["PASSWORD".to_owned()]);
    stack.add("app/sticky", sticky);
    inside(stack, "app", &app, password);
    let slot = stack.add("app/slot", WebAppSlot::within(&app, full));
    inside(stack, "app/slot", &slot, password);

    let name = HostNameBinding::within(&app, "api.example.org");
    let name = stack.add("app/name", name);
    let certificate = ManagedCertificate::within(group, &plan, &name);
    let certificate = stack.add("app/certificate", certificate);
    stack.add("app/tls", SecureHostName::finishing(&name, &certificate));

    let site = stack.add("site", StaticSite::within(group, "westeurope"));
    let mut settings = StaticSiteSettings::within(&site);
    settings.setting("API", "https://api.example.org");
    stack.add("site/settings", settings);
    stack.add(
        "site/name",
        StaticSiteDomain::within(&site, "admin.example.org"),
    );
}

fn inside<S: Site>(stack: &mut Stack, name: &str, site: &Added<S>, password: &Added<VaultSecret>) {
    let mut settings = AppSettings::within(site);
    settings.setting("PASSWORD", VaultSecret::reference(password));
    stack.add(format!("{name}/settings"), settings);
    let mut strings = ConnectionStrings::within(site);
    let value = VaultSecret::reference(password);
    strings.string("MAIN", ConnectionStringType::PostgreSQL, value);
    stack.add(format!("{name}/strings"), strings);
    stack.add(format!("{name}/config"), WebConfig::within(site));
    let mut config = WebConfig::within(site);
    config.health_check_path = Some("/health".to_owned());
    config.app_command_line = Some("serve".to_owned());
    config.acr_user_managed_identity_id = Some("0".into());
    stack.add(format!("{name}/config/full"), config);
    stack.add(format!("{name}/logs"), SiteLogs::within(site));
    for (way, method) in [
        ("ftp", PublishingMethod::Ftp),
        ("scm", PublishingMethod::Scm),
    ] {
        let policy = PublishingPolicy::within(site, method);
        stack.add(format!("{name}/{way}"), policy);
    }
}

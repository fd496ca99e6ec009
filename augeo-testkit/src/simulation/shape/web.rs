//! Nodes that are web apps, with what is beside and inside them, and static web apps.

use augeo_azure::resources::{
    AppServicePlan, AppSettings, AutoscaleSetting, Component, HostNameBinding, ManagedCertificate,
    ManagedIdentity, PostgresServer, SecureHostName, StaticSite, StaticSiteDomain, WebApp,
    WebAppSlot, WebConfig,
};

use super::{App, Built, Kind, Node, chosen, tags};

impl Built {
    #[expect(clippy::too_many_lines, reason = "one arm per kind")]
    pub(super) fn add_web(
        &mut self,
        node: &Node,
        name: &str,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let choice = node.choice;
        let tagged = "/tags/variant";
        match node.kind {
            Kind::Plan => {
                let mut farm = AppServicePlan::within(&self.group, "S1");
                farm.tags = tags(variant);
                farm.sku.capacity = 1 + u32::from(variant);
                let added = self.stack.add(name, farm);
                self.named(&added, former);
                self.expect(name, tagged, variant.to_string());
                self.expect(name, "/sku/capacity", 1 + u32::from(variant));
                self.plans.push(added);
            }
            Kind::App => {
                let farm = chosen(&self.plans, choice)?.clone();
                let mut app = WebApp::within(&self.group, &farm, "DOCKER|nginx:1");
                app.tags = tags(variant);
                if let Some(identity) = chosen(&self.identities, choice) {
                    app.identity = Some(ManagedIdentity::user_assigned(identity.id()));
                }
                let made_of = app.clone();
                let added = self.stack.add(name, app);
                self.named(&added, former);
                self.expect(name, tagged, variant.to_string());
                let plan = farm;
                self.apps.push(App {
                    added,
                    plan,
                    made_of,
                });
            }
            Kind::Settings => {
                let app = chosen(&self.apps, choice)?.added.clone();
                if !self.once.insert(format!("settings of {}", app.name())) {
                    return None;
                }
                let mut settings = AppSettings::within(&app);
                settings.setting("VARIANT", variant.to_string());
                if let Some(component) = chosen(&self.components, choice) {
                    settings.setting(
                        "APPLICATIONINSIGHTS_CONNECTION_STRING",
                        component.output(Component::CONNECTION_STRING),
                    );
                }
                if let Some(server) = chosen(&self.servers, choice) {
                    settings.setting("DATABASE_HOST", server.output(PostgresServer::FQDN));
                }
                self.stack.add(name, settings);
            }
            Kind::Autoscale => {
                let farm = chosen(&self.plans, choice)?.clone();
                if !self.once.insert(format!("autoscale of {}", farm.name())) {
                    return None;
                }
                let most = 20 + u32::from(variant);
                let scale = AutoscaleSetting::by_processor(&self.group, &farm, 1, most);
                let added = self.stack.add(name, scale);
                self.named(&added, former);
                let pointer = "/properties/profiles/0/capacity/maximum";
                self.expect(name, pointer, most.to_string());
            }
            Kind::Slot => {
                let app = chosen(&self.apps, choice)?;
                let mut slot = WebAppSlot::within(&app.added, app.made_of.clone());
                slot.app.tags = tags(variant);
                let added = self.stack.add(name, slot);
                self.named(&added, former);
                self.expect(name, tagged, variant.to_string());
                self.slots.push(added);
            }
            Kind::SlotConfig => {
                let slot = chosen(&self.slots, choice)?.clone();
                if !self.once.insert(format!("config of {}", slot.name())) {
                    return None;
                }
                let mut config = WebConfig::within(&slot);
                config.http20_enabled = variant.is_multiple_of(2);
                self.stack.add(name, config);
                let http2 = "/properties/http20Enabled";
                self.expect(name, http2, variant.is_multiple_of(2));
            }
            Kind::HostName => {
                let app = chosen(&self.apps, choice)?;
                let (farm, host_name) = (app.plan.clone(), format!("{name}.example.org"));
                let binding = HostNameBinding::within(&app.added, host_name);
                let added = self.stack.add(name, binding);
                self.named(&added, former);
                self.host_names.push((added, farm));
            }
            Kind::Certificate => {
                let (binding, farm) = chosen(&self.host_names, choice)?.clone();
                if !self
                    .once
                    .insert(format!("certificate of {}", binding.name()))
                {
                    return None;
                }
                let mut certificate = ManagedCertificate::within(&self.group, &farm, &binding);
                certificate.tags = tags(variant);
                let added = self.stack.add(name, certificate);
                self.named(&added, former);
                self.expect(name, tagged, variant.to_string());
                self.certificates.push((binding, added));
            }
            Kind::SecureName => {
                let (binding, certificate) = chosen(&self.certificates, choice)?.clone();
                if !self.once.insert(format!("tls of {}", binding.name())) {
                    return None;
                }
                let secure = SecureHostName::finishing(&binding, &certificate);
                self.stack.add(name, secure);
                self.expect(name, "/properties/sslState", "SniEnabled");
            }
            Kind::StaticSite => {
                let mut site = StaticSite::within(&self.group, "westeurope");
                site.tags = tags(variant);
                let added = self.stack.add(name, site);
                self.named(&added, former);
                self.expect(name, tagged, variant.to_string());
                self.static_sites.push(added);
            }
            Kind::StaticSiteName => {
                let site = chosen(&self.static_sites, choice)?.clone();
                let domain = StaticSiteDomain::within(&site, format!("{name}.example.org"));
                let added = self.stack.add(name, domain);
                self.named(&added, former);
            }
            Kind::Workspace
            | Kind::Component
            | Kind::Identity
            | Kind::Storage
            | Kind::Container
            | Kind::Vault
            | Kind::Secret
            | Kind::Server
            | Kind::Database
            | Kind::Rule
            | Kind::Parameter
            | Kind::Redis
            | Kind::RedisDatabase
            | Kind::RedisAccess
            | Kind::Cache
            | Kind::CacheRule
            | Kind::Zone
            | Kind::Texts
            | Kind::Alias
            | Kind::Delegation
            | Kind::MailService
            | Kind::MailDomain
            | Kind::MailUser
            | Kind::Messenger
            | Kind::RoleOnStorage
            | Kind::OwnRole
            | Kind::Credential
            | Kind::Budget
            | Kind::Lock => return None,
        }
        Some(())
    }
}

//! Nodes that are names in DNS, and the mail that is sent from them.

use augeo_azure::resources::{
    CnameRecord, CommunicationService, DnsZone, EmailDomain, EmailService, Lock, NsRecords,
    RecordSet, SenderUsername, Switch, TxtRecords,
};

use super::{Built, KNOWN_DOMAIN, Kind, Node, chosen, tags};

impl Built {
    #[expect(clippy::too_many_lines, reason = "one arm per kind")]
    /// What a node is called in the world follows its place, so that who renames it keeps it.
    pub(super) fn add_names(
        &mut self,
        index: usize,
        node: &Node,
        name: &str,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let choice = node.choice;
        match node.kind {
            Kind::Zone => {
                let mut zone = DnsZone::within(&self.group, format!("zone{index}.example"));
                zone.tags = tags(variant);
                let added = self.stack.add(name, zone);
                self.named(&added, former);
                self.expect(name, "/tags/variant", variant.to_string());
                self.locks.push(Lock::on(&added));
                self.zones.push(added);
            }
            Kind::Texts => {
                let zone = chosen(&self.zones, choice)?.clone();
                let texts = TxtRecords::of([format!("variant={variant}")]);
                let set = RecordSet::within(&zone, format!("texts{index}"), texts);
                let added = self.stack.add(name, set);
                self.named(&added, former);
                let text = "/properties/TXTRecords/0/value/0";
                self.expect(name, text, format!("variant={variant}"));
            }
            Kind::Alias => {
                let zone = chosen(&self.zones, choice)?.clone();
                let target = format!("target{variant}.example");
                let record = CnameRecord::of(target.clone());
                let mut set = RecordSet::within(&zone, format!("alias{index}"), record);
                set.metadata = tags(variant);
                let added = self.stack.add(name, set);
                self.named(&added, former);
                self.expect(name, "/properties/CNAMERecord/cname", target);
                self.expect(name, "/properties/metadata/variant", variant.to_string());
            }
            Kind::Delegation => {
                let zone = chosen(&self.zones, choice)?.clone();
                let below = chosen(&self.zones, choice / 2)?.clone();
                let servers = NsRecords::delegating_to(&below);
                let mut set = RecordSet::within(&zone, format!("below{index}"), servers);
                set.ttl = 60 + u32::from(variant);
                let added = self.stack.add(name, set);
                self.named(&added, former);
                self.expect(name, "/properties/TTL", 60 + u32::from(variant));
            }
            Kind::MailService => {
                let mut service = EmailService::within(&self.group, "Europe");
                service.tags = tags(variant);
                let added = self.stack.add(name, service);
                self.named(&added, former);
                self.expect(name, "/tags/variant", variant.to_string());
                self.mail_services.push(added);
            }
            Kind::MailDomain => {
                let service = chosen(&self.mail_services, choice)?.clone();
                if !self.once.insert(format!("domain of {}", service.name())) {
                    return None;
                }
                let mut domain = EmailDomain::within(&service, KNOWN_DOMAIN);
                domain.tags = tags(variant);
                if variant.is_multiple_of(2) {
                    domain.user_engagement_tracking = Switch::Enabled;
                }
                let added = self.stack.add(name, domain);
                self.named(&added, former);
                self.expect(name, "/tags/variant", variant.to_string());
                self.mail_domains.push(added);
            }
            Kind::MailUser => {
                let domain = chosen(&self.mail_domains, choice)?.clone();
                let shown = format!("Variant {variant}");
                let user = SenderUsername::within(&domain, format!("user{index}"), shown.clone());
                let added = self.stack.add(name, user);
                self.named(&added, former);
                self.expect(name, "/properties/displayName", shown);
            }
            Kind::Messenger => {
                let mut service = CommunicationService::within(&self.group, "Europe");
                service.tags = tags(variant);
                let added = self.stack.add(name, service);
                self.named(&added, former);
                self.expect(name, "/tags/variant", variant.to_string());
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
            | Kind::Plan
            | Kind::Autoscale
            | Kind::App
            | Kind::Settings
            | Kind::Slot
            | Kind::SlotConfig
            | Kind::HostName
            | Kind::Certificate
            | Kind::SecureName
            | Kind::StaticSite
            | Kind::StaticSiteName
            | Kind::RoleOnStorage
            | Kind::OwnRole
            | Kind::Credential
            | Kind::Budget
            | Kind::Lock => return None,
        }
        Some(())
    }
}

//! DNS and e-mail.

use augeo_azure::resources::{
    ARecords, CnameRecord, CommunicationService, DnsZone, EmailDomain, EmailService,
    EmailVerification, LinkedDomains, ManagedIdentity, MxRecords, NsRecords, RecordSet,
    ResourceGroup, SenderUsername, TxtRecords, VerifiedRecord,
};
use augeo_core::stack::{Added, Stack};

pub(super) fn add(
    stack: &mut Stack,
    group: &Added<ResourceGroup>,
    identity: Option<ManagedIdentity>,
) {
    let zone = stack.add("zone", DnsZone::within(group, "example.org"));
    let set = RecordSet::within(&zone, "www", ARecords::of(["203.0.113.4"]));
    stack.add("zone/www", set);
    let set = RecordSet::within(&zone, "api", CnameRecord::of("www.example.org"));
    stack.add("zone/api", set);
    let mut set = RecordSet::within(&zone, "@", TxtRecords::of(["v=spf1 -all"]));
    set.metadata.insert("purpose".to_owned(), "mail".to_owned());
    stack.add("zone/texts", set);
    let servers = MxRecords::of([(10, "mx.example.org")]);
    stack.add("zone/mail", RecordSet::within(&zone, "@", servers));
    let inner = stack.add("zone/inner", DnsZone::within(group, "dev.example.org"));
    let set = RecordSet::within(&zone, "dev", NsRecords::delegating_to(&inner));
    stack.add("zone/dev", set);

    let service = stack.add("mail", EmailService::within(group, "Europe"));
    stack.add("mail/azure", EmailDomain::azure_managed(&service));
    let domain = stack.add("mail/own", EmailDomain::within(&service, "example.org"));
    let sender = SenderUsername::within(&domain, "support", "Support");
    stack.add("mail/own/support", sender);
    for record in VerifiedRecord::ALL {
        let verification = EmailVerification::finishing(&domain, record);
        stack.add(format!("mail/own/{record:?}").to_lowercase(), verification);
    }
    let sender = CommunicationService::within(group, "Europe");
    let sender = stack.add("sender", sender);
    let links = LinkedDomains::finishing(&sender, &domain);
    stack.add("sender/links", links);
    let mut full = CommunicationService::within(group, "Europe");
    full.identity = identity;
    full.linked_domains = vec![domain.id().into()];
    stack.add("sender/full", full);
}

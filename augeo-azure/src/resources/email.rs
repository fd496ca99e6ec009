//! E-mail: services, the domains that they send from, and who the sender is.
//!
//! Azure wants [an order](https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains):
//! the domain, the DNS records that it asks for, their verification, and then the link from the
//! communication service that sends.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::pending::Readiness;
use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::OutputPath;
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, usual};
use super::management::ResourceGroup;
use crate::schema::{ArmScope, ArmType, Compare, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameRule};

/// An [e-mail service](https://learn.microsoft.com/azure/templates/microsoft.communication/emailservices):
/// what domains live in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EmailService {
    /// Always `global`.
    pub location: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Where it keeps its data: a part of the world, such as `Europe`; cannot be changed, and is to be
    /// that of the communication service.
    pub data_location: String,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl EmailService {
    /// A service in a group that keeps its data in one part of the world.
    pub fn within(group: &Added<ResourceGroup>, data_location: impl Into<String>) -> Self {
        Self {
            location: "global".to_owned(),
            tags: BTreeMap::new(),
            data_location: data_location.into(),
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for EmailService {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&EMAIL_SERVICE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of e-mail services. Whether Azure deletes one with domains in it is not documented, so
/// they go first.
pub static EMAIL_SERVICE: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Communication/emailServices",
        "2026-03-18",
        "E-mail service",
    );
    ty.facts.immutable = &["location", "dataLocation"];
    ty.facts.takes_contents = false;
    ty.facts.usual = usual(15_000, 6_000, 10_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.key_sets = &[];
    ty.compare = &[("dataLocation", Compare::IgnoreCase)];
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcommunication
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 63,
        global: false,
    };
    ty
};

/// Whose a domain is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DomainManagement {
    /// Azure's: ready at once, with few mails and a name that nobody chose.
    AzureManaged,
    /// One's own.
    CustomerManaged,
    /// Any other word, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// A [domain](https://learn.microsoft.com/azure/templates/microsoft.communication/emailservices/domains)
/// that mail is sent from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EmailDomain {
    /// Always `global`.
    pub location: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whose it is; cannot be changed.
    pub domain_management: DomainManagement,
    /// Whether it is noted who opens mails and follows their links.
    pub user_engagement_tracking: Switch,
    #[serde(skip)]
    domain: String,
    #[serde(skip)]
    scope: Scope,
}

impl EmailDomain {
    /// What mails are from, after the `@`.
    pub const FROM_SENDER_DOMAIN: OutputPath<Self, String> = OutputPath::new("fromSenderDomain");
    /// The text that proves, as a TXT record of the domain, whose it is.
    pub const OWNERSHIP_RECORD: OutputPath<Self, String> =
        OutputPath::new("verificationRecords.Domain.value");
    /// What the first of the names stands for, by which its signatures are found.
    pub const DKIM_RECORD: OutputPath<Self, String> =
        OutputPath::new("verificationRecords.DKIM.value");
    /// What the second stands for.
    pub const DKIM2_RECORD: OutputPath<Self, String> =
        OutputPath::new("verificationRecords.DKIM2.value");

    /// The name, below the domain, of the CNAME record for the first of the signatures' names.
    pub const DKIM_NAME: &str = "selector1-azurecomm-prod-net._domainkey";
    /// That for the second.
    pub const DKIM2_NAME: &str = "selector2-azurecomm-prod-net._domainkey";
    /// Which part of a domain's [SPF record](https://learn.microsoft.com/azure/communication-services/concepts/email/email-domain-configuration-troubleshooting)
    /// lets Azure send for it.
    pub const SPF: &str = "include:spf.protection.outlook.com";

    /// A domain outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of an e-mail domain.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&EMAIL_DOMAIN, id)
    }

    /// A domain of one's own in a service. It can be used once Azure has seen its DNS records.
    pub fn within(service: &Added<EmailService>, domain: impl Into<String>) -> Self {
        Self {
            location: "global".to_owned(),
            tags: BTreeMap::new(),
            domain_management: DomainManagement::CustomerManaged,
            user_engagement_tracking: Switch::Disabled,
            domain: domain.into(),
            scope: Scope::Within(service.name().clone()),
        }
    }

    /// The [domain that Azure gives](https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-azure-managed-domains)
    /// a service.
    pub fn azure_managed(service: &Added<EmailService>) -> Self {
        Self {
            domain_management: DomainManagement::AzureManaged,
            ..Self::within(service, "AzureManagedDomain")
        }
    }
}

impl Resource for EmailDomain {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&EMAIL_DOMAIN.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.domain.clone())
    }
}

/// When mail can be sent from a domain, and linked: DMARC is for those who receive.
const VERIFICATION: Readiness = Readiness {
    paths: &[
        "verificationStates.Domain.status",
        "verificationStates.SPF.status",
        "verificationStates.DKIM.status",
        "verificationStates.DKIM2.status",
    ],
    ready: &["Verified"],
    under_way: &["VerificationRequested", "VerificationInProgress"],
    next_step: "set the DNS records of {fromSenderDomain} (TXT `{verificationRecords.Domain.value}` \
                and `{verificationRecords.SPF.value}`, CNAME `{verificationRecords.DKIM.name}` and \
                `{verificationRecords.DKIM2.name}`), have Azure verify them (az communication email \
                domain initiate-verification: Domain, then SPF, DKIM, DKIM2; up to half an hour), \
                then provision again",
};

/// The facts of domains. Its verification is no property that anybody declares.
pub static EMAIL_DOMAIN: ArmType = {
    let mut ty = domain_facts("E-mail domain");
    ty.facts.readiness = Some(VERIFICATION);
    ty
};

/// What a domain and its verifications have in common.
pub(super) const fn domain_facts(title: &'static str) -> ArmType {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Communication/emailServices/domains",
        "2026-03-18",
        title,
    );
    ty.scope = ArmScope::Child;
    ty.facts.immutable = &["location", "domainManagement"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(15_000, 6_000, 10_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.key_sets = &[];
    ty.compare = &[
        ("domainManagement", Compare::IgnoreCase),
        ("userEngagementTracking", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::Domain,
        length_min: 1,
        length_max: 253,
    };
    ty
}

/// A [sender](https://learn.microsoft.com/azure/templates/microsoft.communication/emailservices/domains/senderusernames):
/// what stands before the `@`. Each domain has `donotreply` without anybody's doing; others are
/// [refused](https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-multiple-senders)
/// on domains of Azure's and on those whose sending limits nobody had raised.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SenderUsername {
    /// It; cannot be changed.
    pub username: String,
    /// What recipients see.
    pub display_name: String,
    #[serde(skip)]
    scope: Scope,
}

impl SenderUsername {
    /// A sender of a domain.
    pub fn within(
        domain: &Added<EmailDomain>,
        username: impl Into<String>,
        display_name: impl Into<String>,
    ) -> Self {
        Self {
            username: username.into(),
            display_name: display_name.into(),
            scope: Scope::Within(domain.name().clone()),
        }
    }
}

impl Resource for SenderUsername {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&SENDER_USERNAME.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.username.to_ascii_lowercase())
    }
}

/// The facts of senders. The display name is seen by recipients, so no mark is put there.
pub static SENDER_USERNAME: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Communication/emailServices/domains/senderUsernames",
        "2026-03-18",
        "E-mail sender",
    );
    ty.facts.immutable = &["username"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(1_500, 1_500, 1_500);
    ty.key_sets = &[];
    ty.compare = &[("username", Compare::IgnoreCase)];
    ty.made_by_service = &["donotreply"];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::Domain,
        length_min: 1,
        length_max: 64,
    };
    ty
};

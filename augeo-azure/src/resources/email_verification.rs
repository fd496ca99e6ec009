//! The verification of an e-mail domain, record by record: Azure looks for each when it is asked to.
//!
//! It wants [an order](https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains):
//! the domain itself first, and one at a time. Asking is the write; what comes of it is seen later.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::pending::Readiness;
use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use serde::Serialize;

use super::email::{EmailDomain, domain_facts};
use crate::schema::{ArmType, UpdateMode};

/// What is looked for in DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifiedRecord {
    /// The TXT record that proves whose the domain is.
    Domain,
    /// The TXT record that says who sends in its name.
    Spf,
    /// The CNAME record of the first signature.
    Dkim,
    /// The CNAME record of the second.
    Dkim2,
}

impl VerifiedRecord {
    /// All of them, in the order in which Azure takes them.
    pub const ALL: [Self; 4] = [Self::Domain, Self::Spf, Self::Dkim, Self::Dkim2];

    fn facts(self) -> &'static ArmType {
        match self {
            Self::Domain => &VERIFY_DOMAIN,
            Self::Spf => &VERIFY_SPF,
            Self::Dkim => &VERIFY_DKIM,
            Self::Dkim2 => &VERIFY_DKIM2,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Domain => "Domain",
            Self::Spf => "SPF",
            Self::Dkim => "DKIM",
            Self::Dkim2 => "DKIM2",
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct State {
    status: &'static str,
}

/// That a record of a domain is to be [verified](https://learn.microsoft.com/rest/api/communication/resourcemanager/domains/initiate-verification).
/// Until Azure has looked, it and what awaits it are pending; what Azure did not find is asked for again.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EmailVerification {
    verification_states: BTreeMap<&'static str, State>,
    #[serde(skip)]
    record: VerifiedRecord,
    #[serde(skip)]
    scope: Scope,
}

impl EmailVerification {
    /// The verification of one record. Describe it as coming after the record in DNS, and once the
    /// one before it is ready.
    pub fn finishing(domain: &Added<EmailDomain>, record: VerifiedRecord) -> Self {
        let wanted = State { status: "Verified" };
        Self {
            verification_states: BTreeMap::from([(record.name(), wanted)]),
            record,
            scope: Scope::Within(domain.name().clone()),
        }
    }
}

impl Resource for EmailVerification {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&self.record.facts().facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

const fn verification(
    title: &'static str,
    name: &'static str,
    at: &'static [&'static str],
) -> ArmType {
    let mut ty = domain_facts(title).finishing(name);
    ty.facts.exclusion = &[Exclusion::Parent, Exclusion::Grandparent];
    ty.facts.readiness = Some(Readiness {
        paths: at,
        ready: &["Verified"],
        under_way: &["VerificationRequested", "VerificationInProgress"],
        next_step: "Azure looks for the DNS record of {fromSenderDomain} by itself, which takes up to \
                    half an hour; then provision again",
    });
    ty.compare = &[];
    ty
}

/// The facts of the verification of the domain itself.
pub static VERIFY_DOMAIN: ArmType = {
    let at = &["verificationStates.Domain.status"];
    let mut ty = verification("Verification of an e-mail domain", "verify-domain", at);
    ty.update = asking(&[("verificationType", "Domain")]);
    ty
};

/// The facts of the verification of who sends.
pub static VERIFY_SPF: ArmType = {
    let at = &["verificationStates.SPF.status"];
    let mut ty = verification("Verification of SPF", "verify-spf", at);
    ty.update = asking(&[("verificationType", "SPF")]);
    ty
};

/// The facts of the verification of the first signature.
pub static VERIFY_DKIM: ArmType = {
    let at = &["verificationStates.DKIM.status"];
    let mut ty = verification("Verification of DKIM", "verify-dkim", at);
    ty.update = asking(&[("verificationType", "DKIM")]);
    ty
};

/// The facts of the verification of the second signature.
pub static VERIFY_DKIM2: ArmType = {
    let at = &["verificationStates.DKIM2.status"];
    let mut ty = verification("Verification of DKIM2", "verify-dkim2", at);
    ty.update = asking(&[("verificationType", "DKIM2")]);
    ty
};

const fn asking(body: &'static [(&'static str, &'static str)]) -> UpdateMode {
    UpdateMode::Action {
        action: "initiateVerification",
        body,
    }
}

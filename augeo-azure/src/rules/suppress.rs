//! Suppressions: a finding that somebody has read and takes upon themselves, until a day.

use augeo_core::finding::{Finding, SourceLocation};
use augeo_core::name::ResourceName;
use time::Date;

/// One finding, or all of one rule, that is not to be told until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suppression {
    /// The rule's code.
    pub rule: String,
    /// The resource; none: wherever the rule fires.
    pub resource: Option<String>,
    /// Why the finding does not matter here.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Where it was written.
    pub location: Option<SourceLocation>,
}

impl Suppression {
    /// Suppresses a rule wherever it fires.
    pub fn new(rule: impl Into<String>, reason: impl Into<String>, until: Date) -> Self {
        Self {
            rule: rule.into(),
            resource: None,
            reason: reason.into(),
            until,
            location: None,
        }
    }

    /// Whether it is meant for a finding, whatever the day.
    pub fn covers(&self, finding: &Finding) -> bool {
        let resource = finding.resource.as_ref().map(ResourceName::as_str);
        let here = self.resource.as_deref();
        self.rule == finding.rule && here.is_none_or(|here| resource == Some(here))
    }
}

/// Findings after suppression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judged {
    /// What is left to be told, and what there is to tell of the suppressions themselves.
    pub findings: Vec<Finding>,
    /// What was suppressed, each with its suppression.
    pub suppressed: Vec<(Finding, Suppression)>,
}

/// Takes away what is suppressed on a day, and tells each suppression that has expired. One of a rule
/// whose objections Azure enforces takes nothing away.
pub fn judge(findings: Vec<Finding>, suppressions: &[Suppression], today: Date) -> Judged {
    let mut judged = Judged::default();
    for finding in findings {
        let enforced = super::find(&finding.rule).is_none_or(|rule| rule.enforced);
        let valid = |it: &&Suppression| it.until >= today && it.covers(&finding);
        match suppressions.iter().find(valid).filter(|_| !enforced) {
            Some(suppression) => judged.suppressed.push((finding, suppression.clone())),
            None => judged.findings.push(finding),
        }
    }
    for suppression in suppressions.iter().filter(|it| it.until < today) {
        let Suppression { rule, until, .. } = suppression;
        let message = format!("the suppression of {rule} expired on {until}");
        let finding = Finding::warning("augeo/suppression-expired", message)
            .fix("resolve what it hid, or give it another date and a reason that still holds");
        judged.findings.push(placed(finding, suppression));
    }
    judged
}

/// Tells a suppression that hides nothing.
pub(crate) fn unused(suppression: &Suppression) -> Finding {
    let rule = &suppression.rule;
    let message = match &suppression.resource {
        Some(resource) => format!("the suppression of {rule} for {resource} hides nothing"),
        None => format!("the suppression of {rule} hides nothing"),
    };
    let finding = Finding::warning("augeo/suppression-unused", message);
    placed(finding.fix("delete it"), suppression)
}

fn placed(finding: Finding, suppression: &Suppression) -> Finding {
    match &suppression.location {
        Some(location) => finding.at(location.clone()),
        None => finding,
    }
}

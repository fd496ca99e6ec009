//! Names of one's own: of the web app, with a certificate, and of the static web app.
//!
//! Azure wants an order: the DNS records, the binding, its certificate, and the binding again with
//! that ([tutorial](https://learn.microsoft.com/azure/app-service/app-service-web-tutorial-custom-domain)).
//! A static web app gets its certificate by itself
//! ([custom domains](https://learn.microsoft.com/azure/static-web-apps/custom-domain)).

use augeo_core::stack::Added;

use super::builder::Builder;
use super::form::{Form, Objection};
use super::section::Section;
use super::setting::{Fallback, Kind, Setting};
use crate::naming::name_problem;
use crate::resources::{
    AppServicePlan, HostNameBinding, ManagedCertificate, ResourceGroup, SecureHostName, StaticSite,
    StaticSiteDomain, WebApp,
};
use crate::schema::{NameAlphabet, NameRule};

/// The key that names it, in both modules.
pub(super) const fn host_name(about: &'static str) -> Setting {
    Setting {
        key: KEY,
        kind: Kind::Text(&HOST_NAME),
        default: Fallback::Nothing("only the name that Azure gives"),
        about,
    }
}

const KEY: &str = "host_name";

static HOST_NAME: Form = Form {
    noun: "a host name, such as \"api.example.org\"",
    check: |text| {
        let rule = NameRule::Own {
            alphabet: NameAlphabet::Domain,
            length_min: 3,
            length_max: 253,
        };
        let lower = !text.chars().any(|c| c.is_ascii_uppercase() || c == '_');
        // At the top of a zone no CNAME can stand, which both services ask for.
        if lower && text.split('.').count() > 2 && name_problem(&rule, text).is_none() {
            return Ok(());
        }
        let problem = format!("cannot be `{}`", super::form::shortened(text));
        let help = "it takes a name below a domain, in lower case, such as `api.example.org`";
        Err(Objection::new(problem, help))
    },
};

/// Binds a name to the web app and serves it with TLS. What has to be there before the binding is
/// for the caller to say.
pub(super) fn secure(
    builder: &mut Builder<'_>,
    section: &Section,
    group: &Added<ResourceGroup>,
    plan: &Added<AppServicePlan>,
    (app, host_name): (&Added<WebApp>, &str),
) -> Added<HostNameBinding> {
    let name = HostNameBinding::within(app, host_name);
    let name = builder.stack.add("web/api/name", name);
    let mut certificate = ManagedCertificate::within(group, plan, &name);
    certificate.location = builder.location().into();
    certificate.tags = builder.tags();
    let certificate = builder.stack.add("web/api/certificate", certificate);
    let secure = SecureHostName::finishing(&name, &certificate);
    let secure = builder.stack.add("web/api/tls", secure);
    place(builder, section, &name, "name");
    place(builder, section, &certificate, "canonicalName");
    place(builder, section, &secure, "sslState");
    name
}

/// Gives the static web app a name.
pub(super) fn name_site(
    builder: &mut Builder<'_>,
    section: &Section,
    site: &Added<StaticSite>,
    host_name: &str,
) -> Added<StaticSiteDomain> {
    let name = StaticSiteDomain::within(site, host_name);
    let name = builder.stack.add("web/admin/name", name);
    place(builder, section, &name, "name");
    name
}

/// All of it is there because of one line.
fn place<R>(builder: &mut Builder<'_>, section: &Section, added: &Added<R>, property: &str) {
    builder.describe(added, section, &[(property, KEY)]);
    let place = builder.locate(section.at(KEY));
    builder.stack.describe(added).declared_at(place);
}

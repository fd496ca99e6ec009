//! App Service and Static Web Apps.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess};

const PLAN: &str = "Microsoft.Web/serverfarms";
const SITE: &str = "Microsoft.Web/sites";
const SITE_CONFIG: &str = "Microsoft.Web/sites/config";
const POLICY: &str = "Microsoft.Web/sites/basicPublishingCredentialsPolicies";
const SLOT: &str = "Microsoft.Web/sites/slots";
const SLOT_CONFIG: &str = "Microsoft.Web/sites/slots/config";
const SLOT_POLICY: &str = "Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies";
const BINDING: &str = "Microsoft.Web/sites/hostNameBindings";
const CERTIFICATE: &str = "Microsoft.Web/certificates";
const STATIC_SITE: &str = "Microsoft.Web/staticSites";
const STATIC_SITE_CONFIG: &str = "Microsoft.Web/staticSites/config";
const STATIC_SITE_DOMAIN: &str = "Microsoft.Web/staticSites/customDomains";

pub(super) static ROWS: &[Row] = &[
    guess(
        PLAN,
        Create,
        7_000,
        18_000,
        "estimate after public apply logs of 6, 6, 12 and 15 s",
    ),
    guess(PLAN, Update, 3_000, 7_000, UPDATE),
    guess(PLAN, Delete, 3_000, 10_000, DELETION),
    guess(
        SITE,
        Create,
        18_000,
        40_000,
        "estimate after public apply logs of 22 to 59 s, with some eight requests that follow",
    ),
    guess(SITE, Update, 7_000, 16_000, UPDATE),
    guess(SITE, Delete, 5_000, 15_000, DELETION),
    guess(SITE_CONFIG, Create, 2_000, 5_000, SMALL),
    guess(SITE_CONFIG, Update, 2_000, 5_000, SMALL),
    guess(SITE_CONFIG, Delete, 2_000, 5_000, SMALL),
    guess(POLICY, Create, 2_000, 5_000, SMALL),
    guess(POLICY, Update, 2_000, 5_000, SMALL),
    guess(POLICY, Delete, 2_000, 5_000, SMALL),
    guess(SLOT, Create, 20_000, 45_000, "estimate: like a web app"),
    guess(SLOT, Update, 7_000, 16_000, UPDATE),
    guess(SLOT, Delete, 5_000, 15_000, DELETION),
    guess(SLOT_CONFIG, Create, 2_000, 5_000, SMALL),
    guess(SLOT_CONFIG, Update, 2_000, 5_000, SMALL),
    guess(SLOT_CONFIG, Delete, 2_000, 5_000, SMALL),
    guess(SLOT_POLICY, Create, 2_000, 5_000, SMALL),
    guess(SLOT_POLICY, Update, 2_000, 5_000, SMALL),
    guess(SLOT_POLICY, Delete, 2_000, 5_000, SMALL),
    guess(
        BINDING,
        Create,
        5_000,
        15_000,
        "estimate: synchronous, with a look at the DNS records",
    ),
    guess(
        BINDING,
        Update,
        5_000,
        15_000,
        "estimate: as long as the creation, for the records are looked at again",
    ),
    guess(BINDING, Delete, 3_000, 10_000, DELETION),
    guess(
        CERTIFICATE,
        Create,
        60_000,
        300_000,
        "estimate: no log found; a certification authority must look at the name",
    ),
    guess(CERTIFICATE, Update, 2_000, 5_000, SMALL),
    guess(CERTIFICATE, Delete, 3_000, 10_000, DELETION),
    guess(
        STATIC_SITE,
        Create,
        15_000,
        130_000,
        "estimate; 2 min 15 s in an example of the documentation",
    ),
    guess(STATIC_SITE, Update, 6_000, 50_000, UPDATE),
    guess(STATIC_SITE, Delete, 5_000, 20_000, DELETION),
    guess(STATIC_SITE_CONFIG, Create, 2_000, 5_000, SMALL),
    guess(STATIC_SITE_CONFIG, Update, 2_000, 5_000, SMALL),
    guess(STATIC_SITE_CONFIG, Delete, 2_000, 5_000, SMALL),
    guess(
        STATIC_SITE_DOMAIN,
        Create,
        60_000,
        600_000,
        "estimate: no log found; a certification authority must look at the name",
    ),
    guess(
        STATIC_SITE_DOMAIN,
        Update,
        60_000,
        600_000,
        "estimate: as long as the creation",
    ),
    guess(STATIC_SITE_DOMAIN, Delete, 10_000, 30_000, DELETION),
];

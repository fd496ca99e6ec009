//! App Service and Static Web Apps.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess};

const PLAN: &str = "Microsoft.Web/serverfarms";
const SITE: &str = "Microsoft.Web/sites";
const SITE_CONFIG: &str = "Microsoft.Web/sites/config";

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
    guess(
        "Microsoft.Web/sites/slots",
        Create,
        20_000,
        45_000,
        "estimate: like a web app",
    ),
    guess(
        "Microsoft.Web/staticSites",
        Create,
        15_000,
        130_000,
        "estimate; 2 min 15 s in an example of the documentation",
    ),
];

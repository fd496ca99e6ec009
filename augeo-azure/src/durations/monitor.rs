//! Logs and metrics.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess};

const WORKSPACE: &str = "Microsoft.OperationalInsights/workspaces";
const COMPONENT: &str = "Microsoft.Insights/components";
const AUTOSCALE: &str = "Microsoft.Insights/autoscalesettings";

pub(super) static ROWS: &[Row] = &[
    guess(
        WORKSPACE,
        Create,
        12_000,
        45_000,
        "estimate after a public apply log of 46 s, asked every 10 s",
    ),
    guess(WORKSPACE, Update, 5_000, 18_000, UPDATE),
    guess(WORKSPACE, Delete, 5_000, 20_000, DELETION),
    guess(
        COMPONENT,
        Create,
        5_000,
        20_000,
        "estimate: synchronous, no log found",
    ),
    guess(COMPONENT, Update, 2_000, 8_000, UPDATE),
    guess(COMPONENT, Delete, 5_000, 20_000, DELETION),
    guess(AUTOSCALE, Create, 2_000, 5_000, SMALL),
    guess(AUTOSCALE, Update, 2_000, 5_000, SMALL),
    guess(AUTOSCALE, Delete, 2_000, 5_000, SMALL),
];

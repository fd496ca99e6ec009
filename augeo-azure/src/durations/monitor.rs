//! Logs and metrics.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, UPDATE, guess};

const WORKSPACE: &str = "Microsoft.OperationalInsights/workspaces";
const COMPONENT: &str = "Microsoft.Insights/components";

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
];

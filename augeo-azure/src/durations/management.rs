//! Groups, identities, roles, locks and budgets.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess, row};

const GROUP: &str = "Microsoft.Resources/resourceGroups";
const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
const CREDENTIAL: &str =
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials";
const ROLE: &str = "Microsoft.Authorization/roleAssignments";
const ROLE_DEFINITION: &str = "Microsoft.Authorization/roleDefinitions";
const LOCK: &str = "Microsoft.Authorization/locks";
const BUDGET: &str = "Microsoft.Consumption/budgets";

pub(super) static ROWS: &[Row] = &[
    row(
        GROUP,
        Create,
        1_500,
        4_000,
        "apply logs of 1 to 5 s: https://github.com/turbot/steampipe-plugin-azure/pull/64, \
         https://github.com/turbot/steampipe-plugin-azure/pull/299",
    ),
    guess(GROUP, Update, 600, 1_500, UPDATE),
    guess(
        GROUP,
        Delete,
        20_000,
        60_000,
        "estimate: what is left once everything in it is gone",
    ),
    guess(
        IDENTITY,
        Create,
        2_000,
        10_000,
        "estimate after public apply logs of 1 to 28 s",
    ),
    guess(IDENTITY, Update, 1_000, 4_000, UPDATE),
    guess(IDENTITY, Delete, 2_000, 8_000, DELETION),
    guess(
        ROLE,
        Create,
        1_500,
        4_000,
        "estimate after public apply logs, without the 25 s that the other tool waits",
    ),
    guess(ROLE, Update, 1_500, 4_000, SMALL),
    guess(ROLE, Delete, 1_500, 4_000, SMALL),
    guess(ROLE_DEFINITION, Create, 1_500, 4_000, SMALL),
    guess(ROLE_DEFINITION, Update, 1_500, 4_000, SMALL),
    guess(ROLE_DEFINITION, Delete, 1_500, 4_000, SMALL),
    guess(LOCK, Create, 1_500, 4_000, SMALL),
    guess(LOCK, Update, 1_500, 4_000, SMALL),
    guess(LOCK, Delete, 1_500, 4_000, SMALL),
    guess(BUDGET, Create, 2_000, 6_000, SMALL),
    guess(BUDGET, Update, 2_000, 6_000, SMALL),
    guess(BUDGET, Delete, 1_500, 4_000, SMALL),
    guess(CREDENTIAL, Update, 2_000, 8_000, SMALL),
    guess(CREDENTIAL, Delete, 2_000, 8_000, SMALL),
    guess(
        CREDENTIAL,
        Create,
        3_000,
        15_000,
        "estimate after a public apply log of 28 s, most of it the other tool's",
    ),
];

//! Storage accounts and key vaults.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess};

const STORAGE: &str = "Microsoft.Storage/storageAccounts";
const BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices";
const CONTAINER: &str = "Microsoft.Storage/storageAccounts/blobServices/containers";
const POLICY: &str = "Microsoft.Storage/storageAccounts/managementPolicies";
const VAULT: &str = "Microsoft.KeyVault/vaults";
const SECRET: &str = "Microsoft.KeyVault/vaults/secrets";

pub(super) static ROWS: &[Row] = &[
    guess(
        STORAGE,
        Create,
        20_000,
        32_000,
        "estimate after public apply logs of 18 to 45 s",
    ),
    guess(STORAGE, Update, 8_000, 13_000, UPDATE),
    guess(STORAGE, Delete, 5_000, 15_000, DELETION),
    guess(BLOBS, Create, 1_000, 3_000, SMALL),
    guess(BLOBS, Update, 1_000, 3_000, SMALL),
    guess(BLOBS, Delete, 1_000, 3_000, SMALL),
    guess(CONTAINER, Create, 1_000, 3_000, SMALL),
    guess(CONTAINER, Update, 1_000, 3_000, SMALL),
    guess(CONTAINER, Delete, 1_000, 3_000, SMALL),
    guess(POLICY, Create, 1_000, 3_000, SMALL),
    guess(POLICY, Update, 1_000, 3_000, SMALL),
    guess(POLICY, Delete, 1_000, 3_000, SMALL),
    guess(
        VAULT,
        Create,
        5_000,
        20_000,
        "estimate after public apply logs: 4 s, and 2 min 7 s to 2 min 42 s with the 130 s that the \
         other tool waits",
    ),
    guess(VAULT, Update, 2_000, 8_000, UPDATE),
    guess(VAULT, Delete, 5_000, 20_000, DELETION),
    guess(
        SECRET,
        Create,
        400,
        2_000,
        "estimate after public apply logs of 1 to 3 s, most of it the other tool's",
    ),
    guess(SECRET, Update, 400, 2_000, SMALL),
    guess(SECRET, Delete, 400, 2_000, SMALL),
];

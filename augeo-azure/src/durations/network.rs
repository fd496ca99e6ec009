//! Networks, DNS and communication; types that are not in the catalogue are here for those
//! who use them as `Generic`.

use augeo_core::forecast::Work::Create;

use super::{Row, guess, row};

pub(super) static ROWS: &[Row] = &[
    guess(
        "Microsoft.Network/dnsZones",
        Create,
        3_000,
        8_000,
        "estimate: synchronous, no log found",
    ),
    guess(
        "Microsoft.Network/privateDnsZones",
        Create,
        25_000,
        45_000,
        "estimate after public apply logs of 32 and 35 s",
    ),
    guess(
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        Create,
        25_000,
        45_000,
        "estimate after a public apply log of 32 s",
    ),
    row(
        "Microsoft.Network/virtualNetworks",
        Create,
        5_000,
        10_000,
        "8 s: https://github.com/turbot/steampipe-plugin-azure/pull/824",
    ),
    row(
        "Microsoft.Network/virtualNetworks/subnets",
        Create,
        5_000,
        10_000,
        "6 s: https://github.com/turbot/steampipe-plugin-azure/pull/824",
    ),
    guess(
        "Microsoft.Network/privateEndpoints",
        Create,
        60_000,
        150_000,
        "estimate: no log found",
    ),
    guess(
        "Microsoft.Communication/communicationServices",
        Create,
        15_000,
        60_000,
        "estimate: no log found",
    ),
];

//! Networks, DNS and communication; types that are not in the catalogue are here for those
//! who use them as `Generic`.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess, row};

const ZONE: &str = "Microsoft.Network/dnsZones";
const SERVICE: &str = "Microsoft.Communication/communicationServices";
const EMAIL: &str = "Microsoft.Communication/emailServices";
const DOMAIN: &str = "Microsoft.Communication/emailServices/domains";
const SENDER: &str = "Microsoft.Communication/emailServices/domains/senderUsernames";

pub(super) static ROWS: &[Row] = &[
    guess(
        ZONE,
        Create,
        3_000,
        8_000,
        "estimate: synchronous, no log found",
    ),
    guess(ZONE, Update, 1_200, 3_000, UPDATE),
    guess(ZONE, Delete, 5_000, 15_000, DELETION),
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
    guess(SERVICE, Create, 15_000, 60_000, "estimate: no log found"),
    guess(SERVICE, Update, 6_000, 24_000, UPDATE),
    guess(SERVICE, Delete, 10_000, 30_000, DELETION),
    guess(EMAIL, Create, 15_000, 60_000, "estimate: no log found"),
    guess(EMAIL, Update, 6_000, 24_000, UPDATE),
    guess(EMAIL, Delete, 10_000, 30_000, DELETION),
    guess(DOMAIN, Create, 15_000, 60_000, "estimate: no log found"),
    guess(DOMAIN, Update, 6_000, 24_000, UPDATE),
    guess(DOMAIN, Delete, 10_000, 30_000, DELETION),
    guess(SENDER, Create, 1_500, 4_000, SMALL),
    guess(SENDER, Update, 1_500, 4_000, SMALL),
    guess(SENDER, Delete, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/A", Create, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/A", Update, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/A", Delete, 1_500, 4_000, SMALL),
    guess(
        "Microsoft.Network/dnsZones/CNAME",
        Create,
        1_500,
        4_000,
        SMALL,
    ),
    guess(
        "Microsoft.Network/dnsZones/CNAME",
        Update,
        1_500,
        4_000,
        SMALL,
    ),
    guess(
        "Microsoft.Network/dnsZones/CNAME",
        Delete,
        1_500,
        4_000,
        SMALL,
    ),
    guess(
        "Microsoft.Network/dnsZones/TXT",
        Create,
        1_500,
        4_000,
        SMALL,
    ),
    guess(
        "Microsoft.Network/dnsZones/TXT",
        Update,
        1_500,
        4_000,
        SMALL,
    ),
    guess(
        "Microsoft.Network/dnsZones/TXT",
        Delete,
        1_500,
        4_000,
        SMALL,
    ),
    guess("Microsoft.Network/dnsZones/MX", Create, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/MX", Update, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/MX", Delete, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/NS", Create, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/NS", Update, 1_500, 4_000, SMALL),
    guess("Microsoft.Network/dnsZones/NS", Delete, 1_500, 4_000, SMALL),
];

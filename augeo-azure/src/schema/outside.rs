//! What is known of types that the catalogue does not describe.

use super::OwnershipMark;

/// Types outside the catalogue that keep `sku` inside `properties`, by the published schemas.
pub(super) const SKU_INSIDE: &[&str] = &[
    "Microsoft.Automation/automationAccounts",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/virtualNetworkGateways",
];

/// Well-known types outside the catalogue that keep no data of their own: deleting one loses a
/// configuration that its author has. An entry covers what lives in its resources, too. What is
/// not listed, as DNS zones with records of other people's, is taken for holding data.
const WITHOUT_DATA: &[&str] = &[
    "Microsoft.AlertsManagement/actionRules",
    "Microsoft.AlertsManagement/smartDetectorAlertRules",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Compute/availabilitySets",
    "Microsoft.Consumption/budgets",
    "Microsoft.Insights/actionGroups",
    "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/dataCollectionEndpoints",
    "Microsoft.Insights/dataCollectionRules",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/privateLinkScopes",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.Insights/webtests",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/applicationSecurityGroups",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/bastionHosts",
    "Microsoft.Network/connections",
    "Microsoft.Network/ddosProtectionPlans",
    "Microsoft.Network/firewallPolicies",
    "Microsoft.Network/ipGroups",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/localNetworkGateways",
    "Microsoft.Network/natGateways",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/privateLinkServices",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/publicIPPrefixes",
    "Microsoft.Network/routeTables",
    "Microsoft.Network/trafficManagerProfiles",
    "Microsoft.Network/virtualNetworkGateways",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Web/serverfarms",
];

/// Types outside the catalogue that take no tags, and where the mark goes instead
/// ([locks](https://learn.microsoft.com/azure/templates/microsoft.authorization/locks) and the
/// others of that reference).
pub(super) const WITHOUT_TAGS: &[(&str, OwnershipMark)] = &[
    (
        "Microsoft.Authorization/locks",
        OwnershipMark::Field("notes"),
    ),
    (
        "Microsoft.Authorization/policyAssignments",
        OwnershipMark::Field("description"),
    ),
    (
        "Microsoft.Authorization/policyExemptions",
        OwnershipMark::Field("description"),
    ),
    (
        "Microsoft.Authorization/roleDefinitions",
        OwnershipMark::Field("description"),
    ),
    ("Microsoft.Consumption/budgets", OwnershipMark::NamePrefix),
    (
        "Microsoft.Insights/diagnosticSettings",
        OwnershipMark::NamePrefix,
    ),
    (
        "Microsoft.Network/dnsZones/AAAA",
        OwnershipMark::Metadata("metadata"),
    ),
    (
        "Microsoft.Network/dnsZones/CAA",
        OwnershipMark::Metadata("metadata"),
    ),
    (
        "Microsoft.Network/dnsZones/SRV",
        OwnershipMark::Metadata("metadata"),
    ),
];

/// Whether a type, or what its resources live in, is one of those without data.
pub(super) fn is_without_data(name: &str) -> bool {
    WITHOUT_DATA.iter().any(|known| {
        let begins = name.get(..known.len());
        let rest = name.get(known.len()..).unwrap_or_default();
        begins.is_some_and(|begin| begin.eq_ignore_ascii_case(known))
            && (rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::ArmType;
    use super::*;

    #[test]
    fn types_are_taken_for_holding_data_unless_they_are_known_not_to() {
        let holds = |name: &str| ArmType::generic(name, "2025-01-01").facts.holds_data;
        assert!(holds("Microsoft.Search/searchServices"));
        assert!(holds("Microsoft.DocumentDB/databaseAccounts/sqlDatabases"));
        assert!(holds("Microsoft.Network/dnsZones"));
        assert!(holds("Microsoft.Network/virtualNetworksOfData"));
        assert!(!holds("Microsoft.Network/virtualNetworks"));
        assert!(!holds("microsoft.network/VIRTUALNETWORKS/subnets"));
        assert!(!holds("Microsoft.Web/serverfarms"));
    }

    #[test]
    fn the_types_without_data_are_sorted_and_named_once() {
        assert!(WITHOUT_DATA.is_sorted_by(|one, other| one < other));
    }
}

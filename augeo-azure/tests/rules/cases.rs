//! Cases of rules for resources of any type, for access, network, names and costs.

use crate::support::Case;

pub(crate) static CASES: &[Case] = &[
    Case {
        rule: "augeo/no-cost-center",
        fires: "ip Microsoft.Network/publicIPAddresses { tags = { Owner = 'me' } }",
        silent: "ip Microsoft.Network/publicIPAddresses { tags = { costcenter = 'CC-1' } }",
    },
    Case {
        rule: "augeo/unknown-region",
        fires: "ip Microsoft.Network/publicIPAddresses { location = 'westeruope' }",
        silent: "ip Microsoft.Network/publicIPAddresses { location = 'West Europe' }",
    },
    Case {
        rule: "augeo/name-form",
        fires: "store Microsoft.Storage/storageAccounts called My-Store {}",
        silent: "store Microsoft.Storage/storageAccounts called mystore1 {}",
    },
    Case {
        rule: "augeo/tags-many",
        fires: "zone Microsoft.Network/dnsZones { tags = { CostCenter = 'x', b = 'x', c = 'x', d = 'x', e = 'x', f = 'x', g = 'x', h = 'x', i = 'x', j = 'x', k = 'x', l = 'x', m = 'x' } }",
        silent: "zone Microsoft.Network/virtualNetworks { tags = { CostCenter = 'x', b = 'x', c = 'x', d = 'x', e = 'x', f = 'x', g = 'x', h = 'x', i = 'x', j = 'x', k = 'x', l = 'x', m = 'x', n = 'x' } }",
    },
    Case {
        rule: "augeo/tag-name",
        fires: "zone Microsoft.Network/dnsZones { tags = { 'cost:center' = 'x' } }",
        silent: "zone Microsoft.Network/virtualNetworks { tags = { 'cost:center' = 'x' } }",
    },
    Case {
        rule: "augeo/tag-name",
        fires: "net Microsoft.Network/virtualNetworks { tags = { 'a/b' = 'x' } }",
        silent: "zone Microsoft.Network/dnsZones { tags = { cost-center = 'x' } }",
    },
    Case {
        rule: "augeo/no-zones",
        fires: "store Microsoft.Storage/storageAccounts { location = 'westus', sku = { name = 'Standard_ZRS' } }",
        silent: "store Microsoft.Storage/storageAccounts { location = 'westeurope', sku = { name = 'Standard_ZRS' } }",
    },
    Case {
        rule: "augeo/no-pair",
        fires: "store Microsoft.Storage/storageAccounts { location = 'italynorth', sku = { name = 'Standard_RAGRS' } }",
        silent: "store Microsoft.Storage/storageAccounts { location = 'italynorth', sku = { name = 'Standard_ZRS' } }",
    },
    Case {
        rule: "augeo/no-pair",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { location = 'polandcentral', backup = { geoRedundantBackup = 'Enabled' } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { location = 'westeurope', backup = { geoRedundantBackup = 'Enabled' } }",
    },
    Case {
        rule: "augeo/role-wide",
        fires: "role Microsoft.Authorization/roleAssignments { roleDefinitionId = '/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635' }",
        silent: "role Microsoft.Authorization/roleAssignments { roleDefinitionId = '/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d' }",
    },
    Case {
        rule: "augeo/role-wildcard",
        fires: "role Microsoft.Authorization/roleDefinitions { permissions = [{ actions = ['*'] }] }",
        silent: "role Microsoft.Authorization/roleDefinitions { permissions = [{ actions = ['*/read'] }] }",
    },
    Case {
        rule: "augeo/lock-readonly",
        fires: "lock Microsoft.Authorization/locks { level = 'ReadOnly' }",
        silent: "lock Microsoft.Authorization/locks { level = 'CanNotDelete' }",
    },
    Case {
        rule: "augeo/federation-subject",
        fires: "who Microsoft.ManagedIdentity/userAssignedIdentities {}
            who/main Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials in who { subject = 'repo:augeo/api:environment:dev' }",
        silent: "who Microsoft.ManagedIdentity/userAssignedIdentities {}
            who/main Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials in who { subject = 'repo:augeo@1/api@2:environment:dev' }",
    },
    Case {
        rule: "augeo/federation-audience",
        fires: "who Microsoft.ManagedIdentity/userAssignedIdentities {}
            who/main Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials in who { audiences = ['https://github.com/augeo'] }",
        silent: "who Microsoft.ManagedIdentity/userAssignedIdentities {}
            who/main Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials in who { audiences = ['api://AzureADTokenExchange'] }",
    },
    Case {
        rule: "augeo/federation-many",
        fires: include_str!("many_credentials.txt"),
        silent: "who Microsoft.ManagedIdentity/userAssignedIdentities {}",
    },
    Case {
        rule: "augeo/firewall-private",
        fires: "cache Microsoft.Cache/redis {}
            cache/app Microsoft.Cache/redis/firewallRules in cache { startIP = '10.0.1.0', endIP = '10.0.1.255' }",
        silent: "cache Microsoft.Cache/redis {}
            cache/app Microsoft.Cache/redis/firewallRules in cache { startIP = '203.0.113.0', endIP = '203.0.113.15' }",
    },
    Case {
        rule: "augeo/firewall-private",
        fires: "vault Microsoft.KeyVault/vaults { networkAcls = { ipRules = [{ value = '192.168.1.0/24' }] } }",
        silent: "vault Microsoft.KeyVault/vaults { networkAcls = { ipRules = [{ value = '203.0.113.0/24' }] } }",
    },
    Case {
        rule: "augeo/firewall-backwards",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/office Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '203.0.113.9', endIpAddress = '203.0.113.1' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/office Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '203.0.113.1', endIpAddress = '203.0.113.9' }",
    },
    Case {
        rule: "augeo/network-subnets",
        fires: "net Microsoft.Network/virtualNetworks { subnets = [] }",
        silent: "net Microsoft.Network/virtualNetworks { addressSpace = { addressPrefixes = ['10.0.0.0/16'] } }",
    },
    Case {
        rule: "augeo/network-open",
        fires: "guard Microsoft.Network/networkSecurityGroups { securityRules = [{ name = 'ssh', properties = { access = 'Allow', direction = 'Inbound', sourceAddressPrefix = '*', destinationPortRange = '22' } }] }",
        silent: "guard Microsoft.Network/networkSecurityGroups { securityRules = [{ name = 'web', properties = { access = 'Allow', direction = 'Inbound', sourceAddressPrefix = '*', destinationPortRange = '443' } }] }",
    },
    Case {
        rule: "augeo/dns-apex",
        fires: "zone Microsoft.Network/dnsZones {}
            zone/apex Microsoft.Network/dnsZones/CNAME in zone called @ { TTL = 300 }",
        silent: "zone Microsoft.Network/dnsZones {}
            zone/api Microsoft.Network/dnsZones/CNAME in zone called api { TTL = 300 }",
    },
    Case {
        rule: "augeo/dns-alone",
        fires: "zone Microsoft.Network/dnsZones {}
            zone/api Microsoft.Network/dnsZones/CNAME in zone called api { TTL = 300 }
            zone/api-text Microsoft.Network/dnsZones/TXT in zone called api { TTL = 300 }",
        silent: "zone Microsoft.Network/dnsZones {}
            zone/api Microsoft.Network/dnsZones/CNAME in zone called api { TTL = 300 }
            zone/asuid Microsoft.Network/dnsZones/TXT in zone called asuid.api { TTL = 300 }",
    },
    Case {
        rule: "augeo/dns-spf",
        fires: "zone Microsoft.Network/dnsZones {}
            zone/spf Microsoft.Network/dnsZones/TXT in zone called @ { TXTRecords = [{ value = ['v=spf1 include:a -all'] }, { value = ['v=spf1 include:b -all'] }] }",
        silent: "zone Microsoft.Network/dnsZones {}
            zone/spf Microsoft.Network/dnsZones/TXT in zone called @ { TXTRecords = [{ value = ['v=spf1 include:a include:b -all'] }, { value = ['ms-domain-verification=1'] }] }",
    },
    Case {
        rule: "augeo/email-sender",
        fires: "mail Microsoft.Communication/emailServices {}
            mail/domain Microsoft.Communication/emailServices/domains in mail called AzureManagedDomain {}
            mail/domain/news Microsoft.Communication/emailServices/domains/senderUsernames in mail/domain called news {}",
        silent: "mail Microsoft.Communication/emailServices {}
            mail/domain Microsoft.Communication/emailServices/domains in mail called AzureManagedDomain {}
            mail/domain/sender Microsoft.Communication/emailServices/domains/senderUsernames in mail/domain called donotreply {}",
    },
    Case {
        rule: "augeo/email-data",
        fires: "mail Microsoft.Communication/emailServices { dataLocation = 'Europe' }
            mail/domain Microsoft.Communication/emailServices/domains in mail called AzureManagedDomain {}
            sms Microsoft.Communication/communicationServices { dataLocation = 'United States', linkedDomains = ['${mail/domain.id}'] }",
        silent: "mail Microsoft.Communication/emailServices { dataLocation = 'Europe' }
            mail/domain Microsoft.Communication/emailServices/domains in mail called AzureManagedDomain {}
            sms Microsoft.Communication/communicationServices { dataLocation = 'Europe', linkedDomains = ['${mail/domain.id}'] }",
    },
    Case {
        rule: "augeo/budget-floor",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'S1', capacity = 2 } }
            budget Microsoft.Consumption/budgets { amount = 100, timeGrain = 'Monthly' }",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'S1', capacity = 2 } }
            budget Microsoft.Consumption/budgets { amount = 139, timeGrain = 'Monthly' }",
    },
    Case {
        rule: "augeo/budget-start",
        fires: "budget Microsoft.Consumption/budgets { timePeriod = { startDate = '2026-12-02T00:00:00Z' } }",
        silent: "budget Microsoft.Consumption/budgets { timePeriod = { startDate = '2026-12-01T00:00:00Z' } }",
    },
    Case {
        rule: "augeo/budget-alerts",
        fires: "budget Microsoft.Consumption/budgets { notifications = { far = { threshold = 2000 } } }",
        silent: "budget Microsoft.Consumption/budgets { notifications = { near = { threshold = 80 } } }",
    },
    Case {
        rule: "augeo/budget-nobody",
        fires: "budget Microsoft.Consumption/budgets { amount = 100 }",
        silent: "budget Microsoft.Consumption/budgets { notifications = { near = { threshold = 80 } } }",
    },
    Case {
        rule: "augeo/public-ip-basic",
        fires: "ip Microsoft.Network/publicIPAddresses { sku = { name = 'Basic' } }",
        silent: "ip Microsoft.Network/publicIPAddresses { sku = { name = 'Standard' } }",
    },
    Case {
        rule: "augeo/runbook-runtime",
        fires: "auto Microsoft.Automation/automationAccounts {}
            auto/sleep Microsoft.Automation/automationAccounts/runbooks in auto { runbookType = 'PowerShell72' }",
        silent: "auto Microsoft.Automation/automationAccounts {}
            auto/sleep Microsoft.Automation/automationAccounts/runbooks in auto { runbookType = 'PowerShell' }",
    },
    Case {
        rule: "augeo/logs-retention",
        fires: "logs Microsoft.OperationalInsights/workspaces { retentionInDays = 7, sku = { name = 'PerGB2018' } }",
        silent: "logs Microsoft.OperationalInsights/workspaces { retentionInDays = 30, sku = { name = 'PerGB2018' } }",
    },
    Case {
        rule: "augeo/insights-classic",
        fires: "insights Microsoft.Insights/components { Application_Type = 'web' }",
        silent: "logs Microsoft.OperationalInsights/workspaces {}
            insights Microsoft.Insights/components { WorkspaceResourceId = '${logs.id}' }",
    },
    Case {
        rule: "augeo/diagnostics-self",
        fires: "store Microsoft.Storage/storageAccounts {}
            store/logs Microsoft.Insights/diagnosticSettings on store { storageAccountId = '${store.id}' }",
        silent: "store Microsoft.Storage/storageAccounts {}
            logs Microsoft.OperationalInsights/workspaces {}
            store/logs Microsoft.Insights/diagnosticSettings on store { workspaceId = '${logs.id}' }",
    },
    Case {
        rule: "augeo/diagnostics-self",
        fires: "logs Microsoft.OperationalInsights/workspaces {}
            insights Microsoft.Insights/components { WorkspaceResourceId = '${logs.id}' }
            insights/logs Microsoft.Insights/diagnosticSettings on insights { workspaceId = '${logs.id}' }",
        silent: "logs Microsoft.OperationalInsights/workspaces {}
            logs/own Microsoft.Insights/diagnosticSettings on logs { workspaceId = '${logs.id}' }",
    },
    Case {
        rule: "augeo/diagnostics-retention",
        fires: "store Microsoft.Storage/storageAccounts {}
            store/logs Microsoft.Insights/diagnosticSettings on store { logs = [{ category = 'audit', retentionPolicy = { enabled = true, days = 30 } }] }",
        silent: "store Microsoft.Storage/storageAccounts {}
            store/logs Microsoft.Insights/diagnosticSettings on store { logs = [{ category = 'audit', retentionPolicy = { enabled = false, days = 0 } }] }",
    },
    Case {
        rule: "augeo/alert-deployments",
        fires: "alert Microsoft.Insights/activityLogAlerts { condition = { allOf = [{ field = 'operationName', equals = 'Microsoft.Resources/deployments/write' }] } }",
        silent: "alert Microsoft.Insights/activityLogAlerts { condition = { allOf = [{ field = 'operationName', equals = 'Microsoft.Web/sites/slots/slotsswap/action' }] } }",
    },
    Case {
        rule: "augeo/alert-teams",
        fires: "people Microsoft.Insights/actionGroups { webhookReceivers = [{ name = 'teams', serviceUri = 'https://augeo.webhook.office.com/webhookb2/1' }] }",
        silent: "people Microsoft.Insights/actionGroups { webhookReceivers = [{ name = 'own', serviceUri = 'https://alerts.augeo.app/hook' }] }",
    },
    Case {
        rule: "augeo/action-group-name",
        fires: "people Microsoft.Insights/actionGroups { groupShortName = 'operations-team' }",
        silent: "people Microsoft.Insights/actionGroups { groupShortName = 'operations' }",
    },
    Case {
        rule: "augeo/web-test-ping",
        fires: "test Microsoft.Insights/webTests { kind = 'ping' }",
        silent: "test Microsoft.Insights/webTests { kind = 'standard' }",
    },
];

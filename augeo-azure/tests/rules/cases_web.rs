//! Cases of rules for web apps, plans and static web apps.

use crate::support::Case;

pub(crate) static CASES: &[Case] = &[
    Case {
        rule: "augeo/web-https",
        fires: "app Microsoft.Web/sites { httpsOnly = false }",
        silent: "app Microsoft.Web/sites { httpsOnly = true }",
    },
    Case {
        rule: "augeo/web-tls",
        fires: "app Microsoft.Web/sites { siteConfig = { minTlsVersion = '1.1' } }",
        silent: "app Microsoft.Web/sites { siteConfig = { minTlsVersion = '1.3' } }",
    },
    Case {
        rule: "augeo/web-ftp",
        fires: "app Microsoft.Web/sites {}
            app/config Microsoft.Web/sites/config in app called web { ftpsState = 'AllAllowed' }",
        silent: "app Microsoft.Web/sites {}
            app/config Microsoft.Web/sites/config in app called web { ftpsState = 'Disabled' }",
    },
    Case {
        rule: "augeo/web-publishing",
        fires: "app Microsoft.Web/sites {}
            app/scm Microsoft.Web/sites/basicPublishingCredentialsPolicies in app called scm { allow = true }",
        silent: "app Microsoft.Web/sites {}
            app/scm Microsoft.Web/sites/basicPublishingCredentialsPolicies in app called scm { allow = false }",
    },
    Case {
        rule: "augeo/web-debugging",
        fires: "app Microsoft.Web/sites { siteConfig = { remoteDebuggingEnabled = true } }",
        silent: "app Microsoft.Web/sites { siteConfig = { remoteDebuggingEnabled = false } }",
    },
    Case {
        rule: "augeo/web-routing",
        fires: "app Microsoft.Web/sites { outboundVnetRouting = { allTraffic = true }, siteConfig = { vnetRouteAllEnabled = true } }",
        silent: "app Microsoft.Web/sites { outboundVnetRouting = { allTraffic = true } }",
    },
    Case {
        rule: "augeo/web-secret",
        fires: "app Microsoft.Web/sites {}
            app/settings Microsoft.Web/sites/config in app called appsettings { STRIPE_API_KEY = 'sk_live_1' }",
        silent: "app Microsoft.Web/sites {}
            app/settings Microsoft.Web/sites/config in app called appsettings { STRIPE_API_KEY = '@Microsoft.KeyVault(VaultName=v;SecretName=s)', LOG_LEVEL = 'info' }",
    },
    Case {
        rule: "augeo/web-registry-password",
        fires: "app Microsoft.Web/sites {}
            app/settings Microsoft.Web/sites/config in app called appsettings { DOCKER_REGISTRY_SERVER_PASSWORD = 'x' }",
        silent: "app Microsoft.Web/sites {}
            app/settings Microsoft.Web/sites/config in app called appsettings { DOCKER_REGISTRY_SERVER_URL = 'https://mcr.microsoft.com' }",
    },
    Case {
        rule: "augeo/linked-backend",
        fires: "admin Microsoft.Web/staticSites {}
            admin/api Microsoft.Web/staticSites/linkedBackends in admin {}",
        silent: "admin Microsoft.Web/staticSites {}",
    },
    Case {
        rule: "augeo/static-region",
        fires: "admin Microsoft.Web/staticSites { location = 'germanywestcentral' }",
        silent: "admin Microsoft.Web/staticSites { location = 'westeurope' }",
    },
    Case {
        rule: "augeo/static-domains",
        fires: "admin Microsoft.Web/staticSites { sku = { name = 'Free' } }
            admin/a Microsoft.Web/staticSites/customDomains in admin called a.augeo.app {}
            admin/b Microsoft.Web/staticSites/customDomains in admin called b.augeo.app {}
            admin/c Microsoft.Web/staticSites/customDomains in admin called c.augeo.app {}",
        silent: "admin Microsoft.Web/staticSites { sku = { name = 'Standard' } }
            admin/a Microsoft.Web/staticSites/customDomains in admin called a.augeo.app {}
            admin/b Microsoft.Web/staticSites/customDomains in admin called b.augeo.app {}
            admin/c Microsoft.Web/staticSites/customDomains in admin called c.augeo.app {}",
    },
    Case {
        rule: "augeo/plan-slots",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'B1', capacity = 1 } }
            app Microsoft.Web/sites { serverFarmId = '${plan.id}' }
            app/staging Microsoft.Web/sites/slots in app {}",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'S1', capacity = 1 } }
            app Microsoft.Web/sites { serverFarmId = '${plan.id}' }
            app/staging Microsoft.Web/sites/slots in app {}",
    },
    Case {
        rule: "augeo/plan-autoscale",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'B1' } }
            scale Microsoft.Insights/autoscaleSettings { targetResourceUri = '${plan.id}', profiles = [{ capacity = { minimum = '1', maximum = '2' } }] }",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'S1' } }
            scale Microsoft.Insights/autoscaleSettings { targetResourceUri = '${plan.id}', profiles = [{ capacity = { minimum = '1', maximum = '2' } }] }",
    },
    Case {
        rule: "augeo/plan-instances",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'S1', capacity = 11 } }",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'S1', capacity = 10 } }",
    },
    Case {
        rule: "augeo/plan-instances",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'S1' } }
            scale Microsoft.Insights/autoscaleSettings { targetResourceUri = '${plan.id}', profiles = [{ capacity = { minimum = '1', maximum = '11' } }] }",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'P0v3' } }
            scale Microsoft.Insights/autoscaleSettings { targetResourceUri = '${plan.id}', profiles = [{ capacity = { minimum = '1', maximum = '11' } }] }",
    },
    Case {
        rule: "augeo/autoscale-range",
        fires: "scale Microsoft.Insights/autoscaleSettings { profiles = [{ capacity = { minimum = '5', maximum = '2' } }] }",
        silent: "scale Microsoft.Insights/autoscaleSettings { profiles = [{ capacity = { minimum = '2', maximum = '5' } }] }",
    },
    Case {
        rule: "augeo/plan-always-on",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'F1' } }
            app Microsoft.Web/sites { serverFarmId = '${plan.id}' }
            app/config Microsoft.Web/sites/config in app called web { alwaysOn = true }",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'B1' } }
            app Microsoft.Web/sites { serverFarmId = '${plan.id}' }
            app/config Microsoft.Web/sites/config in app called web { alwaysOn = true }",
    },
    Case {
        rule: "augeo/plan-certificate",
        fires: "plan Microsoft.Web/serverfarms { sku = { name = 'F1' } }
            cert Microsoft.Web/certificates { serverFarmId = '${plan.id}' }",
        silent: "plan Microsoft.Web/serverfarms { sku = { name = 'B1' } }
            cert Microsoft.Web/certificates { serverFarmId = '${plan.id}' }",
    },
    Case {
        rule: "augeo/slot-identity",
        fires: "app Microsoft.Web/sites { identity = { type = 'SystemAssigned' } }
            app/staging Microsoft.Web/sites/slots in app {}",
        silent: "app Microsoft.Web/sites { identity = { type = 'SystemAssigned' } }
            app/staging Microsoft.Web/sites/slots in app { identity = { type = 'SystemAssigned' } }",
    },
];

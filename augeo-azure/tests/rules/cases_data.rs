//! Cases of rules for databases, Redis, storage and vaults.

use crate::support::Case;

pub(crate) static CASES: &[Case] = &[
    Case {
        rule: "augeo/database-standby",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { sku = { name = 'Standard_B1ms', tier = 'Burstable' }, highAvailability = { mode = 'ZoneRedundant' } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { sku = { name = 'Standard_D2s_v3', tier = 'GeneralPurpose' }, highAvailability = { mode = 'ZoneRedundant' } }",
    },
    Case {
        rule: "augeo/database-tier",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { sku = { name = 'Standard_D2s_v3', tier = 'Burstable' } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { sku = { name = 'Standard_E2s_v3', tier = 'MemoryOptimized' } }",
    },
    Case {
        rule: "augeo/database-backup-days",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { backup = { backupRetentionDays = 90 } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { backup = { backupRetentionDays = 35 } }",
    },
    Case {
        rule: "augeo/database-storage",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { storage = { storageSizeGB = 16 } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { storage = { storageSizeGB = 32 } }",
    },
    Case {
        rule: "augeo/database-tls",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/tls Microsoft.DBforPostgreSQL/flexibleServers/configurations in db called require_secure_transport { value = 'OFF' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/log Microsoft.DBforPostgreSQL/flexibleServers/configurations in db called log_checkpoints { value = 'OFF' }",
    },
    Case {
        rule: "augeo/database-tls",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/tls Microsoft.DBforPostgreSQL/flexibleServers/configurations in db called ssl_min_protocol_version { value = 'TLSv1.1' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/tls Microsoft.DBforPostgreSQL/flexibleServers/configurations in db called ssl_min_protocol_version { value = 'TLSv1.2' }",
    },
    Case {
        rule: "augeo/restart-needed",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/many Microsoft.DBforPostgreSQL/flexibleServers/configurations in db called max_connections { value = '100' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/log Microsoft.DBforPostgreSQL/flexibleServers/configurations in db called log_checkpoints { value = 'on' }",
    },
    Case {
        rule: "augeo/database-closed",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { network = { publicNetworkAccess = 'Enabled' } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { network = { publicNetworkAccess = 'Disabled' } }",
    },
    Case {
        rule: "augeo/database-open",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/azure Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '0.0.0.0', endIpAddress = '0.0.0.0' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/office Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '203.0.113.0', endIpAddress = '203.0.113.15' }",
    },
    Case {
        rule: "augeo/database-open",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/wide Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '20.0.0.0', endIpAddress = '20.0.255.255' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers {}
            db/narrow Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '20.0.0.0', endIpAddress = '20.0.255.254' }",
    },
    Case {
        rule: "augeo/database-network",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { network = { delegatedSubnetResourceId = '/subscriptions/1' } }
            db/office Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '203.0.113.0', endIpAddress = '203.0.113.15' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { network = { publicNetworkAccess = 'Enabled' } }
            db/office Microsoft.DBforPostgreSQL/flexibleServers/firewallRules in db { startIpAddress = '203.0.113.0', endIpAddress = '203.0.113.15' }",
    },
    Case {
        rule: "augeo/database-nobody",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { authConfig = { passwordAuth = 'Disabled', activeDirectoryAuth = 'Enabled' } }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { authConfig = { passwordAuth = 'Disabled', activeDirectoryAuth = 'Enabled' } }
            db/me Microsoft.DBforPostgreSQL/flexibleServers/administrators in db { principalName = 'me' }",
    },
    Case {
        rule: "augeo/database-role",
        fires: "who Microsoft.ManagedIdentity/userAssignedIdentities called the-app {}
            db Microsoft.DBforPostgreSQL/flexibleServers { authConfig = { passwordAuth = 'Disabled' } }
            app Microsoft.Web/sites { identity = { type = 'UserAssigned', userAssignedIdentities = ['${who.id}'] } }",
        silent: "who Microsoft.ManagedIdentity/userAssignedIdentities called the-app {}
            db Microsoft.DBforPostgreSQL/flexibleServers { authConfig = { passwordAuth = 'Enabled' } }
            app Microsoft.Web/sites { identity = { type = 'UserAssigned', userAssignedIdentities = ['${who.id}'] } }",
    },
    Case {
        rule: "augeo/database-version",
        fires: "db Microsoft.DBforPostgreSQL/flexibleServers { version = '14' }",
        silent: "db Microsoft.DBforPostgreSQL/flexibleServers { version = '17' }",
    },
    Case {
        rule: "augeo/redis-persistence",
        fires: "cache Microsoft.Cache/redis { sku = { name = 'Standard', family = 'C', capacity = 1 }, redisConfiguration = { aof-backup-enabled = 'true' } }",
        silent: "cache Microsoft.Cache/redis { sku = { name = 'Premium', family = 'P', capacity = 1 }, redisConfiguration = { aof-backup-enabled = 'true' } }",
    },
    Case {
        rule: "augeo/redis-both",
        fires: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { persistence = { aofEnabled = true, rdbEnabled = true } }",
        silent: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { persistence = { aofEnabled = true, rdbEnabled = false } }",
    },
    Case {
        rule: "augeo/redis-frequency",
        fires: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { persistence = { rdbEnabled = true, rdbFrequency = '4h' } }",
        silent: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { persistence = { rdbEnabled = true, rdbFrequency = '6h' } }",
    },
    Case {
        rule: "augeo/redis-clusters",
        fires: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { clusteringPolicy = 'OSSCluster' }",
        silent: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { clusteringPolicy = 'EnterpriseCluster' }",
    },
    Case {
        rule: "augeo/redis-unclustered",
        fires: "redis Microsoft.Cache/redisEnterprise { sku = { name = 'Balanced_B50' } }
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { clusteringPolicy = 'NoCluster' }",
        silent: "redis Microsoft.Cache/redisEnterprise { sku = { name = 'Balanced_B20' } }
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { clusteringPolicy = 'NoCluster' }",
    },
    Case {
        rule: "augeo/redis-patches",
        fires: "cache Microsoft.Cache/redis { sku = { name = 'Basic', family = 'C', capacity = 0 } }
            cache/patches Microsoft.Cache/redis/patchSchedules in cache {}",
        silent: "cache Microsoft.Cache/redis { sku = { name = 'Standard', family = 'C', capacity = 0 } }
            cache/patches Microsoft.Cache/redis/patchSchedules in cache {}",
    },
    Case {
        rule: "augeo/redis-entra",
        fires: "cache Microsoft.Cache/redis {}
            cache/me Microsoft.Cache/redis/accessPolicyAssignments in cache {}",
        silent: "cache Microsoft.Cache/redis { redisConfiguration = { aad-enabled = 'true' } }
            cache/me Microsoft.Cache/redis/accessPolicyAssignments in cache {}",
    },
    Case {
        rule: "augeo/redis-tls",
        fires: "cache Microsoft.Cache/redis { enableNonSslPort = true, minimumTlsVersion = '1.2' }",
        silent: "cache Microsoft.Cache/redis { enableNonSslPort = false, minimumTlsVersion = '1.2' }",
    },
    Case {
        rule: "augeo/redis-tls",
        fires: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { clientProtocol = 'Plaintext' }",
        silent: "redis Microsoft.Cache/redisEnterprise {}
            redis/database Microsoft.Cache/redisEnterprise/databases in redis { clientProtocol = 'Encrypted' }",
    },
    Case {
        rule: "augeo/redis-keys",
        fires: "cache Microsoft.Cache/redis { disableAccessKeyAuthentication = false }
            app Microsoft.Web/sites {}",
        silent: "cache Microsoft.Cache/redis { disableAccessKeyAuthentication = true }
            app Microsoft.Web/sites {}",
    },
    Case {
        rule: "augeo/redis-public",
        fires: "redis Microsoft.Cache/redisEnterprise { publicNetworkAccess = 'Enabled' }",
        silent: "redis Microsoft.Cache/redisEnterprise { publicNetworkAccess = 'Disabled' }",
    },
    Case {
        rule: "augeo/redis-public",
        fires: "cache Microsoft.Cache/redis {}",
        silent: "cache Microsoft.Cache/redis {}
            cache/office Microsoft.Cache/redis/firewallRules in cache { startIP = '203.0.113.0', endIP = '203.0.113.15' }",
    },
    Case {
        rule: "augeo/redis-retired",
        fires: "cache Microsoft.Cache/redis { sku = { name = 'Basic', family = 'C', capacity = 0 } }",
        silent: "redis Microsoft.Cache/redisEnterprise { sku = { name = 'Balanced_B0' } }",
    },
    Case {
        rule: "augeo/redis-enterprise-retired",
        fires: "redis Microsoft.Cache/redisEnterprise { sku = { name = 'Enterprise_E5' } }",
        silent: "redis Microsoft.Cache/redisEnterprise { sku = { name = 'Balanced_B5' } }",
    },
    Case {
        rule: "augeo/storage-tls",
        fires: "store Microsoft.Storage/storageAccounts { minimumTlsVersion = 'TLS1_1' }",
        silent: "store Microsoft.Storage/storageAccounts { minimumTlsVersion = 'TLS1_2' }",
    },
    Case {
        rule: "augeo/storage-https",
        fires: "store Microsoft.Storage/storageAccounts { supportsHttpsTrafficOnly = false }",
        silent: "store Microsoft.Storage/storageAccounts { supportsHttpsTrafficOnly = true }",
    },
    Case {
        rule: "augeo/storage-public",
        fires: "store Microsoft.Storage/storageAccounts { allowBlobPublicAccess = true }",
        silent: "store Microsoft.Storage/storageAccounts { allowBlobPublicAccess = false }",
    },
    Case {
        rule: "augeo/storage-public",
        fires: "store Microsoft.Storage/storageAccounts {}
            store/blobs Microsoft.Storage/storageAccounts/blobServices in store {}
            store/images Microsoft.Storage/storageAccounts/blobServices/containers in store/blobs { publicAccess = 'Blob' }",
        silent: "store Microsoft.Storage/storageAccounts {}
            store/blobs Microsoft.Storage/storageAccounts/blobServices in store {}
            store/images Microsoft.Storage/storageAccounts/blobServices/containers in store/blobs { publicAccess = 'None' }",
    },
    Case {
        rule: "augeo/storage-copies",
        fires: "store Microsoft.Storage/storageAccounts { allowCrossTenantReplication = true }",
        silent: "store Microsoft.Storage/storageAccounts { allowCrossTenantReplication = false }",
    },
    Case {
        rule: "augeo/storage-retention",
        fires: "store Microsoft.Storage/storageAccounts {}
            store/blobs Microsoft.Storage/storageAccounts/blobServices in store { deleteRetentionPolicy = { enabled = true, days = 400 } }",
        silent: "store Microsoft.Storage/storageAccounts {}
            store/blobs Microsoft.Storage/storageAccounts/blobServices in store { deleteRetentionPolicy = { enabled = true, days = 365 } }",
    },
    Case {
        rule: "augeo/storage-archive",
        fires: "store Microsoft.Storage/storageAccounts { sku = { name = 'Standard_GZRS' } }
            store/policy Microsoft.Storage/storageAccounts/managementPolicies in store { policy = { rules = [{ name = 'a', definition = { actions = { baseBlob = { tierToArchive = { daysAfterModificationGreaterThan = 90 } } } } }] } }",
        silent: "store Microsoft.Storage/storageAccounts { sku = { name = 'Standard_GRS' } }
            store/policy Microsoft.Storage/storageAccounts/managementPolicies in store { policy = { rules = [{ name = 'a', definition = { actions = { baseBlob = { tierToArchive = { daysAfterModificationGreaterThan = 90 } } } } }] } }",
    },
    Case {
        rule: "augeo/storage-archive-blobs",
        fires: "store Microsoft.Storage/storageAccounts {}
            store/policy Microsoft.Storage/storageAccounts/managementPolicies in store { policy = { rules = [{ name = 'a', definition = { filters = { blobTypes = ['blockBlob', 'appendBlob'] }, actions = { baseBlob = { tierToArchive = { daysAfterModificationGreaterThan = 90 } } } } }] } }",
        silent: "store Microsoft.Storage/storageAccounts {}
            store/policy Microsoft.Storage/storageAccounts/managementPolicies in store { policy = { rules = [{ name = 'a', definition = { filters = { blobTypes = ['appendBlob'] }, actions = { baseBlob = { delete = { daysAfterModificationGreaterThan = 90 } } } } }] } }",
    },
    Case {
        rule: "augeo/vault-retention",
        fires: "vault Microsoft.KeyVault/vaults { softDeleteRetentionInDays = 5 }",
        silent: "vault Microsoft.KeyVault/vaults { softDeleteRetentionInDays = 7 }",
    },
    Case {
        rule: "augeo/vault-false",
        fires: "vault Microsoft.KeyVault/vaults { enablePurgeProtection = false }",
        silent: "vault Microsoft.KeyVault/vaults { enablePurgeProtection = true }",
    },
    Case {
        rule: "augeo/vault-policies",
        fires: "vault Microsoft.KeyVault/vaults { enableRbacAuthorization = false }",
        silent: "vault Microsoft.KeyVault/vaults { enableRbacAuthorization = true }",
    },
    Case {
        rule: "augeo/vault-purge",
        fires: "production
            vault Microsoft.KeyVault/vaults { enableRbacAuthorization = true }",
        silent: "vault Microsoft.KeyVault/vaults { enableRbacAuthorization = true }",
    },
    Case {
        rule: "augeo/vault-version",
        fires: "vault Microsoft.KeyVault/vaults at 2024-11-01 {}",
        silent: "vault Microsoft.KeyVault/vaults at 2026-02-01 {}",
    },
];

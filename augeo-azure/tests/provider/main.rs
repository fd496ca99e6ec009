//! The generic provider against the emulator: every type, and everything that can go wrong.

#![expect(clippy::unwrap_used, reason = "a test's own code may panic")]

mod authorization;
mod data;
mod failure;
mod lifecycle;
mod names;
mod ownership;
mod requests;
mod secrets;
mod web;

use std::sync::{Arc, Mutex};

use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::cloud::Cloud;
use augeo_azure::credential::Credential;
use augeo_azure::resources::*;
use augeo_azure::schema::ArmType;
use augeo_azure::throttle::ThrottleOptions;
use augeo_azure::trace::{TraceRecord, TraceSink};
use augeo_azure::{Azure, AzureOptions};
use augeo_core::PlanOptions;
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::engine::{Engine, PlanError};
use augeo_core::plan::{Action, Plan};
use augeo_core::report::Report;
use augeo_core::stack::{Added, Stack};
use augeo_core::value::SecretRef;
use augeo_testkit::emulator::{
    ArmRequest, ArmResponse, Durations, Emulator, EmulatorTransport, Method, SUBSCRIPTION_ID,
    WorldOptions,
};
use azure_core::http::Transport;
use serde_json::{Value as Json, json};

/// Everything that was sent.
#[derive(Debug, Default)]
struct Sent(Mutex<Vec<TraceRecord>>);

impl TraceSink for Sent {
    fn on_request(&self, record: &TraceRecord) {
        self.0.lock().unwrap().push(record.clone());
    }
}

impl Sent {
    fn take(&self) -> Vec<String> {
        let records = std::mem::take(&mut *self.0.lock().unwrap());
        records
            .iter()
            .map(|record| format!("{} {}", record.method, record.path))
            .collect()
    }

    fn text(&self) -> String {
        format!("{:?}", self.0.lock().unwrap())
    }
}

/// An emulator and an engine that works on it.
struct Bench {
    emulator: Emulator,
    engine: Engine,
    sent: Arc<Sent>,
}

impl Bench {
    fn new() -> Self {
        Self::limited([])
    }

    /// In a world with these quotas.
    fn limited<const N: usize>(quotas: [(&str, u64); N]) -> Self {
        let options = WorldOptions {
            durations: Durations::azure(),
            throttling: false,
            known_domains: vec![names::KNOWN.to_owned()],
            quotas: quotas.map(|(name, limit)| (name.to_owned(), limit)).into(),
            ..WorldOptions::default()
        };
        Self::over(Emulator::with_options(options))
    }

    fn over(emulator: Emulator) -> Self {
        let transport = emulator.transport();
        Self::by(emulator, transport)
    }

    /// A new process on the same world.
    fn again(&self) -> Self {
        Self::over(self.emulator.clone())
    }

    fn by(emulator: Emulator, transport: EmulatorTransport) -> Self {
        Self::knowing(CATALOGUE, emulator, transport)
    }

    fn knowing(
        catalogue: &'static [&'static ArmType],
        emulator: Emulator,
        transport: EmulatorTransport,
    ) -> Self {
        let clock = Arc::new(TokioClock::starting_at(emulator.now().get()));
        let subscription = SubscriptionId::parse(SUBSCRIPTION_ID).unwrap();
        let credential = Credential::emulator(shared(&clock));
        let mut options = ArmClientOptions::new(
            Cloud::emulator_in_process(),
            subscription,
            credential,
            shared(&clock),
        );
        let sent = Arc::new(Sent::default());
        options.transport = Some(Transport::new(Arc::new(transport)));
        options.throttle = ThrottleOptions::off();
        options.trace = Some(Arc::<Sent>::clone(&sent));
        let mut options = AzureOptions::new(ArmClient::new(options).unwrap());
        options.catalogue = catalogue;
        let azure = Azure::new(options);
        Self {
            emulator,
            engine: Engine::new(azure).with_clock(clock),
            sent,
        }
    }

    async fn plan(&self, stack: &Stack) -> Plan {
        self.plan_with(stack, &PlanOptions::default()).await
    }

    async fn plan_with(&self, stack: &Stack, options: &PlanOptions) -> Plan {
        match self.engine.plan_with(stack, options).await {
            Ok(plan) => plan,
            Err(PlanError::Mistakes(findings)) => panic!("{findings:#?}"),
            Err(PlanError::Provider(error)) => panic!("{error:#?}"),
        }
    }

    /// Plans, executes, and asserts that nothing is left to do.
    async fn apply(&self, stack: &Stack) -> Report {
        let plan = self.plan(stack).await;
        plan.ensure_executable()
            .unwrap_or_else(|blocked| panic!("{:#?}", blocked.findings));
        let report = self.engine.execute(&plan).await;
        report
            .ok()
            .unwrap_or_else(|_| panic!("{:#?}", report.outcomes));
        let again = self.again().plan(stack).await;
        assert!(
            again.is_empty(),
            "a second plan has changes:\n{}",
            told(&again)
        );
        report
    }

    /// A request of somebody else's.
    fn request(
        &self,
        method: Method,
        path: &str,
        version: &str,
        body: Option<Json>,
    ) -> ArmResponse {
        let request = ArmRequest::new(method, format!("{path}?api-version={version}"));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let token = self.emulator.credential().token();
        self.emulator.handle(&request.bearer(&token)).unwrap()
    }

    fn get(&self, path: &str, version: &str) -> Option<Json> {
        let response = self.request(Method::Get, path, version, None);
        (response.status == 200).then(|| serde_json::from_slice(&response.body).unwrap())
    }
}

fn shared(clock: &Arc<TokioClock>) -> Arc<dyn Clock> {
    Arc::<TokioClock>::clone(clock)
}

/// A plan as a test tells it when it fails.
fn told(plan: &Plan) -> String {
    let lines = plan.pending().map(|change| {
        let differences: Vec<_> = change
            .differences
            .iter()
            .map(|difference| {
                format!(
                    "    {}: {:?} -> {:?}",
                    difference.path, difference.before, difference.after
                )
            })
            .collect();
        format!(
            "  {} {} {:?}\n{}",
            change.action,
            change.name,
            change.reasons,
            differences.join("\n")
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn actions(plan: &Plan) -> Vec<(String, Action)> {
    plan.pending()
        .map(|change| (change.name.to_string(), change.action))
        .collect()
}

const GROUP_VERSION: &str = "2025-04-01";

fn group_path() -> String {
    format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/augeo-dev-rg")
}

fn group(stack: &mut Stack) -> Added<ResourceGroup> {
    let mut group = ResourceGroup::at("westeurope");
    group.physical_name = Some("augeo-dev-rg".to_owned());
    stack.add("group", group)
}

/// A stack with at least one resource of every type of the catalogue.
struct Everything {
    stack: Stack,
}

impl Everything {
    fn new(edit: impl FnOnce(&mut Edits)) -> Self {
        let mut edits = Edits {
            retention: 30,
            backups: 7,
            setting: "1".to_owned(),
            owner: "team".to_owned(),
        };
        edit(&mut edits);
        let tags: std::collections::BTreeMap<_, _> = [("Owner".to_owned(), edits.owner)].into();
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let mut identity = UserAssignedIdentity::within(&group);
        identity.tags.clone_from(&tags);
        let identity = stack.add("identity", identity);
        let mut workspace = Workspace::within(&group);
        workspace.retention_in_days = edits.retention;
        let workspace = stack.add("logs", workspace);
        stack.add("insights", Component::within(&group, &workspace));
        let mut account = StorageAccount::within(&group);
        account.tags.clone_from(&tags);
        let account = stack.add("storage", account);
        stack.add("storage/blobs", BlobService::within(&account));
        stack.add("storage/backups", Container::within(&account));
        let ageing =
            LifecycleRule::for_block_blobs("archive", ["backups/".to_owned()]).archive_after(90);
        stack.add(
            "storage/policy",
            ManagementPolicy::within(&account, vec![ageing]),
        );
        let vault = stack.add(
            "vault",
            Vault::within(&group, identity.output(UserAssignedIdentity::TENANT_ID)),
        );
        let secret = stack.add(
            "vault/postgres-password",
            VaultSecret::generated(&vault, 40),
        );
        let kept = SecretRef::KeptBy(secret.name().clone());
        let mut server = PostgresServer::within(&group, "augeo", kept);
        server.backup.backup_retention_days = edits.backups;
        server.auth_config.active_directory_auth = Switch::Enabled;
        server.auth_config.tenant_id = Some(data::TENANT.into());
        let server = stack.add("postgres", server);
        stack.add("postgres/app", PostgresDatabase::within(&server));
        stack.add(
            "postgres/office",
            FirewallRule::within(&server, "10.1.2.3", "10.1.2.3"),
        );
        data::add_everything(&mut stack, &group, &server);
        let role = RoleAssignment::on(
            &vault,
            Role::KEY_VAULT_SECRETS_USER,
            identity.output(UserAssignedIdentity::PRINCIPAL_ID),
        );
        let role = stack.add("identity/reads-vault", role);
        authorization::add_everything(&mut stack, &group, &identity, &vault);
        let plan = stack.add("plan", AppServicePlan::within(&group, "S1"));
        let mut app = WebApp::within(&group, &plan, "DOCKER|nginx:1");
        app.identity = Some(ManagedIdentity::user_assigned(identity.id()));
        app.key_vault_reference_identity = Some(identity.id().into());
        let like = app.clone();
        let app = stack.add("api", app);
        web::add_everything(&mut stack, &group, &plan, &app, like);
        let mut settings = AppSettings::within(&app);
        settings.setting("POOL", edits.setting);
        settings.setting("DB_HOST", server.output(PostgresServer::FQDN));
        settings.setting("DB_PASSWORD", VaultSecret::reference(&secret));
        let settings = stack.add("api/settings", settings);
        stack.describe(&settings).after(&role);
        stack.add("api/web", WebConfig::within(&app));
        names::add_everything(&mut stack, &group);
        Self { stack }
    }
}

struct Edits {
    retention: u16,
    backups: u8,
    setting: String,
    owner: String,
}

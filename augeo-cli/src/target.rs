//! Where a command acts: the target is chosen, named on stderr, and planned against.

use std::path::Path;
use std::sync::Arc;

use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions, default_transport};
use augeo_azure::cloud::Cloud;
use augeo_azure::credential::{Credential, CredentialOptions};
use augeo_azure::error::ArmError;
use augeo_azure::platform;
use augeo_azure::{Azure, AzureOptions};
use augeo_core::clock::{Clock, SystemClock};
use augeo_core::engine::{Engine, PlanError, VerifyError};
use augeo_core::plan::Plan;
use augeo_core::provider::{Provider, ProviderError};
use augeo_core::render::Heading;
use augeo_core::{PlanOptions, Stack};
use augeo_testkit::emulator::SUBSCRIPTION_ID;
use augeo_testkit::rehearsal::Recorder;
use azure_core::http::Transport;

use crate::args::TargetKind;
use crate::cancel::unless_cancelled;
use crate::durations::Durations;
use crate::error::CliError;
use crate::progress::PlanningView;
use crate::project::Project;
use crate::session::Session;
use crate::trace_file::TraceFile;
use crate::world;

/// What a command acts on.
#[derive(Debug)]
pub(crate) struct Target {
    engine: Engine,
    durations: Durations,
    subscription: String,
    words: Vec<String>,
}

impl Target {
    /// Chooses the target, signs in, and says on stderr where it acts and as whom; before anything
    /// else, and also where nobody is signed in.
    ///
    /// # Errors
    /// When no target or subscription is chosen, or nobody is signed in.
    pub(crate) async fn open(
        session: &Session,
        project: &Project,
        environment: &str,
    ) -> Result<Self, CliError> {
        let nothing = |options| Ok((options, ()));
        let opened = Self::open_with(session, project, environment, nothing).await?;
        Ok(opened.0)
    }

    /// The same, with a recorder of everything that is told of resources.
    ///
    /// # Errors
    /// When no target or subscription is chosen, or nobody is signed in.
    pub(crate) async fn open_recorded(
        session: &Session,
        project: &Project,
        environment: &str,
    ) -> Result<(Self, Recorder), CliError> {
        Self::open_with(session, project, environment, record).await
    }

    async fn open_with<T>(
        session: &Session,
        project: &Project,
        environment: &str,
        prepare: impl FnOnce(ArmClientOptions) -> Result<(ArmClientOptions, T), CliError>,
    ) -> Result<(Self, T), CliError> {
        let place = Place::choose(session, project, environment)?;
        let words = place.words(session);
        let line = format!("Target: {}", words.join(" | "));
        let kind = place.kind;
        let subscription = place.subscription.to_string();
        let connected = async {
            let options = place.options(session, project, environment)?;
            let (options, prepared) = prepare(options)?;
            let client = ArmClient::new(options).map_err(ProviderError::from)?;
            let identity = unless_cancelled(client.identity()).await?;
            Ok((client, prepared, identity.map_err(ProviderError::from)?))
        };
        // Whatever keeps it from being reached, where the command would have acted comes first.
        let (client, prepared) = match connected.await {
            Ok((client, prepared, identity)) => {
                session.output.note(&format!("{line} | as {identity}"));
                (client, prepared)
            }
            Err(error) => {
                session.output.note(&line);
                return Err(error);
            }
        };
        let durations = match kind {
            TargetKind::Emulator => Durations::emulator(session.global.time_scale),
            TargetKind::Azure => Durations::azure(project.folder(), &session.output)?,
        };
        let observer = Arc::new(PlanningView::new(&session.output));
        let target = Self {
            engine: Engine::new(Azure::new(AzureOptions::new(client))).with_observer(observer),
            durations,
            words,
            subscription,
        };
        Ok((target, prepared))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The subscription.
    pub(crate) fn subscription(&self) -> &str {
        &self.subscription
    }

    /// What the target is, most important first.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// How long things take here.
    pub(crate) fn durations(&self) -> &Durations {
        &self.durations
    }

    pub(crate) fn provider(&self) -> &dyn Provider {
        &**self.engine.provider()
    }

    /// Plans; Ctrl-C ends it at once, because nothing is changed.
    ///
    /// # Errors
    /// When the stack has mistakes, or the target cannot be asked.
    pub(crate) async fn plan(
        &self,
        stack: &Stack,
        options: &PlanOptions,
    ) -> Result<Plan, CliError> {
        unless_cancelled(self.engine.plan_with(stack, options))
            .await?
            .map_err(|error| match error {
                PlanError::Mistakes(findings) => CliError::Stack(findings),
                PlanError::Provider(error) => CliError::from(error),
            })
    }

    /// Makes sure that a saved plan still fits.
    ///
    /// # Errors
    /// When something moved since it was made, or the target cannot be asked.
    pub(crate) async fn verify(&self, path: &Path, plan: &Plan) -> Result<(), CliError> {
        unless_cancelled(self.engine.verify(plan))
            .await?
            .map_err(|error| match error {
                VerifyError::Moved { resources } => CliError::Moved {
                    path: path.to_path_buf(),
                    resources,
                },
                VerifyError::Provider(error) => CliError::from(error),
            })
    }

    /// What renderings say of the target and the configuration.
    pub(crate) fn heading(&self, project: &Project) -> Heading {
        Heading {
            target: self.words.clone(),
            config: Some(project.name()),
            ..Heading::default()
        }
    }
}

/// Puts a recorder between the client and what answers it.
fn record(mut options: ArmClientOptions) -> Result<(ArmClientOptions, Recorder), CliError> {
    let inner = match options.transport.take() {
        Some(transport) => transport,
        None => default_transport().map_err(ProviderError::from)?,
    };
    let recorder = Recorder::new(inner);
    options.transport = Some(Transport::new(Arc::new(recorder.clone())));
    Ok((options, recorder))
}

/// Where a command acts: known before anything is opened or anybody signs in.
struct Place {
    kind: TargetKind,
    cloud: Cloud,
    subscription: SubscriptionId,
}

impl Place {
    fn choose(session: &Session, project: &Project, environment: &str) -> Result<Self, CliError> {
        let kind = choose(session, project, environment)?;
        let otherwise = match kind {
            TargetKind::Emulator => Some(SUBSCRIPTION_ID),
            TargetKind::Azure => None,
        };
        let subscription = subscription(session, project, environment, otherwise)?;
        let cloud = match (kind, &session.global.endpoint) {
            (TargetKind::Azure, _) => {
                let configured = project.config().cloud(environment);
                Cloud::named(&configured.map_err(CliError::Config)?)?
            }
            (TargetKind::Emulator, Some(endpoint)) => Cloud::emulator_at(endpoint)?,
            (TargetKind::Emulator, None) => Cloud::emulator_in_process(),
        };
        Ok(Self {
            kind,
            cloud,
            subscription,
        })
    }

    /// What it is, most important first.
    fn words(&self, session: &Session) -> Vec<String> {
        let target = match (self.kind, &session.global.endpoint) {
            (TargetKind::Azure, _) => format!("azure ({})", self.cloud.name()),
            (TargetKind::Emulator, Some(endpoint)) => format!("emulator at {endpoint}"),
            (TargetKind::Emulator, None) => "emulator".to_owned(),
        };
        vec![target, format!("subscription {}", self.subscription)]
    }

    /// How it is reached.
    fn options(
        self,
        session: &Session,
        project: &Project,
        environment: &str,
    ) -> Result<ArmClientOptions, CliError> {
        let options = match self.kind {
            TargetKind::Emulator => self.emulator(session, project)?,
            TargetKind::Azure => self.azure(session, project, environment)?,
        };
        finish(options, session)
    }

    fn emulator(self, session: &Session, project: &Project) -> Result<ArmClientOptions, CliError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let credential = Credential::emulator(Arc::clone(&clock));
        let served = session.global.endpoint.is_some();
        let transport = if served {
            None
        } else {
            let scale = session.global.time_scale;
            let emulator = world::open(project.folder(), scale, self.subscription.as_str())?;
            Some(Transport::new(Arc::new(emulator.transport())))
        };
        let mut options = ArmClientOptions::new(self.cloud, self.subscription, credential, clock);
        options.transport = transport;
        options.limits.poll.delay = world::poll_delay(session.global.time_scale);
        if served {
            // Nothing on this machine comes back by waiting half a minute.
            options.limits.transient.failures_max = 2;
        }
        Ok(options)
    }

    fn azure(
        self,
        session: &Session,
        project: &Project,
        environment: &str,
    ) -> Result<ArmClientOptions, CliError> {
        let transport = default_transport().map_err(ProviderError::from)?;
        let credential = Credential::choose(&CredentialOptions {
            kind: project
                .config()
                .credential(environment)
                .map_err(CliError::Config)?,
            variables: session.variables.all(),
            cloud: &self.cloud,
            transport: transport.clone(),
        });
        let credential = credential.map_err(|error| ProviderError::from(ArmError::from(error)))?;
        let clock = Arc::new(SystemClock);
        let mut options = ArmClientOptions::new(self.cloud, self.subscription, credential, clock);
        options.transport = Some(transport);
        Ok(options)
    }
}

/// The option, else the configuration. No variable chooses: the difference is money and data.
fn choose(session: &Session, project: &Project, environment: &str) -> Result<TargetKind, CliError> {
    let configured = project
        .config()
        .target(environment)
        .map_err(CliError::Config)?;
    let configured = configured.map(|target| match target {
        platform::Target::Emulator => TargetKind::Emulator,
        platform::Target::Azure => TargetKind::Azure,
    });
    let kind = session.global.target.or(configured);
    let kind = kind.ok_or_else(|| CliError::NoTarget {
        environment: environment.to_owned(),
    })?;
    if kind == TargetKind::Azure && session.global.endpoint.is_some() {
        return Err(CliError::EndpointOfAzure);
    }
    Ok(kind)
}

/// The option, else the variable, else the configuration.
fn subscription(
    session: &Session,
    project: &Project,
    environment: &str,
    otherwise: Option<&str>,
) -> Result<SubscriptionId, CliError> {
    let configured = project
        .config()
        .subscription(environment)
        .map_err(CliError::Config)?;
    let chosen = session
        .chosen_subscription()
        .or(configured)
        .or_else(|| otherwise.map(str::to_owned))
        .ok_or_else(|| CliError::NoSubscription {
            environment: environment.to_owned(),
        })?;
    SubscriptionId::parse(&chosen).map_err(|_| CliError::NotASubscription { given: chosen })
}

fn finish(mut options: ArmClientOptions, session: &Session) -> Result<ArmClientOptions, CliError> {
    let random = || CliError::Runtime {
        source: std::io::Error::other("the system gives no random numbers"),
    };
    // Ids of requests must not repeat from one run to the next.
    options.seed = getrandom::u64().map_err(|_| random())?;
    if let Some(path) = &session.global.trace {
        options.trace = Some(Arc::new(TraceFile::create(path, &session.output)?));
    }
    Ok(options)
}

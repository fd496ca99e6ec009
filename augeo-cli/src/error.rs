//! Everything that can keep a command from doing what was asked: message, code, help, exit code.

mod help;

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use augeo_azure::cloud::CloudError;
use augeo_azure::platform::ConfigErrors;
use augeo_core::finding::Finding;
use augeo_core::name::ResourceName;
use augeo_core::plan::Blocked;
use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::render::{ErrorPlace, Sources, Style, error_text, finding_text, findings_text};
use augeo_testkit::emulator::{ListenError, WorldError};
use serde_json::{Value as Json, json};

/// How the program ends. The numbers are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is done.
    Done,
    /// It failed, or a finding of severity error stops it.
    Failed,
    /// It was asked for wrongly, or there was nobody to ask.
    Usage,
    /// There is something to change.
    Pending,
    /// How a change ended is not known.
    Unknown,
    /// The user ended it.
    Cancelled,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Pending => 3,
            Self::Unknown => 4,
            Self::Cancelled => 130,
        }
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("there is no configuration at {}", path.display())]
    NoConfig { path: PathBuf },
    #[error("the configuration is wrong")]
    Config(ConfigErrors),
    #[error("the stack is wrong")]
    Stack(Vec<Finding>),
    #[error("there is no environment `{name}` in {config}")]
    UnknownEnvironment {
        name: String,
        config: String,
        meant: Option<String>,
        known: Vec<String>,
    },
    #[error("{flag}: no resource of {environment} is called `{name}`")]
    UnknownName {
        flag: &'static str,
        name: String,
        environment: String,
        meant: Option<String>,
    },
    #[error("nothing says where {environment} is: it has no target")]
    NoTarget { environment: String },
    #[error("--endpoint is the address of an emulator, and the target is Azure")]
    EndpointOfAzure,
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error("no subscription is chosen for {environment}")]
    NoSubscription { environment: String },
    #[error("`{given}` is not a subscription id")]
    NotASubscription { given: String },
    #[error("there is no terminal to ask: {question}")]
    NoTerminal { question: String, flag: String },
    #[error("--yes does not confirm a destroy")]
    YesDoesNotConfirm { environment: String },
    #[error("--confirm names {given}, and the environment to destroy is {environment}")]
    ConfirmDiffers { given: String, environment: String },
    #[error("nothing was changed")]
    Declined,
    #[error("cancelled; nothing was changed")]
    Cancelled,
    #[error(transparent)]
    Blocked(#[from] Blocked),
    #[error("{blocked}")]
    Protected { blocked: Blocked, text: String },
    #[error(transparent)]
    Provider(Box<ProviderError>),
    #[error("the plan in {} does not fit the world any more", path.display())]
    Moved {
        path: PathBuf,
        resources: Vec<(ResourceName, String)>,
    },
    #[error("the plan in {} is for {found}, not for {asked}", path.display())]
    OtherPlan {
        path: PathBuf,
        found: String,
        asked: String,
    },
    #[error("{} is not a plan that this version can execute: {reason}", path.display())]
    NotAPlan { path: PathBuf, reason: String },
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("{} exists already", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} cannot be written", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{flag} {} names {what}", path.display())]
    NotADestination {
        flag: &'static str,
        path: PathBuf,
        what: &'static str,
    },
    #[error("the answer cannot be read")]
    Input { source: io::Error },
    #[error("signals cannot be heard")]
    Signals { source: io::Error },
    #[error("the runtime cannot start")]
    Runtime { source: io::Error },
    #[error("there is no code `{code}`")]
    UnknownCode { code: String, meant: Option<String> },
}

impl From<ProviderError> for CliError {
    fn from(error: ProviderError) -> Self {
        Self::Provider(Box::new(error))
    }
}

impl CliError {
    /// How the program ends because of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoConfig { .. }
            | Self::UnknownEnvironment { .. }
            | Self::UnknownName { .. }
            | Self::NoTarget { .. }
            | Self::EndpointOfAzure
            | Self::Cloud(_)
            | Self::NoSubscription { .. }
            | Self::NotASubscription { .. }
            | Self::NoTerminal { .. }
            | Self::YesDoesNotConfirm { .. }
            | Self::ConfirmDiffers { .. }
            | Self::OtherPlan { .. }
            | Self::NotADestination { .. }
            | Self::UnknownCode { .. } => Exit::Usage,
            Self::Declined | Self::Cancelled => Exit::Cancelled,
            Self::Provider(error) => match error.kind {
                ErrorKind::OutcomeUnknown => Exit::Unknown,
                ErrorKind::Stopped => Exit::Cancelled,
                ErrorKind::NotFound
                | ErrorKind::Conflict
                | ErrorKind::Moved
                | ErrorKind::NotOurs
                | ErrorKind::Throttled { .. }
                | ErrorKind::Denied
                | ErrorKind::Unauthenticated
                | ErrorKind::Invalid { .. }
                | ErrorKind::OperationFailed
                | ErrorKind::Transient => Exit::Failed,
            },
            Self::Config(_)
            | Self::Stack(_)
            | Self::Blocked(_)
            | Self::Protected { .. }
            | Self::Moved { .. }
            | Self::NotAPlan { .. }
            | Self::World(_)
            | Self::Listen(_)
            | Self::Exists { .. }
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::Input { .. }
            | Self::Signals { .. }
            | Self::Runtime { .. } => Exit::Failed,
        }
    }

    /// The stable code, which `augeo explain` explains.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::NoConfig { .. } => "augeo/no-config",
            Self::Config(_) => "augeo/invalid-config",
            Self::Stack(_) => "augeo/invalid-stack",
            Self::UnknownEnvironment { .. } => "augeo/unknown-environment",
            Self::UnknownName { .. } => "augeo/unknown-resource",
            Self::NoTarget { .. } => "augeo/no-target",
            Self::EndpointOfAzure
            | Self::Cloud(CloudError::NotAnEndpoint { .. } | CloudError::NotLoopback { .. }) => {
                "augeo/invalid-endpoint"
            }
            Self::Cloud(_) => "augeo/unknown-cloud",
            Self::NoSubscription { .. } => "augeo/no-subscription",
            Self::NotASubscription { .. } => "augeo/invalid-subscription",
            Self::NoTerminal { .. } => "augeo/no-terminal",
            Self::YesDoesNotConfirm { .. } | Self::ConfirmDiffers { .. } => "augeo/not-confirmed",
            Self::Declined => "augeo/declined",
            Self::Cancelled => "augeo/cancelled",
            Self::Blocked(_) => "augeo/blocked",
            Self::Protected { .. } => "augeo/protected",
            Self::Provider(error) => &error.code,
            Self::Moved { .. } => "augeo/plan-moved",
            Self::OtherPlan { .. } => "augeo/other-plan",
            Self::NotAPlan { .. } => "augeo/not-a-plan",
            Self::World(_) => "augeo/world-unusable",
            Self::Listen(ListenError::PortInUse { .. }) => "augeo/port-in-use",
            Self::Listen(_) => "augeo/listen",
            Self::Exists { .. } => "augeo/exists",
            Self::Read { .. } => "augeo/unreadable-file",
            Self::Write { .. } => "augeo/unwritable-file",
            Self::NotADestination { .. } => "augeo/not-a-destination",
            Self::Input { .. } => "augeo/no-input",
            Self::Signals { .. } => "augeo/no-signals",
            Self::Runtime { .. } => "augeo/no-runtime",
            Self::UnknownCode { .. } => "augeo/unknown-code",
        }
    }

    /// What to do next, each a command or an edit; at most two.
    pub(crate) fn help(&self) -> Vec<String> {
        match self {
            Self::NoConfig { .. } => {
                vec!["augeo init writes one; -c PATH names another".to_owned()]
            }
            Self::UnknownEnvironment { meant, known, .. } => vec![match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => "declare it: add a table [environment.NAME]".to_owned(),
                None => format!("it has {}", known.join(", ")),
            }],
            Self::UnknownName {
                meant, environment, ..
            } => vec![match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("augeo graph {environment} lists the names"),
            }],
            Self::NoTarget { environment } => vec![
                "pass --target emulator or --target azure".to_owned(),
                format!("or add `target = \"emulator\"` to [environment.{environment}]"),
            ],
            Self::EndpointOfAzure => {
                vec!["pass --target emulator, or leave --endpoint out".to_owned()]
            }
            Self::NoSubscription { environment } => vec![
                "pass --subscription ID, or set AZURE_SUBSCRIPTION_ID".to_owned(),
                format!("or add `subscription = \"ID\"` to [environment.{environment}]"),
            ],
            Self::NotASubscription { .. } => {
                vec!["az account list --output table shows the ids".to_owned()]
            }
            Self::NoTerminal { flag, .. } => vec![format!("pass {flag}")],
            Self::YesDoesNotConfirm { environment } | Self::ConfirmDiffers { environment, .. } => {
                vec![format!("pass --confirm {environment}")]
            }
            Self::Moved { .. } => vec!["plan again, and review what is different".to_owned()],
            Self::OtherPlan { found, .. } => vec![format!("plan again, or execute it for {found}")],
            Self::NotAPlan { .. } => vec!["write one with augeo plan ENV --out FILE".to_owned()],
            Self::Cloud(error) => vec![help::of_cloud(error).to_owned()],
            Self::World(error) => vec![help::of_world(error)],
            Self::Listen(error) => help::of_listening(error),
            Self::Read { path, .. } => {
                vec![format!("check that you may read {}", path.display())]
            }
            Self::Write { path, .. } => vec![format!(
                "check that you may write to {} and that the disk has room",
                path.display()
            )],
            Self::Input { .. } => vec!["pass --yes, or --confirm ENV for a destroy".to_owned()],
            Self::Signals { .. } => vec![
                "run it where programs may handle signals: what cannot be stopped is not begun"
                    .to_owned(),
            ],
            Self::Runtime { .. } => {
                vec!["end programs that hold many threads or files, and run it again".to_owned()]
            }
            Self::Exists { .. } => vec!["delete it first, or name another with -c PATH".to_owned()],
            Self::NotADestination { .. } => {
                vec!["name another file: what is in it is written over".to_owned()]
            }
            Self::UnknownCode { meant, .. } => vec![match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "augeo explain lists the codes".to_owned(),
            }],
            Self::Blocked(blocked) => {
                let explain = |finding: &Finding| {
                    format!("augeo explain {} says what can be done", finding.rule)
                };
                blocked.findings.first().map(explain).into_iter().collect()
            }
            Self::Provider(error) => error.help.clone(),
            // Findings bring a fix of their own, and who declines knows what he wants.
            Self::Config(_)
            | Self::Stack(_)
            | Self::Declined
            | Self::Cancelled
            | Self::Protected { .. } => Vec::new(),
        }
    }

    /// What it is about, line by line.
    fn details(&self) -> Vec<String> {
        if let Self::Moved { resources, .. } = self {
            let line = |(resource, what): &(ResourceName, String)| format!("  {resource}: {what}");
            return resources.iter().map(line).collect();
        }
        let cause = self.source().map(|source| format!("  because {source}"));
        cause.into_iter().collect()
    }

    /// The findings that it consists of, if it does.
    fn findings(&self) -> Option<Vec<Finding>> {
        if let Self::Config(errors) = self {
            Some(errors.to_findings())
        } else if let Self::Stack(findings)
        | Self::Blocked(Blocked { findings, .. })
        | Self::Protected {
            blocked: Blocked { findings, .. },
            ..
        } = self
        {
            Some(findings.clone())
        } else {
            None
        }
    }

    /// For people: the message, what it is about, help.
    pub(crate) fn to_text(&self, sources: Sources<'_>, style: &Style) -> String {
        if let Self::Declined | Self::Cancelled = self {
            return format!("{self}\n");
        }
        if let Self::Protected { text, .. } = self {
            return text.clone();
        }
        // What stops a plan is listed by the plan that is printed before.
        let listed = matches!(self, Self::Blocked(_));
        if let Some(findings) = self.findings().filter(|_| !listed) {
            return findings_text(&findings, sources, style);
        }
        if let Self::Provider(error) = self {
            return error_text(error, &ErrorPlace::default(), sources, style);
        }
        let head = Finding::error(self.code(), self.to_string());
        let mut lines = vec![finding_text(&head, sources, style).trim_end().to_owned()];
        lines.extend(self.details());
        let help = self.help();
        if !help.is_empty() {
            lines.push(String::new());
        }
        lines.extend(help.iter().map(|help| format!("help: {help}")));
        lines.join("\n") + "\n"
    }

    /// For programs: one event.
    pub(crate) fn to_json(&self) -> Json {
        let findings = self.findings().unwrap_or_default();
        let mut event = json!({
            "type": "error",
            "code": self.code(),
            "message": self.to_string(),
            "help": self.help(),
        });
        if !findings.is_empty() {
            event["findings"] = json!(findings);
        }
        if let Self::Provider(error) = self {
            event["provider"] = json!(error);
        }
        if let Self::Moved { resources, .. } = self {
            event["resources"] = resources
                .iter()
                .map(|(resource, what)| json!({"resource": resource, "what": what}))
                .collect();
        }
        event
    }
}

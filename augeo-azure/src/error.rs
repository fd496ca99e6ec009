//! How ARM refuses: its error bodies read tolerantly, and each refusal turned into what a caller
//! can do.

mod facts;
mod refusal;

use std::fmt::Write as _;
use std::time::Duration;

use augeo_core::provider::{ErrorKind, ProviderError, RequestIds};

use crate::cloud::CloudError;
use crate::credential::CredentialError;

pub use facts::{ERROR_FACTS, ErrorFact, RetryClass, error_fact};
pub use refusal::Refusal;

/// Why a call to ARM did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArmError {
    /// ARM answered, and refused. Nothing was begun.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// ARM accepted the request, and the operation failed.
    #[error("{0}")]
    OperationFailed(Box<Refusal>),
    /// The request was sent, and how it ended was not seen: look before sending it again.
    #[error("the outcome of {request} is unknown: {reason}")]
    Ambiguous {
        /// What was sent, such as `PUT /subscriptions/…`.
        request: String,
        /// What was seen instead of an end.
        reason: String,
        /// Whether the service answered earlier attempts of the same exchange, if only to ask for
        /// patience.
        answered: bool,
        /// How long to wait before it is sent again, where ARM asked for that.
        retry_after: Option<Duration>,
        /// How to find the request.
        ids: Box<RequestIds>,
    },
    /// The request was accepted, and the wait for its end was given up.
    #[error("{request} was accepted, and its end was not seen: {reason}")]
    OutcomeUnknown {
        /// What was sent.
        request: String,
        /// Why the wait ended.
        reason: String,
        /// How to find the request.
        ids: Box<RequestIds>,
    },
    /// Nothing was sent, because the run was stopped.
    #[error("{request} was not sent: the run was stopped")]
    Stopped {
        /// What would have been sent.
        request: String,
    },
    /// ARM could not be reached; nothing was sent.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// Who was asked.
        host: String,
        /// Why it cannot be reached.
        reason: String,
    },
    /// There is no token to send.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A link in an answer, or a path, leads to a host that must not see the token.
    #[error("`{host}` is not a host of {cloud}: its link is not followed")]
    ForeignHost {
        /// Where the link leads.
        host: String,
        /// Which cloud is used.
        cloud: String,
    },
    /// The answer is not what ARM answers.
    #[error("the answer to {request} cannot be read: {reason}")]
    Malformed {
        /// What was sent.
        request: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// A bound that protects from endless work was reached.
    #[error("{request} reached the limit of {limit}")]
    LimitReached {
        /// What was sent.
        request: String,
        /// Which bound, such as `1000 pages`.
        limit: String,
    },
    /// The cloud cannot be used.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The client was given options that contradict each other, or a program's mistake.
    #[error("{0}")]
    Options(&'static str),
}

impl ArmError {
    /// ARM's code, or one of ours where ARM said nothing.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) | Self::OperationFailed(refusal) => &refusal.code,
            Self::Ambiguous { .. } => "OutcomeAmbiguous",
            Self::OutcomeUnknown { .. } => "OutcomeUnknown",
            Self::Stopped { .. } => "Stopped",
            Self::Unreachable { .. } => "Unreachable",
            Self::Credential(error) => error.code(),
            Self::ForeignHost { .. } => "ForeignHost",
            Self::Malformed { .. } => "MalformedAnswer",
            Self::LimitReached { .. } => "LimitReached",
            Self::Cloud(_) => "UnknownCloud",
            Self::Options(_) => "ClientOptions",
        }
    }

    /// Whether ARM says that it is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.kind() == ErrorKind::NotFound)
    }

    /// Whether the request may have been processed although no end was seen.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Ambiguous { .. } | Self::OutcomeUnknown { .. })
    }

    /// The same error, of an exchange whose earlier attempts were answered or not.
    pub(crate) fn amidst(mut self, answers: bool) -> Self {
        if let Self::Ambiguous { answered, .. } = &mut self {
            *answered = answers;
        }
        self
    }

    /// How long ARM asked to wait before an ambiguous request is sent again.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Ambiguous { retry_after, .. } = self {
            *retry_after
        } else {
            None
        }
    }

    /// What ARM answered, if it did.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) | Self::OperationFailed(refusal) => Some(refusal),
            Self::Ambiguous { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Stopped { .. }
            | Self::Unreachable { .. }
            | Self::Credential(_)
            | Self::ForeignHost { .. }
            | Self::Malformed { .. }
            | Self::LimitReached { .. }
            | Self::Cloud(_)
            | Self::Options(_) => None,
        }
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::OperationFailed(_) => ErrorKind::OperationFailed,
            Self::Ambiguous { .. } | Self::OutcomeUnknown { .. } => ErrorKind::OutcomeUnknown,
            Self::Stopped { .. } => ErrorKind::Stopped,
            Self::Credential(CredentialError::Unreachable { .. }) => ErrorKind::Transient,
            Self::Credential(_) => ErrorKind::Unauthenticated,
            Self::Unreachable { .. } | Self::Malformed { .. } | Self::LimitReached { .. } => {
                ErrorKind::Transient
            }
            Self::ForeignHost { .. } => ErrorKind::Denied,
            Self::Cloud(_) | Self::Options(_) => ErrorKind::Invalid { property: None },
        }
    }

    /// What to do next.
    pub fn help(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Refused(refusal) | Self::OperationFailed(refusal) => refusal.help(),
            Self::Ambiguous { .. } | Self::OutcomeUnknown { .. } => {
                one("run the same command again: it looks first, and goes on from what it finds")
            }
            Self::Stopped { .. } => one("run the same command again to go on"),
            Self::Unreachable { host, .. } => vec![format!(
                "check the network, the proxy and the name `{host}`, then run the same command again"
            )],
            Self::Credential(error) => error.help(),
            Self::LimitReached { .. } | Self::Malformed { .. } => {
                one("run the same command again; if it stays, report it with a `--trace FILE`")
            }
            Self::ForeignHost { .. } => one("check the cloud's name and `--endpoint`"),
            Self::Cloud(_) | Self::Options(_) => Vec::new(),
        }
    }
}

impl From<ArmError> for ProviderError {
    fn from(error: ArmError) -> Self {
        let mut provider = Self::new(error.kind(), error.code(), error.to_string());
        provider.help = error.help();
        provider.help.truncate(2);
        match error {
            ArmError::Refused(refusal) | ArmError::OperationFailed(refusal) => {
                provider.message.clone_from(&refusal.message);
                provider.status = Some(refusal.status);
                provider.ids = refusal.ids;
            }
            ArmError::Ambiguous { ids, .. } | ArmError::OutcomeUnknown { ids, .. } => {
                provider.ids = *ids;
            }
            ArmError::Credential(error) => {
                for reason in error.reasons() {
                    let _ = write!(provider.message, "\n{reason}");
                }
            }
            ArmError::Stopped { .. }
            | ArmError::Unreachable { .. }
            | ArmError::ForeignHost { .. }
            | ArmError::Malformed { .. }
            | ArmError::LimitReached { .. }
            | ArmError::Cloud(_)
            | ArmError::Options(_) => {}
        }
        provider
    }
}

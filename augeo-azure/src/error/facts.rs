//! What ARM's error codes mean to a caller: kind, whether a repeat helps, what to do next.

use augeo_core::provider::ErrorKind;

/// Why a repeat of a refused request may succeed; each class has a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetryClass {
    /// It may not.
    Never,
    /// Too many requests; none of them was processed.
    Throttled,
    /// Another operation runs on the same resource; the request was not begun.
    Busy,
    /// Something that was just made is not known everywhere yet.
    Settling,
    /// As settling, but only where the caller made the parent a moment ago.
    NewParent,
    /// As settling, but only where the caller granted the access a moment ago.
    NewGrant,
    /// As settling, but only where one of the caller's own that says the same, or its own lock, may be
    /// on its way out.
    Leaving,
    /// The service is out of order. The request may have been processed.
    Transient,
}

/// What one error code means.
#[derive(Clone, Debug)]
pub struct ErrorFact {
    /// The code, compared without regard to case.
    pub code: &'static str,
    /// What a caller can do about it.
    pub kind: ErrorKind,
    /// Whether a repeat helps.
    pub retry: RetryClass,
    /// What to do next; `{quoted}` is the first text in single quotes of the message.
    pub help: &'static [&'static str],
}

const INVALID: ErrorKind = ErrorKind::Invalid { property: None };
const THROTTLED: ErrorKind = ErrorKind::Throttled { retry_after: None };
const WAIT_OUT: &[&str] = &["wait until the other operation ends, then run the same command again"];
const SIGN_IN: &[&str] =
    &["sign in again with `az login`, or renew the credentials that the environment provides"];
const TAKEN: &[&str] = &[
    "the name is taken by someone else in Azure: choose another name",
    "if the resource is yours, refer to it under `[existing]`",
];

const fn fact(
    code: &'static str,
    kind: ErrorKind,
    retry: RetryClass,
    help: &'static [&'static str],
) -> ErrorFact {
    ErrorFact {
        code,
        kind,
        retry,
        help,
    }
}

/// The codes that mean more, or something else, than their status.
pub static ERROR_FACTS: &[ErrorFact] = &[
    // Not processed: too many requests.
    fact("OperationThrottled", THROTTLED, RetryClass::Throttled, &[]),
    fact("RequestThrottled", THROTTLED, RetryClass::Throttled, &[]),
    fact(
        "ResourceRequestsThrottled",
        THROTTLED,
        RetryClass::Throttled,
        &[],
    ),
    fact(
        "SubscriptionRequestsThrottled",
        THROTTLED,
        RetryClass::Throttled,
        &[],
    ),
    fact(
        "TenantRequestsThrottled",
        THROTTLED,
        RetryClass::Throttled,
        &[],
    ),
    fact("TooManyRequests", THROTTLED, RetryClass::Throttled, &[]),
    // Not begun: another operation is in the way.
    fact(
        "AnotherOperationInProgress",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "ConcurrentUpdateError",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "OperationInProgress",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "PessimisticConcurrencyConflict",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "ReferencedResourceNotProvisioned",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "RetryableError",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "RetryableErrorDueToAnotherOperation",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "ServerBusy",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "ServerIsBusy",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    fact(
        "StorageAccountOperationInProgress",
        ErrorKind::Conflict,
        RetryClass::Busy,
        WAIT_OUT,
    ),
    // Not known everywhere yet.
    fact(
        "PrincipalNotFound",
        INVALID,
        RetryClass::Settling,
        &[
            "the principal does not exist, or is not known everywhere yet: run the same command again in a few minutes",
        ],
    ),
    fact(
        "ParentResourceNotFound",
        ErrorKind::NotFound,
        RetryClass::NewParent,
        &[
            "what it lives in does not exist: add it to the stack, or check its name under `[existing]`",
        ],
    ),
    fact(
        "ResourceGroupNotFound",
        ErrorKind::NotFound,
        RetryClass::NewParent,
        &["the resource group does not exist: check its name and the subscription"],
    ),
    fact(
        "AuthorizationFailed",
        ErrorKind::Denied,
        RetryClass::NewGrant,
        &[
            "ask for a role that permits it, such as Contributor (or Role Based Access Control Administrator for role assignments)",
            "after a grant or a sign-in it can take some minutes: run the same command again",
        ],
    ),
    fact(
        "LinkedAuthorizationFailed",
        ErrorKind::Denied,
        RetryClass::NewGrant,
        &["ask for a role on the other resource that the message names"],
    ),
    // Not there.
    fact("NotFound", ErrorKind::NotFound, RetryClass::Never, &[]),
    fact(
        "ResourceNotFound",
        ErrorKind::NotFound,
        RetryClass::Never,
        &[],
    ),
    // Who is asking.
    fact(
        "AuthenticationFailed",
        ErrorKind::Unauthenticated,
        RetryClass::Never,
        SIGN_IN,
    ),
    fact(
        "ExpiredAuthenticationToken",
        ErrorKind::Unauthenticated,
        RetryClass::Never,
        SIGN_IN,
    ),
    fact(
        "InvalidAuthenticationToken",
        ErrorKind::Unauthenticated,
        RetryClass::Never,
        SIGN_IN,
    ),
    fact(
        "InvalidAuthenticationTokenTenant",
        ErrorKind::Unauthenticated,
        RetryClass::Never,
        &["sign in to the subscription's tenant: `az login --tenant TENANT`"],
    ),
    // Not allowed.
    fact(
        "RequestDisallowedByPolicy",
        ErrorKind::Denied,
        RetryClass::Never,
        &[
            "an Azure Policy forbids it: change the property that the message names, or ask for an exemption",
        ],
    ),
    fact(
        "ScopeLocked",
        ErrorKind::Denied,
        RetryClass::Leaving,
        &[
            "a lock forbids it: remove the lock that the message names, then run the same command again",
        ],
    ),
    fact(
        "ReadOnlyDisabledSubscription",
        ErrorKind::Denied,
        RetryClass::Never,
        &[
            "the subscription is disabled: enable it in the portal, or choose another with `--subscription`",
        ],
    ),
    fact(
        "SubscriptionNotFound",
        ErrorKind::Denied,
        RetryClass::Never,
        &[
            "check the subscription's id; `az account list` shows those that the signed-in identity sees",
        ],
    ),
    // In the way.
    fact(
        "ResourceGroupBeingDeleted",
        ErrorKind::Conflict,
        RetryClass::Never,
        &["wait until the resource group is gone, then run the same command again"],
    ),
    fact(
        "RoleAssignmentExists",
        ErrorKind::Conflict,
        RetryClass::Leaving,
        &[
            "somebody else assigned the same role to the same principal there: remove that assignment, or this one from the stack",
        ],
    ),
    fact(
        "StorageAccountAlreadyTaken",
        ErrorKind::Conflict,
        RetryClass::Never,
        TAKEN,
    ),
    fact(
        "VaultAlreadyExists",
        ErrorKind::Conflict,
        RetryClass::Never,
        TAKEN,
    ),
    fact(
        "ServerNameAlreadyExists",
        ErrorKind::Conflict,
        RetryClass::Never,
        TAKEN,
    ),
    fact(
        "NameNotAvailable",
        ErrorKind::Conflict,
        RetryClass::Never,
        TAKEN,
    ),
    fact(
        "FlagMustBeSetForRestore",
        ErrorKind::Conflict,
        RetryClass::Never,
        &[
            "a soft-deleted resource holds the name: plan again, so that it is recovered, or purge it",
        ],
    ),
    fact(
        "InvalidResourceLocation",
        ErrorKind::Conflict,
        RetryClass::Never,
        &[
            "it exists in another region, and a region cannot be changed: use the region it is in, or another name",
        ],
    ),
    // Changed since it was read.
    fact(
        "PreconditionFailed",
        ErrorKind::Moved,
        RetryClass::Never,
        &["plan again: it changed meanwhile"],
    ),
    fact(
        "ConditionNotMet",
        ErrorKind::Moved,
        RetryClass::Never,
        &["plan again: it changed meanwhile"],
    ),
    // The request, or the subscription, is wrong.
    fact(
        "MissingSubscriptionRegistration",
        INVALID,
        RetryClass::Never,
        &["register the provider: `az provider register --wait --namespace {quoted}`"],
    ),
    fact(
        "NoRegisteredProviderFound",
        INVALID,
        RetryClass::Never,
        &["the type, its api-version or its region is not offered: check all three in the message"],
    ),
    fact("InvalidResourceNamespace", INVALID, RetryClass::Never, &[]),
    fact("InvalidResourceType", INVALID, RetryClass::Never, &[]),
    fact(
        "InvalidApiVersionParameter",
        INVALID,
        RetryClass::Never,
        &[],
    ),
    fact(
        "LocationNotAvailableForResourceType",
        INVALID,
        RetryClass::Never,
        &["choose one of the regions that the message lists"],
    ),
    fact(
        "QuotaExceeded",
        INVALID,
        RetryClass::Never,
        &["ask for more quota in the portal, or choose another size or region"],
    ),
    fact(
        "SkuNotAvailable",
        INVALID,
        RetryClass::Never,
        &["choose another size or region"],
    ),
    // Out of order; may have been processed.
    fact(
        "BadGateway",
        ErrorKind::Transient,
        RetryClass::Transient,
        &[],
    ),
    fact(
        "GatewayTimeout",
        ErrorKind::Transient,
        RetryClass::Transient,
        &[],
    ),
    fact(
        "InternalServerError",
        ErrorKind::Transient,
        RetryClass::Transient,
        &[],
    ),
    fact(
        "RequestTimeout",
        ErrorKind::Transient,
        RetryClass::Transient,
        &[],
    ),
    fact(
        "ServerTimeout",
        ErrorKind::Transient,
        RetryClass::Transient,
        &[],
    ),
    fact(
        "ServiceUnavailable",
        ErrorKind::Transient,
        RetryClass::Transient,
        &[],
    ),
];

/// What is known of a code.
pub fn error_fact(code: &str) -> Option<&'static ErrorFact> {
    ERROR_FACTS
        .iter()
        .find(|fact| fact.code.eq_ignore_ascii_case(code))
}

/// What a status means where the code says nothing.
pub(super) fn by_status(status: u16) -> (ErrorKind, RetryClass) {
    match status {
        401 => (ErrorKind::Unauthenticated, RetryClass::Never),
        403 => (ErrorKind::Denied, RetryClass::Never),
        404 | 410 => (ErrorKind::NotFound, RetryClass::Never),
        409 | 423 => (ErrorKind::Conflict, RetryClass::Never),
        412 => (ErrorKind::Moved, RetryClass::Never),
        429 => (THROTTLED, RetryClass::Throttled),
        408 | 500 | 502 | 503 | 504 => (ErrorKind::Transient, RetryClass::Transient),
        501..=599 => (ErrorKind::Transient, RetryClass::Never),
        _ => (INVALID, RetryClass::Never),
    }
}

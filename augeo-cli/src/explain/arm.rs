//! Explanations of Azure's own error codes, made of the facts that the client acts on.

use std::borrow::Cow;

use augeo_azure::error::{ERROR_FACTS, ErrorFact, RetryClass};
use augeo_core::provider::ErrorKind;

use super::Entry;

/// One entry per code that the client knows.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    ERROR_FACTS.iter().map(|fact| Entry {
        code: fact.code,
        what: Cow::Borrowed(what(&fact.kind)),
        why: Cow::Borrowed(why(fact.retry)),
        fix: fix(fact),
        link: None,
    })
}

fn what(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "Azure does not have what the request names.",
        ErrorKind::Conflict => {
            "Something is in the way: another operation, or a name that is taken."
        }
        ErrorKind::Moved => "The resource changed since it was read.",
        ErrorKind::NotOurs => "The resource exists and is not this stack's.",
        ErrorKind::Throttled { .. } => "Azure received too many requests.",
        ErrorKind::Denied => "The signed-in identity may not do it, or a rule forbids it.",
        ErrorKind::Unauthenticated => "Azure does not accept the credentials.",
        ErrorKind::Invalid { .. } => "Azure does not accept the request as it is.",
        ErrorKind::OperationFailed => "Azure began the operation, and it failed.",
        ErrorKind::Transient => "The service was out of order for a moment.",
        ErrorKind::OutcomeUnknown => "The request was sent, and its end was not seen.",
        ErrorKind::Stopped => "Nothing was sent, because the run was stopped.",
    }
}

fn why(retry: RetryClass) -> &'static str {
    match retry {
        RetryClass::Never => {
            "A repeat of the same request would be refused again, so none is sent."
        }
        RetryClass::Throttled => {
            "None of the refused requests was processed; each is repeated when Azure says so, and \
             this was printed because that did not help for long."
        }
        RetryClass::Busy => {
            "The request was not begun because the resource was busy; it is repeated for a while, \
             and this was printed because that did not help."
        }
        RetryClass::Settling => {
            "What was just made is not known everywhere in Azure at once; the request is repeated \
             for a while, and this was printed because that did not help."
        }
        RetryClass::NewParent => {
            "Right after the parent was made this passes by itself and is waited out; otherwise the \
             parent is not there."
        }
        RetryClass::NewGrant => {
            "Right after a role was granted this passes by itself and is waited out; otherwise the \
             role is missing."
        }
        RetryClass::Leaving => {
            "Azure takes no two that say the same. Where one of the stack's own is about to go, that is \
             waited for; otherwise somebody else made the other."
        }
        RetryClass::Transient => {
            "The request may have been processed, so what there is was looked at before it was \
             repeated; this was printed because repeats did not help."
        }
    }
}

fn fix(fact: &ErrorFact) -> Cow<'static, str> {
    if fact.help.is_empty() {
        return Cow::Borrowed(match fact.retry {
            RetryClass::Never => "Mend what the message names, then run the same command again.",
            RetryClass::Throttled
            | RetryClass::Busy
            | RetryClass::Settling
            | RetryClass::NewParent
            | RetryClass::NewGrant
            | RetryClass::Leaving
            | RetryClass::Transient => "Run the same command again in a few minutes.",
        });
    }
    let sentences: Vec<String> = fact
        .help
        .iter()
        .map(|help| sentence(&help.replace("{quoted}", "NAMESPACE")))
        .collect();
    Cow::Owned(sentences.join(" "))
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), characters.as_str())
    })
}

//! The codes of the provider for Azure and of its client: what happened, why it is so, what to do.

use super::table::Row;

pub(super) static ENTRIES: &[Row] = &[
    (
        "azure/failed-state",
        "A resource was written, and Azure says that it failed or is disabled.",
        "The request was accepted and its work went wrong, or somebody switched the resource off.",
        "Run the same command again: what failed is sent again. Its activity log in the portal says what went wrong.",
    ),
    (
        "azure/invalid-id",
        "Something that should be the id of a resource in Azure is not.",
        "Ids begin with `/subscriptions/` and come in pairs of a type and a name.",
        "Take the id from the portal, or from `az resource show`.",
    ),
    (
        "azure/invalid-name",
        "Azure does not allow the name of a resource.",
        "Each type has rules of its own for length and characters.",
        "Give it another name, as the message says.",
    ),
    (
        "azure/name-kept",
        "A resource would be replaced, or brought back otherwise than it was, and its name allows neither.",
        "Azure deletes vaults and workspaces softly: until the purge a name can only be used to bring back what had it.",
        "Take the change back, or give the resource another name: then a new one is made and the old one leaves the stack.",
    ),
    (
        "azure/name-taken",
        "The name of a resource is taken in Azure.",
        "Names of some types are unique in all of Azure, whoever has them.",
        "Give it another name, or leave the name out: the derived one is stable and most likely free.",
    ),
    (
        "azure/no-entropy",
        "A secret cannot be made.",
        "The operating system gives no random numbers.",
        "Run it where the system's random numbers can be read.",
    ),
    (
        "azure/not-there",
        "A resource was written, and cannot be found afterwards.",
        "Azure accepted the request, and somebody or something removed the resource.",
        "Run the same command again; if it stays, report it with a `--trace FILE`.",
    ),
    (
        "azure/not-verified",
        "Something that is checked before the first write could not be checked.",
        "The identity may not ask it, or Azure did not answer; the write itself will tell.",
        "Nothing needs to be done; with more permissions the check comes back.",
    ),
    (
        "azure/provider-not-registered",
        "A service of Azure is not registered in the subscription.",
        "A subscription uses only services that were registered in it, once.",
        "Run the command of the fix: `az provider register --wait --namespace NAMESPACE`.",
    ),
    (
        "azure/unknown-type",
        "A resource left the stack, and its type is not known any more.",
        "Without a version of its type it can be neither read nor deleted.",
        "Delete it by hand, with the command of the fix.",
    ),
    (
        "azure/unprovable",
        "It cannot be proven whose a resource is.",
        "Its type has no place for a mark, and what it is in is not this stack's.",
        "Put it into something of the stack's own, or manage it elsewhere.",
    ),
    (
        "azure/unreadable",
        "Something could not be read, so its properties are unknown to the plan.",
        "The identity may not read it; the rest of the plan goes on.",
        "Ask for the role Reader on what the message names.",
    ),
    (
        "ClientOptions",
        "The client was set up in a way that cannot work.",
        "An emulator takes its own credential only, and no cloud takes that one.",
        "Correct the options that the message names.",
    ),
    (
        "CredentialExpired",
        "The credentials were good once and have expired.",
        "Sign-ins, secrets and certificates have an end.",
        "Sign in again with `az login`, or renew what the help names.",
    ),
    (
        "CredentialMissing",
        "A variable that the chosen credential needs is not set.",
        "The key `credential` decides which is used, else the variables that are set, as in Azure's SDKs.",
        "Set the variables that the message names, or name another kind under `credential`.",
    ),
    (
        "CredentialUnavailable",
        "There is no token to be had.",
        "Nobody is signed in, or the issuer refused; the message says what it said.",
        "Sign in with `az login`, or do what the help names.",
    ),
    (
        "CredentialUnknown",
        "There is no credential of this name.",
        "The name is misspelled.",
        "Use one of the names that the message lists.",
    ),
    (
        "ForeignHost",
        "An answer led to another host, and was not followed.",
        "A token must never be sent to a host that is not the cloud's own.",
        "Check the cloud's name and `--endpoint`.",
    ),
    (
        "LimitReached",
        "A bound was reached that protects from endless work.",
        "The answers of the service did not come to an end.",
        "Run the same command again; if it stays, report it with a `--trace FILE`.",
    ),
    (
        "MalformedAnswer",
        "An answer cannot be read.",
        "It is not what Azure answers; perhaps a proxy answered.",
        "Check the proxy, then run the same command again.",
    ),
    (
        "OutcomeAmbiguous",
        "A request was sent, and how it ended was not seen.",
        "The connection ended before the answer; the request may have been processed.",
        "Run the same command again: it looks first, and goes on from what it finds.",
    ),
    (
        "OperationCanceled",
        "An operation in Azure was cancelled, and Azure gives no reason.",
        "Somebody cancelled it, or the service gave it up.",
        "Run the same command again; the resource's activity log in the portal says who cancelled it.",
    ),
    (
        "OperationFailed",
        "An operation in Azure failed, and Azure gives no reason.",
        "The request was accepted, and the work that it began went wrong.",
        "Run the same command again; if it stays, the resource's activity log in the portal says more.",
    ),
    (
        "OutcomeUnknown",
        "An operation was begun, and its end was not seen.",
        "The wait was given up: by a second Ctrl-C, or because it took too long. Azure goes on.",
        "Run the same command again: it looks first, and waits for what still runs.",
    ),
    (
        "Stopped",
        "Nothing was sent, because the run was stopped.",
        "After the first Ctrl-C no new change starts.",
        "Run the same command again to go on.",
    ),
    (
        "UnknownCloud",
        "There is no cloud of this name.",
        "Each cloud has its own addresses, so an unknown one cannot be reached.",
        "Use one of the names that the message lists.",
    ),
    (
        "Unreachable",
        "Azure, or the emulator, cannot be reached.",
        "The network, a proxy or the name service does not lead there; nothing was sent.",
        "Check them, then run the same command again; `augeo emulator start` starts an emulator.",
    ),
];

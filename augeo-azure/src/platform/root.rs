//! The keys at the top of `augeo.toml` and of an environment, and what refers to the outside.

use super::environment::KINDS;
use super::form;
use super::setting::{Fallback, Kind, Scalar, SectionSpec, Setting};
use crate::credential::CredentialKind;

const PROJECT: Setting = Setting {
    key: "project",
    kind: Kind::Text(&form::PROJECT),
    default: Fallback::Required("project = \"augeo\""),
    about: "What everything here belongs to. Every name in Azure begins with it.",
};

const LOCATION: Setting = Setting {
    key: "location",
    kind: Kind::Text(&form::LOCATION),
    default: Fallback::Required("location = \"westeurope\""),
    about: "The region in which everything is made.",
};

const SUBSCRIPTION: Setting = Setting {
    key: "subscription",
    kind: Kind::Text(&form::GUID),
    default: Fallback::Nothing("`--subscription` or `AZURE_SUBSCRIPTION_ID`"),
    about: "The subscription in which everything is made.",
};

const TARGET: Setting = Setting {
    key: "target",
    kind: Kind::Choice(&["emulator", "azure"]),
    default: Fallback::Nothing("`--target`"),
    about: "Whether the environment lives on the built-in emulator or in Azure.",
};

const CLOUD: Setting = Setting {
    key: "cloud",
    kind: Kind::Choice(&["public", "usgovernment", "china"]),
    default: Fallback::Always(Scalar::Text("public")),
    about: "Which of Azure's clouds the subscription is in.",
};

const CREDENTIAL: Setting = Setting {
    key: "credential",
    kind: Kind::Choice(&CredentialKind::NAMES),
    default: Fallback::Nothing("`AZURE_TOKEN_CREDENTIALS`, else what the variables are set for"),
    about: "How to sign in to Azure; the emulator needs nothing.",
};

const OWNER: Setting = Setting {
    key: "owner",
    kind: Kind::Text(&form::WORD),
    default: Fallback::Always(Scalar::Text("operations")),
    about: "Who answers for it: the tag `Owner`.",
};

const COST_CENTER: Setting = Setting {
    key: "cost_center",
    kind: Kind::Text(&form::WORD),
    default: Fallback::Nothing("no tag, and a warning"),
    about: "Who is charged for it: the tag `CostCenter`.",
};

const TAGS: Setting = Setting {
    key: "tags",
    kind: Kind::Map {
        keys: &form::TAG_KEY,
        values: &form::TAG_VALUE,
    },
    default: Fallback::Nothing("`Environment`, `Project`, `Owner`, `CostCenter`"),
    about: "More tags for everything that has tags, or other values for those that it has.",
};

const LIKE: Setting = Setting {
    key: "like",
    kind: Kind::Choice(KINDS),
    default: Fallback::Nothing("the environment's name, where it is one of the three"),
    about: "Whose defaults the environment has.",
};

/// The top of the document.
pub(super) static ROOT: SectionSpec = SectionSpec {
    name: "",
    about: "What holds for all environments.",
    settings: &[
        PROJECT,
        LOCATION,
        SUBSCRIPTION,
        TARGET,
        CLOUD,
        CREDENTIAL,
        OWNER,
        COST_CENTER,
        TAGS,
    ],
};

/// An environment's own table.
pub(super) static ENVIRONMENT: SectionSpec = SectionSpec {
    name: "environment.NAME",
    about: "One environment. Beside these keys it takes the table of every module, as in \
            `[environment.dev.database]`: what is written there holds in this environment only.",
    settings: &[
        LIKE,
        LOCATION,
        SUBSCRIPTION,
        TARGET,
        CLOUD,
        CREDENTIAL,
        OWNER,
        COST_CENTER,
        TAGS,
    ],
};

/// What is there already.
pub(super) static EXISTING: SectionSpec = SectionSpec {
    name: "existing",
    about: "Resources that are there already: they are referred to, never changed or deleted.",
    settings: &[
        Setting {
            key: "resource_group",
            kind: Kind::Text(&form::GROUP_ID),
            default: Fallback::Nothing("a group is made"),
            about: "The id of the group in which everything is made.",
        },
        Setting {
            key: "log_analytics",
            kind: Kind::Text(&form::WORKSPACE_ID),
            default: Fallback::Nothing("a workspace is made"),
            about: "The id of the Log Analytics workspace that Application Insights writes to.",
        },
        Setting {
            key: "registry",
            kind: Kind::Text(&form::REGISTRY_ID),
            default: Fallback::Nothing("the image is public"),
            about: "The id of the container registry that the web app pulls its image from; the \
                    app's identity is given the role AcrPull on it.",
        },
    ],
};

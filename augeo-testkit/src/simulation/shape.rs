//! Random stacks as data: nodes of the types of the platform, and what their owner edits.

mod access;
mod data;
mod names;
mod web;

use std::collections::BTreeMap;

use augeo_azure::resources::{
    AppServicePlan, Component, Container, DnsZone, EmailDomain, EmailService, HostNameBinding,
    Lock, ManagedCertificate, ManagedRedis, ManagedRedisDatabase, PostgresServer, RedisCache,
    ResourceGroup, RoleDefinition, StaticSite, StorageAccount, UserAssignedIdentity, Vault,
    VaultSecret, WebApp, WebAppSlot, Workspace,
};
use augeo_core::Stack;
use augeo_core::stack::Added;
use serde::{Deserialize, Serialize};

use super::random::Random;
use super::subject::{Expected, Subject};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A Log Analytics workspace.
    Workspace,
    /// An Application Insights component in a workspace.
    Component,
    /// An identity.
    Identity,
    /// A storage account.
    Storage,
    /// A container of an account.
    Container,
    /// A key vault.
    Vault,
    /// A secret of a vault.
    Secret,
    /// A database server; its password is the last secret before it.
    Server,
    /// A database of a server.
    Database,
    /// A firewall rule of a server: one at a time.
    Rule,
    /// A parameter of a server, which it has from the start.
    Parameter,
    /// Managed Redis.
    Redis,
    /// The database of Managed Redis.
    RedisDatabase,
    /// An identity that works with the data of such a database.
    RedisAccess,
    /// A classic cache.
    Cache,
    /// A firewall rule of a classic cache.
    CacheRule,
    /// An App Service plan.
    Plan,
    /// How many machines a plan has, by their load.
    Autoscale,
    /// A web app of a plan.
    App,
    /// The settings of an app, with outputs of what is before it.
    Settings,
    /// A slot of an app.
    Slot,
    /// How a slot is run.
    SlotConfig,
    /// A name that an app is bound to.
    HostName,
    /// The certificate of such a name.
    Certificate,
    /// Such a name with its certificate.
    SecureName,
    /// A static web app.
    StaticSite,
    /// A name of a static web app.
    StaticSiteName,
    /// A DNS zone.
    Zone,
    /// The texts of a name in a zone.
    Texts,
    /// A name in a zone that stands for another.
    Alias,
    /// The name servers of a zone, in a zone.
    Delegation,
    /// An e-mail service.
    MailService,
    /// A domain of such a service.
    MailDomain,
    /// A sender of such a domain.
    MailUser,
    /// A communication service.
    Messenger,
    /// A role of an identity on an account; it may be one of the stack's own.
    RoleOnStorage,
    /// A role of one's own.
    OwnRole,
    /// Whose tokens let somebody act as an identity.
    Credential,
    /// What the group may cost.
    Budget,
    /// What keeps something with data in it from being deleted, or changed.
    Lock,
}

impl Kind {
    /// Each needs some before it.
    const CHAINS: [[Self; 5]; 2] = [
        [
            Self::Identity,
            Self::Vault,
            Self::Secret,
            Self::Server,
            Self::Rule,
        ],
        [
            Self::Storage,
            Self::Container,
            Self::Lock,
            Self::Identity,
            Self::RoleOnStorage,
        ],
    ];

    const ALL: [Self; 40] = [
        Self::Workspace,
        Self::Component,
        Self::Identity,
        Self::Storage,
        Self::Container,
        Self::Vault,
        Self::Secret,
        Self::Server,
        Self::Database,
        Self::Rule,
        Self::Parameter,
        Self::Redis,
        Self::RedisDatabase,
        Self::RedisAccess,
        Self::Cache,
        Self::CacheRule,
        Self::Plan,
        Self::Autoscale,
        Self::App,
        Self::Settings,
        Self::Slot,
        Self::SlotConfig,
        Self::HostName,
        Self::Certificate,
        Self::SecureName,
        Self::StaticSite,
        Self::StaticSiteName,
        Self::Zone,
        Self::Texts,
        Self::Alias,
        Self::Delegation,
        Self::MailService,
        Self::MailDomain,
        Self::MailUser,
        Self::Messenger,
        Self::RoleOnStorage,
        Self::OwnRole,
        Self::Credential,
        Self::Budget,
        Self::Lock,
    ];
}

/// The domain whose e-mail the simulated Azure knows: it is verified and takes senders.
pub(super) const KNOWN_DOMAIN: &str = "mail.example";

/// One resource. What it needs is looked up among the nodes before it; where that is missing, the
/// node is left out, so that a shape stays a shape whatever is taken from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Chooses among the nodes that it could live in or use.
    pub choice: usize,
    /// Its declared values: another number is another declaration.
    pub variant: u8,
}

/// What is done to a node by an edit of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tweak {
    /// It is no longer declared.
    Gone(usize),
    /// Everything of its kind is no longer declared.
    KindGone(Kind),
    /// It has other values.
    Variant(usize, u8),
    /// It has another name, and the stack says which it had.
    Renamed(usize),
}

/// A stack with its later versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// What each later version does to them; the first is without edits.
    pub versions: Vec<Vec<Tweak>>,
}

impl Shape {
    /// A shape of so many nodes at most, with as many versions as there are edits, and one.
    pub(super) fn draw(random: &mut Random, most: usize, edits: usize) -> Self {
        let count = 1 + random.below(most);
        // What only a chain of others can have is rare otherwise.
        let chain = Kind::CHAINS.get(random.below(6));
        let nodes: Vec<Node> = (0..count)
            .map(|at| Node {
                kind: match chain.and_then(|chain| chain.get(at)) {
                    Some(kind) => *kind,
                    None => *random.pick(&Kind::ALL),
                },
                choice: random.below(8),
                variant: u8::try_from(random.below(4)).unwrap_or(0),
            })
            .collect();
        let mut versions = vec![Vec::new()];
        for _ in 0..edits {
            // An edit stands on the one before it.
            let mut tweaks = versions.last().cloned().unwrap_or_default();
            for _ in 0..=random.below(3) {
                let node = random.below(count);
                tweaks.push(match random.below(8) {
                    0 | 1 => Tweak::Gone(node),
                    2 => Tweak::KindGone(nodes[node].kind),
                    3 => Tweak::Renamed(node),
                    _ => Tweak::Variant(node, u8::try_from(random.below(4)).unwrap_or(0)),
                });
            }
            versions.push(tweaks);
        }
        Self { nodes, versions }
    }

    fn build(&self, version: usize) -> Built {
        let none = Vec::new();
        let tweaks = self.versions.get(version).unwrap_or(&none);
        let mut built = Built::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let gone = tweaks.iter().any(|tweak| match tweak {
                Tweak::Gone(at) => *at == index,
                Tweak::KindGone(kind) => *kind == node.kind,
                Tweak::Variant(..) | Tweak::Renamed(_) => false,
            });
            if gone {
                continue;
            }
            let variant = tweaks.iter().rev().find_map(|tweak| match tweak {
                Tweak::Variant(at, variant) => (*at == index).then_some(*variant),
                Tweak::Gone(_) | Tweak::KindGone(_) | Tweak::Renamed(_) => None,
            });
            let renamed = tweaks.contains(&Tweak::Renamed(index));
            built.add(index, node, variant.unwrap_or(node.variant), renamed);
        }
        built
    }
}

impl Subject for Shape {
    fn versions(&self) -> usize {
        self.versions.len()
    }

    fn stack(&self, version: usize) -> Stack {
        self.build(version).stack
    }

    fn expected(&self, version: usize) -> Vec<Expected> {
        self.build(version).expected
    }
}

/// A stack in the making, with what later nodes can use.
struct Built {
    stack: Stack,
    group: Added<ResourceGroup>,
    expected: Vec<Expected>,
    workspaces: Vec<Added<Workspace>>,
    components: Vec<Added<Component>>,
    identities: Vec<Added<UserAssignedIdentity>>,
    accounts: Vec<Added<StorageAccount>>,
    vaults: Vec<Added<Vault>>,
    secrets: Vec<Added<VaultSecret>>,
    servers: Vec<Added<PostgresServer>>,
    clusters: Vec<Added<ManagedRedis>>,
    redis: Vec<Added<ManagedRedisDatabase>>,
    caches: Vec<Added<RedisCache>>,
    plans: Vec<Added<AppServicePlan>>,
    /// Each with its plan, and with what it is made of.
    apps: Vec<App>,
    slots: Vec<Added<WebAppSlot>>,
    /// Each with the plan of its app.
    host_names: Vec<(Added<HostNameBinding>, Added<AppServicePlan>)>,
    certificates: Vec<(Added<HostNameBinding>, Added<ManagedCertificate>)>,
    static_sites: Vec<Added<StaticSite>>,
    zones: Vec<Added<DnsZone>>,
    mail_services: Vec<Added<EmailService>>,
    mail_domains: Vec<Added<EmailDomain>>,
    roles: Vec<Added<RoleDefinition>>,
    /// A lock on each of what holds data.
    locks: Vec<Lock>,
    /// What may be there once only, by the name of what it is for.
    once: std::collections::BTreeSet<String>,
}

/// A web app with what those beside it need.
struct App {
    added: Added<WebApp>,
    plan: Added<AppServicePlan>,
    made_of: WebApp,
}

/// One of several, by a number of any size.
fn chosen<T>(from: &[T], choice: usize) -> Option<&T> {
    from.get(choice.checked_rem(from.len())?)
}

fn tags(variant: u8) -> BTreeMap<String, String> {
    BTreeMap::from([("variant".to_owned(), variant.to_string())])
}

impl Built {
    fn new() -> Self {
        let mut stack = Stack::new("sim", "test");
        let group = stack.add("group", ResourceGroup::at("westeurope"));
        Self {
            stack,
            group,
            expected: Vec::new(),
            workspaces: Vec::new(),
            components: Vec::new(),
            identities: Vec::new(),
            accounts: Vec::new(),
            vaults: Vec::new(),
            secrets: Vec::new(),
            servers: Vec::new(),
            clusters: Vec::new(),
            redis: Vec::new(),
            caches: Vec::new(),
            plans: Vec::new(),
            apps: Vec::new(),
            slots: Vec::new(),
            host_names: Vec::new(),
            certificates: Vec::new(),
            static_sites: Vec::new(),
            zones: Vec::new(),
            mail_services: Vec::new(),
            mail_domains: Vec::new(),
            roles: Vec::new(),
            locks: Vec::new(),
            once: std::collections::BTreeSet::new(),
        }
    }

    /// The name of a node, and what its owner renamed it from.
    fn named<R>(&mut self, added: &Added<R>, former: Option<&String>) {
        if let Some(former) = former {
            self.stack.describe(added).renamed_from(former);
        }
    }

    fn expect(&mut self, name: &str, pointer: &str, value: impl Into<serde_json::Value>) {
        self.expected.push(Expected {
            resource: name.to_owned(),
            pointer: pointer.to_owned(),
            value: value.into(),
        });
    }

    #[expect(clippy::too_many_lines, reason = "one arm per kind")]
    fn add(&mut self, index: usize, node: &Node, variant: u8, renamed: bool) -> Option<()> {
        let plain = format!("node{index}");
        let (name, former) = if renamed {
            (format!("{plain}-new"), Some(plain))
        } else {
            (plain, None)
        };
        let former = former.as_ref();
        let choice = node.choice;
        let tagged = "/tags/variant";
        match node.kind {
            Kind::Workspace => {
                let mut workspace = Workspace::within(&self.group);
                workspace.retention_in_days = 30 + u16::from(variant);
                let added = self.stack.add(&name, workspace);
                self.named(&added, former);
                self.expect(
                    &name,
                    "/properties/retentionInDays",
                    30 + u16::from(variant),
                );
                self.workspaces.push(added);
            }
            Kind::Component => {
                let workspace = chosen(&self.workspaces, choice)?.clone();
                let mut component = Component::within(&self.group, &workspace);
                component.tags = tags(variant);
                let added = self.stack.add(&name, component);
                self.named(&added, former);
                self.expect(&name, tagged, variant.to_string());
                self.components.push(added);
            }
            Kind::Identity => {
                let mut identity = UserAssignedIdentity::within(&self.group);
                identity.tags = tags(variant);
                let added = self.stack.add(&name, identity);
                self.named(&added, former);
                self.expect(&name, tagged, variant.to_string());
                self.identities.push(added);
            }
            Kind::Storage => {
                let mut account = StorageAccount::within(&self.group);
                account.tags = tags(variant);
                account.allow_shared_key_access = variant.is_multiple_of(2);
                let added = self.stack.add(&name, account);
                self.named(&added, former);
                self.expect(&name, tagged, variant.to_string());
                let keys = "/properties/allowSharedKeyAccess";
                self.expect(&name, keys, variant.is_multiple_of(2));
                self.locks.push(Lock::on(&added));
                self.accounts.push(added);
            }
            Kind::Container => {
                let account = chosen(&self.accounts, choice)?.clone();
                let mut container = Container::within(&account);
                container.metadata = tags(variant);
                let added = self.stack.add(&name, container);
                self.named(&added, former);
                let pointer = "/properties/metadata/variant";
                self.expect(&name, pointer, variant.to_string());
            }
            Kind::Vault => {
                let identity = chosen(&self.identities, choice)?.clone();
                let tenant = identity.output(UserAssignedIdentity::TENANT_ID);
                let mut vault = Vault::within(&self.group, tenant);
                vault.tags = tags(variant);
                let added = self.stack.add(&name, vault);
                self.named(&added, former);
                self.expect(&name, tagged, variant.to_string());
                self.locks.push(Lock::on(&added));
                self.vaults.push(added);
            }
            Kind::Secret => {
                let vault = chosen(&self.vaults, choice)?.clone();
                let mut secret = VaultSecret::generated(&vault, 32);
                secret.tags = tags(variant);
                let added = self.stack.add(&name, secret);
                self.named(&added, former);
                self.expect(&name, tagged, variant.to_string());
                self.secrets.push(added);
            }
            Kind::Server
            | Kind::Database
            | Kind::Rule
            | Kind::Parameter
            | Kind::Redis
            | Kind::RedisDatabase
            | Kind::RedisAccess
            | Kind::Cache
            | Kind::CacheRule => self.add_data(node, &name, variant, former)?,
            Kind::Plan
            | Kind::Autoscale
            | Kind::App
            | Kind::Settings
            | Kind::Slot
            | Kind::SlotConfig
            | Kind::HostName
            | Kind::Certificate
            | Kind::SecureName
            | Kind::StaticSite
            | Kind::StaticSiteName => self.add_web(node, &name, variant, former)?,
            Kind::Zone
            | Kind::Texts
            | Kind::Alias
            | Kind::Delegation
            | Kind::MailService
            | Kind::MailDomain
            | Kind::MailUser
            | Kind::Messenger => self.add_names(index, node, &name, variant, former)?,
            Kind::RoleOnStorage | Kind::OwnRole | Kind::Credential | Kind::Budget | Kind::Lock => {
                self.add_access(index, node, &name, variant, former)?;
            }
        }
        Some(())
    }
}

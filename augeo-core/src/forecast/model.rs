//! How long changes take, by type and work: pure data with a source for each figure.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::learn::Observation;
use crate::name::TypeName;
use crate::plan::{Action, Change};
use crate::value::Value;

/// The work that a provider does for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
}

/// How well a duration is known, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Nothing is known of the type: it is taken for an ordinary one.
    Default,
    /// Somebody's guess.
    Estimate,
    /// Somebody measured it, and says where.
    Measured,
    /// It was measured here.
    Learnt,
}

/// A property that decides how long it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The property, as a dotted path.
    pub path: Cow<'static, str>,
    /// Its values, in any case.
    pub one_of: Vec<Cow<'static, str>>,
}

impl When {
    fn holds(&self, value: Option<&Value>) -> bool {
        let found = value.and_then(|value| value.get(&(&*self.path).into()));
        found.and_then(Value::as_str).is_some_and(|text| {
            self.one_of
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(text))
        })
    }
}

/// How long one kind of work takes, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// For which resources; `None` for all that no other figure of the type is for.
    pub when: Option<When>,
    /// How long.
    pub distribution: Distribution,
    /// How well it is known.
    pub basis: Basis,
    /// Who says so.
    pub source: Cow<'static, str>,
}

impl Figure {
    /// What tells this figure from others of its type: the values of the property that decides.
    pub fn variant(&self) -> Option<String> {
        let when = self.when.as_ref()?;
        Some(when.one_of.join("|"))
    }
}

/// So many observations change a figure; fewer may be chance.
const OBSERVATIONS_MIN: usize = 3;
/// Of more than this the newest count.
const OBSERVATIONS_MAX: usize = 50;
/// A figure weighs as much as so many observations.
const PRIOR_WEIGHT: f64 = 3.0;
/// The 95th percentile of what nothing is known of, as a multiple of its median.
const DEFAULT_SPREAD: u32 = 3;

/// How long changes take, by type and work.
///
/// It is pure data: a provider's crate brings the figures, its caller adds what was learnt. A type
/// that it does not have falls back to the usual duration in the facts of the type, which is told
/// as [`Basis::Default`].
#[derive(Clone, Debug, Default)]
pub struct DurationModel {
    figures: BTreeMap<(TypeName, Work), Vec<Figure>>,
    scale: Option<u32>,
}

impl DurationModel {
    /// A model that knows no type.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a figure; one with a condition is asked before those without.
    pub fn insert(&mut self, ty: TypeName, work: Work, figure: Figure) {
        let figures = self.figures.entry((ty, work)).or_default();
        figures.push(figure);
        figures.sort_by_key(|figure| figure.when.is_none());
    }

    /// The same where time runs so many times faster; 0: nothing takes any time.
    #[must_use]
    pub fn scaled(mut self, by: u32) -> Self {
        self.scale = Some(by);
        self
    }

    /// The figures of a type's work, those with a condition first.
    pub fn figures(&self, ty: &TypeName, work: Work) -> &[Figure] {
        let key = (ty.clone(), work);
        self.figures.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Every type and work that has figures.
    pub fn known(&self) -> impl Iterator<Item = (&TypeName, Work, &[Figure])> {
        self.figures
            .iter()
            .map(|((ty, work), figures)| (ty, *work, figures.as_slice()))
    }

    /// The figure for one kind of work on a change's resource.
    pub fn figure(&self, change: &Change, work: Work) -> Figure {
        let value = match work {
            Work::Create | Work::Update => change.planned.as_ref(),
            Work::Delete => change.prior.as_ref().map(|prior| &*prior.value),
        };
        let figures = self.figures(&change.ty.name, work);
        let found = figures
            .iter()
            .find(|figure| figure.when.as_ref().is_none_or(|when| when.holds(value)));
        let mut figure = found.cloned().unwrap_or_else(|| default(change, work));
        figure.distribution = match self.scale {
            None => figure.distribution,
            Some(by) => figure.distribution.divided(by),
        };
        figure
    }

    /// Moves every figure towards what was observed, once there are three observations: in the
    /// logarithms, weighed as if the figure itself were three of them; of very many the newest
    /// count.
    #[must_use]
    pub fn refined(mut self, observations: &[Observation]) -> Self {
        let mut seen: BTreeMap<(&TypeName, Work, Option<&str>), Vec<f64>> = BTreeMap::new();
        for observation in observations.iter().filter(|it| it.seconds > 0.0) {
            let key = (
                &observation.ty,
                observation.action,
                observation.variant.as_deref(),
            );
            seen.entry(key).or_default().push(observation.seconds.ln());
        }
        for ((ty, work, variant), logarithms) in seen {
            if logarithms.len() < OBSERVATIONS_MIN {
                continue;
            }
            let newest = &logarithms[logarithms.len().saturating_sub(OBSERVATIONS_MAX)..];
            let figures = self.figures.entry((ty.clone(), work)).or_default();
            let known = figures
                .iter_mut()
                .find(|figure| figure.variant().as_deref() == variant);
            match known {
                Some(figure) => {
                    figure.distribution = moved(figure.distribution.logarithms(), newest);
                    figure.basis = Basis::Learnt;
                    figure.source = learnt_from(newest.len());
                }
                None if variant.is_none() => figures.push(Figure {
                    when: None,
                    distribution: moved(None, newest),
                    basis: Basis::Learnt,
                    source: learnt_from(newest.len()),
                }),
                // The table no longer tells this variant apart.
                None => {}
            }
        }
        self
    }
}

fn learnt_from(observations: usize) -> Cow<'static, str> {
    Cow::Owned(format!("{observations} observations here"))
}

fn default(change: &Change, work: Work) -> Figure {
    let usual = change.ty.usual;
    let p50 = match work {
        Work::Create => usual.create,
        Work::Update => usual.update,
        Work::Delete => usual.delete,
    };
    Figure {
        when: None,
        distribution: Distribution::new(p50, p50.saturating_mul(DEFAULT_SPREAD)),
        basis: Basis::Default,
        source: Cow::Borrowed("nothing is known of this type"),
    }
}

/// A prior in logarithms, moved by what was observed.
fn moved(prior: Option<(f64, f64)>, observed: &[f64]) -> Distribution {
    let number = f64::from(u32::try_from(observed.len()).unwrap_or(u32::MAX));
    let mean = observed.iter().sum::<f64>() / number;
    let (mu, sigma, weight) = match prior {
        Some((mu, sigma)) => (mu, sigma, PRIOR_WEIGHT),
        None => (mean, f64::from(DEFAULT_SPREAD).ln() / 1.645, 1.0),
    };
    let centre = (mu * weight + mean * number) / (weight + number);
    let squares: f64 = observed.iter().map(|it| (it - centre).powi(2)).sum();
    let variance = (sigma * sigma).mul_add(weight, squares) / (weight + number);
    Distribution::from_logarithms(centre, variance.sqrt())
}

/// The work that an action is made of, in its order.
pub(super) fn works(action: Action) -> &'static [Work] {
    match action {
        Action::NoOp | Action::Forget => &[],
        Action::Create | Action::Recover => &[Work::Create],
        Action::Update | Action::Adopt => &[Work::Update],
        Action::Replace => &[Work::Delete, Work::Create],
        Action::Delete | Action::Lift => &[Work::Delete],
    }
}

/// What a change takes: its figures in the order of the work. A resource that is awaited is taken
/// to be in the middle of an update.
pub(super) fn figures_of(change: &Change, model: &DurationModel) -> Vec<Figure> {
    if change.goes_with.is_some() {
        return Vec::new();
    }
    let awaited = change.awaits.then_some(&Work::Update);
    awaited
        .into_iter()
        .chain(works(change.action))
        .map(|work| model.figure(change, *work))
        .collect()
}

/// The median of several, one after another, as far as it can be told without drawing.
pub(super) fn sum(figures: &[Figure], of: fn(Distribution) -> Duration) -> Duration {
    figures.iter().map(|figure| of(figure.distribution)).sum()
}

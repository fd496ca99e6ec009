//! How long Azure takes, by type and work: medians and 95th percentiles, each with a link to where
//! it was measured, or called an estimate.
//!
//! It is a table, not code: an estimate waits for a measurement, also where it follows logs to which
//! no link was kept. Where a source is a run of another tool, the waits that it adds are taken off.
//! The rows are in one file per area.

mod data;
mod management;
mod monitor;
mod network;
mod storage;
mod web;

use std::borrow::Cow;
use std::time::Duration;

use augeo_core::forecast::{Basis, Distribution, DurationModel, Figure, When, Work};
use augeo_core::name::TypeName;

/// A duration of one kind of work on one type.
#[derive(Clone, Copy, Debug)]
struct Row {
    ty: &'static str,
    work: Work,
    /// The property (in the shape) and the values for which it holds; `None`: all others.
    when: Option<(&'static str, &'static [&'static str])>,
    p50: Duration,
    p95: Duration,
    basis: Basis,
    source: &'static str,
}

const fn row(ty: &'static str, work: Work, p50: u64, p95: u64, source: &'static str) -> Row {
    Row {
        ty,
        work,
        when: None,
        p50: Duration::from_millis(p50),
        p95: Duration::from_millis(p95),
        basis: Basis::Measured,
        source,
    }
}

/// A row that nobody has measured.
const fn guess(ty: &'static str, work: Work, p50: u64, p95: u64, source: &'static str) -> Row {
    let mut row = row(ty, work, p50, p95, source);
    row.basis = Basis::Estimate;
    row
}

/// An update: 0.4 of the creation unless it was measured.
const UPDATE: &str = "estimate: 0.4 of the creation";
const SMALL: &str = "estimate: a small synchronous request";
const DELETION: &str = "estimate: no log found";

/// Every area.
static TABLES: [&[Row]; 6] = [
    management::ROWS,
    monitor::ROWS,
    storage::ROWS,
    data::ROWS,
    web::ROWS,
    network::ROWS,
];

fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.into_iter().flatten()
}

/// How long Azure takes, by type and work. What a caller learnt is added by
/// [`DurationModel::refined`].
pub fn durations() -> DurationModel {
    let mut model = DurationModel::new();
    for row in rows() {
        let when = row.when.map(|(path, one_of)| When {
            path: Cow::Borrowed(path),
            one_of: one_of.iter().copied().map(Cow::Borrowed).collect(),
        });
        let figure = Figure {
            when,
            distribution: Distribution::new(row.p50, row.p95),
            basis: row.basis,
            source: Cow::Borrowed(row.source),
        };
        model.insert(TypeName::from_static(row.ty), row.work, figure);
    }
    model
}

#[cfg(test)]
mod tests {
    use Work::{Create, Delete, Update};

    use super::*;
    use crate::resources::CATALOGUE;

    #[test]
    fn every_type_of_the_catalogue_has_figures_that_order_its_work_too() {
        let model = durations();
        for ty in CATALOGUE {
            let usual = ty.facts.usual;
            for (work, usual) in [
                (Create, usual.create),
                (Update, usual.update),
                (Delete, usual.delete),
            ] {
                let figures = model.figures(ty.name(), work);
                let otherwise = figures.iter().find(|figure| figure.when.is_none());
                let otherwise = otherwise.unwrap_or_else(|| panic!("{}: {work:?}", ty.name()));
                assert_eq!(
                    otherwise.distribution.p50(),
                    usual,
                    "{}: {work:?}",
                    ty.name()
                );
            }
        }
    }

    #[test]
    fn every_row_has_a_source_a_spread_and_no_twin() {
        let all: Vec<&Row> = rows().collect();
        for (at, row) in all.iter().enumerate() {
            assert!(row.p95 > row.p50 && row.source.len() > 10, "{row:?}");
            let guessed = row.source.starts_with("estimate");
            assert_eq!(guessed, row.basis == Basis::Estimate, "{row:?}");
            assert!(guessed || row.source.contains("https://"), "{row:?}");
            let twin =
                |other: &&Row| (other.ty, other.work, other.when) == (row.ty, row.work, row.when);
            assert!(!all[..at].iter().any(twin), "{row:?}");
        }
    }
}

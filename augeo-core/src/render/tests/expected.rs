//! Expected times, wherever they are told.

use insta::assert_snapshot;
use time::OffsetDateTime;
use time::macros::datetime;

use super::super::{
    Destroy, Progress, destroy_text, plan_json, plan_markdown, plan_text, report_json, report_text,
};
use super::*;
use crate::forecast::{
    Basis, Distribution, DurationModel, Figure, Forecast, ForecastOptions, Work,
};
use crate::report::{Event, Outcome, Report};

const START: OffsetDateTime = datetime!(2026-11-23 14:05:02 UTC);

/// The median and the 95th percentile of each, in seconds.
const TIMES: [(&str, u64, u64, Basis); 5] = [
    ("data/postgres", 660, 1140, Basis::Measured),
    ("web/api", 20, 40, Basis::Measured),
    ("web/api/canary", 21, 40, Basis::Measured),
    ("web/config", 2, 4, Basis::Estimate),
    ("network/subnet", 12, 25, Basis::Measured),
];

/// The sample, in which every resource has a type of its own.
fn timed() -> (Plan, Arc<Forecast>) {
    let mut plan = sample();
    let mut model = DurationModel::new();
    for change in &mut plan.changes {
        let ty = TypeName::new(format!("Test/{}", change.name));
        let mut facts = (*change.ty).clone();
        facts.name = ty.clone();
        change.ty = Arc::new(facts);
        let row = TIMES.iter().find(|row| row.0 == change.name.as_str());
        for work in [Work::Create, Work::Update, Work::Delete] {
            if let Some((_, p50, p95, basis)) = row {
                let figure = Figure {
                    when: None,
                    distribution: Distribution::new(seconds(*p50), seconds(*p95)),
                    basis: *basis,
                    source: "a test".into(),
                };
                model.insert(ty.clone(), work, figure);
            }
        }
        if change.name.as_str() == "web/api" {
            change.after.insert(name("data/postgres"));
        }
    }
    let forecast = Forecast::of(&plan, &model, &ForecastOptions::default());
    (plan, Arc::new(forecast))
}

fn expecting(forecast: &Arc<Forecast>) -> Heading {
    Heading {
        forecast: Some(Arc::clone(forecast)),
        ..heading()
    }
}

#[test]
fn a_plan_says_how_long_and_what_for() {
    let (plan, forecast) = timed();
    let text = plan_text(&plan, &expecting(&forecast), &Style::default());
    assert_fits(&text, 100);
    assert_fits(&plan_text(&plan, &expecting(&forecast), &narrow()), 80);
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.contains('~') || line.starts_with("Time:") || line.contains("path"))
        .collect();
    assert_snapshot!(told.join("\n"), @"
      ~ data/postgres       update   PostgreSQL server      ~11 min   CRITICAL PATH
      ~ web/api             update   Web app                ~20 s
      + web/api/canary      create   Web app slot           ~21 s
      ~ web/config          update   Web app configuration  ~2 s      DRIFT
    -/+ network/subnet      replace  Subnet                 ~24 s     deletes first
      - network/old         delete   Store                  ~5 s      LOSES DATA
    Time:  about 11 min, 1 run in 10 takes over 17 min; data/postgres is 97 % of the wait; critical path
    ");
}

#[test]
fn pull_requests_and_tools_are_told_too() {
    let (plan, forecast) = timed();
    let heading = expecting(&forecast);
    let markdown = plan_markdown(&plan, &heading);
    assert!(
        markdown.contains("**Time:** about 11 min, 1 run in 10 takes over"),
        "{markdown}"
    );
    let json: serde_json::Value = serde_json::from_str(&plan_json(&plan, &heading)).unwrap();
    assert_eq!(
        json["forecast"]["criticalPath"],
        json!(["data/postgres", "web/api"])
    );
    assert_eq!(json["forecast"]["changes"][0]["p50Seconds"], 660.0);
    assert!(json["forecast"]["p90Seconds"].as_f64() > json["forecast"]["p50Seconds"].as_f64());
    let without: serde_json::Value =
        serde_json::from_str(&plan_json(&plan, &super::heading())).unwrap();
    assert!(without.get("forecast").is_none());
}

#[test]
fn a_destruction_says_how_long() {
    let (mut plan, forecast) = timed();
    plan.purpose = Purpose::Destroy;
    let text = destroy_text(
        &plan,
        &expecting(&forecast),
        &Destroy::default(),
        &Style::default(),
    );
    assert!(
        text.contains("observed in 14 requests, about 11 min\n"),
        "{text}"
    );
}

#[test]
fn what_takes_no_time_has_no_line() {
    let (plan, _) = timed();
    let none = Forecast::of(
        &plan,
        &DurationModel::new().scaled(0),
        &ForecastOptions::default(),
    );
    let heading = expecting(&Arc::new(none));
    let text = plan_text(&plan, &heading, &Style::default());
    assert_eq!(text, plan_text(&plan, &super::heading(), &Style::default()));
}

fn started(resource: &str, action: Action) -> Event {
    Event::ChangeStarted {
        resource: name(resource),
        action,
        usual: seconds(5),
    }
}

fn done(resource: &str, action: Action, elapsed: u64) -> Event {
    Event::ChangeFinished {
        resource: name(resource),
        action,
        outcome: Outcome::Succeeded,
        elapsed: seconds(elapsed),
    }
}

#[test]
fn progress_says_how_long_still() {
    let (plan, forecast) = timed();
    let style = Style::default();
    let mut progress = Progress::expecting(Some(forecast));
    let begin = Event::Started {
        stack: plan.stack.clone(),
        changes: 6,
    };
    let events = [
        (0, begin),
        (0, started("data/postgres", Action::Update)),
        (0, started("web/api/canary", Action::Create)),
        (0, started("network/subnet", Action::Replace)),
        (21, done("web/api/canary", Action::Create, 21)),
    ];
    let mut lines = Vec::new();
    for (after, event) in &events {
        lines.extend(progress.log_line(event, START + seconds(*after), &style));
    }
    lines.extend(progress.heartbeats(START + seconds(70), &style));
    let row = progress.finished_row(&events[4].1, &style).unwrap();
    lines.push(row);
    lines.extend(progress.live(START + seconds(70), 5, &style));
    let end = done("network/subnet", Action::Replace, 80);
    progress.take(&end, START + seconds(80));
    lines.extend(progress.live(START + seconds(1260), 5, &style));
    assert_fits(&lines.join("\n"), 100);
    assert_snapshot!(lines.join("\n"), @"
    14:05:02Z begin  production: 6 changes
    14:05:02Z start  update   data/postgres               expected 11 min, critical path
    14:05:02Z start  create   web/api/canary              expected 21 s
    14:05:02Z start  replace  network/subnet              expected 24 s
    14:05:23Z done   create   web/api/canary              21 s, 1 of 6
    14:06:12Z still  update   data/postgres               1 min 10 s of ~11 min
    14:06:12Z still  replace  network/subnet              1 min 10 s of ~24 s, LATE, p95 is 50 s
      done     + web/api/canary              create   21 s (expected 21 s)
    [####--------------------]   1 of 6     1:10 gone   about 10 min left   data/postgres decides
      ~ data/postgres                  1:10 of ~11 min      CRITICAL PATH
    -/+ network/subnet                 1:10 of ~24 s        LATE, p95 is 50 s
    [########----------------]   2 of 6     21:00 gone   about 2 min 30 s left
      ~ data/postgres                 21:00 of ~11 min      LATE, p95 is 19 min
    ");
}

#[test]
fn a_report_scores_what_was_predicted() {
    let (plan, forecast) = timed();
    let report = |elapsed: u64| Report {
        stack: plan.stack.clone(),
        outcomes: plan
            .pending()
            .map(|change| (change.name.clone(), change.action, Outcome::Succeeded))
            .collect(),
        elapsed_by_resource: [
            (name("data/postgres"), seconds(elapsed - 20)),
            (name("web/api"), seconds(20)),
        ]
        .into(),
        elapsed: seconds(elapsed),
        pending: Vec::new(),
        resources: BTreeMap::new(),
    };
    let heading = Heading {
        forecast: Some(Arc::clone(&forecast)),
        ..Heading::default()
    };
    let text = [672, 3000]
        .map(|elapsed| report_text(&report(elapsed), &heading, &Style::default()))
        .concat();
    assert_fits(&text, 100);
    assert_snapshot!(text, @"
    production: 6 succeeded                             11 min 12 s, predicted 11 min
      slowest    data/postgres       10 min 52 s, 97 % of the time, expected 11 min
    production: 6 succeeded                             50 min, predicted 11 min (p90 17 min)
      slowest    data/postgres       49 min 40 s, 99 % of the time, expected 11 min
    ");
    let json: serde_json::Value =
        serde_json::from_str(&report_json(&report(672), Some(&forecast))).unwrap();
    assert_eq!(json["forecast"]["withinP90"], true);
    assert_eq!(json["outcomes"][0]["expectedSeconds"], 660.0);
}

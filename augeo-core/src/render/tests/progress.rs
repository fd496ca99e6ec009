//! Progress of a run, event by event.

use insta::assert_snapshot;
use time::OffsetDateTime;
use time::macros::datetime;

use super::super::{EVENTS_HEADER, Progress, Style, event_json, event_line};
use super::*;
use crate::provider::{ErrorKind, ProviderError};
use crate::report::{Event, Outcome};

const START: OffsetDateTime = datetime!(2026-11-23 14:05:02 UTC);

fn started(resource: &str, action: Action) -> Event {
    Event::ChangeStarted {
        resource: name(resource),
        action,
        usual: seconds(600),
    }
}

fn finished(resource: &str, action: Action, outcome: Outcome, elapsed: u64) -> Event {
    Event::ChangeFinished {
        resource: name(resource),
        action,
        outcome,
        elapsed: seconds(elapsed),
    }
}

fn events() -> Vec<(u64, Event)> {
    let error = ProviderError::new(ErrorKind::Conflict, "NameTaken", "taken");
    vec![
        (
            0,
            Event::Started {
                stack: StackName::parse("platform", "production").unwrap(),
                changes: 4,
            },
        ),
        (0, started("data/postgres", Action::Update)),
        (0, started("web/api/canary", Action::Create)),
        (
            20,
            Event::Waiting {
                resource: name("data/postgres"),
                status: "Updating".to_owned(),
                next: seconds(10),
            },
        ),
        (
            20,
            Event::Retrying {
                resource: Some(name("web/api/canary")),
                reason: "too many requests.".to_owned(),
                after: seconds(5),
            },
        ),
        (
            21,
            finished("web/api/canary", Action::Create, Outcome::Succeeded, 21),
        ),
        (
            30,
            finished(
                "web/api",
                Action::Replace,
                Outcome::Failed {
                    error: Box::new(error),
                },
                3,
            ),
        ),
        (
            30,
            finished(
                "web/dns",
                Action::Create,
                Outcome::Skipped {
                    because: name("web/api"),
                },
                0,
            ),
        ),
        (40, Event::Stopping),
    ]
}

#[test]
fn a_log_has_a_line_per_event() {
    let mut progress = Progress::new();
    let style = Style::default();
    let mut lines = Vec::new();
    for (after, event) in events() {
        let now = START + seconds(after);
        lines.extend(progress.log_line(&event, now, &style));
    }
    for after in [59, 60, 61, 130] {
        lines.extend(progress.heartbeats(START + seconds(after), &style));
    }
    let done = finished("data/postgres", Action::Update, Outcome::Succeeded, 652);
    lines.extend(progress.log_line(&done, START + seconds(652), &style));
    let end = Event::Finished {
        elapsed: seconds(652),
        succeeded: 2,
        others: 1,
        pending: 1,
    };
    lines.extend(event_line(&end, START + seconds(652), &style));
    assert_fits(&lines.join("\n"), 100);
    assert_snapshot!(lines.join("\n"), @"
    14:05:02Z begin  production: 4 changes
    14:05:02Z start  update   data/postgres
    14:05:02Z start  create   web/api/canary
    14:05:22Z retry           web/api/canary              too many requests, again in 5 s
    14:05:23Z done   create   web/api/canary              21 s, 1 of 4
    14:05:32Z failed replace  web/api                     error[NameTaken], 3 s, 2 of 4
    14:05:32Z skip   create   web/dns                     because web/api did not succeed, 3 of 4
    14:05:42Z stop   no new change starts
    14:06:02Z still  update   data/postgres               1 min, it says Updating
    14:07:12Z still  update   data/postgres               2 min 10 s, it says Updating
    14:15:54Z done   update   data/postgres               10 min 52 s, 4 of 4
    14:15:54Z end    2 succeeded, 1 pending, 1 did not; 10 min 52 s
    ");
}

#[test]
fn heartbeats_become_rare() {
    let mut progress = Progress::new();
    progress.take(&started("a", Action::Create), START);
    let style = Style::default();
    let week: u64 = 7 * 24 * 60;
    let said: Vec<u64> = (0..week)
        .filter(|minute| {
            let now = START + seconds(minute * 60);
            !progress.heartbeats(now, &style).is_empty()
        })
        .collect();
    assert_eq!(said[..7], [1, 2, 4, 8, 15, 30, 45]);
    assert_eq!(said[said.len() - 1], week - 15);
    assert!(said[4..].iter().all(|minute| minute % 15 == 0));
}

#[test]
fn a_terminal_shows_what_runs() {
    let mut progress = Progress::new();
    for (after, event) in events() {
        progress.take(&event, START + seconds(after));
    }
    progress.take(&started("web/late", Action::Create), START + seconds(50));
    progress.take(&started("web/later", Action::Create), START + seconds(51));
    let lines = progress.live(START + seconds(68), 2, &Style::default());
    assert_snapshot!(lines.join("\n"), @"
    [##################------]   3 of 4     1:08 gone   1 failed   stopping   1 retry
      ~ data/postgres                  1:08   it says Updating, asked 48 s ago
      + web/late                       0:18
        and 1 more
    ");
    let rows: Vec<String> = events()
        .iter()
        .filter_map(|(_, event)| progress.finished_row(event, &Style::default()))
        .collect();
    assert_snapshot!(rows.join("\n"), @"
    done     + web/api/canary              create   21 s
    failed -/+ web/api                     replace  error[NameTaken], 3 s
    skip     + web/dns                     create   because web/api did not succeed
    ");
    assert_eq!(progress.counts(), (4, 3));
    assert_eq!(progress.running(START + seconds(68)).count(), 3);
}

#[test]
fn what_does_not_fit_a_narrow_terminal_is_left_out_whole() {
    let mut progress = Progress::new();
    for (after, event) in events() {
        progress.take(&event, START + seconds(after));
    }
    let status = "Provisioning the replica in the second availability zone".to_owned();
    let says = |resource: &str| Event::Waiting {
        resource: name(resource),
        status: status.clone(),
        next: seconds(10),
    };
    progress.take(&started("web/late", Action::Create), START + seconds(50));
    progress.take(&says("web/late"), START + seconds(60));
    let lines = progress.live(START + seconds(68), 2, &narrow());
    assert_fits(&lines.join("\n"), 80);
    assert_snapshot!(lines.join("\n"), @"
    [##################------]   3 of 4     1:08 gone   1 failed   stopping
      ~ data/postgres                  1:08   it says Updating, asked 48 s ago
      + web/late                       0:18
    ");
    let mut beating = Progress::new();
    beating.take(&started("data/postgres", Action::Create), START);
    beating.take(&says("data/postgres"), START);
    let beats = beating.heartbeats(START + seconds(60), &narrow());
    assert_eq!(
        beats,
        ["14:06:02Z still  create   data/postgres               1 min"]
    );
}

#[test]
fn tools_read_events() {
    let lines: Vec<String> = [EVENTS_HEADER.to_owned()]
        .into_iter()
        .chain(
            events()
                .iter()
                .map(|(after, event)| event_json(event, START + seconds(*after))),
        )
        .collect();
    for line in &lines {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(json.is_object() && !line.contains('\n'));
    }
    assert_snapshot!(lines[..2].join("\n"), @r#"
    {"schema":"augeo.events/1"}
    {"changes":4,"environment":"production","project":"platform","time":"2026-11-23T14:05:02Z","type":"started"}
    "#);
    assert_snapshot!(lines[7], @r#"{"action":"replace","elapsedSeconds":3.0,"error":{"code":"NameTaken","help":[],"ids":{"correlation":null,"request":null,"requestLine":null,"time":null},"kind":"conflict","message":"taken","status":null},"outcome":"failed","resource":"web/api","time":"2026-11-23T14:05:32Z","type":"changeFinished"}"#);
}

//! The world in a file: kills, torn tails, corruption, two processes, no secrets.

use std::fs;
use std::path::Path;

use augeo_testkit::emulator::{
    ArmRequest, ArmResponse, Durations, Emulator, Method, Now, VIRTUAL_EPOCH, WorldError,
    WorldOptions,
};
use serde_json::{Value, json};

use crate::support::{GROUP, account, server, vault};

fn at(seconds: i64) -> Now {
    Now::new(move || VIRTUAL_EPOCH + time::Duration::seconds(seconds))
}

fn options() -> WorldOptions {
    WorldOptions {
        durations: Durations::azure(),
        ..WorldOptions::default()
    }
}

fn open(path: &Path, seconds: i64) -> Emulator {
    Emulator::open_at(path, options(), at(seconds)).expect("the world opens")
}

fn send(emulator: &Emulator, method: Method, path: &str, body: Option<&Value>) -> ArmResponse {
    let request = ArmRequest::new(method, path).bearer("t");
    emulator
        .handle(&match body {
            Some(body) => request.json(body),
            None => request,
        })
        .expect("an answer")
}

fn id(rest: &str, version: &str) -> String {
    format!("{GROUP}/providers/{rest}?api-version={version}")
}

fn group(emulator: &Emulator) -> ArmResponse {
    send(
        emulator,
        Method::Put,
        &format!("{GROUP}?api-version=2025-04-01"),
        Some(&json!({"location": "westeurope"})),
    )
}

#[test]
fn operations_go_on_while_nobody_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/world.log");
    let server_id = id(
        "Microsoft.DBforPostgreSQL/flexibleServers/pg1",
        "2025-08-01",
    );
    let location = {
        let emulator = open(&path, 0);
        assert_eq!(group(&emulator).status, 201);
        send(&emulator, Method::Put, &server_id, Some(&server()))
            .header("azure-asyncoperation")
            .expect("a status")
            .to_owned()
        // No orderly end: dropping it writes nothing.
    };
    let later = open(&path, 100);
    assert_eq!(
        send(&later, Method::Get, &location, None).json()["status"],
        "InProgress"
    );
    assert_eq!(
        send(&later, Method::Get, &server_id, None).json()["properties"]["state"],
        "Updating"
    );
    let done = open(&path, 331);
    assert_eq!(
        send(&done, Method::Get, &location, None).json()["status"],
        "Succeeded"
    );
    assert_eq!(
        send(&done, Method::Get, &server_id, None).json()["properties"]["state"],
        "Ready"
    );
}

#[test]
fn a_torn_tail_is_cut_off_wherever_it_was_torn() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    let account_id = id("Microsoft.Storage/storageAccounts/acc1", "2026-04-01");
    let before = {
        let emulator = open(&path, 0);
        group(&emulator);
        let before = fs::metadata(&path).expect("there").len();
        send(&emulator, Method::Put, &account_id, Some(&account()));
        before
    };
    let whole = fs::read(&path).expect("readable");
    let start = usize::try_from(before).expect("small");
    for cut in (start + 1..whole.len())
        .step_by(97)
        .chain([whole.len() - 1])
    {
        fs::write(&path, &whole[..cut]).expect("writable");
        let emulator = open(&path, 60);
        assert_eq!(
            send(&emulator, Method::Get, &account_id, None).status,
            404,
            "cut at {cut}"
        );
        assert_eq!(
            group(&emulator).status,
            200,
            "what was written before is there"
        );
        drop(emulator);
        assert!(
            Emulator::open_at(&path, options(), at(61)).is_ok(),
            "and the file is whole again"
        );
    }
}

#[test]
fn a_corrupt_file_is_named_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    group(&open(&path, 0));
    let mut bytes = fs::read(&path).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).expect("writable");
    let error = Emulator::open_at(&path, options(), at(1)).expect_err("refused");
    assert!(matches!(error, WorldError::Corrupt { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&path.display().to_string()) && text.contains("never overwritten"),
        "{text}"
    );
    assert_eq!(fs::read(&path).expect("readable"), bytes);
    fs::write(&path, "this is somebody's diary\n").expect("writable");
    assert!(matches!(
        Emulator::open_at(&path, options(), at(1)),
        Err(WorldError::Corrupt { line: 1, .. })
    ));
    assert_eq!(
        fs::read_to_string(&path).expect("readable"),
        "this is somebody's diary\n"
    );
}

#[test]
fn what_begins_as_no_world_is_somebody_elses_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    drop(open(&path, 0));
    let header = fs::read_to_string(&path).expect("readable");
    let misspelt = header.trim_end().replace("seed", "sees");
    let continued = format!("{} and a diary", header.trim_end());
    let hexadecimal = "0123456789abcdef";
    for text in ["my diary", " ", "\0", hexadecimal, &misspelt, &continued] {
        fs::write(&path, text).expect("writable");
        let error = Emulator::open_at(&path, options(), at(1)).expect_err("refused");
        assert!(
            matches!(error, WorldError::Corrupt { line: 1, .. }),
            "{text:?}: {error}"
        );
        assert_eq!(fs::read_to_string(&path).expect("readable"), text);
    }
    fs::write(&path, [0xff, 0xfe]).expect("writable");
    assert!(Emulator::open_at(&path, options(), at(1)).is_err());
    assert_eq!(fs::read(&path).expect("readable"), [0xff, 0xfe]);
}

#[test]
fn a_header_that_was_torn_anywhere_is_written_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    let seeded = |seed| WorldOptions { seed, ..options() };
    drop(Emulator::open_at(&path, seeded(7), at(0)).expect("opens"));
    let header = fs::read(&path).expect("readable");
    // A process with another seed knows the form of the header, and not its sum.
    let sum_and_blank = 17;
    for (seed, first) in [(7, 0), (u64::MAX, sum_and_blank)] {
        for cut in first..header.len() {
            fs::write(&path, &header[..cut]).expect("writable");
            let opened = Emulator::open_at(&path, seeded(seed), at(1));
            let emulator = opened.unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
            assert_eq!(group(&emulator).status, 201, "cut at {cut}");
            drop(emulator);
            assert_eq!(group(&open(&path, 2)).status, 200, "cut at {cut}");
        }
    }
}

#[test]
fn an_unwritable_place_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("writable");
    let error = Emulator::open_at(&file.join("world.log"), options(), at(0)).expect_err("refused");
    assert!(matches!(error, WorldError::Unwritable { .. }), "{error}");
}

#[test]
fn two_openers_see_each_others_writes_and_never_share_an_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    let (one, two) = (open(&path, 0), open(&path, 0));
    assert_eq!(group(&one).status, 201);
    assert_eq!(group(&two).status, 200, "already there");
    let a = send(
        &one,
        Method::Put,
        &id("Microsoft.Storage/storageAccounts/acca", "2026-04-01"),
        Some(&account()),
    );
    let b = send(
        &two,
        Method::Put,
        &id("Microsoft.Storage/storageAccounts/accb", "2026-04-01"),
        Some(&account()),
    );
    assert_ne!(a.header("location"), b.header("location"));
    assert_eq!(
        send(
            &one,
            Method::Put,
            &id("Microsoft.Storage/storageAccounts/accb", "2026-04-01"),
            Some(&account())
        )
        .status,
        409,
        "busy there too"
    );
    let list = |e: &Emulator| {
        send(
            e,
            Method::Get,
            &id("Microsoft.Storage/storageAccounts", "2026-04-01"),
            None,
        )
        .json()["value"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!((list(&one), list(&two)), (Some(2), Some(2)));
}

#[test]
fn threads_with_handles_of_their_own_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    group(&open(&path, 0));
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let path = path.clone();
            scope.spawn(move || {
                let emulator = open(&path, 10);
                for i in 0..10 {
                    let response = send(
                        &emulator,
                        Method::Put,
                        &id(
                            &format!(
                                "Microsoft.ManagedIdentity/userAssignedIdentities/id-{worker}-{i}"
                            ),
                            "2024-11-30",
                        ),
                        Some(&json!({"location": "westeurope"})),
                    );
                    assert_eq!(response.status, 201);
                }
            });
        }
    });
    assert_eq!(open(&path, 20).snapshot().len(), 41);
}

#[test]
fn no_secret_reaches_the_file_and_the_file_is_private() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    let emulator = open(&path, 0);
    group(&emulator);
    send(
        &emulator,
        Method::Put,
        &id(
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1",
            "2025-08-01",
        ),
        Some(&server()),
    );
    send(
        &emulator,
        Method::Put,
        &id("Microsoft.KeyVault/vaults/vault-1", "2026-02-01"),
        Some(&vault()),
    );
    let later = open(&path, 60);
    let secret = send(
        &later,
        Method::Put,
        &id("Microsoft.KeyVault/vaults/vault-1/secrets/s", "2026-02-01"),
        Some(&json!({"properties": {"value": "canary-secret-value"}})),
    );
    assert_eq!(secret.status, 201);
    let text = fs::read_to_string(&path).expect("readable");
    assert!(
        text.contains("/secrets/s")
            && !text.contains("canary-secret-value")
            && !text.contains("Canary-Passw0rd")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn a_file_is_compacted_only_when_nobody_else_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    let emulator = open(&path, 0);
    for _ in 0..50 {
        group(&emulator);
    }
    let ids = emulator.snapshot().live_ids();
    let other = open(&path, 100);
    assert!(!emulator.compact().expect("no error"));
    drop(other);
    let before = fs::metadata(&path).expect("there").len();
    assert!(emulator.compact().expect("no error"));
    assert!(fs::metadata(&path).expect("there").len() < before);
    assert_eq!(group(&emulator).status, 200, "it goes on");
    assert_eq!(open(&path, 200).snapshot().live_ids(), ids);
}

#[test]
fn a_world_keeps_its_seed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.log");
    let identity = id(
        "Microsoft.ManagedIdentity/userAssignedIdentities/one",
        "2024-11-30",
    );
    group(&open(&path, 0));
    let other = Emulator::open_at(
        &path,
        WorldOptions {
            seed: 99,
            ..options()
        },
        at(10),
    )
    .expect("opens");
    let made = send(
        &other,
        Method::Put,
        &identity,
        Some(&json!({"location": "westeurope"})),
    )
    .json();
    let plain = {
        let emulator = Emulator::in_memory(options(), at(0));
        group(&emulator);
        send(
            &emulator,
            Method::Put,
            &identity,
            Some(&json!({"location": "westeurope"})),
        )
        .json()
    };
    assert_eq!(
        made["properties"]["principalId"],
        plain["properties"]["principalId"]
    );
}

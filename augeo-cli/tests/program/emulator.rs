//! `augeo emulator start`: one ready line, answers over HTTP, ends on SIGTERM.

use std::net::TcpListener;

use crate::run::{Place, SMALL};

#[test]
#[cfg(unix)]
fn another_process_provisions_over_http() {
    let host = Place::empty();
    let mut emulator = host.start("emulator start --port 0 --time-scale 0");
    let ready = emulator.line();
    let endpoint = ready
        .split_whitespace()
        .last()
        .expect("it names its address")
        .to_owned();
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{ready}");
    let place = Place::with(SMALL);
    let made = place
        .run(&format!("provision dev --yes --endpoint {endpoint}"))
        .expect(0);
    made.expect_stderr(&format!("Target: emulator at {endpoint}"));
    place
        .run(&format!("plan dev --check --endpoint {endpoint}"))
        .expect(0);
    assert!(!place.path(".augeo").exists(), "the client made a world");
    emulator.signal();
    emulator.end().expect(0);
    assert!(host.path(".augeo").exists());
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it is bound").port();
    let ran = Place::empty()
        .run(&format!("emulator start --port {port}"))
        .expect(1);
    ran.expect_stderr(&format!("port {port} on 127.0.0.1 is in use"))
        .expect_stderr("help: else pass another --port");
}

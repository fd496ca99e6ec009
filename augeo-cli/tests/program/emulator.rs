//! `augeo emulator start`: one ready line, answers over HTTP, ends on SIGTERM.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

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
#[cfg(unix)]
fn it_says_how_it_is_used_and_that_works() {
    let host = Place::with(SMALL);
    let mut emulator = host.start("emulator start --port 0 --time-scale 600");
    let ready = emulator.line();
    let (_, endpoint) = ready.rsplit_once(' ').expect("it names its address");
    emulator.wait_for("'http://");
    let said = emulator.said().to_owned();
    let pace = ".augeo/world.log | 600 times faster than Azure";
    assert!(said.contains(pace), "{said}");
    let plan = format!("plan dev --endpoint {endpoint}");
    assert!(said.contains(&format!("augeo {plan}\n")), "{said}");
    host.run(&plan).expect(0);
    let url = said.split('\'').nth(3).expect("a quoted address");
    let path = url.strip_prefix(endpoint).expect("the same address");
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let header = said.split('\'').nth(1).expect("a quoted header");
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    emulator.signal();
    assert_eq!(emulator.end().expect(0).stdout, "", "one line only");
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

//! What to do about errors of the libraries, in this program's own options.

use augeo_azure::cloud::CloudError;
use augeo_testkit::emulator::{ListenError, WorldError};

pub(super) fn of_cloud(error: &CloudError) -> &'static str {
    if let CloudError::Unknown { .. } = error {
        "write one of them under `cloud`, or leave it out"
    } else {
        "pass the address that augeo emulator start prints"
    }
}

pub(super) fn of_world(error: &WorldError) -> String {
    if let WorldError::Corrupt { path, .. } = error {
        format!("move {} away to begin a new, empty world", path.display())
    } else if let WorldError::Newer { path, .. } = error {
        format!(
            "use the augeo that wrote it, or move {} away to begin a new, empty world",
            path.display()
        )
    } else {
        "make it readable and writable, or use a copy of the configuration elsewhere".to_owned()
    }
}

pub(super) fn of_listening(error: &ListenError) -> Vec<String> {
    let another = "pass another --port; --port 0 takes a free one";
    if let ListenError::PortInUse { address } = error {
        vec![
            format!("if it is an emulator, use it: pass --endpoint http://{address}"),
            format!("else {another}"),
        ]
    } else {
        vec![another.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::path::PathBuf;

    use augeo_core::render::{Style, no_sources};

    use super::*;
    use crate::error::CliError;

    fn refused() -> io::Error {
        io::Error::from(io::ErrorKind::PermissionDenied)
    }

    /// What the system or the files of others cause: it has no finding that would bring a fix.
    fn from_outside() -> Vec<CliError> {
        let (path, address) = (
            || PathBuf::from("place/world.log"),
            SocketAddr::from((Ipv4Addr::LOCALHOST, 4566)),
        );
        let endpoint = || "http://example.com".to_owned();
        let corrupt = WorldError::Corrupt {
            path: path(),
            line: 3,
            reason: "torn".to_owned(),
        };
        let newer = WorldError::Newer {
            path: path(),
            found: 9,
            known: 1,
        };
        let unreadable = WorldError::Unreadable {
            path: path(),
            source: refused(),
        };
        let listen = ListenError::Listen {
            address,
            source: refused(),
        };
        vec![
            CloudError::Unknown { name: "x".into() }.into(),
            CloudError::NotAnEndpoint {
                endpoint: endpoint(),
            }
            .into(),
            CloudError::NotLoopback {
                endpoint: endpoint(),
            }
            .into(),
            corrupt.into(),
            newer.into(),
            unreadable.into(),
            ListenError::PortInUse { address }.into(),
            listen.into(),
            CliError::Read {
                path: path(),
                source: refused(),
            },
            CliError::Write {
                path: path(),
                source: refused(),
            },
            CliError::Input { source: refused() },
            CliError::Signals { source: refused() },
            CliError::Runtime { source: refused() },
        ]
    }

    #[test]
    fn what_comes_from_outside_has_help() {
        for error in from_outside() {
            let text = error.to_text(&no_sources, &Style::default());
            assert!(text.contains("\n\nhelp: "), "{text}");
            let (help, message) = (error.help(), error.to_string());
            assert!(help.len() <= 2, "{help:?}");
            // An option belongs to this program: the libraries do not know it.
            assert!(!message.contains("--"), "{message}");
        }
    }
}

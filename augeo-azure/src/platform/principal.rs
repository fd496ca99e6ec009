//! People, groups and applications of the directory, as `augeo.toml` names them.

use uuid::Uuid;

use crate::resources::AdministratorType;

/// Somebody whom the directory knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) kind: AdministratorType,
    pub(super) object_id: String,
}

/// What a principal is called, and what it is.
const KINDS: [(&str, AdministratorType); 3] = [
    ("user", AdministratorType::User),
    ("group", AdministratorType::Group),
    ("application", AdministratorType::ServicePrincipal),
];

impl Principal {
    /// `user`, `group` or `application`, and the id of its object in the directory.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (word, id) = text.split_once(' ')?;
        let (_, kind) = KINDS.into_iter().find(|(known, _)| *known == word)?;
        let id = Uuid::try_parse(id.trim()).ok()?;
        Some(Self {
            kind,
            object_id: id.hyphenated().to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_and_an_id_name_somebody() {
        let id = "0A1B2C3D-0000-4000-8000-00000000000A";
        let group = Principal::parse(&format!("group {id}")).unwrap();
        assert_eq!(group.kind, AdministratorType::Group);
        assert_eq!(group.object_id, id.to_lowercase());
        for text in [id, "group", "group x", &format!("team {id}"), ""] {
            assert_eq!(Principal::parse(text), None, "{text}");
        }
    }
}

//! References in the texts of a resource's body: `${data/store.primaryEndpoints.blob}` is another
//! resource's property; `$${` stands for `${` itself.

use augeo_core::name::ResourceName;
use augeo_core::value::{Expression, OutputRef, Piece, PropertyPath, Value};

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReferenceError {
    #[error("holds `${{` without the `}}` that ends it")]
    Open,
    #[error("holds `${{{0}}}`, which is no reference")]
    Malformed(String),
}

/// What to write instead.
pub(super) const HELP: &str =
    "write `${resource.property}`, such as `${data/store.id}`; `$${` stands for `${` itself";

/// A text as the value that it stands for. A reference that is the whole text keeps the type of
/// the property; one inside a text becomes text.
pub(super) fn parse(text: &str) -> Result<Value, ReferenceError> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            fixed.push_str(before);
            fixed.push_str("${");
            rest = &from[2..];
            continue;
        }
        fixed.push_str(before);
        let (inside, after) = from[2..].split_once('}').ok_or(ReferenceError::Open)?;
        let reference = reference(inside)?;
        if !fixed.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut fixed)));
        }
        pieces.push(Piece::Output(reference));
        rest = after;
    }
    fixed.push_str(rest);
    if pieces.is_empty() {
        return Ok(Value::String(fixed));
    }
    if !fixed.is_empty() {
        pieces.push(Piece::Text(fixed));
    }
    let whole = match pieces.as_slice() {
        [Piece::Output(reference)] => Expression::Output(reference.clone()),
        _ => Expression::Format(pieces),
    };
    Ok(Value::Unknown(whole))
}

fn reference(inside: &str) -> Result<OutputRef, ReferenceError> {
    let malformed = || ReferenceError::Malformed(super::form::shortened(inside));
    let (name, path) = inside.trim().split_once('.').ok_or_else(malformed)?;
    let resource = ResourceName::parse(name).map_err(|_| malformed())?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.[]\"".contains(c);
    let whole = PropertyPath::parse(path);
    if path.is_empty() || !path.chars().all(allowed) || whole.to_string() != path {
        return Err(malformed());
    }
    Ok(OutputRef {
        resource,
        path: whole,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(Value::String(text)) => text,
            Ok(Value::Unknown(Expression::Output(reference))) => format!("<{reference}>"),
            Ok(Value::Unknown(Expression::Format(pieces))) => {
                let piece = |piece: &Piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Output(reference) => format!("[{reference}]"),
                };
                pieces.iter().map(piece).collect()
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn references_in_texts() {
        assert_eq!(shown("plain $5"), "plain $5");
        assert_eq!(shown("${data/store.id}"), "<data/store.id>");
        assert_eq!(shown("a ${x.y[0].z}-${b.c}"), "a [x.y[0].z]-[b.c]");
        assert_eq!(shown("$${x.y} ${a.b}"), "${x.y} [a.b]");
        assert_eq!(shown("$${"), "${");
        assert!(shown("${a.b").contains("without the `}`"));
        for malformed in [
            "${}", "${a}", "${A.b}", "${a.}", "${a..b}", "${a.b c}", "${.a}",
        ] {
            assert!(
                shown(malformed).contains("no reference"),
                "{malformed}: {}",
                shown(malformed)
            );
        }
    }
}

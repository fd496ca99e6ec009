//! ARM error bodies: any body is a refusal with a code and a message, both of a bounded length.

use augeo_azure::error::{ArmError, Refusal};
use augeo_core::provider::ProviderError;

const CODE_MAX: usize = 201;
const MESSAGE_MAX: usize = 2_001;

/// The status in the first line, the body in the rest.
pub fn error_body(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (first, body) = end.map_or((data, data), |end| (&data[..end], &data[end + 1..]));
    let status = std::str::from_utf8(first)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(500);
    check(&Refusal::parse(status, body), status);
    if let Ok(json) = serde_json::from_slice(body) {
        check(&Refusal::of_json(status, &json), status);
    }
}

fn check(refusal: &Refusal, status: u16) {
    let length = |text: &str| text.chars().count();
    assert_eq!(refusal.status, status);
    assert!(!refusal.code.is_empty() && length(&refusal.code) <= CODE_MAX);
    assert!(!refusal.message.is_empty() && length(&refusal.message) <= MESSAGE_MAX);
    assert!(refusal.target.as_deref().map_or(0, length) <= CODE_MAX);
    // What is done about it depends on the status, the code and the message alone.
    let same = Refusal::new(status, &refusal.code, refusal.message.clone());
    assert_eq!(same.retry_class(), refusal.retry_class());
    assert_eq!(same.help(), refusal.help());
    let error = ProviderError::from(ArmError::Refused(Box::new(refusal.clone())));
    assert_eq!(error.code, refusal.code);
    assert_eq!(error.message, refusal.message);
    assert!(error.help.len() <= 2);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::damage::input;

    proptest! {
        #[test]
        fn error_bodies_are_survived(data in input("error_body")) {
            error_body(&data);
        }
    }

    #[test]
    #[should_panic(expected = "is_empty")]
    fn a_refusal_without_words_would_be_told() {
        check(&Refusal::new(400, "Code", ""), 400);
    }
}

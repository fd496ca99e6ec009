//! Reads bearer tokens as far as the emulator needs them, and makes its own.

use azure_core::base64;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::error::ArmError;
use super::seed::Seed;

/// Who sends a request: the subject of a token, or its digest where it is not a JWT.
pub(crate) fn principal(
    authorization: Option<&str>,
    now: OffsetDateTime,
) -> Result<String, ArmError> {
    let refused = |code: &str, message: &str| Err(ArmError::new(401, code, message));
    let Some(token) = authorization
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
    else {
        return refused(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        );
    };
    if token.is_empty() {
        return refused(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is provided in an invalid format.",
        );
    }
    let Some(claims) = claims(token) else {
        return Ok(Seed(0).hex(16, &[token]));
    };
    if claims
        .get("exp")
        .and_then(Value::as_i64)
        .is_some_and(|expiry| expiry <= now.unix_timestamp())
    {
        return refused(
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time is earlier than current UTC time.",
        );
    }
    let subject = ["oid", "appid", "sub"]
        .iter()
        .find_map(|claim| claims.get(claim)?.as_str());
    Ok(subject.map_or_else(|| Seed(0).hex(16, &[token]), str::to_owned))
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload) = (parts.next()?, parts.next()?);
    let bytes = base64::decode_url_safe(payload.trim_end_matches('='))
        .or_else(|_| base64::decode_url_safe(payload))
        .ok()?;
    serde_json::from_slice::<Value>(&bytes)
        .ok()
        .filter(Value::is_object)
}

/// A token without a signature.
pub(crate) fn unsigned(
    tenant: &str,
    principal: &str,
    issued: OffsetDateTime,
    expires: OffsetDateTime,
) -> String {
    let header = json!({"alg": "none", "typ": "JWT"});
    let payload = json!({
        "aud": "https://management.azure.com",
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "iat": issued.unix_timestamp(),
        "nbf": issued.unix_timestamp(),
        "exp": expires.unix_timestamp(),
        "oid": principal,
        "appid": principal,
        "sub": principal,
        "tid": tenant,
    });
    let encode = |value: &Value| {
        base64::encode_url_safe(value.to_string())
            .trim_end_matches('=')
            .to_owned()
    };
    format!("{}.{}.", encode(&header), encode(&payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    #[test]
    fn a_token_of_our_own_is_read_until_it_expires() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let token = format!(
            "Bearer {}",
            unsigned("t", "me", now, now + Duration::hours(1))
        );
        assert_eq!(principal(Some(&token), now), Ok("me".to_owned()));
        let late = principal(Some(&token), now + Duration::hours(1)).expect_err("expired");
        assert_eq!(
            (late.status, late.code.as_str()),
            (401, "ExpiredAuthenticationToken")
        );
    }

    #[test]
    fn without_a_bearer_nobody_comes_in() {
        for header in [None, Some("Basic abc"), Some("Bearer "), Some("")] {
            assert_eq!(
                principal(header, OffsetDateTime::UNIX_EPOCH)
                    .expect_err("refused")
                    .status,
                401
            );
        }
        assert!(principal(Some("Bearer anything.goes"), OffsetDateTime::UNIX_EPOCH).is_ok());
    }
}

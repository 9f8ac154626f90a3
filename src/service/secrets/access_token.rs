//! Short-lived access tokens: JSON Web Tokens with one fixed algorithm, issuer, audience and key.

use std::sync::Once;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::service::secrets::master_key::{MasterKey, Purpose};

/// Life of a token in seconds. A revoked session ends at once all the same: every request asks the
/// database for it.
pub const LIFE_S: i64 = 300;

/// Longest token that is looked at, in bytes; our own have about 330.
const LONGEST: usize = 1024;

const ISSUER: &str = "zhaosheng";
const AUDIENCE: &str = "zhaosheng-api";

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The account.
    sub: String,
    /// The session, which the database must still know.
    sid: String,
    iat: i64,
    exp: i64,
}

/// Whom a token stands for, if its session still lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub account: String,
    pub session: String,
}

/// A token that opens nothing; which of its parts was wrong is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// Issues and reads the tokens of one installation.
#[derive(Clone)]
pub struct AccessTokens {
    signing: EncodingKey,
    reading: DecodingKey,
    /// Names the key: a token says under which it was issued.
    key_id: String,
    rules: Validation,
}

impl AccessTokens {
    /// The tokens under the installation's key.
    pub fn new(master: &MasterKey) -> AccessTokens {
        install_hmac();
        let key = master.derive(Purpose::AccessTokens);
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library would ask this machine's clock; `read` compares with the time it is given.
        rules.validate_exp = false;
        AccessTokens {
            signing: EncodingKey::from_secret(key.bytes()),
            reading: DecodingKey::from_secret(key.bytes()),
            key_id: master.fingerprint(),
            rules,
        }
    }

    /// A token for a session, good for [`LIFE_S`] from `now_ms` (milliseconds since 1970) on.
    pub fn issue(&self, access: &Access, now_ms: i64) -> String {
        let now_s = now_ms.div_euclid(1000);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: access.account.clone(),
            sid: access.session.clone(),
            iat: now_s,
            exp: now_s + LIFE_S,
        };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &self.signing).expect("five strings and numbers are JSON")
    }

    /// Reads a token at the given time.
    ///
    /// # Errors
    /// [`Refused`] for everything that this installation did not issue with its present key within the last
    /// [`LIFE_S`] seconds: another algorithm (`none` too), issuer, audience or key, altered, cut, expired,
    /// or from the future.
    pub fn read(&self, token: &str, now_ms: i64) -> Result<Access, Refused> {
        if token.len() > LONGEST {
            return Err(Refused);
        }
        let read = jsonwebtoken::decode::<Claims>(token, &self.reading, &self.rules).map_err(|_| Refused)?;
        if read.header.kid.as_ref() != Some(&self.key_id) {
            return Err(Refused);
        }
        let Claims { sub, sid, iat, exp, .. } = read.claims;
        let now_s = now_ms.div_euclid(1000);
        // A second of grace backwards: two instances may read the database's clock in either order.
        if now_s < exp && iat <= now_s + 1 && exp.saturating_sub(iat) <= LIFE_S {
            Ok(Access { account: sub, session: sid })
        } else {
            Err(Refused)
        }
    }
}

/// HMAC-SHA256 for jsonwebtoken, which ships none without pulling in an RSA with an open advisory
/// (RUSTSEC-2023-0071) or a C library.
struct Hs256(Vec<u8>);

impl Hs256 {
    fn over(&self, message: &[u8]) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes a key of any length").chain_update(message)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.over(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.over(message).verify_slice(signature).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

static HMAC_ONLY: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(key.as_bytes().to_vec()))),
        _ => Err(Error::from(ErrorKind::InvalidAlgorithm)),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(key.try_get_as_bytes()?.to_vec()))),
        _ => Err(Error::from(ErrorKind::InvalidAlgorithm)),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// The library keeps one provider for the whole process.
fn install_hmac() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        HMAC_ONLY.install_default().expect("nothing else in this program installs a provider");
    });
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;

    /// 2026-06-20 08:00 in China.
    const NOW: i64 = 1_781_913_600_000;

    fn access() -> Access {
        Access { account: "a1".to_owned(), session: "s1".to_owned() }
    }

    /// A token made by hand, signed with `key` by HMAC-SHA256 whatever its header says.
    fn forged(key: &[u8], header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let tag = Hs256(key.to_vec()).try_sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn good_claims() -> Value {
        let now = NOW / 1000;
        json!({"iss": "zhaosheng", "aud": "zhaosheng-api", "sub": "a1", "sid": "s1", "iat": now, "exp": now + 300})
    }

    #[test]
    fn a_token_stands_for_its_session_for_five_minutes() {
        let tokens = AccessTokens::new(&MasterKey::ephemeral());
        let token = tokens.issue(&access(), NOW);
        assert_eq!(tokens.read(&token, NOW), Ok(access()));
        assert_eq!(tokens.read(&token, NOW + 299_999), Ok(access()));
        assert_eq!(tokens.read(&token, NOW + 300_000), Err(Refused), "expired, without leeway");
        assert_eq!(tokens.read(&token, NOW - 1_000), Ok(access()), "another instance, a second behind");
        assert_eq!(tokens.read(&token, NOW - 2_000), Err(Refused), "from the future");
    }

    #[test]
    fn the_hand_made_token_of_these_tests_is_accepted_when_nothing_is_wrong_with_it() {
        let master = MasterKey::ephemeral();
        let key = *master.derive(Purpose::AccessTokens).bytes();
        let header = json!({"typ": "JWT", "alg": "HS256", "kid": master.fingerprint()});
        let token = forged(&key, &header, &good_claims());
        assert_eq!(AccessTokens::new(&master).read(&token, NOW), Ok(access()));
    }

    #[test]
    fn no_other_algorithm_is_accepted() {
        let master = MasterKey::ephemeral();
        let tokens = AccessTokens::new(&master);
        let key = *master.derive(Purpose::AccessTokens).bytes();
        for alg in ["none", "None", "NONE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "hs256"]
        {
            let header = json!({"typ": "JWT", "alg": alg, "kid": master.fingerprint()});
            let token = forged(&key, &header, &good_claims());
            assert_eq!(tokens.read(&token, NOW), Err(Refused), "{alg}");
            let unsigned = &token[..=token.rfind('.').unwrap()];
            assert_eq!(tokens.read(unsigned, NOW), Err(Refused), "{alg} unsigned");
        }
        let header = json!({"typ": "JWT", "kid": master.fingerprint()});
        assert_eq!(tokens.read(&forged(&key, &header, &good_claims()), NOW), Err(Refused), "no algorithm");
    }

    #[test]
    fn no_other_issuer_audience_key_or_life_is_accepted() {
        let master = MasterKey::ephemeral();
        let tokens = AccessTokens::new(&master);
        let key = *master.derive(Purpose::AccessTokens).bytes();
        let now = NOW / 1000;
        let wrong = [
            ("iss", json!("zhaosheng2")),
            ("iss", json!(["zhaosheng", "other"])),
            ("iss", Value::Null),
            ("aud", json!("zhaosheng")),
            ("aud", json!(["zhaosheng-api"])),
            ("aud", Value::Null),
            ("sub", Value::Null),
            ("sid", Value::Null),
            ("exp", Value::Null),
            ("exp", json!("4102444800")),
            ("exp", json!(now)),
            ("exp", json!(now + 301)),
            ("exp", json!(-1)),
            ("exp", json!(i64::MAX)),
            ("iat", json!(now + 2)),
            ("iat", json!(i64::MIN)),
        ];
        let header = json!({"typ": "JWT", "alg": "HS256", "kid": master.fingerprint()});
        for (claim, value) in wrong {
            let mut claims = good_claims();
            claims[claim] = value.clone();
            assert_eq!(tokens.read(&forged(&key, &header, &claims), NOW), Err(Refused), "{claim} {value}");
            claims.as_object_mut().unwrap().remove(claim);
            assert_eq!(tokens.read(&forged(&key, &header, &claims), NOW), Err(Refused), "{claim} missing");
        }
        for kid in [json!("0000000000000000"), json!(""), Value::Null] {
            let header = json!({"typ": "JWT", "alg": "HS256", "kid": kid});
            assert_eq!(tokens.read(&forged(&key, &header, &good_claims()), NOW), Err(Refused), "{kid}");
        }
        let stranger = *MasterKey::ephemeral().derive(Purpose::AccessTokens).bytes();
        assert_eq!(tokens.read(&forged(&stranger, &header, &good_claims()), NOW), Err(Refused), "their key");
        assert_eq!(tokens.read(&forged(b"", &header, &good_claims()), NOW), Err(Refused), "an empty key");
    }

    #[test]
    fn a_token_of_an_old_key_is_refused() {
        let old = AccessTokens::new(&MasterKey::ephemeral()).issue(&access(), NOW);
        assert_eq!(AccessTokens::new(&MasterKey::ephemeral()).read(&old, NOW), Err(Refused));
    }

    #[test]
    fn no_altered_character_and_no_cut_is_accepted() {
        let tokens = AccessTokens::new(&MasterKey::ephemeral());
        let token = tokens.issue(&access(), NOW);
        for at in 0..token.len() {
            assert_eq!(tokens.read(&token[..at], NOW), Err(Refused), "cut at {at}");
            let other = if &token[at..=at] == "A" { "B" } else { "A" };
            let altered = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            assert_eq!(tokens.read(&altered, NOW), Err(Refused), "altered at {at}");
        }
        for odd in [format!("{token}."), format!(".{token}"), format!(" {token}"), "A".repeat(2_000_000)] {
            assert_eq!(tokens.read(&odd, NOW), Err(Refused));
        }
        assert!(token.len() < 400, "{}", token.len());
    }
}

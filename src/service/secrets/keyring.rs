//! Everything that is made from the master key for people who log in: bearers, cookies, cards, their passwords' pool.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::hexadecimal::{hex, unhex};
use crate::service::secrets::access_token::Access;
use crate::service::secrets::device_cookie::DeviceCookies;
use crate::service::secrets::grid_card::GridCards;
use crate::service::secrets::initial_code::InitialCode;
use crate::service::secrets::master_key::{MasterKey, Purpose, SubKey};
use crate::service::secrets::os_random::random_bytes;
use crate::service::secrets::password_pool::PasswordPool;

/// What the bearer of a system token begins with.
const SYSTEM_TOKEN: &str = "zst_";

/// What a stored initial code begins with; a password's hash begins with `$argon2id$`.
const CODE: &str = "code:";

/// The keys of one installation that serve its accounts.
#[derive(Clone, Debug)]
pub struct Keyring {
    bearers: SubKey,
    csrf: SubKey,
    pub cards: GridCards,
    pub devices: DeviceCookies,
    pub passwords: PasswordPool,
}

impl Keyring {
    /// The keyring under the installation's key.
    pub fn new(master: &MasterKey, passwords: PasswordPool) -> Keyring {
        Keyring {
            bearers: master.derive(Purpose::BearerDigests),
            csrf: master.derive(Purpose::Csrf),
            cards: GridCards::new(master),
            devices: DeviceCookies::new(master),
            passwords,
        }
    }

    /// A refresh token and the digest that is stored of it.
    pub fn new_refresh_token(&self) -> (String, String) {
        let token = URL_SAFE_NO_PAD.encode(random_bytes::<32>());
        let digest = self.refresh_digest(&token);
        (token, digest)
    }

    /// The stored digest of a refresh token.
    pub fn refresh_digest(&self, token: &str) -> String {
        self.digest("refresh", token)
    }

    /// A system token and the session it stands for.
    pub fn new_system_token(&self) -> (String, String) {
        let token = format!("{SYSTEM_TOKEN}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        let session = self.digest("system", &token);
        (token, session)
    }

    /// Whom a system token stands for, if its session lives; none for other bearers.
    pub fn read_system_token(&self, token: &str) -> Option<Access> {
        token.starts_with(SYSTEM_TOKEN).then(|| {
            let session = self.digest("system", token);
            Access { account: session.clone(), session }
        })
    }

    /// What is stored of an account's initial code, in the place of a password's hash. A code of 94 random
    /// bits needs no slow hash.
    pub fn stored_code(&self, account: &str, code: &InitialCode) -> String {
        format!("{CODE}{}", hex(&self.bearers.mac(&[b"code", account.as_bytes(), code.symbols().as_bytes()])))
    }

    /// Whether `typed` is the initial code that is stored for the account.
    pub fn is_code(&self, account: &str, stored: &str, typed: &str) -> bool {
        let Some((code, digest)) = InitialCode::parse(typed).zip(stored.strip_prefix(CODE).and_then(unhex))
        else {
            return false;
        };
        self.bearers.confirms(&[b"code", account.as_bytes(), code.symbols().as_bytes()], &digest)
    }

    /// The value of a session's cookie: account, session and a seal over both.
    pub fn cookie(&self, access: &Access) -> String {
        let seal = self.bearers.mac(&[b"cookie", access.account.as_bytes(), access.session.as_bytes()]);
        format!("{}.{}.{}", access.account, access.session, hex(&seal))
    }

    /// Whom a cookie stands for, if its session lives; none for a cookie that was not made here.
    pub fn read_cookie(&self, cookie: &str) -> Option<Access> {
        let mut parts = cookie.split('.');
        let (account, session, seal) = (parts.next()?, parts.next()?, unhex(parts.next()?)?);
        let parts: [&[u8]; 3] = [b"cookie", account.as_bytes(), session.as_bytes()];
        self.bearers
            .confirms(&parts, &seal)
            .then(|| Access { account: account.to_owned(), session: session.to_owned() })
    }

    /// The token that a page of this session sends back with every unsafe request.
    pub fn csrf_token(&self, session: &str) -> String {
        hex(&self.csrf.mac(&[session.as_bytes()]))
    }

    /// Whether a token came from a page of this session.
    pub fn confirms_csrf(&self, session: &str, token: &str) -> bool {
        unhex(token).is_some_and(|tag| self.csrf.confirms(&[session.as_bytes()], &tag))
    }

    fn digest(&self, kind: &str, bearer: &str) -> String {
        hex(&self.bearers.mac(&[kind.as_bytes(), bearer.as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::secrets::password_pool::{Cost, PoolSize};

    fn keyring() -> Keyring {
        let pool = PasswordPool::start(Cost::TESTS, PoolSize { threads: 1, queue: 1 }).unwrap();
        Keyring::new(&MasterKey::ephemeral(), pool)
    }

    #[test]
    fn a_cookie_and_its_csrf_token_belong_to_one_session_of_one_installation() {
        let keys = keyring();
        let access = Access { account: "a1".to_owned(), session: "s1".to_owned() };
        let cookie = keys.cookie(&access);
        assert_eq!(keys.read_cookie(&cookie), Some(access));
        for forged in
            [cookie.replace("s1", "s2"), cookie.replace("a1", "a2"), cookie[1..].to_owned(), "..".into()]
        {
            assert_eq!(keys.read_cookie(&forged), None, "{forged}");
        }
        assert_eq!(keyring().read_cookie(&cookie), None);
        let token = keys.csrf_token("s1");
        assert!(keys.confirms_csrf("s1", &token) && !keys.confirms_csrf("s2", &token));
        assert!(!keys.confirms_csrf("s1", "") && !keyring().confirms_csrf("s1", &token));
    }

    #[test]
    fn an_initial_code_is_good_for_its_account_and_kept_as_a_digest() {
        let keys = keyring();
        let code = InitialCode::generate();
        let stored = keys.stored_code("a1", &code);
        assert!(keys.is_code("a1", &stored, &code.to_string()) && !stored.contains(code.symbols()));
        assert!(!keys.is_code("a2", &stored, &code.to_string()), "copied to another account");
        assert!(!keys.is_code("a1", &stored, &InitialCode::generate().to_string()));
        assert!(!keys.is_code("a1", "$argon2id$", &code.to_string()));
    }

    #[test]
    fn bearers_are_kept_as_digests_and_told_apart() {
        let keys = keyring();
        let (token, digest) = keys.new_refresh_token();
        assert_eq!(keys.refresh_digest(&token), digest);
        let (token, session) = keys.new_system_token();
        assert_eq!(keys.read_system_token(&token).map(|access| access.session), Some(session));
        assert_eq!(keys.read_system_token("eyJ0eXAi"), None);
    }
}

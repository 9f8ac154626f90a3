//! Keys, codes, ciphers and counters that keep accounts and personal data: no database, no clock of their own.

pub mod access_token;
pub mod device_cookie;
pub mod field_cipher;
pub mod grid_card;
pub mod initial_code;
pub mod keyring;
pub mod master_key;
pub mod os_random;
pub mod password_pool;
pub mod password_rule;
pub mod result_key;
pub mod throttle;
pub mod totp;

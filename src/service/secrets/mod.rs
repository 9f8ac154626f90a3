//! Keys, tokens, passwords and sealed fields: everything secret is made and checked here.

pub mod access_token;
pub mod field_cipher;
pub mod master_key;
pub mod os_random;

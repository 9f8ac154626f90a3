//! Second factors: which authenticator app and which grid card an account has.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::second_factors;

/// The factors of an account; an account without a row has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = second_factors, primary_key(account), treat_none_as_null = true)]
pub struct SecondFactorRow {
    pub account: String,
    /// Ciphertext; the app that counts.
    pub totp_secret: Option<String>,
    /// Ciphertext; waits for its first right code.
    pub totp_offered: Option<String>,
    /// Serial of the valid grid card; 0 for none.
    pub card_serial: i64,
    /// Raised to make every known device a stranger again.
    pub device_epoch: i64,
}

impl Audited for SecondFactorRow {
    const TABLE: &'static str = "second_factors";
    fn key(&self) -> String {
        self.account.clone()
    }
}

/// The factors of an account.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, account: &str) -> Result<SecondFactorRow, StorageError> {
    let found = second_factors::table
        .find(account)
        .select(SecondFactorRow::as_select())
        .first(connection)
        .optional()?;
    Ok(found.unwrap_or_else(|| SecondFactorRow { account: account.to_owned(), ..SecondFactorRow::default() }))
}

/// Writes the factors of an account, whether or not it had a row.
///
/// # Errors
/// `Stale` when two write an account's first row at once.
pub fn put(connection: &mut AnyConnection, row: &SecondFactorRow) -> Result<Change, StorageError> {
    let changed = diesel::update(second_factors::table.find(&row.account)).set(row).execute(connection)?;
    if changed == 0 {
        diesel::insert_into(second_factors::table).values(row).execute(connection)?;
    }
    Ok(Change::written(row))
}

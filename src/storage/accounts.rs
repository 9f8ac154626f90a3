//! Accounts: who may log in, as what, for which school, area or candidate.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::accounts;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = accounts)]
pub struct AccountRow {
    pub id: String,
    /// What is typed to log in: a candidate's exam number, an office's name.
    pub login: String,
    /// A word of `Role`.
    pub role: String,
    /// Shown to its owner; a candidate's is empty, the roster has it.
    pub name: String,
    pub season: Option<String>,
    pub exam_no: Option<String>,
    pub school: Option<String>,
    pub area: Option<String>,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// The password is a one-time initial code.
    pub must_change: bool,
    pub disabled: bool,
    pub created_at_ms: i64,
}

impl Audited for AccountRow {
    const TABLE: &'static str = "accounts";
    fn key(&self) -> String {
        self.id.clone()
    }
}

/// Adds an account; `Stale` when the login is taken.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, account: &AccountRow) -> Result<Change, StorageError> {
    diesel::insert_into(accounts::table).values(account).execute(connection)?;
    Ok(Change::written(account))
}

/// The account of a login.
///
/// # Errors
/// Storage failed.
pub fn find_by_login(
    connection: &mut AnyConnection,
    login: &str,
) -> Result<Option<AccountRow>, StorageError> {
    Ok(accounts::table
        .filter(accounts::login.eq(login))
        .select(AccountRow::as_select())
        .first(connection)
        .optional()?)
}

//! Accounts: who may log in, as what, for which school, area or candidate.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::accounts;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
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
    /// Who handed out the password last, by the account's id; empty for the operator of the machine.
    pub access_from: String,
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

/// The account of an id.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<AccountRow>, StorageError> {
    Ok(accounts::table.find(id).select(AccountRow::as_select()).first(connection).optional()?)
}

/// The account of a candidate.
///
/// # Errors
/// Storage failed.
pub fn of_candidate(
    connection: &mut AnyConnection,
    season: &str,
    exam_no: &str,
) -> Result<Option<AccountRow>, StorageError> {
    Ok(accounts::table
        .filter(accounts::season.eq(season))
        .filter(accounts::exam_no.eq(exam_no))
        .select(AccountRow::as_select())
        .first(connection)
        .optional()?)
}

/// Accounts of offices and systems by login, after one of them; only those of schools in an area where one is given.
///
/// # Errors
/// Storage failed.
pub fn list_of_staff(
    connection: &mut AnyConnection,
    area: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<AccountRow>, StorageError> {
    let query = accounts::table
        .filter(accounts::exam_no.is_null())
        .filter(accounts::login.gt(after))
        .order(accounts::login)
        .limit(limit)
        .select(AccountRow::as_select());
    Ok(match area {
        Some(area) => {
            query.filter(accounts::area.eq(area)).filter(accounts::school.is_not_null()).load(connection)?
        }
        None => query.load(connection)?,
    })
}

/// The accounts of a role that are not disabled, by login.
///
/// # Errors
/// Storage failed.
pub fn list_of_role(connection: &mut AnyConnection, role: &str) -> Result<Vec<AccountRow>, StorageError> {
    Ok(accounts::table
        .filter(accounts::role.eq(role))
        .filter(accounts::disabled.eq(false))
        .order(accounts::login)
        .select(AccountRow::as_select())
        .load(connection)?)
}

/// Writes what may change of an account: the password, whether it must be changed, whether it is disabled.
///
/// # Errors
/// `Stale` when it is gone.
pub fn replace(connection: &mut AnyConnection, account: &AccountRow) -> Result<Change, StorageError> {
    let changed = diesel::update(accounts::table.find(&account.id))
        .set((
            accounts::password_hash.eq(&account.password_hash),
            accounts::must_change.eq(account.must_change),
            accounts::disabled.eq(account.disabled),
            accounts::access_from.eq(&account.access_from),
        ))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(account)) } else { Err(StorageError::Stale) }
}

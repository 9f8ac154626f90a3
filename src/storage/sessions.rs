//! Sessions: each ends at once when it is revoked, on every instance.

use diesel::prelude::*;

use crate::domain::actor::Actor;
use crate::domain::role::Role;
use crate::storage::accounts::AccountRow;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::{accounts, sessions};

/// How long a second factor counts as fresh.
pub const STEP_UP_MS: i64 = 5 * 60 * 1000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    pub id: String,
    pub account: String,
    pub started_at_ms: i64,
    pub expires_at_ms: i64,
    pub revoked_at_ms: Option<i64>,
    /// When the second factor was last shown.
    pub stepped_up_at_ms: Option<i64>,
}

/// Adds a session.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, session: &SessionRow) -> Result<(), StorageError> {
    diesel::insert_into(sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// Who acts in a session, if it is alive at this moment and its account is not disabled.
///
/// # Errors
/// Storage failed, or the account's role is unknown to this program.
pub fn actor(
    connection: &mut AnyConnection,
    session: &str,
    at_ms: i64,
) -> Result<Option<Actor>, StorageError> {
    let found: Option<(SessionRow, AccountRow)> = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account)))
        .filter(sessions::id.eq(session))
        .filter(sessions::revoked_at_ms.is_null())
        .filter(sessions::expires_at_ms.gt(at_ms))
        .filter(accounts::disabled.eq(false))
        .select((SessionRow::as_select(), AccountRow::as_select()))
        .first(connection)
        .optional()?;
    let Some((session, account)) = found else { return Ok(None) };
    let role = Role::parse(&account.role)
        .ok_or_else(|| StorageError::Broken(format!("account {} has an unknown role", account.id)))?;
    Ok(Some(Actor {
        account: account.id,
        role,
        season: account.season,
        exam_no: account.exam_no,
        school: account.school,
        area: account.area,
        restricted: account.must_change,
        stepped_up: session.stepped_up_at_ms.is_some_and(|shown| at_ms - shown < STEP_UP_MS),
    }))
}

//! Sessions: each ends at once when it is revoked, on every instance.

use diesel::prelude::*;

use crate::domain::actor::Actor;
use crate::domain::role::Role;
use crate::faults::planted_bug::planted;
use crate::storage::clock::Now;
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::{accounts, second_factors, sessions, system_tokens};

/// How long a second factor counts as fresh.
pub const STEP_UP_MS: i64 = 5 * 60 * 1000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
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

/// What of an account every request asks for.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct Holder {
    id: String,
    role: String,
    season: Option<String>,
    exam_no: Option<String>,
    school: Option<String>,
    area: Option<String>,
    must_change: bool,
}

/// Who acts in a session at this moment, if it is alive and its account is not disabled, and the clock.
///
/// # Errors
/// Storage failed, or the account's role is unknown to this program.
pub fn actor(connection: &mut AnyConnection, session: &str) -> Result<Option<(Actor, i64)>, StorageError> {
    type Found = (i64, Option<i64>, Holder, Option<String>, Option<String>, i64);
    let found = on_either!(connection, connection => SameText(sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account)))
        .left_join(second_factors::table.on(second_factors::account.eq(accounts::id)))
        .left_join(system_tokens::table.on(system_tokens::session.eq(sessions::id)))
        .filter(sessions::id.eq(session))
        .filter(sessions::revoked_at_ms.is_null())
        .filter(accounts::disabled.eq(false))
        .select((
            sessions::expires_at_ms,
            sessions::stepped_up_at_ms,
            Holder::as_select(),
            second_factors::totp_secret.nullable(),
            system_tokens::scopes.nullable(),
            Now,
        ))
        .limit(1))
        .get_result::<Found>(connection));
    let found = found.optional()?;
    let Some((expires_at_ms, stepped_up_at_ms, account, totp, scopes, at_ms)) = found else {
        return Ok(None);
    };
    if expires_at_ms <= at_ms {
        return Ok(None);
    }
    let role = Role::parse(&account.role)
        .ok_or_else(|| StorageError::Broken(format!("account {} has an unknown role", account.id)))?;
    let actor = Actor {
        account: account.id,
        role,
        season: account.season,
        exam_no: account.exam_no,
        school: account.school,
        area: account.area,
        restricted: account.must_change || (role.needs_totp() && totp.is_none()),
        scopes,
        stepped_up: stepped_up_at_ms.is_some_and(|shown| at_ms - shown < STEP_UP_MS),
    };
    Ok(Some((actor, at_ms)))
}

/// The session of an id, alive or not.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<SessionRow>, StorageError> {
    Ok(sessions::table.find(id).select(SessionRow::as_select()).first(connection).optional()?)
}

/// The living sessions of an account, newest first.
///
/// # Errors
/// Storage failed.
pub fn list_of(
    connection: &mut AnyConnection,
    account: &str,
    at_ms: i64,
) -> Result<Vec<SessionRow>, StorageError> {
    Ok(sessions::table
        .filter(sessions::account.eq(account))
        .filter(sessions::revoked_at_ms.is_null())
        .filter(sessions::expires_at_ms.gt(at_ms))
        .order(sessions::started_at_ms.desc())
        .select(SessionRow::as_select())
        .load(connection)?)
}

/// Ends a session; from the commit on nobody acts in it.
///
/// # Errors
/// Storage failed.
pub fn revoke(connection: &mut AnyConnection, id: &str, at_ms: i64) -> Result<(), StorageError> {
    diesel::update(sessions::table.find(id))
        .filter(sessions::revoked_at_ms.is_null())
        .set(sessions::revoked_at_ms.eq(at_ms))
        .execute(connection)?;
    Ok(())
}

/// Ends every session of an account, or every one but `kept`.
///
/// # Errors
/// Storage failed.
pub fn revoke_of(
    connection: &mut AnyConnection,
    account: &str,
    kept: Option<&str>,
    at_ms: i64,
) -> Result<(), StorageError> {
    if planted("bug-token-lives-on") {
        return Ok(());
    }
    diesel::update(sessions::table)
        .filter(sessions::account.eq(account))
        .filter(sessions::id.ne(kept.unwrap_or_default()))
        .filter(sessions::revoked_at_ms.is_null())
        .set(sessions::revoked_at_ms.eq(at_ms))
        .execute(connection)?;
    Ok(())
}

/// The second factor was shown in a session.
///
/// # Errors
/// Storage failed.
pub fn step_up(connection: &mut AnyConnection, id: &str, at_ms: i64) -> Result<(), StorageError> {
    diesel::update(sessions::table.find(id)).set(sessions::stepped_up_at_ms.eq(at_ms)).execute(connection)?;
    Ok(())
}

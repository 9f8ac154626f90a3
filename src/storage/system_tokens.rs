//! System tokens: what another system's bearer is called and limited to.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::system_tokens;

/// A system token; its life and its end are those of its session.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = system_tokens, treat_none_as_default_value = false)]
pub struct SystemTokenRow {
    pub session: String,
    pub account: String,
    /// Which system it was given to.
    pub label: String,
    /// Operation ids it is limited to, space between.
    pub scopes: String,
    /// The account that made it.
    pub created_by: String,
}

impl Audited for SystemTokenRow {
    const TABLE: &'static str = "system_tokens";
    fn key(&self) -> String {
        self.session.clone()
    }
}

/// Adds a token.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, token: &SystemTokenRow) -> Result<Change, StorageError> {
    diesel::insert_into(system_tokens::table).values(token).execute(connection)?;
    Ok(Change::written(token))
}

/// The token of a session.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, session: &str) -> Result<Option<SystemTokenRow>, StorageError> {
    Ok(system_tokens::table.find(session).select(SystemTokenRow::as_select()).first(connection).optional()?)
}

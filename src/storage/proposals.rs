//! Acts of two people: proposed by one, approved by another who saw the same content.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::proposals;

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = proposals, treat_none_as_default_value = false)]
pub struct ProposalRow {
    pub id: String,
    pub season: String,
    /// The operation id of the act that is proposed.
    pub act: String,
    /// The area it concerns, where it concerns one.
    pub area: Option<String>,
    /// What is to happen, as JSON.
    pub content: String,
    /// SHA-256 of the content: the approver names it.
    pub content_hash: String,
    pub proposed_by: String,
    pub proposed_at_ms: i64,
    pub expires_at_ms: i64,
    pub approved_by: Option<String>,
    pub approved_at_ms: Option<i64>,
    /// The junior high it concerns, where it concerns one.
    pub junior: Option<String>,
}

impl Audited for ProposalRow {
    const TABLE: &'static str = "proposals";
    fn key(&self) -> String {
        self.id.clone()
    }
}

/// Adds a proposal.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, proposal: &ProposalRow) -> Result<Change, StorageError> {
    diesel::insert_into(proposals::table).values(proposal).execute(connection)?;
    Ok(Change::written(proposal))
}

/// The proposal of an id.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<ProposalRow>, StorageError> {
    Ok(proposals::table.find(id).select(ProposalRow::as_select()).first(connection).optional()?)
}

/// The proposals of a season after an id, in the order in which they were made, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    season: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<ProposalRow>, StorageError> {
    Ok(proposals::table
        .filter(proposals::season.eq(season))
        .filter(proposals::id.gt(after))
        .order(proposals::id)
        .limit(limit)
        .select(ProposalRow::as_select())
        .load(connection)?)
}

/// The proposal of an act that was signed by all last.
///
/// # Errors
/// Storage failed.
pub fn approved(
    connection: &mut AnyConnection,
    season: &str,
    act: &str,
) -> Result<Option<ProposalRow>, StorageError> {
    Ok(proposals::table
        .filter(proposals::season.eq(season))
        .filter(proposals::act.eq(act))
        .filter(proposals::approved_by.is_not_null())
        .order((proposals::approved_at_ms.desc(), proposals::id.desc()))
        .select(ProposalRow::as_select())
        .first(connection)
        .optional()?)
}

/// Notes who gave the last name; the row must still be without one.
///
/// # Errors
/// `Stale` when somebody approved it meanwhile.
pub fn approve(
    connection: &mut AnyConnection,
    proposal: &mut ProposalRow,
    by: &str,
    at_ms: i64,
) -> Result<Change, StorageError> {
    let changed = diesel::update(proposals::table.find(&proposal.id))
        .filter(proposals::approved_by.is_null())
        .set((proposals::approved_by.eq(by), proposals::approved_at_ms.eq(at_ms)))
        .execute(connection)?;
    if changed != 1 {
        return Err(StorageError::Stale);
    }
    proposal.approved_by = Some(by.to_owned());
    proposal.approved_at_ms = Some(at_ms);
    Ok(Change::written(proposal))
}

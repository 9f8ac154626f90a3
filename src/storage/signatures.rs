//! Names under a proposal: who signed what content.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::signatures;

/// A signature; the proposer's is the first.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = signatures, treat_none_as_default_value = false)]
pub struct SignatureRow {
    pub proposal: String,
    pub account: String,
    /// The role in which it was signed.
    pub role: String,
    /// SHA-256 of the content that was seen.
    pub content_hash: String,
    pub at_ms: i64,
}

impl Audited for SignatureRow {
    const TABLE: &'static str = "signatures";
    fn key(&self) -> String {
        format!("{}/{}", self.proposal, self.account)
    }
}

/// Adds a signature.
///
/// # Errors
/// `Stale` when this account has signed before.
pub fn add(connection: &mut AnyConnection, signature: &SignatureRow) -> Result<Change, StorageError> {
    diesel::insert_into(signatures::table).values(signature).execute(connection)?;
    Ok(Change::written(signature))
}

/// The signatures of a proposal in the order in which they were given.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, proposal: &str) -> Result<Vec<SignatureRow>, StorageError> {
    Ok(signatures::table
        .filter(signatures::proposal.eq(proposal))
        .order((signatures::at_ms, signatures::account))
        .select(SignatureRow::as_select())
        .load(connection)?)
}

//! Signed forms (志愿确认表), each recorded against the version it was printed from.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::form_versions::FormKey;
use crate::storage::schema::confirmations;

/// A recorded signature.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = confirmations, treat_none_as_default_value = false)]
pub struct ConfirmationRow {
    pub season: String,
    pub stage: String,
    pub exam_no: String,
    pub batch: String,
    pub version: i64,
    /// Of the version that was signed.
    pub hash: String,
    /// The account of the school.
    pub recorded_by: String,
    pub at_ms: i64,
}

impl Audited for ConfirmationRow {
    const TABLE: &'static str = "confirmations";
    fn key(&self) -> String {
        format!("{}/{}/{}/{}/{}", self.season, self.stage, self.exam_no, self.batch, self.version)
    }
}

/// The signature under a version.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    (season, stage, exam_no, batch): FormKey<'_>,
    version: i64,
) -> Result<Option<ConfirmationRow>, StorageError> {
    Ok(confirmations::table
        .find((season, stage, exam_no, batch, version))
        .select(ConfirmationRow::as_select())
        .first(connection)
        .optional()?)
}

/// The signed versions of these candidates: exam number, list, version.
///
/// # Errors
/// Storage failed.
pub fn numbers(
    connection: &mut AnyConnection,
    season: &str,
    stage: &str,
    exam_nos: &[&str],
) -> Result<Vec<(String, String, i64)>, StorageError> {
    Ok(confirmations::table
        .filter(confirmations::season.eq(season))
        .filter(confirmations::stage.eq(stage))
        .filter(confirmations::exam_no.eq_any(exam_nos))
        .select((confirmations::exam_no, confirmations::batch, confirmations::version))
        .load(connection)?)
}

/// Adds a signature.
///
/// # Errors
/// `Stale` when the version has one.
pub fn add(connection: &mut AnyConnection, confirmation: &ConfirmationRow) -> Result<Change, StorageError> {
    diesel::insert_into(confirmations::table).values(confirmation).execute(connection)?;
    Ok(Change::written(confirmation))
}

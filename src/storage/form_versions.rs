//! Submitted versions of preference forms: rows are added and read, never changed.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};

use crate::faults::crash_point::crash_point;
use crate::storage::advisory_lock::{self, Kind};
use crate::storage::candidates::Of;
use crate::storage::change::{Audited, Change};
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::{candidates, form_versions};
use crate::storage::written_insert::written_insert;

/// A submitted version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = form_versions, treat_none_as_default_value = false)]
pub struct FormVersionRow {
    pub season: String,
    /// `rehearsal` or `official`.
    pub stage: String,
    pub exam_no: String,
    /// The code of the list.
    pub batch: String,
    /// From 1; the highest counts.
    pub version: i64,
    /// The season's clock at the decision to accept.
    pub at_ms: i64,
    /// A JSON array of programme codes, best first; an empty text is a blank slot.
    pub choices: String,
    /// The hash of the version before, zeros for the first; 64 hexadecimal digits.
    pub previous: String,
    /// Of this version (`domain::form::FormVersion::canonical`).
    pub hash: String,
    pub receipt: String,
}

written_insert!(
    form_versions, FormVersionRow, season: Text, stage: Text, exam_no: Text, batch: Text, version: BigInt,
    at_ms: BigInt, choices: Text, previous: Text, hash: Text, receipt: Text,
);

impl Audited for FormVersionRow {
    const TABLE: &'static str = "form_versions";
    fn key(&self) -> String {
        format!("{}/{}/{}/{}/{}", self.season, self.stage, self.exam_no, self.batch, self.version)
    }
}

/// Season, stage, candidate and list of a form.
pub type FormKey<'k> = (&'k str, &'k str, &'k str, &'k str);

/// The version that counts, read after waiting for every submission of the same form under way, so
/// that of two at once the second sees the first.
///
/// # Errors
/// Storage failed.
pub fn latest_to_submit(
    connection: &mut AnyConnection,
    key: FormKey<'_>,
) -> Result<Option<FormVersionRow>, StorageError> {
    let (season, stage, exam_no, batch) = key;
    advisory_lock::take(connection, Kind::Form, &format!("{season}/{stage}/{exam_no}/{batch}"))?;
    latest(connection, key)
}

/// The version that counts.
///
/// # Errors
/// Storage failed.
pub fn latest(
    connection: &mut AnyConnection,
    key: FormKey<'_>,
) -> Result<Option<FormVersionRow>, StorageError> {
    let (season, stage, exam_no, batch) = key;
    let found = on_either!(connection, connection => SameText(form_versions::table
        .filter(form_versions::season.eq(season))
        .filter(form_versions::stage.eq(stage))
        .filter(form_versions::exam_no.eq(exam_no))
        .filter(form_versions::batch.eq(batch))
        .order(form_versions::version.desc())
        .select(FormVersionRow::as_select())
        .limit(1))
        .get_result(connection));
    Ok(found.optional()?)
}

/// One version.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    (season, stage, exam_no, batch): FormKey<'_>,
    version: i64,
) -> Result<Option<FormVersionRow>, StorageError> {
    Ok(form_versions::table
        .find((season, stage, exam_no, batch, version))
        .select(FormVersionRow::as_select())
        .first(connection)
        .optional()?)
}

/// Versions of a form before one of them, newest first, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    (season, stage, exam_no, batch): FormKey<'_>,
    before: i64,
    limit: i64,
) -> Result<Vec<FormVersionRow>, StorageError> {
    Ok(form_versions::table
        .filter(form_versions::season.eq(season))
        .filter(form_versions::stage.eq(stage))
        .filter(form_versions::exam_no.eq(exam_no))
        .filter(form_versions::batch.eq(batch))
        .filter(form_versions::version.lt(before))
        .order(form_versions::version.desc())
        .limit(limit)
        .select(FormVersionRow::as_select())
        .load(connection)?)
}

/// The highest version of every list of these candidates: exam number, list, version. No content.
///
/// # Errors
/// Storage failed.
pub fn numbers(
    connection: &mut AnyConnection,
    season: &str,
    stage: &str,
    exam_nos: &[&str],
) -> Result<Vec<(String, String, Option<i64>)>, StorageError> {
    Ok(form_versions::table
        .filter(form_versions::season.eq(season))
        .filter(form_versions::stage.eq(stage))
        .filter(form_versions::exam_no.eq_any(exam_nos))
        .group_by((form_versions::exam_no, form_versions::batch))
        .select((form_versions::exam_no, form_versions::batch, diesel::dsl::max(form_versions::version)))
        .load(connection)?)
}

/// How many first versions came in each hour: its beginning in milliseconds since 1970 (UTC), lists; the earliest first.
///
/// # Errors
/// Storage failed.
pub fn first_by_hour(
    connection: &mut AnyConnection,
    season: &str,
    stage: &str,
    of: &Of,
) -> Result<Vec<(i64, i64)>, StorageError> {
    let hour = || diesel::dsl::sql::<BigInt>("form_versions.at_ms / 3600000 * 3600000");
    let first = form_versions::table
        .filter(form_versions::season.eq(season))
        .filter(form_versions::stage.eq(stage))
        .filter(form_versions::version.eq(1))
        .group_by(hour())
        .order(hour())
        .select((hour(), diesel::dsl::count_star()));
    let pupils = candidates::table.filter(candidates::season.eq(season)).select(candidates::exam_no);
    Ok(match of {
        Of::Junior(code) => first
            .filter(form_versions::exam_no.eq_any(pupils.filter(candidates::junior_code.eq(code))))
            .load(connection)?,
        Of::Area(code) => first
            .filter(form_versions::exam_no.eq_any(pupils.filter(candidates::area_code.eq(code))))
            .load(connection)?,
        Of::Everybody => first.load(connection)?,
    })
}

/// Adds a version.
///
/// # Errors
/// `Stale` when there is one of this number.
pub fn add(connection: &mut AnyConnection, version: &FormVersionRow) -> Result<Change, StorageError> {
    let insert = Insert([version]);
    crash_point("before-insert");
    on_either!(connection, connection => insert.execute(connection))?;
    crash_point("after-insert");
    Ok(Change::written(version))
}

/// The choices that count, of every form of a stage, in the order of exam numbers and lists: exam number, list,
/// choices.
///
/// # Errors
/// Storage failed.
pub fn list_counting(
    connection: &mut AnyConnection,
    season: &str,
    stage: &str,
) -> Result<Vec<(String, String, String)>, StorageError> {
    // Versions come in order, so of each form the last one read is the one that counts.
    let all: Vec<(String, String, String)> = on_either!(connection, connection => form_versions::table
        .filter(form_versions::season.eq(season))
        .filter(form_versions::stage.eq(stage))
        .order((form_versions::exam_no, form_versions::batch, form_versions::version))
        .select((form_versions::exam_no, form_versions::batch, form_versions::choices))
        .load(connection))?;
    let mut counting: Vec<(String, String, String)> = Vec::new();
    for (exam_no, batch, choices) in all {
        match counting.last_mut() {
            Some(last) if last.0 == exam_no && last.1 == batch => last.2 = choices,
            _ => counting.push((exam_no, batch, choices)),
        }
    }
    Ok(counting)
}

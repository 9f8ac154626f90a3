//! Candidates of a season: the roster, in the words of the season folder's sheet.

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::{AnyConnection, each_row, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::{candidates, seasons};
use crate::storage::seasons::SeasonRow;
use crate::storage::sheet_rows::sheet_rows;
use crate::storage::written_insert::written_insert;

/// A candidate; `id_no` and `guardian_phone` are ciphertext.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = candidates, treat_none_as_default_value = false)]
pub struct CandidateRow {
    pub season: String,
    pub exam_no: String,
    pub name: String,
    pub sex: String,
    pub id_no: String,
    pub id_no_index: String,
    pub junior_code: String,
    pub area_code: String,
    pub register_from: String,
    pub attended: String,
    pub repeat: String,
    pub local: String,
    pub bonus: String,
    pub bonus_reason: String,
    pub quality_grade: String,
    pub flags: String,
    pub class: String,
    pub guardian_phone: String,
    pub guardian_phone_index: String,
}

impl Audited for CandidateRow {
    const TABLE: &'static str = "candidates";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.exam_no)
    }
}

written_insert!(
    candidates, CandidateRow, season: Text, exam_no: Text, name: Text, sex: Text, id_no: Text, id_no_index: Text,
    junior_code: Text, area_code: Text, register_from: Text, attended: Text, repeat: Text, local: Text, bonus: Text,
    bonus_reason: Text, quality_grade: Text, flags: Text, class: Text, guardian_phone: Text,
    guardian_phone_index: Text,
);
sheet_rows!(candidates, CandidateRow, exam_no; |row| Insert([row]));

/// Tells every candidate, in the order of exam numbers, while the next ones are read.
///
/// # Errors
/// Storage failed.
pub fn each(
    connection: &mut AnyConnection,
    season: &str,
    tell: impl FnMut(CandidateRow),
) -> Result<(), StorageError> {
    let rows = candidates::table.filter(candidates::season.eq(season)).order(candidates::exam_no);
    each_row!(connection, rows.select(CandidateRow::as_select()) => CandidateRow, tell);
    Ok(())
}

/// Exam number, junior high and area of every candidate, in the order of exam numbers.
///
/// # Errors
/// Storage failed.
pub fn list_codes(
    connection: &mut AnyConnection,
    season: &str,
) -> Result<Vec<(String, String, String)>, StorageError> {
    Ok(candidates::table
        .filter(candidates::season.eq(season))
        .order(candidates::exam_no)
        .select((candidates::exam_no, candidates::junior_code, candidates::area_code))
        .load(connection)?)
}

/// What of a candidate enters a result: no name, no ID number, no phone.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = candidates)]
pub struct Entitlement {
    pub exam_no: String,
    pub junior_code: String,
    pub area_code: String,
    pub register_from: String,
    pub attended: String,
    pub repeat: String,
    pub local: String,
    pub bonus: String,
    pub bonus_reason: String,
    pub quality_grade: String,
    pub flags: String,
}

/// Tells what enters a result of every candidate, in the order of exam numbers, while the next ones are read.
///
/// # Errors
/// Storage failed.
pub fn each_entitlement(
    connection: &mut AnyConnection,
    season: &str,
    tell: impl FnMut(Entitlement),
) -> Result<(), StorageError> {
    let rows = candidates::table.filter(candidates::season.eq(season)).order(candidates::exam_no);
    each_row!(connection, rows.select(Entitlement::as_select()) => Entitlement, tell);
    Ok(())
}

/// What keeps two offices from bringing the same person: exam number, junior high, area, and the keyed index
/// of the ID number.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = candidates)]
pub struct Identity {
    pub exam_no: String,
    pub junior_code: String,
    pub area_code: String,
    pub id_no_index: String,
}

/// The identities of all candidates, in the order of exam numbers.
///
/// # Errors
/// Storage failed.
pub fn list_identities(connection: &mut AnyConnection, season: &str) -> Result<Vec<Identity>, StorageError> {
    Ok(candidates::table
        .filter(candidates::season.eq(season))
        .order(candidates::exam_no)
        .select(Identity::as_select())
        .load(connection)?)
}

/// The candidate of an exam number.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    season: &str,
    exam_no: &str,
) -> Result<Option<CandidateRow>, StorageError> {
    Ok(candidates::table
        .find((season, exam_no))
        .select(CandidateRow::as_select())
        .first(connection)
        .optional()?)
}

/// The candidate of an exam number with her season.
///
/// # Errors
/// Storage failed.
pub fn find_with_season(
    connection: &mut AnyConnection,
    season: &str,
    exam_no: &str,
) -> Result<Option<(CandidateRow, SeasonRow)>, StorageError> {
    let found = on_either!(connection, connection => SameText(candidates::table
        .inner_join(seasons::table.on(seasons::code.eq(candidates::season)))
        .filter(candidates::season.eq(season))
        .filter(candidates::exam_no.eq(exam_no))
        .select((CandidateRow::as_select(), SeasonRow::as_select()))
        .limit(1))
        .get_result(connection));
    Ok(found.optional()?)
}

/// Whose rows a list is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    Junior(String),
    Area(String),
    Everybody,
}

impl Of {
    /// The audit's name of it.
    pub fn subject(&self) -> String {
        match self {
            Of::Junior(code) => format!("junior:{code}"),
            Of::Area(code) => format!("area:{code}"),
            Of::Everybody => "season".to_owned(),
        }
    }
}

/// Candidates after an exam number, in order, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list_of(
    connection: &mut AnyConnection,
    season: &str,
    of: &Of,
    after: &str,
    limit: i64,
) -> Result<Vec<CandidateRow>, StorageError> {
    let query = candidates::table
        .filter(candidates::season.eq(season))
        .filter(candidates::exam_no.gt(after))
        .order(candidates::exam_no)
        .limit(limit)
        .select(CandidateRow::as_select());
    Ok(match of {
        Of::Junior(code) => query.filter(candidates::junior_code.eq(code)).load(connection)?,
        Of::Area(code) => query.filter(candidates::area_code.eq(code)).load(connection)?,
        Of::Everybody => query.load(connection)?,
    })
}

/// How many candidates there are of each junior high and class, by code and class.
///
/// # Errors
/// Storage failed.
pub fn count_by_class(
    connection: &mut AnyConnection,
    season: &str,
    of: &Of,
) -> Result<Vec<(String, String, i64)>, StorageError> {
    let query = candidates::table
        .filter(candidates::season.eq(season))
        .group_by((candidates::junior_code, candidates::class))
        .order((candidates::junior_code, candidates::class))
        .select((candidates::junior_code, candidates::class, diesel::dsl::count_star()));
    Ok(match of {
        Of::Junior(code) => query.filter(candidates::junior_code.eq(code)).load(connection)?,
        Of::Area(code) => query.filter(candidates::area_code.eq(code)).load(connection)?,
        Of::Everybody => query.load(connection)?,
    })
}

/// Writes a candidate's flags.
///
/// # Errors
/// `Stale` when she is gone.
pub fn set_flags(connection: &mut AnyConnection, candidate: &CandidateRow) -> Result<Change, StorageError> {
    let changed = diesel::update(candidates::table.find((&candidate.season, &candidate.exam_no)))
        .set(candidates::flags.eq(&candidate.flags))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(candidate)) } else { Err(StorageError::Stale) }
}

/// Writes a candidate's guardian phone and its index.
///
/// # Errors
/// `Stale` when she is gone.
pub fn set_guardian_phone(
    connection: &mut AnyConnection,
    candidate: &CandidateRow,
) -> Result<Change, StorageError> {
    let changed = diesel::update(candidates::table.find((&candidate.season, &candidate.exam_no)))
        .set((
            candidates::guardian_phone.eq(&candidate.guardian_phone),
            candidates::guardian_phone_index.eq(&candidate.guardian_phone_index),
        ))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(candidate)) } else { Err(StorageError::Stale) }
}

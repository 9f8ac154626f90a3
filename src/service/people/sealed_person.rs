//! A candidate's ID number and guardian's phone: sealed in her row of the roster, opened nowhere else.

use crate::service::error::ServiceError;
use crate::service::secrets::field_cipher::{FieldCipher, Place};
use crate::storage::candidates::CandidateRow;

const TABLE: &str = "candidates";
const ID_NO: &str = "id_no";
const PHONE: &str = "guardian_phone";

/// Seals an ID number into its row, with the key it is looked up by; an empty one stays empty.
pub fn seal_id_no(fields: &FieldCipher, row: &mut CandidateRow, id_no: &str) {
    (row.id_no, row.id_no_index) = sealed(fields, row, ID_NO, id_no, &in_one_writing(id_no));
}

/// The key by which an ID number is looked up.
pub fn id_no_index(fields: &FieldCipher, id_no: &str) -> String {
    fields.keyed_index(TABLE, ID_NO, &in_one_writing(id_no))
}

/// For look-up the check digit X is a capital.
fn in_one_writing(id_no: &str) -> String {
    id_no.to_ascii_uppercase()
}

/// Seals the guardian's phone into its row, with the key it is looked up by; an empty one stays empty.
pub fn seal_guardian_phone(fields: &FieldCipher, row: &mut CandidateRow, phone: &str) {
    let index: String = phone.chars().filter(|sign| *sign != '-').collect();
    (row.guardian_phone, row.guardian_phone_index) = sealed(fields, row, PHONE, phone, &index);
}

/// The ID number of a row; empty where the roster has none.
///
/// # Errors
/// `Internal` when it was altered, moved, or sealed under another key file.
pub fn open_id_no(fields: &FieldCipher, row: &CandidateRow) -> Result<String, ServiceError> {
    opened(fields, row, ID_NO, &row.id_no)
}

/// The guardian's phone of a row; empty where the roster has none.
///
/// # Errors
/// As [`open_id_no`].
pub fn open_guardian_phone(fields: &FieldCipher, row: &CandidateRow) -> Result<String, ServiceError> {
    opened(fields, row, PHONE, &row.guardian_phone)
}

/// What a column holds, and the key by which it is looked up.
fn sealed(
    fields: &FieldCipher,
    row: &CandidateRow,
    column: &str,
    text: &str,
    index: &str,
) -> (String, String) {
    if text.is_empty() {
        return (String::new(), String::new());
    }
    let place = Place { table: TABLE, column, row: &key(row) };
    (fields.seal(place, text), fields.keyed_index(TABLE, column, index))
}

fn opened(
    fields: &FieldCipher,
    row: &CandidateRow,
    column: &str,
    sealed: &str,
) -> Result<String, ServiceError> {
    if sealed.is_empty() {
        return Ok(String::new());
    }
    let place = Place { table: TABLE, column, row: &key(row) };
    let fail = |_| ServiceError::Internal(format!("{column} of candidate {} does not open", row.exam_no));
    fields.open(place, sealed).map_err(fail)
}

/// Never changed: a field opens only in the row it was sealed for.
fn key(row: &CandidateRow) -> String {
    format!("{}/{}", row.season, row.exam_no)
}

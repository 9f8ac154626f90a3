//! An office uploads a file; it is checked at once and kept, sealed, with what the check said.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::Act;
use crate::domain::policy::Policy;
use crate::domain::sheet_kind::SheetKind;
use crate::files::column_names::LEFT_OUT;
use crate::files::grid::MOST_COLUMNS;
use crate::files::sheet_check::written_columns;
use crate::service::app::{App, Caller};
use crate::service::data_in::check_upload::{Brought, check_upload, fits_phase};
use crate::service::data_in::import_report::ImportReport;
use crate::service::data_in::own_rows::{Of, kinds, office};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::season::stored_policy::stored_policy;
use crate::service::secrets::field_cipher::{FieldCipher, Place};
use crate::storage::imports::{self, ImportRow};

/// Bytes of a file that are sealed together.
const PART: usize = 1 << 20;
/// Characters of a file's name at most.
const LONGEST_NAME: usize = 200;

/// What is uploaded, as the request says it.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub kind: Option<String>,
    pub file_name: Option<String>,
    /// A JSON object: the sender's names of columns, and ours.
    pub mapping: Option<String>,
    pub bytes: Vec<u8>,
}

/// Checks a file against what the season holds and keeps both the file and the report.
///
/// # Errors
/// `Invalid` without a kind that the office may bring, a usable file name or a right mapping, `WrongPhase` for data that no longer changes. Faults
/// of the file are no error: they are what the report is for.
pub async fn upload_import(
    app: &App,
    caller: &Caller,
    season: String,
    upload: Upload,
) -> Result<(ImportRow, ImportReport), ServiceError> {
    let fields = app.fields().clone();
    let code = season.clone();
    // The check takes a while: it holds no writer and reads one state of the season.
    let (mut import, report, parts) = app
        .look(caller, move |transaction| {
            let (whose, of) = office(&transaction.actor, &code);
            let season = transaction.season_for(Act::UploadImport, &whose)?;
            let (kind, file_name, mapping) = named(&upload, &of, &*stored_policy(&season)?)?;
            fits_phase(kind, &season)?;
            let parts_of = upload.bytes.clone();
            let brought = Brought { kind, of: &of, file_name: &file_name, mapping: &mapping };
            let checked = check_upload(transaction.connection, &season, &fields, &brought, upload.bytes)?;
            let id = uuid::Uuid::now_v7().to_string();
            let report = ImportReport::new(
                &file_name,
                mapping,
                &checked.check.faults,
                &checked.check.notices,
                &checked.totals,
                checked.warnings,
            );
            let import = ImportRow {
                season: season.code,
                kind: kind.word().to_owned(),
                file_hash: checked.file_hash,
                checked_hash: checked.checked_hash,
                row_count: checked.check.rows.len() as i64,
                fault_count: checked.check.faults.len() as i64,
                report: report.seal(&fields, &id)?,
                school: whose.junior,
                area: whose.area,
                uploaded_by: transaction.actor.account.clone(),
                uploaded_at_ms: 0,
                committed_by: None,
                committed_at_ms: None,
                id,
            };
            let parts: Vec<String> = (0_u64..)
                .zip(parts_of.chunks(PART))
                .map(|(number, part)| fields.seal_bytes(place(&format!("{}/{number}", import.id)), part))
                .collect();
            Ok((import, report, parts))
        })
        .await?;
    app.act(caller, move |transaction| {
        let (whose, _) = office(&transaction.actor, &season);
        transaction.season_for(Act::UploadImport, &whose)?;
        import.uploaded_at_ms = transaction.at_ms;
        imports::add(transaction.connection, &import, &parts)?;
        let detail = format!(
            "{} {} rows {} faults sha256 {}",
            import.kind, import.row_count, import.fault_count, import.file_hash
        );
        let subject = format!("import:{}", import.id);
        transaction.note(Act::UploadImport, &season, &subject, detail, Vec::new())?;
        Ok((import, report))
    })
    .await
}

/// The kind, the name and the mapping of the file, or everything that is wrong with them.
fn named(
    upload: &Upload,
    of: &Of,
    policy: &Policy,
) -> Result<(SheetKind, String, BTreeMap<String, String>), ServiceError> {
    let mut faults = Vec::new();
    let may = kinds(of);
    let kind = upload.kind.as_deref().and_then(SheetKind::from_word).filter(|kind| may.contains(kind));
    if kind.is_none() {
        let words: Vec<&str> = may.into_iter().map(SheetKind::word).collect();
        faults.push(FieldFault::new("kind", "unknown", format!("must be one of {}", words.join(", "))));
    }
    let name = upload.file_name.clone().unwrap_or_default();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        let rule = format!("must have 1 to {LONGEST_NAME} characters and an ending such as .xlsx");
        faults.push(FieldFault::new("file_name", "malformed", rule));
    }
    let mapping = mapped(upload.mapping.as_deref(), kind, policy, &mut faults);
    match kind {
        Some(kind) if faults.is_empty() => Ok((kind, name, mapping)),
        _ => Err(ServiceError::Invalid(faults)),
    }
}

/// The sender's names of columns and ours; a name of ours is told only where the kind is known.
fn mapped(
    text: Option<&str>,
    kind: Option<SheetKind>,
    policy: &Policy,
    faults: &mut Vec<FieldFault>,
) -> BTreeMap<String, String> {
    let Some(text) = text else { return BTreeMap::new() };
    let Ok(mapping) = serde_json::from_str::<BTreeMap<String, String>>(text) else {
        let rule = "must be a JSON object of texts, such as {\"KSH\": \"exam_no\"}";
        faults.push(FieldFault::new("mapping", "malformed", rule));
        return BTreeMap::new();
    };
    if mapping.len() > MOST_COLUMNS {
        let rule = format!("must have at most {MOST_COLUMNS} names");
        faults.push(FieldFault::new("mapping", "length", rule));
        return mapping;
    }
    let columns = kind.map(|kind| written_columns(kind, policy));
    let mut taken = BTreeSet::new();
    for (theirs, ours) in &mapping {
        let shown: String = theirs.chars().take(60).collect();
        let mut fault = |code, rule: String| {
            faults.push(FieldFault::new(format!("mapping/{shown}"), code, rule));
        };
        if theirs.trim().is_empty()
            || theirs.chars().count() > LONGEST_NAME
            || theirs.contains(char::is_control)
        {
            fault("malformed", format!("a column's name must have 1 to {LONGEST_NAME} characters"));
        }
        if ours == LEFT_OUT {
            continue;
        }
        if let Some(columns) = columns.as_ref().filter(|columns| !columns.contains(ours)) {
            let known = columns.join(", ");
            fault("unknown", format!("must be one of {known}, or {LEFT_OUT} for a column that is left out"));
        } else if !taken.insert(ours) {
            fault("twice", format!("another column is {ours} already"));
        }
    }
    mapping
}

/// Where a sealed part stands.
fn place(key: &str) -> Place<'_> {
    Place { table: "import_parts", column: "content", row: key }
}

/// The file of an import as it was sent.
///
/// # Errors
/// A part does not open under this installation's key.
pub fn opened(fields: &FieldCipher, import: &str, parts: &[String]) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    for (number, part) in (0_u64..).zip(parts) {
        let opened = fields.open_bytes(place(&format!("{import}/{number}")), part);
        let fail = |_| ServiceError::Internal(format!("part {number} of import {import} does not open"));
        bytes.extend(opened.map_err(fail)?);
    }
    Ok(bytes)
}

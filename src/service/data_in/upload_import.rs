//! An office uploads a file; it is checked at once and kept, sealed, with what the check said.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::sheet_kind::SheetKind;
use crate::service::app::{App, Caller};
use crate::service::data_in::check_upload::{act_of, check_upload, fits_phase};
use crate::service::data_in::import_report::ImportReport;
use crate::service::error::{FieldFault, ServiceError};
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
    pub bytes: Vec<u8>,
}

/// Checks a file against what the season holds and keeps both the file and the report.
///
/// # Errors
/// `Invalid` without a kind or a usable file name, `WrongPhase` for data that no longer changes. Faults
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
            let season = transaction.season_for(Act::UploadImport, &Whose::season(&code))?;
            let (kind, file_name) = named(&upload)?;
            fits_phase(kind, &season)?;
            let parts_of = upload.bytes.clone();
            let checked = check_upload(transaction.connection, &season, kind, &file_name, upload.bytes)?;
            let id = uuid::Uuid::now_v7().to_string();
            let report = ImportReport::new(
                &file_name,
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
        transaction.season_for(Act::UploadImport, &Whose::season(&season))?;
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

/// The kind and the name of the file, or what is wrong with them.
fn named(upload: &Upload) -> Result<(SheetKind, String), ServiceError> {
    let mut faults = Vec::new();
    let kind = upload.kind.as_deref().and_then(SheetKind::from_word).filter(|kind| act_of(*kind).is_some());
    if kind.is_none() {
        let kinds: Vec<&str> =
            SheetKind::ALL.into_iter().filter(|kind| act_of(*kind).is_some()).map(SheetKind::word).collect();
        faults.push(FieldFault::new("kind", "unknown", format!("must be one of {}", kinds.join(", "))));
    }
    let name = upload.file_name.clone().unwrap_or_default();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        let rule = format!("must have 1 to {LONGEST_NAME} characters and an ending such as .xlsx");
        faults.push(FieldFault::new("file_name", "malformed", rule));
    }
    match kind {
        Some(kind) if faults.is_empty() => Ok((kind, name)),
        _ => Err(ServiceError::Invalid(faults)),
    }
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

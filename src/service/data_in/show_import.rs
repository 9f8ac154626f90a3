//! An import is shown: its report, or the sender's own rows back with their faults.

use crate::domain::access::Act;
use crate::domain::sheet_kind::SheetKind;
use crate::files::annotated_workbook::annotated;
use crate::service::app::{App, Caller, Transaction};
use crate::service::data_in::check_upload::{Brought, check_upload};
use crate::service::data_in::import_report::ImportReport;
use crate::service::data_in::own_rows::{office, whose};
use crate::service::data_in::upload_import::opened;
use crate::service::error::ServiceError;
use crate::storage::imports;
pub use crate::storage::imports::ImportRow;
use crate::storage::seasons::SeasonRow;

/// The import with its report.
///
/// # Errors
/// `NotFound` without such an import.
pub async fn show_import(
    app: &App,
    caller: &Caller,
    season: String,
    id: String,
) -> Result<(ImportRow, ImportReport), ServiceError> {
    let fields = app.fields().clone();
    app.act(caller, move |transaction| {
        let (_, import) = found(transaction, Act::ShowImport, &season, &id)?;
        let report = ImportReport::open(&fields, &import.id, &import.report)?;
        transaction.note(Act::ShowImport, &season, &format!("import:{id}"), "", Vec::new())?;
        Ok((import, report))
    })
    .await
}

/// The rows as they were sent, in a workbook whose last column tells the faults of each.
///
/// The faults are those against the season as it is now.
///
/// # Errors
/// As [`show_import`].
pub async fn download_import(
    app: &App,
    caller: &Caller,
    season: String,
    id: String,
) -> Result<Vec<u8>, ServiceError> {
    let fields = app.fields().clone();
    let (code, import_id) = (season.clone(), id.clone());
    // On record before anything is handed out.
    app.act(caller, move |transaction| {
        found(transaction, Act::DownloadImport, &code, &import_id)?;
        transaction.note(Act::DownloadImport, &code, &format!("import:{import_id}"), "", Vec::new())
    })
    .await?;
    app.look(caller, move |transaction| {
        let (season, import) = found(transaction, Act::DownloadImport, &season, &id)?;
        let report = ImportReport::open(&fields, &import.id, &import.report)?;
        let bytes = opened(&fields, &id, &imports::parts(transaction.connection, &id)?)?;
        let (of, kind) = (import.of(), kind_of(&import)?);
        let brought = Brought { kind, of: &of, file_name: &report.file_name, mapping: &report.mapping };
        let checked = check_upload(transaction.connection, &season, &fields, &brought, bytes)?;
        annotated(&checked.sheet, &checked.check.faults)
            .map_err(|error| ServiceError::Internal(format!("the workbook of import {id}: {error}")))
    })
    .await
}

/// The import of an id, if the act is the actor's to do to it.
///
/// # Errors
/// As [`Transaction::season_for`]; `NotFound` without such an import, and for another office's.
pub fn found(
    transaction: &mut Transaction<'_>,
    act: Act,
    season: &str,
    id: &str,
) -> Result<(SeasonRow, ImportRow), ServiceError> {
    // First what can be said without the import, so that another office's looks like one that is not there.
    let season = transaction.season_for(act, &office(&transaction.actor, season).0)?;
    let import = imports::find(transaction.connection, &season.code, id)?.ok_or(ServiceError::NotFound)?;
    transaction.permit(act, &whose(&import))?;
    Ok((season, import))
}

/// The kind of an import.
///
/// # Errors
/// Another program stored a kind that this one does not know.
pub fn kind_of(import: &ImportRow) -> Result<SheetKind, ServiceError> {
    SheetKind::from_word(&import.kind)
        .ok_or_else(|| ServiceError::Internal(format!("import {} is of an unknown kind", import.id)))
}

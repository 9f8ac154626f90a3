//! A checked file becomes the season's data, all of it or nothing.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::files::column_names::upload_names;
use crate::files::sheet::read_upload;
use crate::files::sheet_check::checked_rows;
use crate::service::app::{App, Caller};
use crate::service::data_in::check_upload::{Brought, checked_hash, fits_phase};
use crate::service::data_in::import_report::ImportReport;
use crate::service::data_in::own_rows::{OwnRows, whose};
use crate::service::data_in::show_import::{found, kind_of};
use crate::service::data_in::upload_import::opened;
use crate::service::data_in::{store_rows, stored_sheets};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::precondition::Precondition;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::database::AnyConnection;
use crate::storage::imports::{self, ImportRow};
use crate::storage::seasons::{self, SeasonRow};

/// Characters of a reason at most.
const LONGEST_REASON: usize = 1_000;

/// Commits an import: its rows take the place of the rows of that kind that are the office's own.
///
/// `reasons` says by code why each warning is no mistake.
///
/// # Errors
/// `Stale` when `If-Match` names another check, `Conflict` when it has faults (`has_faults`), was
/// committed (`committed`), or what it was checked against has changed, or another office took one of its
/// codes (`changed_since_check`: upload it again), or when a code would vanish that other rows name
/// (`in_use`); `Invalid` without a reason for a warning.
pub async fn commit_import(
    app: &App,
    caller: &Caller,
    season: String,
    id: String,
    precondition: Precondition,
    reasons: BTreeMap<String, String>,
) -> Result<(ImportRow, ImportReport), ServiceError> {
    let fields = app.fields().clone();
    let (code, import_id) = (season.clone(), id.clone());
    // Reading and sealing take a while and hold no writer.
    let (mut import, report, sealed, rows) = app
        .look(caller, move |transaction| {
            let (season, import) = found(transaction, Act::CommitImport, &code, &import_id)?;
            let kind = kind_of(&import)?;
            fits_phase(kind, &season)?;
            precondition.hold(&import.checked_hash)?;
            let mut report = ImportReport::open(&fields, &import.id, &import.report)?;
            committable(&import, &report)?;
            report.reasons = reasoned(&report, reasons)?;
            still_checked(transaction.connection, &season, &import, &report)?;
            // The same file against the same data under the same rules: what the check said still holds.
            let bytes = opened(&fields, &import.id, &imports::parts(transaction.connection, &import.id)?)?;
            let policy = stored_policy(&season)?;
            let names = upload_names(kind, &policy, &report.mapping);
            let sheet =
                read_upload(&report.file_name, bytes, kind.called(), &names).map_err(|_| changed())?;
            let rows = checked_rows(kind, &sheet, &policy);
            let rows = store_rows::rows(kind, &season.code, &rows, &fields)?;
            let sealed = report.seal(&fields, &import.id)?;
            Ok((import, report, sealed, rows))
        })
        .await?;
    app.act(caller, move |transaction| {
        // Whoever commits at the same time waits here, and then sees what this one wrote.
        seasons::hold(transaction.connection, &season)?;
        let season = transaction.season_for(Act::CommitImport, &whose(&import))?;
        let kind = kind_of(&import)?;
        fits_phase(kind, &season)?;
        still_checked(transaction.connection, &season, &import, &report)?;
        let own = OwnRows::of_office(transaction.connection, &season.code, kind, &import.of())?;
        if rows.clash_with(&own) {
            return Err(changed());
        }
        let account = transaction.actor.account.clone();
        imports::set_committed(transaction.connection, &id, &account, transaction.at_ms, &sealed)?;
        let changes = store_rows::replace(transaction.connection, &season.code, &own, rows)?;
        import.committed_by = Some(account);
        import.committed_at_ms = Some(transaction.at_ms);
        let warned: Vec<&str> = report.reasons.keys().map(String::as_str).collect();
        let detail = format!(
            "{} {} rows sha256 {} in spite of [{}]",
            import.kind,
            import.row_count,
            import.file_hash,
            warned.join(", ")
        );
        transaction.note(Act::CommitImport, &season.code, &format!("import:{id}"), detail, changes)?;
        Ok((import, report))
    })
    .await
}

/// Refuses where the season holds other data than those the file was checked against.
fn still_checked(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    import: &ImportRow,
    report: &ImportReport,
) -> Result<(), ServiceError> {
    let (of, kind) = (import.of(), kind_of(import)?);
    let brought = Brought { kind, of: &of, file_name: &report.file_name, mapping: &report.mapping };
    let context = stored_sheets::context(connection, &season.code, kind.needs())?;
    let now = checked_hash(season, &brought, &import.file_hash, &context);
    if now == import.checked_hash { Ok(()) } else { Err(changed()) }
}

fn changed() -> ServiceError {
    let rule = "the season's data changed since this file was checked; upload it again";
    ServiceError::conflict("changed_since_check", rule)
}

fn committable(import: &ImportRow, report: &ImportReport) -> Result<(), ServiceError> {
    if import.committed_at_ms.is_some() {
        return Err(ServiceError::conflict("committed", "this file was committed before"));
    }
    // The sealed report counts too: the number beside it could be edited by whoever can write to the database.
    if import.fault_count > 0 || !report.faults.is_empty() {
        let rule = format!("the file has {} faults; mend it and upload it again", import.fault_count);
        return Err(ServiceError::conflict("has_faults", rule));
    }
    Ok(())
}

/// A reason for each warning, and for nothing else.
fn reasoned(
    report: &ImportReport,
    reasons: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut faults = Vec::new();
    for warning in &report.warnings {
        let pointer = format!("/reasons/{}", warning.code);
        if faults.iter().any(|fault: &FieldFault| fault.pointer == pointer) {
            continue;
        }
        match reasons.get(&warning.code) {
            Some(reason) if reason.trim().is_empty() || reason.chars().count() > LONGEST_REASON => {
                let rule = format!("must have 1 to {LONGEST_REASON} characters");
                faults.push(FieldFault::new(pointer, "malformed", rule));
            }
            Some(_) => {}
            None => faults.push(FieldFault::new(pointer, "missing", "say why this warning is no mistake")),
        }
    }
    for code in reasons.keys().filter(|code| report.warnings.iter().all(|known| known.code != **code)) {
        let code: String = code.chars().take(60).collect();
        faults.push(FieldFault::new(format!("/reasons/{code}"), "unknown", "the check did not warn of this"));
    }
    if faults.is_empty() { Ok(reasons) } else { Err(ServiceError::Invalid(faults)) }
}

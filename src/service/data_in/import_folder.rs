//! A whole season folder is brought into the database, or written back from it, by the operator.

use std::fs;
use std::path::Path;

use crate::domain::access::Act;
use crate::domain::actor::Actor;
use crate::domain::fault::Fault;
use crate::domain::phase::Phase;
use crate::domain::sheet_kind::SheetKind;
use crate::files::policy_text::with_seed_parts;
use crate::files::season_folder::read_season_sheets;
use crate::files::sheet::read_sheet;
use crate::files::sheet_check::check_sheet;
use crate::service::app::{App, Transaction};
use crate::service::data_in::check_upload::fits_phase;
use crate::service::data_in::own_rows::OwnRows;
use crate::service::data_in::store_rows;
use crate::service::data_in::stored_sheets::{self, STORED};
use crate::service::error::ServiceError;
use crate::service::export_folder::{Form, written};
use crate::service::runs::run_input::run_input;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::seasons;

/// Why a folder was not brought in or written.
#[derive(Debug)]
pub enum FolderError {
    /// Faults of the folder's sheets, or cells that a form cannot hold.
    Faults(Vec<Fault>),
    Refused(ServiceError),
    Io(std::io::Error),
}

impl From<ServiceError> for FolderError {
    fn from(error: ServiceError) -> FolderError {
        FolderError::Refused(error)
    }
}

impl From<std::io::Error> for FolderError {
    fn from(error: std::io::Error) -> FolderError {
        FolderError::Io(error)
    }
}

/// Brings every sheet of a folder into a season of the database, in the order in which they refer to
/// each other; each sheet is all or nothing. Returns the sheets and their rows.
///
/// # Errors
/// Every fault of the first sheet that has any; the sheets before it stay.
pub async fn import_folder(
    app: &App,
    folder: &Path,
    season: &str,
) -> Result<Vec<(&'static str, usize)>, FolderError> {
    let mut brought = Vec::new();
    for kind in STORED {
        let sheet = match read_sheet(folder, kind.word()) {
            Ok(Some(sheet)) => sheet,
            Ok(None) => continue,
            Err(fault) => return Err(FolderError::Faults(vec![fault])),
        };
        let (fields, key, code) = (app.fields().clone(), app.audit_key().clone(), season.to_owned());
        let outcome = app
            .database()
            .write(move |connection| {
                let mut transaction = Transaction::of_operator(connection, Actor::service(), &key)?;
                seasons::hold(transaction.connection, &code)?;
                let season = seasons::find(transaction.connection, &code)?.ok_or(ServiceError::NotFound)?;
                fits_phase(kind, &season)?;
                let policy = stored_policy(&season)?;
                let context = stored_sheets::context(transaction.connection, &code, kind.needs())?;
                let check = check_sheet(kind, sheet, &policy, context);
                if !check.faults.is_empty() {
                    return Ok(Err(check.faults));
                }
                let rows = store_rows::rows(kind, &code, &check.rows, &fields)?;
                let changes =
                    store_rows::replace(transaction.connection, &code, &OwnRows::everybodys(), rows)?;
                let count = check.rows.len();
                let detail = format!("{} {count} rows from the command line", kind.word());
                transaction.note(Act::CommitImport, &code, "season", detail, changes)?;
                Ok::<_, ServiceError>(Ok(count))
            })
            .await?;
        match outcome {
            Ok(count) => brought.push((kind.word(), count)),
            Err(faults) => return Err(FolderError::Faults(faults)),
        }
    }
    Ok(brought)
}

/// Writes a season of the database as a folder: `season.toml` and every sheet. Returns how many sheets.
///
/// # Errors
/// `NotFound` without such a season; cells that the form cannot hold, and then nothing is written.
pub async fn export_season(app: &App, season: &str, out: &Path, form: Form) -> Result<usize, FolderError> {
    let (code, fields) = (season.to_owned(), app.fields().clone());
    // Reading and opening take a while and hold no writer.
    let (policy, sheets) = app
        .database()
        .read(move |connection| {
            let season = seasons::find(connection, &code)?.ok_or(ServiceError::NotFound)?;
            let mut sheets = stored_sheets::whole(connection, &code, &fields)?;
            let mut policy = season.policy.clone();
            // Who wants what leaves the house only once nothing of it can change.
            if season.phase()? >= Phase::Frozen {
                let input = run_input(connection, &season, "official")?;
                policy = with_seed_parts(&policy, &input.seed_parts)
                    .map_err(|_| ServiceError::Internal("the policy is no TOML".to_owned()))?;
                let preferences =
                    input.sheets.into_iter().filter(|(kind, _)| *kind == SheetKind::Preferences);
                sheets.extend(preferences);
            }
            Ok::<_, ServiceError>((policy, sheets))
        })
        .await?;
    let (key, code) = (app.audit_key().clone(), season.to_owned());
    // Reading everybody's numbers goes on record like any other look at a person, before anything leaves the house.
    app.database()
        .write(move |connection| {
            let mut transaction = Transaction::of_operator(connection, Actor::service(), &key)?;
            let detail = "all sheets to the command line";
            transaction.note(Act::DownloadImport, &code, "season", detail, Vec::new())
        })
        .await?;
    let complete = [SheetKind::Areas, SheetKind::Programmes, SheetKind::Candidates];
    if complete.iter().all(|kind| sheets.contains_key(kind)) {
        // A whole season is held to every rule once more before it leaves the house.
        read_season_sheets(&policy, &sheets).map_err(FolderError::Faults)?;
    }
    let sheets: Vec<(&str, Vec<u8>)> =
        sheets.into_iter().map(|(kind, sheet)| (kind.word(), sheet.text)).collect();
    let files = written(&sheets, form).map_err(FolderError::Faults)?;
    fs::create_dir_all(out)?;
    fs::write(out.join("season.toml"), policy)?;
    for (name, bytes) in &files {
        fs::write(out.join(name), bytes)?;
    }
    Ok(sheets.len())
}

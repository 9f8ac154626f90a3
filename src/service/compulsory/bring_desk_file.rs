//! An office brings a file to a desk: it is read with all that lies there, and it counts whole or not at all.

use crate::domain::access::Act;
use crate::domain::compulsory::desk::DeskFile;
use crate::domain::fault::Fault;
use crate::files::column_names::ColumnNames;
use crate::files::compulsory::entry_sheets::cells_of;
use crate::files::file_source::HeldFiles;
use crate::files::sheet::{Sheet, read_upload};
use crate::service::app::{App, Caller, Transaction};
use crate::service::compulsory::bring_entry_sheet::refused;
use crate::service::compulsory::desk_work::{DeskAddress, DeskPlace, desk_for, is_open, sealed_place};
use crate::service::error::ServiceError;
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::change::Audited;
use crate::storage::desk_files::{self, DeskFileRow};
use crate::storage::seasons;

/// Bytes of a policy at most.
const MOST_POLICY: usize = 1 << 20;

/// A file for a desk.
#[derive(Clone, Debug)]
pub struct BroughtFile {
    pub address: DeskAddress,
    /// The desk's name for it: `arrivals.csv`, `class.toml`.
    pub file: String,
    /// By its ending the kind of file is known.
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// Tell what is wrong and write nothing.
    pub only_check: bool,
}

/// What a sound file brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileBrought {
    /// Rows of a sheet, lines of a text.
    pub rows: i64,
    /// Whether something else lay there before; never where it was only checked.
    pub changed: bool,
    /// Files that are still missing.
    pub missing: Vec<String>,
    /// Rules that refuse a result of these files.
    pub breaches: Vec<String>,
}

/// Puts a file in the place of the one that lies there.
///
/// # Errors
/// As of [`desk_for`]; `NotFound` for a file that the desk does not read; `WrongPhase` before the desk is open;
/// `Invalid` with every fault of this file, and of others that name what it lacks.
pub async fn bring_desk_file(
    app: &App,
    caller: &Caller,
    brought: BroughtFile,
) -> Result<FileBrought, ServiceError> {
    let service = app.clone();
    app.act(caller, move |transaction| {
        let place = written_desk(transaction, Act::BringDeskFile, &brought.address)?;
        let file = place.desk.file(&brought.file).ok_or(ServiceError::NotFound)?;
        seasons::hold(transaction.connection, &place.season.code)?;
        let rows = place.rows(transaction.connection)?;
        let mut held = place.held(service.fields(), &rows)?;
        let (text, row_count) = put(&mut held, file, &brought.file_name, brought.bytes)?;
        let result = place.work(&service, transaction.connection, &held)?;
        if !result.faults.is_empty() {
            return Err(refused(result.faults));
        }
        let (missing, breaches) = (result.missing, result.breaches);
        if brought.only_check {
            return Ok(FileBrought { rows: row_count, changed: false, missing, breaches });
        }
        let row = sealed(service.fields(), &place, &brought.file, &text, row_count);
        let same = |old: &DeskFileRow| old.file == row.file && old.content_index == row.content_index;
        let changed = !rows.iter().any(same);
        let changes = if changed { vec![desk_files::put(transaction.connection, &row)?] } else { Vec::new() };
        let detail = format!("{row_count} rows");
        let subject = place.noted(&brought.file);
        transaction.note(Act::BringDeskFile, &place.season.code, &subject, detail, changes)?;
        Ok(FileBrought { rows: row_count, changed, missing, breaches })
    })
    .await
}

/// Takes a file away.
///
/// # Errors
/// As of [`desk_for`]; `NotFound` where no such file lies; `WrongPhase` before the desk is open.
pub async fn delete_desk_file(
    app: &App,
    caller: &Caller,
    address: DeskAddress,
    file: String,
) -> Result<(), ServiceError> {
    app.act(caller, move |transaction| {
        let place = written_desk(transaction, Act::DeleteDeskFile, &address)?;
        seasons::hold(transaction.connection, &place.season.code)?;
        let rows = place.rows(transaction.connection)?;
        let row = rows.iter().find(|row| row.file == file).ok_or(ServiceError::NotFound)?;
        let changes = vec![desk_files::delete(transaction.connection, row)?];
        transaction.note(Act::DeleteDeskFile, &place.season.code, &place.noted(&file), "", changes)
    })
    .await
}

/// A desk that is open for writing.
fn written_desk(
    transaction: &mut Transaction<'_>,
    act: Act,
    address: &DeskAddress,
) -> Result<DeskPlace, ServiceError> {
    let place = desk_for(transaction, act, address)?;
    let phase = place.season.phase()?;
    if is_open(place.desk, phase) { Ok(place) } else { Err(ServiceError::WrongPhase { phase }) }
}

/// Puts an upload among the desk's files; returns it as it is kept, and its rows.
fn put(
    held: &mut HeldFiles,
    file: &DeskFile,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<(String, i64), ServiceError> {
    let name = file.file();
    let alone = |rule: String| refused(vec![Fault::at(&name, rule)]);
    let Some(kind) = file.sheet else {
        if bytes.len() > MOST_POLICY {
            return Err(alone(format!("has more than {} MiB; split it", MOST_POLICY >> 20)));
        }
        let text = String::from_utf8(bytes).map_err(|_| alone("is not UTF-8".to_owned()))?;
        let lines = text.lines().count() as i64;
        held.texts.insert(name, text.clone());
        return Ok((text, lines));
    };
    let names = ColumnNames::known(kind.name);
    let read = read_upload(file_name, bytes, [kind.name, kind.title], &names);
    let mut sheet = read.map_err(|fault| refused(vec![fault]))?;
    // Told under the desk's own name, whatever the file was called: findings name it so ever after.
    sheet.faults.iter_mut().for_each(|fault| fault.place.clone_from(&name));
    sheet.file.clone_from(&name);
    let text = String::from_utf8(sheet.text.clone()).map_err(|_| alone("is not UTF-8".to_owned()))?;
    let rows = cells_of(kind, &Sheet { faults: Vec::new(), ..sheet.clone() }).len() as i64;
    held.sheets.insert(file.name.to_owned(), sheet);
    Ok((text, rows))
}

/// The row of a file, its content sealed.
fn sealed(fields: &FieldCipher, place: &DeskPlace, file: &str, text: &str, row_count: i64) -> DeskFileRow {
    let row = place.row(file);
    let content = fields.seal(sealed_place(&row.key()), text);
    let content_index = fields.keyed_index(DeskFileRow::TABLE, "content", text);
    DeskFileRow { content, content_index, row_count, ..row }
}

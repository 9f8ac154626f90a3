//! Desks of an entry: which there are, what lies at them, what each gives; files in and out of them are noted.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::compulsory::desk::{Desk, DeskFile, DeskSubject};
use crate::domain::compulsory::entry_sheet::SCHOOLS;
use crate::files::compulsory::entry_sheets::cell;
use crate::service::app::{App, Caller};
use crate::service::compulsory::desk_work::{
    DeskAddress, DeskResult, desk_for, grades, is_open, open_content,
};
use crate::service::compulsory::stored_entry::{entry_for, rows_of};
use crate::service::error::ServiceError;
use crate::storage::desk_files;

/// A file of a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAtDesk {
    pub file: String,
    /// Without it the desk gives nothing.
    pub needed: bool,
    /// Rows of a sheet, lines of a text; none where nobody brought it.
    pub rows: Option<i64>,
}

/// A desk and what lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskSummary {
    pub desk: Desk,
    pub subject: DeskSubject,
    /// Of the school; empty where it is about the whole entry.
    pub school_name: String,
    /// Whether files are taken in this phase.
    pub is_open: bool,
    pub files: Vec<FileAtDesk>,
}

impl DeskSummary {
    /// Needed files that nobody brought.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.files.iter().filter(|file| file.needed && file.rows.is_none());
        missing.map(|file| file.file.as_str())
    }
}

/// A desk with what it gives.
#[derive(Clone, Debug)]
pub struct ShownDesk {
    pub is_open: bool,
    pub files: Vec<FileAtDesk>,
    pub result: DeskResult,
}

/// The files of a desk, with the rows of those that were brought.
fn files_at(desk: Desk, brought: &BTreeMap<String, i64>) -> Vec<FileAtDesk> {
    let file = |file: &DeskFile| {
        let name = file.file();
        FileAtDesk { rows: brought.get(&name).copied(), file: name, needed: file.needed }
    };
    desk.files().iter().map(file).collect()
}

/// Every desk of an entry: the register, the classes of every school, the ledger.
///
/// # Errors
/// As of [`entry_for`].
pub async fn list_desks(
    app: &App,
    caller: &Caller,
    season: String,
) -> Result<Vec<DeskSummary>, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, _) = entry_for(transaction, Act::ListDesks, &season)?;
        let phase = season.phase()?;
        let mut brought: BTreeMap<(String, String), BTreeMap<String, i64>> = BTreeMap::new();
        for row in desk_files::count(transaction.connection, &season.code)? {
            brought.entry((row.desk, row.subject)).or_default().insert(row.file, row.row_count);
        }
        let schools = rows_of(transaction.connection, &season.code, &SCHOOLS)?;
        let mut desks = Vec::new();
        for desk in Desk::ALL {
            let subjects: Vec<(DeskSubject, &str)> = match desk {
                Desk::Classes => {
                    let grade = |school| grades(school).map(move |grade| (grade, cell(school, "name")));
                    schools.iter().flat_map(grade).collect()
                }
                Desk::Ledger | Desk::Register => vec![(DeskSubject::Entry, "")],
            };
            for (subject, school_name) in subjects {
                let key = (desk.word().to_owned(), subject.word());
                let files = files_at(desk, brought.get(&key).unwrap_or(&BTreeMap::new()));
                let school_name = school_name.to_owned();
                desks.push(DeskSummary { desk, subject, school_name, is_open: is_open(desk, phase), files });
            }
        }
        Ok(desks)
    })
    .await
}

/// What lies at a desk and what it gives: counts and hashes, no rows.
///
/// # Errors
/// As of [`desk_for`]; `Altered` when the published result is not what was published.
pub async fn show_desk(app: &App, caller: &Caller, address: DeskAddress) -> Result<ShownDesk, ServiceError> {
    let service = app.clone();
    app.look(caller, move |transaction| {
        let place = desk_for(transaction, Act::ShowDesk, &address)?;
        let rows = place.rows(transaction.connection)?;
        let held = place.held(service.fields(), &rows)?;
        let result = place.work(&service, transaction.connection, &held)?;
        let brought = rows.into_iter().map(|row| (row.file, row.row_count)).collect();
        let is_open = is_open(place.desk, place.season.phase()?);
        Ok(ShownDesk { is_open, files: files_at(place.desk, &brought), result })
    })
    .await
}

/// A file that was brought, as CSV in our names or as TOML; the look is noted.
///
/// # Errors
/// As of [`desk_for`]; `NotFound` without such a file.
pub async fn download_desk_file(
    app: &App,
    caller: &Caller,
    address: DeskAddress,
    file: String,
) -> Result<Vec<u8>, ServiceError> {
    let fields = app.fields().clone();
    app.act(caller, move |transaction| {
        let place = desk_for(transaction, Act::DownloadDeskFile, &address)?;
        let rows = place.rows(transaction.connection)?;
        let row = rows.iter().find(|row| row.file == file).ok_or(ServiceError::NotFound)?;
        let text = open_content(&fields, row)?;
        let subject = place.noted(&file);
        transaction.note(Act::DownloadDeskFile, &place.season.code, &subject, "", Vec::new())?;
        Ok(text.into_bytes())
    })
    .await
}

/// A file that the desk gives; the look is noted.
///
/// # Errors
/// As of [`show_desk`]; `NotFound` without such a file, or while the desk gives none.
pub async fn download_desk_result(
    app: &App,
    caller: &Caller,
    address: DeskAddress,
    path: String,
) -> Result<Vec<u8>, ServiceError> {
    let service = app.clone();
    app.act(caller, move |transaction| {
        let place = desk_for(transaction, Act::DownloadDeskResult, &address)?;
        let rows = place.rows(transaction.connection)?;
        let held = place.held(service.fields(), &rows)?;
        let result = place.work(&service, transaction.connection, &held)?;
        let found = result.files.into_iter().find(|(name, _)| *name == path);
        let (name, bytes) = found.ok_or(ServiceError::NotFound)?;
        let subject = place.noted(name);
        transaction.note(Act::DownloadDeskResult, &place.season.code, &subject, "", Vec::new())?;
        Ok(bytes)
    })
    .await
}

//! The ten prohibitions on the published result of an entry, with what its desks gave since.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::access::Act;
use crate::domain::compulsory::desk::{Desk, DeskSubject};
use crate::domain::compulsory::prohibition::Prohibition;
use crate::engine::compulsory::prohibitions::{Looked, OtherCheck, prohibitions};
use crate::files::compulsory::register_sheets::register_lines;
use crate::files::sheet::Sheet;
use crate::service::app::{App, Caller, Transaction};
use crate::service::compulsory::check_prohibitions::{exports, register_check};
use crate::service::compulsory::check_registers::check_lines;
use crate::service::compulsory::desk_work::{DeskPlace, DeskResult};
use crate::service::compulsory::place_entry::entry_folder;
use crate::service::compulsory::published_entry::{identities, published_entry};
use crate::service::compulsory::stored_entry::entry_for;
use crate::service::error::ServiceError;
use crate::service::runs::place_season::PlacedEntry;
use crate::service::runs::published_result::Published;
use crate::storage::desk_files;
use crate::storage::seasons::SeasonRow;

/// The sheet of a register that its desk gives.
const REGISTER: &str = "register.csv";

/// All ten, in order; classes and registers are looked at where their desks gave any.
///
/// # Errors
/// As of [`entry_for`]; `Conflict` `not_published`; `Altered` when what lies there is not what was published.
pub async fn show_prohibitions(
    app: &App,
    caller: &Caller,
    season: String,
) -> Result<[Prohibition; 10], ServiceError> {
    let service = app.clone();
    app.look(caller, move |transaction| {
        let (season, _) = entry_for(transaction, Act::ShowProhibitions, &season)?;
        let placed = published_entry(&service, transaction.connection, &season.code)?;
        let identities = identities(transaction.connection, &season.code, service.fields())?;
        let (classes, registers) = given(&service, transaction, &season)?;
        let columns = published_columns(&service, transaction, &season, &placed)?;
        Ok(prohibitions(&Looked {
            entry: &placed.entry,
            run: &placed.run,
            identities: &identities,
            exports: &columns,
            classes,
            registers,
        }))
    })
    .await
}

/// Sheets by name, each with its columns.
type Columns = Vec<(String, Vec<String>)>;

/// Name and columns of every published sheet; of a result that stays they are read once.
fn published_columns(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    placed: &PlacedEntry,
) -> Result<Arc<Columns>, ServiceError> {
    let published = Published::latest(app, transaction.connection, &season.code)?;
    let key = format!("columns {}", published.root);
    if let Some(kept) = app.kept().get(&key) {
        return Ok(kept);
    }
    let columns = Arc::new(exports(&entry_folder(&placed.entry, &placed.run)));
    app.kept().put(key, columns.clone());
    Ok(columns)
}

/// What the desks of classes and of the register gave; none where nothing was brought there.
fn given(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
) -> Result<(Option<OtherCheck>, Option<OtherCheck>), ServiceError> {
    let counted = desk_files::count(transaction.connection, &season.code)?;
    let brought: BTreeSet<(String, String)> =
        counted.into_iter().map(|row| (row.desk, row.subject)).collect();
    let (mut classes, mut registers) = (None, None);
    for (desk, subject) in &brought {
        let Some(desk) = Desk::from_word(desk) else { continue };
        let Some(subject) = DeskSubject::from_word(desk, subject) else { continue };
        if desk == Desk::Ledger {
            continue;
        }
        let place = DeskPlace { season: season.clone(), desk, subject };
        let rows = place.rows(transaction.connection)?;
        let held = place.held(app.fields(), &rows)?;
        let result = place.work(app, transaction.connection, &held)?;
        // A desk that gives nothing has made nothing that could break a rule.
        if result.files.is_empty() {
            continue;
        }
        let (check, found) = match desk {
            Desk::Classes => (&mut classes, classes_check(&result)),
            Desk::Ledger | Desk::Register => (&mut registers, lines_check(&result)),
        };
        let check = check.get_or_insert_with(OtherCheck::default);
        check.rows += found.rows;
        check.breaches.extend(found.breaches);
    }
    Ok((classes, registers))
}

/// Pupils in classes: the desk gives none that are less even than the policy asks.
fn classes_check(result: &DeskResult) -> OtherCheck {
    let pupils = result.counts.iter().find(|(word, _)| *word == "pupils").map_or(0, |(_, count)| *count);
    OtherCheck { rows: pupils as usize, ..OtherCheck::default() }
}

/// Lines of the register that was opened.
fn lines_check(result: &DeskResult) -> OtherCheck {
    let Some((_, bytes)) = result.files.iter().find(|(path, _)| *path == REGISTER) else {
        return OtherCheck::default();
    };
    let mut faults = Vec::new();
    let lines = register_lines(&Sheet::own(REGISTER, bytes.clone()), &mut faults);
    register_check(&check_lines(&lines, faults))
}

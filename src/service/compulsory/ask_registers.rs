//! An office asks the registers of other departments about the children of its entry, and keeps what they answer.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::access::Act;
use crate::domain::compulsory::entry_sheet::EVIDENCE;
use crate::domain::compulsory::evidence::Evidence;
use crate::domain::form::Stage;
use crate::domain::progress::Quiet;
use crate::files::compulsory::entry_sheets::{Cells, code_of};
use crate::files::compulsory::identities::Identity;
use crate::service::app::{App, Caller, OnceKey, Transaction};
use crate::service::compulsory::compare_evidence::{Compared, KnownChildren, RowKey, ask, settle};
use crate::service::compulsory::stored_entry::{cells, entry_for, of_child, read, unsound, whole};
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::open_id_no;
use crate::service::people::show_candidate::{concerned, subject};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::change::Change;
use crate::storage::entry_rows::{self, EntryRowRow};
use crate::storage::{candidates, seasons};

/// About whom registers are asked.
#[derive(Clone, Debug, Serialize)]
pub struct WantedComparison {
    pub season: String,
    /// One child; every child of the entry without her.
    pub exam_no: Option<String>,
}

/// Asks the registers outside any transaction, then writes what they answered in one: as [`settle`] says. None if
/// the answer is not there in time: the work goes on, and the same key tells when it is done.
///
/// # Errors
/// `Conflict` `no_registers`, `unsound`, `in_flight` (also while somebody else asks for this season); `NotFound`
/// for a child that is none of the actor's concern; `KeyReused`.
pub async fn ask_registers(
    app: &App,
    caller: &Caller,
    wanted: WantedComparison,
    once: OnceKey,
) -> Result<Option<Compared>, ServiceError> {
    // No child is called so, and PostgreSQL takes no text with a zero character.
    if wanted.exam_no.as_ref().is_some_and(|exam_no| exam_no.contains('\0')) {
        return Err(ServiceError::NotFound);
    }
    // A task of its own: whoever goes away or waits no longer does not waste what departments were asked.
    let work = tokio::spawn(asked_and_kept(app.clone(), caller.clone(), wanted, once));
    match tokio::time::timeout(app.registers().patience, work).await {
        Ok(Ok(compared)) => compared.map(Some),
        Ok(Err(ended)) => Err(ServiceError::Internal(format!("asking registers: {ended}"))),
        Err(_) => Ok(None),
    }
}

async fn asked_and_kept(
    app: App,
    caller: Caller,
    wanted: WantedComparison,
    once: OnceKey,
) -> Result<Compared, ServiceError> {
    let about = format!("registers {}", wanted.season);
    let (registers, fields, later) = (app.registers().clone(), app.fields().clone(), wanted.clone());
    let before = async {
        let (registers, fields) = (app.registers().clone(), app.fields().clone());
        let look = move |transaction: &mut Transaction<'_>| known(transaction, &fields, &wanted);
        let (_, known) = app.look(&caller, look).await?;
        if registers.asked.is_empty() {
            let detail = "no registers are connected; bring the sheet of evidence, or decide by papers";
            return Err(ServiceError::conflict("no_registers", detail));
        }
        // Registers are waited for on a thread that may block, with no transaction open.
        let asking = tokio::task::spawn_blocking(move || ask(&known, &registers.asked, &Quiet));
        asking.await.map_err(|error| ServiceError::Internal(format!("asking registers: {error}")))
    };
    let work = move |transaction: &mut Transaction<'_>, answered| {
        seasons::hold(transaction.connection, &later.season)?;
        let (season, known) = known(transaction, &fields, &later)?;
        let (compared, fresh) = settle(&known, &registers.asked, answered);
        let changes = keep(transaction, &season, &known, &fresh)?;
        let told = later.exam_no.map_or(format!("sheet:{}", EVIDENCE.name), |exam_no| subject(&exam_no));
        let detail = detail(&compared, changes.len());
        transaction.note(Act::AskRegisters, &season, &told, detail, changes)?;
        Ok(compared)
    };
    app.act_once_after(&caller, once, about, before, work).await
}

/// The children who are asked about, with what decides the questions, if the actor may ask.
fn known(
    transaction: &mut Transaction<'_>,
    fields: &FieldCipher,
    wanted: &WantedComparison,
) -> Result<(String, KnownChildren), ServiceError> {
    let (season, sheets, people) = match &wanted.exam_no {
        None => {
            let (season, _) = entry_for(transaction, Act::AskRegisters, &wanted.season)?;
            let sheets = whole(transaction.connection, &season.code, Stage::Official.word())?;
            let people = candidates::list(transaction.connection, &season.code)?;
            (season, sheets, people)
        }
        Some(exam_no) => {
            let (season, child) = concerned(transaction, Act::AskRegisters, &wanted.season, exam_no)?;
            let (sheets, _) = of_child(transaction.connection, &season.code, exam_no)?;
            (season, sheets, vec![child])
        }
    };
    let entry = read(&season, &sheets).map_err(|faults| unsound(&faults))?;
    let mut identities = BTreeMap::new();
    for person in people.into_iter().filter(|person| !person.name.is_empty() && !person.id_no.is_empty()) {
        let id_no = open_id_no(fields, &person)?.to_ascii_uppercase();
        identities.insert(person.exam_no, Identity { name: person.name, id_no });
    }
    Ok((season.code, KnownChildren { entry, identities }))
}

/// Writes the rows that are not as before; what else stands in a row stays.
fn keep(
    transaction: &mut Transaction<'_>,
    season: &str,
    known: &KnownChildren,
    fresh: &BTreeMap<RowKey, Evidence>,
) -> Result<Vec<Change>, ServiceError> {
    let key = |row: &Evidence| {
        let child = known.entry.children[row.child as usize].number.as_str();
        let mut cells = Cells::new();
        for (name, text) in [("child_no", child), ("fact", row.fact.word()), ("source", row.source.word())] {
            cells.insert(name.to_owned(), text.into());
        }
        cells
    };
    let codes: Vec<String> = fresh.values().map(|row| code_of(&EVIDENCE, &key(row))).collect();
    let old = entry_rows::list_by_codes(transaction.connection, season, EVIDENCE.name, &codes)?;
    let stood: BTreeMap<&str, &EntryRowRow> = old.iter().map(|row| (row.code.as_str(), row)).collect();
    let mut rows = Vec::new();
    for (row, code) in fresh.values().zip(codes) {
        let (mut own, place) = match stood.get(code.as_str()) {
            Some(stood) => (cells(stood)?, stood.place),
            None => (key(row), 0),
        };
        own.insert("comparison".to_owned(), row.comparison.word().into());
        match row.day {
            Some(day) => drop(own.insert("day".to_owned(), day.to_string().into())),
            None => drop(own.remove("day")),
        }
        rows.push(EntryRowRow {
            season: season.to_owned(),
            sheet: EVIDENCE.name.to_owned(),
            code,
            place,
            cells: serde_json::Value::Object(own).to_string(),
        });
    }
    Ok(entry_rows::replace(transaction.connection, season, &old, rows)?)
}

/// Counts for the record: of nobody in particular.
fn detail(compared: &Compared, changed: usize) -> String {
    let each = compared.counts.iter().map(|(source, [same, other, none, down])| {
        format!("{}: match {same}, mismatch {other}, not_found {none}, unavailable {down}", source.word())
    });
    let counts = each.collect::<Vec<_>>().join("; ");
    format!("{counts}; {} dropped, {changed} rows changed", compared.dropped)
}

//! A family registers its child with two fields and says what it asks for; decided by the database's clock.

use serde::Serialize;

use crate::domain::access::Act;
use crate::domain::compulsory::entry_sheet::CHILDREN;
use crate::domain::compulsory::entry_wishes::{ENTRY_LIST, EntryWishes};
use crate::domain::fault::Fault;
use crate::domain::form::{FormVersion, Stage};
use crate::domain::hexadecimal::unhex;
use crate::domain::language::Language;
use crate::engine::compulsory::candidacy::candidacies;
use crate::files::compulsory::entry_sheets::{Cells, cell};
use crate::service::app::{App, Caller, OnceKey, Transaction};
use crate::service::compulsory::stored_entry::{cells, of_child, put_child, read, set_wishes, unsound};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::forms::stored_form::{slots, to_row};
use crate::service::notices::tell_family::tell_family;
use crate::service::people::sealed_person::id_no_index;
use crate::service::people::show_candidate::{concerned, subject};
use crate::service::precondition::Precondition;
use crate::service::season::windows::{Gate, close_past, decide};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::candidates::CandidateRow;
use crate::storage::entry_rows;
use crate::storage::form_versions::{self, FormVersionRow};
use crate::storage::seasons::SeasonRow;
use crate::words::texts::Words;

/// Inside: the time is over and not yet on record, so the transaction leaves nothing behind.
const PAST: &str = "past";

/// Which column of the sheet of children a field of the form is.
const FIELDS: [(&str, &str); 4] = [
    ("private_code", "/private"),
    ("direct", "/direct"),
    ("choices", "/choices"),
    ("transfer_choices", "/transfer_choices"),
];

/// What a family sends.
#[derive(Clone, Debug, Serialize)]
pub struct Registration {
    pub season: String,
    pub exam_no: String,
    /// As on the household register. Neither of the two fields enters the hash that a retry is known by: a hash of
    /// few possible numbers could be undone.
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub id_no: String,
    pub private: Option<String>,
    pub direct: bool,
    pub choices: Vec<String>,
    pub transfer_choices: Vec<String>,
    pub twin: Option<String>,
}

/// Keeps the form as the version that counts: the two fields must be those of the roster, and are kept nowhere else.
///
/// # Errors
/// `Conflict` `closed`, `not_open`, `in_flight`, `unsound`; `PreconditionRequired`, `Stale` with the present version;
/// `Invalid` with every fault; `KeyReused`.
pub async fn register_child(
    app: &App,
    caller: &Caller,
    registration: Registration,
    precondition: Precondition,
    once: OnceKey,
) -> Result<FormVersionRow, ServiceError> {
    let season = registration.season.clone();
    loop {
        let (registration, precondition) = (registration.clone(), precondition.clone());
        let (receipts, fields) = (app.receipts().clone(), app.fields().clone());
        let attempt = app
            .act_once(caller, Some(once.clone()), move |transaction| {
                register(transaction, registration, &precondition, &fields, receipts.bytes())
            })
            .await;
        match attempt {
            // As of `submit_form`: the first refusal puts the end on record, then asks again.
            Err(ServiceError::Conflict { code: PAST, .. }) => {
                close_past(app, season.clone()).await?;
            }
            answer => return answer,
        }
    }
}

fn register(
    transaction: &mut Transaction<'_>,
    registration: Registration,
    precondition: &Precondition,
    fields: &FieldCipher,
    receipt_key: &[u8],
) -> Result<FormVersionRow, ServiceError> {
    let Registration { season, exam_no, name, id_no, private, direct, choices, transfer_choices, twin } =
        registration;
    let (season, person) = concerned(transaction, Act::RegisterChild, &season, &exam_no)?;
    let wishes = EntryWishes { private, direct, choices, transfer_choices, twin };
    let mut faults = unlike(&person, fields, &name, &id_no);
    faults.extend(faults_of(transaction, &season, &exam_no, &wishes)?);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let choices = slots(wishes.slots())?;
    let gate = decide(transaction, &season, Stage::Official.word(), ENTRY_LIST, &person.area_code)?;
    let Gate::Open { at_ms } = gate else { return Err(ServiceError::conflict(PAST, "the time is over")) };
    let key = (season.code.as_str(), Stage::Official.word(), exam_no.as_str(), ENTRY_LIST);
    let latest = form_versions::latest_to_submit(transaction.connection, key)?;
    precondition.hold_or_absent(latest.as_ref().map(|row| row.version.to_string()).as_deref())?;
    let form = FormVersion {
        season: season.code.clone(),
        stage: Stage::Official,
        exam_no,
        batch: ENTRY_LIST.to_owned(),
        version: latest.as_ref().map_or(1, |row| row.version as u32 + 1),
        at_ms,
        choices,
        // Zeros before the first version, and where the row was altered, which the check of hashes finds.
        previous: latest.and_then(|row| unhex(&row.hash)).unwrap_or_default(),
    };
    let row = to_row(form, receipt_key);
    let change = form_versions::add(transaction.connection, &row)?;
    let text = Words(Language::Chinese)
        .with("notice-registered", &[("version", &row.version), ("receipt", &row.receipt)]);
    tell_family(transaction, &row.season, &row.exam_no, &text)?;
    let detail = format!("version {}", row.version);
    transaction.note(Act::RegisterChild, &row.season, &subject(&row.exam_no), detail, vec![change])?;
    Ok(row)
}

/// The two fields against the roster; what the roster says stays there.
fn unlike(person: &CandidateRow, fields: &FieldCipher, name: &str, id_no: &str) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let rule = "is not what the roster says of this child; the counter can help";
    if name.trim() != person.name {
        faults.push(FieldFault::new("/name", "unlike", rule));
    }
    let id_no = id_no.trim();
    let same = if person.id_no_index.is_empty() {
        id_no.is_empty()
    } else {
        !id_no.is_empty() && id_no_index(fields, id_no) == person.id_no_index
    };
    if !same {
        faults.push(FieldFault::new("/id_no", "unlike", rule));
    }
    faults
}

/// What is wrong with the wishes, by the rules of the sheet of children and the child's own zone.
fn faults_of(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    exam_no: &str,
    wishes: &EntryWishes,
) -> Result<Vec<FieldFault>, ServiceError> {
    let (mut sheets, mut row) = of_child(transaction.connection, &season.code, exam_no)?;
    let before = read(season, &sheets).map_err(|faults| unsound(&faults))?;
    let mut faults = Vec::new();
    let codes = [&wishes.choices, &wishes.transfer_choices];
    if codes.iter().any(|codes| codes.len() > before.schools.len()) {
        faults.push(FieldFault::new("/choices", "too_long", "names more schools than there are"));
        return Ok(faults);
    }
    set_wishes(&mut row, wishes);
    put_child(&mut sheets, &row);
    if let Err(found) = read(season, &sheets) {
        faults.extend(found.iter().map(of_field));
    }
    let child = before.children.first().ok_or(ServiceError::NotFound)?;
    let promotes = child.primary.is_some_and(|school| before.schools[school as usize].kind.promotes());
    if wishes.direct && !promotes {
        faults.push(FieldFault::new("/direct", "not_promoting", "her school has no higher stage"));
    }
    if let Some((_, zone)) = candidacies(&before).pop().and_then(|candidacy| candidacy.home) {
        let of_zone = |code: &&String| {
            let schools = &before.zones[zone as usize].schools;
            schools.iter().any(|school| before.schools[*school as usize].code == **code)
        };
        for (at, code) in wishes.choices.iter().enumerate().filter(|(_, code)| !of_zone(code)) {
            let rule = format!("{code} is no school of her zone");
            faults.push(FieldFault::new(format!("/choices/{at}"), "not_in_zone", rule));
        }
    }
    faults.extend(twin_fault(transaction, season, &row, wishes)?);
    Ok(faults)
}

/// A fault of the sheet of children as one of the form; of another sheet as one of the whole.
fn of_field(fault: &Fault) -> FieldFault {
    let column = fault.column.as_deref().unwrap_or_default();
    let field = FIELDS.iter().find(|(name, _)| *name == column).map_or("", |(_, pointer)| pointer);
    FieldFault::new(field, "unknown", fault.rule.clone())
}

/// A twin must be a child of the same family and stage.
fn twin_fault(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    row: &Cells,
    wishes: &EntryWishes,
) -> Result<Option<FieldFault>, ServiceError> {
    let Some(twin) = &wishes.twin else { return Ok(None) };
    let own = std::slice::from_ref(twin);
    let other = entry_rows::list_by_codes(transaction.connection, &season.code, CHILDREN.name, own)?;
    let other = other.first().map(cells).transpose()?;
    let same = other.is_some_and(|other| {
        let alike = |name: &str| cell(&other, name) == cell(row, name);
        cell(&other, "child_no") != cell(row, "child_no")
            && !cell(row, "family").is_empty()
            && alike("family")
            && alike("stage")
    });
    let rule = "is no brother or sister who enters at the same time";
    Ok((!same).then(|| FieldFault::new("/twin", "no_twin", rule)))
}

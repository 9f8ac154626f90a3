//! An entry of the ledger: a corrected score, or a place given outside the engine by an authority that answers for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::progress::Quiet;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::comparison::compare;
use crate::engine::correction::best_by_lines;
use crate::engine::season_run::run_season;
use crate::service::app::{App, Transaction};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::ledger::places::places;
use crate::service::runs::place_season::place_candidates;
use crate::service::runs::run_input::{RunInput, run_input};
use crate::storage::change::Change;
use crate::storage::ledger_entries::{self, LedgerEntryRow};
use crate::storage::programmes;
use crate::storage::seasons::SeasonRow;

/// Reasons of an override, from a closed list: the public count goes by them.
pub const REASONS: [&str; 5] =
    ["court_or_review", "medical", "relocation_by_state", "error_of_an_office", "withdrawal"];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryWanted {
    /// Marks after the review, by column of the score sheet.
    Correction { exam_no: String, marks: BTreeMap<String, String>, authority: String },
    /// A place outside the engine, or none.
    Override { exam_no: String, programme: Option<String>, authority: String, reason: String },
}

/// What all sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryToMake {
    pub wanted: EntryWanted,
    pub from_programme: String,
    pub to_programme: String,
    pub seat: String,
    /// Of a correction: how many others would stand elsewhere if the whole run were done again; nobody moves.
    pub would_change: usize,
}

impl EntryWanted {
    /// Whom it is about.
    pub fn exam_no(&self) -> &str {
        match self {
            EntryWanted::Correction { exam_no, .. } | EntryWanted::Override { exam_no, .. } => exam_no,
        }
    }
}

/// The entry made whole: where she stands, and where she will.
///
/// # Errors
/// `NotFound` for nobody; `Invalid` with every fault; `Conflict` `no_change` when a correction gives nothing.
pub fn whole(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    wanted: EntryWanted,
) -> Result<EntryToMake, ServiceError> {
    let places = places(app, transaction.connection, &season.code)?;
    let place = places.get(wanted.exam_no()).ok_or(ServiceError::NotFound)?.clone();
    let mut faults = Vec::new();
    let (EntryWanted::Correction { authority, .. } | EntryWanted::Override { authority, .. }) = &wanted;
    if !(4..=200).contains(&authority.trim().chars().count()) {
        let rule = "must name whose decision it is and its number, in 4 to 200 characters";
        faults.push(FieldFault::new("/change/authority", "length", rule));
    }
    if let EntryWanted::Override { programme, reason, .. } = &wanted {
        if !REASONS.contains(&reason.as_str()) {
            let rule = format!("must be one of {}", REASONS.join(", "));
            faults.push(FieldFault::new("/change/reason", "unknown", rule));
        }
        if let Some(code) = programme
            && programmes::list_some(transaction.connection, &season.code, &[code])?.is_empty()
        {
            faults.push(FieldFault::new("/change/programme", "unknown", "is no programme of the season"));
        }
    }
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let (to_programme, seat, would_change) = match &wanted {
        EntryWanted::Override { programme, .. } => (programme.clone().unwrap_or_default(), String::new(), 0),
        EntryWanted::Correction { exam_no, marks, .. } => {
            let corrected = corrected(transaction, season, exam_no, marks)?;
            let Some((programme, seat)) = corrected.better else {
                let others = corrected.would_change;
                let detail = format!(
                    "the corrected marks clear no better line; a full run would move {others} others"
                );
                return Err(ServiceError::conflict("no_change", detail));
            };
            (programme, seat, corrected.would_change)
        }
    };
    if to_programme == place.programme {
        return Err(ServiceError::conflict("no_change", "she stands there already"));
    }
    Ok(EntryToMake { wanted, from_programme: place.programme, to_programme, seat, would_change })
}

/// Makes the entry, if it is still what was signed.
///
/// # Errors
/// `Conflict` `changed`.
pub fn enter_ledger(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    signed: &EntryToMake,
    content_hash: &str,
) -> Result<Vec<Change>, ServiceError> {
    if whole(app, transaction, season, signed.wanted.clone())? != *signed {
        let detail = "she no longer stands where she stood when this was proposed";
        return Err(ServiceError::conflict("changed", detail));
    }
    let last = ledger_entries::list(transaction.connection, &season.code)?.last().map_or(0, |row| row.number);
    let (kind, authority, reason) = match &signed.wanted {
        EntryWanted::Correction { authority, .. } => ("correction", authority, "score_review".to_owned()),
        EntryWanted::Override { authority, reason, .. } => ("override", authority, reason.clone()),
    };
    let row = LedgerEntryRow {
        season: season.code.clone(),
        number: last + 1,
        kind: kind.to_owned(),
        exam_no: signed.wanted.exam_no().to_owned(),
        from_programme: signed.from_programme.clone(),
        to_programme: signed.to_programme.clone(),
        seat: signed.seat.clone(),
        authority: authority.trim().to_owned(),
        reason,
        content_hash: content_hash.to_owned(),
        at_ms: transaction.season_now_ms(season)?,
    };
    Ok(vec![ledger_entries::add(transaction.connection, &row)?])
}

/// What corrected marks give.
struct Corrected {
    /// Programme and seat of the first choice whose published line she clears, where it is better than her place.
    better: Option<(String, String)>,
    would_change: usize,
}

fn corrected(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    exam_no: &str,
    marks: &BTreeMap<String, String>,
) -> Result<Corrected, ServiceError> {
    let breaches = |all: Vec<String>| ServiceError::conflict("gate", all.join("; "));
    let mut input = run_input(transaction.connection, season, "official")?;
    let published = place_candidates(&input, None, &Quiet).map_err(breaches)?;
    with_marks(&mut input, exam_no, marks)?;
    let again = input.season(None).map_err(|faults| {
        let fault = |fault| FieldFault::of_file("/change/marks", "mark", fault);
        ServiceError::Invalid(faults.iter().map(fault).collect())
    })?;
    let at = again.candidates.exam_no.find(exam_no, 0).ok_or(ServiceError::NotFound)?;
    let held = published.run.left.admissions[at].map(|held| (held.batch, held.position));
    // What was published for her she keeps in any case: only an earlier choice is better.
    let better = best_by_lines(&again, &published.run, at)
        .filter(|place| held.is_none_or(|held| (place.batch, place.position) < held))
        .map(|place| {
            let programme = again.city.programmes[place.programme as usize].code.clone();
            (programme, place.seat.word().to_owned())
        });
    let rerun = run_season(&again, &Quiet).map_err(breaches)?;
    let comparison = compare((&published.season, &published.run), (&again, &rerun));
    let changes = comparison.gain.iter().chain(&comparison.lose);
    let would_change = changes.filter(|change| change.candidate as usize != at).count();
    Ok(Corrected { better, would_change })
}

/// The score sheet with one candidate's marks replaced.
fn with_marks(
    input: &mut RunInput,
    exam_no: &str,
    marks: &BTreeMap<String, String>,
) -> Result<(), ServiceError> {
    let broken = |error: csv::Error| ServiceError::Internal(format!("the score sheet: {error}"));
    let sheet = input.sheets.get_mut(&SheetKind::Scores).ok_or(ServiceError::NotFound)?;
    let mut rows = csv::Reader::from_reader(sheet.text.as_slice());
    let header = rows.headers().map_err(broken)?.clone();
    let unknown = marks.keys().filter(|column| !header.iter().skip(1).any(|known| known == column.as_str()));
    let faults: Vec<FieldFault> = unknown
        .map(|column| {
            let pointer = format!("/change/marks/{column}");
            FieldFault::new(pointer, "unknown", "is no column of the score sheet")
        })
        .collect();
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&header).map_err(broken)?;
    for row in rows.records() {
        let row = row.map_err(broken)?;
        if row.get(0) == Some(exam_no) {
            let corrected = |(column, cell)| marks.get(column).map_or(cell, String::as_str);
            out.write_record(header.iter().zip(&row).map(corrected)).map_err(broken)?;
        } else {
            out.write_record(&row).map_err(broken)?;
        }
    }
    sheet.text = out.into_inner().map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(())
}

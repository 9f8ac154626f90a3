//! The lists are closed and signed off: their hashes, and the season behind them.

use serde::{Deserialize, Serialize};

use crate::domain::compulsory::child::Child;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::phase::Step;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::compulsory::entry_market::bundles;
use crate::engine::draw::list_hash;
use crate::files::compulsory::entry_sheets::EntrySheets;
use crate::files::sheet::Sheet;
use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::quota::publish_quota;
use crate::service::runs::run_input::{RunInput, run_input};
use crate::service::season::advance_season::windows_to_close;
use crate::service::season::gated_step::step;
use crate::service::season::windows::close;
use crate::storage::change::Change;
use crate::storage::freezes::{self, FreezeRow};
use crate::storage::seasons::SeasonRow;
use crate::storage::seed_parts;

/// What is signed off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListsToFreeze {
    /// From 1; supplementary rounds count on.
    pub round: i64,
    /// Of the exam numbers, or of the tickets of an entry: what the lots are drawn over.
    pub list_hash: String,
    /// Of every sheet the result is computed from.
    pub input_hash: String,
    pub candidates: i64,
    /// Rows of all forms that count; of an entry the children with wishes of their own.
    pub choices: i64,
    /// The sources of the seed, which are told after the freeze.
    pub seed_sources: Vec<String>,
}

/// What the lots are drawn over.
struct Listed {
    hash: [u8; 32],
    heads: usize,
    choices: usize,
    /// The policy itself names parts of the seed.
    names_seed: bool,
}

fn refused(faults: Vec<Fault>) -> ServiceError {
    ServiceError::Invalid(faults.iter().map(|fault| FieldFault::of_file("/lists", "sheet", fault)).collect())
}

fn candidates(input: &RunInput) -> Result<Listed, ServiceError> {
    let read = input.season(None).map_err(refused)?;
    let numbers: Vec<&str> = (0..read.candidates.len()).map(|at| read.candidates.exam_no.get(at)).collect();
    let hash =
        list_hash(&numbers).map_err(|_| ServiceError::Internal("an exam number stands twice".to_owned()))?;
    let rows = |sheet: &Sheet| memchr::memchr_iter(b'\n', &sheet.text).count() - 1;
    Ok(Listed {
        hash,
        heads: numbers.len(),
        choices: input.sheets.get(&SheetKind::Preferences).map_or(0, rows),
        names_seed: !read.policy.lot.parts.is_empty(),
    })
}

/// Every ticket of an entry stands on its list: twins on one.
fn children(input: &RunInput, sheets: &EntrySheets) -> Result<Listed, ServiceError> {
    let entry = input.entry(sheets, None).map_err(refused)?;
    let lines: Vec<String> = bundles(&entry).iter().map(|bundle| bundle.line(&entry)).collect();
    let hash = list_hash(&lines).map_err(|_| ServiceError::Internal("a ticket stands twice".to_owned()))?;
    let wished = |child: &&Child| {
        child.private.is_some()
            || child.direct
            || !child.choices.is_empty()
            || !child.transfer_choices.is_empty()
    };
    Ok(Listed {
        hash,
        heads: entry.children.len(),
        choices: entry.children.iter().filter(wished).count(),
        names_seed: !entry.policy.lot.parts.is_empty(),
    })
}

/// The lists as they stand, once no window is open.
///
/// # Errors
/// `Conflict` `window_open`, `no_window`, `no_seed_source` where an official season names no source of the seed;
/// `Invalid` with every fault of the sheets.
pub fn lists(transaction: &mut Transaction<'_>, season: &SeasonRow) -> Result<ListsToFreeze, ServiceError> {
    windows_to_close(transaction, season)?;
    let input = run_input(transaction.connection, season, "official")?;
    let listed = match &input.entry {
        Some(sheets) => children(&input, sheets)?,
        None => {
            publish_quota::holds(transaction, season)?;
            candidates(&input)?
        }
    };
    let sources: Vec<String> =
        seed_parts::list(transaction.connection, &season.code)?.into_iter().map(|part| part.source).collect();
    if season.kind == "official" {
        if sources.is_empty() {
            let detail = "name the sources of the seed before the lists are frozen";
            return Err(ServiceError::conflict("no_seed_source", detail));
        }
        if listed.names_seed {
            let detail = "the policy itself names parts of the seed: whoever knows them can foresee the lots";
            return Err(ServiceError::conflict("seed_known", detail));
        }
    }
    let rounds = freezes::list(transaction.connection, &season.code)?;
    Ok(ListsToFreeze {
        round: rounds.last().map_or(1, |last| last.round + 1),
        list_hash: hex(&listed.hash),
        input_hash: input.hash(),
        candidates: listed.heads as i64,
        choices: listed.choices as i64,
        seed_sources: sources,
    })
}

/// Freezes what was signed: nothing of it may have changed.
///
/// # Errors
/// `Conflict` `changed` when the lists are no longer those that were signed.
pub fn freeze_lists(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    signed: &ListsToFreeze,
) -> Result<Vec<Change>, ServiceError> {
    if lists(transaction, season)? != *signed {
        let detail = "the lists are no longer those that were proposed; propose the freeze again";
        return Err(ServiceError::conflict("changed", detail));
    }
    let mut changes = close(transaction, season, |window, now_ms| now_ms >= window.closes_at_ms)?;
    let freeze = FreezeRow {
        season: season.code.clone(),
        round: signed.round,
        list_hash: signed.list_hash.clone(),
        input_hash: signed.input_hash.clone(),
        candidates: signed.candidates,
        forms: signed.choices,
        at_ms: transaction.season_now_ms(season)?,
    };
    changes.push(freezes::add(transaction.connection, &freeze)?);
    changes.push(step(transaction, season, Step::Freeze)?);
    Ok(changes)
}

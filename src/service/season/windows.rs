//! Windows in which forms are taken: set, decided inside the committing transaction, closed as a record.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::actor::{Actor, Whose};
use crate::domain::phase::Phase;
use crate::faults::planted_bug::planted;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::areas;
use crate::storage::change::Change;
use crate::storage::seasons::{self, SeasonRow};
pub use crate::storage::windows::WindowRow;
use crate::storage::{clock, windows};

/// The stages of filling: what is tried and what counts.
pub const STAGES: [&str; 2] = ["rehearsal", "official"];

/// When forms of a batch are to be taken; the same for everybody in the areas.
#[derive(Clone, Debug)]
pub struct NewWindow {
    pub stage: String,
    pub batch: String,
    /// Admission areas; empty for all.
    pub areas: Vec<String>,
    pub opens_at_ms: i64,
    pub closes_at_ms: i64,
}

/// Sets or moves windows that have not opened yet.
///
/// # Errors
/// `Invalid` with every fault, `Conflict` where a window has opened: that takes an extension.
pub async fn set_window(
    app: &App,
    caller: &Caller,
    code: String,
    new: NewWindow,
) -> Result<Vec<WindowRow>, ServiceError> {
    app.act(caller, move |transaction| {
        let season = transaction.season_for(Act::SetWindow, &Whose::season(&code))?;
        let policy = SeasonPolicy::of(&season)?;
        let known: Vec<String> =
            areas::list(transaction.connection, &code)?.into_iter().map(|area| area.area_code).collect();
        let mut faults = Vec::new();
        if !STAGES.contains(&new.stage.as_str()) {
            faults.push(FieldFault::new("/stage", "unknown", "must be rehearsal or official"));
        }
        if !policy.lists().contains(&new.batch.as_str()) {
            faults.push(FieldFault::new("/batch", "unknown", "is no list of the policy"));
        }
        for (at, area) in new.areas.iter().enumerate().filter(|(_, area)| !known.contains(area)) {
            let rule = format!("{area} is no admission area of the season");
            faults.push(FieldFault::new(format!("/areas/{at}"), "unknown", rule));
        }
        if new.closes_at_ms <= new.opens_at_ms {
            faults.push(FieldFault::new("/closes_at", "order", "must be after opens_at"));
        }
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let now_ms = transaction.season_now_ms(&season)?;
        let mut set = Vec::new();
        let mut changes = Vec::new();
        for area in if new.areas.is_empty() { known } else { new.areas } {
            let window = WindowRow {
                season: code.clone(),
                stage: new.stage.clone(),
                batch: new.batch.clone(),
                area,
                opens_at_ms: new.opens_at_ms,
                closes_at_ms: new.closes_at_ms,
                closed_at_ms: None,
            };
            let key = (code.as_str(), new.stage.as_str(), new.batch.as_str(), window.area.as_str());
            changes.push(match windows::find_to_change(transaction.connection, key)? {
                None => windows::add(transaction.connection, &window)?,
                Some(old) if now_ms < old.opens_at_ms => windows::replace(transaction.connection, &window)?,
                Some(_) => {
                    let detail = format!("the window of area {} has opened: extend it instead", window.area);
                    return Err(ServiceError::conflict("window_opened", detail));
                }
            });
            set.push(window);
        }
        transaction.note(Act::SetWindow, &code, "season", format!("{} {}", new.stage, new.batch), changes)?;
        Ok(set)
    })
    .await
}

/// The windows of a season.
///
/// # Errors
/// `NotFound`.
pub async fn list_windows(app: &App, caller: &Caller, code: String) -> Result<Vec<WindowRow>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListWindows, &Whose::season(&code))?;
        Ok(windows::list(transaction.connection, &code)?)
    })
    .await
}

/// What the clock says to a form that is about to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Accept it, as of this moment of the season's clock; until this transaction has ended nobody can
    /// close the window.
    Open { at_ms: i64 },
    /// The time is over and the end is not yet on record: write nothing, call [`close_past`], begin again.
    Past,
}

/// Decides with the database's clock, inside the transaction that will hold the form.
///
/// # Errors
/// `Conflict` `not_open` or `closed`; `NotFound` without a window.
pub fn decide(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    stage: &str,
    batch: &str,
    area: &str,
) -> Result<Gate, ServiceError> {
    let key = (season.code.as_str(), stage, batch, area);
    // The clock is read after the lock, with the window: it is not older than any recorded end.
    let (window, now_ms) = windows::find_to_accept(transaction.connection, key)?.ok_or_else(|| {
        ServiceError::conflict("not_open", "no forms are taken for this batch in this area")
    })?;
    let now_ms = now_ms + season.clock_offset_ms;
    if planted("bug-deadline-outside") && window.opens_at_ms <= now_ms && now_ms - 300 < window.closes_at_ms {
        // As it was seen a moment before this transaction.
        return Ok(Gate::Open { at_ms: now_ms });
    }
    if window.closed_at_ms.is_some() {
        Err(ServiceError::conflict("closed", "the time for this batch is over; nothing is accepted any more"))
    } else if now_ms < window.opens_at_ms {
        Err(ServiceError::conflict("not_open", "forms are not taken yet"))
    } else if now_ms < window.closes_at_ms {
        Ok(Gate::Open { at_ms: now_ms })
    } else {
        Ok(Gate::Past)
    }
}

/// Records the end of every window of a season whose time is over, and returns how many were closed.
///
/// The first refusal calls this before it answers; so once anybody was refused, nothing is accepted,
/// whatever the clocks do.
///
/// # Errors
/// Storage failed.
pub async fn close_past(app: &App, code: String) -> Result<usize, ServiceError> {
    let audit_key = app.audit_key().clone();
    app.database()
        .write(move |connection| {
            let mut transaction = Transaction::of_operator(connection, Actor::service(), &audit_key)?;
            let season = seasons::find(transaction.connection, &code)?.ok_or(ServiceError::NotFound)?;
            let changes = close(&mut transaction, &season, |window, now_ms| now_ms >= window.closes_at_ms)?;
            let closed = changes.len();
            if closed > 0 {
                transaction.note(Act::CloseWindow, &code, "season", "time is over", changes)?;
            }
            Ok(closed)
        })
        .await
}

/// Does [`close_past`] for every season that has such a window: what a timer calls.
///
/// # Errors
/// Storage failed.
pub async fn close_all_past(app: &App) -> Result<usize, ServiceError> {
    let due = app
        .database()
        .read(|connection| {
            let now_ms = clock::now_ms(connection)?;
            let mut first_ends: BTreeMap<String, i64> = BTreeMap::new();
            for window in windows::list_open(connection)? {
                let first_end = first_ends.entry(window.season).or_insert(window.closes_at_ms);
                *first_end = window.closes_at_ms.min(*first_end);
            }
            let mut due = Vec::new();
            for (code, closes_at_ms) in first_ends {
                let season = seasons::find(connection, &code)?.ok_or(ServiceError::NotFound)?;
                if now_ms + season.clock_offset_ms >= closes_at_ms {
                    due.push(code);
                }
            }
            Ok::<_, ServiceError>(due)
        })
        .await?;
    let mut closed = 0;
    for season in due {
        closed += close_past(app, season).await?;
    }
    Ok(closed)
}

/// Closes the open windows that `over` names, each under its lock.
pub fn close(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    over: impl Fn(&WindowRow, i64) -> bool,
) -> Result<Vec<Change>, ServiceError> {
    let mut changes = Vec::new();
    for window in windows::list(transaction.connection, &season.code)? {
        let key =
            (window.season.as_str(), window.stage.as_str(), window.batch.as_str(), window.area.as_str());
        if window.closed_at_ms.is_some() || !over(&window, transaction.season_now_ms(season)?) {
            continue;
        }
        let Some(mut window) = windows::find_to_change(transaction.connection, key)? else { continue };
        let now_ms = transaction.season_now_ms(season)?;
        if window.closed_at_ms.is_none() && over(&window, now_ms) {
            window.closed_at_ms = Some(now_ms);
            changes.push(windows::replace(transaction.connection, &window)?);
        }
    }
    Ok(changes)
}

/// The stage whose forms a phase takes.
pub fn stage_of(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::Rehearsal => Some("rehearsal"),
        Phase::Filling | Phase::Supplementary => Some("official"),
        _ => None,
    }
}

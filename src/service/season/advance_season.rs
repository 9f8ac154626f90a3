//! The season moves on to its next phase.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::admission_kind::AdmissionKind;
use crate::domain::phase::{Phase, Step};
use crate::service::app::{App, Caller, Transaction};
use crate::service::data_out::reconcile::is_reconciled;
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::service::quota::objections::all_answered;
use crate::service::season::windows::stage_of;
use crate::storage::seasons::{self, SeasonRow};
use crate::storage::windows::{self, WindowRow};

/// Steps that are an office's word alone; freezing, placing, approving and publishing have gates of their own.
pub const ALONE: [Step; 7] = [
    Step::OpenRegistration,
    Step::PostEligibility,
    Step::StartRehearsal,
    Step::EndRehearsal,
    Step::OpenFilling,
    Step::OpenSupplementary,
    Step::File,
];

/// Steps of those that an entry to compulsory schools takes too.
pub const OF_ENTRIES: [Step; 3] = [Step::OpenRegistration, Step::OpenFilling, Step::File];

/// Takes a step.
///
/// # Errors
/// `WrongStep` from this phase, `Stale`; `Conflict` when forms are to be taken without a window, or when the season
/// is to be filed while somebody's enrolment and place differ.
pub async fn advance_season(
    app: &App,
    caller: &Caller,
    code: String,
    precondition: Precondition,
    step: Step,
) -> Result<SeasonRow, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let mut season = transaction.season_for(Act::AdvanceSeason, &Whose::season(&code))?;
        precondition.hold(&season.version.to_string())?;
        let next = season.phase()?.after(step)?;
        if !ALONE.contains(&step) {
            let detail = format!("{} has an act of its own", step.word());
            return Err(ServiceError::conflict("not_alone", detail));
        }
        let of_seniors = season.admission()? == AdmissionKind::SeniorHigh;
        if !of_seniors && !OF_ENTRIES.contains(&step) {
            let detail = format!("{} is a step of seasons that admit to senior highs", step.word());
            return Err(ServiceError::conflict("other_admission", detail));
        }
        gate(transaction, &season, next)?;
        if step == Step::File && of_seniors {
            is_reconciled(&door, transaction, &code)?;
        }
        if step == Step::OpenFilling {
            all_answered(transaction, &code, "quota")?;
        }
        season.phase = next.word().to_owned();
        let changes = vec![seasons::replace(transaction.connection, &mut season)?];
        transaction.note(Act::AdvanceSeason, &code, "season", step.word(), changes)?;
        Ok(season)
    })
    .await
}

/// What must be so before forms are taken: a time for them.
fn gate(transaction: &mut Transaction<'_>, season: &SeasonRow, next: Phase) -> Result<(), ServiceError> {
    let Some(stage) = stage_of(next) else { return Ok(()) };
    let windows = windows::list(transaction.connection, &season.code)?;
    has_window(&windows, stage)
}

fn has_window(windows: &[WindowRow], stage: &str) -> Result<(), ServiceError> {
    if windows.iter().any(|window| window.stage == stage) {
        return Ok(());
    }
    let detail = format!("there is no {stage} window: say when forms are taken first");
    Err(ServiceError::conflict("no_window", detail))
}

/// Refuses to freeze while forms are still being taken.
///
/// # Errors
/// `Conflict` `window_open` or `no_window`.
pub fn windows_to_close(transaction: &mut Transaction<'_>, season: &SeasonRow) -> Result<(), ServiceError> {
    let windows = windows::list(transaction.connection, &season.code)?;
    has_window(&windows, "official")?;
    let now_ms = transaction.season_now_ms(season)?;
    let open = |window: &WindowRow| {
        window.stage == "official" && window.closed_at_ms.is_none() && now_ms < window.closes_at_ms
    };
    if windows.iter().any(open) {
        return Err(ServiceError::conflict("window_open", "forms are still being taken"));
    }
    Ok(())
}

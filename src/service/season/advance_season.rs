//! The season moves on to its next phase.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::phase::{Phase, Step};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::service::season::windows::{close, stage_of};
use crate::storage::change::Change;
use crate::storage::seasons::{self, SeasonRow};
use crate::storage::windows::{self, WindowRow};

/// Steps that are an office's word alone; placing, approving, publishing and filing have gates of their own.
const ALONE: [Step; 7] = [
    Step::OpenRegistration,
    Step::PostEligibility,
    Step::PublishQuota,
    Step::StartRehearsal,
    Step::EndRehearsal,
    Step::OpenFilling,
    Step::Freeze,
];

/// Takes a step.
///
/// # Errors
/// `WrongStep` from this phase, `Stale`; `Conflict` when forms are to be taken without a window, or
/// the lists frozen while a window is still open.
pub async fn advance_season(
    app: &App,
    caller: &Caller,
    code: String,
    precondition: Precondition,
    step: Step,
) -> Result<SeasonRow, ServiceError> {
    app.act(caller, move |transaction| {
        let mut season = transaction.season_for(Act::AdvanceSeason, &Whose::season(&code))?;
        precondition.hold(&season.version.to_string())?;
        let next = season.phase()?.after(step)?;
        if !ALONE.contains(&step) {
            let detail = format!("{} has an act of its own", step.word());
            return Err(ServiceError::conflict("not_alone", detail));
        }
        let mut changes = gate(transaction, &season, next)?;
        season.phase = next.word().to_owned();
        changes.push(seasons::replace(transaction.connection, &mut season)?);
        transaction.note(Act::AdvanceSeason, &code, "season", step.word(), changes)?;
        Ok(season)
    })
    .await
}

/// What must be so before a phase begins; freezing puts the end of every window on record.
fn gate(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    next: Phase,
) -> Result<Vec<Change>, ServiceError> {
    let stage = if next == Phase::Frozen { Some("official") } else { stage_of(next) };
    let Some(stage) = stage else { return Ok(Vec::new()) };
    let windows = windows::list(transaction.connection, &season.code)?;
    if !windows.iter().any(|window| window.stage == stage) {
        let detail = format!("there is no {stage} window: say when forms are taken first");
        return Err(ServiceError::conflict("no_window", detail));
    }
    if next != Phase::Frozen {
        return Ok(Vec::new());
    }
    let now_ms = transaction.season_now_ms(season)?;
    let open = |window: &WindowRow| {
        window.stage == stage && window.closed_at_ms.is_none() && now_ms < window.closes_at_ms
    };
    if windows.iter().any(open) {
        return Err(ServiceError::conflict("window_open", "forms are still being taken"));
    }
    close(transaction, season, |window, now_ms| now_ms >= window.closes_at_ms)
}

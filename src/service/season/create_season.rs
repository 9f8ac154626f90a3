//! A municipal centre opens a new season with its policy.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::phase::Phase;
use crate::service::app::{App, Caller};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::areas::{self, AreaRow};
use crate::storage::error::StorageError;
use crate::storage::seasons::{self, SeasonRow};

/// What a new season is to be.
#[derive(Clone, Debug)]
pub struct NewSeason {
    /// Short, for addresses: letters, digits, `-`.
    pub code: String,
    /// `official`, `rehearsal` or `demonstration`; only the latter two have a clock that can be moved.
    pub kind: String,
    /// `season.toml`, or `entry.toml` of an entry to compulsory schools.
    pub policy: String,
}

/// Opens the season in the phase `preparing`.
///
/// # Errors
/// `Invalid` with every fault of the code, the kind and the policy; `Conflict` when the code is taken.
pub async fn create_season(app: &App, caller: &Caller, new: NewSeason) -> Result<SeasonRow, ServiceError> {
    app.act(caller, move |transaction| {
        transaction.permit(Act::CreateSeason, &Whose::season(&new.code))?;
        let mut faults = Vec::new();
        let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if new.code.is_empty() || new.code.len() > 40 || !new.code.chars().all(fits) {
            let rule = "must be 1 to 40 lower-case letters, digits or '-'";
            faults.push(FieldFault::new("/code", "malformed", rule));
        }
        if !["official", "rehearsal", "demonstration"].contains(&new.kind.as_str()) {
            let rule = "must be official, rehearsal or demonstration";
            faults.push(FieldFault::new("/kind", "unknown", rule));
        }
        let policy = SeasonPolicy::read(&new.policy, "/policy").map_err(|found| faults.extend(found));
        let (Ok(policy), true) = (policy, faults.is_empty()) else {
            return Err(ServiceError::Invalid(faults));
        };
        let season = SeasonRow {
            code: new.code,
            name: policy.name().to_owned(),
            kind: new.kind,
            phase: Phase::Preparing.word().to_owned(),
            policy: new.policy,
            clock_offset_ms: 0,
            version: 1,
            admission: policy.admission().word().to_owned(),
        };
        let change = seasons::add(transaction.connection, &season).map_err(|error| match error {
            StorageError::Stale => ServiceError::conflict("taken", "a season of this code exists"),
            other => other.into(),
        })?;
        let mut changes = vec![change];
        if let SeasonPolicy::Compulsory(policy) = policy {
            // The one area of an entry: its bureau's, and every child's.
            let area = AreaRow {
                season: season.code.clone(),
                area_code: policy.area,
                name: policy.name,
                ..AreaRow::default()
            };
            changes.extend(areas::add_all(transaction.connection, &[area])?);
        }
        transaction.note(Act::CreateSeason, &season.code, "season", &season.kind, changes)?;
        Ok(season)
    })
    .await
}

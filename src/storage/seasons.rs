//! Seasons: the policy, the phase, the clock.

use diesel::prelude::*;
use serde::Serialize;

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::phase::Phase;
use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::seasons;

/// A season as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = seasons, treat_none_as_default_value = false)]
pub struct SeasonRow {
    pub code: String,
    pub name: String,
    /// `official`, `rehearsal` or `demonstration`.
    pub kind: String,
    /// A word of [`Phase`].
    pub phase: String,
    /// `season.toml`.
    pub policy: String,
    /// What the season's clock is ahead of the database's.
    pub clock_offset_ms: i64,
    /// Counts every change.
    pub version: i64,
    /// A word of [`AdmissionKind`].
    pub admission: String,
}

impl Audited for SeasonRow {
    const TABLE: &'static str = "seasons";
    fn key(&self) -> String {
        self.code.clone()
    }
}

impl SeasonRow {
    /// The phase as a noun.
    ///
    /// # Errors
    /// The row holds a word that this program does not know: a newer program wrote it.
    pub fn phase(&self) -> Result<Phase, StorageError> {
        Phase::parse(&self.phase)
            .ok_or_else(|| StorageError::Broken(format!("season {} has an unknown phase", self.code)))
    }

    /// What it admits to.
    ///
    /// # Errors
    /// As of [`SeasonRow::phase`].
    pub fn admission(&self) -> Result<AdmissionKind, StorageError> {
        AdmissionKind::parse(&self.admission)
            .ok_or_else(|| StorageError::Broken(format!("season {} has an unknown admission", self.code)))
    }
}

/// Adds a season; `Stale` when the code is taken.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, season: &SeasonRow) -> Result<Change, StorageError> {
    diesel::insert_into(seasons::table).values(season).execute(connection)?;
    Ok(Change::written(season))
}

/// The season of a code.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, code: &str) -> Result<Option<SeasonRow>, StorageError> {
    Ok(seasons::table.find(code).select(SeasonRow::as_select()).first(connection).optional()?)
}

/// Lets nobody else hold or change the season until the transaction ends: bulk changes of its data take turns.
///
/// # Errors
/// Storage failed.
pub fn hold(connection: &mut AnyConnection, code: &str) -> Result<(), StorageError> {
    // A row written over itself is locked on PostgreSQL; SQLite has one writer anyway.
    diesel::update(seasons::table.find(code))
        .set(seasons::version.eq(seasons::version))
        .execute(connection)?;
    Ok(())
}

/// Seasons by code, after one of them.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, after: &str, limit: i64) -> Result<Vec<SeasonRow>, StorageError> {
    Ok(seasons::table
        .filter(seasons::code.gt(after))
        .order(seasons::code)
        .limit(limit)
        .select(SeasonRow::as_select())
        .load(connection)?)
}

/// Writes a season over the one of the version before; `season.version` is counted up here.
///
/// # Errors
/// `Stale` when somebody else changed it meanwhile.
pub fn replace(connection: &mut AnyConnection, season: &mut SeasonRow) -> Result<Change, StorageError> {
    let changed = diesel::update(seasons::table.find(&season.code))
        .filter(seasons::version.eq(season.version))
        .set((
            seasons::name.eq(&season.name),
            seasons::phase.eq(&season.phase),
            seasons::policy.eq(&season.policy),
            seasons::clock_offset_ms.eq(season.clock_offset_ms),
            seasons::version.eq(season.version + 1),
        ))
        .execute(connection)?;
    if changed != 1 {
        return Err(StorageError::Stale);
    }
    season.version += 1;
    Ok(Change::written(season))
}

//! Sources of the seed of all lots: named before the lists are frozen, told after it.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::seed_parts;

/// A source of the seed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = seed_parts, treat_none_as_default_value = false)]
pub struct SeedPartRow {
    pub season: String,
    /// As it is published: `balls`, `secret-of-the-supervisors`.
    pub source: String,
    /// SHA-256 of the secret in hex; `None` of what happens in public.
    pub commitment: Option<String>,
    /// The text, once it is told.
    pub revealed: Option<String>,
}

impl Audited for SeedPartRow {
    const TABLE: &'static str = "seed_parts";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.source)
    }
}

/// Names a source.
///
/// # Errors
/// `Stale` when it was named before.
pub fn add(connection: &mut AnyConnection, part: &SeedPartRow) -> Result<Change, StorageError> {
    diesel::insert_into(seed_parts::table).values(part).execute(connection)?;
    Ok(Change::written(part))
}

/// Writes what a source told.
///
/// # Errors
/// `Stale` when it has told before.
pub fn reveal(connection: &mut AnyConnection, part: &SeedPartRow) -> Result<Change, StorageError> {
    let changed = diesel::update(seed_parts::table.find((&part.season, &part.source)))
        .filter(seed_parts::revealed.is_null())
        .set(seed_parts::revealed.eq(&part.revealed))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(part)) } else { Err(StorageError::Stale) }
}

/// The sources of a season in the order of their names.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<SeedPartRow>, StorageError> {
    let mut parts: Vec<SeedPartRow> = seed_parts::table
        .filter(seed_parts::season.eq(season))
        .select(SeedPartRow::as_select())
        .load(connection)?;
    // By bytes: a database may sort by language, and the seed is over the parts in order.
    parts.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(parts)
}

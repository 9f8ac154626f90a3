//! What the tables of sheets do alike: rows are added in bulk, put in the place of others, listed by code.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::storage::change::{Audited, Change};

/// Writes `add_all`, `supersede`, `add_rest`, `replace` and `list` for a table that holds one sheet per season.
///
/// `sheet_rows!(table, Row, code)`: the table of the schema, its row, and the one or more columns that make its
/// key within a season; then, where rows are many, the [`written_insert`](crate::storage::written_insert) of one.
macro_rules! sheet_rows {
    ($table:ident, $row:ty, $code:ident) => {
        sheet_rows!($table, $row, $code; |row| diesel::insert_into($table::table).values(row));
    };
    ($table:ident, $row:ty, $code:ident; $insert:expr) => {
        fn delete_all(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
            rows: &[&$row],
        ) -> Result<(), crate::storage::error::StorageError> {
            for rows in rows.chunks(crate::storage::sheet_rows::AT_ONCE) {
                let codes = rows.iter().map(|row| row.$code.as_str());
                let of_season = $table::table.filter($table::season.eq(season));
                diesel::delete(of_season.filter($table::$code.eq_any(codes))).execute(connection)?;
            }
            Ok(())
        }

        sheet_rows!(@rest $table, $row, $table::$code, $insert);
    };
    ($table:ident, $row:ty, $first:ident, $($more:ident),+) => {
        fn delete_all(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
            rows: &[&$row],
        ) -> Result<(), crate::storage::error::StorageError> {
            for row in rows {
                diesel::delete($table::table.find((season, &row.$first, $(&row.$more),+)))
                    .execute(connection)?;
            }
            Ok(())
        }

        sheet_rows!(
            @rest $table, $row, ($table::$first, $($table::$more),+),
            |row| diesel::insert_into($table::table).values(row)
        );
    };
    (@rest $table:ident, $row:ty, $order:expr, $insert:expr) => {
        fn insert_all(
            connection: &mut crate::storage::database::AnyConnection,
            rows: &[&$row],
        ) -> Result<(), crate::storage::error::StorageError> {
            crate::storage::database::insert_rows!(connection, $table::table, rows, $insert);
            Ok(())
        }

        /// Adds rows, all or none (inside the caller's transaction).
        ///
        /// # Errors
        /// `Stale` when a key is taken.
        pub fn add_all(
            connection: &mut crate::storage::database::AnyConnection,
            rows: &[$row],
        ) -> Result<Vec<crate::storage::change::Change>, crate::storage::error::StorageError> {
            insert_all(connection, &rows.iter().collect::<Vec<_>>())?;
            Ok(rows.iter().map(crate::storage::change::Change::written).collect())
        }

        /// Shows a replacement rows that stand in the table; those that do not stay as they are, are deleted.
        ///
        /// # Errors
        /// Storage failed.
        pub fn supersede(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
            replacement: &mut crate::storage::sheet_rows::Replacement<$row>,
            old: &[$row],
        ) -> Result<(), crate::storage::error::StorageError> {
            let gone: Vec<&$row> = old.iter().filter(|row| !replacement.stays(*row)).collect();
            delete_all(connection, season, &gone)
        }

        /// Adds what a replacement brings beyond the rows that it was shown.
        ///
        /// # Errors
        /// `Stale` when a key is taken.
        pub fn add_rest(
            connection: &mut crate::storage::database::AnyConnection,
            replacement: crate::storage::sheet_rows::Replacement<$row>,
        ) -> Result<Vec<crate::storage::change::Change>, crate::storage::error::StorageError> {
            // Digests beside the writing, which takes longer: on one core, the other is the writer's.
            let rest = replacement.rest();
            let (added, written) = std::thread::scope(|threads| {
                let digests = threads.spawn(|| crate::storage::sheet_rows::written(&rest));
                (insert_all(connection, &rest), digests.join())
            });
            let written = written.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            added?;
            Ok(replacement.changes(written))
        }

        /// Puts rows in the place of `old`, which stand in the table: only what differs is written.
        ///
        /// # Errors
        /// `Stale` when a key is taken by a row that is not among `old`.
        pub fn replace(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
            old: &[$row],
            rows: Vec<$row>,
        ) -> Result<Vec<crate::storage::change::Change>, crate::storage::error::StorageError> {
            let mut replacement = crate::storage::sheet_rows::Replacement::new(rows);
            supersede(connection, season, &mut replacement, old)?;
            add_rest(connection, replacement)
        }

        /// All rows of a season in the order of their codes.
        ///
        /// # Errors
        /// Storage failed.
        pub fn list(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
        ) -> Result<Vec<$row>, crate::storage::error::StorageError> {
            Ok(crate::storage::database::on_either!(connection, connection => $table::table
                .filter($table::season.eq(season))
                .order($order)
                .select(<$row>::as_select())
                .load(connection))?)
        }
    };
}

pub(crate) use sheet_rows;

/// Keys that one statement names on SQLite: far below its 32,766 values.
pub(crate) const AT_ONCE: usize = 1500;

/// Rows on their way into a table, in the place of rows that it is shown.
pub struct Replacement<R> {
    rows: Vec<R>,
    /// Whether a row stands in the table as it is.
    stands: Vec<bool>,
    /// Key -> place in `rows`, once rows are shown. The rows themselves stay where they are: a roster is moved once,
    /// not thrice.
    places: OnceCell<FxHashMap<String, usize>>,
    /// Of rows that vanish.
    changes: Vec<Change>,
}

impl<R: Audited + PartialEq> Replacement<R> {
    /// Of rows with different keys.
    pub fn new(rows: Vec<R>) -> Replacement<R> {
        Replacement { stands: vec![false; rows.len()], rows, places: OnceCell::new(), changes: Vec::new() }
    }

    /// Where the row stands that comes in the place of one.
    fn place_of(&self, old: &R) -> Option<usize> {
        let places = || self.rows.iter().map(Audited::key).zip(0..).collect();
        self.places.get_or_init(places).get(&old.key()).copied()
    }

    /// The row that comes in the place of one, if any does.
    pub fn successor(&mut self, old: &R) -> Option<&mut R> {
        self.place_of(old).map(|place| &mut self.rows[place])
    }

    /// Takes note of a row that stands there, and tells whether it may stay.
    pub fn stays(&mut self, old: &R) -> bool {
        match self.place_of(old) {
            Some(place) => {
                self.stands[place] = self.rows[place] == *old;
                self.stands[place]
            }
            None => {
                self.changes.push(Change::deleted(old));
                false
            }
        }
    }

    /// The rows that do not stand there yet.
    pub fn rest(&self) -> Vec<&R> {
        self.rows.iter().zip(&self.stands).filter(|row| !row.1).map(|row| row.0).collect()
    }

    /// What changes, for the audit: what vanished, and what was written.
    pub fn changes(self, written: Vec<Change>) -> Vec<Change> {
        let mut changes = self.changes;
        changes.extend(written);
        changes
    }
}

/// Rows as the audit remembers them.
pub fn written<R: Audited>(rows: &[&R]) -> Vec<Change> {
    rows.iter().map(|row| Change::written(*row)).collect()
}

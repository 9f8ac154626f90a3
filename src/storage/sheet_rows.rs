//! What the tables of sheets do alike: rows are added in bulk, put in the place of others, listed by code.

/// Writes `add_all`, `replace_all` and `list` for a table that holds one sheet per season.
///
/// `sheet_rows!(table, Row, order)`: the table of the schema, its row, and the columns that order a list.
macro_rules! sheet_rows {
    ($table:ident, $row:ty, $order:expr) => {
        /// Adds rows, all or none (inside the caller's transaction).
        ///
        /// # Errors
        /// `Stale` when a key is taken.
        pub fn add_all(
            connection: &mut crate::storage::database::AnyConnection,
            rows: &[$row],
        ) -> Result<Vec<crate::storage::change::Change>, crate::storage::error::StorageError> {
            use crate::storage::database::AnyConnection::{Postgres, Sqlite};
            for rows in rows.chunks(crate::storage::sheet_rows::AT_ONCE) {
                let insert = diesel::insert_into($table::table).values(rows);
                match connection {
                    Postgres(postgres) => insert.execute(postgres)?,
                    Sqlite(sqlite) => insert.execute(sqlite)?,
                };
            }
            Ok(rows.iter().map(crate::storage::change::Change::written).collect())
        }

        /// Puts rows in the place of all rows of the season; `old` are those that stand there.
        ///
        /// # Errors
        /// Storage failed.
        pub fn replace_all(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
            old: &[$row],
            rows: &[$row],
        ) -> Result<Vec<crate::storage::change::Change>, crate::storage::error::StorageError> {
            diesel::delete($table::table.filter($table::season.eq(season))).execute(connection)?;
            let mut changes = crate::storage::change::deleted(old, rows);
            changes.extend(add_all(connection, rows)?);
            Ok(changes)
        }

        /// All rows of a season in the order of their codes.
        ///
        /// # Errors
        /// Storage failed.
        pub fn list(
            connection: &mut crate::storage::database::AnyConnection,
            season: &str,
        ) -> Result<Vec<$row>, crate::storage::error::StorageError> {
            Ok($table::table
                .filter($table::season.eq(season))
                .order($order)
                .select(<$row>::as_select())
                .load(connection)?)
        }
    };
}

pub(crate) use sheet_rows;

/// Rows of one insert: the widest table has 19 columns, which stays below SQLite's 32,766 values and
/// PostgreSQL's 65,535.
pub(crate) const AT_ONCE: usize = 1500;

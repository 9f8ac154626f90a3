//! Whether what was committed stays: copies of a database, its integrity, and the settings that decide it.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

fn texts(connection: &mut AnyConnection, sql: &str) -> Result<Vec<String>, StorageError> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(connection)?;
    Ok(lines.into_iter().map(|line| line.text).collect())
}

/// Writes one state of a SQLite database into a file that is empty or missing, while others go on writing.
///
/// # Errors
/// Storage failed: the disk is full.
pub fn copy_sqlite_into(connection: &mut AnyConnection, path: &str) -> Result<(), StorageError> {
    diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(path).execute(connection)?;
    Ok(())
}

/// What SQLite finds wrong in its own file; nothing when all is well.
///
/// # Errors
/// The file is no database.
pub fn integrity_faults(connection: &mut AnyConnection) -> Result<Vec<String>, StorageError> {
    let mut found = texts(connection, "SELECT integrity_check AS text FROM pragma_integrity_check")?;
    found.retain(|line| line != "ok");
    Ok(found)
}

/// Keeps the state that this transaction sees for `pg_dump --snapshot`, until the transaction ends.
///
/// # Errors
/// Storage failed.
pub fn export_snapshot(connection: &mut AnyConnection) -> Result<String, StorageError> {
    let sql = "SELECT pg_export_snapshot() AS text";
    Ok(diesel::sql_query(sql).get_result::<Line>(connection)?.text)
}

/// A setting that keeps commits through a power cut, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub value: String,
    pub safe: bool,
}

/// The settings that decide whether a commit that was told stays.
///
/// # Errors
/// Storage failed.
pub fn settings(connection: &mut AnyConnection) -> Result<Vec<Setting>, StorageError> {
    let asked: [(&str, &str, &[&str]); 2] = match connection {
        AnyConnection::Sqlite(_) => [
            ("journal_mode", "SELECT journal_mode AS text FROM pragma_journal_mode", &["wal"]),
            // 2 is FULL, 3 EXTRA.
            ("synchronous", "SELECT CAST(synchronous AS TEXT) AS text FROM pragma_synchronous", &["2", "3"]),
        ],
        AnyConnection::Postgres(_) => [
            ("fsync", "SELECT current_setting('fsync') AS text", &["on"]),
            (
                "synchronous_commit",
                "SELECT current_setting('synchronous_commit') AS text",
                &["on", "local", "remote_write", "remote_apply"],
            ),
        ],
    };
    let mut settings = Vec::new();
    for (name, sql, safe) in asked {
        let value = texts(connection, sql)?.concat();
        settings.push(Setting { name, safe: safe.contains(&value.as_str()), value });
    }
    Ok(settings)
}

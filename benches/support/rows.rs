//! Rows put into a database and read out of it by nothing but the database: prepared statements on SQLite, `COPY`
//! through psql on PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rusqlite::types::Value as Cell;
use zhaosheng::service::app::{Database, migrate};

use crate::support::figures::ms_since;
use crate::support::staged_city::{Outcome, bench_folder, fresh_database};

/// Rows of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowsOf {
    pub(crate) table: &'static str,
    /// What stands behind `WHERE`.
    pub(crate) only: &'static str,
}

impl RowsOf {
    /// The whole table.
    pub(crate) const fn all(table: &'static str) -> RowsOf {
        RowsOf { table, only: "TRUE" }
    }

    fn select(&self) -> String {
        format!("SELECT * FROM {} WHERE {}", self.table, self.only)
    }
}

/// Rows taken out of a database, in the form in which they go in quickest.
pub(crate) enum Taken {
    Sqlite(Vec<(&'static str, Vec<Vec<Cell>>)>),
    /// Files of binary rows.
    Postgres(Vec<(&'static str, PathBuf)>),
}

/// Takes rows out, untimed.
pub(crate) fn take(url: &str, parts: &[RowsOf]) -> Outcome<Taken> {
    let Some(file) = url.strip_prefix("sqlite://") else {
        let mut words = Vec::new();
        let mut files = Vec::new();
        for part in parts {
            let file = bench_folder().join(format!("rows-{}.bin", part.table));
            words.push(format!("\\copy ({}) TO '{}' WITH (FORMAT binary)", part.select(), file.display()));
            files.push((part.table, file));
        }
        psql(url, &words)?;
        return Ok(Taken::Postgres(files));
    };
    let connection = rusqlite::Connection::open(file)?;
    let mut taken = Vec::new();
    for part in parts {
        let mut statement = connection.prepare(&part.select())?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
        taken.push((part.table, rows.collect::<Result<_, _>>()?));
    }
    Ok(Taken::Sqlite(taken))
}

/// Puts rows in, all in one transaction, and returns its milliseconds.
pub(crate) fn put(url: &str, taken: &Taken) -> Outcome<f64> {
    match taken {
        Taken::Postgres(files) => {
            let copy = |(table, file): &(&str, PathBuf)| {
                format!("\\copy {table} FROM '{}' WITH (FORMAT binary)", file.display())
            };
            let words: Vec<String> = files.iter().map(copy).collect();
            let began = Instant::now();
            psql(url, &words)?;
            Ok(ms_since(began))
        }
        Taken::Sqlite(tables) => {
            let connection = rusqlite::Connection::open(url.trim_start_matches("sqlite://"))?;
            // As the service has them.
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768;",
            )?;
            let began = Instant::now();
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for (table, rows) in tables {
                let columns = rows.first().map_or(1, Vec::len);
                let places = vec!["?"; columns].join(", ");
                let mut insert = connection.prepare(&format!("INSERT INTO {table} VALUES ({places})"))?;
                for row in rows {
                    insert.execute(rusqlite::params_from_iter(row))?;
                }
            }
            connection.execute_batch("COMMIT")?;
            Ok(ms_since(began))
        }
    }
}

/// A database with all tables and no row but these.
pub(crate) fn bare_database(kind: &str, name: &str, first: &Taken) -> Outcome<String> {
    let url = fresh_database(kind, name)?;
    migrate(&Database::open(&url)?)?;
    put(&url, first)?;
    Ok(url)
}

/// Reads rows and writes them as CSV into memory; milliseconds and bytes.
pub(crate) fn read_as_csv(url: &str, parts: &[RowsOf]) -> Outcome<(f64, Vec<u8>)> {
    let Some(file) = url.strip_prefix("sqlite://") else {
        let copy = |part: &RowsOf| format!("COPY ({}) TO STDOUT WITH (FORMAT csv)", part.select());
        let words: Vec<String> = parts.iter().map(copy).collect();
        let began = Instant::now();
        let bytes = psql(url, &words)?;
        return Ok((ms_since(began), bytes));
    };
    let connection = rusqlite::Connection::open(Path::new(file))?;
    let began = Instant::now();
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for part in parts {
        let mut statement = connection.prepare(&part.select())?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for at in 0..columns {
                let cell = row.get_ref(at)?;
                match cell.as_bytes_or_null() {
                    Ok(text) => out.write_field(text.unwrap_or_default())?,
                    Err(_) => out.write_field(cell.as_i64()?.to_string())?,
                }
            }
            out.write_record(None::<&[u8]>)?;
        }
    }
    let bytes = out.into_inner().map_err(|error| error.to_string())?;
    Ok((ms_since(began), bytes))
}

/// Runs commands in one session and one transaction, and returns what they wrote.
fn psql(url: &str, commands: &[String]) -> Outcome<Vec<u8>> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1"]);
    for command in commands {
        psql.args(["-c", command]);
    }
    let told = psql.arg(url).output()?;
    if !told.status.success() {
        return Err(format!("psql: {}", String::from_utf8_lossy(&told.stderr)).into());
    }
    Ok(told.stdout)
}

//! What every table holds, as a count and a digest, so that two databases of a kind can be compared.

use std::collections::BTreeMap;

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;

/// The content of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableContent {
    pub rows: u64,
    /// SHA-256 over the sorted SHA-256 of every row, in hex: no matter in what order the rows lie.
    pub sha256: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// The content of every table there is, audited or not, by name.
///
/// One row's hash at a time is in memory beside the 32 bytes of every row of the table.
///
/// # Errors
/// Storage failed.
pub fn table_contents(
    connection: &mut AnyConnection,
) -> Result<BTreeMap<String, TableContent>, StorageError> {
    let names = table_names(connection)?;
    names.into_iter().map(|name| Ok((name.clone(), content(connection, &name)?))).collect()
}

/// The names of all tables.
///
/// # Errors
/// Storage failed.
pub fn table_names(connection: &mut AnyConnection) -> Result<Vec<String>, StorageError> {
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            r"SELECT name AS text FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = current_schema()"
        }
    };
    let lines: Vec<Line> = diesel::sql_query(sql).load(connection)?;
    Ok(lines.into_iter().map(|line| line.text).collect())
}

fn content(connection: &mut AnyConnection, table: &str) -> Result<TableContent, StorageError> {
    let columns = match connection {
        AnyConnection::Sqlite(_) => "SELECT name AS text FROM pragma_table_info($1) ORDER BY cid",
        AnyConnection::Postgres(_) => {
            "SELECT attname::text AS text FROM pg_attribute WHERE attrelid = quote_ident($1)::regclass \
             AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        }
    };
    let columns: Vec<Line> = diesel::sql_query(columns).bind::<Text, _>(table).load(connection)?;
    let cell = |column: &Line| match connection {
        // As bytes: a text is quoted only up to a zero character.
        AnyConnection::Sqlite(_) => format!("quote(CAST({} AS BLOB))", quoted(&column.text)),
        AnyConnection::Postgres(_) => format!("quote_nullable({})", quoted(&column.text)),
    };
    let row = columns.iter().map(cell).collect::<Vec<_>>().join(" || ',' || ");
    let sql = diesel::sql_query(format!("SELECT {row} AS text FROM {}", quoted(table)));
    let hash = |line: QueryResult<Line>| Ok::<[u8; 32], StorageError>(Sha256::digest(line?.text).into());
    let mut hashes: Vec<[u8; 32]> = match connection {
        AnyConnection::Sqlite(sqlite) => {
            sql.load_iter::<Line, DefaultLoadingMode>(sqlite)?.map(hash).collect::<Result<_, _>>()?
        }
        AnyConnection::Postgres(postgres) => {
            sql.load_iter::<Line, PgRowByRowLoadingMode>(postgres)?.map(hash).collect::<Result<_, _>>()?
        }
    };
    hashes.sort_unstable();
    Ok(TableContent { rows: hashes.len() as u64, sha256: hex(&Sha256::digest(hashes.concat())) })
}

/// A name inside a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

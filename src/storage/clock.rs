//! The clock that decides: the database's, read inside the transaction.

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = BigInt)]
    at_ms: i64,
}

/// Milliseconds since 1970 (UTC), at this statement and not at the beginning of the transaction.
pub fn now_ms(connection: &mut AnyConnection) -> Result<i64, StorageError> {
    let sql = match connection {
        AnyConnection::Sqlite(_) => "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AS at_ms",
        AnyConnection::Postgres(_) => {
            "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT AS at_ms"
        }
    };
    Ok(diesel::sql_query(sql).get_result::<Now>(connection)?.at_ms)
}

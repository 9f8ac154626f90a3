//! The clock that decides: the database's, read inside the transaction.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel::{RunQueryDsl, select};

use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;

/// Milliseconds since 1970 (UTC), at this statement and not at the beginning of the transaction; a statement that
/// reads or writes something else may ask for it too, which saves one.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct Now;

impl Expression for Now {
    type SqlType = BigInt;
}
impl<Source: ?Sized> AppearsOnTable<Source> for Now {}
impl<Source: ?Sized> SelectableExpression<Source> for Now {}
impl<Grouping> ValidGrouping<Grouping> for Now {
    type IsAggregate = is_aggregate::Never;
}

/// How a database tells its time.
trait TellsTime: Backend {
    const NOW: &'static str;
}
impl TellsTime for Sqlite {
    const NOW: &'static str = "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)";
}
impl TellsTime for Pg {
    const NOW: &'static str = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
}

impl<DB: TellsTime> QueryFragment<DB> for Now {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(DB::NOW);
        Ok(())
    }
}

/// The clock, by itself.
///
/// # Errors
/// Storage failed.
pub fn now_ms(connection: &mut AnyConnection) -> Result<i64, StorageError> {
    Ok(on_either!(connection, connection => select(Now).get_result(connection))?)
}

//! Inserts written out, for rows that come by the thousand a second.

/// Writes `Insert([&row, ...])`, which adds rows of a table with one statement.
///
/// `written_insert!(table, Row, column: SqlType, ...)`: the table of the schema, its row with every column. diesel's own
/// insert goes through the columns of a row half a dozen times at every run to find its text, which is always the same;
/// that was a fifth of a roster's commit. A test holds this one to the text and the values of diesel's.
macro_rules! written_insert {
    ($table:ident, $row:ty, $first:ident: $first_kind:ty, $($column:ident: $kind:ty),+ $(,)?) => {
        #[derive(Debug)]
        struct Insert<'r, const ROWS: usize>([&'r $row; ROWS]);

        impl<const ROWS: usize> diesel::query_builder::QueryId for Insert<'_, ROWS> {
            type QueryId = Insert<'static, ROWS>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl<C, const ROWS: usize> diesel::RunQueryDsl<C> for Insert<'_, ROWS> {}

        impl<DB, const ROWS: usize> diesel::query_builder::QueryFragment<DB> for Insert<'_, ROWS>
        where
            DB: diesel::backend::Backend + diesel::sql_types::HasSqlType<diesel::sql_types::BigInt>,
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
            String: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
            Option<String>: diesel::serialize::ToSql<diesel::sql_types::Nullable<diesel::sql_types::Text>, DB>,
        {
            fn walk_ast<'b>(
                &'b self,
                mut pass: diesel::query_builder::AstPass<'_, 'b, DB>,
            ) -> diesel::QueryResult<()> {
                pass.push_sql(concat!(
                    "INSERT INTO \"", stringify!($table), "\" (\"", stringify!($first), "\"",
                    $(", \"", stringify!($column), "\"",)+ ") VALUES "
                ));
                for (at, row) in self.0.iter().enumerate() {
                    pass.push_sql(if at == 0 { "(" } else { ", (" });
                    pass.push_bind_param::<$first_kind, _>(&row.$first)?;
                    $(
                        pass.push_sql(", ");
                        pass.push_bind_param::<$kind, _>(&row.$column)?;
                    )+
                    pass.push_sql(")");
                }
                Ok(())
            }
        }

        #[cfg(test)]
        #[test]
        fn the_written_insert_is_the_one_of_diesel() {
            let (one, two) = (<$row>::default(), <$row>::default());
            let (own, theirs) =
                (Insert([&one, &two]), diesel::insert_into($table::table).values([&one, &two]));
            // SQLite takes names in either quotes.
            let theirs_on_sqlite = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&theirs).to_string();
            assert_eq!(
                diesel::debug_query::<diesel::sqlite::Sqlite, _>(&own).to_string(),
                theirs_on_sqlite.replace('`', "\"")
            );
            assert_eq!(
                diesel::debug_query::<diesel::pg::Pg, _>(&own).to_string(),
                diesel::debug_query::<diesel::pg::Pg, _>(&theirs).to_string()
            );
        }
    };
}

pub(crate) use written_insert;

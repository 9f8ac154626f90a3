//! Queries whose text never changes: kept compiled without being looked through at every run.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A query of one text. Before it takes the compiled statement from its cache, diesel walks through a statement
/// to see whether its text might be another than last time; of a submission that is a tenth of what diesel does.
/// Inserts and updates reach its cache by reference, past this: see
/// [`written_insert`](crate::storage::written_insert). In a debug build, as in every test, a query is looked through
/// all the same.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SameText<Q>(pub Q);

impl<Q: Query> Query for SameText<Q> {
    type SqlType = Q::SqlType;
}
impl<Q, C> RunQueryDsl<C> for SameText<Q> {}
impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for SameText<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        if cfg!(debug_assertions) {
            assert!(self.0.is_safe_to_cache_prepared(backend)?, "the text of this statement changes");
        }
        Ok(true)
    }
}

//! A person sees who has read her data.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{concerned, subject};
use crate::storage::audit_lines;
pub use crate::storage::audit_lines::Look;

/// Acts of offices on this candidate, alone or in a list she stands in, newest first, before the place of
/// one of them.
///
/// # Errors
/// `NotFound` for anybody but herself.
pub async fn list_readers(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
    before: (i64, i64, i64),
    limit: i64,
) -> Result<Vec<Look>, ServiceError> {
    app.look(caller, move |transaction| {
        let (_, candidate) = concerned(transaction, Act::ListReaders, &season, &exam_no)?;
        let alone = subject(&exam_no);
        let lists = [
            format!("junior:{}", candidate.junior_code),
            format!("area:{}", candidate.area_code),
            "season".to_owned(),
        ];
        let mut found = audit_lines::about(transaction.connection, &season, &alone, &lists, before.0)?;
        // Another page of a list is no look at her, nor are changes of the whole season.
        found.retain(|look| look.place() < before && (look.subject == alone || spans(look, &exam_no)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    })
    .await
}

/// Whether a listing's detail (`first to last`) covers an exam number.
fn spans(look: &Look, exam_no: &str) -> bool {
    look.detail.split_once(" to ").is_some_and(|(first, last)| (first..=last).contains(&exam_no))
}

//! A person sees who has read her data.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{concerned, subject};
use crate::storage::audit_lines;
pub use crate::storage::audit_lines::AuditLine;

/// Acts of offices on this candidate, alone or in a list she stands in, newest first, before a moment.
///
/// # Errors
/// `NotFound` for anybody but herself.
pub async fn list_readers(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
    before_ms: i64,
    limit: i64,
) -> Result<Vec<AuditLine>, ServiceError> {
    app.look(caller, move |transaction| {
        let (_, candidate) = concerned(transaction, Act::ListReaders, &season, &exam_no)?;
        let alone = subject(&exam_no);
        let lists = [
            format!("junior:{}", candidate.junior_code),
            format!("area:{}", candidate.area_code),
            "season".to_owned(),
        ];
        let mut found =
            audit_lines::about(transaction.connection, &season, &alone, &lists, before_ms, limit * 4)?;
        // Changes of the whole season are no look at her.
        found.retain(|line| line.role != "candidate" && (line.subject == alone || spans(line, &exam_no)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    })
    .await
}

/// Whether a listing's detail (`first to last`) covers an exam number.
fn spans(line: &AuditLine, exam_no: &str) -> bool {
    line.detail.split_once(" to ").is_some_and(|(first, last)| (first..=last).contains(&exam_no))
}

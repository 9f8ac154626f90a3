//! A senior high reports who of those admitted to it came, and who did not.

use std::collections::BTreeSet;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::ledger::places::places;
use crate::storage::enrolments::{self, EnrolmentRow};
use crate::storage::programmes;

/// Candidates of one report at most.
const MOST: usize = 5_000;

/// Reports candidates as enrolled or as not come; all of the report or nothing.
///
/// # Errors
/// `Invalid` with every exam number that is not admitted to the school: whether it exists is not told.
pub async fn report_enrolment(
    app: &App,
    caller: &Caller,
    code: String,
    school: String,
    reports: Vec<(String, bool)>,
) -> Result<usize, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let whose = Whose { senior: Some(school.clone()), ..Whose::season(&code) };
        let season = transaction.season_for(Act::ReportEnrolment, &whose)?;
        let own: BTreeSet<String> = programmes::list(transaction.connection, &code)?
            .into_iter()
            .filter(|programme| programme.school_code == school)
            .map(|programme| programme.programme_code)
            .collect();
        if own.is_empty() {
            return Err(ServiceError::NotFound);
        }
        if reports.is_empty() || reports.len() > MOST {
            let rule = format!("must be 1 to {MOST} candidates");
            return Err(ServiceError::invalid("/reports", "count", rule));
        }
        let places = places(&door, transaction.connection, &code)?;
        let admitted =
            |exam_no: &str| places.get(exam_no).is_some_and(|place| own.contains(&place.programme));
        let mut seen = BTreeSet::new();
        let faults: Vec<FieldFault> = reports
            .iter()
            .enumerate()
            .filter_map(|(at, (exam_no, _))| {
                let pointer = format!("/reports/{at}/exam_no");
                if !admitted(exam_no) {
                    return Some(FieldFault::new(pointer, "not_admitted", "is not admitted to this school"));
                }
                let twice = !seen.insert(exam_no.clone());
                twice.then(|| FieldFault::new(pointer, "duplicate", "stands twice"))
            })
            .collect();
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let at_ms = transaction.season_now_ms(&season)?;
        let by = transaction.actor.account.clone();
        let count = reports.len();
        let mut changes = Vec::with_capacity(count);
        for (exam_no, enrolled) in reports {
            let row = EnrolmentRow {
                season: code.clone(),
                exam_no,
                school_code: school.clone(),
                state: if enrolled { "enrolled" } else { "no_show" }.to_owned(),
                reported_by: by.clone(),
                at_ms,
            };
            changes.push(enrolments::put(transaction.connection, &row)?);
        }
        let subject = format!("senior:{school}");
        transaction.note(Act::ReportEnrolment, &code, &subject, format!("{count} candidates"), changes)?;
        Ok(count)
    })
    .await
}

//! Who came is held against who was admitted: nobody is filed while the two differ unexplained.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::engine::reconciliation::{self, Report};
pub use crate::engine::reconciliation::{Difference, Reconciliation, SchoolCounts, What};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::ledger::places::places;
use crate::storage::{enrolments, programmes};

/// The balance as it stands now; reading it is itself on the record.
///
/// # Errors
/// `NotFound`; `Conflict` `not_published`; `Altered`.
pub async fn show_reconciliation(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<Reconciliation, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::ShowReconciliation;
        transaction.season_for(act, &Whose::season(&code))?;
        let reconciled = reconciled(&door, transaction, &code)?;
        let detail = format!("{} differences", reconciled.differences.len());
        transaction.note(act, &code, "season", detail, Vec::new())?;
        Ok(reconciled)
    })
    .await
}

/// Refuses while somebody admitted was not reported, or somebody enrolled has no place there.
///
/// # Errors
/// `Conflict` `not_reconciled`; as [`show_reconciliation`].
pub fn is_reconciled(app: &App, transaction: &mut Transaction<'_>, season: &str) -> Result<(), ServiceError> {
    match reconciled(app, transaction, season)?.open() {
        0 => Ok(()),
        open => {
            let detail =
                format!("{open} candidates are admitted and not reported, or enrolled without a place");
            Err(ServiceError::conflict("not_reconciled", detail))
        }
    }
}

fn reconciled(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &str,
) -> Result<Reconciliation, ServiceError> {
    let places = places(app, transaction.connection, season)?;
    let schools: BTreeMap<String, String> = programmes::list(transaction.connection, season)?
        .into_iter()
        .map(|programme| (programme.programme_code, programme.school_code))
        .collect();
    let mut admitted = BTreeMap::new();
    for (exam_no, place) in places.iter().filter(|(_, place)| !place.programme.is_empty()) {
        let school = schools
            .get(&place.programme)
            .ok_or_else(|| ServiceError::Altered("the programme of a published place".to_owned()))?;
        admitted.insert(exam_no.as_str(), school.as_str());
    }
    let rows = enrolments::list(transaction.connection, season)?;
    let reports: Vec<Report<'_>> = rows
        .iter()
        .map(|row| Report { exam_no: &row.exam_no, school: &row.school_code, came: row.state == "enrolled" })
        .collect();
    Ok(reconciliation::reconcile(&admitted, &reports))
}

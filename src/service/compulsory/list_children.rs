//! An office lists the children of its entry: who is registered, and whose evidence waits for a decision.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::compulsory::entry_sheet::{CHILDREN, EVIDENCE};
use crate::domain::compulsory::entry_wishes::ENTRY_LIST;
use crate::domain::form::Stage;
use crate::domain::person_name::masked_name;
use crate::files::compulsory::entry_sheets::cell;
use crate::service::app::{App, Caller};
use crate::service::compulsory::stored_entry::{cells, evidence_codes};
use crate::service::error::ServiceError;
use crate::service::people::list_candidates::in_reach;
use crate::storage::candidates::CandidateRow;
use crate::storage::{entry_rows, form_versions};

/// A child of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChild {
    pub exam_no: String,
    /// Masked.
    pub name: String,
    pub stage: String,
    /// The form's version; 0 before the family registered on line.
    pub version: i64,
    /// Facts that no source confirmed and nobody decided about.
    pub waiting: usize,
}

/// Children after a number; the look is noted once for the list.
///
/// # Errors
/// Only those of every use case.
pub async fn list_children(
    app: &App,
    caller: &Caller,
    season: String,
    after: String,
    limit: i64,
) -> Result<Vec<ListedChild>, ServiceError> {
    app.act(caller, move |transaction| {
        let (season, people) = in_reach(transaction, Act::ListChildren, &season, &after, limit)?;
        let numbers: Vec<&str> = people.iter().map(|person| person.exam_no.as_str()).collect();
        let own: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
        let mut stages: BTreeMap<String, String> = BTreeMap::new();
        for row in entry_rows::list_by_codes(transaction.connection, &season.code, CHILDREN.name, &own)? {
            stages.insert(row.code.clone(), cell(&cells(&row)?, "stage").to_owned());
        }
        let mut facts: BTreeMap<(String, String), bool> = BTreeMap::new();
        let codes = evidence_codes(&numbers);
        for row in entry_rows::list_by_codes(transaction.connection, &season.code, EVIDENCE.name, &codes)? {
            let row = cells(&row)?;
            let settled = cell(&row, "comparison") == "match" || !cell(&row, "decision").is_empty();
            let fact = (cell(&row, "child_no").to_owned(), cell(&row, "fact").to_owned());
            *facts.entry(fact).or_default() |= settled;
        }
        let stage = Stage::Official.word();
        let filed = form_versions::numbers(transaction.connection, &season.code, stage, &numbers)?;
        let versions: BTreeMap<String, i64> = filed
            .into_iter()
            .filter(|(_, list, _)| list == ENTRY_LIST)
            .filter_map(|(exam_no, _, version)| Some((exam_no, version?)))
            .collect();
        let child = |person: &CandidateRow| ListedChild {
            exam_no: person.exam_no.clone(),
            name: masked_name(&person.name),
            stage: stages.get(&person.exam_no).cloned().unwrap_or_default(),
            version: versions.get(&person.exam_no).copied().unwrap_or_default(),
            waiting: facts
                .iter()
                .filter(|((number, _), settled)| *number == person.exam_no && !**settled)
                .count(),
        };
        Ok(people.iter().map(child).collect())
    })
    .await
}

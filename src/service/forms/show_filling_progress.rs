//! A bureau, the centre and the supervisor see how far each junior high is: counts, never who and never what.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::stage_shown;
use crate::service::people::list_candidates::reach_of;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::{candidates, confirmations, form_versions, junior_schools};

/// Candidates of one question to the database.
const AT_ONCE: usize = 2_000;

/// How far the pupils of a junior high are with one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListProgress {
    pub batch: String,
    pub submitted: usize,
    /// Of these, with the signed print on record.
    pub confirmed: usize,
}

/// How far a junior high is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolProgress {
    pub junior_code: String,
    pub junior_name: String,
    pub pupils: usize,
    /// In the order of the policy's lists.
    pub lists: Vec<ListProgress>,
}

/// How far everybody in reach is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FillingProgress {
    /// By code.
    pub schools: Vec<SchoolProgress>,
    /// Lists that were submitted for the first time, by hour of the season's clock.
    pub hours: Vec<HourOfFilling>,
}

/// An hour in which lists came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourOfFilling {
    pub from_ms: i64,
    pub lists: u64,
}

/// The junior highs in the caller's reach, and how the lists came in.
///
/// # Errors
/// `Forbidden` to schools and candidates.
pub async fn show_filling_progress(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<FillingProgress, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, of) = reach_of(transaction, Act::ShowFillingProgress, &code)?;
        let stage = stage_shown(season.phase()?);
        let policy = stored_policy(&season)?;
        let names: BTreeMap<String, String> = junior_schools::list(transaction.connection, &code)?
            .into_iter()
            .map(|school| (school.school_code, school.name))
            .collect();
        let pupils = candidates::list_of(transaction.connection, &code, &of, "", i64::MAX)?;
        let mut schools: BTreeMap<&str, SchoolProgress> = BTreeMap::new();
        for some in pupils.chunks(AT_ONCE) {
            let exam_nos: Vec<&str> = some.iter().map(|pupil| pupil.exam_no.as_str()).collect();
            let signed: BTreeSet<(String, String, i64)> =
                confirmations::numbers(transaction.connection, &code, stage, &exam_nos)?
                    .into_iter()
                    .collect();
            let mut submitted: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
            for (exam_no, batch, version) in
                form_versions::numbers(transaction.connection, &code, stage, &exam_nos)?
            {
                submitted.entry(exam_no).or_default().push((batch, version.unwrap_or_default()));
            }
            for pupil in some {
                let junior = pupil.junior_code.as_str();
                let school = schools.entry(junior).or_insert_with(|| SchoolProgress {
                    junior_code: junior.to_owned(),
                    junior_name: names.get(junior).cloned().unwrap_or_default(),
                    pupils: 0,
                    lists: policy
                        .lists()
                        .into_iter()
                        .map(|batch| ListProgress { batch: batch.to_owned(), ..ListProgress::default() })
                        .collect(),
                });
                school.pupils += 1;
                for (batch, version) in submitted.remove(&pupil.exam_no).unwrap_or_default() {
                    let Some(list) = school.lists.iter_mut().find(|list| list.batch == batch) else {
                        continue;
                    };
                    list.submitted += 1;
                    list.confirmed += usize::from(signed.contains(&(pupil.exam_no.clone(), batch, version)));
                }
            }
        }
        let hours = form_versions::first_by_hour(transaction.connection, &code, stage, &of)?;
        let hour = |(from_ms, lists): (i64, i64)| HourOfFilling {
            from_ms,
            lists: u64::try_from(lists).unwrap_or(0),
        };
        Ok(FillingProgress {
            schools: schools.into_values().collect(),
            hours: hours.into_iter().map(hour).collect(),
        })
    })
    .await
}

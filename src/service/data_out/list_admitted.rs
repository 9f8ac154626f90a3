//! The admitted list on a screen: the rows of the export, with who came.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::role::Role;
use crate::service::app::{App, Caller};
use crate::service::data_out::export_admitted::{ListWanted, standings_wanted, subject};
use crate::service::data_out::standings::Standing;
use crate::service::error::ServiceError;
use crate::storage::{enrolments, junior_schools, senior_schools};

/// What a screen shows of the list.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Only this programme.
    pub programme: Option<String>,
    /// Only this kind of seat: `quota`, `pool`, `open`.
    pub seat: Option<String>,
    /// After this exam number.
    pub after: String,
    pub limit: usize,
}

/// Somebody of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdmittedLine {
    pub exam_no: String,
    pub name: String,
    pub class: String,
    pub junior_name: String,
    /// Empty without a place, and so the next two.
    pub programme_code: String,
    pub programme_name: String,
    pub school_name: String,
    /// `quota`, `pool`, `open`; empty without a place or by the ledger.
    pub seat: String,
    /// Decimal; none for a junior high, which makes no ranking of marks.
    pub total: Option<String>,
    /// `enrolled` or `no_show`, where the school has reported.
    pub reported: Option<String>,
}

/// The list, cut to what is shown.
#[derive(Clone, Debug, Default)]
pub struct AdmittedList {
    pub lines: Vec<AdmittedLine>,
    /// All that the filters leave.
    pub count: usize,
    /// Code, name and number of admitted of each programme in reach, before the filters.
    pub programmes: Vec<(String, String, usize)>,
}

/// The rows in the actor's reach by exam number; that they were read is on the record.
///
/// # Errors
/// As `export_admitted`.
pub async fn list_admitted(
    app: &App,
    caller: &Caller,
    code: String,
    shown: Shown,
) -> Result<AdmittedList, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let mut standings = standings_wanted(&door, transaction, &code, &ListWanted::default())?;
        let mut programmes: BTreeMap<String, (String, usize)> = BTreeMap::new();
        for programme in standings.iter().filter_map(|one| one.programme.as_ref()) {
            let known = programmes.entry(programme.programme_code.clone());
            known.or_insert_with(|| (programme.name.clone(), 0)).1 += 1;
        }
        standings.retain(|one| {
            shown.programme.as_ref().is_none_or(|programme| *programme == one.place.programme)
                && shown.seat.as_ref().is_none_or(|seat| *seat == one.place.seat)
        });
        let count = standings.len();
        standings.retain(|one| one.candidate.exam_no > shown.after);
        standings.truncate(shown.limit);
        let juniors: BTreeMap<String, String> = junior_schools::list(transaction.connection, &code)?
            .into_iter()
            .map(|school| (school.school_code, school.name))
            .collect();
        let seniors: BTreeMap<String, String> = senior_schools::list(transaction.connection, &code)?
            .into_iter()
            .map(|school| (school.school_code, school.name))
            .collect();
        let mut reports: BTreeMap<String, String> = enrolments::list(transaction.connection, &code)?
            .into_iter()
            .map(|report| (report.exam_no, report.state))
            .collect();
        let actor = transaction.actor.clone();
        let line = |one: Standing| AdmittedLine {
            junior_name: juniors.get(&one.candidate.junior_code).cloned().unwrap_or_default(),
            school_name: seniors.get(one.school()).cloned().unwrap_or_default(),
            programme_name: one.programme.map_or_else(String::new, |programme| programme.name),
            programme_code: one.place.programme,
            seat: one.place.seat,
            total: (actor.role != Role::JuniorHigh).then_some(one.place.total),
            reported: reports.remove(&one.candidate.exam_no),
            exam_no: one.candidate.exam_no,
            name: one.candidate.name,
            class: one.candidate.class,
        };
        let lines: Vec<AdmittedLine> = standings.into_iter().map(line).collect();
        let detail = format!("{} rows on a page", lines.len());
        transaction.note(Act::ExportAdmitted, &code, &subject(&actor), detail, Vec::new())?;
        let programmes = programmes.into_iter().map(|(code, (name, count))| (code, name, count)).collect();
        Ok(AdmittedList { lines, count, programmes })
    })
    .await
}

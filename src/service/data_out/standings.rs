//! Everybody of the published lists with the place that stands now, joined with the roster.

use std::collections::BTreeMap;

use crate::files::csv_bytes::{number, text};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::ledger::places::{Place, places};
use crate::storage::candidates::{self, CandidateRow};
use crate::storage::database::AnyConnection;
use crate::storage::programmes::{self, ProgrammeRow};
use crate::storage::{junior_schools, senior_schools};

/// A candidate and her place.
pub struct Standing {
    pub candidate: CandidateRow,
    pub place: Place,
    /// The place's programme; none without a place.
    pub programme: Option<ProgrammeRow>,
}

impl Standing {
    /// The senior high of the place; empty without one.
    pub fn school(&self) -> &str {
        self.programme.as_ref().map_or("", |programme| &programme.school_code)
    }
}

/// The columns that a list has beside those that all have.
pub struct Columns<'c> {
    pub total: bool,
    /// ID numbers as they stand in the clear, by exam number.
    pub id_no: Option<&'c BTreeMap<String, String>>,
}

/// Everybody of the published lists, by exam number.
///
/// # Errors
/// `Conflict` `not_published`; `Altered`.
pub fn standings(
    app: &App,
    connection: &mut AnyConnection,
    season: &str,
) -> Result<Vec<Standing>, ServiceError> {
    let mut places = places(app, connection, season)?;
    let programmes: BTreeMap<String, ProgrammeRow> = programmes::list(connection, season)?
        .into_iter()
        .map(|programme| (programme.programme_code.clone(), programme))
        .collect();
    let mut standings = Vec::with_capacity(places.len());
    for candidate in candidates::list(connection, season)? {
        let Some(place) = places.remove(&candidate.exam_no) else { continue };
        let programme = programmes.get(&place.programme).cloned();
        if programme.is_none() && !place.programme.is_empty() {
            return Err(ServiceError::Altered("the programme of a published place".to_owned()));
        }
        standings.push(Standing { candidate, place, programme });
    }
    // The roster is closed before forms are taken: whoever was placed stands in it.
    if places.is_empty() { Ok(standings) } else { Err(ServiceError::Altered("the roster".to_owned())) }
}

/// The list as CSV, a row per standing in their order.
///
/// # Errors
/// Storage failed.
pub fn list<'s>(
    connection: &mut AnyConnection,
    season: &str,
    standings: impl Iterator<Item = &'s Standing>,
    columns: &Columns<'_>,
) -> Result<Vec<u8>, ServiceError> {
    let juniors: BTreeMap<String, String> = junior_schools::list(connection, season)?
        .into_iter()
        .map(|school| (school.school_code, school.name))
        .collect();
    let seniors: BTreeMap<String, String> = senior_schools::list(connection, season)?
        .into_iter()
        .map(|school| (school.school_code, school.name))
        .collect();
    let mut header = vec!["exam_no", "name", "sex"];
    header.extend(columns.id_no.map(|_| "id_no"));
    header.extend(["junior_code", "junior_name", "batch", "programme_code", "programme_name"]);
    header.extend(["school_code", "school_name", "seat", "position"]);
    header.extend(columns.total.then_some("total"));
    let mut out = header.join(",").into_bytes();
    out.push(b'\n');
    let named = |names: &BTreeMap<String, String>, code: &str| names.get(code).cloned().unwrap_or_default();
    for Standing { candidate, place, programme } in standings {
        text(&mut out, &candidate.exam_no);
        let mut cell = |cell: &str| {
            out.push(b',');
            text(&mut out, cell);
        };
        cell(&candidate.name);
        cell(&candidate.sex);
        if let Some(numbers) = columns.id_no {
            cell(numbers.get(&candidate.exam_no).map_or("", String::as_str));
        }
        cell(&candidate.junior_code);
        cell(&named(&juniors, &candidate.junior_code));
        cell(&place.batch);
        cell(&place.programme);
        cell(programme.as_ref().map_or("", |programme| &programme.name));
        let school = programme.as_ref().map_or("", |programme| &programme.school_code);
        cell(school);
        cell(&named(&seniors, school));
        cell(&place.seat);
        out.push(b',');
        if place.position > 0 {
            number(&mut out, u64::from(place.position));
        }
        if columns.total {
            out.push(b',');
            text(&mut out, &place.total);
        }
        out.push(b'\n');
    }
    Ok(out)
}

//! Programmes are searched: a candidate finds those she may list, an office all.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::role::Role;
use crate::engine::programme_search::ProgrammeQuery;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::own_chances::{PastOfProgramme, own_chances};
use crate::service::forms::stored_terms::stored_terms;
use crate::storage::candidates;

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words of code, name, school, area or pinyin.
    pub text: String,
    /// Code of the area of the school.
    pub area: Option<String>,
    /// Code of the list.
    pub batch: Option<String>,
    pub quota_only: bool,
}

/// A programme that was found, with the facts for listing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProgramme {
    pub code: String,
    pub name: String,
    pub school_code: String,
    pub school_name: String,
    pub area_code: String,
    pub seats: u32,
    /// The lists it may stand on.
    pub batches: Vec<String>,
    /// Seats of the candidate's junior high there, where they are published.
    pub quota_seats: Option<u32>,
    /// Whether she may use a quota seat there.
    pub quota: bool,
    /// What past years tell her of it; never told to an office.
    pub past: PastOfProgramme,
}

impl FoundProgramme {
    /// The programme's name where it is not the school's; else empty.
    pub fn own_name(&self) -> &str {
        if self.name == self.school_name { "" } else { &self.name }
    }

    /// School and programme.
    pub fn whole_name(&self) -> String {
        format!("{} {}", self.school_name, self.own_name()).trim_end().to_owned()
    }
}

/// Names of programmes by code.
pub fn programme_names(found: Vec<FoundProgramme>) -> BTreeMap<String, String> {
    found.into_iter().map(|one| (one.code.clone(), one.whole_name())).collect()
}

/// Programmes that the text finds, nearest first.
///
/// # Errors
/// `NotFound` without such a season.
pub async fn search_programmes(
    app: &App,
    caller: &Caller,
    code: String,
    search: Search,
) -> Result<Vec<FoundProgramme>, ServiceError> {
    let kept = app.kept().clone();
    app.look(caller, move |transaction| {
        let season = transaction.season_for(Act::SearchProgrammes, &Whose::season(&code))?;
        let candidate = match (transaction.actor.role, transaction.actor.exam_no.clone()) {
            (Role::Candidate, Some(exam_no)) => {
                let found = candidates::find(transaction.connection, &code, &exam_no)?;
                Some(found.ok_or(ServiceError::NotFound)?)
            }
            _ => None,
        };
        let stored = stored_terms(transaction.connection, &kept, &season, candidate.as_ref())?;
        let city = &stored.season.city;
        let own = match &candidate {
            Some(candidate) => {
                own_chances(transaction.connection, &kept, &season, &stored.season.policy, candidate)?
            }
            None => None,
        };
        let area = match &search.area {
            None => None,
            Some(code) => match city.areas.iter().position(|area| area.code == *code) {
                Some(at) => Some(at as u32),
                None => return Ok(Vec::new()),
            },
        };
        let query = ProgrammeQuery {
            text: &search.text,
            area,
            list: search.batch.as_deref(),
            quota_only: search.quota_only,
        };
        let terms = stored.terms();
        let hits = stored.season.index().search(&terms, stored.applicant.as_ref(), &query);
        let found = hits.into_iter().map(|hit| {
            let shape = &city.programmes[hit.programme as usize];
            let school = &city.seniors[shape.school as usize];
            let batches: Vec<u32> = hit.lists.iter().flat_map(|list| terms.batches(list)).collect();
            let past = own.as_ref().zip(stored.applicant.as_ref());
            let past = past.map(|(own, applicant)| own.of(&terms, applicant, &batches, hit.programme));
            FoundProgramme {
                past: past.unwrap_or_default(),
                code: shape.code.clone(),
                name: shape.name.clone(),
                school_code: school.code.clone(),
                school_name: school.name.clone(),
                area_code: city.areas[school.area as usize].code.clone(),
                seats: shape.seats,
                batches: hit.lists,
                quota_seats: hit.quota_seats,
                quota: hit.quota,
            }
        });
        Ok(found.collect())
    })
    .await
}

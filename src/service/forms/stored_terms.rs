//! What a candidate's lists are measured by, read off the season's tables as the domain's nouns.

use std::sync::{Arc, OnceLock};

use crate::domain::candidates::fact;
use crate::domain::city::{CellOverride, City, CityArea, CityProgramme, JuniorSchool, SeniorSchool};
use crate::domain::eligibility::{EXCEPTED, EXCLUDED, LEGAL_TRANSFER};
use crate::domain::market::NONE;
use crate::domain::policy::Policy;
use crate::domain::published_quota::PublishedQuota;
use crate::domain::quota::QuotaCell;
use crate::engine::eligibility::{EligibilityFacts, refusals_of};
use crate::engine::listing::{Applicant, ListTerms};
use crate::engine::programme_search::ProgrammeIndex;
use crate::service::error::ServiceError;
use crate::service::kept_by_hash::KeptByHash;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::candidates::CandidateRow;
use crate::storage::database::AnyConnection;
use crate::storage::programmes::{self, ProgrammeRow};
use crate::storage::seasons::SeasonRow;
use crate::storage::{areas, quota_overrides, quota_publications, senior_schools};

/// What is alike for everybody of a season.
pub struct SeasonTerms {
    pub policy: Arc<Policy>,
    /// Of the junior highs only the codes that fixed or published cells name.
    pub city: City,
    /// Absent before it is published.
    quota: Option<PublishedQuota>,
    index: OnceLock<ProgrammeIndex>,
}

impl SeasonTerms {
    /// The programmes prepared for search.
    pub fn index(&self) -> &ProgrammeIndex {
        self.index.get_or_init(|| ProgrammeIndex::new(&self.city))
    }
}

/// The terms of one reader: a candidate, or an office.
pub struct StoredTerms {
    pub season: Arc<SeasonTerms>,
    /// Absent for an office.
    pub applicant: Option<Applicant>,
}

impl StoredTerms {
    /// As the engine takes them. Before the quota is published, whether a junior high has seats stays open, and
    /// nothing is refused for it; an office is told of no junior high's seats.
    pub fn terms(&self) -> ListTerms<'_> {
        let SeasonTerms { policy, city, quota, .. } = &*self.season;
        ListTerms { policy, city, quota: quota.as_ref().filter(|_| self.applicant.is_some()) }
    }
}

/// A junior high that no cell names: it has no seats anywhere.
const UNNAMED: u32 = NONE - 1;

/// Loads the terms for a candidate, or without one for an office.
///
/// # Errors
/// Storage failed.
pub fn stored_terms(
    connection: &mut AnyConnection,
    kept: &KeptByHash,
    season: &SeasonRow,
    candidate: Option<&CandidateRow>,
) -> Result<StoredTerms, ServiceError> {
    let terms = season_terms(connection, kept, season)?;
    let applicant = candidate.map(|row| Applicant {
        area: index_of(&terms.city.areas, |area| &area.code, &row.area_code),
        junior: if row.junior_code.is_empty() {
            NONE
        } else {
            let code_of = |junior: &JuniorSchool| junior.code.as_str().cmp(&row.junior_code);
            terms.city.juniors.binary_search_by(code_of).map_or(UNNAMED, |at| at as u32)
        },
        refusals: refusals_of(&terms.policy, &facts(row, &terms.policy)),
    });
    Ok(StoredTerms { season: terms, applicant })
}

/// The terms of a season, kept for the state of its sheets: a submission does not read two thousand rows that are
/// the same for everybody.
fn season_terms(
    connection: &mut AnyConnection,
    kept: &KeptByHash,
    season: &SeasonRow,
) -> Result<Arc<SeasonTerms>, ServiceError> {
    let policy = stored_policy(season)?;
    // Nothing but an import changes the sheets; its seal stands for all before it. What was written past every
    // import has no name and is read anew.
    let state = |seal: String, quota: Option<String>| {
        format!("terms {} {seal} {}", season.code, quota.unwrap_or_default())
    };
    let (seal, quota) = quota_publications::state_of_sheets(connection, &season.code)?;
    let name = seal.map(|seal| state(seal, quota));
    // The same text is the same policy in memory: to hash it for each form took longer than to check the form.
    let terms = name.as_ref().and_then(|name| kept.get::<SeasonTerms>(name));
    if let Some(terms) = terms.filter(|terms| Arc::ptr_eq(&terms.policy, &policy)) {
        return Ok(terms);
    }
    let terms = Arc::new(read_terms(connection, season, policy)?);
    if let Some(name) = name {
        // On PostgreSQL another import may have been committed between two of these reads.
        let (seal, quota) = quota_publications::state_of_sheets(connection, &season.code)?;
        if seal.map(|seal| state(seal, quota)).as_ref() == Some(&name) {
            kept.put(name, terms.clone());
        }
    }
    Ok(terms)
}

fn read_terms(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    policy: Arc<Policy>,
) -> Result<SeasonTerms, ServiceError> {
    let areas: Vec<CityArea> = areas::list(connection, &season.code)?
        .into_iter()
        .map(|row| CityArea { code: row.area_code, name: row.name, divisions: Vec::new() })
        .collect();
    let area_of = |code: &str| index_of(&areas, |area| &area.code, code);
    let seniors: Vec<SeniorSchool> = senior_schools::list(connection, &season.code)?
        .into_iter()
        .map(|row| SeniorSchool {
            area: area_of(&row.area_code),
            code: row.school_code,
            name: row.name,
            private: row.ownership == "private",
            high_quality: row.high_quality == "1",
        })
        .collect();
    let mut programmes: Vec<CityProgramme> = programmes::list(connection, &season.code)?
        .into_iter()
        .map(|row| programme(row, &policy, &areas, &seniors))
        .collect();
    // The engine looks codes up by bytes; a database may sort by language.
    programmes.sort_by(|a, b| a.code.cmp(&b.code));
    let fixed = quota_overrides::list(connection, &season.code)?;
    let cells = match quota_publications::cells(connection, &season.code)? {
        Some(text) => Some(published(&text)?),
        None => None,
    };
    let named = cells.iter().flatten().flat_map(|cell| &cell.juniors);
    let mut juniors: Vec<String> =
        fixed.iter().map(|fixed| &fixed.junior_code).chain(named).cloned().collect();
    juniors.sort_unstable();
    juniors.dedup();
    let programme_at = |code: &str| {
        programmes.binary_search_by(|known| known.code.as_str().cmp(code)).ok().map(|at| at as u32)
    };
    let junior_at = |code: &String| juniors.binary_search(code).expect("collected above") as u32;
    let mut overrides: Vec<CellOverride> = fixed
        .into_iter()
        .filter_map(|fixed| {
            Some(CellOverride {
                programme: programme_at(&fixed.programme_code)?,
                junior: junior_at(&fixed.junior_code),
                seats: fixed.seats.parse().unwrap_or(0),
                reason: fixed.reason,
            })
        })
        .collect();
    overrides.sort();
    let quota = cells.map(|cells| {
        let cells = cells.iter().filter_map(|cell| {
            let juniors = cell.juniors.iter().map(junior_at).collect();
            Some(QuotaCell { programme: programme_at(&cell.programme)?, juniors, seats: cell.seats })
        });
        PublishedQuota::new(&cells.collect::<Vec<_>>())
    });
    let juniors = juniors.into_iter().map(|code| JuniorSchool { code, ..JuniorSchool::default() }).collect();
    let city = City { areas, juniors, seniors, programmes, overrides };
    Ok(SeasonTerms { policy, city, quota, index: OnceLock::new() })
}

/// A published cell in its codes.
struct PublishedCell {
    programme: String,
    /// Of a pool more than one.
    juniors: Vec<String>,
    seats: u32,
}

/// The published cells.
fn published(text: &str) -> Result<Vec<PublishedCell>, ServiceError> {
    let mut cells = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row.map_err(|error| ServiceError::Altered(format!("the published quota: {error}")))?;
        let seats = row[2].parse().map_err(|_| ServiceError::Altered("the published quota".to_owned()))?;
        let juniors = row[1].split(';').filter(|code| !code.is_empty()).map(str::to_owned).collect();
        cells.push(PublishedCell { programme: row[0].to_owned(), juniors, seats });
    }
    Ok(cells)
}

/// The index of a code; `NONE` where nobody has it.
fn index_of<T>(all: &[T], code_of: impl Fn(&T) -> &String, code: &str) -> u32 {
    all.iter().position(|one| code_of(one) == code).map_or(NONE, |at| at as u32)
}

/// A row of the sheet, which was checked when it came in.
fn programme(
    row: ProgrammeRow,
    policy: &Policy,
    areas: &[CityArea],
    seniors: &[SeniorSchool],
) -> CityProgramme {
    let words = |text: &str| -> Vec<String> {
        text.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let school = index_of(seniors, |school| &school.code, &row.school_code);
    let mut batches: Vec<u32> = words(&row.batch).iter().flat_map(|code| policy.batches_of(code)).collect();
    batches.sort_unstable();
    batches.dedup();
    let scope_all = row.scope.trim() == "*";
    let mut scope: Vec<u32> = if scope_all {
        (0..areas.len() as u32).collect()
    } else if row.scope.trim().is_empty() {
        seniors.get(school as usize).map(|school| school.area).into_iter().collect()
    } else {
        words(&row.scope).iter().map(|code| index_of(areas, |area| &area.code, code)).collect()
    };
    scope.sort_unstable();
    CityProgramme {
        code: row.programme_code,
        school,
        name: row.name,
        batches,
        seats: row.seats.parse().unwrap_or(0),
        scope,
        scope_all,
        ..CityProgramme::default()
    }
}

/// A row of the roster as the eligibility rule sees it, with the sheet's defaults for empty cells.
pub fn facts(row: &CandidateRow, policy: &Policy) -> EligibilityFacts {
    let flags: Vec<&str> = row.flags.split(';').map(str::trim).collect();
    let refused = policy.quota.iter().flat_map(|quota| &quota.eligibility.refuse_flags);
    let bit = |cell: &str, default: &str, bit: u8| {
        let cell = if cell.is_empty() { default } else { cell };
        if cell == "1" { bit } else { 0 }
    };
    EligibilityFacts {
        has_junior: !row.junior_code.is_empty(),
        register_from: row.register_from.replace('-', "").parse().unwrap_or(0),
        facts: bit(&row.attended, "1", fact::ATTENDED)
            | bit(&row.repeat, "0", fact::REPEAT)
            | bit(&row.local, "1", fact::LOCAL),
        quality: policy.quality_place(&row.quality_grade).map_or(u8::MAX, |place| place as u8),
        legal_transfer: flags.contains(&LEGAL_TRANSFER),
        refused_flag: flags.contains(&EXCLUDED)
            || refused.into_iter().any(|flag| flags.contains(&flag.as_str())),
        excepted: flags.contains(&EXCEPTED),
    }
}

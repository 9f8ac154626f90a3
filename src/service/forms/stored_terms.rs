//! What a candidate's lists are measured by, read off the season's tables as the domain's nouns.

use crate::domain::candidates::fact;
use crate::domain::city::{CellOverride, City, CityArea, CityProgramme, JuniorSchool, SeniorSchool};
use crate::domain::eligibility::{EXCEPTED, EXCLUDED, LEGAL_TRANSFER};
use crate::domain::market::NONE;
use crate::domain::policy::Policy;
use crate::domain::published_quota::PublishedQuota;
use crate::domain::quota::QuotaCell;
use crate::engine::eligibility::{EligibilityFacts, refusals_of};
use crate::engine::listing::{Applicant, ListTerms};
use crate::service::error::ServiceError;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::candidates::CandidateRow;
use crate::storage::database::AnyConnection;
use crate::storage::programmes::{self, ProgrammeRow};
use crate::storage::seasons::SeasonRow;
use crate::storage::{areas, quota_overrides, quota_publications, senior_schools};

/// The terms of one reader: a candidate, or an office.
pub struct StoredTerms {
    pub policy: Policy,
    /// Of the junior highs only the candidate's own.
    pub city: City,
    /// Absent for an office.
    pub applicant: Option<Applicant>,
    /// What was published for the candidate's junior high; absent before that, and for an office.
    pub quota: Option<PublishedQuota>,
}

impl StoredTerms {
    /// As the engine takes them. Before the quota is published, whether a junior high has seats stays open, and
    /// nothing is refused for it.
    pub fn terms(&self) -> ListTerms<'_> {
        ListTerms { policy: &self.policy, city: &self.city, quota: self.quota.as_ref() }
    }
}

/// Which programmes are needed.
pub enum Needed<'n> {
    All,
    /// Those of a list: a submission does not wait for two thousand rows.
    Some(&'n [&'n str]),
}

/// Loads the terms for a candidate, or without one for an office.
///
/// # Errors
/// Storage failed.
pub fn stored_terms(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    candidate: Option<&CandidateRow>,
    needed: Needed<'_>,
) -> Result<StoredTerms, ServiceError> {
    let policy = stored_policy(season)?;
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
    let rows = match needed {
        Needed::All => programmes::list(connection, &season.code)?,
        Needed::Some(codes) => programmes::list_some(connection, &season.code, codes)?,
    };
    let mut programmes: Vec<CityProgramme> =
        rows.into_iter().map(|row| programme(row, &policy, &areas, &seniors)).collect();
    // The engine looks codes up by bytes; a database may sort by language.
    programmes.sort_by(|a, b| a.code.cmp(&b.code));
    let mut city = City { areas, seniors, programmes, ..City::default() };
    let Some(row) = candidate else { return Ok(StoredTerms { policy, city, applicant: None, quota: None }) };
    if !row.junior_code.is_empty() {
        city.juniors.push(JuniorSchool { code: row.junior_code.clone(), ..JuniorSchool::default() });
        for fixed in quota_overrides::list_of_junior(connection, &season.code, &row.junior_code)? {
            let found =
                city.programmes.binary_search_by(|programme| programme.code.cmp(&fixed.programme_code));
            if let Ok(at) = found {
                city.overrides.push(CellOverride {
                    programme: at as u32,
                    junior: 0,
                    seats: fixed.seats.parse().unwrap_or(0),
                    reason: fixed.reason,
                });
            }
        }
        city.overrides.sort();
    }
    let applicant = Applicant {
        area: index_of(&city.areas, |area| &area.code, &row.area_code),
        junior: if row.junior_code.is_empty() { NONE } else { 0 },
        refusals: refusals_of(&policy, &facts(row, &policy)),
    };
    let quota = quota_publications::cells(connection, &season.code)?
        .map(|cells| published(&cells, &city, &row.junior_code))
        .transpose()?;
    Ok(StoredTerms { policy, city, applicant: Some(applicant), quota })
}

/// The published cells of a junior high, which the city holds as its only one.
fn published(cells: &str, city: &City, junior: &str) -> Result<PublishedQuota, ServiceError> {
    let mut own = Vec::new();
    for row in csv::Reader::from_reader(cells.as_bytes()).records() {
        let row = row.map_err(|error| ServiceError::Altered(format!("the published quota: {error}")))?;
        let (programme, juniors, seats) = (&row[0], &row[1], &row[2]);
        if junior.is_empty() || !juniors.split(';').any(|code| code == junior) {
            continue;
        }
        if let Ok(at) = city.programmes.binary_search_by(|known| known.code.as_str().cmp(programme)) {
            let seats = seats.parse().map_err(|_| ServiceError::Altered("the published quota".to_owned()))?;
            own.push(QuotaCell { programme: at as u32, juniors: [0].into(), seats });
        }
    }
    Ok(PublishedQuota::new(&own))
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

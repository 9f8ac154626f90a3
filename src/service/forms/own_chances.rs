//! What past years tell a candidate of a programme: facts where the policy tells them, chances where it says so.

use crate::domain::chance::{Chance, Margins};
use crate::domain::past_line::PastLine;
use crate::domain::phase::Phase;
use crate::domain::policy::{Chances, Policy};
use crate::domain::rank_band::RankBand;
use crate::domain::seat::Seat;
use crate::engine::chances::{chance, distance, past_of};
use crate::engine::listing::{Applicant, ListTerms};
use crate::service::error::ServiceError;
use crate::service::kept_by_hash::KeptByHash;
use crate::service::people::merit::own_merit;
use crate::storage::candidates::CandidateRow;
use crate::storage::database::AnyConnection;
use crate::storage::past_lines::{self, PastLineRow};
use crate::storage::seasons::SeasonRow;

/// A kind of seat of a programme in a past year, as it may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastFact {
    pub year: i16,
    pub seat: Seat,
    pub seats: u32,
    pub taken: u32,
    /// The band of the last rank; none where too few took a seat to tell.
    pub last: Option<RankBand>,
}

/// What past years tell of a programme on a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastOfProgramme {
    /// The latest year first; empty where the policy tells nothing of the past.
    pub facts: Vec<PastFact>,
    /// None where the policy tells no chances.
    pub chance: Option<Chance>,
}

/// What is needed to tell a candidate of the past.
pub struct OwnChances {
    junior: String,
    /// Sorted; none of another junior high.
    lines: Vec<PastLine>,
    /// None before scores are in.
    own: Option<RankBand>,
    /// None where the policy tells facts alone.
    margins: Option<Margins>,
}

/// Loads it; none where the policy tells nothing of the past.
///
/// # Errors
/// Storage failed.
pub fn own_chances(
    connection: &mut AnyConnection,
    kept: &KeptByHash,
    season: &SeasonRow,
    policy: &Policy,
    candidate: &CandidateRow,
) -> Result<Option<OwnChances>, ServiceError> {
    if policy.guidance.chances == Chances::Off {
        return Ok(None);
    }
    let junior = candidate.junior_code.clone();
    let rows = past_lines::list_for_junior(connection, &season.code, &junior)?;
    let mut lines: Vec<PastLine> = rows.into_iter().map(past_line).collect();
    // The engine looks codes up by bytes; a database may sort by language.
    lines.sort();
    let margins = policy.guidance.margins();
    let own = match margins {
        Some(_) if season.phase()? >= Phase::Filling => {
            own_merit(connection, kept, season, &candidate.exam_no)?.and_then(|merit| merit.band)
        }
        _ => None,
    };
    Ok(Some(OwnChances { junior, lines, own, margins }))
}

/// A row of the sheet, which was checked when it came in.
fn past_line(row: PastLineRow) -> PastLine {
    let number = |cell: &str| cell.parse().unwrap_or(0);
    PastLine {
        seat: Seat::from_word(&row.seat).unwrap_or(Seat::Open),
        year: row.year.parse().unwrap_or(0),
        seats: number(&row.seats),
        taken: number(&row.taken),
        last_rank: number(&row.last_rank),
        ranked: number(&row.ranked),
        programme: row.programme_code,
        junior: row.junior_code,
    }
}

impl OwnChances {
    /// What past years tell of a programme on the list behind these batches. Of a supplementary round, which fills
    /// what is left, they tell nothing.
    pub fn of(
        &self,
        terms: &ListTerms<'_>,
        applicant: &Applicant,
        batches: &[u32],
        programme: u32,
    ) -> PastOfProgramme {
        if terms.policy.only_supplementary(batches) {
            return PastOfProgramme::default();
        }
        let code = &terms.city.programmes[programme as usize].code;
        let kinds = terms.kinds_open_to(applicant, batches, programme);
        let past = || past_of(&self.lines, code, &self.junior, &kinds);
        let mut facts: Vec<PastFact> = past()
            .map(|line| PastFact {
                year: line.year,
                seat: line.seat,
                seats: line.seats,
                taken: line.taken,
                last: line.last(),
            })
            .collect();
        facts.sort_by_key(|fact| (std::cmp::Reverse(fact.year), std::cmp::Reverse(fact.seat)));
        let distance = self.own.and_then(|own| distance(own, past()));
        PastOfProgramme { facts, chance: self.margins.map(|margins| chance(distance, margins)) }
    }
}

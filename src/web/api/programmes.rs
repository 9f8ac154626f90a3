//! Programmes: searched by families before they list them, and by offices.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::rank_band::RankBand;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::own_chances::PastFact;
use crate::service::forms::search_programmes::{FoundProgramme, Search, search_programmes};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;

/// Characters of a search text at most.
const LONGEST_TEXT: usize = 100;

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words apart by blanks, each found in code, name, school or area, or in pinyin: full, initials, mixed.
    #[param(example = "taiyuan gj", max_length = 100)]
    q: Option<String>,
    /// Only schools of this area.
    #[param(example = "A01")]
    area: Option<String>,
    /// Only what may stand on this batch's list.
    #[param(example = "1")]
    batch: Option<String>,
    /// Only where the candidate may use quota seats.
    #[param(example = false)]
    quota_only: Option<bool>,
    /// Items at most, 50 unless given.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(example = "NTA")]
    cursor: Option<String>,
}

/// A programme that may be listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeView {
    #[schema(example = "P01")]
    code: String,
    #[schema(example = "云岭高级中学")]
    name: String,
    #[schema(example = "S01")]
    school_code: String,
    #[schema(example = "云岭高级中学")]
    school_name: String,
    #[schema(example = "A01")]
    area_code: String,
    /// The approved plan.
    #[schema(example = 5)]
    seats: u32,
    /// The lists it may stand on.
    #[schema(example = json!(["1"]))]
    batches: Vec<String>,
    /// Seats of the candidate's junior high there; absent before they are published, and for offices.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota_seats: Option<u32>,
    /// Whether the candidate may use a quota seat there; for an office, whether somebody may.
    quota: bool,
    /// What past years tell the candidate, the latest first; absent where the policy tells nothing, and for offices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    past: Vec<PastFactView>,
    /// `safe`, `likely`, `reach` or `unknown`, by a backtest of past years; absent where the policy tells no chances,
    /// and for offices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "likely")]
    chance: Option<String>,
}

/// A kind of seat of a programme in a past year.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastFactView {
    #[schema(example = 2025)]
    year: i16,
    /// `open`, `pool`, or `quota` for the seats of the candidate's own junior high.
    #[schema(example = "open")]
    seat: String,
    #[schema(example = 300)]
    seats: u32,
    #[schema(example = 300)]
    taken: u32,
    /// Where the last one admitted stood; absent where too few were admitted to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_rank: Option<RankBandView>,
}

/// Neighbours in the order of merit of the whole city: at least 1 % of the ranked and at least 100 people.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankBandView {
    #[schema(example = 2401)]
    from: u32,
    #[schema(example = 2700)]
    to: u32,
    /// How many are ranked.
    #[schema(example = 29871)]
    ranked: u32,
}

impl From<PastFact> for PastFactView {
    fn from(fact: PastFact) -> PastFactView {
        let PastFact { year, seat, seats, taken, last } = fact;
        let band = |RankBand { from, to, ranked }| RankBandView { from, to, ranked };
        PastFactView { year, seat: seat.word().to_owned(), seats, taken, last_rank: last.map(band) }
    }
}

/// Searches programmes: a candidate finds those she may list, an office all that some list takes.
#[utoipa::path(tag = "programmes", operation_id = "search_programmes",
    params(("season" = String, Path, example = "2026"), SearchQuery),
    responses((status = 200, description = "A page of programmes, nearest first", body = Page<ProgrammeView>)))]
#[get("/seasons/{season}/programmes")]
pub(crate) async fn search(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let SearchQuery { q, area, batch, quota_only, limit, cursor } = query.into_inner();
    let text = q.unwrap_or_default();
    if text.chars().count() > LONGEST_TEXT {
        let rule = format!("must be at most {LONGEST_TEXT} characters");
        return Err(ServiceError::invalid("q", "length", rule).into());
    }
    let page = PageQuery::new(limit, cursor);
    let limit = page.limit()?;
    let after = page.after()?;
    let from: usize = if after.is_empty() {
        0
    } else {
        let malformed = |_| ServiceError::invalid("cursor", "malformed", "is no cursor of this list");
        after.parse().map_err(malformed)?
    };
    let address = format!("/api/v1/seasons/{season}/programmes");
    let search = Search { text, area, batch, quota_only: quota_only.unwrap_or(false) };
    let found = search_programmes(&app, &caller.0, season.into_inner(), search).await?;
    let rows: Vec<(usize, FoundProgramme)> = (from + 1..).zip(found.into_iter().skip(from)).collect();
    Ok(page::answer(
        rows,
        limit,
        &address,
        |(number, _)| number.to_string(),
        |(_, row)| ProgrammeView {
            code: row.code,
            name: row.name,
            school_code: row.school_code,
            school_name: row.school_name,
            area_code: row.area_code,
            seats: row.seats,
            batches: row.batches,
            quota_seats: row.quota_seats,
            quota: row.quota,
            past: row.past.facts.into_iter().map(Into::into).collect(),
            chance: row.past.chance.map(|chance| chance.word().to_owned()),
        },
    ))
}

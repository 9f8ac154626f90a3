//! Data out: lists, the hand-over, the balance of who came, statistics.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::domain::hexadecimal::hex;
use crate::service::app::App;
use crate::service::data_out::export_admitted::{Format, ListWanted, export_admitted};
use crate::service::data_out::hand_over::hand_over;
use crate::service::data_out::reconcile::{
    Difference, Reconciliation, SchoolCounts, What, show_reconciliation,
};
use crate::service::data_out::show_statistics::{
    Band, Fill, Flow, JuniorTotal, QuotaUse, RankTotal, SchoolTotal, Shown, show_statistics,
};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::versions::etag;

/// Which list, and how it is written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdmittedQuery {
    /// `csv` (UTF-8) unless given, `csv_bom` for a double click, `gb18030`, `xlsx`, `dbf` (GBK).
    #[param(example = "xlsx")]
    format: Option<String>,
    /// Only those admitted to this senior high.
    #[param(example = "S01")]
    school: Option<String>,
    /// Only graduates of this junior high.
    #[param(example = "J01")]
    junior: Option<String>,
}

/// A file with its hash as a strong entity tag and as `Repr-Digest` (RFC 9530).
fn file(name: &str, content_type: &str, bytes: Vec<u8>) -> HttpResponse {
    let hash = Sha256::digest(&bytes);
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(etag(hex(&hash)))
        .insert_header(("Repr-Digest", format!("sha-256=:{}:", STANDARD.encode(hash))))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

/// Exports the admitted list as far as the caller reaches; that it was read is on the record.
///
/// A senior high has those admitted to it; a junior high its graduates with and without a place, without totals.
/// Cells that the format cannot write are listed (422), never replaced.
#[utoipa::path(tag = "data out", operation_id = "export_admitted",
    params(("season" = String, Path, example = "2026"), AdmittedQuery),
    responses((status = 200, description = "The list, with its hash in ETag and Repr-Digest", body = String,
        content_type = "text/csv")))]
#[get("/seasons/{season}/admitted")]
pub(crate) async fn export(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<AdmittedQuery>,
) -> Result<HttpResponse, Problem> {
    let AdmittedQuery { format, school, junior } = query.into_inner();
    let wanted = ListWanted { format, school, junior };
    let (format, bytes) = export_admitted(&app, &caller.0, season.into_inner(), wanted).await?;
    let (name, content_type) = match format {
        Format::Csv | Format::CsvBom => ("admitted.csv", "text/csv; charset=utf-8"),
        Format::Gb18030 => ("admitted.csv", "text/csv; charset=gb18030"),
        Format::Xlsx => {
            ("admitted.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        }
        Format::Dbf => ("admitted.dbf", "application/vnd.dbf"),
    };
    Ok(file(name, content_type, bytes))
}

/// Hands over to the province and the school register: a zip of the list in full, who came, the ledger, a manifest.
#[utoipa::path(tag = "data out", operation_id = "hand_over", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "admitted.csv, enrolments.csv, ledger.csv, manifest.json", body = String,
        content_type = "application/zip")))]
#[get("/seasons/{season}/hand-over")]
pub(crate) async fn deliver(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<HttpResponse, Problem> {
    let zip = hand_over(&app, &caller.0, season.into_inner()).await?;
    Ok(file("hand-over.zip", "application/zip", zip))
}

/// A candidate who is not both admitted to a school and enrolled there.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    #[schema(example = "260101")]
    exam_no: String,
    #[schema(example = "S01")]
    school: String,
    /// `not_reported`, `no_show` or `enrolled_without_place`.
    #[schema(example = "not_reported")]
    what: &'static str,
}

/// A senior high's counts: `admitted` = `enrolled` + `no_shows` + `not_reported`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchoolBalanceView {
    #[schema(example = "S01")]
    school: String,
    admitted: u64,
    enrolled: u64,
    no_shows: u64,
    not_reported: u64,
    /// Came, and has no place there, or no longer.
    enrolled_without_place: u64,
}

/// Who came, held against who was admitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// Differences that nobody has explained; the season is filed when there are none. A no-show is explained.
    open: usize,
    schools: Vec<SchoolBalanceView>,
    differences: Vec<DifferenceView>,
}

impl From<Reconciliation> for ReconciliationView {
    fn from(reconciled: Reconciliation) -> ReconciliationView {
        let school = |(school, counts): (String, SchoolCounts)| SchoolBalanceView {
            school,
            admitted: counts.admitted,
            enrolled: counts.enrolled,
            no_shows: counts.no_shows,
            not_reported: counts.not_reported,
            enrolled_without_place: counts.enrolled_without_place,
        };
        let difference =
            |Difference { exam_no, school, what }| DifferenceView { exam_no, school, what: What::word(what) };
        ReconciliationView {
            open: reconciled.open(),
            schools: reconciled.schools.into_iter().map(school).collect(),
            differences: reconciled.differences.into_iter().map(difference).collect(),
        }
    }
}

/// Shows who came, held against who was admitted: every difference of one, and every school's counts.
#[utoipa::path(tag = "data out", operation_id = "show_reconciliation",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The balance", body = ReconciliationView)))]
#[get("/seasons/{season}/reconciliation")]
pub(crate) async fn balance(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<ReconciliationView>, Problem> {
    Ok(Json(show_reconciliation(&app, &caller.0, season.into_inner()).await?.into()))
}

/// Which form of the statistics.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// The form that everybody sees, also for an office.
    #[param(example = true)]
    public: Option<bool>,
}

/// How a programme was filled; `null` is a number that is hidden.
#[derive(Debug, Serialize, ToSchema)]
pub struct FillView {
    #[schema(example = "P01")]
    programme: String,
    #[schema(example = "S01")]
    school: String,
    seats: u64,
    quota: Option<u64>,
    pool: Option<u64>,
    /// With those whom the ledger placed.
    open: Option<u64>,
    taken: Option<u64>,
}

impl From<Fill> for FillView {
    fn from(fill: Fill) -> FillView {
        let Fill { programme, school, seats, quota, pool, open, taken } = fill;
        FillView { programme, school, seats, quota, pool, open, taken }
    }
}

/// Those admitted to a senior high.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchoolTotalView {
    #[schema(example = "S01")]
    school: String,
    admitted: Option<u64>,
    by_quota: Option<u64>,
}

impl From<SchoolTotal> for SchoolTotalView {
    fn from(total: SchoolTotal) -> SchoolTotalView {
        let SchoolTotal { school, admitted, by_quota } = total;
        SchoolTotalView { school, admitted, by_quota }
    }
}

/// Quota seats of a junior high at a senior high.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaUseView {
    /// Several share a cell by `;`.
    #[schema(example = "J01")]
    juniors: String,
    #[schema(example = "S01")]
    school: String,
    seats: u64,
    used: Option<u64>,
}

impl From<QuotaUse> for QuotaUseView {
    fn from(cell: QuotaUse) -> QuotaUseView {
        let QuotaUse { juniors, school, seats, used } = cell;
        QuotaUseView { juniors, school, seats, used }
    }
}

/// Quota seats of a junior high at all senior highs.
#[derive(Debug, Serialize, ToSchema)]
pub struct JuniorTotalView {
    #[schema(example = "J01")]
    juniors: String,
    seats: u64,
    used: Option<u64>,
}

impl From<JuniorTotal> for JuniorTotalView {
    fn from(total: JuniorTotal) -> JuniorTotalView {
        let JuniorTotal { juniors, seats, used } = total;
        JuniorTotalView { juniors, seats, used }
    }
}

/// Those admitted on one rank of their lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankTotalView {
    /// 0 by the ledger.
    rank: u32,
    admitted: Option<u64>,
}

impl From<RankTotal> for RankTotalView {
    fn from(RankTotal { rank, admitted }: RankTotal) -> RankTotalView {
        RankTotalView { rank, admitted }
    }
}

/// Those admitted to a senior high on one rank of their lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowView {
    rank: u32,
    #[schema(example = "S01")]
    school: String,
    admitted: Option<u64>,
}

impl From<Flow> for FlowView {
    fn from(Flow { rank, school, admitted }: Flow) -> FlowView {
        FlowView { rank, school, admitted }
    }
}

/// Candidates of an area between two whole scores.
#[derive(Debug, Serialize, ToSchema)]
pub struct BandView {
    #[schema(example = "A01")]
    area: String,
    highest: i64,
    lowest: i64,
    count: u64,
    /// Those of this band and of all above it.
    cumulative: u64,
}

impl From<Band> for BandView {
    fn from(band: Band) -> BandView {
        let Band { area, highest, lowest, count, cumulative } = band;
        BandView { area, highest, lowest, count, cumulative }
    }
}

/// The season in counts; `null` is a number that is hidden, because it or one that follows from it is below 10.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsView {
    /// Whether small numbers are hidden.
    public: bool,
    admitted: Option<u64>,
    /// Of thousand admitted, how many on their first choice; rounded down.
    #[schema(example = 546)]
    first_choice_per_mille: Option<u64>,
    fill: Vec<FillView>,
    schools: Vec<SchoolTotalView>,
    quota_use: Vec<QuotaUseView>,
    juniors: Vec<JuniorTotalView>,
    ranks: Vec<RankTotalView>,
    flow: Vec<FlowView>,
    /// A score each; in the public form drawn together until a band has ten people.
    segments: Vec<BandView>,
}

impl From<Shown> for StatisticsView {
    fn from(shown: Shown) -> StatisticsView {
        let Shown { public, statistics, segments } = shown;
        StatisticsView {
            public,
            admitted: statistics.admitted,
            first_choice_per_mille: statistics.first_choice_per_mille(),
            fill: statistics.fill.into_iter().map(Into::into).collect(),
            schools: statistics.schools.into_iter().map(Into::into).collect(),
            quota_use: statistics.quota_use.into_iter().map(Into::into).collect(),
            juniors: statistics.juniors.into_iter().map(Into::into).collect(),
            ranks: statistics.ranks.into_iter().map(Into::into).collect(),
            flow: statistics.flow.into_iter().map(Into::into).collect(),
            segments: segments.into_iter().map(Into::into).collect(),
        }
    }
}

/// Shows the season in counts: exact for bureau, centre and supervisor, without small numbers for everybody else.
#[utoipa::path(tag = "data out", operation_id = "show_statistics",
    params(("season" = String, Path, example = "2026"), StatisticsQuery),
    responses((status = 200, description = "The counts", body = StatisticsView)))]
#[get("/seasons/{season}/statistics")]
pub(crate) async fn tabulate(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<StatisticsQuery>,
) -> Result<Json<StatisticsView>, Problem> {
    let public = query.public.unwrap_or(false);
    Ok(Json(show_statistics(&app, &caller.0, season.into_inner(), public).await?.into()))
}

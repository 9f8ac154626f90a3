//! Results: published through the gate, then each candidate's own line with its proof.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::service::app::App;
use crate::service::runs::draw_sample::draw_sample;
use crate::service::runs::publish_result::{PublicRoots, list_publications, publish_result};
use crate::service::runs::show_own_result::{Leaf, LeafChoice, OwnResult, show_own_result};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// A publication.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicationView {
    /// From 1; supplementary rounds count on.
    round: i64,
    /// SHA-256 of the manifest: of every file of the result.
    root: String,
    /// Of the tree over every candidate's own leaf.
    leaves_root: String,
    #[schema(format = DateTime)]
    published_at: String,
}

impl From<PublicRoots> for PublicationView {
    fn from(roots: PublicRoots) -> PublicationView {
        PublicationView {
            round: roots.round,
            root: roots.root,
            leaves_root: roots.leaves_root,
            published_at: wire_time::written(roots.at_ms),
        }
    }
}

/// The key's parts of two holders.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationRequest {
    /// What `zhaosheng key open` printed for each of the two.
    #[schema(example = "part-1-00")]
    one: String,
    #[schema(example = "part-2-00")]
    other: String,
}

/// Publishes the approved result with the key's parts of two holders.
#[utoipa::path(tag = "results", operation_id = "publish_result", params(("season" = String, Path, example = "2026")),
    request_body = PublicationRequest,
    responses((status = 201, description = "The publication", body = PublicationView)))]
#[post("/seasons/{season}/publications")]
pub(crate) async fn publish(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<PublicationRequest>,
) -> Result<HttpResponse, Problem> {
    let PublicationRequest { one, other } = body.into_inner();
    let roots = publish_result(&app, &caller.0, season.into_inner(), [one, other]).await?;
    Ok(HttpResponse::Created().json(PublicationView::from(roots)))
}

/// Lists what was published, by round.
#[utoipa::path(tag = "results", operation_id = "list_publications", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The publications", body = Vec<PublicationView>)))]
#[get("/seasons/{season}/publications")]
pub(crate) async fn publications(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<PublicationView>>, Problem> {
    let rows = list_publications(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A choice of a form and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceView {
    #[schema(example = "1")]
    batch: String,
    #[schema(example = 1)]
    position: u32,
    #[schema(example = "S0101")]
    programme: String,
    /// From a closed list: admitted, admitted_above, out_of_scope, not_eligible, below_gate, below_cutoff ...
    #[schema(example = "below_cutoff")]
    reason: String,
    /// Which gate, which component of the key, by how much.
    detail: String,
}

/// A candidate's own line of the published result.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultView {
    #[schema(example = "260101")]
    exam_no: String,
    /// Absent without a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    programme: Option<String>,
    /// `quota`, `pool` or `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    seat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    /// Decimal; empty without a record of the exam.
    #[schema(example = "612.5")]
    total: String,
    choices: Vec<ChoiceView>,
    /// To keep: the leaf, its salt and its way to the published root, which `zhaosheng verify --leaf` and
    /// `tests/independent/verify.py --leaf` check off line.
    proof: LeafProof,
}

/// A leaf with its proof (RFC 9162).
#[derive(Debug, Serialize, ToSchema)]
pub struct LeafProof {
    #[schema(example = "leaf/1")]
    format: &'static str,
    /// Her rows of the published sheets, byte for byte.
    leaf: String,
    salt: String,
    place: usize,
    count: usize,
    /// Hashes from the leaf up to the root.
    path: Vec<String>,
    leaves_root: String,
    root: String,
}

impl From<OwnResult> for ResultView {
    fn from(result: OwnResult) -> ResultView {
        let choice = |choice: LeafChoice| {
            let LeafChoice { batch, position, programme, reason, detail } = choice;
            ChoiceView { batch, position, programme, reason, detail }
        };
        ResultView {
            exam_no: result.leaf.exam_no.clone(),
            batch: result.batch,
            programme: result.programme,
            seat: result.seat,
            position: result.position,
            total: result.total,
            choices: result.choices.into_iter().map(choice).collect(),
            proof: result.leaf.into(),
        }
    }
}

impl From<Leaf> for LeafProof {
    fn from(leaf: Leaf) -> LeafProof {
        LeafProof {
            format: "leaf/1",
            leaf: leaf.text,
            salt: leaf.salt,
            place: leaf.place,
            count: leaf.count,
            path: leaf.path,
            leaves_root: leaf.leaves_root,
            root: leaf.root,
        }
    }
}

/// Shows a candidate's own line of the result that was published last.
#[utoipa::path(tag = "results", operation_id = "show_result",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101")),
    responses((status = 200, description = "Her place, the reason of every choice, and the proof", body = ResultView)))]
#[get("/seasons/{season}/candidates/{exam_no}/result")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Json<ResultView>, Problem> {
    let (season, exam_no) = path.into_inner();
    Ok(Json(show_own_result(&app, &caller.0, season, exam_no).await?.into()))
}

/// What was called out.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SampleQuery {
    /// Dice, a page of a book: the same number draws the same candidates.
    #[param(example = "4 2 6 1")]
    #[serde(default)]
    number: String,
}

/// Draws twenty candidates of the published result, with the reason of every choice of theirs.
#[utoipa::path(tag = "results", operation_id = "draw_sample",
    params(("season" = String, Path, example = "2026"), SampleQuery),
    responses((status = 200, description = "The sample, by exam number", body = Vec<ResultView>)))]
#[get("/seasons/{season}/sample")]
pub(crate) async fn sample(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<SampleQuery>,
) -> Result<Json<Vec<ResultView>>, Problem> {
    let drawn = draw_sample(&app, &caller.0, season.into_inner(), query.into_inner().number).await?;
    Ok(Json(drawn.into_iter().map(Into::into).collect()))
}

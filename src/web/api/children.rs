//! Children of an entry: where they stand, what their families ask for, what became of it.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::compulsory::decide_evidence::{EvidenceDecision, decide_evidence};
use crate::service::compulsory::list_children::{ListedChild, list_children};
use crate::service::compulsory::register_child::{Registration, register_child};
use crate::service::compulsory::show_child::{ChildView as Child, Named, show_child};
use crate::service::compulsory::show_entry_result::{Application, EntryResult, show_entry_result};
use crate::web::api::results::LeafProof;
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::versions::{IdempotencyKey, IfMatch, etag};
use crate::web::wire_time;

/// A code and what people call it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedView {
    #[schema(example = "S01")]
    code: String,
    name: String,
}

impl From<Named> for NamedView {
    fn from(named: Named) -> NamedView {
        NamedView { code: named.code, name: named.name }
    }
}

/// A fact, who was asked, what was answered, what was decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProofView {
    #[schema(example = "property")]
    fact: &'static str,
    #[schema(example = "housing")]
    source: &'static str,
    /// `match`, `mismatch`, `not_found` or `unavailable`.
    #[schema(example = "match")]
    comparison: &'static str,
    /// `accepted` or `refused`, by a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    reason: String,
}

/// What a family asks for; codes of schools, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WishesView {
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    direct: bool,
    choices: Vec<String>,
    transfer_choices: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    twin: Option<String>,
}

/// The form that counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationView {
    /// Also the entity tag.
    #[schema(example = 1)]
    version: i64,
    #[schema(example = "7K3M-Q9TD-2ABF-X")]
    receipt: String,
    #[schema(format = DateTime)]
    registered_at: String,
    hash: String,
}

/// Where a child stands before anyone is placed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildView {
    #[schema(example = "C0001")]
    exam_no: String,
    name: String,
    /// `primary` or `junior`.
    #[schema(example = "primary")]
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<NamedView>,
    /// Of her zone.
    schools: Vec<NamedView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<NamedView>,
    /// age, no_zone, no_category, not_long_enough, no_promotion.
    refusals: Vec<&'static str>,
    /// The year whose use by another family locks her home.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_since: Option<i16>,
    evidence: Vec<ProofView>,
    private_schools: Vec<NamedView>,
    transfer_schools: Vec<NamedView>,
    /// Her own school, where it promotes inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    promotes: Option<NamedView>,
    /// Absent before the family registered on line.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<RegistrationView>,
    wishes: WishesView,
}

impl From<Child> for ChildView {
    fn from(child: Child) -> ChildView {
        let named = |all: Vec<Named>| all.into_iter().map(NamedView::from).collect();
        ChildView {
            exam_no: child.exam_no,
            name: child.name,
            stage: child.stage.word(),
            zone: child.zone.map(NamedView::from),
            schools: named(child.schools),
            category: child.category.map(NamedView::from),
            refusals: child.refusals,
            locked_since: child.locked_since,
            evidence: child
                .evidence
                .into_iter()
                .map(|row| ProofView {
                    fact: row.fact.word(),
                    source: row.source.word(),
                    comparison: row.comparison.word(),
                    decision: row.decision.map(|decision| decision.word()),
                    reason: row.reason,
                })
                .collect(),
            private_schools: named(child.private_schools),
            transfer_schools: named(child.transfer_schools),
            promotes: child.promotes.map(NamedView::from),
            registration: child.form.map(|form| RegistrationView {
                version: form.version,
                receipt: form.receipt,
                registered_at: wire_time::written(form.at_ms),
                hash: form.hash,
            }),
            wishes: WishesView {
                private: child.wishes.private,
                direct: child.wishes.direct,
                choices: child.wishes.choices,
                transfer_choices: child.wishes.transfer_choices,
                twin: child.wishes.twin,
            },
        }
    }
}

/// What a family sends: two fields, and what it asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRequest {
    /// As on the household register.
    #[schema(example = "王小明")]
    name: String,
    /// Compared with the roster and kept nowhere else; empty where the child has none.
    #[schema(example = "149901201009140110")]
    id_no: String,
    /// The one private school.
    #[serde(default)]
    #[schema(example = "P01")]
    private: Option<String>,
    /// Go on inside the own nine- or twelve-year school if there is a place.
    #[serde(default)]
    direct: bool,
    /// Schools of a zone of several.
    #[serde(default)]
    #[schema(example = json!(["S01"]))]
    choices: Vec<String>,
    /// Schools of the transfer round.
    #[serde(default)]
    #[schema(example = json!(["S02"]))]
    transfer_choices: Vec<String>,
    /// The number of a brother or sister with whom she draws one ticket; counts where both name each other.
    #[serde(default)]
    twin: Option<String>,
}

/// A decision of an official.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    #[schema(example = "property")]
    fact: String,
    /// police, housing, newborn, market, social_security or papers.
    #[schema(example = "papers")]
    source: String,
    accepted: bool,
    #[schema(example = "购房合同原件已核")]
    reason: String,
}

/// A child of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildLine {
    #[schema(example = "C0001")]
    exam_no: String,
    /// Masked.
    name: String,
    stage: String,
    /// 0 before the family registered on line.
    version: i64,
    /// Facts that no source confirmed and nobody decided about.
    waiting: usize,
}

/// One application and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationView {
    /// `admission` or `transfer`.
    #[schema(example = "admission")]
    round: String,
    position: u32,
    #[schema(example = "S01")]
    school: String,
    /// case, private, direct, feeder, zone or transfer.
    #[schema(example = "zone")]
    way: String,
    category: String,
    /// admitted, placed_above, no_seat, category, order, lot, twins.
    #[schema(example = "admitted")]
    reason: String,
}

/// A child's own line of the published result.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryResultView {
    #[schema(example = "C0001")]
    exam_no: String,
    stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    refusals: Vec<String>,
    /// Absent without a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    way: Option<String>,
    ticket: String,
    /// The number that was drawn for her ticket.
    lot: String,
    applications: Vec<ApplicationView>,
    proof: LeafProof,
}

impl From<EntryResult> for EntryResultView {
    fn from(result: EntryResult) -> EntryResultView {
        let application = |one: Application| ApplicationView {
            round: one.round,
            position: one.position,
            school: one.school,
            way: one.way,
            category: one.category,
            reason: one.reason,
        };
        EntryResultView {
            exam_no: result.leaf.exam_no.clone(),
            stage: result.stage,
            zone: result.zone,
            category: result.category,
            refusals: result.refusals,
            school: result.school,
            way: result.way,
            ticket: result.ticket,
            lot: result.lot,
            applications: result.applications.into_iter().map(application).collect(),
            proof: result.leaf.into(),
        }
    }
}

/// Lists the children of an entry: who is registered, whose evidence waits.
#[utoipa::path(tag = "children", operation_id = "list_children",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of children, names masked", body = Page<ChildLine>)))]
#[get("/seasons/{season}/children")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let path = format!("/api/v1/seasons/{season}/children");
    let rows = list_children(&app, &caller.0, season.into_inner(), query.after()?, limit as i64 + 1).await?;
    let view = |row: ListedChild| ChildLine {
        exam_no: row.exam_no,
        name: row.name,
        stage: row.stage,
        version: row.version,
        waiting: row.waiting,
    };
    Ok(page::answer(rows, limit, &path, |row| row.exam_no.clone(), view))
}

/// Shows where a child stands: zone and category with what proved them.
#[utoipa::path(tag = "children", operation_id = "show_child",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101")),
    responses((status = 200, description = "The child", body = ChildView, headers(("ETag" = String)))))]
#[get("/seasons/{season}/children/{exam_no}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, exam_no) = path.into_inner();
    let child = ChildView::from(show_child(&app, &caller.0, season, exam_no).await?);
    let version = child.registration.as_ref().map_or(0, |form| form.version);
    Ok(HttpResponse::Ok().insert_header(etag(version)).json(child))
}

/// Registers a child by two fields, with what the family asks for.
#[utoipa::path(tag = "children", operation_id = "register_child",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("If-Match" = Option<String>, Header, example = "\"0\""),
        ("If-None-Match" = Option<String>, Header, example = "*"),
        ("Idempotency-Key" = Option<String>, Header, example = "0190f3a2-7c1e-7000-8000-000000000001")),
    request_body = RegistrationRequest,
    responses((status = 201, description = "The receipt", body = RegistrationView, headers(("ETag" = String)))))]
#[post("/seasons/{season}/children/{exam_no}/registrations")]
pub(crate) async fn register(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    precondition: IfMatch,
    key: IdempotencyKey,
    body: Json<RegistrationRequest>,
) -> Result<HttpResponse, Problem> {
    let (season, exam_no) = path.into_inner();
    let RegistrationRequest { name, id_no, private, direct, choices, transfer_choices, twin } =
        body.into_inner();
    let at = format!("/api/v1/seasons/{season}/children/{exam_no}");
    let registration =
        Registration { season, exam_no, name, id_no, private, direct, choices, transfer_choices, twin };
    let held = format!("{:?}", precondition.0);
    let once = key.required("register_child", &(&registration, held))?;
    let row = register_child(&app, &caller.0, registration, precondition.0, once).await?;
    Ok(HttpResponse::Created().insert_header(etag(row.version)).insert_header(("Location", at)).json(
        RegistrationView {
            version: row.version,
            receipt: row.receipt,
            registered_at: wire_time::written(row.at_ms),
            hash: row.hash,
        },
    ))
}

/// Decides about a fact that no register confirmed, with a reason.
#[utoipa::path(tag = "children", operation_id = "decide_evidence",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101")),
    request_body = DecisionRequest,
    responses((status = 204, description = "Decided")))]
#[post("/seasons/{season}/children/{exam_no}/decisions")]
pub(crate) async fn decide(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<DecisionRequest>,
) -> Result<HttpResponse, Problem> {
    let (season, exam_no) = path.into_inner();
    let DecisionRequest { fact, source, accepted, reason } = body.into_inner();
    decide_evidence(&app, &caller.0, EvidenceDecision { season, exam_no, fact, source, accepted, reason })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shows a child's own line of the published result.
#[utoipa::path(tag = "children", operation_id = "show_entry_result",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101")),
    responses((status = 200, description = "Her place, the reason of every application, and the proof",
        body = EntryResultView)))]
#[get("/seasons/{season}/children/{exam_no}/result")]
pub(crate) async fn placed(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Json<EntryResultView>, Problem> {
    let (season, exam_no) = path.into_inner();
    Ok(Json(show_entry_result(&app, &caller.0, season, exam_no).await?.into()))
}

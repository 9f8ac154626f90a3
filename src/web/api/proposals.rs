//! Acts of several people: proposed, signed, done.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::ledger::enter_ledger::EntryWanted;
use crate::service::proposals::content::Wanted;
use crate::service::proposals::list_proposals::list_proposals;
use crate::service::proposals::propose_change::propose_change;
use crate::service::proposals::sign_proposal::{SignatureRow, Signed, sign_proposal};
use crate::service::quota::decide_exception::Exception;
use crate::service::season::extend_window::Extension;
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::wire_time;

/// What is to happen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeRequest {
    /// Somebody may or may not use quota seats against what the rule says (资格例外).
    DecideException {
        #[schema(example = "260101")]
        exam_no: String,
        #[schema(example = true)]
        eligible: bool,
        /// The papers that show it, by number; nothing of what they say about a family.
        #[schema(example = "学籍证明 2026-0031")]
        evidence: String,
    },
    /// A result is released for a time; name the run that was looked at.
    ApproveResult {
        #[schema(example = "01934e2a-0000-7000-8000-000000000001")]
        run: String,
        #[schema(format = DateTime, example = "2026-07-10T09:00:00+08:00")]
        publish_at: String,
    },
    /// A corrected score: the best place whose published line she clears, and nobody else moves.
    CorrectScore {
        #[schema(example = "260101")]
        exam_no: String,
        /// Marks after the review, by column of the score sheet.
        #[schema(example = json!({"math": "131"}))]
        marks: BTreeMap<String, String>,
        /// Whose decision it is, and its number.
        #[schema(example = "成绩复核组 2026-17")]
        authority: String,
    },
    /// A place given outside the engine, or taken away, by an authority that answers for it.
    OverridePlace {
        #[schema(example = "260101")]
        exam_no: String,
        /// Absent to take her place away.
        programme: Option<String>,
        #[schema(example = "市教育局 2026-5")]
        authority: String,
        /// `court_or_review`, `medical`, `relocation_by_state`, `error_of_an_office` or `withdrawal`.
        #[schema(example = "medical")]
        reason: String,
    },
    /// A window's end is moved for everybody in the area (延长填报).
    ExtendWindow {
        /// `rehearsal` or `official`.
        #[schema(example = "official")]
        stage: String,
        #[schema(example = "1")]
        batch: String,
        #[schema(example = "A01")]
        area: String,
        #[schema(format = DateTime, example = "2026-06-24T19:00:00+08:00")]
        closes_at: String,
    },
    /// The lists are closed and signed off (封存).
    FreezeLists {},
    /// The complete result of a round is opened for auditors, for 72 hours from the last signature.
    OpenAuditorPackage {
        #[schema(example = 1)]
        round: i64,
    },
    /// The seats of every junior high are published (指标公布).
    PublishQuota {},
}

/// A proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalRequest {
    change: ChangeRequest,
    /// As it stands on record.
    #[schema(example = "依据学籍核查结果")]
    reason: String,
}

/// A name under a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureView {
    account: String,
    #[schema(example = "municipal_centre")]
    role: String,
    #[schema(format = DateTime)]
    at: String,
}

/// A proposal and who has signed it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalView {
    id: String,
    #[schema(example = "freeze_lists")]
    act: String,
    /// Everything that will happen, as JSON, and the reason: show it to whoever is to sign.
    content: String,
    /// SHA-256 of the content: a signature names it.
    content_hash: String,
    signatures: Vec<SignatureView>,
    #[schema(format = DateTime)]
    proposed_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// When the last signature was given and it was done; absent while names are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    done_at: Option<String>,
}

/// What the signer saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SigningRequest {
    content_hash: String,
}

impl From<Signed> for ProposalView {
    fn from(signed: Signed) -> ProposalView {
        let Signed { proposal, signatures } = signed;
        let view = |row: SignatureRow| SignatureView {
            account: row.account,
            role: row.role,
            at: wire_time::written(row.at_ms),
        };
        ProposalView {
            id: proposal.id,
            act: proposal.act,
            content: proposal.content,
            content_hash: proposal.content_hash,
            signatures: signatures.into_iter().map(view).collect(),
            proposed_at: wire_time::written(proposal.proposed_at_ms),
            expires_at: wire_time::written(proposal.expires_at_ms),
            done_at: proposal.approved_at_ms.map(wire_time::written),
        }
    }
}

/// The request in the house's words.
fn wanted(change: ChangeRequest) -> Result<Wanted, ServiceError> {
    let mut faults = Vec::new();
    let wanted = match change {
        ChangeRequest::DecideException { exam_no, eligible, evidence } => {
            Wanted::DecideException(Exception { exam_no, eligible, evidence })
        }
        ChangeRequest::ApproveResult { run, publish_at } => Wanted::ApproveResult {
            run,
            publish_at_ms: wire_time::read(&publish_at, "/change/publish_at", &mut faults),
        },
        ChangeRequest::ExtendWindow { stage, batch, area, closes_at } => {
            let closes_at_ms = wire_time::read(&closes_at, "/change/closes_at", &mut faults);
            Wanted::ExtendWindow(Extension { stage, batch, area, closes_at_ms })
        }
        ChangeRequest::CorrectScore { exam_no, marks, authority } => {
            Wanted::EnterLedger(EntryWanted::Correction { exam_no, marks, authority })
        }
        ChangeRequest::OverridePlace { exam_no, programme, authority, reason } => {
            Wanted::EnterLedger(EntryWanted::Override { exam_no, programme, authority, reason })
        }
        ChangeRequest::FreezeLists {} => Wanted::FreezeLists,
        ChangeRequest::OpenAuditorPackage { round } => Wanted::OpenAuditorPackage { round },
        ChangeRequest::PublishQuota {} => Wanted::PublishQuota,
    };
    if faults.is_empty() { Ok(wanted) } else { Err(ServiceError::Invalid(faults)) }
}

/// Proposes an act of several people; that is the first signature.
#[utoipa::path(tag = "proposals", operation_id = "propose_change",
    params(("season" = String, Path, example = "2026")), request_body = ProposalRequest,
    responses((status = 201, description = "The proposal", body = ProposalView)))]
#[post("/seasons/{season}/proposals")]
pub(crate) async fn propose(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<ProposalRequest>,
) -> Result<HttpResponse, Problem> {
    let ProposalRequest { change, reason } = body.into_inner();
    let season = season.into_inner();
    let signed = propose_change(&app, &caller.0, season.clone(), wanted(change)?, reason).await?;
    let at = format!("/api/v1/seasons/{season}/proposals/{}", signed.proposal.id);
    Ok(HttpResponse::Created().insert_header(("Location", at)).json(ProposalView::from(signed)))
}

/// Lists proposals in the order in which they were made; of a school or an area only its own.
#[utoipa::path(tag = "proposals", operation_id = "list_proposals",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of proposals", body = Page<ProposalView>)))]
#[get("/seasons/{season}/proposals")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (limit, season) = (query.limit()?, season.into_inner());
    let rows = list_proposals(&app, &caller.0, season.clone(), query.after()?, limit as i64 + 1).await?;
    let path = format!("/api/v1/seasons/{season}/proposals");
    Ok(page::answer(rows, limit, &path, |row| row.proposal.id.clone(), ProposalView::from))
}

/// Signs a proposal; with the last signature it is done.
#[utoipa::path(tag = "proposals", operation_id = "sign_proposal",
    params(("season" = String, Path, example = "2026"), ("id" = String, Path)), request_body = SigningRequest,
    responses((status = 200, description = "The proposal, done or waiting for more names", body = ProposalView)))]
#[post("/seasons/{season}/proposals/{id}/signatures")]
pub(crate) async fn sign(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<SigningRequest>,
) -> Result<Json<ProposalView>, Problem> {
    let (season, id) = path.into_inner();
    let signed = sign_proposal(&app, &caller.0, season, id, body.into_inner().content_hash).await?;
    Ok(Json(signed.into()))
}

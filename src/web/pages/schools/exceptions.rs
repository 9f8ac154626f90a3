//! Against what the rule says somebody may, or may not, use quota seats: one proposes with evidence, another signs.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::joint_act::JointAct;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::proposals::content::Wanted;
use crate::service::proposals::propose_change::propose_change;
use crate::service::quota::decide_exception::Exception;
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::schools::field_notes::{FieldNote, field_notes};
use crate::web::pages::season_head::SeasonHead;

/// Whether a proposal has just been made.
#[derive(Deserialize)]
pub struct Made {
    #[serde(default)]
    made: String,
}

#[derive(Template)]
#[template(path = "schools/exceptions.html")]
struct Exceptions {
    frame: Frame,
    head: SeasonHead,
    made: bool,
    /// Whether exceptions are proposed in this phase.
    open: bool,
    wanted: Exception,
    reason: String,
    notes: Vec<FieldNote>,
}

impl Exceptions {
    fn of(frame: Frame, head: SeasonHead) -> Result<Exceptions, PageProblem> {
        let rule = JointAct::DecideException.rule();
        if !frame.who.as_ref().is_some_and(|who| rule.proposers.contains(&who.role)) {
            return Err(frame.refused(ServiceError::Forbidden));
        }
        let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
        Ok(Exceptions {
            open: rule.phases.contains(&phase),
            frame,
            head,
            made: false,
            wanted: Exception { exam_no: String::new(), eligible: true, evidence: String::new() },
            reason: String::new(),
            notes: Vec::new(),
        })
    }
}

/// Asks for whom, which way and why.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    made: Query<Made>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let screen = Exceptions { made: made.made == "1", ..Exceptions::of(member.frame, head)? };
    Ok(page(StatusCode::OK, &screen))
}

/// Proposes it: the first signature.
pub async fn propose(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let exception = Exception {
        exam_no: fields.text("exam_no").trim().to_owned(),
        eligible: fields.text("eligible") == "1",
        evidence: fields.text("evidence").to_owned(),
    };
    let reason = fields.text("reason").to_owned();
    let wanted = Wanted::DecideException(exception.clone());
    let notes = match propose_change(&app, &caller, season.clone(), wanted, reason.clone()).await {
        Ok(_) => return Ok(go(&format!("/seasons/{season}/exceptions?made=1"))),
        Err(ServiceError::Invalid(faults)) => field_notes(&frame, faults),
        Err(ServiceError::NotFound) => vec![FieldNote::new("exam_no", frame.t("school-fault-nobody"))],
        Err(error) => return Err(frame.refused(error)),
    };
    let screen = Exceptions { wanted: exception, reason, notes, ..Exceptions::of(frame, head)? };
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &screen))
}

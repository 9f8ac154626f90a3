//! The bureau's record of one child: what sources answered, and a decision where none confirmed.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::domain::compulsory::evidence::Source;
use crate::domain::compulsory::fact::Fact;
use crate::service::app::App;
use crate::service::compulsory::decide_evidence::{EvidenceDecision, decide_evidence};
use crate::service::compulsory::show_child::{ChildView, show_child};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::entry::comparison::MayAsk;
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "entry/child_record.html")]
struct Record {
    frame: Frame,
    head: SeasonHead,
    child: ChildView,
    facts: Vec<&'static str>,
    sources: Vec<&'static str>,
    may_decide: bool,
    may_ask: Option<MayAsk>,
    given: Fields,
    refused: Option<Refused>,
}

async fn screen(
    app: &App,
    member: Member,
    (season, exam_no): (String, String),
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, &season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let child = show_child(app, &caller, season, exam_no).await.map_err(|error| frame.refused(error))?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let may_decide = Act::DecideEvidence.reach(role).is_some() && fits_phase(Act::DecideEvidence, phase);
    let may_ask = MayAsk::of(app, role, phase);
    let (facts, sources) = (Fact::ALL.map(Fact::word).to_vec(), Source::ALL.map(Source::word).to_vec());
    let screen = Record { frame, head, child, facts, sources, may_decide, may_ask, given, refused };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows it; the look is noted.
pub async fn show(
    app: Data<App>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, path.into_inner(), Fields::default(), None).await
}

/// Takes a decision.
pub async fn decide(
    app: Data<App>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let (season, exam_no) = path.into_inner();
    let decision = EvidenceDecision {
        season: season.clone(),
        exam_no: exam_no.clone(),
        fact: fields.text("fact").to_owned(),
        source: fields.text("source").to_owned(),
        accepted: fields.text("accepted") == "1",
        reason: fields.text("reason").to_owned(),
    };
    match decide_evidence(&app, &member.caller, decision).await {
        Ok(()) => Ok(go(&format!("/seasons/{season}/children/{exam_no}"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, (season, exam_no), fields, Some(refused)).await
        }
    }
}

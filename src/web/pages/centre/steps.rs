//! The season as tasks: where it stands, and what may be done next with what that means.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::domain::admission_kind::AdmissionKind;
use crate::domain::phase::{Phase, Step};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::service::season::advance_season::{ALONE, OF_ENTRIES, advance_season};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;

/// A step that this phase allows.
struct StepLine {
    word: &'static str,
    /// Where it is done, under the season, when it is no office's word alone.
    elsewhere: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "centre/steps.html")]
struct Steps {
    frame: Frame,
    head: SeasonHead,
    /// Every phase in order, and whether the season stands there.
    phases: Vec<(&'static str, bool)>,
    steps: Vec<StepLine>,
    /// Whether the member's role takes steps.
    may: bool,
    refused: Option<Refused>,
}

/// The screen on which a step with a gate of its own is taken.
fn elsewhere(step: Step) -> Option<&'static str> {
    match step {
        Step::PublishQuota | Step::Freeze | Step::Approve => Some("proposals"),
        Step::Place | Step::Reject | Step::Publish => Some("runs"),
        _ => None,
    }
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let may = Act::AdvanceSeason.reach(member.role()).is_some();
    let frame = member.frame;
    let now = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let admission = head.row.admission().map_err(|error| frame.refused(error.into()))?;
    let fits = |step: Step| {
        let gated = !ALONE.contains(&step) && step != Step::PublishQuota;
        admission == AdmissionKind::SeniorHigh || gated || OF_ENTRIES.contains(&step)
    };
    let next = Step::ALL.into_iter().filter(|&step| now.after(step).is_ok() && fits(step));
    let screen = Steps {
        phases: Phase::ALL.into_iter().map(|phase| (phase.word(), phase == now)).collect(),
        steps: next.map(|step| StepLine { word: step.word(), elsewhere: elsewhere(step) }).collect(),
        may,
        head,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, None).await
}

/// Takes a step that was ticked.
pub async fn take(app: Data<App>, posted: Posted, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let word = fields.button().map_or("", |(_, word)| word);
    let step = Step::parse(word).filter(|step| ALONE.contains(step));
    let step = step.ok_or_else(|| member.frame.refused(ServiceError::NotFound))?;
    if fields.text("sure") != "1" {
        let unticked = Refused::field(&member.frame, &format!("sure-{word}"), "tick-first");
        return screen(&app, member, &season, Some(unticked)).await;
    }
    let seen = Precondition::Match(vec![fields.text("version").to_owned()]);
    match advance_season(&app, &member.caller, season.to_string(), seen, step).await {
        Ok(_) => Ok(go(&format!("/seasons/{season}/steps"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, &season, Some(refused)).await
        }
    }
}

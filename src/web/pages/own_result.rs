//! A candidate's own result: her place, why each choice ended as it did, and how to check it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::search_programmes::{Search, search_programmes};
use crate::service::runs::show_own_result::{OwnResult, show_own_result};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// A choice and what became of it.
struct ChoiceLine {
    batch: String,
    position: u32,
    code: String,
    name: String,
    reason: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "own_result.html")]
struct ResultScreen {
    frame: Frame,
    head: SeasonHead,
    result: OwnResult,
    /// The name of the programme that admitted her.
    place: Option<String>,
    choices: Vec<ChoiceLine>,
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let (own, exam_no) = member.candidate()?;
    let season = season.into_inner();
    if own != season {
        return Err(member.frame.refused(ServiceError::NotFound));
    }
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let result = show_own_result(&app, &caller, season.clone(), exam_no).await.map_err(refused)?;
    let listed = search_programmes(&app, &caller, season, Search::default()).await.map_err(refused)?;
    let name = |code: &str| {
        let found = listed.iter().find(|one| one.code == code);
        match found {
            None => code.to_owned(),
            Some(one) if one.name == one.school_name => one.name.clone(),
            Some(one) => format!("{} {}", one.school_name, one.name),
        }
    };
    let choices = result
        .choices
        .iter()
        .map(|choice| ChoiceLine {
            batch: choice.batch.clone(),
            position: choice.position,
            code: choice.programme.clone(),
            name: name(&choice.programme),
            reason: frame.of_kind("reason", &choice.reason),
            detail: explained(&frame, &choice.reason, &choice.detail),
        })
        .collect();
    let place = result.programme.as_deref().map(name);
    Ok(shown(&ResultScreen { frame, head, result, place, choices }))
}

/// The detail of a reason in words (`src/files/proof_readme.md`, section 9).
fn explained(frame: &Frame, reason: &str, detail: &str) -> String {
    let kind = |word: &str| frame.of_kind("seat", word);
    match reason {
        "admitted" => kind(detail),
        "below_cutoff" => {
            let parts = detail.split(' ').map(|part| {
                let mut cells = part.splitn(3, ':');
                let (seat, component, by) =
                    (cells.next().unwrap_or(""), cells.next().unwrap_or(""), cells.next().unwrap_or(""));
                match component {
                    "none" => frame.t1("behind-none", "seat", kind(seat)),
                    "lot" => frame.t1("behind-lot", "seat", kind(seat)),
                    "total" => frame.t2("behind-total", "seat", kind(seat), "by", by),
                    component => {
                        let by = format!("{component} {by}");
                        frame.t2("behind-other", "seat", kind(seat), "by", by)
                    }
                }
            });
            parts.collect::<Vec<_>>().join(" ")
        }
        "below_gate" => {
            let (gate, by) = detail.split_once(':').unwrap_or((detail, ""));
            frame.t1(&format!("gate-{}", gate.replace('_', "-")), "by", by)
        }
        "not_eligible_for_quota" => {
            let each = detail.split(';').filter(|word| !word.is_empty());
            each.map(|word| frame.of_kind("refusal", word)).collect::<Vec<_>>().join(" ")
        }
        _ => detail.to_owned(),
    }
}

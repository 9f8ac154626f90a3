//! The bureau asks the registers of other departments and reads in numbers what they answered.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::domain::phase::Phase;
use crate::domain::role::Role;
use crate::service::app::{App, OnceKey};
use crate::service::compulsory::ask_registers::{WantedComparison, ask_registers};
use crate::service::compulsory::compare_evidence::Compared;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;

/// What a screen needs to offer the asking.
pub struct MayAsk {
    /// Whether any register is connected to this service.
    pub connected: bool,
    /// The key of the one asking that its button does.
    pub once: String,
}

impl MayAsk {
    /// None for whom it is not, and when it is too late.
    pub fn of(app: &App, role: Role, phase: Phase) -> Option<MayAsk> {
        let may = Act::AskRegisters.reach(role).is_some() && fits_phase(Act::AskRegisters, phase);
        let connected = !app.registers().asked.is_empty();
        may.then(|| MayAsk { connected, once: uuid::Uuid::now_v7().to_string() })
    }
}

#[derive(Template)]
#[template(path = "entry/comparison.html")]
struct Comparison {
    frame: Frame,
    head: SeasonHead,
    /// None while registers are still asked.
    compared: Option<Compared>,
    /// For the same question again.
    once: String,
    exam_no: String,
    refused: Option<Refused>,
}

/// Asks, and shows what came of it; sent again it shows the same and asks nobody.
pub async fn ask(app: Data<App>, posted: Posted, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let head = office(&app, &member, &season).await?;
    let (once, exam_no) = (fields.text("once").to_owned(), fields.text("exam_no").to_owned());
    let wanted = WantedComparison { season, exam_no: Some(exam_no.clone()).filter(|one| !one.is_empty()) };
    let key = OnceKey::new(once.clone(), "ask_registers", &wanted);
    let Member { caller, frame, .. } = member;
    let (compared, refused) = match ask_registers(&app, &caller, wanted, key).await {
        Ok(compared) => (compared, None),
        Err(error) => (None, Some(Refused::of(&frame, error)?)),
    };
    let screen = Comparison { frame, head, compared, once, exam_no, refused };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

//! The supervisor's first questions about a published result: counts that must be 0.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::proof::hard_rules::{HardRules, check_hard_rules};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::Refused;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "centre/checks.html")]
struct Checks {
    frame: Frame,
    head: SeasonHead,
    rules: HardRules,
    /// What must be 0, and how many there are.
    counts: Vec<(String, u64)>,
    /// Why there is nothing to check.
    refused: Option<Refused>,
}

/// Shows them.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = office(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let (rules, refused) = match check_hard_rules(&app, &caller, season.into_inner()).await {
        Ok(rules) => (rules, None),
        Err(error) => (HardRules::default(), Some(Refused::of(&frame, error)?)),
    };
    let counts = vec![
        (frame.t("checks-floor"), rules.below_floor() as u64),
        (frame.t("checks-scope"), rules.out_of_scope),
        (frame.t("checks-line"), rules.below_line),
        (frame.t("checks-exam"), rules.without_exam),
        (frame.t("checks-form"), rules.without_form),
    ];
    Ok(shown(&Checks { counts, rules, refused, head, frame }))
}

//! A family prints its own sheet to be signed: of the version that counts, at any time.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::search_programmes::{Search, programme_names, search_programmes};
use crate::service::forms::show_form::show_form;
use crate::service::forms::stored_form::FormName;
use crate::service::people::show_candidate::show_candidate;
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, go, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::schools::form_sheet::{FormSheet, SheetList};
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "schools/own_sheet.html")]
struct OwnSheet {
    frame: Frame,
    sheet: FormSheet,
}

/// Shows it; before the first submission, the list.
pub async fn print(
    app: Data<App>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let (season, batch) = path.into_inner();
    let exam_no = member.own_in(&season)?;
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let form = FormName { season: season.clone(), exam_no: exam_no.clone(), batch: batch.clone() };
    let filed = match show_form(&app, &caller, form).await {
        Ok(filed) => filed.version,
        Err(ServiceError::NotFound) => return Ok(go(&format!("/seasons/{season}"))),
        Err(error) => return Err(refused(error)),
    };
    let candidate = show_candidate(&app, &caller, season.clone(), exam_no).await.map_err(refused)?;
    let policy = stored_policy(&head.row).map_err(refused)?;
    let found = search_programmes(&app, &caller, season, Search::default()).await.map_err(refused)?;
    let list = SheetList::of(&policy, &programme_names(found), filed).map_err(refused)?;
    let sheet = FormSheet {
        exam_no: candidate.exam_no,
        name: candidate.name,
        class: candidate.class,
        junior: candidate.junior_code,
        lists: vec![list],
    };
    Ok(shown(&OwnSheet { frame, sheet }))
}

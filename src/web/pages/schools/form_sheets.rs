//! A junior high prints the sheets of a class, a page for each pupil, once the time for the lists is over.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use crate::domain::access::Act;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::list_confirmation_forms::list_confirmation_forms;
use crate::service::forms::search_programmes::{Search, programme_names, search_programmes};
use crate::service::people::list_classes::{PupilClass, list_classes};
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, page, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::schools::form_sheet::{FormSheet, SheetList};
use crate::web::pages::schools::pupils::Looking;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "schools/form_sheets.html")]
struct FormSheets {
    frame: Frame,
    head: SeasonHead,
    classes: Vec<PupilClass>,
    /// Sheets were asked for too early.
    too_early: bool,
}

#[derive(Template)]
#[template(path = "schools/form_sheets_print.html")]
struct Printed {
    frame: Frame,
    sheets: Vec<FormSheet>,
    /// Pupils without anything to be signed.
    without: usize,
}

async fn choice(
    app: &App,
    member: Member,
    season: String,
    too_early: bool,
) -> Result<HttpResponse, PageProblem> {
    member.may(Act::ListConfirmationForms)?;
    let head = SeasonHead::of(app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let classes = list_classes(app, &caller, season).await.map_err(|error| frame.refused(error))?;
    let status = if too_early { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(page(status, &FormSheets { frame, head, classes, too_early }))
}

/// Asks for which class.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    choice(&app, member, season.into_inner(), false).await
}

/// Shows the sheets of a class to be printed.
pub async fn print(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    looking: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let season = season.into_inner();
    let class = looking.into_inner().class.unwrap_or_default();
    let pupils = match list_confirmation_forms(&app, &member.caller, season.clone(), class).await {
        Ok(pupils) => pupils,
        Err(ServiceError::Conflict { code: "window_open", .. }) => {
            return choice(&app, member, season, true).await;
        }
        Err(error) => return Err(member.frame.refused(error)),
    };
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let policy = stored_policy(&head.row).map_err(refused)?;
    let found = search_programmes(&app, &caller, season, Search::default()).await.map_err(refused)?;
    let names = programme_names(found);
    let all = pupils.len();
    let mut sheets = Vec::with_capacity(all);
    for pupil in pupils.into_iter().filter(|pupil| !pupil.forms.is_empty()) {
        let lists = pupil.forms.into_iter().map(|form| SheetList::of(&policy, &names, form));
        sheets.push(FormSheet {
            lists: lists.collect::<Result<_, ServiceError>>().map_err(refused)?,
            exam_no: pupil.candidate.exam_no,
            name: pupil.candidate.name,
            class: pupil.candidate.class,
            junior: pupil.junior_name,
        });
    }
    let without = all - sheets.len();
    Ok(shown(&Printed { frame, sheets, without }))
}

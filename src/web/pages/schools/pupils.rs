//! The pupils of a school, class by class, or of an area, a page at a time; names are masked.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::person_name::masked_name;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::people::list_candidates::list_candidates;
use crate::service::people::list_classes::{PupilClass, list_classes};
use crate::web::page::{PageQuery, cursor};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// Pupils of one page where a whole area is listed.
const ON_A_PAGE: usize = 100;
/// Pupils of a large junior high: a school sees all of its own at once.
pub const OF_A_SCHOOL: i64 = 3000;

/// Which class, and which page.
#[derive(Clone, Default, Deserialize)]
pub struct Looking {
    pub class: Option<String>,
    pub cursor: Option<String>,
}

struct Line {
    exam_no: String,
    name: String,
    junior: String,
    class: String,
}

#[derive(Template)]
#[template(path = "schools/pupils.html")]
struct Pupils {
    frame: Frame,
    head: SeasonHead,
    /// Of the own school; empty where an area is listed.
    classes: Vec<PupilClass>,
    class: String,
    lines: Vec<Line>,
    next: Option<String>,
}

/// Shows them.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    looking: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, own, frame } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let (season, looking) = (season.into_inner(), looking.into_inner());
    let of_school = own.account.school.is_some();
    let classes = match of_school {
        true => list_classes(&app, &caller, season.clone()).await.map_err(refused)?,
        false => Vec::new(),
    };
    let first = classes.first().map_or_else(String::new, |one| one.class.clone());
    let class = looking.class.unwrap_or(first);
    let after = PageQuery::new(None, looking.cursor).after().map_err(refused)?;
    let limit = if of_school { OF_A_SCHOOL } else { ON_A_PAGE as i64 + 1 };
    let mut rows = list_candidates(&app, &caller, season, after, limit).await.map_err(refused)?;
    let more = !of_school && rows.len() > ON_A_PAGE;
    if of_school {
        rows.retain(|row| row.class == class);
    } else {
        rows.truncate(ON_A_PAGE);
    }
    let next = rows.last().filter(|_| more).map(|row| cursor(&row.exam_no));
    let lines = rows
        .into_iter()
        .map(|row| Line {
            name: masked_name(&row.name),
            exam_no: row.exam_no,
            junior: row.junior_code,
            class: row.class,
        })
        .collect();
    Ok(shown(&Pupils { frame, head, classes, class, lines, next }))
}

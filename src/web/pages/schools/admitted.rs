//! The result as an office has it: a senior high those admitted to it, a junior high and a bureau their own pupils.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::role::Role;
use crate::service::app::App;
use crate::service::data_out::list_admitted::{AdmittedList, Shown, list_admitted};
use crate::service::error::ServiceError;
use crate::web::page::{PageQuery, cursor};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// Rows of one page.
const ON_A_PAGE: usize = 100;

/// Kinds of seats, as filters.
const SEATS: [&str; 3] = ["quota", "pool", "open"];

/// The filters, and which page.
#[derive(Clone, Default, Deserialize)]
pub struct Looking {
    #[serde(default)]
    programme: String,
    #[serde(default)]
    seat: String,
    cursor: Option<String>,
}

impl Looking {
    fn is_programme(&self, code: &str) -> bool {
        self.programme == code
    }

    fn is_seat(&self, word: &str) -> bool {
        self.seat == word
    }
}

#[derive(Template)]
#[template(path = "schools/admitted.html")]
struct Admitted {
    frame: Frame,
    head: SeasonHead,
    looking: Looking,
    list: AdmittedList,
    published: bool,
    next: Option<String>,
    /// Reports who came.
    is_senior: bool,
    /// Its pupils are told by class, and it sees no totals.
    is_junior: bool,
}

/// Shows it.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    looking: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let role = member.role();
    let (is_senior, is_junior) = (role == Role::SeniorHigh, role == Role::JuniorHigh);
    let Member { caller, frame, .. } = member;
    let looking = looking.into_inner();
    let after = PageQuery::new(None, looking.cursor.clone()).after();
    let filter = |word: &String| Some(word.clone()).filter(|word| !word.is_empty());
    let wanted = Shown {
        programme: filter(&looking.programme),
        seat: filter(&looking.seat),
        after: after.map_err(|error| frame.refused(error))?,
        limit: ON_A_PAGE + 1,
    };
    let (mut list, published) = match list_admitted(&app, &caller, season.into_inner(), wanted).await {
        Ok(list) => (list, true),
        Err(ServiceError::Conflict { code: "not_published", .. }) => (AdmittedList::default(), false),
        Err(error) => return Err(frame.refused(error)),
    };
    let more = list.lines.len() > ON_A_PAGE;
    list.lines.truncate(ON_A_PAGE);
    let next = list.lines.last().filter(|_| more).map(|line| cursor(&line.exam_no));
    Ok(shown(&Admitted { frame, head, looking, list, published, next, is_senior, is_junior }))
}

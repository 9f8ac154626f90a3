//! Who may use quota seats and who may not, with every reason.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use crate::domain::joint_act::JointAct;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::quota::list_eligibility::{Eligibility, list_eligibility};
use crate::web::page::{PageQuery, cursor};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::schools::pupils::{Looking, OF_A_SCHOOL};
use crate::web::pages::season_head::SeasonHead;

/// Candidates of one page where a whole area is listed.
const ON_A_PAGE: usize = 100;

struct Line {
    exam_no: String,
    name: String,
    junior: String,
    eligible: bool,
    excepted: bool,
    reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "schools/eligibility.html")]
struct EligibilityList {
    frame: Frame,
    head: SeasonHead,
    lines: Vec<Line>,
    /// Of the lines shown.
    eligible: usize,
    next: Option<String>,
    /// All of one school.
    of_school: bool,
    /// Whether the office proposes exceptions.
    proposes: bool,
}

/// Shows them.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    looking: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let proposes = JointAct::DecideException.rule().proposers.contains(&member.role());
    let Member { caller, own, frame } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let after = PageQuery::new(None, looking.into_inner().cursor).after().map_err(refused)?;
    let of_school = own.account.school.is_some();
    let most = if of_school { OF_A_SCHOOL as usize } else { ON_A_PAGE };
    let rows = list_eligibility(&app, &caller, season.into_inner(), after, most as i64 + 1).await;
    let mut rows: Vec<Eligibility> = rows.map_err(refused)?;
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| cursor(&row.exam_no));
    let line = |row: Eligibility| Line {
        exam_no: row.exam_no,
        name: row.name,
        junior: row.junior,
        eligible: row.eligible,
        excepted: row.excepted,
        reasons: row.refusals.listed().map(|(_, word)| frame.of_kind("refusal", word)).collect(),
    };
    let lines: Vec<Line> = rows.into_iter().map(line).collect();
    let eligible = lines.iter().filter(|line| line.eligible).count();
    Ok(shown(&EligibilityList { frame, head, lines, eligible, next, of_school, proposes }))
}

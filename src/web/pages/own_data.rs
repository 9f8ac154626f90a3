//! A candidate's own record, what was told to the family, and who has read it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::notices::list_notices::list_notices;
use crate::service::people::list_readers::list_readers;
use crate::service::people::merit::OwnMerit;
use crate::service::people::show_candidate::{CandidateRow, show_candidate};
use crate::service::people::show_own_scores::{OwnScores, show_own_scores};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Lines of a list on one page.
const MOST_LINES: i64 = 200;

#[derive(Template)]
#[template(path = "own_data.html")]
struct OwnData {
    frame: Frame,
    head: SeasonHead,
    candidate: CandidateRow,
    scores: Option<Scores>,
}

/// The exam as its owner reads it.
struct Scores {
    /// Subject, and part where there are parts; and the mark.
    marks: Vec<(String, String)>,
    total: Option<String>,
    /// The band of her rank, or why there is none.
    rank: String,
}

/// Scores in the language of the page.
fn read_scores(frame: &Frame, own: OwnScores) -> Scores {
    let mark = |cell: String| match cell.as_str() {
        "absent" | "void" | "exempt" => frame.of_kind("mark", cell),
        _ => cell,
    };
    let subject = |name: String, part: String| if part.is_empty() { name } else { format!("{name} {part}") };
    let rank = match &own.merit {
        None => frame.t("no-record"),
        Some(OwnMerit { band: None, .. }) => frame.t("rank-too-few"),
        Some(OwnMerit { band: Some(band), .. }) => {
            let told = frame.t2("rank-band", "from", band.from, "to", band.to);
            told + &frame.t1("ranked-all", "n", band.ranked)
        }
    };
    Scores {
        marks: own.marks.into_iter().map(|(name, part, cell)| (subject(name, part), mark(cell))).collect(),
        total: own.merit.map(|merit| merit.total.to_string()),
        rank,
    }
}

/// Something that happened, with its time.
struct Line {
    at: String,
    what: String,
    who: String,
}

#[derive(Template)]
#[template(path = "own_lines.html")]
struct OwnLines {
    frame: Frame,
    head: SeasonHead,
    /// The family of keys of the screen's texts: `readers` or `notices`.
    kind: &'static str,
    lines: Vec<Line>,
}

/// The season and the candidate of a path of her own.
async fn own(app: &App, member: &Member, season: &str) -> Result<(SeasonHead, String), PageProblem> {
    let exam_no = member.own_in(season)?;
    Ok((SeasonHead::of(app, member, season).await?, exam_no))
}

/// Shows the roster's row to its owner.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let (head, exam_no) = own(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let candidate = show_candidate(&app, &caller, season.clone(), exam_no.clone()).await.map_err(refused)?;
    let scores = show_own_scores(&app, &caller, season.into_inner(), exam_no).await.map_err(refused)?;
    let scores = scores.map(|own| read_scores(&frame, own));
    Ok(shown(&OwnData { frame, head, candidate, scores }))
}

/// Who has read the record.
pub async fn readers(
    app: Data<App>,
    member: Member,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let (head, exam_no) = own(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let newest = (i64::MAX, i64::MAX, i64::MAX);
    let found = list_readers(&app, &caller, season.into_inner(), exam_no, newest, MOST_LINES).await;
    let found = found.map_err(|error| frame.refused(error))?;
    let lines = found
        .into_iter()
        .map(|line| Line {
            at: wire_time::read_by_people(line.at_ms),
            what: line.act,
            who: frame.of_kind("role", &line.role),
        })
        .collect();
    Ok(shown(&OwnLines { frame, head, kind: "readers", lines }))
}

/// What was told to the candidate and her guardian.
pub async fn notices(
    app: Data<App>,
    member: Member,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let (head, exam_no) = own(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let from = (i64::MAX, String::new());
    let found = list_notices(&app, &caller, season.into_inner(), exam_no, from, MOST_LINES).await;
    let found = found.map_err(|error| frame.refused(error))?;
    let lines = found
        .into_iter()
        .map(|notice| Line {
            at: wire_time::read_by_people(notice.created_at_ms),
            who: frame.of_kind("recipient", &notice.recipient),
            what: notice.text,
        })
        .collect();
    Ok(shown(&OwnLines { frame, head, kind: "notices", lines }))
}

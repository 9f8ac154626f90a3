//! A candidate's front page: her tasks, with the state of each and what happens if she does nothing.

use actix_web::HttpResponse;
use askama::Template;

use crate::domain::phase::Phase;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::list_drafts::list_drafts;
use crate::service::forms::show_form::show_form;
use crate::service::forms::stored_form::{FormName, stage_shown};
use crate::service::people::show_candidate::show_candidate;
use crate::service::season::stored_policy::stored_policy;
use crate::service::season::windows::list_windows;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// One list as a task.
struct ListTask {
    batch: String,
    name: String,
    /// `closed`, `submitted`, `changed`, `draft`, `none`.
    state: &'static str,
    version: i64,
    receipt: String,
    /// When it opens and closes for her, for people and for the countdown.
    opens: Option<String>,
    closes: Option<String>,
    closes_at_ms: i64,
    open: bool,
}

#[derive(Template)]
#[template(path = "candidate_home.html")]
struct CandidateHome {
    frame: Frame,
    head: SeasonHead,
    name: String,
    lists: Vec<ListTask>,
    /// Whether results may be seen.
    published: bool,
    rehearsal: bool,
}

/// Shows it.
pub async fn show(app: &App, member: Member, head: SeasonHead) -> Result<HttpResponse, PageProblem> {
    let (season, exam_no) = member.candidate()?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let candidate = show_candidate(app, &caller, season.clone(), exam_no.clone()).await.map_err(refused)?;
    let policy = stored_policy(&head.row).map_err(refused)?;
    let phase = head.row.phase().map_err(|error| refused(error.into()))?;
    let windows = list_windows(app, &caller, season.clone()).await.map_err(refused)?;
    let mut lists = Vec::new();
    for batch in policy.lists() {
        let form = FormName { season: season.clone(), exam_no: exam_no.clone(), batch: batch.to_owned() };
        let filed = match show_form(app, &caller, form.clone()).await {
            Ok(filed) => Some(filed.version),
            Err(ServiceError::NotFound) => None,
            Err(error) => return Err(refused(error)),
        };
        let drafts = list_drafts(app, &caller, form).await.map_err(refused)?;
        let draft = drafts.iter().max_by_key(|draft| draft.saved_at_ms);
        let window = windows.iter().find(|window| {
            window.stage == stage_shown(phase) && window.batch == batch && window.area == candidate.area_code
        });
        let open = window.is_some_and(|window| {
            window.closed_at_ms.is_none() && (window.opens_at_ms..window.closes_at_ms).contains(&head.now_ms)
        });
        let state = match (&filed, draft) {
            (Some(filed), Some(draft)) if open && draft.choices != filed.choices => "changed",
            (Some(_), _) => "submitted",
            (None, Some(draft)) if draft.choices != "[]" => "draft",
            (None, _) => "none",
        };
        lists.push(ListTask {
            name: policy.list_name(batch),
            batch: batch.to_owned(),
            state,
            version: filed.as_ref().map_or(0, |filed| filed.version),
            receipt: filed.map_or_else(String::new, |filed| filed.receipt),
            opens: window.map(|window| wire_time::read_by_people(window.opens_at_ms)),
            closes: window.map(|window| wire_time::read_by_people(window.closes_at_ms)),
            closes_at_ms: window.map_or(0, |window| window.closes_at_ms),
            open,
        });
    }
    let published = matches!(phase, Phase::Published | Phase::Supplementary | Phase::Filed);
    let rehearsal = phase == Phase::Rehearsal;
    Ok(shown(&CandidateHome { frame, head, name: candidate.name, lists, published, rehearsal }))
}

//! A preference list is put together: programmes are searched, added, moved and taken away.

use std::fmt::Display;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;

use crate::domain::chance::Chance;
use crate::domain::form::DraftName;
use crate::domain::percent_encoded::percent_encoded;
use crate::domain::policy::Guidance;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::check_form::check_form;
use crate::service::forms::own_chances::PastFact;
use crate::service::forms::save_draft::save_draft;
use crate::service::forms::stored_form::from_json;
use crate::service::precondition::Precondition;
use crate::web::pages::form::paper::{Choice, ListPath, Looking, Paper, Remark, draft_name, remarks};
use crate::web::pages::frame::{Frame, go, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;

/// Programmes on one page of the search.
const MOST_FOUND: usize = 30;

/// A programme that may be added.
struct Offered {
    code: String,
    programme: String,
    school: String,
    seats: u32,
    quota_seats: Option<u32>,
    quota: bool,
    listed: bool,
    chance: Option<&'static str>,
    /// What past years tell of it, a line per year and kind of seat.
    past: Vec<String>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormScreen {
    frame: Frame,
    head: SeasonHead,
    batch: String,
    batch_name: String,
    draft: String,
    drafts: Vec<String>,
    /// Of the draft; 0 before it is saved first.
    version: i64,
    choices: Vec<Choice>,
    most: u16,
    looking: Looking,
    found: Vec<Offered>,
    more: usize,
    /// What counts: the version submitted last, and whether this draft is another list.
    submitted: Option<i64>,
    unsent: bool,
    warnings: Vec<Remark>,
    guidance: Vec<Remark>,
    /// How chances are reckoned, where they are told.
    reckoning: Option<String>,
}

/// Shows the list, its buttons and what may be added.
pub async fn show(
    app: Data<App>,
    member: Member,
    path: ListPath,
    query: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    screen(&app, member, paper, query.into_inner()).await
}

async fn screen(
    app: &App,
    member: Member,
    paper: Paper,
    looking: Looking,
) -> Result<HttpResponse, PageProblem> {
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let draft = draft_name(&looking.draft).to_owned();
    let (version, codes) = paper.draft(&draft).map_err(refused)?;
    let all = paper.found(app, &caller, String::new(), false).await.map_err(refused)?;
    let choices = Paper::choices(&all, &codes);
    let text: String = looking.q.chars().take(100).collect();
    let found = match (text.as_str(), looking.quota == "1") {
        ("", false) => all,
        (_, quota_only) => paper.found(app, &caller, text, quota_only).await.map_err(refused)?,
    };
    let more = found.len().saturating_sub(MOST_FOUND);
    let offered = found.into_iter().take(MOST_FOUND).map(|one| Offered {
        chance: one.past.chance.map(Chance::word),
        past: one.past.facts.iter().map(|fact| told(&frame, fact)).collect(),
        listed: codes.contains(&one.code),
        code: one.code.clone(),
        programme: one.own_name().to_owned(),
        school: one.school_name,
        seats: one.seats,
        quota_seats: one.quota_seats,
        quota: one.quota,
    });
    let checked = check_form(app, &caller, paper.name.clone(), codes.clone()).await;
    let (warnings, guidance) = match checked {
        Ok(checked) => (checked.warnings, checked.guidance),
        Err(ServiceError::WrongPhase { .. }) => (Vec::new(), Vec::new()),
        Err(error) => return Err(refused(error)),
    };
    let submitted = paper.filed.as_ref().map(|filed| filed.version.version);
    let same = match &paper.filed {
        Some(filed) => from_json(&filed.version.choices).map_err(refused)?.slots() == codes,
        None => codes.is_empty(),
    };
    let screen = FormScreen {
        choices,
        batch: paper.name.batch,
        batch_name: paper.batch_name,
        drafts: paper.drafts.iter().map(|one| one.name.clone()).filter(|one| *one != draft).collect(),
        draft,
        version,
        most: paper.most,
        found: offered.collect(),
        more,
        looking,
        submitted,
        unsent: !same,
        warnings: remarks(&frame, if codes.is_empty() { Vec::new() } else { warnings }),
        guidance: remarks(&frame, guidance),
        reckoning: reckoning(&frame, &paper.guidance),
        head: paper.head,
        frame,
    };
    Ok(shown(&screen))
}

/// A past year in the language of the page.
fn told(frame: &Frame, fact: &PastFact) -> String {
    let last = match fact.last {
        Some(band) => frame.t2("rank-band", "from", band.from, "to", band.to),
        None => frame.t("past-too-few"),
    };
    let seat = frame.of_kind("past-seat", fact.seat.word());
    let places: [(&str, &dyn Display); 5] = [
        ("year", &fact.year),
        ("seat", &seat),
        ("seats", &fact.seats),
        ("taken", &fact.taken),
        ("last", &last),
    ];
    frame.words.with("past-fact", &places)
}

/// How chances come about, so that a family can reckon them itself.
fn reckoning(frame: &Frame, guidance: &Guidance) -> Option<String> {
    let margins = guidance.margins()?;
    let (safe, reach) = (margins.safe / 1_000, margins.reach / 1_000);
    let year = guidance.backtested.as_deref().unwrap_or_default();
    let places: [(&str, &dyn Display); 3] = [("safe", &safe), ("reach", &reach), ("year", &year)];
    Some(frame.words.with("reckoning", &places))
}

/// A list after a button was pressed; `None` where the button means nothing.
fn changed(mut codes: Vec<String>, button: &str, value: &str) -> Option<Vec<String>> {
    let place = || value.parse::<usize>().ok()?.checked_sub(1).filter(|&at| at < codes.len());
    match button {
        "add" if !codes.contains(&value.to_owned()) => codes.push(value.to_owned()),
        "up" => {
            let at = place().filter(|&at| at > 0)?;
            codes.swap(at - 1, at);
        }
        "down" => {
            let at = place().filter(|&at| at + 1 < codes.len())?;
            codes.swap(at, at + 1);
        }
        "remove" => {
            let at = place()?;
            codes.remove(at);
        }
        _ => return None,
    }
    Some(codes)
}

/// Changes the draft by one button, and shows it again.
pub async fn edit(app: Data<App>, posted: Posted, path: ListPath) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let refused = |error: ServiceError| member.frame.refused(error);
    let draft = draft_name(fields.text("draft")).to_owned();
    let (version, codes) = paper.draft(&draft).map_err(refused)?;
    let query: String = ["q", "quota", "draft"]
        .into_iter()
        .filter(|name| !fields.text(name).is_empty())
        .map(|name| format!("&{name}={}", percent_encoded(fields.text(name))))
        .collect();
    let back = format!("{}?{}#list", paper.address(), query.trim_start_matches('&'));
    let (button, value) = fields.button().unwrap_or(("", ""));
    // What the page showed is what the button is about: another window may have gone on meanwhile.
    let seen: i64 = fields.text("version").parse().unwrap_or(-1);
    let Some(choices) = changed(codes, button, value).filter(|_| seen == version) else {
        return Ok(go(&back));
    };
    let name: DraftName =
        draft.parse().map_err(|rule: &str| refused(ServiceError::invalid("draft", "malformed", rule)))?;
    let held =
        if version == 0 { Precondition::Absent } else { Precondition::Match(vec![version.to_string()]) };
    match save_draft(&app, &member.caller, paper.name.clone(), name, choices, held).await {
        Ok(_) | Err(ServiceError::Stale { .. }) => Ok(go(&back)),
        Err(error) => Err(refused(error)),
    }
}

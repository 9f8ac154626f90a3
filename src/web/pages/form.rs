//! One preference list: searched and put together, checked, submitted, and every version of it.

use std::collections::BTreeMap;
use std::fmt::Display;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::chance::Chance;
use crate::domain::form::DraftName;
use crate::domain::form_finding::FormFinding;
use crate::domain::percent_encoded::percent_encoded;
use crate::domain::policy::Guidance;
use crate::service::app::{App, OnceKey};
use crate::service::error::ServiceError;
use crate::service::forms::check_form::check_form;
use crate::service::forms::list_drafts::list_drafts;
use crate::service::forms::list_form_versions::list_form_versions;
use crate::service::forms::own_chances::PastFact;
use crate::service::forms::restore_form_version::restore_form_version;
use crate::service::forms::save_draft::{DraftRow, save_draft};
use crate::service::forms::search_programmes::{FoundProgramme, Search, search_programmes};
use crate::service::forms::show_form::{ShownForm, show_form};
use crate::service::forms::stored_form::{FormName, from_json};
use crate::service::forms::submit_form::{Submission, submit_form};
use crate::service::precondition::Precondition;
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::candidate_home::batch_name;
use crate::web::pages::frame::{Frame, go, page, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// The draft that a page works on when none is named.
const DRAFT: &str = "1";
/// Programmes on one page of the search.
const MOST_FOUND: usize = 30;

/// What is searched for, and in which draft.
#[derive(Clone, Default, Deserialize)]
pub struct Looking {
    #[serde(default)]
    q: String,
    #[serde(default)]
    quota: String,
    #[serde(default)]
    draft: String,
}

/// A choice in its place.
struct Choice {
    /// From 1.
    place: usize,
    code: String,
    programme: String,
    school: String,
    quota: bool,
    /// The word of a chance, where chances are told.
    chance: Option<&'static str>,
    first: bool,
    last: bool,
}

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

/// A fault or a remark, with the place of the list it is about.
struct Remark {
    place: Option<usize>,
    text: String,
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

#[derive(Template)]
#[template(path = "form_check.html")]
struct CheckScreen {
    frame: Frame,
    head: SeasonHead,
    batch: String,
    batch_name: String,
    draft: String,
    choices: Vec<Choice>,
    faults: Vec<Remark>,
    warnings: Vec<Remark>,
    guidance: Vec<Remark>,
    /// Of the version that counts; 0 without one.
    seen: i64,
    /// Makes a form sent twice one version.
    once: String,
    unticked: bool,
}

/// A submitted version.
struct VersionLine {
    version: i64,
    receipt: String,
    at: String,
    hash: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "form_versions.html")]
struct VersionsScreen {
    frame: Frame,
    head: SeasonHead,
    batch: String,
    batch_name: String,
    /// Whether a submission has just been taken.
    just_taken: bool,
    confirmed: bool,
    versions: Vec<VersionLine>,
}

/// The path of a list.
type ListPath = Path<(String, String)>;

/// Everything about a list that its screens share.
struct Paper {
    name: FormName,
    head: SeasonHead,
    batch_name: String,
    most: u16,
    programmes: BTreeMap<String, FoundProgramme>,
    filed: Option<ShownForm>,
    drafts: Vec<DraftRow>,
    guidance: Guidance,
}

impl Paper {
    async fn of(app: &App, member: &Member, path: (String, String)) -> Result<Paper, PageProblem> {
        let (season, batch) = path;
        let exam_no = member.own_in(&season)?;
        let refused = |error: ServiceError| member.frame.refused(error);
        let head = SeasonHead::of(app, member, &season).await?;
        let policy = stored_policy(&head.row).map_err(refused)?;
        let name = FormName { season: season.clone(), exam_no, batch: batch.clone() };
        let drafts = list_drafts(app, &member.caller, name.clone()).await.map_err(refused)?;
        let filed = match show_form(app, &member.caller, name.clone()).await {
            Ok(filed) => Some(filed),
            Err(ServiceError::NotFound) => None,
            Err(error) => return Err(refused(error)),
        };
        let search = Search { batch: Some(batch.clone()), ..Search::default() };
        let found = search_programmes(app, &member.caller, season, search).await.map_err(refused)?;
        Ok(Paper {
            batch_name: batch_name(&policy, &batch),
            most: policy.most_choices(&policy.batches_of(&batch)).unwrap_or(0),
            programmes: found.into_iter().map(|one| (one.code.clone(), one)).collect(),
            name,
            head,
            filed,
            drafts,
            guidance: policy.guidance,
        })
    }

    /// The draft of a name, and the codes it starts from: its own, or what was submitted last.
    fn draft(&self, name: &str) -> Result<(i64, Vec<String>), ServiceError> {
        if let Some(draft) = self.drafts.iter().find(|draft| draft.name == name) {
            return Ok((draft.version, from_json(&draft.choices)?.slots().to_vec()));
        }
        match &self.filed {
            Some(filed) => Ok((0, from_json(&filed.version.choices)?.slots().to_vec())),
            None => Ok((0, Vec::new())),
        }
    }

    fn choices(&self, codes: &[String]) -> Vec<Choice> {
        let last = codes.len();
        (1..)
            .zip(codes)
            .map(|(place, code)| {
                let known = self.programmes.get(code);
                Choice {
                    place,
                    code: code.clone(),
                    programme: known.map_or_else(String::new, |one| one.own_name().to_owned()),
                    school: known.map_or_else(String::new, |one| one.school_name.clone()),
                    quota: known.is_some_and(|one| one.quota),
                    chance: known.and_then(|one| one.past.chance).map(Chance::word),
                    first: place == 1,
                    last: place == last,
                }
            })
            .collect()
    }

    fn address(&self) -> String {
        format!("/seasons/{}/forms/{}", self.name.season, self.name.batch)
    }
}

fn draft_name(given: &str) -> &str {
    if given.is_empty() { DRAFT } else { given }
}

/// Findings in the language of the page.
fn remarks(frame: &Frame, found: Vec<FormFinding>) -> Vec<Remark> {
    let place = |pointer: &str| pointer.strip_prefix("/choices/")?.parse::<usize>().ok().map(|at| at + 1);
    found
        .into_iter()
        .map(|one| Remark { place: place(&one.pointer), text: frame.words.finding(&one) })
        .collect()
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
    let search = Search {
        text: looking.q.chars().take(100).collect(),
        batch: Some(paper.name.batch.clone()),
        quota_only: looking.quota == "1",
        area: None,
    };
    let season = paper.name.season.clone();
    let found = search_programmes(app, &caller, season, search).await.map_err(refused)?;
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
        choices: paper.choices(&codes),
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

/// Shows the list once more before it is submitted, with every fault and remark.
pub async fn check(
    app: Data<App>,
    member: Member,
    path: ListPath,
    query: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    checked(&app, member, paper, draft_name(&query.draft), false).await
}

async fn checked(
    app: &App,
    member: Member,
    paper: Paper,
    draft: &str,
    unticked: bool,
) -> Result<HttpResponse, PageProblem> {
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let (_, codes) = paper.draft(draft).map_err(refused)?;
    let found = check_form(app, &caller, paper.name.clone(), codes.clone()).await.map_err(refused)?;
    let screen = CheckScreen {
        choices: paper.choices(&codes),
        seen: paper.filed.as_ref().map_or(0, |filed| filed.version.version),
        batch: paper.name.batch,
        batch_name: paper.batch_name,
        draft: draft.to_owned(),
        faults: remarks(&frame, found.faults),
        warnings: remarks(&frame, found.warnings),
        guidance: remarks(&frame, found.guidance),
        once: uuid::Uuid::now_v7().to_string(),
        unticked,
        head: paper.head,
        frame,
    };
    let status = if unticked { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(status, &screen))
}

/// Submits the draft that was checked.
pub async fn submit(app: Data<App>, posted: Posted, path: ListPath) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let draft = draft_name(fields.text("draft")).to_owned();
    if fields.text("sure") != "1" {
        return checked(&app, member, paper, &draft, true).await;
    }
    let address = paper.address();
    // What was shown on the page that was ticked, not what a draft has become since.
    let submission = Submission {
        season: paper.name.season.clone(),
        exam_no: paper.name.exam_no.clone(),
        batch: paper.name.batch.clone(),
        choices: fields.all("choice").map(str::to_owned).collect(),
    };
    let seen: i64 = fields.text("seen").parse().unwrap_or(-1);
    let held = if seen == 0 { Precondition::Absent } else { Precondition::Match(vec![seen.to_string()]) };
    let once = OnceKey::new(
        fields.text("once").chars().take(200).collect(),
        "submit_form",
        &(&submission, format!("{held:?}")),
    );
    match submit_form(&app, &member.caller, submission, held, once).await {
        Ok(_) => Ok(go(&format!("{address}/versions?taken=1"))),
        // The check shows every fault, and what another window has submitted meanwhile.
        Err(ServiceError::Invalid(_) | ServiceError::Stale { .. }) => {
            Ok(go(&format!("{address}/check?draft={}", percent_encoded(&draft))))
        }
        Err(error) => Err(member.frame.refused(error)),
    }
}

/// Whether the receipt is to be told first.
#[derive(Deserialize)]
pub struct Taken {
    #[serde(default)]
    taken: String,
}

/// Every version that was submitted, newest first: the first one counts.
pub async fn versions(
    app: Data<App>,
    member: Member,
    path: ListPath,
    query: Query<Taken>,
) -> Result<HttpResponse, PageProblem> {
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let rows = list_form_versions(&app, &caller, paper.name.clone(), i64::MAX, 200).await.map_err(refused)?;
    let mut versions = Vec::new();
    for row in rows {
        versions.push(VersionLine {
            version: row.version,
            receipt: row.receipt,
            at: wire_time::read_by_people(row.at_ms),
            choices: paper.choices(from_json(&row.choices).map_err(refused)?.slots()),
            hash: row.hash,
        });
    }
    let screen = VersionsScreen {
        just_taken: query.taken == "1" && !versions.is_empty(),
        confirmed: paper.filed.as_ref().is_some_and(|filed| filed.confirmed),
        batch: paper.name.batch,
        batch_name: paper.batch_name,
        versions,
        head: paper.head,
        frame,
    };
    Ok(shown(&screen))
}

/// Brings an earlier version back as a draft of its own.
pub async fn restore(app: Data<App>, posted: Posted, path: ListPath) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let refused = |error: ServiceError| member.frame.refused(error);
    let version: i64 = fields.text("version").parse().unwrap_or(0);
    let draft = member.frame.t1("draft-of-version", "version", version);
    let name: DraftName =
        draft.parse().map_err(|rule: &str| refused(ServiceError::invalid("draft", "malformed", rule)))?;
    let to = format!("{}?draft={}", paper.address(), percent_encoded(&draft));
    match restore_form_version(&app, &member.caller, paper.name, version, name).await {
        // It was brought back before.
        Ok(_) | Err(ServiceError::Conflict { .. } | ServiceError::Stale { .. }) => Ok(go(&to)),
        Err(error) => Err(member.frame.refused(error)),
    }
}

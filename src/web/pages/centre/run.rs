//! One run: how far it is, what it came to, and of the official one what becomes of its result.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde_json::Value;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::runs::list_runs::{RunEventRow, RunRow, follow_run, list_runs};
use crate::service::runs::publish_result::publish_result;
use crate::service::runs::reject_result::reject_result;
use crate::service::runs::show_key_parts::show_key_parts;
use crate::service::season::season_policy::SeasonPolicy;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::centre::runs::kind_of;
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Stages of one placing outside its batches, and of each batch (`engine/season_run.rs`).
const STAGES: usize = 4;
const STAGES_OF_A_BATCH: usize = 4;
/// Of `run_entry`.
const STAGES_OF_AN_ENTRY: usize = 5;
/// Runs after this one that are looked at.
const MOST_LATER: i64 = 1_000;
/// Changes and lines that the page shows at most.
const MOST_SHOWN: usize = 100;

/// A stage that began.
struct StageLine {
    /// The word of its text.
    word: String,
    size: i64,
}

/// How many were placed in a batch.
struct BatchLine {
    name: String,
    quota: String,
    pool: String,
    open: String,
}

/// A count under both policies.
struct CountLine {
    label: String,
    own: String,
    other: String,
}

/// Somebody who would stand elsewhere.
struct ChangeLine {
    exam_no: String,
    from: String,
    to: String,
}

/// A cut-off line that would move.
struct CutoffLine {
    programme: String,
    batch: String,
    seat: String,
    junior: String,
    own: String,
    other: String,
}

/// Children of one category who would move alike.
struct MoveLine {
    category: String,
    from: String,
    to: String,
    children: String,
}

/// How full a school would be.
struct LoadLine {
    school: String,
    stage: String,
    seats: String,
    own: String,
    other: String,
}

/// A trial beside the season's own policy.
struct Comparison {
    /// Of an entry to compulsory schools.
    of_entry: bool,
    better: String,
    worse: String,
    counts: Vec<CountLine>,
    changes: Vec<ChangeLine>,
    lines: Vec<CutoffLine>,
    moves: Vec<MoveLine>,
    loads: Vec<LoadLine>,
}

#[derive(Template)]
#[template(path = "centre/run.html")]
struct Run {
    frame: Frame,
    head: SeasonHead,
    run: RunRow,
    kind: &'static str,
    asked: String,
    finished: Option<String>,
    at_work: bool,
    stages: Vec<StageLine>,
    /// Of all stages that it will have.
    all_stages: usize,
    breaches: Vec<String>,
    /// Counts of its own placing: label and number.
    counts: Vec<(String, String)>,
    batches: Vec<BatchLine>,
    comparison: Option<Comparison>,
    /// Holder and sealed part.
    parts: Vec<(String, String)>,
    may_reject: bool,
    may_publish: bool,
    given: Fields,
    refused: Option<Refused>,
}

/// The word of a stage's text: `first-engine-deferred-acceptance`.
fn stage_word(stage: &str) -> String {
    let words: Vec<&str> =
        stage.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// A number of a summary; a dash where it has none.
fn number(value: &Value) -> String {
    if value.is_number() { value.to_string() } else { "–".to_owned() }
}

/// A text of a summary; a dash where it has none.
fn text(value: &Value) -> String {
    value.as_str().filter(|text| !text.is_empty()).unwrap_or("–").to_owned()
}

fn comparison(frame: &Frame, summary: &Value) -> Option<Comparison> {
    let (own, other) = (summary.get("own")?, summary.get("other")?);
    let (own_cost, other_cost) = (&summary["own_cost"], &summary["other_cost"]);
    let count = |key: &str, own: &Value, other: &Value| CountLine {
        label: frame.t(key),
        own: number(own),
        other: number(other),
    };
    let rows = |key: &str| summary[key].as_array().into_iter().flatten().take(MOST_SHOWN);
    let of_entry = own_cost.get("unplaced").is_some();
    let last = if of_entry { ("run-unplaced", "unplaced") } else { ("run-envy-pairs", "envy_pairs") };
    Some(Comparison {
        of_entry,
        better: number(&summary["better_off"]),
        worse: number(&summary["worse_off"]),
        counts: vec![
            count("run-admitted", &own["admitted"], &other["admitted"]),
            count("run-empty-seats", &own["empty_seats"], &other["empty_seats"]),
            count("run-envious", &own_cost["envious"], &other_cost["envious"]),
            count(last.0, &own_cost[last.1], &other_cost[last.1]),
        ],
        changes: rows("changes")
            .map(|one| ChangeLine {
                exam_no: text(&one["exam_no"]),
                from: text(&one["from"]),
                to: text(&one["to"]),
            })
            .collect(),
        lines: rows("lines")
            .map(|one| CutoffLine {
                programme: text(&one["programme"]),
                batch: text(&one["batch"]),
                seat: frame.of_kind("seat", text(&one["seat"])),
                junior: text(&one["junior"]),
                own: text(&one["own"]),
                other: text(&one["other"]),
            })
            .collect(),
        moves: rows("moves")
            .map(|one| MoveLine {
                category: text(&one["category"]),
                from: text(&one["from"]),
                to: text(&one["to"]),
                children: number(&one["children"]),
            })
            .collect(),
        loads: rows("loads")
            .map(|one| LoadLine {
                school: text(&one["school"]),
                stage: frame.of_kind("entry-stage", text(&one["stage"])),
                seats: number(&one["seats"]),
                own: number(&one["own"]),
                other: number(&one["other"]),
            })
            .collect(),
    })
}

async fn screen(
    app: &App,
    member: Member,
    (season, id): (String, String),
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, &season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let policy = SeasonPolicy::of(&head.row).map_err(failed)?;
    let (run, events) = follow_run(app, &caller, season.clone(), id.clone(), 0).await.map_err(failed)?;
    // A later round has an official run of its own; what is done here is about the last one.
    let later = list_runs(app, &caller, season.clone(), id.clone(), MOST_LATER).await.map_err(failed)?;
    let is_last = !later.iter().any(|run| run.kind == "official" && run.state != "dropped");
    let waits = is_last && run.kind == "official" && run.state == "done";
    let parts =
        if waits { show_key_parts(app, &caller, season, id).await.map_err(failed)? } else { Vec::new() };
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let may = |act: Act| waits && act.reach(role).is_some() && fits_phase(act, phase);
    let summary: Value = serde_json::from_str(&run.summary).unwrap_or_default();
    // The season's own placing: of a comparison its first side.
    let own = summary.get("own").unwrap_or(&summary);
    let counts = ["candidates", "admitted", "empty_seats"].into_iter().filter(|key| own.get(key).is_some());
    let batch = |one: &Value| BatchLine {
        name: policy.list_name(one["batch"].as_str().unwrap_or_default()),
        quota: number(&one["quota"]),
        pool: number(&one["pool"]),
        open: number(&one["open"]),
    };
    let stage = |event: &RunEventRow| StageLine { word: stage_word(&event.stage), size: event.size };
    let placing = match &policy {
        SeasonPolicy::SeniorHigh(policy) => STAGES + STAGES_OF_A_BATCH * policy.batches.len(),
        SeasonPolicy::Compulsory(_) => STAGES_OF_AN_ENTRY,
    };
    let all_stages = match kind_of(&run) {
        "trial" => placing,
        // The sheets, then the leaves of all areas.
        "official" => placing + 2,
        // Two placings and their comparison.
        _ => 2 * placing + 1,
    };
    let breaches: Vec<String> = serde_json::from_str(&run.breaches).unwrap_or_default();
    let screen = Run {
        kind: kind_of(&run),
        asked: wire_time::read_by_people(run.requested_at_ms),
        finished: run.finished_at_ms.map(wire_time::read_by_people),
        at_work: run.state == "queued",
        all_stages: all_stages.max(events.len()),
        stages: events.iter().map(stage).collect(),
        breaches: breaches.iter().map(|breach| frame.words.rule(breach)).collect(),
        counts: counts.map(|key| (frame.of_kind("run", key), number(&own[key]))).collect(),
        batches: own["batches"].as_array().into_iter().flatten().map(batch).collect(),
        comparison: comparison(&frame, &summary),
        parts,
        may_reject: may(Act::RejectResult),
        may_publish: may(Act::PublishResult),
        head,
        run,
        given,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows it.
pub async fn show(
    app: Data<App>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, path.into_inner(), Fields::default(), None).await
}

/// Rejects the result or publishes it.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let (season, id) = path.into_inner();
    let done = match fields.button() {
        Some(("reject", _)) => {
            let reason = fields.text("reason").to_owned();
            reject_result(&app, &member.caller, season.clone(), reason).await.map(|_| ())
        }
        Some(("publish", _)) => {
            let part = |name: &str| fields.text(name).trim().to_owned();
            let parts = [part("part_1"), part("part_2")];
            publish_result(&app, &member.caller, season.clone(), parts).await.map(|_| ())
        }
        _ => Err(ServiceError::NotFound),
    };
    match done {
        Ok(()) => Ok(go(&format!("/seasons/{season}/runs"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            // The parts of the key are not written back into a page.
            let given = if fields.button().is_some_and(|(button, _)| button == "reject") {
                fields
            } else {
                Fields::default()
            };
            screen(&app, member, (season, id), given, Some(refused)).await
        }
    }
}

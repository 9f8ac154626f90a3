//! Runs: asked for, followed, rejected; and who holds the key of their results.

use std::time::Duration;

use actix_web::web::{Bytes, Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use futures_util::stream::unfold;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::runs::list_runs::{RunEventRow, RunRow, follow_run, list_runs, show_run};
use crate::service::runs::name_key_holders::{KeyHolderRow, list_key_holders, name_key_holders};
use crate::service::runs::reject_result::reject_result;
use crate::service::runs::request_run::{RunWanted, request_run};
use crate::service::runs::show_key_parts::show_key_parts;
use crate::web::api::seasons::SeasonView;
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::versions::IdempotencyKey;
use crate::web::wire_time;

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    id: String,
    round: i64,
    /// `official` or `trial`.
    #[schema(example = "official")]
    kind: String,
    /// `queued` until it is `done` or `refused`; `dropped` when its result was rejected.
    #[schema(example = "done")]
    state: String,
    #[schema(format = DateTime)]
    requested_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// Of every sheet the run reads: what the freeze put on record.
    input_hash: String,
    /// SHA-256 of the manifest of the result; empty until it is done.
    root: String,
    /// Of the tree over every candidate's own leaf.
    leaves_root: String,
    /// Counts; of a trial also the comparison. Before a publication nothing here tells of anybody.
    summary: serde_json::Value,
    /// Why it was refused.
    breaches: Vec<String>,
}

impl From<RunRow> for RunView {
    fn from(row: RunRow) -> RunView {
        RunView {
            id: row.id,
            round: row.round,
            kind: row.kind,
            state: row.state,
            requested_at: wire_time::written(row.requested_at_ms),
            finished_at: row.finished_at_ms.map(wire_time::written),
            input_hash: row.input_hash,
            root: row.root,
            leaves_root: row.leaves_root,
            summary: serde_json::from_str(&row.summary).unwrap_or_default(),
            breaches: serde_json::from_str(&row.breaches).unwrap_or_default(),
        }
    }
}

/// A run to be asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// `official`: the result of the frozen lists. `trial`: compared and thrown away.
    #[schema(example = "trial")]
    kind: String,
    /// Of a trial: another `season.toml` to compare with; absent to try the season's own.
    policy: Option<String>,
}

/// A holder of a part of the key.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyHolder {
    #[schema(example = "市招办")]
    name: String,
    /// The public key that `zhaosheng key new` printed.
    #[schema(example = "zsp1-de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")]
    recipient: String,
}

impl From<KeyHolderRow> for KeyHolder {
    fn from(row: KeyHolderRow) -> KeyHolder {
        KeyHolder { name: row.name, recipient: row.recipient }
    }
}

/// The three holders: centre, supervision, notary.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyHoldersRequest {
    holders: Vec<KeyHolder>,
}

/// A part of a result's key, sealed to its holder.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyPartView {
    #[schema(example = "市招办")]
    holder: String,
    /// NaCl sealed box in base64; `zhaosheng key open` opens it with the holder's secret key.
    sealed: String,
}

/// Why a result is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectionRequest {
    #[schema(example = "成绩复核后名单有变")]
    reason: String,
}

/// Asks for a run; an instance takes it up by itself.
#[utoipa::path(tag = "runs", operation_id = "request_run",
    params(("season" = String, Path, example = "2026"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same run")),
    request_body = RunRequest,
    responses((status = 202, description = "The run, with its address in Location", body = RunView)))]
#[post("/seasons/{season}/runs")]
pub(crate) async fn ask(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    key: IdempotencyKey,
    body: Json<RunRequest>,
) -> Result<HttpResponse, Problem> {
    let season = season.into_inner();
    let once = key.over(&format!("request_run {season}"), &*body);
    let wanted = match body.into_inner() {
        RunRequest { kind, policy: None } if kind == "official" => RunWanted::Official,
        RunRequest { kind, policy } if kind == "trial" => RunWanted::Trial { policy },
        _ => {
            let rule = "must be trial, or official without a policy of its own";
            return Err(ServiceError::invalid("/kind", "unknown", rule).into());
        }
    };
    let run = request_run(&app, &caller.0, season.clone(), wanted, once).await?;
    Ok(HttpResponse::Accepted()
        .insert_header(("Location", format!("/api/v1/seasons/{season}/runs/{}", run.id)))
        .json(RunView::from(run)))
}

/// Lists runs in the order in which they were asked for.
#[utoipa::path(tag = "runs", operation_id = "list_runs",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of runs", body = Page<RunView>)))]
#[get("/seasons/{season}/runs")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (limit, season) = (query.limit()?, season.into_inner());
    let rows = list_runs(&app, &caller.0, season.clone(), query.after()?, limit as i64 + 1).await?;
    let path = format!("/api/v1/seasons/{season}/runs");
    Ok(page::answer(rows, limit, &path, |row| row.id.clone(), RunView::from))
}

/// Shows a run.
#[utoipa::path(tag = "runs", operation_id = "show_run",
    params(("season" = String, Path, example = "2026"), ("run" = String, Path)),
    responses((status = 200, description = "The run", body = RunView)))]
#[get("/seasons/{season}/runs/{run}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Json<RunView>, Problem> {
    let (season, id) = path.into_inner();
    Ok(Json(show_run(&app, &caller.0, season, id).await?.into()))
}

/// Follows a run: its stages as server-sent events, `Last-Event-ID` to go on, a comment as heartbeat; the last event
/// is the state in which it ended.
#[utoipa::path(tag = "runs", operation_id = "follow_run",
    params(("season" = String, Path, example = "2026"), ("run" = String, Path),
        ("Last-Event-ID" = Option<i64>, Header, description = "The last event that was heard", example = 3)),
    responses((status = 200, description = "Events", body = String, content_type = "text/event-stream")))]
#[get("/seasons/{season}/runs/{run}/events")]
pub(crate) async fn follow(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (season, id) = path.into_inner();
    let last = request.headers().get("Last-Event-ID").and_then(|value| value.to_str().ok());
    let after = last.and_then(|last| last.trim().parse().ok()).unwrap_or(0);
    // Before the answer begins: whoever may not follow is told so by its status.
    let first = follow_run(&app, &caller.0, season.clone(), id.clone(), after).await?;
    let listener = Listener {
        app,
        caller: caller.0,
        season,
        id,
        after,
        first: Some(first),
        began: Instant::now(),
        said: Instant::now(),
        ended: false,
    };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(unfold(listener, |listener| async move { listener.next().await })))
}

/// How often a run is looked at, and a silent line kept alive; how long one answer goes on.
const LOOK: Duration = Duration::from_millis(300);
const HEARTBEAT: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(60);

struct Listener {
    app: Data<App>,
    caller: Caller,
    season: String,
    id: String,
    after: i64,
    first: Option<(RunRow, Vec<RunEventRow>)>,
    began: Instant,
    said: Instant,
    ended: bool,
}

impl Listener {
    /// The next piece of the stream; the client comes back with `Last-Event-ID` where it ends before the run does.
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Listener)> {
        while !self.ended && self.began.elapsed() < LONGEST {
            let looked = match self.first.take() {
                Some(first) => first,
                None => {
                    tokio::time::sleep(LOOK).await;
                    // A session that has ended meanwhile ends the stream.
                    follow_run(&self.app, &self.caller, self.season.clone(), self.id.clone(), self.after)
                        .await
                        .ok()?
                }
            };
            let mut text = String::new();
            let (run, events) = looked;
            for event in events {
                self.after = event.number;
                let data = serde_json::json!({ "stage": event.stage, "size": event.size });
                text.push_str(&format!("id: {}\nevent: stage\ndata: {data}\n\n", event.number));
            }
            if run.state != "queued" {
                self.ended = true;
                let data = serde_json::json!({ "state": run.state, "root": run.root });
                text.push_str(&format!("event: end\ndata: {data}\n\n"));
            } else if text.is_empty() && self.said.elapsed() >= HEARTBEAT {
                text.push_str(": alive\n\n");
            }
            if !text.is_empty() {
                self.said = Instant::now();
                return Some((Ok(Bytes::from(text)), self));
            }
        }
        None
    }
}

/// Shows the parts of a result's key, each sealed to its holder.
#[utoipa::path(tag = "runs", operation_id = "show_key_parts",
    params(("season" = String, Path, example = "2026"), ("run" = String, Path)),
    responses((status = 200, description = "The sealed parts", body = Vec<KeyPartView>)))]
#[get("/seasons/{season}/runs/{run}/key-parts")]
pub(crate) async fn key_parts(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Json<Vec<KeyPartView>>, Problem> {
    let (season, id) = path.into_inner();
    let parts = show_key_parts(&app, &caller.0, season, id).await?;
    Ok(Json(parts.into_iter().map(|(holder, sealed)| KeyPartView { holder, sealed }).collect()))
}

/// Rejects the official result that waits: the season goes back to its frozen lists.
#[utoipa::path(tag = "runs", operation_id = "reject_result", params(("season" = String, Path, example = "2026")),
    request_body = RejectionRequest,
    responses((status = 200, description = "The season", body = SeasonView)))]
#[post("/seasons/{season}/rejection")]
pub(crate) async fn reject(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<RejectionRequest>,
) -> Result<Json<SeasonView>, Problem> {
    let reason = body.into_inner().reason;
    Ok(Json(reject_result(&app, &caller.0, season.into_inner(), reason).await?.into()))
}

/// Names the three holders of the key under which results lie until they are published.
#[utoipa::path(tag = "runs", operation_id = "name_key_holders", params(("season" = String, Path, example = "2026")),
    request_body = KeyHoldersRequest,
    responses((status = 200, description = "The holders", body = Vec<KeyHolder>)))]
#[put("/seasons/{season}/key-holders")]
pub(crate) async fn name_holders(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<KeyHoldersRequest>,
) -> Result<Json<Vec<KeyHolder>>, Problem> {
    let holders = body.into_inner().holders.into_iter().map(|one| (one.name, one.recipient)).collect();
    let rows = name_key_holders(&app, &caller.0, season.into_inner(), holders).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Lists the holders.
#[utoipa::path(tag = "runs", operation_id = "list_key_holders", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The holders", body = Vec<KeyHolder>)))]
#[get("/seasons/{season}/key-holders")]
pub(crate) async fn list_holders(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<KeyHolder>>, Problem> {
    let rows = list_key_holders(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

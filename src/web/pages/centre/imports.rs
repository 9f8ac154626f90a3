//! Files that an office brings: uploaded and checked at once, listed.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::domain::role::Role;
use crate::service::app::App;
use crate::service::data_in::check_upload::act_of;
use crate::service::data_in::list_imports::list_imports;
use crate::service::data_in::own_rows::{Of, kinds};
use crate::service::data_in::show_import::ImportRow;
use crate::service::data_in::upload_import::{Upload, upload_import};
use crate::service::error::ServiceError;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Fields;
use crate::web::pages::season_head::SeasonHead;
use crate::web::pages::uploaded::Uploaded;
use crate::web::wire_time;

/// Imports that are read at most; the newest are shown first.
const MOST: i64 = 1_000;

/// An import of the list.
struct ImportLine {
    id: String,
    kind: String,
    /// `committed`, `faulty` or `checked`.
    state: &'static str,
    rows: i64,
    faults: i64,
    at: String,
}

#[derive(Template)]
#[template(path = "centre/imports.html")]
struct Imports {
    frame: Frame,
    head: SeasonHead,
    imports: Vec<ImportLine>,
    /// Kinds that this office may bring in this phase.
    kinds: Vec<&'static str>,
    given: Fields,
    refused: Option<Refused>,
}

/// What has become of an import.
pub fn state_of(import: &ImportRow) -> &'static str {
    match import {
        ImportRow { committed_at_ms: Some(_), .. } => "committed",
        ImportRow { fault_count: 0, .. } => "checked",
        _ => "faulty",
    }
}

/// Whose rows a member brings; `None` for those who only look.
fn of(member: &Member) -> Option<Of> {
    Act::UploadImport.reach(member.role())?;
    let account = &member.own.account;
    match member.role() {
        Role::JuniorHigh => account.school.clone().map(Of::Junior),
        Role::CountyBureau => account.area.clone().map(Of::Area),
        _ => Some(Of::Everybody),
    }
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let of = of(&member);
    let Member { caller, frame, .. } = member;
    let rows = list_imports(app, &caller, season.to_owned(), String::new(), MOST).await;
    let rows = rows.map_err(|error| frame.refused(error))?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let line = |row: ImportRow| ImportLine {
        state: state_of(&row),
        id: row.id,
        kind: row.kind,
        rows: row.row_count,
        faults: row.fault_count,
        at: wire_time::read_by_people(row.uploaded_at_ms),
    };
    let kinds = of.map(|of| kinds(&of)).unwrap_or_default().into_iter();
    let screen = Imports {
        imports: rows.into_iter().rev().map(line).collect(),
        kinds: kinds
            .filter(|kind| act_of(*kind).is_some_and(|act| fits_phase(act, phase)))
            .map(|kind| kind.word())
            .collect(),
        head,
        given,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows them.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, Fields::default(), None).await
}

/// The mapping as the use case reads it, from lines such as `KSH = exam_no`; `None` without one.
fn mapping(lines: &str) -> Option<String> {
    let pairs = lines.lines().filter_map(|line| line.split_once(['=', '＝']));
    let pairs: BTreeMap<&str, &str> = pairs.map(|(theirs, ours)| (theirs.trim(), ours.trim())).collect();
    (!pairs.is_empty()).then(|| serde_json::json!(pairs).to_string())
}

/// Takes a file and leads to what the check says of it.
pub async fn upload(
    app: Data<App>,
    uploaded: Uploaded,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Uploaded { member, fields, file_name, bytes } = uploaded;
    let season = season.into_inner();
    if file_name.is_empty() {
        let missing = Refused::field(&member.frame, "file", "imports-no-file");
        return screen(&app, member, &season, fields, Some(missing)).await;
    }
    let upload = Upload {
        kind: Some(fields.text("kind").to_owned()),
        file_name: Some(file_name),
        mapping: mapping(fields.text("mapping")),
        bytes,
    };
    match upload_import(&app, &member.caller, season.clone(), upload).await {
        Ok((import, _)) => Ok(go(&format!("/seasons/{season}/imports/{}", import.id))),
        Err(ServiceError::WrongPhase { .. }) => {
            let late = Refused::field(&member.frame, "kind", "imports-late");
            screen(&app, member, &season, fields, Some(late)).await
        }
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?.aimed("mapping", "mapping");
            screen(&app, member, &season, fields, Some(refused)).await
        }
    }
}

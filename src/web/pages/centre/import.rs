//! One import: what the check found, what it would bring, and whether it becomes the season's data.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::data_in::check_upload::act_of;
use crate::service::data_in::commit_import::commit_import;
use crate::service::data_in::delete_import::delete_import;
use crate::service::data_in::import_report::ImportReport;
use crate::service::data_in::show_import::{ImportRow, kind_of, show_import};
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::web::pages::centre::imports::state_of;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;
use crate::words::texts::Words;

/// Faults that the page shows; the workbook has all.
const MOST_SHOWN: usize = 200;

/// Warnings of one code, which one reason answers.
struct WarningGroup {
    code: String,
    /// The code as part of an id.
    id: String,
    texts: Vec<String>,
    /// Why it is no mistake: as sent, or as committed.
    reason: String,
}

#[derive(Template)]
#[template(path = "centre/import.html")]
struct Import {
    frame: Frame,
    head: SeasonHead,
    import: ImportRow,
    report: ImportReport,
    state: &'static str,
    uploaded: String,
    committed: Option<String>,
    warnings: Vec<WarningGroup>,
    /// Whether faults or notices are longer than the page shows.
    more: bool,
    may_commit: bool,
    may_delete: bool,
    refused: Option<Refused>,
}

/// Warnings by code, in the order in which the codes first stand.
fn groups(report: &ImportReport, given: &Fields, words: Words) -> Vec<WarningGroup> {
    let mut groups: Vec<WarningGroup> = Vec::new();
    for warning in &report.warnings {
        if let Some(group) = groups.iter_mut().find(|group| group.code == warning.code) {
            group.texts.push(words.rule(&warning.text));
            continue;
        }
        let sent = given.text(&format!("reason:{}", warning.code));
        let kept = report.reasons.get(&warning.code).map_or("", String::as_str);
        groups.push(WarningGroup {
            id: warning.code.replace('_', "-"),
            reason: if sent.is_empty() { kept } else { sent }.to_owned(),
            texts: vec![words.rule(&warning.text)],
            code: warning.code.clone(),
        });
    }
    groups
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
    let found = show_import(app, &caller, season, id).await;
    let (import, mut report) = found.map_err(|error| frame.refused(error))?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let kind = kind_of(&import).map_err(|error| frame.refused(error))?;
    let open = import.committed_at_ms.is_none();
    let more = report.faults.len() > MOST_SHOWN || report.notices.len() > MOST_SHOWN;
    let warnings = groups(&report, &given, frame.words);
    report.faults.truncate(MOST_SHOWN);
    report.notices.truncate(MOST_SHOWN);
    for fault in report.faults.iter_mut().chain(&mut report.notices) {
        fault.rule = frame.words.rule(&fault.rule);
    }
    let screen = Import {
        may_commit: open
            && import.fault_count == 0
            && Act::CommitImport.reach(role).is_some()
            && act_of(kind).is_some_and(|act| fits_phase(act, phase)),
        may_delete: open && Act::DeleteImport.reach(role).is_some() && fits_phase(Act::DeleteImport, phase),
        state: state_of(&import),
        uploaded: wire_time::read_by_people(import.uploaded_at_ms),
        committed: import.committed_at_ms.map(wire_time::read_by_people),
        warnings,
        more,
        head,
        import,
        report,
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

/// Commits the file that was checked and looked at, or throws it away.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let (season, id) = path.into_inner();
    let seen = Precondition::Match(vec![fields.text("checked_hash").to_owned()]);
    let done = match fields.button() {
        Some(("commit", _)) => {
            let reasons: BTreeMap<String, String> =
                fields.under("reason:").map(|(code, text)| (code.to_owned(), text.to_owned())).collect();
            let committed =
                commit_import(&app, &member.caller, season.clone(), id.clone(), seen, reasons).await;
            committed.map(|_| format!("/seasons/{season}/imports/{id}"))
        }
        Some(("delete", _)) => {
            let deleted = delete_import(&app, &member.caller, season.clone(), id.clone(), seen).await;
            deleted.map(|()| format!("/seasons/{season}/imports"))
        }
        _ => Err(ServiceError::NotFound),
    };
    match done {
        Ok(next) => Ok(go(&next)),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, (season, id), fields, Some(refused)).await
        }
    }
}

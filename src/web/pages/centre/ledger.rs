//! The ledger: what differs from the published result; the centre proposes its entries.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::joint_act::JointAct;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::ledger::enter_ledger::{EntryWanted, REASONS};
use crate::service::ledger::list_ledger::{LedgerEntryRow, list_ledger};
use crate::service::proposals::content::Wanted;
use crate::service::proposals::propose_change::propose_change;
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

#[derive(Template)]
#[template(path = "centre/ledger.html")]
struct Ledger {
    frame: Frame,
    head: SeasonHead,
    /// Entries with their times.
    entries: Vec<(String, LedgerEntryRow)>,
    reasons: [&'static str; 5],
    may_propose: bool,
    given: Fields,
    refused: Option<Refused>,
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let policy = stored_policy(&head.row).map_err(failed)?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let rows = list_ledger(app, &caller, season.to_owned()).await.map_err(failed)?;
    let rule = JointAct::EnterLedger.rule();
    let screen = Ledger {
        entries: rows.into_iter().map(|row| (wire_time::read_by_people(row.at_ms), row)).collect(),
        reasons: REASONS,
        may_propose: rule.proposes(&policy.roles, role) && rule.phases.contains(&phase),
        head,
        given,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, Fields::default(), None).await
}

/// Proposes an entry.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let text = |name: &str| fields.text(name).trim().to_owned();
    let (exam_no, authority) = (text("exam_no"), text("authority"));
    let button = fields.button().map_or("", |(button, _)| button).to_owned();
    let wanted = match button.as_str() {
        "correction" => EntryWanted::Correction { exam_no, marks: marks(fields.text("marks")), authority },
        "override" => EntryWanted::Override {
            exam_no,
            programme: Some(text("programme")).filter(|code| !code.is_empty()),
            authority,
            reason: text("ground"),
        },
        _ => return Err(member.frame.refused(ServiceError::NotFound)),
    };
    let wanted = Wanted::EnterLedger(wanted);
    match propose_change(&app, &member.caller, season.clone(), wanted, text("reason")).await {
        Ok(_) => Ok(go(&format!("/seasons/{season}/proposals"))),
        Err(ServiceError::NotFound) => {
            let nobody = Refused::field(&member.frame, &format!("exam-no-{button}"), "ledger-nobody");
            screen(&app, member, &season, fields, Some(nobody)).await
        }
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?
                .aimed("reason", &format!("reason-{button}"))
                .aimed("authority", &format!("authority-{button}"));
            screen(&app, member, &season, fields, Some(refused)).await
        }
    }
}

/// Marks of lines such as `math = 131`.
fn marks(lines: &str) -> BTreeMap<String, String> {
    let pairs = lines.lines().filter_map(|line| line.split_once(['=', '＝']));
    pairs.map(|(column, mark)| (column.trim().to_owned(), mark.trim().to_owned())).collect()
}

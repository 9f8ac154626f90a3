//! The bureau's sheets of an entry: what is there, a file to check or to bring, every fault at its place.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::compulsory::bring_entry_sheet::{BroughtSheet, bring_entry_sheet};
use crate::service::compulsory::list_entry_sheets::{SheetCount, list_entry_sheets};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::pages::uploaded::Uploaded;

/// What was just done.
#[derive(Default, Deserialize)]
pub struct Done {
    rows: Option<usize>,
    changed: Option<usize>,
}

#[derive(Template)]
#[template(path = "entry/sheets.html")]
struct Sheets {
    frame: Frame,
    head: SeasonHead,
    sheets: Vec<SheetCount>,
    may_bring: bool,
    done: Done,
    /// The sheet that was chosen.
    given: String,
    refused: Option<Refused>,
}

async fn screen(
    app: &App,
    member: Member,
    season: String,
    given: String,
    done: Done,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, &season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let sheets = list_entry_sheets(app, &caller, season).await.map_err(|error| frame.refused(error))?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let may_bring = Act::BringEntrySheet.reach(role).is_some() && fits_phase(Act::BringEntrySheet, phase);
    let screen = Sheets { frame, head, sheets, may_bring, done, given, refused };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows them.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    done: Query<Done>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, season.into_inner(), String::new(), done.into_inner(), None).await
}

/// Checks or brings a file.
pub async fn bring(
    app: Data<App>,
    uploaded: Uploaded,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Uploaded { member, fields, file_name, bytes } = uploaded;
    let season = season.into_inner();
    let sheet = fields.text("sheet").to_owned();
    if file_name.is_empty() {
        let missing = Refused::field(&member.frame, "file", "imports-no-file");
        return screen(&app, member, season, sheet, Done::default(), Some(missing)).await;
    }
    let only_check = fields.button().is_none_or(|(act, _)| act != "bring");
    let brought = BroughtSheet { season: season.clone(), sheet: sheet.clone(), file_name, bytes, only_check };
    match bring_entry_sheet(&app, &member.caller, brought).await {
        Ok(done) if only_check => Ok(go(&format!("/seasons/{season}/entry-sheets?rows={}", done.rows))),
        Ok(done) => {
            let (rows, changed) = (done.rows, done.changed);
            Ok(go(&format!("/seasons/{season}/entry-sheets?rows={rows}&changed={changed}")))
        }
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, season, sheet, Done::default(), Some(refused)).await
        }
    }
}

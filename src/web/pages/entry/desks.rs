//! The offices' desks after admission: which there are, and one of them with its files and what it gives.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::Act;
use crate::domain::compulsory::desk::{Desk, DeskSubject};
use crate::domain::percent_encoded::percent_encoded;
use crate::service::app::App;
use crate::service::compulsory::bring_desk_file::{BroughtFile, bring_desk_file, delete_desk_file};
use crate::service::compulsory::desk_work::DeskAddress;
use crate::service::compulsory::show_desk::{DeskSummary, ShownDesk, list_desks, show_desk};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::pages::uploaded::Uploaded;

/// Faults that are shown at most.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "entry/desks.html")]
struct Desks {
    frame: Frame,
    head: SeasonHead,
    desks: Vec<DeskSummary>,
}

impl Desks {
    fn path(&self, desk: &DeskSummary) -> String {
        let subject = percent_encoded(&desk.subject.word());
        format!("/seasons/{}/desks/{}/{subject}", self.head.row.code, desk.desk.word())
    }

    fn missing(&self, desk: &DeskSummary) -> String {
        desk.missing().collect::<Vec<_>>().join(&self.frame.t("between-names"))
    }
}

/// Lists them.
pub async fn list(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = office(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let desks = list_desks(&app, &caller, season.into_inner()).await.map_err(|error| frame.refused(error))?;
    Ok(shown(&Desks { frame, head, desks }))
}

/// What was just done.
#[derive(Default, Deserialize)]
pub struct Done {
    rows: Option<i64>,
    changed: Option<bool>,
    removed: Option<String>,
}

#[derive(Template)]
#[template(path = "entry/desk.html")]
struct DeskScreen {
    frame: Frame,
    head: SeasonHead,
    desk: String,
    subject: String,
    shown: ShownDesk,
    faults: Vec<String>,
    breaches: Vec<String>,
    may_bring: bool,
    done: Done,
    /// The file that was chosen.
    given: String,
    refused: Option<Refused>,
}

impl DeskScreen {
    fn path(&self) -> String {
        path_of(&self.head.row.code, &self.desk, &self.subject)
    }

    /// The school and the stage it is about; empty where it is about the whole entry.
    fn about(&self) -> String {
        let subject =
            Desk::from_word(&self.desk).and_then(|desk| DeskSubject::from_word(desk, &self.subject));
        match subject {
            Some(DeskSubject::Grade { stage, school }) => {
                format!("{school} {}", self.frame.of_kind("entry-stage", stage.word()))
            }
            _ => String::new(),
        }
    }

    /// What a file is, in words.
    fn named(&self, file: &str) -> String {
        self.frame.of_kind("desk-file", file.split('.').next().unwrap_or_default())
    }
}

fn path_of(season: &str, desk: &str, subject: &str) -> String {
    format!("/seasons/{season}/desks/{}/{}", percent_encoded(desk), percent_encoded(subject))
}

type At = Path<(String, String, String)>;

async fn screen(
    app: &App,
    member: Member,
    address: DeskAddress,
    given: String,
    done: Done,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, &address.season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let DeskAddress { desk, subject, .. } = address.clone();
    let shown = show_desk(app, &caller, address).await.map_err(|error| frame.refused(error))?;
    let result = &shown.result;
    let faults = result.faults.iter().take(MOST).map(|fault| frame.words.fault(fault)).collect();
    let breaches = result.breaches.iter().take(MOST).map(|rule| frame.words.rule(rule)).collect();
    let may_bring = shown.is_open && Act::BringDeskFile.reach(role).is_some();
    let screen =
        DeskScreen { frame, head, desk, subject, shown, faults, breaches, may_bring, done, given, refused };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

fn address(at: At) -> DeskAddress {
    let (season, desk, subject) = at.into_inner();
    DeskAddress { season, desk, subject }
}

/// Shows one.
pub async fn show(
    app: Data<App>,
    member: Member,
    at: At,
    done: Query<Done>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, address(at), String::new(), done.into_inner(), None).await
}

/// Checks or brings a file, or takes one away.
pub async fn change(app: Data<App>, uploaded: Uploaded, at: At) -> Result<HttpResponse, PageProblem> {
    let Uploaded { member, fields, file_name, bytes } = uploaded;
    let address = address(at);
    let back = path_of(&address.season, &address.desk, &address.subject);
    let file = fields.text("name").to_owned();
    let act = fields.button().map_or("check", |(act, _)| act).to_owned();
    let done = if act == "remove" {
        let removed = delete_desk_file(&app, &member.caller, address.clone(), file.clone()).await;
        removed.map(|()| format!("{back}?removed={}", percent_encoded(&file)))
    } else if file_name.is_empty() {
        let missing = Refused::field(&member.frame, "file", "imports-no-file");
        return screen(&app, member, address, file, Done::default(), Some(missing)).await;
    } else {
        let only_check = act != "bring";
        let brought =
            BroughtFile { address: address.clone(), file: file.clone(), file_name, bytes, only_check };
        bring_desk_file(&app, &member.caller, brought).await.map(|done| {
            let changed = if only_check { String::new() } else { format!("&changed={}", done.changed) };
            format!("{back}?rows={}{changed}", done.rows)
        })
    };
    match done {
        Ok(to) => Ok(go(&to)),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, address, file, Done::default(), Some(refused)).await
        }
    }
}

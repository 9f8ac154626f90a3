//! A senior high sees its own plan, and how its quota seats are split among the junior highs.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::role::Role;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::search_programmes::{FoundProgramme, Search, search_programmes};
use crate::service::quota::show_quota::show_quota;
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// Quota seats for a junior high; several share a cell.
struct Cell {
    junior: String,
    seats: u32,
}

struct ProgrammeLine {
    code: String,
    name: String,
    seats: u32,
    /// Names of the lists it may stand on.
    lists: Vec<String>,
    cells: Vec<Cell>,
    quota: u32,
}

#[derive(Template)]
#[template(path = "schools/plan.html")]
struct Plan {
    frame: Frame,
    head: SeasonHead,
    programmes: Vec<ProgrammeLine>,
    /// Whether the split is published.
    published: bool,
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let is_senior = member.role() == Role::SeniorHigh;
    let Member { caller, own, frame } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let Some(school) = own.account.school.filter(|_| is_senior) else {
        return Err(refused(ServiceError::Forbidden));
    };
    let season = season.into_inner();
    let found = search_programmes(&app, &caller, season.clone(), Search::default()).await;
    let found: Vec<FoundProgramme> = found.map_err(refused)?;
    let (sheet, published) = match show_quota(&app, &caller, season).await {
        Ok(row) => (row.cells, true),
        Err(ServiceError::Conflict { code: "not_published", .. }) => (String::new(), false),
        Err(error) => return Err(refused(error)),
    };
    let mut cells: Vec<(String, Cell)> = Vec::new();
    for row in csv::Reader::from_reader(sheet.as_bytes()).records().flatten() {
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let seats = cell(2).parse().unwrap_or(0);
        cells.push((cell(0).to_owned(), Cell { junior: cell(1).replace(';', " "), seats }));
    }
    let policy = stored_policy(&head.row).map_err(refused)?;
    let mut programmes = Vec::new();
    for programme in found.into_iter().filter(|one| one.school_code == school) {
        let of_programme = cells.extract_if(.., |(code, _)| *code == programme.code);
        let own: Vec<Cell> = of_programme.map(|(_, cell)| cell).filter(|cell| cell.seats > 0).collect();
        programmes.push(ProgrammeLine {
            quota: own.iter().map(|cell| cell.seats).sum(),
            cells: own,
            lists: programme.batches.iter().map(|list| policy.list_name(list)).collect(),
            code: programme.code,
            name: programme.name,
            seats: programme.seats,
        });
    }
    Ok(shown(&Plan { frame, head, programmes, published }))
}

//! The draws of an entry as a ceremony: frozen lists, orders once the result is out, the kit for the laptop.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::compulsory::download_draw_kit::download_draw_kit;
use crate::service::compulsory::list_draws::{
    Ceremony, CeremonyPart, DrawList, DrawnOrder, DrawnPlace, list_draws, show_draw,
};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// A part of the seed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CeremonyPartView {
    /// Who tells it; absent for a part that the policy itself names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "secret-of-the-supervisors")]
    source: Option<String>,
    /// SHA-256 of the secret, where one was committed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    commitment: Option<String>,
    /// As it enters the seed; absent until it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
}

impl From<CeremonyPart> for CeremonyPartView {
    fn from(part: CeremonyPart) -> CeremonyPartView {
        let source = Some(part.source).filter(|source| !source.is_empty());
        CeremonyPartView { source, commitment: part.commitment, part: part.part }
    }
}

/// A school's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawListView {
    /// School code and stage: its name in addresses and files.
    #[schema(example = "P1-primary")]
    list: String,
    #[schema(example = "P1")]
    school: String,
    name: String,
    /// `primary` or `junior`.
    #[schema(example = "primary")]
    stage: &'static str,
    /// `private` or `direct`.
    #[schema(example = "private")]
    way: &'static str,
    seats: u32,
    /// `lot`, or how people drew numbers: `ring`, `first_and_difference`.
    #[schema(example = "lot")]
    protocol: &'static str,
    /// Absent, with the hash, where there are fewer than 10 and the caller is neither an office of the entry nor a
    /// supervisor.
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_hash: Option<String>,
}

impl From<DrawList> for DrawListView {
    fn from(list: DrawList) -> DrawListView {
        let (tickets, list_hash) = list.frozen.unzip();
        DrawListView {
            list: list.name,
            school: list.school_code,
            name: list.school,
            stage: list.stage,
            way: list.way,
            seats: list.seats,
            protocol: list.protocol,
            tickets,
            list_hash,
        }
    }
}

/// The ceremony.
#[derive(Debug, Serialize, ToSchema)]
pub struct CeremonyView {
    #[schema(value_type = String, format = "date-time")]
    frozen_at: String,
    /// Of the whole list: part of the seed.
    list_hash: String,
    /// On the whole list.
    tickets: usize,
    children: i64,
    /// The round of the lots.
    lot_round: u32,
    /// `admit_both` or `next_single`.
    #[schema(example = "admit_both")]
    twins: &'static str,
    /// In the order in which the seed is made of them.
    parts: Vec<CeremonyPartView>,
    /// Once the result is out.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<String>,
    lists: Vec<DrawListView>,
}

impl From<Ceremony> for CeremonyView {
    fn from(ceremony: Ceremony) -> CeremonyView {
        CeremonyView {
            frozen_at: wire_time::written(ceremony.frozen_at_ms),
            list_hash: ceremony.list_hash,
            tickets: ceremony.tickets,
            children: ceremony.children,
            lot_round: ceremony.lot_round,
            twins: ceremony.twins,
            parts: ceremony.parts.into_iter().map(Into::into).collect(),
            seed: ceremony.seed,
            lists: ceremony.lists.into_iter().map(Into::into).collect(),
        }
    }
}

/// A ticket in its place.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawnPlaceView {
    place: usize,
    ticket: String,
    heads: u32,
    /// The lot, or the number on the list; as text, because some readers cut numbers beyond 2^53.
    number: String,
    /// By the published result.
    admitted: bool,
}

impl From<DrawnPlace> for DrawnPlaceView {
    fn from(place: DrawnPlace) -> DrawnPlaceView {
        DrawnPlaceView {
            place: place.place,
            ticket: place.ticket,
            heads: place.heads,
            number: place.number.to_string(),
            admitted: place.admitted,
        }
    }
}

/// The order of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawnOrderView {
    /// Children whom the school admitted from this list.
    admitted: u32,
    /// The first number and the step, where people drew numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u32>,
    /// The list as `/draw` and `zhaosheng draw` read it.
    list: String,
    places: Vec<DrawnPlaceView>,
}

impl From<DrawnOrder> for DrawnOrderView {
    fn from(order: DrawnOrder) -> DrawnOrderView {
        let (first, step) = order.numbers.unzip();
        let places = order.places.into_iter().map(Into::into).collect();
        DrawnOrderView { admitted: order.admitted, first, step, list: order.list, places }
    }
}

/// One school's draw.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawView {
    list: DrawListView,
    /// Absent before the result is out, and where the list's tickets are.
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn: Option<DrawnOrderView>,
}

/// Lists the draws: what was frozen, school by school, and the parts of the seed told so far. For the entry's offices
/// and supervisors since the freeze, for everybody once the result is out.
#[utoipa::path(tag = "entries", operation_id = "list_draws",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The ceremony", body = CeremonyView)))]
#[get("/seasons/{season}/draws")]
pub(crate) async fn all(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<CeremonyView>, Problem> {
    Ok(Json(list_draws(&app, &caller.0, season.into_inner()).await?.into()))
}

/// Shows one school's list, and its order by ticket numbers once the result is out.
#[utoipa::path(tag = "entries", operation_id = "show_draw",
    params(("season" = String, Path, example = "2026"), ("list" = String, Path, example = "P1-primary")),
    responses((status = 200, description = "The draw", body = DrawView)))]
#[get("/seasons/{season}/draws/{list}")]
pub(crate) async fn one(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Json<DrawView>, Problem> {
    let (season, list) = path.into_inner();
    let mut shown = show_draw(&app, &caller.0, season, list).await?;
    let list = shown.ceremony.lists.swap_remove(shown.at).into();
    Ok(Json(DrawView { list, drawn: shown.drawn.map(Into::into) }))
}

/// Downloads the frozen lists as `zhaosheng draw offline` reads them from a stick; with the orders once the result is
/// out.
#[utoipa::path(tag = "entries", operation_id = "download_draw_kit",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The kit", body = String, content_type = "application/zip")))]
#[get("/seasons/{season}/draw-kit")]
pub(crate) async fn stick(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<HttpResponse, Problem> {
    let kit = download_draw_kit(&app, &caller.0, season.into_inner()).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(("Content-Disposition", "attachment; filename=\"draw-kit.zip\""))
        .body(kit))
}

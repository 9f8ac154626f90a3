//! Slips to print and cut out, told once: one-time codes and grid cards, by class.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::accounts::issue_grid_cards::GridCard;
use crate::service::accounts::issue_initial_codes::CodeSlip;
use crate::web::pages::frame::{Frame, page};

/// A slip with a one-time initial code.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeSlipView {
    pub class: String,
    pub exam_no: String,
    pub name: String,
    pub login: String,
    pub initial_code: String,
}

/// A grid card.
#[derive(Debug, Serialize, ToSchema)]
pub struct GridCardView {
    pub class: String,
    pub exam_no: String,
    pub name: String,
    pub login: String,
    pub serial: u32,
    /// Ten rows of eight cells, A to H.
    pub rows: Vec<Vec<String>>,
}

impl From<CodeSlip> for CodeSlipView {
    fn from(slip: CodeSlip) -> CodeSlipView {
        CodeSlipView {
            class: slip.class,
            exam_no: slip.exam_no,
            name: slip.name,
            login: slip.login,
            initial_code: slip.code.to_string(),
        }
    }
}

impl From<GridCard> for GridCardView {
    fn from(card: GridCard) -> GridCardView {
        GridCardView {
            class: card.class,
            exam_no: card.exam_no,
            name: card.name,
            login: card.login,
            serial: card.serial,
            rows: card.cells.into_iter().map(Vec::from).collect(),
        }
    }
}

impl GridCardView {
    /// The letters above the columns.
    fn columns(&self) -> impl Iterator<Item = char> {
        ('A'..).take(self.rows.first().map_or(0, Vec::len))
    }
}

#[derive(Template)]
#[template(path = "schools/code_slips.html")]
struct CodeSlipsPage<'s> {
    frame: &'s Frame,
    slips: &'s [CodeSlipView],
}

#[derive(Template)]
#[template(path = "schools/grid_cards.html")]
struct GridCardsPage<'s> {
    frame: &'s Frame,
    cards: &'s [GridCardView],
}

/// A page of slips with one-time codes.
pub fn codes(status: StatusCode, frame: &Frame, slips: &[CodeSlipView]) -> HttpResponse {
    page(status, &CodeSlipsPage { frame, slips })
}

/// A page of grid cards.
pub fn cards(status: StatusCode, frame: &Frame, cards: &[GridCardView]) -> HttpResponse {
    page(status, &GridCardsPage { frame, cards })
}

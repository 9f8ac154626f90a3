//! A public draw drawn again: by the service from a form, and beside it by the reader's own browser.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::fault::Fault;
use crate::service::compulsory::recompute_draw::{AskedDraw, DrawnAgain, LIST, MOST_TICKETS, recompute_draw};
use crate::web::pages::frame::{Frame, page, shown};
use crate::web::pages::member::Visitor;
use crate::web::pages::posted::Fields;
use crate::web::pages::uploaded::UploadedByVisitor;

#[derive(Template)]
#[template(path = "draw.html")]
struct Draw {
    frame: Frame,
    asked: Fields,
    rehearsal: bool,
    /// Tickets that the service draws at most.
    most: usize,
    drawn: Option<DrawnAgain>,
    faults: Vec<FieldFault>,
}

/// What is wrong, and the id of the field to mend.
struct FieldFault {
    field: String,
    text: String,
}

/// Asks for a list and the sources of its chance.
pub async fn ask(visitor: Visitor) -> HttpResponse {
    let Visitor(_, frame) = visitor;
    let first_round = Fields::given(&[("round", "1")]);
    shown(&Draw {
        frame,
        asked: first_round,
        rehearsal: false,
        most: MOST_TICKETS,
        drawn: None,
        faults: vec![],
    })
}

/// Draws, and shows the order.
pub async fn draw(posted: UploadedByVisitor) -> HttpResponse {
    let UploadedByVisitor { frame, fields, bytes } = posted;
    let text = |name: &str| fields.text(name).to_owned();
    let asked = AskedDraw {
        list: if bytes.is_empty() { text("list").into_bytes() } else { bytes },
        whole: text("whole"),
        parts: text("parts"),
        round: text("round"),
        seats: text("seats"),
        twins: text("twins"),
        rehearsal: !fields.text("rehearsal").is_empty(),
    };
    let rehearsal = asked.rehearsal;
    let (status, drawn, faults) = match recompute_draw(&asked) {
        Ok(drawn) => (StatusCode::OK, Some(drawn), Vec::new()),
        Err(faults) => {
            let told = faults.into_iter().map(|fault| told(&frame, fault)).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, None, told)
        }
    };
    page(status, &Draw { frame, asked: fields, rehearsal, most: MOST_TICKETS, drawn, faults })
}

/// A fault in the reader's language, with the label of its field.
fn told(frame: &Frame, fault: Fault) -> FieldFault {
    let field = if fault.place == LIST { "list".to_owned() } else { fault.place.clone() };
    let place = if fault.place == LIST { fault.place } else { frame.of_kind("draw", &field) };
    FieldFault { text: frame.words.fault(&Fault { place, ..fault }), field }
}

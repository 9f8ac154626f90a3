//! A junior high sees how far its pupils are: counts by class, then pupil by pupil; never what they listed.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::show_status_board::{BoardLine, FormStatus, show_status_board};
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::schools::pupils::{Looking, OF_A_SCHOOL};
use crate::web::pages::season_head::SeasonHead;

/// How many pupils of a class are how far with one list.
#[derive(Clone, Default)]
struct Counts {
    none: usize,
    draft: usize,
    submitted: usize,
    confirmed: usize,
}

impl Counts {
    fn add(&mut self, status: FormStatus) {
        match status {
            FormStatus::None => self.none += 1,
            FormStatus::Draft => self.draft += 1,
            FormStatus::Submitted => self.submitted += 1,
            FormStatus::Confirmed => self.confirmed += 1,
        }
    }
}

struct ClassLine {
    class: String,
    pupils: usize,
    /// By list.
    counts: Vec<Counts>,
}

struct PupilLine {
    exam_no: String,
    name: String,
    /// By list: `none`, `draft`, `submitted`, `confirmed`.
    states: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "schools/status_board.html")]
struct StatusBoard {
    frame: Frame,
    head: SeasonHead,
    lists: Vec<String>,
    classes: Vec<ClassLine>,
    total: ClassLine,
    /// The class that is looked at; none for the counts.
    class: Option<String>,
    pupils: Vec<PupilLine>,
}

fn word(status: FormStatus) -> &'static str {
    match status {
        FormStatus::None => "none",
        FormStatus::Draft => "draft",
        FormStatus::Submitted => "submitted",
        FormStatus::Confirmed => "confirmed",
    }
}

/// Shows it.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    looking: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let board = show_status_board(&app, &caller, season.into_inner(), String::new(), OF_A_SCHOOL);
    let board: Vec<BoardLine> = board.await.map_err(refused)?;
    let policy = stored_policy(&head.row).map_err(refused)?;
    let lists: Vec<String> = policy.lists().into_iter().map(|list| policy.list_name(list)).collect();
    let empty = |class: &str| ClassLine {
        class: class.to_owned(),
        pupils: 0,
        counts: vec![Counts::default(); lists.len()],
    };
    let mut total = empty("");
    let mut classes: BTreeMap<String, ClassLine> = BTreeMap::new();
    for pupil in &board {
        let class = classes.entry(pupil.class.clone()).or_insert_with(|| empty(&pupil.class));
        for line in [class, &mut total] {
            line.pupils += 1;
            for (counts, (_, status)) in line.counts.iter_mut().zip(&pupil.lists) {
                counts.add(*status);
            }
        }
    }
    let class = looking.into_inner().class;
    let pupils = board
        .into_iter()
        .filter(|pupil| class.as_ref() == Some(&pupil.class))
        .map(|pupil| PupilLine {
            exam_no: pupil.exam_no,
            name: pupil.name,
            states: pupil.lists.into_iter().map(|(_, status)| word(status)).collect(),
        })
        .collect();
    let classes = classes.into_values().collect();
    Ok(shown(&StatusBoard { frame, head, lists, classes, total, class, pupils }))
}

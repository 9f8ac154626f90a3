//! The demonstration's entry to compulsory schools: brought in, and walked to the first day of registration.

use crate::domain::compulsory::entry_wishes::ENTRY_LIST;
use crate::domain::phase::Step;
use crate::domain::role::Role;
use crate::files::demonstration_entry::{CHILD, POLICY, SHEETS};
use crate::service::app::App;
use crate::service::compulsory::bring_entry_sheet::{BroughtSheet, bring_entry_sheet};
use crate::service::compulsory::list_zones::post_seat_warnings;
use crate::service::demonstration::cast::{Part, add_part};
use crate::service::demonstration::offices::{DAY_MS, Offices};
use crate::service::error::ServiceError;
use crate::service::runs::seed_sources::name_seed_source;
use crate::service::season::create_season::{NewSeason, create_season};
use crate::service::season::show_season::show_season;
use crate::service::season::windows::{NewWindow, set_window};

/// The code of the demonstration's entry.
pub const ENTRY: &str = "demo-entry";

/// The source of chance that is told after the freeze: balls drawn in front of everybody.
const BALLS: &str = "balls";

/// The part of a family that registers its child.
pub const GUARDIAN: &str = "guardian";

/// Stages the entry in an admission area of the city; returns the family's account.
///
/// # Errors
/// What the acts ask.
pub async fn stage_entry(app: &App, offices: &Offices<'_>, area: &str) -> Result<String, ServiceError> {
    let centre = &offices.centre;
    let policy = POLICY.replace("AREA", area);
    let new = NewSeason { code: ENTRY.to_owned(), kind: "demonstration".to_owned(), policy };
    create_season(app, centre, new).await?;
    for (sheet, file_name, text) in SHEETS {
        let brought = BroughtSheet {
            season: ENTRY.to_owned(),
            sheet: sheet.to_owned(),
            file_name: file_name.to_owned(),
            bytes: text.as_bytes().to_vec(),
            only_check: false,
        };
        bring_entry_sheet(app, centre, brought).await?;
    }
    post_seat_warnings(app, centre, ENTRY.to_owned()).await?;
    name_seed_source(app, centre, ENTRY.to_owned(), BALLS.to_owned(), None).await?;
    let entry = Offices { season: ENTRY, ..offices.clone() };
    entry.advance(Step::OpenRegistration).await?;
    let (_, now_ms) = show_season(app, centre, ENTRY.to_owned()).await?;
    let window = NewWindow {
        stage: "official".to_owned(),
        batch: ENTRY_LIST.to_owned(),
        areas: Vec::new(),
        opens_at_ms: now_ms + DAY_MS,
        closes_at_ms: now_ms + 5 * DAY_MS,
    };
    set_window(app, centre, ENTRY.to_owned(), window).await?;
    entry.move_to(now_ms + 2 * DAY_MS).await?;
    entry.advance(Step::OpenFilling).await?;
    let part = Part { login: "demo-guardian".to_owned(), exam_no: Some(CHILD.to_owned()), ..Part::default() };
    add_part(app, ENTRY, Role::Candidate, part).await
}

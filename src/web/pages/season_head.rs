//! The season of a screen: its row and its clock.

use crate::service::app::App;
use crate::service::season::show_season::{SeasonRow, show_season};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::wire_time;

/// What every screen of a season has at its head.
pub struct SeasonHead {
    pub row: SeasonRow,
    /// The season's clock, in milliseconds since 1970.
    pub now_ms: i64,
}

impl SeasonHead {
    /// The head of a season that concerns the member.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn of(app: &App, member: &Member, season: &str) -> Result<SeasonHead, PageProblem> {
        let found = show_season(app, &member.caller, season.to_owned()).await;
        let (row, now_ms) = found.map_err(|error| member.frame.refused(error))?;
        Ok(SeasonHead { row, now_ms })
    }

    /// The season's clock, for people.
    pub fn now(&self) -> String {
        wire_time::read_by_people(self.now_ms)
    }
}

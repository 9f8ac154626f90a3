//! The offices of the demonstration, each ready to act by the same use cases as in any season.

use crate::domain::phase::Step;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::service::proposals::content::Wanted;
use crate::service::proposals::propose_change::propose_change;
use crate::service::proposals::sign_proposal::{Signed, sign_proposal};
use crate::service::season::advance_season::advance_season;
use crate::service::season::move_clock::move_clock;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The offices, each ready to act by a use case in one season.
#[derive(Clone)]
pub struct Offices<'a> {
    pub app: &'a App,
    pub season: &'static str,
    pub centre: Caller,
    pub supervisor: Caller,
    pub second: Caller,
}

impl Offices<'_> {
    /// What the second person signs after the first has proposed it.
    ///
    /// # Errors
    /// What the act itself asks.
    pub async fn together(&self, wanted: Wanted, second: &Caller) -> Result<Signed, ServiceError> {
        let (app, season) = (self.app, self.season.to_owned());
        let reason = "demonstration".to_owned();
        let proposed = propose_change(app, &self.centre, season.clone(), wanted, reason).await?.proposal;
        sign_proposal(app, second, season, proposed.id, proposed.content_hash).await
    }

    /// A step of the season.
    ///
    /// # Errors
    /// `WrongStep`, and what the step asks.
    pub async fn advance(&self, step: Step) -> Result<(), ServiceError> {
        let season = self.season.to_owned();
        advance_season(self.app, &self.centre, season, Precondition::MatchAny, step).await.map(|_| ())
    }

    /// Moves the season's clock.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn move_to(&self, to_ms: i64) -> Result<(), ServiceError> {
        let season = self.season.to_owned();
        move_clock(self.app, &self.centre, season, Precondition::MatchAny, to_ms).await.map(|_| ())
    }
}

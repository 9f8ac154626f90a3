//! The live demonstration: one-click roles and the season clock. No other service has these pages.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::domain::phase::Phase;
use crate::service::app::App;
use crate::service::demonstration::cast::{caller, enter};
use crate::service::demonstration::stage_city::{SEASON, StagedCity};
use crate::service::demonstration::take_stop::take_stop;
use crate::service::error::ServiceError;
use crate::service::season::show_season::show_season;
use crate::web::pages::frame::{go, own_path};
use crate::web::pages::log_in::entered;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::PostedByVisitor;

/// The city that a demonstration shows.
#[derive(Clone, Debug)]
pub struct Demonstration(pub StagedCity);

impl Demonstration {
    /// The phase its season is in.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn phase(&self, app: &App) -> Result<Phase, ServiceError> {
        let centre = caller(app, &self.0.parts["municipal_centre"]).await?;
        Ok(show_season(app, &centre, SEASON.to_owned()).await?.0.phase()?)
    }
}

/// Takes a role without a password.
pub async fn take_role(
    app: Data<App>,
    demonstration: Option<Data<Demonstration>>,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let account = demonstration.as_ref().and_then(|city| city.0.parts.get(fields.text("role")));
    let account = account.ok_or_else(|| frame.refused(ServiceError::NotFound))?;
    let session = enter(&app, account.clone()).await.map_err(|error| frame.refused(error))?;
    Ok(entered(&app, &session, &format!("/seasons/{SEASON}")))
}

/// Goes on to the next stop of the season.
pub async fn move_clock(
    app: Data<App>,
    demonstration: Option<Data<Demonstration>>,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let city = demonstration.ok_or_else(|| frame.refused(ServiceError::NotFound))?;
    take_stop(&app, &city.0).await.map_err(|error| frame.refused(error))?;
    Ok(go(own_path(fields.text("back"))))
}

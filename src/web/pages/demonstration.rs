//! The live demonstration: one-click roles and the season clock, which no other service has.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::service::app::App;
use crate::service::demonstration::cast::enter;
use crate::service::demonstration::stage_city::SEASON;
use crate::service::demonstration::take_stop::take_stop;
use crate::service::error::ServiceError;
use crate::web::pages::frame::{go, own_path};
use crate::web::pages::live_city::LiveCity;
use crate::web::pages::log_in::entered;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::PostedByVisitor;

/// Takes a role without a password.
pub async fn take_role(
    app: Data<App>,
    city: Option<Data<LiveCity>>,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let account = city.as_ref().and_then(|city| city.0.parts.get(fields.text("role")));
    let account = account.ok_or_else(|| frame.refused(ServiceError::NotFound))?;
    let session = enter(&app, account.clone()).await.map_err(|error| frame.refused(error))?;
    Ok(entered(&app, &session, &format!("/seasons/{SEASON}")))
}

/// Goes on to the next stop of the season.
pub async fn move_clock(
    app: Data<App>,
    city: Option<Data<LiveCity>>,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let city = city.ok_or_else(|| frame.refused(ServiceError::NotFound))?;
    take_stop(&app, &city.0).await.map_err(|error| frame.refused(error))?;
    Ok(go(own_path(fields.text("back"))))
}

//! The live demonstration: one-click roles and the season clock, which no other service has.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::service::app::App;
use crate::service::demonstration::cast::enter;
use crate::service::demonstration::stage_city::SEASON;
use crate::service::demonstration::stage_entry::{ENTRY, GUARDIAN};
use crate::service::demonstration::take_stop::take_stop;
use crate::service::error::ServiceError;
use crate::web::pages::frame::{go, own_path};
use crate::web::pages::live_city::LiveCity;
use crate::web::pages::log_in::entered;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::PostedByVisitor;

/// How long a press of the clock waits for its stop.
const LONGEST: Duration = Duration::from_secs(20);

/// Takes a role without a password.
pub async fn take_role(
    app: Data<App>,
    city: Option<Data<LiveCity>>,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let account = city.as_ref().and_then(|city| city.city.parts.get(fields.text("role")));
    let account = account.ok_or_else(|| frame.refused(ServiceError::NotFound))?;
    let session = enter(&app, account.clone()).await.map_err(|error| frame.refused(error))?;
    let season = if fields.text("role") == GUARDIAN { ENTRY } else { SEASON };
    Ok(entered(&app, &session, &format!("/seasons/{season}")))
}

/// Goes on to the next stop of the season.
pub async fn move_clock(
    app: Data<App>,
    city: Option<Data<LiveCity>>,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let city = city.ok_or_else(|| frame.refused(ServiceError::NotFound))?;
    let Ok(turn) = city.turn.clone().try_lock_owned() else {
        // Pressed twice: the first press is still at work.
        return Ok(go(own_path(fields.text("back"))));
    };
    // On a slow machine a stop may take longer than a request may: it goes on behind it, and the page shows it done
    // once it is.
    let step = actix_web::rt::spawn(async move {
        let _turn = turn;
        take_stop(&app, &city.city).await
    });
    if let Ok(Ok(taken)) = actix_web::rt::time::timeout(LONGEST, step).await {
        taken.map_err(|error| frame.refused(error))?;
    }
    Ok(go(own_path(fields.text("back"))))
}

//! The front page, and the switches of language and size that every page carries.

use actix_web::HttpResponse;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::service::app::App;
use crate::service::demonstration::take_stop::phase;
use crate::service::season::list_seasons::list_seasons;
use crate::service::season::show_season::SeasonRow;
use crate::web::pages::frame::{Frame, LARGE_COOKIE, go, own_path, shown};
use crate::web::pages::member::Visitor;
use crate::web::pages::page_problem::PageProblem;
use crate::web::request_scope::LANGUAGE_COOKIE;

/// Seasons on the front page at most: the newest.
const MOST_SEASONS: i64 = 200;

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    frame: Frame,
    seasons: Vec<SeasonRow>,
    /// The phase of the demonstration's season.
    phase: Option<String>,
}

/// The front page: of a member, her seasons; in a demonstration, its roles and its clock.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, PageProblem> {
    let Visitor(member, frame) = visitor;
    let seasons = match &member {
        None => Vec::new(),
        Some(member) if !member.own.to_do.is_empty() => return Ok(go("/account")),
        Some(member) => {
            let found = list_seasons(&app, &member.caller, String::new(), MOST_SEASONS).await;
            found.map_err(|error| frame.refused(error))?
        }
    };
    if let ([only], false) = (&seasons[..], frame.demonstration) {
        return Ok(go(&format!("/seasons/{}", only.code)));
    }
    let phase = if frame.demonstration {
        Some(phase(&app).await.map_err(|error| frame.refused(error))?.word().to_owned())
    } else {
        None
    };
    Ok(shown(&Landing { frame, seasons, phase }))
}

/// How pages look.
#[derive(Deserialize)]
pub struct Display {
    lang: Option<String>,
    large: Option<String>,
    #[serde(default)]
    back: String,
}

/// Keeps language and size, and goes back.
pub async fn display(query: Query<Display>) -> HttpResponse {
    let mut answer = go(own_path(&query.back));
    let kept = |name: &'static str, value: String| {
        Cookie::build(name, value)
            .path("/")
            .same_site(SameSite::Lax)
            .secure(true)
            .http_only(true)
            .max_age(Duration::days(400))
            .finish()
    };
    let known = |value: &&String| ["zh", "en", "0", "1"].contains(&value.as_str());
    if let Some(lang) = query.lang.as_ref().filter(known) {
        let _fits = answer.add_cookie(&kept(LANGUAGE_COOKIE, lang.clone()));
    }
    if let Some(large) = query.large.as_ref().filter(known) {
        let _fits = answer.add_cookie(&kept(LARGE_COOKIE, large.clone()));
    }
    answer
}

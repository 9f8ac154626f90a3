//! Who holds the parts of the result's key, and where the seed of the lots comes from.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::runs::name_key_holders::{KeyHolderRow, list_key_holders, name_key_holders};
use crate::service::runs::seed_sources::{SeedPartRow, list_seed_sources, name_seed_source, tell_seed_part};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;

/// A holder as the form has it.
struct HolderField {
    /// From 0, as the refusals count.
    place: usize,
    name: String,
    recipient: String,
}

#[derive(Template)]
#[template(path = "centre/keys.html")]
struct Keys {
    frame: Frame,
    head: SeasonHead,
    holders: Vec<KeyHolderRow>,
    fields: Vec<HolderField>,
    sources: Vec<SeedPartRow>,
    may_name_holders: bool,
    may_name_source: bool,
    may_tell: bool,
    given: Fields,
    refused: Option<Refused>,
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let holders = list_key_holders(app, &caller, season.to_owned()).await.map_err(failed)?;
    let sources = list_seed_sources(app, &caller, season.to_owned()).await.map_err(failed)?;
    let (names, recipients): (Vec<&str>, Vec<&str>) =
        (given.all("name").collect(), given.all("recipient").collect());
    let field = |place: usize| {
        let known = holders.get(place);
        let sent = |sent: &[&str], stored: Option<&String>| {
            let sent = sent.get(place).map(|text| (*text).to_owned());
            sent.or_else(|| stored.cloned()).unwrap_or_default()
        };
        HolderField {
            place,
            name: sent(&names, known.map(|row| &row.name)),
            recipient: sent(&recipients, known.map(|row| &row.recipient)),
        }
    };
    let may = |act: Act| act.reach(role).is_some() && fits_phase(act, phase);
    let screen = Keys {
        fields: (0..3).map(field).collect(),
        may_name_holders: may(Act::NameKeyHolders),
        may_name_source: may(Act::NameSeedSource),
        may_tell: may(Act::TellSeedPart),
        head,
        holders,
        sources,
        given,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows them.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, Fields::default(), None).await
}

/// Names holders or a source, or puts on record what a source told.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let (season, caller) = (season.into_inner(), &member.caller);
    let text = |name: &str| fields.text(name).trim().to_owned();
    let done = match fields.button() {
        Some(("holders", _)) => {
            let names = fields.all("name").map(str::to_owned);
            let holders = names.zip(fields.all("recipient").map(str::to_owned)).collect();
            name_key_holders(&app, caller, season.clone(), holders).await.map(|_| ())
        }
        Some(("source", _)) => {
            let commitment = Some(text("commitment")).filter(|hash| !hash.is_empty());
            name_seed_source(&app, caller, season.clone(), text("source"), commitment).await.map(|_| ())
        }
        Some(("tell", source)) => {
            tell_seed_part(&app, caller, season.clone(), source.to_owned(), text("text")).await.map(|_| ())
        }
        _ => Err(ServiceError::NotFound),
    };
    match done {
        Ok(()) => Ok(go(&format!("/seasons/{season}/keys"))),
        Err(error) => {
            let told = fields.button().map_or("", |(_, source)| source);
            let refused = Refused::of(&member.frame, error)?.aimed("text", &format!("text-{told}"));
            screen(&app, member, &season, fields, Some(refused)).await
        }
    }
}

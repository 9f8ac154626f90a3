//! A family's own result of an entry: the school, why each application ended as it did, and how to check it.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::compulsory::list_zones::list_zones;
use crate::service::compulsory::show_child::show_child;
use crate::service::compulsory::show_entry_result::{EntryResult, show_entry_result};
use crate::service::error::ServiceError;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "entry/result.html")]
struct ResultScreen {
    frame: Frame,
    head: SeasonHead,
    result: EntryResult,
    /// Names of schools by their codes.
    names: BTreeMap<String, String>,
}

impl ResultScreen {
    fn name(&self, code: &str) -> String {
        self.names.get(code).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| code.to_owned())
    }
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let season = season.into_inner();
    let exam_no = member.own_in(&season)?;
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let result = show_entry_result(&app, &caller, season.clone(), exam_no.clone()).await.map_err(refused)?;
    let child = show_child(&app, &caller, season.clone(), exam_no).await.map_err(refused)?;
    let zones = list_zones(&app, &caller, season).await.map_err(refused)?;
    let named = child.private_schools.into_iter().chain(child.transfer_schools).chain(child.schools);
    let mut names: BTreeMap<String, String> = named.map(|school| (school.code, school.name)).collect();
    names.extend(zones.into_iter().flat_map(|zone| zone.schools).map(|school| (school.code, school.name)));
    Ok(shown(&ResultScreen { frame, head, result, names }))
}

//! A season's front page: what is to be done now, by whoever is logged in.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::role::Role;
use crate::service::app::App;
use crate::web::pages::frame::go;
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::pages::{candidate_home, office_home};

/// The front page of the member's role.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let admission = head.row.admission().map_err(|error| member.frame.refused(error.into()))?;
    match member.role() {
        Role::Candidate if admission == AdmissionKind::Compulsory => {
            Ok(go(&format!("/seasons/{}/child", head.row.code)))
        }
        Role::Candidate => candidate_home::show(&app, member, head).await,
        _ => office_home::show(member, head),
    }
}

//! The door of an office's screens: a season that concerns it, and nobody else's role.

use crate::domain::role::Role;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// The head of a season for an office.
///
/// # Errors
/// `Forbidden` for candidates, `NotFound` for a season that is none of the office's.
pub async fn office(app: &App, member: &Member, season: &str) -> Result<SeasonHead, PageProblem> {
    if member.role() == Role::Candidate {
        return Err(member.frame.refused(ServiceError::Forbidden));
    }
    SeasonHead::of(app, member, season).await
}

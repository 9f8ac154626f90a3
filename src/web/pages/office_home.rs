//! An office's front page of a season: its tasks, by role.

use actix_web::HttpResponse;
use askama::Template;

use crate::domain::role::Role::{self, CountyBureau, JuniorHigh, MunicipalCentre, SeniorHigh, Supervisor};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// Tasks in the order of a season: the roles that have it, its path under the season, the key of its name.
const TASKS: &[(&[Role], &str, &str)] = &[
    (&[MunicipalCentre, Supervisor], "steps", "office-steps"),
    (&[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor], "policy", "office-policy"),
    (&[CountyBureau, MunicipalCentre, Supervisor], "windows", "office-windows"),
    (&[JuniorHigh, CountyBureau, MunicipalCentre, Supervisor], "imports", "office-imports"),
    (&[JuniorHigh, CountyBureau], "candidates", "school-pupils"),
    (&[JuniorHigh, CountyBureau], "slips", "school-slips"),
    (&[JuniorHigh, CountyBureau], "eligibility", "school-eligibility"),
    (&[JuniorHigh, CountyBureau], "exceptions", "school-exceptions"),
    (&[JuniorHigh, CountyBureau], "posting", "school-posting"),
    (&[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor], "quota", "office-quota"),
    (&[SeniorHigh], "plan", "school-plan"),
    (&[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre], "objections", "school-objections"),
    (&[MunicipalCentre, Supervisor], "keys", "office-keys"),
    (&[JuniorHigh, CountyBureau, MunicipalCentre, Supervisor], "proposals", "office-proposals"),
    (&[JuniorHigh], "form-status", "school-board"),
    (&[CountyBureau, MunicipalCentre, Supervisor], "filling-progress", "school-progress"),
    (&[JuniorHigh], "confirmation-forms", "school-sheets"),
    (&[JuniorHigh], "confirmations", "school-scan"),
    (&[MunicipalCentre, Supervisor], "runs", "office-runs"),
    (&[MunicipalCentre, Supervisor], "checks", "office-checks"),
    (&[MunicipalCentre, Supervisor], "sample", "office-sample"),
    (&[JuniorHigh, SeniorHigh, CountyBureau], "admitted", "school-admitted"),
    (&[SeniorHigh], "enrolments", "school-enrolments"),
    (&[MunicipalCentre, Supervisor], "ledger", "office-ledger"),
    (&[MunicipalCentre, Supervisor], "acts", "office-acts"),
    (&[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor], "statistics", "statistics"),
];

#[derive(Template)]
#[template(path = "office_home.html")]
struct OfficeHome {
    frame: Frame,
    head: SeasonHead,
    role: &'static str,
    /// Path and name of each task.
    tasks: Vec<(&'static str, String)>,
}

/// The phase and the clock of the season, and the office's tasks.
pub fn show(member: Member, head: SeasonHead) -> Result<HttpResponse, PageProblem> {
    let (role, frame) = (member.role(), member.frame);
    let own = TASKS.iter().filter(|(roles, ..)| roles.contains(&role));
    let tasks = own.map(|(_, path, key)| (*path, frame.t(key))).collect();
    Ok(shown(&OfficeHome { head, role: role.word(), tasks, frame }))
}

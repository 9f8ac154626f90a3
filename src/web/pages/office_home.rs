//! An office's front page of a season: its tasks, by role.

use actix_web::HttpResponse;
use askama::Template;

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::phase::Phase::{
    self, Approved, EligibilityPosted, Filed, Filling, Frozen, Preparing, Published, QuotaPublished,
    Registering, Rehearsal, Supplementary,
};
use crate::domain::role::Role::{self, CountyBureau, JuniorHigh, MunicipalCentre, SeniorHigh, Supervisor};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// The roles that have a task, its path under the season, the key of its name, and the first and the last phase in
/// which it waits to be done; what was done stays to be looked at.
type OfficeTask = (&'static [Role], &'static str, &'static str, (Phase, Phase));

/// Tasks in the order of a season.
const TASKS: &[OfficeTask] = &[
    (&[MunicipalCentre, Supervisor], "steps", "office-steps", (Preparing, Filed)),
    (
        &[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "policy",
        "office-policy",
        (Preparing, Preparing),
    ),
    (&[CountyBureau, MunicipalCentre, Supervisor], "windows", "office-windows", (Preparing, Filling)),
    (
        &[JuniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "imports",
        "office-imports",
        (Preparing, QuotaPublished),
    ),
    (&[JuniorHigh, CountyBureau], "candidates", "school-pupils", (Registering, Filling)),
    (&[JuniorHigh, CountyBureau], "slips", "school-slips", (Registering, Filling)),
    (&[JuniorHigh, CountyBureau], "eligibility", "school-eligibility", (Registering, EligibilityPosted)),
    (&[JuniorHigh, CountyBureau], "exceptions", "school-exceptions", (EligibilityPosted, EligibilityPosted)),
    (&[JuniorHigh, CountyBureau], "posting", "school-posting", (EligibilityPosted, EligibilityPosted)),
    (
        &[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "quota",
        "office-quota",
        (EligibilityPosted, QuotaPublished),
    ),
    (&[SeniorHigh], "plan", "school-plan", (EligibilityPosted, QuotaPublished)),
    (
        &[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre],
        "objections",
        "school-objections",
        (EligibilityPosted, EligibilityPosted),
    ),
    (&[MunicipalCentre, Supervisor], "keys", "office-keys", (QuotaPublished, Filling)),
    (
        &[JuniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "proposals",
        "office-proposals",
        (EligibilityPosted, Supplementary),
    ),
    (&[JuniorHigh], "form-status", "school-board", (Rehearsal, Filling)),
    (
        &[CountyBureau, MunicipalCentre, Supervisor],
        "filling-progress",
        "school-progress",
        (Rehearsal, Filling),
    ),
    (&[JuniorHigh], "confirmation-forms", "school-sheets", (Frozen, Frozen)),
    (&[JuniorHigh], "confirmations", "school-scan", (Frozen, Frozen)),
    (&[MunicipalCentre, Supervisor], "runs", "office-runs", (Frozen, Approved)),
    (&[MunicipalCentre, Supervisor], "checks", "office-checks", (Published, Filed)),
    (&[MunicipalCentre, Supervisor], "sample", "office-sample", (Published, Filed)),
    (&[JuniorHigh, SeniorHigh, CountyBureau], "admitted", "school-admitted", (Published, Filed)),
    (&[SeniorHigh], "enrolments", "school-enrolments", (Published, Supplementary)),
    (&[MunicipalCentre, Supervisor], "ledger", "office-ledger", (Published, Supplementary)),
    (&[MunicipalCentre, Supervisor], "acts", "office-acts", (Preparing, Filed)),
    (
        &[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "statistics",
        "statistics",
        (Published, Filed),
    ),
];

/// Tasks of an entry to compulsory schools in its order.
const ENTRY_TASKS: &[OfficeTask] = &[
    (&[MunicipalCentre, Supervisor], "steps", "office-steps", (Preparing, Filed)),
    (&[CountyBureau, MunicipalCentre, Supervisor], "windows", "office-windows", (Preparing, Filling)),
    (&[CountyBureau, MunicipalCentre, Supervisor], "entry-sheets", "entry-sheets", (Preparing, Filling)),
    (&[CountyBureau, MunicipalCentre, Supervisor], "zone-board", "entry-board", (Preparing, Filling)),
    (
        &[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "zones",
        "entry-zones",
        (Preparing, Filed),
    ),
    (&[CountyBureau, MunicipalCentre, Supervisor], "children", "entry-children", (Preparing, Filling)),
    (&[MunicipalCentre, Supervisor], "keys", "office-keys", (Registering, Filling)),
    (&[CountyBureau, MunicipalCentre, Supervisor], "proposals", "office-proposals", (Filling, Approved)),
    (&[MunicipalCentre, Supervisor], "runs", "office-runs", (Frozen, Approved)),
    (
        &[JuniorHigh, SeniorHigh, CountyBureau, MunicipalCentre, Supervisor],
        "draws",
        "ceremony",
        (Frozen, Filed),
    ),
    (&[CountyBureau, MunicipalCentre, Supervisor], "desks", "entry-desks", (Published, Filed)),
    (&[CountyBureau, MunicipalCentre, Supervisor], "prohibitions", "entry-prohibitions", (Published, Filed)),
    (&[MunicipalCentre, Supervisor], "acts", "office-acts", (Preparing, Filed)),
];

#[derive(Template)]
#[template(path = "office_home.html")]
struct OfficeHome {
    frame: Frame,
    head: SeasonHead,
    role: &'static str,
    tasks: Vec<Task>,
}

/// A task as it is shown.
struct Task {
    path: &'static str,
    name: String,
    /// `now`, `later` or `past`.
    state: &'static str,
}

/// The phase and the clock of the season, and the office's tasks.
pub fn show(member: Member, head: SeasonHead) -> Result<HttpResponse, PageProblem> {
    let (role, frame) = (member.role(), member.frame);
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let state = |(first, last): (Phase, Phase)| match () {
        () if phase < first => "later",
        () if phase > last => "past",
        () => "now",
    };
    let admission = head.row.admission().map_err(|error| frame.refused(error.into()))?;
    let all = if admission == AdmissionKind::Compulsory { ENTRY_TASKS } else { TASKS };
    let own = all.iter().filter(|(roles, ..)| roles.contains(&role));
    let task = |&(_, path, key, span): &OfficeTask| Task { path, name: frame.t(key), state: state(span) };
    let tasks = own.map(task).collect();
    Ok(shown(&OfficeHome { head, role: role.word(), tasks, frame }))
}

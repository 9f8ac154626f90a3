//! The quota: as it was published, or as the data give it now; every number with how it came about.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::Act;
use crate::domain::role::Role;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::quota::quota_lines::{QuotaLine, quota_lines};
use crate::service::quota::show_quota::{preview_quota, show_quota};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::Refused;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// What is looked at.
#[derive(Clone, Default, Deserialize)]
pub struct Looking {
    /// `computed` for what the data give now.
    #[serde(default)]
    of: String,
    #[serde(default)]
    programme: String,
    /// Absent: a junior high's own.
    junior: Option<String>,
}

/// A programme's seats.
struct ProgrammeLine {
    code: String,
    cells: usize,
    seats: u64,
}

/// A line of the proof, for people.
struct ProofLine {
    line: QuotaLine,
    /// The word of why, and its place.
    why: String,
    place: String,
}

#[derive(Template)]
#[template(path = "centre/quota.html")]
struct Quota {
    frame: Frame,
    head: SeasonHead,
    /// Whether it is what the data give now, and whether there is something else to look at.
    computed: bool,
    may_compute: bool,
    published_at: Option<String>,
    hash: String,
    seats: u64,
    programmes: Vec<ProgrammeLine>,
    looking: Looking,
    junior: String,
    lines: Vec<ProofLine>,
    /// Why there is nothing to show.
    refused: Option<Refused>,
}

/// A sheet of seats: its hash, when it was published, and its proof.
type Sheet = (String, Option<i64>, String);

async fn sheet(app: &App, member: &Member, season: &str, computed: bool) -> Result<Sheet, ServiceError> {
    if computed {
        let quota = preview_quota(app, &member.caller, season.to_owned()).await?;
        return Ok((quota.hash(), None, quota.proof));
    }
    let row = show_quota(app, &member.caller, season.to_owned()).await?;
    Ok((row.quota_hash, Some(row.at_ms), row.proof))
}

/// Shows the sums, and of one programme or junior high every line.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    query: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(&app, &member, &season).await?;
    let looking = query.into_inner();
    let may_compute = Act::PreviewQuota.reach(member.role()).is_some();
    let computed = looking.of == "computed" && may_compute;
    let (sheet, refused) = match sheet(&app, &member, &season, computed).await {
        Ok(sheet) => (sheet, None),
        Err(error) => (Sheet::default(), Some(Refused::of(&member.frame, error)?)),
    };
    let (hash, at_ms, proof) = sheet;
    let own = Some(&member.own.account).filter(|_| member.role() == Role::JuniorHigh);
    let own = own.and_then(|account| account.school.clone());
    let junior = looking.junior.clone().or(own).unwrap_or_default().trim().to_owned();
    let all = quota_lines(&proof);
    let mut sums: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    // Row totals of a matrix stand before the programmes and would be counted twice.
    for line in all.iter().filter(|line| !line.programme.starts_with("group ")) {
        let sum = sums.entry(&line.programme).or_default();
        *sum = (sum.0 + 1, sum.1 + line.seats);
    }
    let asked = |line: &&QuotaLine| {
        let of_programme = !looking.programme.is_empty() && line.programme == looking.programme;
        of_programme || (looking.programme.is_empty() && !junior.is_empty() && line.names(&junior))
    };
    let lines = all.iter().filter(asked).map(|line| {
        let (words, numbers): (Vec<&str>, Vec<&str>) = line
            .why
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .partition(|word| word.parse::<u32>().is_err());
        ProofLine { why: words.join("-"), place: numbers.concat(), line: line.clone() }
    });
    let screen = Quota {
        programmes: sums
            .iter()
            // Most programmes have no quota seats at all.
            .filter(|(_, (_, seats))| *seats > 0)
            .map(|(code, (cells, seats))| ProgrammeLine {
                code: (*code).to_owned(),
                cells: *cells,
                seats: *seats,
            })
            .collect(),
        seats: sums.values().map(|(_, seats)| seats).sum(),
        lines: lines.collect(),
        published_at: at_ms.map(wire_time::read_by_people),
        hash,
        computed,
        may_compute,
        junior,
        looking,
        refused,
        head,
        frame: member.frame,
    };
    Ok(shown(&screen))
}

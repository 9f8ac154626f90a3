//! The demonstration's season: generated, brought in, and walked to the first day of filling.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::phase::Step;
use crate::domain::role::Role;
use crate::files::sheet::read_sheet;
use crate::service::app::{App, Caller};
use crate::service::data_in::import_folder::{FolderError, import_folder};
use crate::service::demonstration::cast::{Part, add_part, caller};
use crate::service::demonstration::offices::{DAY_MS, Offices};
use crate::service::demonstration::stage_entry::{ENTRY, GUARDIAN, stage_entry};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{CandidateRow, show_candidate};
use crate::service::proposals::content::Wanted;
use crate::service::quota::list_eligibility::list_eligibility;
use crate::service::runs::name_key_holders::name_key_holders;
use crate::service::season::create_season::{NewSeason, create_season};
use crate::service::season::show_season::show_season;
use crate::service::season::stored_policy::stored_policy;
use crate::service::season::windows::{NewWindow, set_window};
use crate::service::secrets::result_key::holder_keys;

/// The code of the demonstration's season.
pub const SEASON: &str = "demo";

/// Candidates among whom one who may use quota seats is looked for.
const MOST_ASKED: i64 = 500;

/// The staged city.
#[derive(Clone, Debug)]
pub struct StagedCity {
    /// The account of each role that somebody may take.
    pub parts: BTreeMap<&'static str, String>,
    /// Signs with the centre: no act of two people is one's alone, here neither.
    pub second: String,
    /// The candidate whose form is left to whoever tries the demonstration.
    pub exam_no: String,
    /// Secret keys of the three holders of parts of the result's key.
    pub holder_secrets: Vec<String>,
}

impl StagedCity {
    /// The offices, ready to act.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn offices<'a>(&self, app: &'a App) -> Result<Offices<'a>, ServiceError> {
        Ok(Offices {
            app,
            season: SEASON,
            centre: caller(app, &self.parts[Role::MunicipalCentre.word()]).await?,
            supervisor: caller(app, &self.parts[Role::Supervisor.word()]).await?,
            second: caller(app, &self.second).await?,
        })
    }
}

/// Brings a generated city into an empty database and opens its filling.
///
/// # Errors
/// Faults of the folder; the database is not empty.
pub async fn stage_city(app: &App, folder: &Path) -> Result<StagedCity, FolderError> {
    let policy = std::fs::read_to_string(folder.join("season.toml"))?;
    let centre = Part { login: "demo-centre".to_owned(), name: "demo 1".to_owned(), ..Part::default() };
    let centre = add_part(app, SEASON, Role::MunicipalCentre, centre).await?;
    let second = Part { login: "demo-centre-2".to_owned(), name: "demo 2".to_owned(), ..Part::default() };
    let second = add_part(app, SEASON, Role::MunicipalCentre, second).await?;
    let new = NewSeason { code: SEASON.to_owned(), kind: "demonstration".to_owned(), policy };
    let season = create_season(app, &caller(app, &centre).await?, new).await?;
    import_folder(app, folder, SEASON).await?;
    let someone = who_may_use_quota(app, &caller(app, &centre).await?).await?;
    let mut parts = BTreeMap::from([(Role::MunicipalCentre.word(), centre)]);
    for (role, part) in [
        (
            Role::Candidate,
            Part {
                login: someone.exam_no.clone(),
                exam_no: Some(someone.exam_no.clone()),
                ..Part::default()
            },
        ),
        (
            Role::JuniorHigh,
            Part {
                login: "demo-junior".to_owned(),
                school: Some(someone.junior_code),
                area: Some(someone.area_code.clone()),
                ..Part::default()
            },
        ),
        (
            Role::SeniorHigh,
            Part {
                login: "demo-senior".to_owned(),
                school: Some(first_cell(folder, "senior_schools", "school_code")?),
                area: Some(someone.area_code.clone()),
                ..Part::default()
            },
        ),
        (
            Role::CountyBureau,
            Part {
                login: "demo-county".to_owned(),
                area: Some(someone.area_code.clone()),
                ..Part::default()
            },
        ),
        (
            Role::Supervisor,
            Part { login: "demo-supervisor".to_owned(), name: "demo 3".to_owned(), ..Part::default() },
        ),
    ] {
        parts.insert(role.word(), add_part(app, SEASON, role, part).await?);
    }
    let mut city = StagedCity { parts, second, exam_no: someone.exam_no, holder_secrets: Vec::new() };
    let offices = city.offices(app).await?;
    offices.advance(Step::OpenRegistration).await?;
    offices.advance(Step::PostEligibility).await?;
    offices.together(Wanted::PublishQuota, &offices.supervisor).await?;
    let (_, now_ms) = show_season(app, &offices.centre, SEASON.to_owned()).await?;
    let policy = stored_policy(&season)?;
    let later = |list: &str| policy.only_supplementary(&policy.batches_of(list));
    for batch in policy.lists().into_iter().filter(|list| !later(list)) {
        let window = NewWindow {
            stage: "official".to_owned(),
            batch: batch.to_owned(),
            areas: Vec::new(),
            opens_at_ms: now_ms + DAY_MS,
            closes_at_ms: now_ms + 5 * DAY_MS,
        };
        set_window(app, &offices.centre, SEASON.to_owned(), window).await?;
    }
    let mut holders = Vec::new();
    for name in ["centre", "supervision", "notary"] {
        let (secret, public) = holder_keys();
        holders.push((name.to_owned(), public));
        city.holder_secrets.push(secret);
    }
    name_key_holders(app, &offices.centre, SEASON.to_owned(), holders.clone()).await?;
    offices.move_to(now_ms + 2 * DAY_MS).await?;
    offices.advance(Step::OpenFilling).await?;
    let guardian = stage_entry(app, &offices, &someone.area_code).await?;
    name_key_holders(app, &offices.centre, ENTRY.to_owned(), holders).await?;
    city.parts.insert(GUARDIAN, guardian);
    Ok(city)
}

/// The candidate whose form is left to whoever tries the demonstration: the first who has every choice.
async fn who_may_use_quota(app: &App, centre: &Caller) -> Result<CandidateRow, ServiceError> {
    let some = list_eligibility(app, centre, SEASON.to_owned(), String::new(), MOST_ASKED).await?;
    let one = some.into_iter().find(|one| one.eligible).ok_or(ServiceError::NotFound)?;
    show_candidate(app, centre, SEASON.to_owned(), one.exam_no).await
}

/// A cell of a sheet's first row.
fn first_cell(folder: &Path, sheet: &str, column: &str) -> Result<String, FolderError> {
    let nothing = || FolderError::Io(std::io::Error::other(format!("{sheet} has no {column}")));
    let sheet = read_sheet(folder, sheet).map_err(|fault| FolderError::Faults(vec![fault]))?;
    let text = sheet.ok_or_else(nothing)?.text;
    let mut rows = csv::Reader::from_reader(text.as_slice());
    let at = rows.headers().ok().and_then(|header| header.iter().position(|name| name == column));
    let row = rows.records().next().and_then(Result::ok);
    row.zip(at).and_then(|(row, at)| row.get(at).map(str::to_owned)).ok_or_else(nothing)
}

//! The draws as a ceremony: what was frozen and what the sources of chance told; every order once the result is out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::hexadecimal::{hex, unhex};
use crate::domain::ticket::Drawn;
use crate::engine::draw::{Seed, seed_of};
use crate::engine::suppression::SMALLEST;
use crate::files::compulsory::draw_stick::{list_csv, twins_word};
use crate::service::app::{App, Caller, Transaction};
use crate::service::compulsory::frozen_lists::{FrozenList, FrozenLists, frozen_lists};
use crate::service::compulsory::stored_entry::unsound;
use crate::service::error::ServiceError;
use crate::service::runs::published_result::Published;
use crate::service::runs::run_input::run_input;
use crate::service::season::season_policy::entry_policy;
use crate::storage::database::AnyConnection;
use crate::storage::freezes::{self, FreezeRow};
use crate::storage::publications;
use crate::storage::seasons::SeasonRow;
use crate::storage::seed_parts;

/// What everybody in the room may see.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// Whether the actor may have the lists themselves: an office of the entry, or a supervisor.
    pub may_have_lists: bool,
    pub frozen_at_ms: i64,
    /// Of the whole list, hexadecimal: part of the seed.
    pub list_hash: String,
    /// On the whole list.
    pub tickets: usize,
    pub children: i64,
    /// The round of the lots.
    pub lot_round: u32,
    /// `admit_both` or `next_single`.
    pub twins: &'static str,
    /// In the order in which the seed is made of them.
    pub parts: Vec<CeremonyPart>,
    /// Once the result is out.
    pub seed: Option<String>,
    pub lists: Vec<DrawList>,
}

/// A part of the seed.
#[derive(Clone, Debug)]
pub struct CeremonyPart {
    /// Who tells it; empty for a part that the policy itself names.
    pub source: String,
    /// SHA-256 of the secret, where one was committed to.
    pub commitment: Option<String>,
    /// As it enters the seed; `None` until it is told.
    pub part: Option<String>,
}

/// A school's list.
#[derive(Clone, Debug)]
pub struct DrawList {
    /// School code and stage: its name in addresses and files.
    pub name: String,
    pub school_code: String,
    pub school: String,
    /// `primary` or `junior`.
    pub stage: &'static str,
    /// `private` or `direct`.
    pub way: &'static str,
    pub seats: u32,
    /// `lot`, `ring` or `first_and_difference`.
    pub protocol: &'static str,
    /// Tickets and hash; `None` where they are so few that only the entry's offices and supervisors see them: with
    /// the hash of a short list all choices of so few numbers can be tried.
    pub frozen: Option<(usize, String)>,
}

/// One school's draw.
#[derive(Clone, Debug)]
pub struct ShownDraw {
    pub ceremony: Ceremony,
    /// The list among those of the ceremony.
    pub at: usize,
    /// `None` before the result is out, and for lists of few tickets.
    pub drawn: Option<DrawnOrder>,
}

/// The order of a list.
#[derive(Clone, Debug)]
pub struct DrawnOrder {
    pub places: Vec<DrawnPlace>,
    /// The numbers that people drew: the first, and the step.
    pub numbers: Option<(u32, u32)>,
    /// Children whom the school admitted from this list.
    pub admitted: u32,
    /// The list as the page that draws again reads it.
    pub list: String,
}

/// A ticket in its place.
#[derive(Clone, Debug)]
pub struct DrawnPlace {
    pub place: usize,
    pub ticket: String,
    pub heads: u32,
    /// The lot, or the number on the list.
    pub number: u64,
    /// By the published result: whoever got a place that she put before this one is not.
    pub admitted: bool,
}

/// What was frozen, list by list, and the parts of the seed told so far.
///
/// # Errors
/// `WrongPhase` before the lists are frozen; `Conflict` `not_published` for whoever is neither an office of the entry
/// nor a supervisor until the result is out; `Altered` when what lies there is not what was frozen or published.
pub async fn list_draws(app: &App, caller: &Caller, code: String) -> Result<Ceremony, ServiceError> {
    let door = app.clone();
    app.look(caller, move |transaction| Ok(Seen::of(&door, transaction, Act::ListDraws, &code)?.ceremony()))
        .await
}

/// One school's list, and its order once the result is out.
///
/// # Errors
/// As of [`list_draws`]; `NotFound` without such a list.
pub async fn show_draw(
    app: &App,
    caller: &Caller,
    code: String,
    list: String,
) -> Result<ShownDraw, ServiceError> {
    let door = app.clone();
    app.look(caller, move |transaction| {
        let seen = Seen::of(&door, transaction, Act::ShowDraw, &code)?;
        let at = seen.frozen.lists.iter().position(|known| known.name == list);
        let at = at.ok_or(ServiceError::NotFound)?;
        let drawn = seen.drawn(&door, transaction.connection, &seen.frozen.lists[at])?;
        Ok(ShownDraw { ceremony: seen.ceremony(), at, drawn })
    })
    .await
}

/// A ceremony as the actor sees it.
struct Seen {
    /// Whether the actor may have the lists themselves.
    office: bool,
    freeze: FreezeRow,
    frozen: Arc<FrozenLists>,
    parts: Vec<CeremonyPart>,
    published: Option<(Arc<Published>, Seed)>,
}

impl Seen {
    fn of(app: &App, transaction: &mut Transaction<'_>, act: Act, code: &str) -> Result<Seen, ServiceError> {
        let season = transaction.season_for(act, &Whose::season(code))?;
        let policy = entry_policy(&season)?;
        let whose = Whose { area: Some(policy.area.clone()), ..Whose::season(code) };
        let office = transaction.permit(Act::DownloadDrawKit, &whose).is_ok();
        let connection = &mut *transaction.connection;
        if !office && publications::list(connection, code)?.is_empty() {
            let detail = "the result of this season is not published yet";
            return Err(ServiceError::conflict("not_published", detail));
        }
        let (freeze, frozen) = frozen(app, connection, &season)?;
        let mut parts: Vec<CeremonyPart> = Vec::new();
        for part in policy.lot.parts {
            parts.push(CeremonyPart { source: String::new(), commitment: None, part: Some(part) });
        }
        for row in seed_parts::list(connection, code)? {
            let part = row.revealed.map(|told| format!("{}: {told}", row.source));
            parts.push(CeremonyPart { source: row.source, commitment: row.commitment, part });
        }
        let published = drawn_seed(app, connection, code, &frozen)?;
        if let Some((_, seed)) = &published {
            let told: Vec<Vec<u8>> =
                parts.iter().filter_map(|part| part.part.clone()).map(Into::into).collect();
            if seed_of(frozen.hash, &told) != *seed {
                return Err(ServiceError::Altered("the parts of the seed".to_owned()));
            }
        }
        Ok(Seen { office, freeze, frozen, parts, published })
    }

    fn may_see(&self, list: &FrozenList) -> bool {
        self.office || list.tickets.len() as u64 >= SMALLEST
    }

    fn ceremony(&self) -> Ceremony {
        let list = |list: &FrozenList| DrawList {
            name: list.name.clone(),
            school_code: list.school_code.clone(),
            school: list.school.clone(),
            stage: list.stage.word(),
            way: list.way.word(),
            seats: list.seats,
            protocol: list.protocol(),
            frozen: self.may_see(list).then(|| (list.tickets.len(), hex(&list.hash))),
        };
        Ceremony {
            may_have_lists: self.office,
            frozen_at_ms: self.freeze.at_ms,
            list_hash: self.freeze.list_hash.clone(),
            tickets: self.frozen.tickets.len(),
            children: self.freeze.candidates,
            lot_round: self.frozen.round,
            twins: twins_word(self.frozen.twins),
            parts: self.parts.clone(),
            seed: self.published.as_ref().map(|(_, seed)| seed.to_string()),
            lists: self.frozen.lists.iter().map(list).collect(),
        }
    }

    fn drawn(
        &self,
        app: &App,
        connection: &mut AnyConnection,
        list: &FrozenList,
    ) -> Result<Option<DrawnOrder>, ServiceError> {
        let Some((published, seed)) = self.published.as_ref().filter(|_| self.may_see(list)) else {
            return Ok(None);
        };
        let admitted = admitted(app, connection, published)?;
        let own = [list.stage.word(), list.school_code.as_str(), list.way.word()].map(str::to_owned);
        let admitted = admitted.get(&own);
        let order = self.frozen.order(list, *seed).map_err(ServiceError::Internal)?;
        let place = |Drawn { place, ticket, number, .. }: Drawn| DrawnPlace {
            place,
            heads: ticket.heads(),
            number,
            admitted: admitted.is_some_and(|admitted| admitted.contains(ticket.id())),
            ticket: ticket.id().to_owned(),
        };
        let places: Vec<DrawnPlace> = order.into_iter().map(place).collect();
        Ok(Some(DrawnOrder {
            admitted: places.iter().filter(|place| place.admitted).map(|place| place.heads).sum(),
            places,
            numbers: list.draw.map(|draw| (draw.first, draw.step)),
            list: list_csv(&list.tickets),
        }))
    }
}

/// The lists as the last freeze signed them off. They are kept in memory under the hash that the freeze has of them.
///
/// # Errors
/// `NotFound` before a freeze; `Altered` when the sheets are no longer those that were frozen.
pub fn frozen(
    app: &App,
    connection: &mut AnyConnection,
    season: &SeasonRow,
) -> Result<(FreezeRow, Arc<FrozenLists>), ServiceError> {
    let freeze = freezes::list(connection, &season.code)?.pop().ok_or(ServiceError::NotFound)?;
    let kept_as = format!("draws {}", freeze.input_hash);
    if let Some(kept) = app.kept().get::<FrozenLists>(&kept_as) {
        return Ok((freeze, kept));
    }
    let altered = || ServiceError::Altered("the frozen lists".to_owned());
    let input = run_input(connection, season, "official")?;
    let sheets = input.entry.as_ref().filter(|_| input.hash() == freeze.input_hash).ok_or_else(altered)?;
    let entry = input.entry(sheets, None).map_err(|faults| unsound(&faults))?;
    let lists = frozen_lists(&entry).map_err(|_| altered())?;
    if hex(&lists.hash) != freeze.list_hash {
        return Err(altered());
    }
    let lists = Arc::new(lists);
    app.kept().put(kept_as, lists.clone());
    Ok((freeze, lists))
}

/// The seed of the published result, which was drawn over these very lists; `None` before the publication.
///
/// # Errors
/// `Altered`.
pub fn drawn_seed(
    app: &App,
    connection: &mut AnyConnection,
    season: &str,
    frozen: &FrozenLists,
) -> Result<Option<(Arc<Published>, Seed)>, ServiceError> {
    let Some(last) = publications::list(connection, season)?.pop() else { return Ok(None) };
    let published = Published::of(app, connection, &last)?;
    let altered = |path: &str| ServiceError::Altered(path.to_owned());
    let manifest: serde_json::Value =
        serde_json::from_slice(&published.manifest).map_err(|_| altered("proof/manifest.json"))?;
    let seed = manifest["seed"].as_str().and_then(unhex).ok_or_else(|| altered("proof/manifest.json"))?;
    let drawn = published.file(connection, "draws.csv")?;
    let own: Vec<[String; 6]> = frozen
        .lists
        .iter()
        .map(|list| {
            let number = |number: Option<u32>| number.map_or(String::new(), |number| number.to_string());
            let (first, step) = (list.draw.map(|draw| draw.first), list.draw.map(|draw| draw.step));
            let [code, stage] = [list.school_code.clone(), list.stage.word().to_owned()];
            [code, stage, hex(&list.hash), list.protocol().to_owned(), number(first), number(step)]
        })
        .collect();
    let mut told = Vec::new();
    for row in csv::Reader::from_reader(drawn.as_slice()).records() {
        let row = row.map_err(|_| altered("draws.csv"))?;
        told.push([0, 1, 4, 5, 6, 7].map(|at| row.get(at).unwrap_or_default().to_owned()));
    }
    if manifest["list_hash"] != hex(&frozen.hash) || told != own {
        return Err(altered("draws.csv"));
    }
    Ok(Some((published, Seed(seed))))
}

/// Tickets by stage, school and way.
type Admitted = BTreeMap<[String; 3], BTreeSet<String>>;

/// The tickets that the published result admits, list by list; of a result that stays they are read once.
fn admitted(
    app: &App,
    connection: &mut AnyConnection,
    published: &Published,
) -> Result<Arc<Admitted>, ServiceError> {
    let key = format!("admitted {}", published.root);
    if let Some(kept) = app.kept().get(&key) {
        return Ok(kept);
    }
    let placements = published.file(connection, "placements.csv")?;
    let mut admitted = Admitted::new();
    for row in csv::Reader::from_reader(placements.as_slice()).records() {
        let row = row.map_err(|_| ServiceError::Altered("placements.csv".to_owned()))?;
        let list = [&row[1], &row[2], &row[3]].map(str::to_owned);
        admitted.entry(list).or_default().insert(row[5].to_owned());
    }
    let admitted = Arc::new(admitted);
    app.kept().put(key, admitted.clone());
    Ok(admitted)
}

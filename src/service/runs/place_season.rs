//! The work of a run: place and prove; and the same again where a result is to be confirmed.

use std::collections::BTreeMap;
use std::io;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::way::Way;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::progress::Progress;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::compulsory::entry_run::run_entry;
use crate::engine::compulsory::placed_entry::EntryRun;
use crate::engine::season_run::{SeasonRun, run_season};
use crate::service::admit_folder::manifest;
use crate::service::compulsory::entry_results::entry_leaves;
use crate::service::compulsory::place_entry::entry_folder;
use crate::service::result_sheets::Sheets;
use crate::service::runs::run_input::RunInput;

/// A season that was placed.
pub enum Placed {
    SeniorHigh(Box<PlacedSeason>),
    Compulsory(Box<PlacedEntry>),
}

/// Candidates of senior highs.
pub struct PlacedSeason {
    pub season: Season,
    pub run: SeasonRun,
}

/// Children of an entry.
pub struct PlacedEntry {
    pub entry: Entry,
    pub run: EntryRun,
}

/// Places the season of an input with both engines, the checker and the hard rules.
///
/// # Errors
/// Every fault of the input, every breach: there is no result then.
pub fn place_season(
    input: &RunInput,
    other_policy: Option<&str>,
    progress: &dyn Progress,
) -> Result<Placed, Vec<String>> {
    if let Some(sheets) = &input.entry {
        let entry = input.entry(sheets, other_policy).map_err(told)?;
        let run = run_entry(&entry, progress)?;
        return Ok(Placed::Compulsory(Box::new(PlacedEntry { entry, run })));
    }
    Ok(Placed::SeniorHigh(Box::new(place_candidates(input, other_policy, progress)?)))
}

/// As [`place_season`], for a season that admits to senior highs.
///
/// # Errors
/// As of [`place_season`].
pub fn place_candidates(
    input: &RunInput,
    other_policy: Option<&str>,
    progress: &dyn Progress,
) -> Result<PlacedSeason, Vec<String>> {
    let season = input.season(other_policy).map_err(told)?;
    let run = run_season(&season, progress)?;
    Ok(PlacedSeason { season, run })
}

fn told(faults: Vec<Fault>) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

impl PlacedSeason {
    fn sheets(&self) -> Sheets<'_> {
        Sheets { season: &self.season, run: &self.run }
    }

    /// As of [`Placed::each_file`].
    fn each_file(&self, mut tell: impl FnMut(&str, &[u8])) -> io::Result<Vec<u8>> {
        let sheets = self.sheets();
        let mut hashes = BTreeMap::new();
        for (path, write) in sheets.all() {
            let mut hash = Sha256::new();
            write(&sheets, &mut |bytes: &[u8]| {
                hash.update(bytes);
                tell(path, bytes);
                Ok(())
            })?;
            hashes.insert(path, hex(&hash.finalize()));
        }
        Ok(manifest(&self.season, &self.run, &hashes).into_bytes())
    }

    /// As of [`Placed::summary`].
    fn summary(&self) -> serde_json::Value {
        let policy = &self.season.policy;
        let admissions = &self.run.left.admissions;
        let batches: Vec<serde_json::Value> = (0_u8..)
            .zip(&policy.batches)
            .map(|(at, batch)| {
                let of = |seat: Seat| {
                    let held = admissions.iter().flatten();
                    held.filter(|admission| admission.batch == at && admission.seat == seat).count()
                };
                json!({
                    "batch": batch.code,
                    "quota": of(Seat::Quota), "pool": of(Seat::Pool), "open": of(Seat::Open),
                })
            })
            .collect();
        json!({
            "candidates": self.season.candidates.len(),
            "admitted": admissions.iter().flatten().count(),
            "empty_seats": self.run.left.seats.iter().map(|&seats| u64::from(seats)).sum::<u64>(),
            "batches": batches,
            "list_hash": hex(&self.run.list_hash),
            "seed": self.run.seed.to_string(),
        })
    }
}

impl PlacedEntry {
    /// As of [`Placed::summary`]: per way how many, and the places left.
    fn summary(&self) -> serde_json::Value {
        let places = || self.run.places.iter().flatten();
        let by_way: serde_json::Map<String, serde_json::Value> = Way::ALL
            .into_iter()
            .map(|way| (way.word().to_owned(), json!(places().filter(|place| place.way == way).count())))
            .collect();
        let seats = self.run.admission.seats.iter().flatten().map(|&seats| u64::from(seats)).sum::<u64>();
        json!({
            "candidates": self.entry.children.len(),
            "admitted": places().count(),
            "empty_seats": seats.saturating_sub(places().count() as u64),
            "ways": by_way,
            "list_hash": hex(&self.run.list_hash),
            "seed": self.run.seed.to_string(),
        })
    }
}

impl Placed {
    /// Tells every file of the result piece by piece; returns the manifest.
    ///
    /// # Errors
    /// None but of what `tell` writes to.
    pub fn each_file(&self, mut tell: impl FnMut(&str, &[u8])) -> io::Result<Vec<u8>> {
        match self {
            Placed::SeniorHigh(placed) => placed.each_file(tell),
            Placed::Compulsory(placed) => {
                let mut files = entry_folder(&placed.entry, &placed.run);
                let manifest = files.pop().map(|(_, manifest)| manifest).unwrap_or_default();
                files.iter().for_each(|(path, bytes)| tell(path, bytes));
                Ok(manifest)
            }
        }
    }

    /// Candidates or children.
    pub fn heads(&self) -> usize {
        match self {
            Placed::SeniorHigh(placed) => placed.season.candidates.len(),
            Placed::Compulsory(placed) => placed.entry.children.len(),
        }
    }

    /// The manifest: what every file of the result must hold.
    pub fn manifest(&self) -> Vec<u8> {
        self.each_file(|_, _| ()).expect("nothing is written anywhere")
    }

    /// One file of the result; empty where it has none of that path.
    pub fn file(&self, wanted: &str) -> Vec<u8> {
        let mut file = Vec::new();
        let keep = |path: &str, bytes: &[u8]| {
            if path == wanted {
                file.extend_from_slice(bytes);
            }
        };
        self.each_file(keep).expect("memory takes what is written");
        file
    }

    /// The areas by which leaves are written, each independently of the others: the season's admission areas; an
    /// entry is one.
    pub fn areas(&self) -> usize {
        match self {
            Placed::SeniorHigh(placed) => placed.season.city.areas.len(),
            Placed::Compulsory(_) => 1,
        }
    }

    /// The area of a candidate or child, by her place in the order of exam numbers.
    pub fn area_of(&self, at: usize) -> usize {
        match self {
            Placed::SeniorHigh(placed) => placed.season.candidates.area[at] as usize,
            Placed::Compulsory(_) => 0,
        }
    }

    /// Her exam number.
    pub fn exam_no(&self, at: usize) -> &str {
        match self {
            Placed::SeniorHigh(placed) => placed.season.candidates.exam_no.get(at),
            Placed::Compulsory(placed) => &placed.entry.children[at].number,
        }
    }

    /// What each candidate of an area may read of the result, in the order of exam numbers.
    pub fn each_leaf_of(&self, area: usize, tell: impl FnMut(&str, Vec<u8>)) {
        match self {
            Placed::SeniorHigh(placed) => {
                let members: Vec<usize> =
                    (0..self.heads()).filter(|&candidate| self.area_of(candidate) == area).collect();
                placed.sheets().each_leaf(&members, tell);
            }
            Placed::Compulsory(placed) => entry_leaves(&placed.entry, &placed.run, tell),
        }
    }

    /// Counts that say nothing of anybody: what offices see of a run before it is published.
    pub fn summary(&self) -> serde_json::Value {
        match self {
            Placed::SeniorHigh(placed) => placed.summary(),
            Placed::Compulsory(placed) => placed.summary(),
        }
    }
}

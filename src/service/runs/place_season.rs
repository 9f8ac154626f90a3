//! The work of a run: place, prove, pack and seal; and the same again where a result is to be confirmed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use rayon::Scope;
use rayon::prelude::*;
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
use crate::engine::merkle_tree::{Hash, Tree, salted_leaf_hash};
use crate::engine::season_run::{SeasonRun, run_season};
use crate::service::admit_folder::manifest;
use crate::service::compulsory::entry_results::entry_leaves;
use crate::service::compulsory::place_entry::entry_folder;
use crate::service::result_sheets::Sheets;
use crate::service::runs::run_input::RunInput;
use crate::service::secrets::field_cipher::Place;
use crate::service::secrets::result_key::ResultKey;
use crate::storage::run_files::RunFileRow;

/// Bytes of a file that are packed and sealed together.
const PART: usize = 1 << 20;
/// Leaves that are packed and sealed together: one candidate's page opens so many.
pub const LEAVES_OF_A_PART: usize = 32;
/// Leaves that are hashed and packed at a time, by all threads.
const LEAVES_AT_ONCE: usize = 128 * LEAVES_OF_A_PART;
/// Parts that may wait for a thread that seals them.
const PARTS_AT_ONCE: usize = 16;
/// The file that lists what every file of the result must hold.
pub const MANIFEST: &str = "proof/manifest.json";
/// The file of the leaves, in parts of [`LEAVES_OF_A_PART`].
pub const LEAVES: &str = "leaves";
/// The file of the leaves' hashes, 32 bytes each, in the order of exam numbers.
pub const LEAF_HASHES: &str = "leaf_hashes";

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

/// A result in its sealed form.
pub struct SealedResult {
    /// SHA-256 of the manifest.
    pub root: String,
    pub leaves_root: String,
    pub files: Vec<RunFileRow>,
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
    /// Every file of the result with its hash, told piece by piece, and the manifest at the end.
    fn each_file(&self, mut tell: impl FnMut(&str, &[u8])) -> io::Result<Vec<u8>> {
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

    /// What each candidate may read of the result, in the order of exam numbers.
    pub fn each_leaf(&self, tell: impl FnMut(&str, Vec<u8>)) {
        match self {
            Placed::SeniorHigh(placed) => placed.sheets().each_leaf(tell),
            Placed::Compulsory(placed) => entry_leaves(&placed.entry, &placed.run, tell),
        }
    }

    /// Packs and seals everything under `key`: parts are sealed by all threads while the next ones are written.
    pub fn sealed(&self, run: &str, key: &ResultKey, progress: &dyn Progress) -> SealedResult {
        progress.stage("explain, pack and seal", self.heads() as u64);
        let (under_way, (tell, sealed)) = (AtomicUsize::new(0), channel());
        let (manifest, hashes) = rayon::in_place_scope(|threads| {
            let (path, buffer) = (String::new(), Vec::new());
            let mut sink = Sink { run, key, threads, under_way: &under_way, tell, path, number: 0, buffer };
            let manifest =
                self.each_file(|path, bytes| sink.take(path, bytes)).expect("memory takes what is written");
            sink.take(MANIFEST, &manifest);
            let mut hashes: Vec<Hash> = Vec::with_capacity(self.heads());
            let mut leaves: Vec<(String, Vec<u8>)> = Vec::new();
            let mut put = |leaves: &mut Vec<(String, Vec<u8>)>| {
                hashes.par_extend(leaves.par_iter().map(|(exam_no, leaf)| salted(key, exam_no, leaf)));
                let parts: Vec<Vec<u8>> = leaves.par_chunks(LEAVES_OF_A_PART).map(packed).collect();
                parts.iter().for_each(|part| sink.put(LEAVES, part));
                leaves.clear();
            };
            self.each_leaf(|exam_no, leaf| {
                leaves.push((exam_no.to_owned(), leaf));
                if leaves.len() == LEAVES_AT_ONCE {
                    put(&mut leaves);
                }
            });
            put(&mut leaves);
            sink.take(LEAF_HASHES, hashes.as_flattened());
            sink.cut();
            (manifest, hashes)
        });
        let mut files: Vec<RunFileRow> = sealed.into_iter().collect();
        files.sort_unstable_by(|one, other| (&one.path, one.number).cmp(&(&other.path, other.number)));
        SealedResult {
            root: hex(&Sha256::digest(&manifest)),
            leaves_root: hex(&Tree::new(hashes).root()),
            files,
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

/// The hash of a leaf behind its salt.
pub fn salted(key: &ResultKey, exam_no: &str, leaf: &[u8]) -> Hash {
    salted_leaf_hash(&key.salt(exam_no), leaf)
}

/// Where a sealed part stands.
pub fn place(key: &str) -> Place<'_> {
    Place { table: "run_files", column: "content", row: key }
}

/// Leaves as JSON: exam numbers and texts.
fn packed(leaves: &[(String, Vec<u8>)]) -> Vec<u8> {
    let texts: Vec<(&str, Cow<'_, str>)> =
        leaves.iter().map(|(exam_no, leaf)| (exam_no.as_str(), String::from_utf8_lossy(leaf))).collect();
    serde_json::to_vec(&texts).expect("texts are JSON")
}

/// Cuts files into parts, which are sealed beside it.
struct Sink<'s, 't> {
    run: &'t str,
    key: &'t ResultKey,
    threads: &'s Scope<'t>,
    /// Parts that threads have taken and not sealed yet.
    under_way: &'t AtomicUsize,
    /// Takes what is sealed, in any order.
    tell: Sender<RunFileRow>,
    path: String,
    number: i64,
    buffer: Vec<u8>,
}

impl Sink<'_, '_> {
    /// More of a file.
    fn take(&mut self, path: &str, bytes: &[u8]) {
        if path != self.path {
            self.cut();
            self.path = path.to_owned();
            self.number = 0;
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART {
            self.cut();
        }
    }

    /// A part as it is.
    fn put(&mut self, path: &str, bytes: &[u8]) {
        self.take(path, bytes);
        self.cut();
    }

    fn cut(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let content = std::mem::take(&mut self.buffer);
        let (run, path, number) = (self.run, self.path.clone(), self.number);
        let (key, under_way, tell) = (self.key, self.under_way, self.tell.clone());
        self.number += 1;
        let seal = move || {
            let content = key.seal(place(&format!("{run}/{path}/{number}")), &content);
            // The other end takes everything until the last sender is gone.
            let _taken = tell.send(RunFileRow { run: run.to_owned(), path, number, content });
        };
        // Packing takes longer than writing: with enough on its way, this thread packs too.
        if under_way.load(Ordering::Relaxed) >= PARTS_AT_ONCE {
            seal();
        } else {
            under_way.fetch_add(1, Ordering::Relaxed);
            self.threads.spawn(move |_| {
                seal();
                under_way.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }
}

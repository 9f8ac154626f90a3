//! Runs the nine-year demonstration: two entries, two registers and a season, each from what the one before left.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::nine_years::{Came, CohortChild, CohortCounty};
use crate::domain::progress::Progress;
use crate::engine::compulsory::register_eligibility::histories;
use crate::engine::demonstration::nine_years::{
    candidates, entrants, found_county, junior_register, primary_register, without_exam,
};
use crate::engine::eligibility::refusals;
use crate::files::nine_years_folder::{Folder, README, junior_entry, primary_entry, register, season, sheet};
use crate::service::admit_folder::{NoResult, admit, write_result};
use crate::service::compulsory::feed_register::feed_register;
use crate::service::compulsory::place_entry::{place_entry, write_entry};
use crate::service::compulsory::verify_entry::verify_entry;
use crate::service::verify_folder::verify_folder;

/// Children of a cohort.
pub const COHORTS: RangeInclusive<u64> = 200..=100_000;

/// The folders of the stages, by the year in front.
pub const STAGES: [&str; 3] = ["2017-primary-entry", "2023-junior-entry", "2026-senior-season"];

/// What became of the cohort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NineYears {
    /// Children who entered primary school.
    pub first_year: usize,
    /// Of them, by outcome.
    pub outcomes: BTreeMap<String, usize>,
    /// Roots of the stages' results, in their order.
    pub roots: [String; 3],
}

/// Writes nine years into a folder, and verifies every stage.
///
/// # Errors
/// [`NoResult`].
pub fn write_nine_years(
    folder: &Path,
    size: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<NineYears, NoResult> {
    let sources = folder.join("sources");
    let county = found_county(size, seed);
    let first: Vec<usize> =
        (0..county.children.len()).filter(|at| county.children[*at].came == Came::FirstYear).collect();
    let entered = |stage: usize, files: Folder| {
        let source = sources.join(STAGES[stage]);
        write_files(&source, files)?;
        place_and_verify(&source, &folder.join(STAGES[stage]), progress)
    };
    let (primary_root, primary_places) = entered(0, primary_entry(&county, &first))?;
    let mut rows = primary_register(&county, &primary_places);
    fs::write(sources.join("register-2023.csv"), register(&rows))?;
    let (junior_root, junior_places) = entered(1, junior_entry(&county, &entrants(&county, &rows)))?;
    rows.extend(junior_register(&county, &junior_places));
    let register_file = sources.join("register-2026.csv");
    fs::write(&register_file, register(&rows))?;
    let candidates = candidates(&county, &rows);
    let (bare, fed) = (sources.join("2026-senior-season-bare"), sources.join(STAGES[2]));
    write_files(&bare, season(&county, &candidates))?;
    feed_register(&register_file, &bare, &fed)?;
    let (season, run) = admit(&fed, progress)?;
    let result = folder.join(STAGES[2]);
    let senior_root = write_result(&season, &run, &result, progress)?;
    verify_folder(&result, progress)?;
    let refusals = refusals(&season);
    let mut sat: BTreeMap<usize, (String, String, String)> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let programme = run.left.admissions[at].map_or(String::new(), |admission| {
            season.city.programmes[admission.programme as usize].code.clone()
        });
        let words = refusals[at].words();
        sat.insert(candidate.child, (candidate.exam_no.clone(), programme, words));
    }
    let accounts = accounts(&county, &rows, [&primary_places, &junior_places], &sat);
    let mut outcomes = BTreeMap::new();
    for account in accounts.iter().filter(|account| account.first_year) {
        *outcomes.entry(account.outcome.to_owned()).or_default() += 1;
    }
    let columns = "person,primary_school,junior_high,exam_no,outcome,programme_code,quota_refusals";
    fs::write(folder.join("accounts.csv"), sheet(columns, accounts.into_iter().map(|account| account.line)))?;
    fs::write(folder.join("README.md"), README)?;
    Ok(NineYears { first_year: first.len(), outcomes, roots: [primary_root, junior_root, senior_root] })
}

fn write_files(folder: &Path, files: Folder) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    files.into_iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// The root of an entry's result, and who goes where: person -> school.
fn place_and_verify(
    source: &Path,
    out: &Path,
    progress: &dyn Progress,
) -> Result<(String, BTreeMap<String, String>), NoResult> {
    let (entry, run) = place_entry(source, progress)?;
    let root = write_entry(&entry, &run, out, progress)?;
    verify_entry(out, progress)?;
    let placed = entry.children.iter().zip(&run.places).filter_map(|(child, place)| {
        let school = &entry.schools[place.as_ref()?.school as usize];
        Some((child.number.clone(), school.code.clone()))
    });
    Ok((root, placed.collect()))
}

/// A line of `accounts.csv`.
struct Account {
    first_year: bool,
    outcome: &'static str,
    line: String,
}

/// What became of every child, those who came later too.
fn accounts(
    county: &CohortCounty,
    rows: &[RegisterRow],
    entered: [&BTreeMap<String, String>; 2],
    sat: &BTreeMap<usize, (String, String, String)>,
) -> Vec<Account> {
    let histories = [EntryStage::Primary, EntryStage::Junior].map(|stage| histories(rows, stage));
    let account = |(at, child): (usize, &CohortChild)| {
        let person = child.person.as_str();
        let own = histories.iter().rev().find_map(|histories| histories.get(person));
        let none = (String::new(), String::new(), String::new());
        let (outcome, (exam_no, programme, refusals)) = match sat.get(&at) {
            Some(sat) if sat.1.is_empty() => ("without_a_place", sat.clone()),
            Some(sat) => ("placed", sat.clone()),
            None => (without_exam(own.map_or(&[], Vec::as_slice)), none),
        };
        let school = |stage: usize| entered[stage].get(person).map_or("", String::as_str);
        Account {
            first_year: child.came == Came::FirstYear,
            outcome,
            line: format!("{person},{},{},{exam_no},{outcome},{programme},{refusals}", school(0), school(1)),
        }
    };
    county.children.iter().enumerate().map(account).collect()
}

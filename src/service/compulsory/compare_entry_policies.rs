//! Places the same children under a second policy and tells what the difference costs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_outcome::EntryPlace;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::fault::Fault;
use crate::domain::progress::Progress;
use crate::engine::compulsory::entry_comparison::{
    EntryChange, EntryComparison, EntryCost, Fate, compare_entries,
};
use crate::engine::compulsory::entry_run::run_entry;
use crate::engine::compulsory::placed_entry::EntryRun;
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::files::compulsory::entry_folder::read_entry_sheets;
use crate::files::compulsory::entry_sheets::EntrySheets;
use crate::service::admit_folder::NoResult;

/// Children of one category who would move alike; schools by index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Under the first policy; empty without one.
    pub category: String,
    pub from: Option<u32>,
    pub to: Option<u32>,
}

/// Compares the run of `folder` with one under the policy in `other`.
///
/// # Errors
/// Faults of the other policy with these sheets, or why it cannot be run.
pub fn compare_entry_policies(
    folder: &Path,
    (entry, run): (&Entry, &EntryRun),
    other: &Path,
    progress: &dyn Progress,
) -> Result<EntryComparison, NoResult> {
    progress.stage("read the sheets under the other policy", 0);
    let file = other.display().to_string();
    let text = fs::read_to_string(other)
        .map_err(|error| NoResult::Faults(vec![Fault::at(&file, format!("cannot be read: {error}"))]))?;
    let sheets = EntrySheets::of_folder(folder).map_err(|fault| NoResult::Faults(vec![fault]))?;
    let mut second = read_entry_sheets(&text, &sheets).map_err(NoResult::Faults)?;
    zones_from_map(&mut second);
    let second_run = run_entry(&second, progress).map_err(NoResult::Breaches)?;
    progress.stage("compare", entry.children.len() as u64);
    Ok(compare_entries((entry, run), (&second, &second_run)))
}

/// How many of each category would move from where to where.
pub fn moves(entry: &Entry, run: &EntryRun, comparison: &EntryComparison) -> BTreeMap<Move, u64> {
    let mut moves = BTreeMap::new();
    for change in &comparison.changes {
        let school = |place: Option<EntryPlace>| place.map(|place| place.school);
        let category = category(entry, run, change);
        *moves.entry(Move { category, from: school(change.from), to: school(change.to) }).or_default() += 1;
    }
    moves
}

/// The child's category under the first policy.
fn category(entry: &Entry, run: &EntryRun, change: &EntryChange) -> String {
    let policy = entry.policy.stage(entry.children[change.child as usize].stage);
    let place = run.candidacies[change.child as usize].category;
    policy.zip(place).map_or(String::new(), |(policy, at)| policy.categories[at as usize].code.clone())
}

/// Counts that say nothing of anybody.
pub fn counts(comparison: &EntryComparison) -> Value {
    let cost = |cost: &EntryCost| json!({ "admitted": cost.placed, "unplaced": cost.unplaced, "envious": cost.envious });
    json!({
        "changed": comparison.changes.len(),
        "better_off": comparison.count(Fate::Gains), "worse_off": comparison.count(Fate::Loses),
        "own_cost": cost(&comparison.first), "other_cost": cost(&comparison.second),
    })
}

/// Who would move, by category and from where to where, and how full each school would be: for offices only, and
/// where nobody is real or nothing is to be published.
pub fn named(entry: &Entry, run: &EntryRun, comparison: &EntryComparison, most: usize) -> Value {
    let code = |school: Option<u32>| school.map(|at| entry.schools[at as usize].code.as_str());
    let place = |place: Option<EntryPlace>| code(place.map(|place| place.school));
    let change = |change: &EntryChange| {
        json!({
            "exam_no": entry.children[change.child as usize].number, "category": category(entry, run, change),
            "from": place(change.from), "to": place(change.to), "fate": change.fate.word(),
        })
    };
    let moved = |(of, children): (Move, u64)| json!({ "category": of.category, "from": code(of.from), "to": code(of.to), "children": children });
    let loads = EntryStage::ALL.into_iter().flat_map(|stage| {
        entry.schools.iter().enumerate().filter(move |(_, school)| school.plan(stage).seats > 0).map(
            move |(at, school)| {
                let load = |cost: &EntryCost| cost.load[stage.index()][at];
                json!({
                    "school": school.code, "stage": stage.word(), "seats": school.plan(stage).seats,
                    "own": load(&comparison.first), "other": load(&comparison.second),
                })
            },
        )
    });
    json!({
        "changes": comparison.changes.iter().take(most).map(change).collect::<Vec<_>>(),
        "moves": moves(entry, run, comparison).into_iter().take(most).map(moved).collect::<Vec<_>>(),
        "loads": loads.collect::<Vec<_>>(),
    })
}

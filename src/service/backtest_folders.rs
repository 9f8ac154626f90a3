//! Backtests the words for chances: the years before predict a season, and its own result says what they were worth.

use std::path::PathBuf;

use crate::domain::chance::Margins;
use crate::domain::fault::Fault;
use crate::domain::past_line::PastLine;
use crate::domain::progress::Progress;
use crate::engine::backtest::{Calibration, calibration, fitted, past_lists};
use crate::engine::past_lines::past_lines;
use crate::service::admit_folder::{NoResult, admit};

/// A year that was predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backtest {
    pub year: i16,
    /// The years that predicted it, the earliest first.
    pub from: Vec<i16>,
    /// The margins of its own policy, and what their words were worth; none where the policy tells no bands.
    pub own: Option<(Margins, Calibration)>,
    /// The narrowest margins that would have held, and what they would have been worth; none where none would.
    pub fitted: Option<(Margins, Calibration)>,
}

/// Predicts each of some seasons, given in the order of their years, from its own history and from the seasons before
/// it; one with no year before it only helps to predict.
///
/// # Errors
/// As [`admit`] of each folder; faults where the years do not ascend, or no season has a year before it.
pub fn backtest_folders(folders: &[PathBuf], progress: &dyn Progress) -> Result<Vec<Backtest>, NoResult> {
    let mut earlier: Vec<PastLine> = Vec::new();
    let mut last_year = i16::MIN;
    let mut tests = Vec::new();
    for folder in folders {
        let (season, run) = admit(folder, progress)?;
        let year = season.policy.year;
        if year <= last_year {
            let rule = format!("is of {year}: give the folders in the order of their years");
            return Err(NoResult::Faults(vec![Fault::at(folder.display().to_string(), rule)]));
        }
        last_year = year;
        // What a folder tells of a year itself goes before a history's row of it.
        let mut past = earlier.clone();
        let known: Vec<i16> = years(&past);
        past.extend(season.history.iter().filter(|line| !known.contains(&line.year)).cloned());
        past.sort();
        if !past.is_empty() {
            progress.stage("predict the lists", season.preferences.batch.len() as u64);
            let lists = past_lists(&season, &run, &past);
            let counted = |margins: Margins| (margins, calibration(&lists, margins));
            let own = season.policy.guidance.margins().map(counted);
            tests.push(Backtest { year, from: years(&past), own, fitted: fitted(&lists).map(counted) });
        }
        earlier = past;
        earlier.extend(past_lines(&season, &run));
    }
    if tests.is_empty() {
        let rule = "no year before it: add history.csv, or give the folders of several years";
        let folder = folders.last().map_or_else(String::new, |folder| folder.display().to_string());
        return Err(NoResult::Faults(vec![Fault::at(folder, rule)]));
    }
    Ok(tests)
}

/// The years of some lines, each once, ascending.
fn years(lines: &[PastLine]) -> Vec<i16> {
    let mut years: Vec<i16> = lines.iter().map(|line| line.year).collect();
    years.sort_unstable();
    years.dedup();
    years
}

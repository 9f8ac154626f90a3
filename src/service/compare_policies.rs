//! Runs the same sheets under a second policy and tells what the difference costs.

use std::path::Path;

use crate::domain::progress::Progress;
use crate::domain::season::Season;
use crate::engine::comparison::{self, Comparison};
use crate::engine::season_run::{SeasonRun, run_season};
use crate::files::season_folder::read_season_under;
use crate::service::admit_folder::NoResult;

/// Compares the run of `folder` with one under the policy in `other`.
///
/// # Errors
/// Faults of the other policy with these sheets, or why it cannot be run.
pub fn compare_policies(
    folder: &Path,
    season: &Season,
    run: &SeasonRun,
    other: &Path,
    progress: &dyn Progress,
) -> Result<Comparison, NoResult> {
    progress.stage("read the sheets under the other policy", 0);
    let second = read_season_under(folder, other).map_err(NoResult::Faults)?;
    let second_run = run_season(&second, progress).map_err(NoResult::Breaches)?;
    progress.stage("compare", season.candidates.len() as u64);
    Ok(comparison::compare((season, run), (&second, &second_run)))
}

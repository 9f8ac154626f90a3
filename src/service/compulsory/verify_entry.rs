//! Verifies an entry's result folder: recomputes everything from `proof/input` and compares every byte.

use std::path::Path;

use crate::domain::progress::Progress;
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::place_entry::{entry_folder, place_entry};
use crate::service::compulsory::result_folder::{differences, root};
use crate::service::verify_folder::Verified;

/// Recomputes the result with both engines and the checker, and compares.
///
/// # Errors
/// [`NoResult::Breaches`] names every file that differs, is missing or does not belong there.
pub fn verify_entry(folder: &Path, progress: &dyn Progress) -> Result<Verified, NoResult> {
    let (entry, run) = place_entry(&folder.join("proof/input"), progress)?;
    progress.stage("compare the result", entry.children.len() as u64);
    let files = entry_folder(&entry, &run);
    let breaches = differences(&files, folder)?;
    if !breaches.is_empty() {
        return Err(NoResult::Breaches(breaches));
    }
    Ok(Verified {
        candidates: entry.children.len(),
        admitted: run.places.iter().flatten().count(),
        files: files.len(),
        root: root(&files),
    })
}

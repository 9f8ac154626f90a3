//! Checks the ten prohibitions on an entry folder and its result, and on classes and registers where they are given.

use std::path::{Path, PathBuf};

use crate::domain::compulsory::prohibition::Prohibition;
use crate::domain::progress::Progress;
use crate::engine::compulsory::prohibitions::{Looked, OtherCheck, prohibitions};
use crate::files::compulsory::register_sheets::read_identities;
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::check_registers::{RegisterReport, check_registers};
use crate::service::compulsory::group_classes::verify_classes;
use crate::service::compulsory::place_entry::{entry_folder, place_entry};
use crate::service::compulsory::result_folder::{ResultFile, differences};

/// Checks them all.
///
/// # Errors
/// [`NoResult`]: faults of the entry or of a register; a result that is not what the entry folder gives.
pub fn check_prohibitions(
    folder: &Path,
    result: &Path,
    classes: &[PathBuf],
    registers: &[PathBuf],
    progress: &dyn Progress,
) -> Result<[Prohibition; 10], NoResult> {
    let (entry, run) = place_entry(folder, progress)?;
    let files = entry_folder(&entry, &run);
    let breaches = differences(&files, result)?;
    if !breaches.is_empty() {
        return Err(NoResult::Breaches(breaches));
    }
    let identities = read_identities(folder.into()).map_err(NoResult::Faults)?;
    let exports = exports(&files);
    progress.stage("check the ten prohibitions", entry.children.len() as u64);
    let looked = Looked {
        entry: &entry,
        run: &run,
        identities: &identities,
        exports: &exports,
        classes: grouped(classes, progress)?,
        registers: registered(registers)?,
    };
    Ok(prohibitions(&looked))
}

/// The name and columns of every sheet of a result.
pub fn exports(files: &[ResultFile]) -> Vec<(String, Vec<String>)> {
    files.iter().filter_map(columns).collect()
}

/// A sheet's name and columns.
fn columns((path, bytes): &ResultFile) -> Option<(String, Vec<String>)> {
    let header = path.ends_with(".csv").then(|| bytes.split(|byte| *byte == b'\n').next())??;
    let names = String::from_utf8_lossy(header).split(',').map(str::to_owned).collect();
    Some(((*path).to_owned(), names))
}

/// Results of classes, each grouped again; none where none was given.
fn grouped(results: &[PathBuf], progress: &dyn Progress) -> Result<Option<OtherCheck>, NoResult> {
    let mut check = OtherCheck::default();
    for result in results {
        match verify_classes(result, progress) {
            Ok(verified) => check.rows += verified.pupils,
            Err(NoResult::Breaches(breaches)) => {
                let place = result.display();
                check.breaches.extend(breaches.iter().map(|breach| format!("{place}: {breach}")));
            }
            Err(other) => return Err(other),
        }
    }
    Ok((!results.is_empty()).then_some(check))
}

/// Registers, checked together; none where none was given.
fn registered(files: &[PathBuf]) -> Result<Option<OtherCheck>, NoResult> {
    let report = check_registers(files);
    if !report.faults.is_empty() {
        return Err(NoResult::Faults(report.faults));
    }
    Ok((!files.is_empty()).then(|| register_check(&report)))
}

/// A report of registers as the prohibitions count it.
pub fn register_check(report: &RegisterReport) -> OtherCheck {
    let breaches = report.breaches.iter().map(ToString::to_string).collect();
    OtherCheck { rows: report.lines, breaches }
}

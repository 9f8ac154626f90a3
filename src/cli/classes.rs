//! `zhaosheng classes FOLDER`: freezes a starting grade, groups it into classes, draws their head teachers.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::domain::hexadecimal::hex;
use crate::service::compulsory::group_classes::{fraction, freeze_grade, group_classes, write_classes};

/// A grade's folder in; without --out the hashes to publish before the draw, with it a result folder.
#[derive(clap::Args)]
pub struct ClassesArgs {
    /// The folder: `class.toml`, `pupils.csv` and, where head teachers draw, `teachers.csv`.
    folder: PathBuf,
    /// The result folder to write, once `class.toml` names the parts that were drawn.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Freezes or groups, and says what came of it.
pub fn run(args: &ClassesArgs, json: bool) -> Result<(), Stop> {
    let Some(out) = &args.out else { return freeze(args, json) };
    let bar = Bar::new(false);
    let grouped = group_classes(&args.folder, &bar).map_err(stop)?;
    let root = write_classes(&grouped, out, &bar).map_err(|error| stop(error.into()))?;
    bar.done();
    let (found, unmet) = (&grouped.balance, &grouped.groups.unmet);
    let (pupils, classes) = (grouped.grade.pupils.len(), grouped.grade.classes());
    let teachers = grouped.teachers.as_ref().map_or(0, |draw| draw.drawn.len());
    let mean = found.mean_gap.map(fraction);
    if json {
        let told = json!({
            "pupils": pupils, "classes": classes, "size_gap": found.size_gap, "sex_gap": found.sex_gap,
            "source_gap": found.source_gap, "mean_gap": mean, "unmet_wishes": unmet, "head_teachers": teachers,
            "list_hash": hex(&grouped.list_hash), "seed": grouped.seed.to_string(),
            "out": out.display().to_string(), "root": root,
        });
        print_line!("{told}");
        return Ok(());
    }
    print_line!("{pupils} pupils in {classes} classes, {teachers} head teachers drawn");
    print_line!(
        "between classes at most: {} in size, {} of a sex, {} of a source, {} of the mean figure",
        found.size_gap,
        found.sex_gap,
        found.source_gap,
        mean.as_deref().unwrap_or("nothing")
    );
    if !unmet.is_empty() {
        print_line!("wishes of twins that could not be met: {}", unmet.join(", "));
    }
    print_line!("list {}\nseed {}", hex(&grouped.list_hash), grouped.seed);
    print_line!("written to {}\nroot {root}", out.display());
    Ok(())
}

fn freeze(args: &ClassesArgs, json: bool) -> Result<(), Stop> {
    let frozen = freeze_grade(&args.folder).map_err(stop)?;
    let teachers = frozen.teachers_hash.map(|hash| hex(&hash));
    if json {
        let told = json!({
            "pupils": frozen.pupils, "classes": frozen.classes, "list_hash": hex(&frozen.list_hash),
            "teachers_list_hash": teachers,
        });
        print_line!("{told}");
        return Ok(());
    }
    print_line!("{} pupils, {} classes", frozen.pupils, frozen.classes);
    print_line!("list {}", hex(&frozen.list_hash));
    if let Some(teachers) = teachers {
        print_line!("list of head teachers {teachers}");
    }
    Ok(())
}

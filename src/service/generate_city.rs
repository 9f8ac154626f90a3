//! Generates the demonstration city: draw candidates on all cores, write them in their order.

use std::io;
use std::path::Path;

use rayon::prelude::*;

use crate::domain::progress::Quiet;
use crate::domain::season::Season;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::demonstration::candidates::draw;
use crate::engine::demonstration::layout::{Layout, lay_out};
use crate::engine::past_lines::past_lines;
use crate::engine::season_run::{SeasonRun, run_season};
use crate::files::demonstration_folder::{
    LargeSheets, RowBytes, SEASON, small_sheets, write_past_lines, write_small_sheets,
};
use crate::files::season_folder::read_season_sheets;
use crate::files::sheet::Sheet;

/// Sizes a demonstration may have.
pub const SIZES: std::ops::RangeInclusive<u64> = 1_000..=10_000_000;

/// Years before the demonstration's that its history tells of.
const PAST_YEARS: i16 = 2;

/// Keeps the people of one year apart from those of another city's seed.
const PEOPLE_OF_A_YEAR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A larger city is there to measure speed, not to be walked through.
pub const MOST_WITH_HISTORY: u64 = 100_000;

/// Candidates drawn as one piece of work.
const PIECE: u64 = 4096;

/// Writes a season folder with `size` invented candidates.
///
/// The same size and seed give the same bytes on every machine, with any number of threads.
///
/// # Errors
/// `InvalidInput` for a size outside [`SIZES`]; otherwise those of the file system.
pub fn write_city(folder: &Path, size: u64, seed: u64) -> io::Result<()> {
    if !SIZES.contains(&size) {
        let (least, most) = (SIZES.start(), SIZES.end());
        let rule = format!("a demonstration city has {least} to {most} candidates, not {size}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, rule));
    }
    let layout = lay_out(size, seed);
    write_small_sheets(folder, &layout.sheets)?;
    let mut sheets = LargeSheets::create(folder)?;
    let wave = PIECE * 4 * rayon::current_num_threads() as u64;
    let mut drawn: Vec<RowBytes> = Vec::new();
    let mut start = 0;
    // While one wave is written the next is drawn; two waves are all that is ever held.
    while start < size || !drawn.is_empty() {
        let end = (start + wave).min(size);
        let (written, next) = rayon::join(
            || drawn.iter().try_for_each(|rows| sheets.append(rows)),
            || draw_wave(&layout, start, end),
        );
        written?;
        drawn = next;
        start = end;
    }
    Ok(())
}

/// Adds `history.csv`: what the years before left. A city of more than [`MOST_WITH_HISTORY`] gets none.
///
/// # Errors
/// As [`past_season`].
pub fn write_history(folder: &Path, size: u64, seed: u64) -> io::Result<()> {
    if size > MOST_WITH_HISTORY {
        return Ok(());
    }
    let mut lines = Vec::new();
    for ago in 1..=PAST_YEARS {
        let (season, run) = past_season(size, seed, ago)?;
        lines.extend(past_lines(&season, &run));
    }
    lines.sort();
    write_past_lines(folder, &lines)
}

/// The season of the same schools so many years ago: other people, run by the engines like any season.
///
/// # Errors
/// `InvalidInput` where the year has no result; otherwise those of the file system.
///
/// # Complexity
/// That of a whole season, in memory.
pub fn past_season(size: u64, seed: u64, ago: i16) -> io::Result<(Season, SeasonRun)> {
    let refused = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    let mut layout = lay_out(size, seed);
    // The layout stands; only the people are drawn anew.
    layout.seed = seed.wrapping_add(PEOPLE_OF_A_YEAR.wrapping_mul(u64::from(ago.unsigned_abs())));
    let mut rows = RowBytes::headers();
    for piece in draw_wave(&layout, 0, size) {
        rows.append(&piece);
    }
    let mut sheets = small_sheets(&layout.sheets);
    sheets.push((SheetKind::Candidates, rows.candidates));
    sheets.push((SheetKind::Scores, rows.scores));
    sheets.push((SheetKind::Preferences, rows.preferences));
    let sheets = sheets.into_iter().map(|(kind, text)| (kind, Sheet::own(kind.word(), text))).collect();
    let mut season = read_season_sheets(SEASON, &sheets)
        .map_err(|faults| refused(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    let run = run_season(&season, &Quiet).map_err(|breaches| refused(breaches.join("; ")))?;
    season.policy.year -= ago;
    Ok((season, run))
}

fn draw_wave(layout: &Layout, start: u64, end: u64) -> Vec<RowBytes> {
    let pieces: Vec<u64> = (start..end).step_by(usize::try_from(PIECE).expect("small")).collect();
    pieces.into_par_iter().map(|first| draw_piece(layout, first, (first + PIECE).min(end))).collect()
}

fn draw_piece(layout: &Layout, first: u64, end: u64) -> RowBytes {
    let mut bytes = RowBytes::default();
    for number in first..end {
        bytes.add(&draw(layout, number));
    }
    bytes
}

//! Generates the demonstration city: draw candidates on all cores, write them in their order.

use std::io;
use std::path::Path;

use rayon::prelude::*;

use crate::engine::demonstration::candidates::draw;
use crate::engine::demonstration::layout::{Layout, lay_out};
use crate::files::demonstration_folder::{LargeSheets, RowBytes, write_small_sheets};

/// Sizes a demonstration may have.
pub const SIZES: std::ops::RangeInclusive<u64> = 1_000..=10_000_000;

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

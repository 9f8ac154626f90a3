//! Reader of the DAM01 market format of the yardstick, and its checksum of a matching.

use std::fs;
use std::path::Path;

/// `DAM01` in the first word of a file.
const MAGIC: u64 = 0x0031_304d_4144;

/// A market as plain columns, named as in the format: student `i` of county `k` stands in
/// `soff[k]..soff[k + 1]`, its list in `pref[poff[i]..poff[i + 1]]`, best first.
///
/// A programme prefers the higher score, then `sec1`, `sec2`, `hash`, each higher first, then the lower number.
#[derive(Debug)]
pub(crate) struct Dam {
    /// First student of each county, and the number of students.
    pub(crate) soff: Vec<u32>,
    /// First programme of each county, and the number of programmes.
    pub(crate) coff: Vec<u32>,
    /// Seats of each programme.
    pub(crate) cap: Vec<u32>,
    /// First list entry of each student, and the number of entries.
    pub(crate) poff: Vec<u64>,
    /// The programme of each entry.
    pub(crate) pref: Vec<u32>,
    /// The student's score at the programme of each entry.
    pub(crate) score: Vec<u16>,
    /// First tie-break of each student.
    pub(crate) sec1: Vec<u16>,
    /// Second tie-break of each student.
    pub(crate) sec2: Vec<u16>,
    /// Lottery number of each student.
    pub(crate) hash: Vec<u32>,
}

impl Dam {
    /// Reads a market file.
    pub(crate) fn open(path: &Path) -> Result<Dam, String> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Dam::read(&bytes).map_err(|fault| format!("{}: {fault}", path.display()))
    }

    /// Reads a market; every number that points somewhere is checked, so that a solver need not.
    pub(crate) fn read(bytes: &[u8]) -> Result<Dam, String> {
        let mut left = bytes;
        let header = column(&mut left, 8, u64::from_le_bytes)?;
        if header[..2] != [MAGIC, 1] {
            return Err("is not a DAM01 market of version 1".to_owned());
        }
        let [students, programmes, entries, counties] =
            [2, 3, 4, 5].map(|at| usize::try_from(header[at]).unwrap_or(usize::MAX));
        // No column has more numbers than the file has bytes; this also keeps the sums below from overflowing.
        if [students, programmes, entries, counties].iter().any(|&count| count >= bytes.len()) {
            return Err("is shorter than its header says".to_owned());
        }
        let dam = Dam {
            soff: column(&mut left, counties + 1, u32::from_le_bytes)?,
            coff: column(&mut left, counties + 1, u32::from_le_bytes)?,
            cap: column(&mut left, programmes, u32::from_le_bytes)?,
            poff: column(&mut left, students + 1, u64::from_le_bytes)?,
            pref: column(&mut left, entries, u32::from_le_bytes)?,
            score: column(&mut left, entries, u16::from_le_bytes)?,
            sec1: column(&mut left, students, u16::from_le_bytes)?,
            sec2: column(&mut left, students, u16::from_le_bytes)?,
            hash: column(&mut left, students, u32::from_le_bytes)?,
        };
        let offsets = [
            ("soff", rises_to(&dam.soff, students)),
            ("coff", rises_to(&dam.coff, programmes)),
            ("poff", rises_to(&dam.poff, entries)),
            ("pref", dam.pref.iter().all(|&programme| (programme as usize) < programmes)),
            ("the end", left.is_empty()),
        ];
        match offsets.iter().find(|(_, sound)| !sound) {
            Some((part, _)) => Err(format!("is damaged: {part} does not fit its header")),
            None => Ok(dam),
        }
    }
}

/// Whether offsets begin at 0, never fall and end at a count.
fn rises_to<N: Copy + PartialOrd + Into<u64>>(offsets: &[N], count: usize) -> bool {
    let ends = (offsets.first().map(|&n| n.into()), offsets.last().map(|&n| n.into()));
    ends == (Some(0), Some(count as u64)) && offsets.is_sorted()
}

/// Takes a column of `count` little-endian numbers and its padding to a multiple of eight bytes.
fn column<N, const SIZE: usize>(
    left: &mut &[u8],
    count: usize,
    number: fn([u8; SIZE]) -> N,
) -> Result<Vec<N>, String> {
    let length = count * SIZE;
    let (taken, rest) =
        left.split_at_checked(length.next_multiple_of(8)).ok_or("is shorter than its header says")?;
    *left = rest;
    Ok(taken[..length].as_chunks().0.iter().map(|&bytes| number(bytes)).collect())
}

/// FNV-1a over whole numbers, as `fnv` of the yardstick's `dam.hpp`; an unmatched student is `u32::MAX`.
pub(crate) fn fnv(matching: &[u32]) -> u64 {
    let step = |hash: u64, &place: &u32| (hash ^ u64::from(place)).wrapping_mul(0x0100_0000_01b3);
    // The yardstick's own start, one digit short of the usual 14695981039346656037.
    matching.iter().fold(1_469_598_103_934_665_603, step)
}

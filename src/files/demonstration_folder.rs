//! Writes the season folder of the demonstration city: bytes of rows, and the small sheets at once.

use std::fs;
use std::io;
use std::path::Path;

use crate::domain::demonstration::{CandidateRow, CitySheets, SCORE_COLUMNS, ScopeCell, ScoreCell};
use crate::domain::past_line::PastLine;
use crate::domain::sheet_kind::SheetKind;

/// The policy of the demonstration city.
pub const SEASON: &str = include_str!("demonstration_season.toml");

/// Bytes of some candidates' rows, to be appended to the three large sheets.
#[derive(Debug, Default)]
pub struct RowBytes {
    pub candidates: Vec<u8>,
    pub scores: Vec<u8>,
    pub preferences: Vec<u8>,
}

impl RowBytes {
    /// The first rows, which name the columns.
    pub fn headers() -> RowBytes {
        let mut bytes = RowBytes::default();
        bytes.candidates.extend_from_slice(
            b"exam_no,name,sex,id_no,junior_code,area_code,register_from,attended,repeat,local,\
              bonus,bonus_reason,quality_grade,flags,class\n",
        );
        bytes.scores.extend_from_slice(format!("exam_no,{}\n", SCORE_COLUMNS.join(",")).as_bytes());
        bytes.preferences.extend_from_slice(b"exam_no,batch,position,programme_code\n");
        bytes
    }

    /// Appends rows that were made apart.
    pub fn append(&mut self, other: &RowBytes) {
        self.candidates.extend_from_slice(&other.candidates);
        self.scores.extend_from_slice(&other.scores);
        self.preferences.extend_from_slice(&other.preferences);
    }

    /// Appends the rows of one candidate.
    pub fn add(&mut self, row: &CandidateRow<'_>) {
        self.add_candidate(row);
        if let Some(cells) = &row.scores {
            let out = &mut self.scores;
            out.extend_from_slice(&row.exam_no);
            for cell in cells {
                out.push(b',');
                add_score(out, *cell);
            }
            out.push(b'\n');
        }
        let (mut batch_before, mut position) = ("", 0_u32);
        for (batch, programme) in &row.preferences {
            position = if *batch == batch_before { position + 1 } else { 1 };
            batch_before = batch;
            let out = &mut self.preferences;
            out.extend_from_slice(&row.exam_no);
            out.push(b',');
            out.extend_from_slice(batch.as_bytes());
            out.push(b',');
            out.extend_from_slice(itoa::Buffer::new().format(position).as_bytes());
            out.push(b',');
            out.extend_from_slice(programme.as_bytes());
            out.push(b'\n');
        }
    }

    fn add_candidate(&mut self, row: &CandidateRow<'_>) {
        let out = &mut self.candidates;
        out.extend_from_slice(&row.exam_no);
        out.push(b',');
        for piece in row.name {
            out.extend_from_slice(piece.as_bytes());
        }
        out.extend_from_slice(if row.female { ",女," } else { ",男," }.as_bytes());
        out.extend_from_slice(&row.id_no);
        out.push(b',');
        out.extend_from_slice(row.junior_code.unwrap_or_default().as_bytes());
        out.push(b',');
        out.extend_from_slice(row.area_code.as_bytes());
        out.push(b',');
        if let Some(day) = row.register_from {
            let mut number = itoa::Buffer::new();
            out.extend_from_slice(number.format(day.year()).as_bytes());
            for part in [day.month(), day.day()] {
                out.extend_from_slice(if part < 10 { b"-0" } else { b"-" });
                out.extend_from_slice(number.format(part).as_bytes());
            }
        }
        for yes in [row.attended, row.repeat, row.local] {
            out.extend_from_slice(if yes { b",1" } else { b",0" });
        }
        out.push(b',');
        join(out, row.bonuses.iter().map(|(points, _)| *points));
        out.push(b',');
        join(out, row.bonuses.iter().map(|(_, reason)| *reason));
        out.push(b',');
        out.extend_from_slice(row.quality_grade.as_bytes());
        out.push(b',');
        join(out, row.flags.iter().copied());
        out.push(b',');
        if let Some(class) = row.class {
            out.extend_from_slice("九（".as_bytes());
            out.extend_from_slice(itoa::Buffer::new().format(class).as_bytes());
            out.extend_from_slice("）班".as_bytes());
        }
        out.push(b'\n');
    }
}

fn join<'a>(out: &mut Vec<u8>, pieces: impl Iterator<Item = &'a str>) {
    for (place, piece) in pieces.enumerate() {
        if place > 0 {
            out.push(b';');
        }
        out.extend_from_slice(piece.as_bytes());
    }
}

fn add_score(out: &mut Vec<u8>, cell: ScoreCell) {
    match cell {
        ScoreCell::Tenths(tenths) => {
            out.extend_from_slice(itoa::Buffer::new().format(tenths / 10).as_bytes());
            if !tenths.is_multiple_of(10) {
                out.push(b'.');
                out.extend_from_slice(itoa::Buffer::new().format(tenths % 10).as_bytes());
            }
        }
        ScoreCell::Grade(grade) => out.extend_from_slice(grade.as_bytes()),
        ScoreCell::Absent => out.extend_from_slice(b"absent"),
        ScoreCell::Void => out.extend_from_slice(b"void"),
        ScoreCell::Exempt => out.extend_from_slice(b"exempt"),
    }
}

/// The folder's three large sheets, open for appending.
#[derive(Debug)]
pub struct LargeSheets {
    candidates: fs::File,
    scores: fs::File,
    preferences: fs::File,
}

impl LargeSheets {
    /// Creates them with their headers; what stood there is overwritten.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(folder: &Path) -> io::Result<LargeSheets> {
        let mut sheets = LargeSheets {
            candidates: fs::File::create(folder.join("candidates.csv"))?,
            scores: fs::File::create(folder.join("scores.csv"))?,
            preferences: fs::File::create(folder.join("preferences.csv"))?,
        };
        sheets.append(&RowBytes::headers())?;
        Ok(sheets)
    }

    /// Appends rows.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn append(&mut self, rows: &RowBytes) -> io::Result<()> {
        use io::Write;
        self.candidates.write_all(&rows.candidates)?;
        self.scores.write_all(&rows.scores)?;
        self.preferences.write_all(&rows.preferences)
    }
}

/// Writes `season.toml` and the sheets of areas, schools and programmes; makes the folder.
///
/// # Errors
/// Those of the file system.
pub fn write_small_sheets(folder: &Path, city: &CitySheets) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("season.toml"), SEASON)?;
    for (kind, text) in small_sheets(city) {
        fs::write(folder.join(format!("{}.csv", kind.word())), text)?;
    }
    Ok(())
}

/// The sheets of areas, schools and programmes.
pub fn small_sheets(city: &CitySheets) -> Vec<(SheetKind, Vec<u8>)> {
    let ownership = |private: bool| if private { "private" } else { "public" };
    let areas = city.areas.iter().map(|row| format!("{},{},{}", row.code, row.name, row.divisions.join(";")));
    let areas = sheet("area_code,name,divisions", areas);
    let juniors = city.juniors.iter().map(|row| {
        let owner = ownership(row.private);
        let nine_year = u8::from(row.nine_year);
        format!("{},{},{},{owner},{nine_year},{}", row.code, row.name, row.area_code, row.intake)
    });
    let juniors = sheet("school_code,name,area_code,ownership,nine_year,intake", juniors);
    let seniors = city.seniors.iter().map(|row| {
        let owner = ownership(row.private);
        format!("{},{},{},{owner},{}", row.code, row.name, row.area_code, u8::from(row.high_quality))
    });
    let seniors = sheet("school_code,name,area_code,ownership,high_quality", seniors);
    let programmes = city.programmes.iter().map(|row| {
        let scope = match &row.scope {
            ScopeCell::Own => String::new(),
            ScopeCell::Everywhere => "*".to_owned(),
            ScopeCell::Areas(codes) => codes.join(";"),
        };
        let [gate_open, gate_quota, base] = [row.gate_open, row.gate_quota, row.quota_base]
            .map(|number| number.map(|number| number.to_string()).unwrap_or_default());
        format!(
            "{},{},{},{},{},,{scope},{gate_open},{gate_quota},{base}",
            row.code, row.school_code, row.name, row.batch, row.seats
        )
    });
    let columns =
        "programme_code,school_code,name,batch,seats,quota_share,scope,gate_open,gate_quota,quota_base";
    vec![
        (SheetKind::Areas, areas),
        (SheetKind::JuniorSchools, juniors),
        (SheetKind::SeniorSchools, seniors),
        (SheetKind::Programmes, sheet(columns, programmes)),
    ]
}

/// Writes `history.csv`.
///
/// # Errors
/// Those of the file system.
pub fn write_past_lines(folder: &Path, lines: &[PastLine]) -> io::Result<()> {
    let rows = lines.iter().map(|line| {
        let PastLine { programme, seat, junior, year, seats, taken, last_rank, ranked } = line;
        format!("{year},{programme},{},{junior},{seats},{taken},{last_rank},{ranked}", seat.word())
    });
    let columns = "year,programme_code,seat,junior_code,seats,taken,last_rank,ranked";
    fs::write(folder.join("history.csv"), sheet(columns, rows))
}

fn sheet(columns: &str, rows: impl Iterator<Item = String>) -> Vec<u8> {
    let mut text = columns.to_owned() + "\n";
    for row in rows {
        text.push_str(&row);
        text.push('\n');
    }
    text.into_bytes()
}

//! A season in (`formats.md` section 3): every sheet, every reference, every fault at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::domain::candidates::{Candidates, Texts, fact};
use crate::domain::city::{CellOverride, City, CityArea, CityProgramme, JuniorSchool, SeniorSchool};
use crate::domain::fault::Fault;
use crate::domain::market::NONE;
use crate::domain::marks::{Mark, MarkColumn, Marks, PackedMark, mark_columns};
use crate::domain::past_line::PastLine;
use crate::domain::person_name::name_fault;
use crate::domain::points::Points;
use crate::domain::policy::{MOST_POINTS, Policy};
use crate::domain::preferences::Preferences;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::domain::sheet_kind::SheetKind;
use crate::files::cell_words::{MARKS, our_word};
use crate::files::identity;
use crate::files::rows::{Columns, Row, add_bounded, code_fault, read as rows};
use crate::files::sheet::{Sheet, read_sheet};

/// Reads a season.
///
/// # Errors
/// Every fault of every sheet: those that do not hinder reading on are all in one list.
pub fn read_season(folder: &Path) -> Result<Season, Vec<Fault>> {
    read_season_under(folder, &folder.join("season.toml"))
}

/// Reads the sheets of a season under the policy of another file.
///
/// # Errors
/// As [`read_season`].
pub fn read_season_under(folder: &Path, policy: &Path) -> Result<Season, Vec<Fault>> {
    let file = policy.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let text = std::fs::read_to_string(policy).map_err(|error| vec![Fault::at(&file, error.to_string())])?;
    let policy = Policy::parse(&file, &text)?;
    read(Source::Folder(folder), policy, text)
}

/// Reads a season from sheets that stand in memory, such as a database's rows.
///
/// # Errors
/// As [`read_season`].
pub fn read_season_sheets(policy_text: &str, sheets: &Sheets) -> Result<Season, Vec<Fault>> {
    let policy = Policy::parse("season.toml", policy_text)?;
    read(Source::Memory(sheets), policy, policy_text.to_owned())
}

/// Sheets in memory.
pub type Sheets = BTreeMap<SheetKind, Sheet>;

/// Where sheets come from.
enum Source<'a> {
    Folder(&'a Path),
    Memory(&'a Sheets),
}

fn read(source: Source<'_>, policy: Policy, policy_text: String) -> Result<Season, Vec<Fault>> {
    let mut reader = Reader { source, needed: WHOLE, faults: Vec::new() };
    let season = reader.season(policy, policy_text);
    reader.faults.dedup();
    if reader.faults.is_empty() { Ok(season) } else { Err(reader.faults) }
}

/// A season as far as one kind of sheet needs it, and every fault on the way.
///
/// Sheets that the kind does not refer to are not asked for; what they would hold is empty.
pub fn read_until(kind: SheetKind, policy: &Policy, sheets: &Sheets) -> (Season, Vec<Fault>) {
    let mut reader = Reader { source: Source::Memory(sheets), needed: kind.needs(), faults: Vec::new() };
    let season = reader.season(policy.clone(), String::new());
    if kind == SheetKind::Bonuses {
        reader.bonuses(&season.candidates);
    }
    (season, reader.faults)
}

/// What a result cannot be computed without.
const WHOLE: &[SheetKind] = &[
    SheetKind::Areas,
    SheetKind::JuniorSchools,
    SheetKind::SeniorSchools,
    SheetKind::Programmes,
    SheetKind::Candidates,
];

struct Reader<'a> {
    source: Source<'a>,
    /// Sheets whose absence is a fault.
    needed: &'static [SheetKind],
    faults: Vec<Fault>,
}

/// Code -> index.
type Index = BTreeMap<String, u32>;

fn index<'a>(codes: impl Iterator<Item = &'a str>) -> Index {
    codes.map(str::to_owned).zip(0..).collect()
}

impl<'a> Reader<'a> {
    fn season(&mut self, policy: Policy, policy_text: String) -> Season {
        let city = self.city(&policy);
        let candidates = self.candidates(&policy, &city);
        let marks = self.marks(&policy, &candidates);
        let preferences = self.preferences(&policy, &city, &candidates);
        let history = self.history(&policy);
        Season { policy, policy_text, city, candidates, marks, preferences, history }
    }

    fn sheet(&mut self, kind: SheetKind) -> Option<Cow<'a, Sheet>> {
        let sheet = match self.source {
            Source::Folder(folder) => read_sheet(folder, kind.word()).map(|sheet| sheet.map(Cow::Owned)),
            Source::Memory(sheets) => Ok(sheets.get(&kind).map(Cow::Borrowed)),
        };
        match sheet {
            Ok(Some(sheet)) => {
                self.faults.extend_from_slice(&sheet.faults);
                Some(sheet)
            }
            Ok(None) => {
                if self.needed.contains(&kind) {
                    self.faults.push(Fault::at(format!("{}.csv", kind.word()), "is missing"));
                }
                None
            }
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    /// Reads a small sheet into nouns sorted by code; a code that stands twice is a fault.
    fn sorted<T: Send + Clone>(
        &mut self,
        kind: SheetKind,
        noun: impl Fn(&Row<'_>, &mut Vec<Fault>) -> T + Sync,
        code: impl Fn(&T) -> &str,
    ) -> Vec<T> {
        let Some(sheet) = self.sheet(kind) else { return Vec::new() };
        let columns = columns(kind);
        let each = |row: &Row<'_>, out: &mut Vec<(u64, T)>, faults: &mut Vec<Fault>| {
            out.push((row.number, noun(row, faults)));
        };
        let mut all: Vec<(u64, T)> =
            rows(&sheet, &columns, Vec::new, each, &mut self.faults).into_iter().flatten().collect();
        all.sort_by(|a, b| code(&a.1).cmp(code(&b.1)));
        let twice = all.windows(2).filter(|pair| code(&pair[0].1) == code(&pair[1].1)).map(|pair| {
            Fault::cell(&sheet.file, pair[1].0, columns.required[0], code(&pair[1].1), "stands twice")
        });
        add_bounded(&sheet.file, twice, &mut self.faults);
        all.into_iter().map(|pair| pair.1).collect()
    }

    fn city(&mut self, policy: &Policy) -> City {
        let areas = self.sorted(
            SheetKind::Areas,
            |row, faults| CityArea {
                code: row.code(0, faults).to_owned(),
                name: row.text(1).to_owned(),
                divisions: row
                    .text(2)
                    .split(';')
                    .map(str::trim)
                    .filter(|code| !code.is_empty())
                    .map(str::to_owned)
                    .collect(),
            },
            |area| &area.code,
        );
        let area_of = index(areas.iter().map(|area| area.code.as_str()));
        let juniors = self.sorted(
            SheetKind::JuniorSchools,
            |row, faults| JuniorSchool {
                code: row.code(0, faults).to_owned(),
                name: row.text(1).to_owned(),
                area: known(row, 2, &area_of, "area", faults),
                private: private(row, 3, faults),
                nine_year: row.flag(4, false, faults),
                graduates: row.number_up_to(5, 10_000_000, faults),
                intake: row.number_up_to(6, 10_000_000, faults),
                factor: row.points(7, 6, faults),
                direct: row.flag(8, false, faults),
            },
            |school| &school.code,
        );
        let seniors = self.sorted(
            SheetKind::SeniorSchools,
            |row, faults| SeniorSchool {
                code: row.code(0, faults).to_owned(),
                name: row.text(1).to_owned(),
                area: known(row, 2, &area_of, "area", faults),
                private: private(row, 3, faults),
                high_quality: row.flag(4, false, faults),
            },
            |school| &school.code,
        );
        let senior_of = index(seniors.iter().map(|school| school.code.as_str()));
        let programmes = self.sorted(
            SheetKind::Programmes,
            |row, faults| programme(row, policy, &area_of, &senior_of, &seniors, faults),
            |programme| &programme.code,
        );
        let mut city = City { areas, juniors, seniors, programmes, overrides: Vec::new() };
        city.overrides = self.overrides(&city);
        city
    }

    fn overrides(&mut self, city: &City) -> Vec<CellOverride> {
        let Some(sheet) = self.sheet(SheetKind::Quota) else { return Vec::new() };
        let programme_of = index(city.programmes.iter().map(|programme| programme.code.as_str()));
        let junior_of = index(city.juniors.iter().map(|school| school.code.as_str()));
        let columns = columns(SheetKind::Quota);
        let each = |row: &Row<'_>, out: &mut Vec<(CellOverride, u64)>, faults: &mut Vec<Fault>| {
            if row.text(3).is_empty() {
                faults.push(row.fault(3, "an override needs its authority and reason"));
            }
            let fixed = CellOverride {
                programme: known(row, 0, &programme_of, "programme", faults),
                junior: known(row, 1, &junior_of, "junior high", faults),
                seats: row.number_up_to(2, 1_000_000, faults).unwrap_or(0) as u32,
                reason: row.text(3).to_owned(),
            };
            out.push((fixed, row.number));
        };
        let mut all: Vec<(CellOverride, u64)> =
            rows(&sheet, &columns, Vec::new, each, &mut self.faults).into_iter().flatten().collect();
        all.sort();
        let cell = |fixed: &CellOverride| (fixed.programme, fixed.junior);
        let twice = all.windows(2).filter(|pair| cell(&pair[0].0) == cell(&pair[1].0));
        let rule = "the same programme and junior high stand twice";
        let twice = twice.map(|pair| Fault { row: Some(pair[1].1), ..Fault::at(&sheet.file, rule) });
        add_bounded(&sheet.file, twice, &mut self.faults);
        all.into_iter().map(|pair| pair.0).collect()
    }

    fn candidates(&mut self, policy: &Policy, city: &City) -> Candidates {
        let Some(sheet) = self.sheet(SheetKind::Candidates) else { return Default::default() };
        let area_of = index(city.areas.iter().map(|area| area.code.as_str()));
        let junior_of = index(city.juniors.iter().map(|school| school.code.as_str()));
        let columns = columns(SheetKind::Candidates);
        let each = |row: &Row<'_>, part: &mut CandidatePart, faults: &mut Vec<Fault>| {
            part.add(row, policy, &area_of, &junior_of, faults);
        };
        let parts = rows(&sheet, &columns, CandidatePart::default, each, &mut self.faults);
        let (candidates, twice) = joined(parts);
        let twice = twice
            .into_iter()
            .map(|(row, exam_no)| Fault::cell(&sheet.file, row, "exam_no", &exam_no, "stands twice"));
        add_bounded(&sheet.file, twice, &mut self.faults);
        if candidates.flag_names.len() > 32 {
            self.faults.push(Fault::at(&sheet.file, "more than 32 different flags"));
        }
        candidates
    }

    fn marks(&mut self, policy: &Policy, candidates: &Candidates) -> Marks {
        let columns = mark_columns(policy);
        let width = columns.len();
        let mut marks = Marks { columns: width, cells: vec![PackedMark::MISSING; candidates.len() * width] };
        let Some(sheet) = self.sheet(SheetKind::Scores) else { return marks };
        let names: Vec<&str> =
            ["exam_no"].into_iter().chain(columns.iter().map(|column| column.1.as_str())).collect();
        struct Part {
            near: usize,
            rows: Vec<(u32, u32)>,
            cells: Vec<PackedMark>,
        }
        let grades: Vec<Vec<&String>> =
            policy.subjects.iter().map(|subject| subject.grades.keys().collect()).collect();
        let each = |row: &Row<'_>, part: &mut Part, faults: &mut Vec<Fault>| {
            let Some(candidate) = candidates.exam_no.find(row.text(0), part.near) else {
                faults.push(row.fault(0, "is no candidate"));
                return;
            };
            part.near = candidate;
            part.rows.push((candidate as u32, row.number as u32));
            for (at, (column, _)) in columns.iter().enumerate() {
                part.cells.push(PackedMark::pack(mark(row, at + 1, policy, *column, &grades, faults)));
            }
        };
        let new = || Part { near: 0, rows: Vec::new(), cells: Vec::new() };
        let parts = rows(&sheet, &Columns { required: &names, optional: &[] }, new, each, &mut self.faults);
        let mut has_row = vec![false; candidates.len()];
        let mut twice = Vec::new();
        for part in parts {
            for ((candidate, row), cells) in part.rows.iter().zip(part.cells.chunks(width)) {
                let candidate = *candidate as usize;
                if std::mem::replace(&mut has_row[candidate], true) {
                    twice.push((candidate, *row));
                }
                marks.cells[candidate * width..(candidate + 1) * width].copy_from_slice(cells);
            }
        }
        let twice = twice.into_iter().map(|(candidate, row)| {
            let exam_no = candidates.exam_no.get(candidate);
            Fault::cell(&sheet.file, u64::from(row), "exam_no", exam_no, "stands twice")
        });
        add_bounded(&sheet.file, twice, &mut self.faults);
        marks
    }

    /// Checks a list of bonuses; the season counts those of the roster, where they are joined.
    fn bonuses(&mut self, candidates: &Candidates) {
        let Some(sheet) = self.sheet(SheetKind::Bonuses) else { return };
        let columns = columns(SheetKind::Bonuses);
        let each = |row: &Row<'_>, part: &mut (usize, Vec<(u32, String, u64)>), faults: &mut Vec<Fault>| {
            let candidate = candidates.exam_no.find(row.text(0), part.0);
            if candidate.is_none() {
                faults.push(row.fault(0, "is no candidate"));
            }
            if bonus(row.text(1)).is_none() {
                faults.push(row.fault(1, format!("must be points of a bonus up to {MOST_POINTS}")));
            }
            if row.text(2).is_empty() {
                faults.push(row.fault(2, "a bonus needs its reason"));
            } else if row.text(2).contains(';') {
                faults.push(row.fault(2, "must not hold ';', which joins reasons in a roster"));
            }
            if let Some(candidate) = candidate {
                part.0 = candidate;
                part.1.push((candidate as u32, row.text(2).to_owned(), row.number));
            }
        };
        let parts = rows(&sheet, &columns, || (0, Vec::new()), each, &mut self.faults);
        let mut all: Vec<(u32, String, u64)> = parts.into_iter().flat_map(|part| part.1).collect();
        all.sort_unstable();
        let same = |pair: &&[(u32, String, u64)]| {
            (pair[0].0, &pair[0].1) == (pair[1].0, &pair[1].1) && !pair[0].1.is_empty()
        };
        let twice = all.windows(2).filter(same).map(|pair| {
            let rule = "the same bonus of the same candidate stands twice";
            Fault::cell(&sheet.file, pair[1].2, "bonus_reason", &pair[1].1, rule)
        });
        add_bounded(&sheet.file, twice, &mut self.faults);
    }

    fn preferences(&mut self, policy: &Policy, city: &City, candidates: &Candidates) -> Preferences {
        let none = Preferences { start: vec![0; candidates.len() + 1], ..Preferences::default() };
        let Some(sheet) = self.sheet(SheetKind::Preferences) else { return none };
        let programme_of = index(city.programmes.iter().map(|programme| programme.code.as_str()));
        let offered = offered(policy, city);
        let columns = columns(SheetKind::Preferences);
        let each = |row: &Row<'_>, part: &mut (usize, Vec<Filed>), faults: &mut Vec<Fault>| {
            let before = faults.len();
            let candidate = candidates.exam_no.find(row.text(0), part.0);
            if candidate.is_none() {
                faults.push(row.fault(0, "is no candidate"));
            }
            let batches = policy.batches_of(row.text(1));
            if batches.is_empty() {
                faults.push(row.fault(1, "is no batch"));
            }
            let most = policy.most_choices(&batches).map_or(200, u64::from);
            let position = row.number_up_to(2, most, faults).unwrap_or(0);
            if position == 0 && faults.len() == before {
                faults.push(row.fault(2, format!("must be a position from 1 to {most}")));
            }
            let programme = known(row, 3, &programme_of, "programme", faults);
            // Of several batches over one list, those that offer the programme take the row.
            let takes = |batch: &&u32| offered[**batch as usize].get(programme as usize) == Some(&true);
            if faults.len() == before && !batches.iter().any(|batch| takes(&batch)) {
                faults.push(row.fault(3, format!("is not offered in batch {}", row.text(1))));
            }
            if let Some(candidate) = candidate {
                part.0 = candidate;
                part.1.extend(batches.iter().filter(takes).map(|&batch| Filed {
                    candidate: candidate as u32,
                    batch: batch as u8,
                    position: position as u8,
                    programme,
                    row: row.number as u32,
                }));
            }
        };
        let parts = rows(&sheet, &columns, || (0, Vec::new()), each, &mut self.faults);
        let mut filed: Vec<Filed> = parts.into_iter().flat_map(|part| part.1).collect();
        if !filed.is_sorted_by_key(Filed::place) {
            filed.par_sort_unstable_by_key(Filed::place);
        }
        self.twice(&sheet, &filed, candidates);
        let mut start = vec![0u32; candidates.len() + 1];
        for row in &filed {
            start[row.candidate as usize + 1] += 1;
        }
        for at in 1..start.len() {
            start[at] += start[at - 1];
        }
        Preferences {
            start,
            batch: filed.iter().map(|row| row.batch).collect(),
            position: filed.iter().map(|row| row.position).collect(),
            programme: filed.iter().map(|row| row.programme).collect(),
        }
    }

    /// Lines of years before the season's, each once; all rows of a year tell the same number of ranked.
    fn history(&mut self, policy: &Policy) -> Vec<PastLine> {
        let Some(sheet) = self.sheet(SheetKind::History) else { return Vec::new() };
        let columns = columns(SheetKind::History);
        let each = |row: &Row<'_>, out: &mut Vec<(PastLine, u64)>, faults: &mut Vec<Fault>| {
            out.push((past_line(row, policy, faults), row.number));
        };
        let mut all: Vec<(PastLine, u64)> =
            rows(&sheet, &columns, Vec::new, each, &mut self.faults).into_iter().flatten().collect();
        let mut ranked: BTreeMap<i16, u32> = BTreeMap::new();
        let differs =
            all.iter().filter(|(line, _)| *ranked.entry(line.year).or_insert(line.ranked) != line.ranked);
        let differs: Vec<Fault> = differs
            .map(|(line, row)| {
                let rule = "another row of the year tells another number of ranked";
                Fault::cell(&sheet.file, *row, "ranked", &line.ranked.to_string(), rule)
            })
            .collect();
        add_bounded(&sheet.file, differs.into_iter(), &mut self.faults);
        all.sort();
        fn key(line: &PastLine) -> (&str, Seat, &str, i16) {
            (&line.programme, line.seat, &line.junior, line.year)
        }
        let twice = all.windows(2).filter(|pair| key(&pair[0].0) == key(&pair[1].0));
        let rule = "the same year, programme, seat and junior high stand twice";
        let twice = twice.map(|pair| Fault { row: Some(pair[1].1), ..Fault::at(&sheet.file, rule) });
        add_bounded(&sheet.file, twice, &mut self.faults);
        all.into_iter().map(|pair| pair.0).collect()
    }

    /// A position, and a programme, stands once in a list.
    fn twice(&mut self, sheet: &Sheet, filed: &[Filed], candidates: &Candidates) {
        let found: Vec<Fault> = filed
            .par_chunk_by(|a, b| (a.candidate, a.batch) == (b.candidate, b.batch))
            .flat_map_iter(|list| {
                let mut faults = Vec::new();
                for (at, row) in list.iter().enumerate() {
                    let exam_no = candidates.exam_no.get(row.candidate as usize);
                    let earlier = &list[..at];
                    if earlier.iter().any(|other| other.position == row.position) {
                        let rule = format!("{exam_no}: the position stands twice in this batch");
                        let text = row.position.to_string();
                        faults.push(Fault::cell(&sheet.file, u64::from(row.row), "position", &text, rule));
                    }
                    if earlier.iter().any(|other| other.programme == row.programme) {
                        let rule = format!("{exam_no}: the programme stands twice in this batch");
                        faults.push(Fault::cell(&sheet.file, u64::from(row.row), "programme_code", "", rule));
                    }
                }
                faults
            })
            .collect();
        self.faults.extend(found);
    }
}

#[derive(Clone, Copy)]
struct Filed {
    candidate: u32,
    programme: u32,
    row: u32,
    batch: u8,
    position: u8,
}

impl Filed {
    fn place(&self) -> (u32, u8, u8, u32) {
        (self.candidate, self.batch, self.position, self.row)
    }
}

/// The columns of a kind whose columns no policy changes.
fn columns(kind: SheetKind) -> Columns<'static> {
    Columns { required: kind.required(), optional: kind.optional() }
}

/// The index behind a code; a fault, and 0, where nobody has it.
fn known(row: &Row<'_>, column: usize, index: &Index, noun: &str, faults: &mut Vec<Fault>) -> u32 {
    match index.get(row.text(column)) {
        Some(&found) => found,
        None => {
            faults.push(row.fault(column, format!("is no {noun}")));
            0
        }
    }
}

fn private(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> bool {
    match row.word(column) {
        "private" => true,
        "public" | "" => false,
        _ => {
            faults.push(row.fault(column, "must be public or private"));
            false
        }
    }
}

fn programme(
    row: &Row<'_>,
    policy: &Policy,
    areas: &Index,
    seniors: &Index,
    schools: &[SeniorSchool],
    faults: &mut Vec<Fault>,
) -> CityProgramme {
    let school = known(row, 1, seniors, "senior high", faults);
    let mut batches = Vec::new();
    for code in row.text(3).split(';').map(str::trim).filter(|code| !code.is_empty()) {
        let known = policy.batches_of(code);
        if known.is_empty() {
            faults.push(row.fault(3, format!("{code:?} is no batch of season.toml")));
        }
        batches.extend(known);
    }
    batches.sort_unstable();
    batches.dedup();
    if batches.is_empty() {
        faults.push(row.fault(3, "must name a batch"));
    }
    let scope_text = row.text(6);
    let mut scope: Vec<u32> = match scope_text {
        "*" => (0..areas.len() as u32).collect(),
        "" => schools.get(school as usize).map(|school| school.area).into_iter().collect(),
        list => {
            let mut scope = Vec::new();
            for code in list.split(';').map(str::trim) {
                match areas.get(code) {
                    Some(&area) => scope.push(area),
                    None => faults.push(row.fault(6, format!("{code:?} is no area"))),
                }
            }
            scope
        }
    };
    scope.sort_unstable();
    scope.dedup();
    let seats = row.number_up_to(4, 1_000_000, faults);
    if row.text(4).is_empty() {
        faults.push(row.fault(4, "must be a whole number of seats"));
    }
    CityProgramme {
        code: row.code(0, faults).to_owned(),
        school,
        name: row.text(2).to_owned(),
        batches,
        seats: seats.unwrap_or(0) as u32,
        quota_share: row.points(5, 6, faults),
        scope,
        scope_all: scope_text == "*",
        gate_open: row.points(7, 6, faults),
        gate_quota: row.points(8, 6, faults),
        quota_base: row.number_up_to(9, 1_000_000, faults).map(|base| base as u32),
    }
}

/// A row of `history.csv`.
fn past_line(row: &Row<'_>, policy: &Policy, faults: &mut Vec<Fault>) -> PastLine {
    const MOST: u64 = 100_000_000;
    let number = |column: usize, faults: &mut Vec<Fault>| {
        if row.text(column).is_empty() {
            faults.push(row.fault(column, format!("must be a whole number up to {MOST}")));
        }
        row.number_up_to(column, MOST, faults).unwrap_or(0) as u32
    };
    let year = row.text(0).parse::<i16>().ok().filter(|year| (1900..policy.year).contains(year));
    if year.is_none() {
        faults.push(row.fault(0, format!("must be a year before {}", policy.year)));
    }
    let seat = Seat::from_word(row.word(2));
    if seat.is_none() {
        faults.push(row.fault(2, "must be open, quota or pool"));
    }
    let junior = match seat {
        Some(Seat::Quota) => row.code(3, faults),
        _ => row.text(3),
    };
    if seat != Some(Seat::Quota) && !junior.is_empty() {
        faults.push(row.fault(3, "stands with quota seats only"));
    }
    let (seats, taken) = (number(4, faults), number(5, faults));
    let (last_rank, ranked) = (number(6, faults), number(7, faults));
    if last_rank > ranked {
        faults.push(row.fault(6, "must not be above the number of ranked"));
    }
    if (taken == 0) != (last_rank == 0) || last_rank < taken {
        faults.push(
            row.fault(
                6,
                "must be 0 where nobody was admitted, and else at least the number of those who were",
            ),
        );
    }
    PastLine {
        programme: row.code(1, faults).to_owned(),
        seat: seat.unwrap_or(Seat::Open),
        junior: junior.to_owned(),
        year: year.unwrap_or(0),
        seats,
        taken,
        last_rank,
        ranked,
    }
}

/// Which programmes may be listed in which batch.
fn offered(policy: &Policy, city: &City) -> Vec<Vec<bool>> {
    (0..policy.batches.len())
        .map(|batch| {
            let of = policy.offers(batch);
            city.programmes.iter().map(|programme| programme.offered_by(&of)).collect()
        })
        .collect()
}

fn mark(
    row: &Row<'_>,
    cell: usize,
    policy: &Policy,
    column: MarkColumn,
    grades: &[Vec<&String>],
    faults: &mut Vec<Fault>,
) -> Mark {
    let subject = &policy.subjects[column.subject];
    let text = our_word(MARKS, row.text(cell));
    match text {
        "absent" => return Mark::Absent,
        "void" => return Mark::Void,
        "exempt" => {
            if subject.exempt.is_none() {
                faults.push(
                    row.fault(cell, "nobody is exempt from this subject: season.toml has no exempt points"),
                );
            }
            return Mark::Exempt;
        }
        "" => {
            faults.push(row.fault(cell, "must be a mark, absent, void or exempt"));
            return Mark::Missing;
        }
        _ => {}
    }
    if !subject.grades.is_empty() {
        return match grades[column.subject].iter().position(|grade| *grade == text) {
            Some(place) => Mark::Graded(place as u8),
            None => {
                faults.push(row.fault(cell, format!("is no grade of {}", subject.code)));
                Mark::Missing
            }
        };
    }
    let (full, places) = column.part.map_or((subject.full, subject.decimals), |part| {
        (subject.parts[part].full, subject.parts[part].decimals)
    });
    match Points::parse(text, places) {
        Ok(points) if points < Points::ZERO || points > full => {
            faults.push(row.fault(cell, format!("must be between 0 and {full}")));
            Mark::Missing
        }
        Ok(points) => Mark::Scored(points),
        Err(why) => {
            faults.push(row.fault(cell, format!("{why} (at most {places} places)")));
            Mark::Missing
        }
    }
}

/// Candidates of one piece of the sheet, in its order.
#[derive(Default)]
struct CandidatePart {
    exam_no: Texts,
    rows: Vec<u32>,
    junior: Vec<u32>,
    area: Vec<u32>,
    register_from: Vec<u32>,
    facts: Vec<u8>,
    quality: Vec<u8>,
    /// Flag words of the few who have any, and bonuses, by place in the piece.
    flags: BTreeMap<u32, Vec<String>>,
    bonuses: BTreeMap<u32, Vec<Points>>,
}

impl CandidatePart {
    fn add(
        &mut self,
        row: &Row<'_>,
        policy: &Policy,
        areas: &Index,
        juniors: &Index,
        faults: &mut Vec<Fault>,
    ) {
        let at = self.rows.len() as u32;
        self.exam_no.push(row.code(0, faults));
        self.rows.push(row.number as u32);
        self.junior.push(if row.text(1).is_empty() {
            NONE
        } else {
            known(row, 1, juniors, "junior high", faults)
        });
        self.area.push(known(row, 2, areas, "area", faults));
        self.register_from.push(date(row, 3, faults));
        let facts = [(4, true, fact::ATTENDED), (5, false, fact::REPEAT), (6, true, fact::LOCAL)];
        let facts = facts
            .into_iter()
            .filter(|&(column, default, _)| row.flag(column, default, faults))
            .map(|fact| fact.2);
        let facts = facts.fold(0, |all, bit| all | bit);
        self.facts.push(facts);
        let mut bonuses = Vec::new();
        for text in row.text(7).split(';').map(str::trim).filter(|text| !text.is_empty()) {
            match bonus(text) {
                Some(points) => bonuses.push(points),
                None => faults.push(row.fault(
                    7,
                    format!("must be points of a bonus up to {MOST_POINTS}, several joined by ';'"),
                )),
            }
        }
        if !bonuses.is_empty() {
            self.bonuses.insert(at, bonuses);
        }
        let grade = row.text(8);
        let known_grades = &policy.quality_grades;
        self.quality.push(match policy.quality_place(grade) {
            Some(place) => place as u8,
            None => {
                if !grade.is_empty() && !known_grades.is_empty() {
                    faults.push(row.fault(8, format!("is no quality grade: {}", known_grades.join(", "))));
                }
                u8::MAX
            }
        });
        let mut flags: Vec<String> = Vec::new();
        for flag in row.text(9).split(';').map(str::trim).filter(|flag| !flag.is_empty()) {
            if let Some(rule) = code_fault(flag) {
                faults.push(row.fault(9, format!("a flag {rule}")));
            }
            flags.push(flag.to_owned());
        }
        if !flags.is_empty() {
            self.flags.insert(at, flags);
        }
        if let Some(rule) = name_fault(row.text(10)) {
            faults.push(row.fault(10, rule));
        }
        identity::check(row, 11, 12, faults);
        if !is_phone(row.text(15)) {
            // Its value stays out: faults are printed and kept.
            let rule = "must be a telephone number: 5 to 20 digits, '-' between them, '+' before them";
            faults.push(Fault { value: String::new(), ..row.fault(15, rule) });
        }
    }
}

/// Points of one bonus.
fn bonus(text: &str) -> Option<Points> {
    Points::parse(text, 3).ok().filter(|points| (Points::ZERO..=MOST_POINTS).contains(points))
}

/// A telephone number, or nothing.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    text.is_empty()
        || (5..=20).contains(&digits) && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Joins the pieces and sorts by exam number; numbers that stand twice come back with their rows.
fn joined(parts: Vec<CandidatePart>) -> (Candidates, Vec<(u64, String)>) {
    let mut names: Vec<String> =
        parts.iter().flat_map(|part| part.flags.values().flatten().cloned()).collect();
    names.sort_unstable();
    names.dedup();
    let mut all = Candidates { flag_names: names, ..Candidates::default() };
    let mut rows = Vec::new();
    let mut bonuses = BTreeMap::new();
    for part in parts {
        let base = all.exam_no.len() as u32;
        for at in 0..part.rows.len() {
            all.exam_no.push(part.exam_no.get(at));
            let flags = part.flags.get(&(at as u32)).map_or(&[][..], Vec::as_slice);
            let bits = flags.iter().fold(0u32, |bits, flag| {
                let place = all.flag_names.binary_search(flag).unwrap_or(0);
                bits | 1u32.checked_shl(place as u32).unwrap_or(0)
            });
            all.flags.push(bits);
        }
        rows.extend(part.rows.iter().map(|&row| u64::from(row)));
        all.junior.extend(part.junior);
        all.area.extend(part.area);
        all.register_from.extend(part.register_from);
        all.facts.extend(part.facts);
        all.quality.extend(part.quality);
        bonuses.extend(part.bonuses.into_iter().map(|(at, bonus)| (base + at, bonus)));
    }
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    if !order.is_sorted_by_key(|&at| all.exam_no.get(at as usize)) {
        order.par_sort_unstable_by(|&a, &b| {
            all.exam_no
                .get(a as usize)
                .cmp(all.exam_no.get(b as usize))
                .then(rows[a as usize].cmp(&rows[b as usize]))
        });
        fn picked<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
            order.iter().map(|&at| column[at as usize]).collect()
        }
        let mut exam_no = Texts::default();
        order.iter().for_each(|&at| exam_no.push(all.exam_no.get(at as usize)));
        all = Candidates {
            exam_no,
            junior: picked(&all.junior, &order),
            area: picked(&all.area, &order),
            register_from: picked(&all.register_from, &order),
            facts: picked(&all.facts, &order),
            quality: picked(&all.quality, &order),
            flags: picked(&all.flags, &order),
            bonuses: BTreeMap::new(),
            flag_names: all.flag_names,
        };
        rows = picked(&rows, &order);
    }
    all.bonuses = (0..).zip(&order).filter_map(|(new, old)| Some((new, bonuses.remove(old)?))).collect();
    let twice = (1..rows.len())
        .filter(|&at| all.exam_no.get(at) == all.exam_no.get(at - 1))
        .map(|at| (rows[at], all.exam_no.get(at).to_owned()))
        .collect();
    (all, twice)
}

/// A date as yyyymmdd; 0 for an empty cell.
fn date(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> u32 {
    let text = row.text(column);
    if text.is_empty() {
        return 0;
    }
    match text.parse::<Date>() {
        Ok(date) if text.len() == 10 && date.year() >= 1900 => text
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0')),
        _ => {
            faults.push(row.fault(column, "must be a date written YYYY-MM-DD"));
            0
        }
    }
}

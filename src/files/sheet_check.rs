//! One sheet checked against what a season already holds: every fault, or its rows as plain texts.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::candidates::Texts;
use crate::domain::checked_rows::CheckedRows;
use crate::domain::fault::Fault;
use crate::domain::marks::mark_columns;
use crate::domain::person_name::with_right_dots;
use crate::domain::policy::Policy;
use crate::domain::season::Season;
use crate::domain::sheet_kind::SheetKind;
use crate::files::cell_words::{MARKS, our_word};
use crate::files::rows::{Columns, Row, add_bounded, read};
use crate::files::season_folder::{Sheets, read_until};
use crate::files::sheet::Sheet;

/// What a check found.
#[derive(Debug)]
pub struct Check {
    /// Every fault, in the order of the sheet's rows; those of the whole file come first.
    pub faults: Vec<Fault>,
    /// What was read otherwise than it stands in the file.
    pub notices: Vec<Fault>,
    /// The rows; empty where there are faults.
    pub rows: CheckedRows,
    /// What the sheet refers to, and the sheet: for control totals and plausibility.
    pub season: Season,
}

/// The columns of a kind under a policy, in the order in which they are written.
pub fn written_columns(kind: SheetKind, policy: &Policy) -> Vec<String> {
    let mut columns: Vec<String> = kind.columns().into_iter().map(str::to_owned).collect();
    if kind == SheetKind::Scores {
        columns.extend(mark_columns(policy).into_iter().map(|column| column.1));
    }
    columns
}

/// Checks a sheet.
///
/// `context` holds the sheets that the kind needs ([`SheetKind::needs`]), as the season has them.
///
/// # Complexity
/// O(bytes of the sheet and its context), in parallel.
pub fn check_sheet(kind: SheetKind, sheet: Sheet, policy: &Policy, context: Sheets) -> Check {
    check_sheet_under(kind, sheet, policy, context, |_, _, _| {})
}

/// As [`check_sheet`], under one more rule: it is shown the file's name and the rows as they stand, and adds its
/// faults to the others.
pub fn check_sheet_under(
    kind: SheetKind,
    sheet: Sheet,
    policy: &Policy,
    mut context: Sheets,
    rule: impl FnOnce(&str, &CheckedRows, &mut Vec<Fault>),
) -> Check {
    let missing: Vec<&str> = kind
        .needs()
        .iter()
        .filter(|needed| !context.contains_key(needed))
        .map(|needed| needed.word())
        .collect();
    context.retain(|known, _| kind.needs().contains(known));
    let file = sheet.file.clone();
    context.insert(kind, sheet);
    let (season, mut faults) = read_until(kind, policy, &context);
    if !missing.is_empty() {
        // Without them every code would be unknown, which says nothing about the sheet.
        let rule = format!("refers to sheets that are not there yet: {}", missing.join(", "));
        faults = vec![Fault::at(file, rule)];
        return Check { faults, notices: Vec::new(), rows: CheckedRows::default(), season };
    }
    let sheet = &context[&kind];
    let mut notices = Vec::new();
    let mut rows = CheckedRows::default();
    // A header that cannot be used is told once, by the first reading.
    if !faults.iter().any(|fault| fault.row == Some(1)) {
        rows = texts(kind, sheet, policy, &mut notices);
        if rows.is_empty() && faults.is_empty() {
            faults.push(Fault::at(&file, "has no row"));
        }
        if kind == SheetKind::Candidates {
            one_document_each(&file, &rows, &mut faults);
        }
        rule(&file, &rows, &mut faults);
    }
    faults.sort_by_key(|fault| fault.row);
    faults.dedup();
    if !faults.is_empty() {
        rows = CheckedRows::default();
    }
    Check { faults, notices, rows, season }
}

/// The rows of a sheet that stood its check before.
pub fn checked_rows(kind: SheetKind, sheet: &Sheet, policy: &Policy) -> CheckedRows {
    texts(kind, sheet, policy, &mut Vec::new())
}

/// Cells of some rows of a sheet.
#[derive(Default)]
struct Part {
    cells: Texts,
    numbers: Vec<u32>,
    notices: Vec<Fault>,
}

fn texts(kind: SheetKind, sheet: &Sheet, policy: &Policy, notices: &mut Vec<Fault>) -> CheckedRows {
    let columns = written_columns(kind, policy);
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let person = names.iter().position(|name| kind == SheetKind::Candidates && *name == "name");
    let each = |row: &Row<'_>, part: &mut Part, _: &mut Vec<Fault>| {
        part.numbers.push(row.number as u32);
        for column in 0..names.len() {
            let text = match kind {
                SheetKind::Scores => our_word(MARKS, row.text(column)),
                _ => row.word(column),
            };
            match with_right_dots(text).filter(|_| Some(column) == person) {
                Some(right) => {
                    part.notices.push(row.fault(column, format!("is kept as {right}, with the dot U+00B7")));
                    part.cells.push(&right);
                }
                None => part.cells.push(text),
            }
        }
    };
    // The first reading told every fault; this one only copies.
    let parts =
        read(sheet, &Columns { required: &[], optional: &names }, Part::default, each, &mut Vec::new());
    let header = sheet.text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(header);
    let mut first = csv::StringRecord::new();
    let is_read = reader.read_record(&mut first).unwrap_or(false);
    let given = names.iter().map(|name| is_read && first.iter().any(|cell| cell.trim() == *name)).collect();
    let mut rows = CheckedRows { columns, given, ..CheckedRows::default() };
    for mut part in parts {
        rows.cells.append(&part.cells);
        rows.numbers.append(&mut part.numbers);
        notices.append(&mut part.notices);
    }
    rows
}

/// Nobody carries the document of somebody else; the number itself stays out of the fault.
fn one_document_each(file: &str, rows: &CheckedRows, faults: &mut Vec<Fault>) {
    let Some(column) = rows.column("id_no") else { return };
    let mut holders: Vec<(String, u32)> = (0..rows.len())
        .map(|at| (rows.cell(at, column).to_ascii_uppercase(), rows.numbers[at]))
        .filter(|(number, _)| !number.is_empty())
        .collect();
    // A number that is no document at all was told already.
    let told: BTreeSet<u64> = faults
        .iter()
        .filter(|fault| fault.column.as_deref() == Some("id_no"))
        .filter_map(|fault| fault.row)
        .collect();
    holders.sort_unstable();
    let twice = holders.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    let twice = twice.filter(|pair| !told.contains(&u64::from(pair[1].1))).map(|pair| {
        let rule = format!("is the document of row {} too", pair[0].1);
        Fault::cell(file, u64::from(pair[1].1), "id_no", "", rule)
    });
    add_bounded(file, twice, faults);
}

/// How often each rule is broken, the most frequent first: what stands above a long list.
pub fn faults_by_rule(faults: &[Fault]) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in faults {
        *counts.entry(fault.rule.as_str()).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    counts
}

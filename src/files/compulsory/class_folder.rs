//! A starting grade in: `class.toml`, its pupils and the teachers who draw; every fault at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::compulsory::after_sheet::{PUPILS, TEACHERS};
use crate::domain::compulsory::class_policy::ClassPolicy;
use crate::domain::compulsory::class_pupil::{ClassPupil, Sex, TwinBond, TwinWish};
use crate::domain::compulsory::grade::Grade;
use crate::domain::fault::Fault;
use crate::domain::person_name::name_fault;
use crate::domain::ticket::Ticket;
use crate::files::compulsory::sheet_rows::{folder_rows, sort_by_code};
use crate::files::file_source::FileSource;
use crate::files::identity::sex_word;
use crate::files::rows::{Row, add_bounded};

/// The file that makes a folder a grade.
pub const CLASS_POLICY: &str = "class.toml";

/// Reads a grade's folder.
///
/// # Errors
/// Every fault of the policy and of every sheet.
pub fn read_grade(files: FileSource<'_>) -> Result<Grade, Vec<Fault>> {
    let mut faults = Vec::new();
    let policy = policy(files).map_err(|mut found| faults.append(&mut found)).ok();
    if let Some((policy, _)) = &policy {
        faults.append(&mut policy.faults(CLASS_POLICY));
    }
    let (sources, pupils) = pupils(files, &mut faults);
    let teacher = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        name(row, 1, faults);
        ticket(row, 0, faults)
    };
    let (file, mut teachers) = folder_rows(files, &TEACHERS, false, teacher, &mut faults);
    sort_by_code(&file, &mut teachers, "teacher_no", |teacher| teacher, &mut faults);
    let are_drawn = policy.as_ref().is_some_and(|(policy, _)| !policy.head_teachers.parts.is_empty());
    if teachers.is_empty() && are_drawn {
        faults.push(Fault::at(file, "has no teacher, and the policy names the draw of head teachers"));
    }
    let teachers = teachers.into_iter().map(|row| row.1).collect();
    match policy {
        Some((policy, policy_text)) if faults.is_empty() => {
            Ok(Grade { policy, policy_text, sources, pupils, teachers })
        }
        _ => Err(faults),
    }
}

fn policy(files: FileSource<'_>) -> Result<(ClassPolicy, String), Vec<Fault>> {
    let text = files.text(CLASS_POLICY).map_err(|fault| vec![fault])?;
    Ok((ClassPolicy::read(CLASS_POLICY, &text)?, text))
}

/// The sources and the pupils, both in order.
fn pupils(files: FileSource<'_>, faults: &mut Vec<Fault>) -> (Vec<String>, Vec<ClassPupil>) {
    let before = faults.len();
    let (file, mut rows) = folder_rows(files, &PUPILS, true, pupil, faults);
    if rows.is_empty() && faults.len() == before {
        faults.push(Fault::at(&file, "has no pupil"));
    }
    sort_by_code(&file, &mut rows, "pupil_no", |(pupil, _)| &pupil.number, faults);
    let mut bundles: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (row, (pupil, _)) in &rows {
        if let Some(twins) = &pupil.twins {
            bundles.entry(&twins.code).or_default().push(*row);
        }
    }
    let alone = bundles.iter().filter(|(_, rows)| rows.len() < 2);
    let alone = alone
        .map(|(code, rows)| Fault::cell(&file, rows[0], "twins", code, "must stand at two pupils at least"));
    add_bounded(&file, alone, faults);
    let sources: BTreeSet<&str> = rows.iter().map(|(_, (_, source))| source.as_str()).collect();
    let sources: Vec<String> =
        sources.into_iter().filter(|code| !code.is_empty()).map(str::to_owned).collect();
    let pupils = rows
        .iter()
        .map(|(_, (pupil, source))| {
            let source = sources.binary_search(source).ok().map(|at| at as u32);
            ClassPupil { source, ..pupil.clone() }
        })
        .collect();
    (sources, pupils)
}

/// A pupil and the code of her source, whose place is known when all are read.
fn pupil(row: &Row<'_>, faults: &mut Vec<Fault>) -> (ClassPupil, String) {
    let number = ticket(row, 0, faults);
    let sex = match row.text(1) {
        "" => Some(Sex::Unknown),
        text => Sex::from_word(sex_word(text)),
    };
    if sex.is_none() {
        faults.push(row.fault(1, "must be female, male or unknown (F, M; 1, 2, 0 of GB/T 2261.1)"));
    }
    name(row, 2, faults);
    let source = if row.text(3).is_empty() { "" } else { row.code(3, faults) };
    let mut figure =
        |column: usize| row.number_up_to(column, u64::from(u32::MAX), faults).map(|number| number as u32);
    let (order, figure) = (figure(4), figure(5));
    let wish = TwinWish::from_word(row.word(7));
    let twins = match (row.text(6).is_empty(), wish) {
        (true, _) if row.text(7).is_empty() => None,
        (false, Some(wish)) => Some(TwinBond { code: ticket(row, 6, faults), wish }),
        (true, _) => {
            faults.push(row.fault(7, "is a wish of twins who have no code"));
            None
        }
        (false, None) => {
            faults.push(row.fault(7, "must be together or apart"));
            None
        }
    };
    let pupil = ClassPupil { number, sex: sex.unwrap_or(Sex::Unknown), source: None, order, figure, twins };
    (pupil, source.to_owned())
}

/// A number that can stand on a frozen list.
fn ticket(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> String {
    if let Err(why) = Ticket::new(row.text(column), 1) {
        faults.push(row.fault(column, why.rule()));
    }
    row.text(column).to_owned()
}

/// A name is checked and never kept.
fn name(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) {
    if let Some(rule) = name_fault(row.text(column)) {
        faults.push(row.fault(column, rule));
    }
}

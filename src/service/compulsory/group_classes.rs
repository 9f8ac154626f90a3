//! Groups a starting grade into classes and draws their head teachers: read, deal, measure, and only then write.

use std::io;
use std::path::Path;

use serde_json::json;

use crate::domain::compulsory::class_pupil::Sex;
use crate::domain::compulsory::grade::Grade;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::policy::LotRule;
use crate::domain::progress::Progress;
use crate::domain::quota::Fraction;
use crate::engine::compulsory::class_balance::{Balance, Imbalance, balance, reduced};
use crate::engine::compulsory::class_groups::{ClassGroups, NotGroupable, class_groups, frozen_lines};
use crate::engine::compulsory::head_teachers::{HeadTeacher, head_teachers, teacher_lines};
use crate::engine::draw::{Seed, list_hash, seed_of};
use crate::files::compulsory::class_folder::{CLASS_POLICY, read_grade};
use crate::files::file_source::FileSource;
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::Table;
use crate::service::compulsory::result_folder::{ResultFile, add_manifest, differences, root, write_folder};

/// How to recompute the groups, shipped in every result folder.
const README: &str = include_str!("../../files/compulsory/class_readme.md");

/// The hashes to publish before chance comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenGrade {
    pub pupils: usize,
    pub classes: u32,
    /// Of everything that decides on the groups.
    pub list_hash: [u8; 32],
    /// Of the groups drawn and the teachers; none before the groups were drawn, or without teachers.
    pub teachers_hash: Option<[u8; 32]>,
}

/// Freezes the lists of a grade.
///
/// # Errors
/// [`NoResult::Faults`].
pub fn freeze_grade<'f>(files: impl Into<FileSource<'f>>) -> Result<FrozenGrade, NoResult> {
    let grade = read_grade(files.into()).map_err(NoResult::Faults)?;
    let list_hash = groups_hash(&grade)?;
    let teachers_hash = seed(list_hash, &grade.policy.lot)
        .filter(|_| !grade.teachers.is_empty())
        .map(|seed| teachers_hash(&grade, seed))
        .transpose()?;
    Ok(FrozenGrade { pupils: grade.pupils.len(), classes: grade.classes(), list_hash, teachers_hash })
}

/// The draw of head teachers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeacherDraw {
    pub list_hash: [u8; 32],
    pub seed: Seed,
    /// By class.
    pub drawn: Vec<HeadTeacher>,
}

/// A grade in its classes.
#[derive(Clone, Debug)]
pub struct GroupedGrade {
    pub grade: Grade,
    pub list_hash: [u8; 32],
    pub seed: Seed,
    pub groups: ClassGroups,
    pub balance: Balance,
    /// None before it.
    pub teachers: Option<TeacherDraw>,
}

/// Groups the grade of a folder, or of the files of one.
///
/// # Errors
/// [`NoResult`]: faults of the folder; nothing was drawn yet; classes that are not as even as the policy asks.
pub fn group_classes<'f>(
    files: impl Into<FileSource<'f>>,
    progress: &dyn Progress,
) -> Result<GroupedGrade, NoResult> {
    progress.stage("read the grade's folder", 0);
    let grade = read_grade(files.into()).map_err(NoResult::Faults)?;
    progress.stage("group", grade.pupils.len() as u64);
    let (classes, list_hash) = (grade.classes(), groups_hash(&grade)?);
    let Some(seed) = seed(list_hash, &grade.policy.lot) else {
        let rule = "lot.parts must name at least one part: nothing was drawn yet".to_owned();
        return Err(NoResult::Breaches(vec![rule]));
    };
    let groups = class_groups(&grade.pupils, classes, &grade.policy, seed).map_err(not_groupable)?;
    let balance = balance(&grade.pupils, &groups.class_of, classes);
    let uneven: Vec<String> =
        balance.imbalances(&grade.policy).into_iter().map(|imbalance| told(imbalance, &balance)).collect();
    if !uneven.is_empty() {
        return Err(NoResult::Breaches(uneven));
    }
    let teachers = match &grade.policy.head_teachers {
        lot if lot.parts.is_empty() => None,
        lot => {
            let list_hash = teachers_hash(&grade, seed)?;
            let seed = seed_of(list_hash, &parts(lot));
            let drawn = head_teachers(seed, lot.round, &grade.teachers, classes).map_err(not_groupable)?;
            Some(TeacherDraw { list_hash, seed, drawn })
        }
    };
    Ok(GroupedGrade { grade, list_hash, seed, groups, balance, teachers })
}

fn parts(lot: &LotRule) -> Vec<Vec<u8>> {
    lot.parts.iter().map(|part| part.clone().into_bytes()).collect()
}

/// The seed, once chance came.
fn seed(list_hash: [u8; 32], lot: &LotRule) -> Option<Seed> {
    (!lot.parts.is_empty()).then(|| seed_of(list_hash, &parts(lot)))
}

fn groups_hash(grade: &Grade) -> Result<[u8; 32], NoResult> {
    frozen(&frozen_lines(&grade.pupils, grade.classes(), &grade.policy))
}

fn teachers_hash(grade: &Grade, groups: Seed) -> Result<[u8; 32], NoResult> {
    frozen(&teacher_lines(groups, &grade.teachers, grade.classes()))
}

fn frozen(lines: &[String]) -> Result<[u8; 32], NoResult> {
    let twice = |line: &[u8]| format!("{}: stands twice on the frozen list", String::from_utf8_lossy(line));
    list_hash(lines).map_err(|line| NoResult::Breaches(vec![twice(&line.0)]))
}

/// The sheets were read, so that only the number of classes can be at fault.
fn not_groupable(faults: Vec<NotGroupable>) -> NoResult {
    NoResult::Faults(faults.iter().map(|fault| Fault::at(CLASS_POLICY, fault.rule())).collect())
}

/// An imbalance in words.
fn told(imbalance: Imbalance, found: &Balance) -> String {
    match imbalance {
        Imbalance::TooLarge { class } => {
            let size = found.classes[class as usize].size;
            format!("class {} has {size} pupils, more than class_size allows", class + 1)
        }
        Imbalance::Outside => format!("{} pupils stand in no class", found.outside),
        Imbalance::Size => format!("sizes differ by {}, more than limits.size_gap", found.size_gap),
        Imbalance::Sex => {
            format!("a sex differs by {} between classes, more than limits.sex_gap", found.sex_gap)
        }
        Imbalance::Source => {
            format!("a source differs by {} between classes, more than limits.source_gap", found.source_gap)
        }
        Imbalance::Mean => {
            let gap = found.mean_gap.map_or_else(String::new, fraction);
            format!("the means of the figure differ by {gap}, not less than limits.mean_gap")
        }
    }
}

/// In lowest terms.
pub fn fraction(of: Fraction) -> String {
    let lowest = reduced(of);
    format!("{}/{}", lowest.numerator, lowest.denominator)
}

/// The whole result folder: every file by its path, the manifest last.
pub fn class_files(grouped: &GroupedGrade) -> Vec<ResultFile> {
    let grade = &grouped.grade;
    let mut files = vec![
        ("balance.csv", balance_sheet(grouped)),
        ("classes.csv", classes_sheet(grouped)),
        ("teachers.csv", teachers_sheet(grouped)),
        ("unmet_wishes.csv", unmet_sheet(grouped)),
        ("proof/README.md", README.as_bytes().to_vec()),
        ("proof/input/class.toml", grade.policy_text.clone().into_bytes()),
        ("proof/input/pupils.csv", pupils_input(grade)),
        ("proof/input/teachers.csv", teachers_input(grade)),
    ];
    let teachers = grouped.teachers.as_ref();
    let manifest = json!({
        "format": "classes-proof/1",
        "program": "zhaosheng",
        "pupils": grade.pupils.len(),
        "classes": grade.classes(),
        "list_hash": hex(&grouped.list_hash),
        "seed": grouped.seed.to_string(),
        "round": grade.policy.lot.round,
        "teachers_list_hash": teachers.map(|draw| hex(&draw.list_hash)),
        "teachers_seed": teachers.map(|draw| draw.seed.to_string()),
    });
    add_manifest(&mut files, manifest);
    files
}

/// Writes the result folder. Returns its root.
///
/// # Errors
/// When the disk fails, or `out` exists and holds no result to replace.
pub fn write_classes(grouped: &GroupedGrade, out: &Path, progress: &dyn Progress) -> io::Result<String> {
    progress.stage("write the classes", grouped.grade.pupils.len() as u64);
    let files = class_files(grouped);
    write_folder(&files, out)?;
    Ok(root(&files))
}

/// What was confirmed of classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedClasses {
    pub pupils: usize,
    pub classes: u32,
    pub files: usize,
    /// SHA-256 of the manifest.
    pub root: String,
}

/// Groups `proof/input` of a result folder again and compares every byte.
///
/// # Errors
/// [`NoResult::Breaches`] names every file that differs, is missing or does not belong there.
pub fn verify_classes(folder: &Path, progress: &dyn Progress) -> Result<VerifiedClasses, NoResult> {
    let grouped = group_classes(&folder.join("proof/input"), progress)?;
    let files = class_files(&grouped);
    let breaches = differences(&files, folder)?;
    if !breaches.is_empty() {
        return Err(NoResult::Breaches(breaches));
    }
    let (pupils, classes) = (grouped.grade.pupils.len(), grouped.grade.classes());
    Ok(VerifiedClasses { pupils, classes, files: files.len(), root: root(&files) })
}

/// Classes are told from 1.
fn class_number(class: u32) -> String {
    (class + 1).to_string()
}

fn classes_sheet(grouped: &GroupedGrade) -> Vec<u8> {
    let mut table = Table::new("pupil_no,class");
    for (pupil, class) in grouped.grade.pupils.iter().zip(&grouped.groups.class_of) {
        table.row(&[pupil.number.as_str(), &class_number(*class)]);
    }
    table.bytes()
}

/// Per class its size, sexes, sources and the figure; then how far the classes lie apart.
fn balance_sheet(grouped: &GroupedGrade) -> Vec<u8> {
    let (found, grade) = (&grouped.balance, &grouped.grade);
    let has_figure = grade.pupils.iter().any(|pupil| pupil.figure.is_some());
    let mut table = Table::new("class,trait,of,count");
    for (class, count) in (0..).zip(&found.classes) {
        let number = class_number(class);
        let class = number.as_str();
        table.row(&[class, "size", "", &count.size.to_string()]);
        for sex in Sex::ALL {
            table.row(&[class, "sex", sex.word(), &count.sexes[sex.index()].to_string()]);
        }
        for (source, count) in found.sources.iter().zip(&count.sources) {
            let source = source.map_or("", |source| &grade.sources[source as usize]);
            table.row(&[class, "source", source, &count.to_string()]);
        }
        if has_figure {
            let mean = count.mean.unwrap_or(Fraction { numerator: 0, denominator: 0 });
            table.row(&[class, "figure", "sum", &mean.numerator.to_string()]);
            table.row(&[class, "figure", "pupils", &mean.denominator.to_string()]);
        }
    }
    table.row(&["gap", "size", "", &found.size_gap.to_string()]);
    table.row(&["gap", "sex", "", &found.sex_gap.to_string()]);
    table.row(&["gap", "source", "", &found.source_gap.to_string()]);
    if has_figure {
        table.row(&["gap", "figure", "mean", &found.mean_gap.map_or_else(String::new, fraction)]);
    }
    table.bytes()
}

fn teachers_sheet(grouped: &GroupedGrade) -> Vec<u8> {
    let mut table = Table::new("class,teacher_no");
    for pair in grouped.teachers.iter().flat_map(|draw| &draw.drawn) {
        let teacher = grouped.grade.teachers[pair.teacher as usize].as_str();
        table.row(&[class_number(pair.class).as_str(), teacher]);
    }
    table.bytes()
}

fn unmet_sheet(grouped: &GroupedGrade) -> Vec<u8> {
    let mut table = Table::new("twins");
    grouped.groups.unmet.iter().for_each(|code| table.row(&[code.as_str()]));
    table.bytes()
}

fn pupils_input(grade: &Grade) -> Vec<u8> {
    let number = |number: Option<u32>| number.map_or(String::new(), |number| number.to_string());
    let mut table = Table::new("pupil_no,sex,source,order,figure,twins,twin_wish");
    for pupil in &grade.pupils {
        let source = pupil.source.map_or("", |source| &grade.sources[source as usize]);
        let twins = pupil.twins.as_ref();
        table.row(&[
            pupil.number.as_str(),
            pupil.sex.word(),
            source,
            &number(pupil.order),
            &number(pupil.figure),
            twins.map_or("", |twins| &twins.code),
            twins.map_or("", |twins| twins.wish.word()),
        ]);
    }
    table.bytes()
}

fn teachers_input(grade: &Grade) -> Vec<u8> {
    let mut table = Table::new("teacher_no");
    grade.teachers.iter().for_each(|teacher| table.row(&[teacher.as_str()]));
    table.bytes()
}

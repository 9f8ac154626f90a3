//! Feeds a season from the register: candidates' columns and graduates' counts, each with the rows that gave it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::compulsory::register_spell::RegisterSpell;
use crate::domain::eligibility::{EligibilityRule, LEGAL_TRANSFER};
use crate::domain::fault::Fault;
use crate::domain::market::NONE;
use crate::domain::season::Season;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::compulsory::register_check::register_breaches;
use crate::engine::compulsory::register_eligibility::{
    Asked, Finding, History, RegisterFacts, class_of, graduates, histories, register_facts,
};
use crate::files::compulsory::fed_register::{Pupil, read_pupils, read_register};
use crate::files::compulsory::filled_sheet::{Told, fill};
use crate::files::encoding::Encoding;
use crate::files::season_folder::read_season;
use crate::files::sheet::{Sheet, read_sheet};
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::Table;
use crate::service::export_folder::{Form, written};

/// The sheet that tells which rows gave which value; who has it was fed.
const TRACE: &str = "register_trace";

/// What was fed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fed {
    pub candidates: usize,
    /// Candidates with a register number.
    pub on_register: usize,
    pub register_rows: usize,
    /// Candidates by why they stand where they stand.
    pub reasons: BTreeMap<&'static str, usize>,
    pub graduates: u64,
}

/// Writes the season folder `out`: that of `folder` with the register's columns filled, the register itself, so that
/// the row numbers mean something, and the trace.
///
/// # Errors
/// Every fault of the sheets, every breach of the register's rules, every value of the season that the register
/// contradicts; nothing is written then.
pub fn feed_register(register: &Path, folder: &Path, out: &Path) -> Result<Fed, NoResult> {
    let (sheets, policy, fed) = fed(register, folder)?;
    if out.exists() && !out.join(format!("{TRACE}.csv")).is_file() && fs::read_dir(out)?.next().is_some() {
        let text = format!("{} is not empty and holds no fed season to replace", out.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, text).into());
    }
    let files = written(&sheets, Form::Csv(Encoding::Utf8)).map_err(NoResult::Faults)?;
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = out.with_file_name(name);
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(&part)?;
    fs::write(part.join("season.toml"), policy)?;
    // Byte for byte: a sheet written anew would lose its empty lines, and the row numbers with them.
    fs::copy(register, part.join("register.csv"))?;
    for (name, bytes) in &files {
        fs::write(part.join(name), bytes)?;
    }
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::rename(&part, out)?;
    Ok(fed)
}

type Sheets = Vec<(&'static str, Vec<u8>)>;

fn fed(register: &Path, folder: &Path) -> Result<(Sheets, String, Fed), NoResult> {
    let mut faults = Vec::new();
    let season = kept(read_season(folder), &mut faults);
    let register = kept(read_register(register), &mut faults);
    let pupils = kept(read_pupils(folder), &mut faults);
    let (Some(season), Some((register, rows)), Some((pupils_sheet, pupils))) = (season, register, pupils)
    else {
        return Err(NoResult::Faults(faults));
    };
    breaches(&register, &rows, &mut faults);
    let feed = Feed {
        season: &season,
        histories: histories(&rows, EntryStage::Junior),
        rows: &rows,
        rule: season.policy.quota.as_ref().map(|quota| quota.eligibility.clone()).unwrap_or_default(),
    };
    let facts = feed.facts(&pupils_sheet, &pupils, &mut faults);
    let graduates = feed.graduates();
    let mut sheets: Sheets = Vec::new();
    for kind in SheetKind::ALL.into_iter().filter(|kind| *kind != SheetKind::Bonuses) {
        // The season was read from them a moment ago.
        let sheet = read_sheet(folder, kind.word()).map_err(|fault| NoResult::Faults(vec![fault]))?;
        let Some(sheet) = sheet else { continue };
        let text = match kind {
            SheetKind::Candidates => fill(&sheet, "exam_no", &told_of_candidates(&facts), &mut faults),
            SheetKind::JuniorSchools => {
                fill(&sheet, "school_code", &told_of_schools(&graduates), &mut faults)
            }
            _ => Ok(sheet.text),
        };
        let broken = |error: csv::Error| NoResult::Faults(vec![Fault::at(kind.word(), error.to_string())]);
        sheets.push((kind.word(), text.map_err(broken)?));
    }
    if !faults.is_empty() {
        return Err(NoResult::Faults(faults));
    }
    sheets.push(("register_numbers", pupils_sheet.text));
    sheets.push((TRACE, trace(&feed, &facts)));
    sheets.push(("graduates_trace", graduates_trace(&graduates)));
    let mut reasons = BTreeMap::new();
    for facts in facts.values() {
        *reasons.entry(facts.junior.reason.word()).or_default() += 1;
    }
    let fed = Fed {
        candidates: season.candidates.len(),
        on_register: facts.len(),
        register_rows: rows.len(),
        reasons,
        graduates: graduates.values().map(|rows| rows.len() as u64).sum(),
    };
    Ok((sheets, season.policy_text.clone(), fed))
}

/// What was read, or nothing and its faults.
fn kept<T>(read: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    read.map_err(|mut found| faults.append(&mut found)).ok()
}

/// A register whose rows contradict each other feeds nothing.
fn breaches(register: &Sheet, rows: &[RegisterRow], faults: &mut Vec<Fault>) {
    let spells: Vec<RegisterSpell> = rows.iter().map(|row| row.spell.clone()).collect();
    for breach in register_breaches(&spells) {
        let numbers: Vec<u64> = breach.rows.iter().map(|at| rows[*at as usize].row).collect();
        let rule =
            format!("breaks the rule {} of the register (rows {})", breach.rule.word(), joined(&numbers));
        faults.push(Fault { row: numbers.first().copied(), ..Fault::at(&register.file, rule) });
    }
}

struct Feed<'a> {
    season: &'a Season,
    rows: &'a [RegisterRow],
    histories: BTreeMap<&'a str, History<'a>>,
    rule: EligibilityRule,
}

impl Feed<'_> {
    /// What the register tells of every candidate who has a register number, by exam number.
    fn facts(
        &self,
        sheet: &Sheet,
        pupils: &[Pupil],
        faults: &mut Vec<Fault>,
    ) -> BTreeMap<String, RegisterFacts> {
        let candidates = &self.season.candidates;
        let person_of: BTreeMap<&str, &str> =
            self.rows.iter().map(|row| (row.spell.number.as_str(), row.spell.person.as_str())).collect();
        let mut exam_no_of: BTreeMap<&str, &str> = BTreeMap::new();
        let mut facts = BTreeMap::new();
        for pupil in pupils {
            // The register number stays out of faults: it tells who the pupil is.
            let mut say = |column: &str, rule: String| {
                let exam_no = if column == "exam_no" { pupil.exam_no.as_str() } else { "" };
                faults.push(Fault::cell(&sheet.file, pupil.row, column, exam_no, rule));
            };
            let candidate = candidates.exam_no.find(&pupil.exam_no, 0);
            if candidate.is_none() {
                say("exam_no", "is no candidate".to_owned());
            }
            let Some(person) = person_of.get(pupil.number.as_str()) else {
                say("register_no", "stands in no row of the register".to_owned());
                continue;
            };
            if let Some(other) = exam_no_of.insert(person, &pupil.exam_no) {
                say(
                    "register_no",
                    format!("is the register number of {other} too: one person, one register"),
                );
            }
            let Some(history) = self.histories.get(person) else {
                say("register_no", "has no row at a junior high".to_owned());
                continue;
            };
            let Some(candidate) = candidate else { continue };
            let asked = Asked {
                rule: &self.rule,
                year: self.season.policy.year,
                legal_transfer: candidates.flags[candidate] & candidates.flag_bit(LEGAL_TRANSFER) != 0,
                divisions: &self.season.city.areas[candidates.area[candidate] as usize].divisions,
            };
            let found = register_facts(history, &asked);
            if let Some(school) = &found.junior.value
                && !self.is_junior(school)
            {
                let rows = joined(&found.junior.rows);
                say(
                    "register_no",
                    format!("stands at {school}, which is no junior high of the season (rows {rows})"),
                );
            }
            let class = class_of(history);
            if class != asked.year && !found.repeat.value {
                say(
                    "register_no",
                    format!("is of the class of {class} by the register, not of {}", asked.year),
                );
            }
            if facts.insert(pupil.exam_no.clone(), found).is_some() {
                say("exam_no", "stands twice".to_owned());
            }
        }
        let listed: BTreeSet<&str> = pupils.iter().map(|pupil| pupil.exam_no.as_str()).collect();
        for at in 0..candidates.len() {
            let exam_no = candidates.exam_no.get(at);
            if candidates.junior[at] != NONE && !listed.contains(exam_no) {
                let column = Some("exam_no".to_owned());
                let rule = "names a junior high, but has no register number in register_numbers.csv";
                let value = exam_no.to_owned();
                faults.push(Fault { column, value, ..Fault::at("candidates.csv", rule) });
            }
        }
        facts
    }

    fn is_junior(&self, school: &str) -> bool {
        self.season.city.juniors.binary_search_by(|junior| junior.code.as_str().cmp(school)).is_ok()
    }

    /// Rows of this year's graduates of every junior high of the season.
    fn graduates(&self) -> BTreeMap<String, Vec<u64>> {
        let mut counted = graduates(&self.histories, self.season.policy.year);
        let juniors = self.season.city.juniors.iter();
        juniors
            .map(|junior| (junior.code.clone(), counted.remove(&junior.code).unwrap_or_default()))
            .collect()
    }
}

/// The five columns that a register fills, with value, rows and reason.
fn findings(facts: &RegisterFacts) -> Vec<(&'static str, Finding<String>)> {
    fn flag(finding: &Finding<bool>) -> Finding<String> {
        text(finding, |value| u8::from(*value).to_string())
    }
    fn text<T>(finding: &Finding<T>, written: impl Fn(&T) -> String) -> Finding<String> {
        Finding { value: written(&finding.value), rows: finding.rows.clone(), reason: finding.reason }
    }
    let mut findings = vec![
        ("junior_code", text(&facts.junior, |school| school.clone().unwrap_or_default())),
        ("register_from", text(&facts.register_from, |day| day.map_or(String::new(), |day| day.to_string()))),
        ("attended", flag(&facts.attended)),
        ("repeat", flag(&facts.repeat)),
    ];
    findings.extend(facts.local.as_ref().map(|local| ("local", flag(local))));
    findings
}

fn told_of_candidates(facts: &BTreeMap<String, RegisterFacts>) -> BTreeMap<String, Vec<Told>> {
    let told = |(column, finding): (&'static str, Finding<String>)| Told {
        column,
        because: format!("{} (rows {})", finding.reason.word(), joined(&finding.rows)),
        value: finding.value,
    };
    facts
        .iter()
        .map(|(exam_no, facts)| (exam_no.clone(), findings(facts).into_iter().map(told).collect()))
        .collect()
}

fn told_of_schools(graduates: &BTreeMap<String, Vec<u64>>) -> BTreeMap<String, Vec<Told>> {
    let told = |rows: &Vec<u64>| Told {
        column: "graduates",
        value: rows.len().to_string(),
        because: format!("rows {}", joined(rows)),
    };
    graduates.iter().map(|(school, rows)| (school.clone(), vec![told(rows)])).collect()
}

/// Every value with its rows and its reason; a candidate without a register has one line.
fn trace(feed: &Feed<'_>, facts: &BTreeMap<String, RegisterFacts>) -> Vec<u8> {
    let mut table = Table::new("exam_no,column,value,register_rows,reason");
    let candidates = &feed.season.candidates;
    for at in 0..candidates.len() {
        let exam_no = candidates.exam_no.get(at);
        let Some(facts) = facts.get(exam_no) else {
            table.row(&[exam_no, "junior_code", "", "", "no_register"]);
            continue;
        };
        for (column, finding) in findings(facts) {
            table.row(&[exam_no, column, &finding.value, &joined(&finding.rows), finding.reason.word()]);
        }
    }
    table.bytes()
}

fn graduates_trace(graduates: &BTreeMap<String, Vec<u64>>) -> Vec<u8> {
    let mut table = Table::new("school_code,graduates,register_rows");
    for (school, rows) in graduates {
        table.row(&[school.as_str(), &rows.len().to_string(), &joined(rows)]);
    }
    table.bytes()
}

fn joined(rows: &[u64]) -> String {
    let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
    rows.join(";")
}

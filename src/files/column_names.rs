//! What a source's column names mean: an office's own profile, then the names that all know.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::fault::Fault;
use crate::domain::policy::Policy;
use crate::domain::sheet_kind::SheetKind;

/// The name of a column that is left out; it may stand several times.
pub const LEFT_OUT: &str = "-";
/// How a profile's lines look, for faults.
const FORM: &str = "lines such as KSH = \"exam_no\"";
/// Names that need no profile, documented in the file itself.
const KNOWN: &str = include_str!("column_names.toml");

/// Their names and ours for one kind of sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames {
    /// From an office's profile, as written there.
    own: BTreeMap<String, String>,
    /// By names without blanks, in capitals.
    known: BTreeMap<String, String>,
}

impl ColumnNames {
    /// The names that need no profile; sheets of no known kind have none.
    pub fn known(kind: &str) -> ColumnNames {
        let table: toml::Table = KNOWN.parse().expect("the file of known names is TOML");
        let names = columns("column_names.toml", &table, kind).expect("the file of known names has its form");
        let known = names.into_iter().map(|(theirs, ours)| (folded(&theirs), ours)).collect();
        ColumnNames { own: BTreeMap::new(), known }
    }

    /// Those, and before them what a profile in TOML says (`[candidates]`, `KSH = "exam_no"`).
    ///
    /// # Errors
    /// A profile that is no TOML, or whose table for this kind has another form.
    pub fn with_profile(file: &str, text: &str, kind: &str) -> Result<ColumnNames, Fault> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count() as u64);
            Fault { row: line, ..Fault::at(file, format!("is no TOML: {}", error.message())) }
        })?;
        Ok(ColumnNames { own: columns(file, &table, kind)?, ..ColumnNames::known(kind) })
    }

    /// Adds the names of the policy's subjects, as they stand above the marks that families read.
    pub fn add_subjects(&mut self, policy: &Policy) {
        for subject in policy.subjects.iter().filter(|subject| subject.parts.is_empty()) {
            if !subject.name.is_empty() {
                self.known.insert(folded(&subject.name), subject.code.clone());
            }
        }
    }

    /// Adds a name of a source.
    pub fn add(&mut self, theirs: &str, ours: &str) {
        self.own.insert(theirs.to_owned(), ours.to_owned());
    }

    /// Our name of a column, or theirs where nothing is known of it.
    pub fn ours<'a>(&'a self, theirs: &'a str) -> &'a str {
        self.own.get(theirs).or_else(|| self.known.get(&folded(theirs))).map_or(theirs, String::as_str)
    }

    /// The short Latin name (at most ten capitals) under which old tables keep one of our columns.
    pub fn short(&self, ours: &str) -> Option<&str> {
        let short = |theirs: &str| theirs.len() <= 10 && theirs.bytes().all(|byte| byte.is_ascii_uppercase());
        // The shortest; of those the last, which makes an exam number KSH and not BMH.
        let of_ours = self.known.iter().filter(|(_, name)| *name == ours).map(|(theirs, _)| theirs.as_str());
        of_ours.filter(|theirs| short(theirs)).min_by_key(|theirs| (theirs.len(), Reverse(*theirs)))
    }
}

/// Capital letters without blanks: 身份证号 is written with a line break in narrow columns.
fn folded(name: &str) -> String {
    name.chars().filter(|sign| !sign.is_whitespace()).map(|sign| sign.to_ascii_uppercase()).collect()
}

/// One table of a profile.
fn columns(file: &str, table: &toml::Table, kind: &str) -> Result<BTreeMap<String, String>, Fault> {
    let fault = |rule: String| Fault { column: Some(kind.to_owned()), ..Fault::at(file, rule) };
    match table.get(kind) {
        None => Ok(BTreeMap::new()),
        Some(toml::Value::Table(columns)) => columns
            .iter()
            .map(|(theirs, ours)| match ours.as_str() {
                Some(ours) if ours.contains(char::is_control) => {
                    Err(fault("a column's name must not hold control characters".to_owned()))
                }
                Some(ours) => Ok((theirs.trim().to_owned(), ours.trim().to_owned())),
                None => Err(fault(format!("must be {FORM}"))),
            })
            .collect(),
        Some(_) => Err(fault(format!("must be a table of {FORM}"))),
    }
}

/// The known names of a kind under a policy; an office's own mapping, their names to ours, goes before them.
pub fn upload_names(kind: SheetKind, policy: &Policy, mapping: &BTreeMap<String, String>) -> ColumnNames {
    let mut names = ColumnNames::known(kind.word());
    if kind == SheetKind::Scores {
        names.add_subjects(policy);
    }
    for (theirs, ours) in mapping {
        names.add(theirs.trim(), ours);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::after_sheet::AFTER_SHEETS;
    use crate::domain::compulsory::entry_sheet::ENTRY_SHEETS;
    use crate::domain::compulsory::register_sheet::FEED_SHEETS;

    #[test]
    fn every_known_name_means_a_column_of_its_kind() {
        for kind in SheetKind::ALL {
            let names = ColumnNames::known(kind.word());
            assert!(!names.known.is_empty(), "{kind:?}");
            for ours in names.known.values() {
                assert!(ours == LEFT_OUT || kind.columns().contains(&ours.as_str()), "{kind:?}: {ours}");
            }
        }
        for sheet in ENTRY_SHEETS.iter().chain(&AFTER_SHEETS).chain(&FEED_SHEETS) {
            let name = sheet.name;
            let columns = [sheet.required, sheet.optional].concat();
            for ours in ColumnNames::known(name).known.values() {
                assert!(ours == LEFT_OUT || columns.contains(&ours.as_str()), "{name}: {ours}");
            }
        }
        let names = ColumnNames::known("candidates");
        assert_eq!(names.ours("身份\n证号"), "id_no");
        assert_eq!(names.ours("ksh"), "exam_no");
        assert_eq!(names.ours("exam_no"), "exam_no");
        assert_eq!(names.short("register_from"), Some("XJRQ"));
        assert_eq!(names.short("exam_no"), Some("KSH"));
    }
}

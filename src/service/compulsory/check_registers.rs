//! Checks registers: forms of numbers, one person one register, spells that cannot stand at the same time.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::domain::compulsory::register_line::RegisterLine;
use crate::domain::compulsory::register_spell::RegisterSpell;
use crate::domain::fault::Fault;
use crate::engine::compulsory::register_check::{RegisterBreach, register_breaches};
use crate::files::compulsory::register_sheets::read_registers;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterReport {
    /// Lines that could be read.
    pub lines: usize,
    pub persons: usize,
    /// Cells that cannot be read.
    pub faults: Vec<Fault>,
    /// Broken rules among the lines that could, each at its first line.
    pub breaches: Vec<Fault>,
}

/// Checks sheets of registers together.
pub fn check_registers(files: &[PathBuf]) -> RegisterReport {
    let (lines, faults) = read_registers(files);
    check_lines(&lines, faults)
}

/// Checks lines of registers together; `faults` are of those that could not be read.
pub fn check_lines(lines: &[RegisterLine], faults: Vec<Fault>) -> RegisterReport {
    let spells: Vec<RegisterSpell> = lines.iter().map(|line| line.spell.clone()).collect();
    let persons: BTreeSet<&str> = spells.iter().map(|spell| spell.person.as_str()).collect();
    let breaches = register_breaches(&spells).iter().map(|breach| told(breach, lines)).collect();
    RegisterReport { lines: lines.len(), persons: persons.len(), faults, breaches }
}

/// A breach at its first line, with the other lines that break the rule together with it.
fn told(breach: &RegisterBreach, lines: &[RegisterLine]) -> Fault {
    let mut rows = breach.rows.iter().map(|row| &lines[*row as usize]);
    let (word, rule) = (breach.rule.word(), breach.rule.rule());
    let Some(first) = rows.next() else { return Fault::at(word, rule) };
    let others: Vec<String> = rows.map(|line| format!("{} row {}", line.file, line.row)).collect();
    let others = if others.is_empty() { String::new() } else { format!("; with {}", others.join(", ")) };
    Fault { row: Some(first.row), ..Fault::at(&first.file, format!("{word}: {rule}{others}")) }
}

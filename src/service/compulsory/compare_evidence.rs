//! Asks the registers about every child and writes what they answer as the entry's evidence; decisions stay.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::domain::compulsory::evidence::{Comparison, Evidence, Source};
use crate::domain::compulsory::fact::Fact;
use crate::domain::compulsory::register_question::{Answer, Claim, Question};
use crate::domain::progress::Progress;
use crate::engine::compulsory::needed_facts::needed_facts;
use crate::files::compulsory::entry_folder::read_entry;
use crate::files::compulsory::identities::read_identities;
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::Table;
use crate::service::compulsory::registers::load_registers::AskedRegister;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Answers of every register, counted in the order of [`Comparison::ALL`].
    pub counts: Vec<(Source, [u64; 4])>,
    /// Rows that stay because an official decided.
    pub decided: u64,
    /// Questions nobody could be asked: the child's name or number of identity is not there.
    pub unasked: u64,
    /// Answers of an earlier time that stay, because the register was not to be had now.
    pub earlier: u64,
}

/// Asks every register what the policy needs of every child, and writes the evidence of the entry to `out`.
///
/// A row with a decision is not asked again and stays as it is; so does every row no register is asked about. A
/// register that is not to be had takes no earlier answer away.
///
/// # Errors
/// Faults of the entry, or the disk; never a register.
///
/// # Complexity
/// O(children x facts) questions, in the batches of the registers.
pub fn compare_evidence(
    folder: &Path,
    registers: &[AskedRegister],
    out: &Path,
    progress: &dyn Progress,
) -> Result<Compared, NoResult> {
    progress.stage("read the entry folder", 0);
    let entry = read_entry(folder).map_err(NoResult::Faults)?;
    let identities = read_identities(folder).map_err(NoResult::Faults)?;
    let mut rows: BTreeMap<(u32, Fact, Source), Vec<Evidence>> = BTreeMap::new();
    for row in &entry.evidence {
        rows.entry((row.child, row.fact, row.source)).or_default().push(row.clone());
    }
    let mut compared = Compared::default();
    for AskedRegister { facts, register } in registers {
        let source = register.source();
        let mut asked = Vec::new();
        for (at, child) in (0..).zip(&entry.children) {
            for fact in needed_facts(&entry.policy, child).intersection(facts) {
                let known = rows.get(&(at, *fact, source));
                if known.is_some_and(|known| known.iter().any(|row| row.decision.is_some())) {
                    compared.decided += 1;
                    continue;
                }
                let Some(identity) = identities.get(&child.number) else {
                    compared.unasked += 1;
                    continue;
                };
                let address = match Claim::of(*fact) {
                    None => None,
                    Some(Claim::Household) => child.household,
                    Some(Claim::Property) => child.property,
                    Some(Claim::Residence) => child.residence,
                };
                let question = Question {
                    child: child.number.clone(),
                    fact: *fact,
                    name: identity.name.clone(),
                    id_no: identity.id_no.clone(),
                    address: address
                        .map_or(String::new(), |address| entry.addresses[address as usize].text.clone()),
                };
                asked.push((at, question));
            }
        }
        progress.stage("ask a register", asked.len() as u64);
        let (children, questions): (Vec<u32>, Vec<Question>) = asked.into_iter().unzip();
        let answers = register.compare(&questions);
        let mut counts = [0; 4];
        // A register that gives fewer answers than it was asked has not answered the others.
        let answers = answers.into_iter().chain(std::iter::repeat(Answer::UNAVAILABLE));
        for ((child, question), answer) in children.into_iter().zip(&questions).zip(answers) {
            counts[answer.comparison as usize] += 1;
            let known = rows.entry((child, question.fact, source)).or_default();
            let earlier = known.iter().any(|row| row.comparison != Comparison::Unavailable);
            if answer.comparison == Comparison::Unavailable && earlier {
                compared.earlier += 1;
                continue;
            }
            *known = vec![Evidence {
                child,
                fact: question.fact,
                source,
                comparison: answer.comparison,
                decision: None,
                reason: known.first().map_or(String::new(), |row| row.reason.clone()),
                day: answer.day,
            }];
        }
        compared.counts.push((source, counts));
    }
    progress.stage("write the evidence", 0);
    let mut table = Table::new("child_no,fact,source,comparison,decision,reason,day");
    for row in rows.values().flatten() {
        table.row(&[
            entry.children[row.child as usize].number.as_str(),
            row.fact.word(),
            row.source.word(),
            row.comparison.word(),
            row.decision.map_or("", |decision| decision.word()),
            &row.reason,
            &row.day.map_or(String::new(), |day| day.to_string()),
        ]);
    }
    let part = out.with_extension("part");
    fs::write(&part, table.bytes())?;
    fs::rename(&part, out)?;
    Ok(compared)
}

//! Asks the registers about children and settles what they answer into the entry's evidence; decisions stay.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::evidence::{Comparison, Evidence, Source};
use crate::domain::compulsory::fact::Fact;
use crate::domain::compulsory::register_question::{Answer, Claim, Question};
use crate::domain::progress::Progress;
use crate::engine::compulsory::needed_facts::needed_facts;
use crate::files::compulsory::entry_folder::read_entry;
use crate::files::compulsory::identities::{Identity, read_identities};
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::Table;
use crate::service::compulsory::registers::load_registers::AskedRegister;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Answers of every register, counted in the order of [`Comparison::ALL`].
    pub counts: Vec<(Source, [u64; 4])>,
    /// Rows that stay because an official decided.
    pub decided: u64,
    /// Questions nobody could be asked: the child's name or number of identity is not there.
    pub unasked: u64,
    /// Answers of an earlier time that stay, because the register was not to be had now.
    pub earlier: u64,
    /// Answers to questions that nobody would ask any more: child, address or decision changed meanwhile.
    pub dropped: u64,
}

/// An entry and who its children are: what questions are made of. It cannot be printed.
pub struct KnownChildren {
    pub entry: Entry,
    /// By the number of the child.
    pub identities: BTreeMap<String, Identity>,
}

/// What makes a row of evidence one of its kind.
pub type RowKey = (u32, Fact, Source);

/// What each register was asked and what it answered, in the order of the registers. It cannot be printed.
pub struct Answered(Vec<Vec<(Question, Answer)>>);

/// What one register is to be asked now.
struct Questions {
    asked: Vec<(u32, Question)>,
    decided: u64,
    unasked: u64,
}

impl KnownChildren {
    /// What the policy needs of every child and this register is asked; where a person decided, nothing.
    fn questions(&self, register: &AskedRegister, rows: &BTreeMap<RowKey, Vec<Evidence>>) -> Questions {
        let source = register.register.source();
        let mut questions = Questions { asked: Vec::new(), decided: 0, unasked: 0 };
        for (at, child) in (0..).zip(&self.entry.children) {
            for fact in needed_facts(&self.entry.policy, child).intersection(&register.facts) {
                let known = rows.get(&(at, *fact, source));
                if known.is_some_and(|known| known.iter().any(|row| row.decision.is_some())) {
                    questions.decided += 1;
                    continue;
                }
                let Some(identity) = self.identities.get(&child.number) else {
                    questions.unasked += 1;
                    continue;
                };
                let address = match Claim::of(*fact) {
                    None => None,
                    Some(Claim::Household) => child.household,
                    Some(Claim::Property) => child.property,
                    Some(Claim::Residence) => child.residence,
                };
                let text = |address: u32| self.entry.addresses[address as usize].text.clone();
                let question = Question {
                    child: child.number.clone(),
                    fact: *fact,
                    name: identity.name.clone(),
                    id_no: identity.id_no.clone(),
                    address: address.map_or(String::new(), text),
                };
                questions.asked.push((at, question));
            }
        }
        questions
    }

    /// The rows of evidence that stand.
    pub fn rows(&self) -> BTreeMap<RowKey, Vec<Evidence>> {
        let mut rows: BTreeMap<RowKey, Vec<Evidence>> = BTreeMap::new();
        for row in &self.entry.evidence {
            rows.entry((row.child, row.fact, row.source)).or_default().push(row.clone());
        }
        rows
    }
}

/// Asks every register what the policy needs of every child. It may take long: registers are waited for.
///
/// # Complexity
/// O(children x facts) questions, in the batches of the registers.
pub fn ask(known: &KnownChildren, registers: &[AskedRegister], progress: &dyn Progress) -> Answered {
    let rows = known.rows();
    let each = |register: &AskedRegister| {
        let questions = known.questions(register, &rows).asked;
        progress.stage("ask a register", questions.len() as u64);
        let questions: Vec<Question> = questions.into_iter().map(|(_, question)| question).collect();
        let answers = register.register.compare(&questions);
        // A register that gives fewer answers than it was asked has not answered the others.
        let answers = answers.into_iter().chain(std::iter::repeat(Answer::UNAVAILABLE));
        questions.into_iter().zip(answers).collect()
    };
    Answered(registers.iter().map(each).collect())
}

/// Settles what the same registers answered into the evidence as it stands now, and tells which rows are new.
///
/// A row with a decision stays as it is; so does every row no register was asked about. A register that is not to
/// be had takes no earlier answer away. An answer counts if its question would be asked now, word for word.
///
/// # Complexity
/// O(questions log rows).
pub fn settle(
    known: &KnownChildren,
    registers: &[AskedRegister],
    answered: Answered,
) -> (Compared, BTreeMap<RowKey, Evidence>) {
    let rows = known.rows();
    let (mut compared, mut fresh) = (Compared::default(), BTreeMap::new());
    for (register, answered) in registers.iter().zip(answered.0) {
        let source = register.register.source();
        let questions = known.questions(register, &rows);
        compared.decided += questions.decided;
        compared.unasked += questions.unasked;
        compared.dropped += answered.len() as u64;
        let told: BTreeMap<(&str, Fact), &(Question, Answer)> =
            answered.iter().map(|one| ((one.0.child.as_str(), one.0.fact), one)).collect();
        let mut counts = [0; 4];
        for (child, question) in questions.asked {
            let Some((asked, answer)) = told.get(&(question.child.as_str(), question.fact)) else { continue };
            if *asked != question {
                continue;
            }
            compared.dropped -= 1;
            counts[answer.comparison as usize] += 1;
            let key = (child, question.fact, source);
            let stood = rows.get(&key).map_or(&[][..], Vec::as_slice);
            let earlier = stood.iter().any(|row| row.comparison != Comparison::Unavailable);
            if answer.comparison == Comparison::Unavailable && earlier {
                compared.earlier += 1;
                continue;
            }
            let row = Evidence {
                child,
                fact: question.fact,
                source,
                comparison: answer.comparison,
                decision: None,
                reason: stood.first().map_or(String::new(), |row| row.reason.clone()),
                day: answer.day,
            };
            fresh.insert(key, row);
        }
        compared.counts.push((source, counts));
    }
    (compared, fresh)
}

/// Asks every register about the children of a folder, and writes the evidence of the entry to `out`.
///
/// # Errors
/// Faults of the entry, or the disk; never a register.
///
/// # Complexity
/// As of [`ask`].
pub fn compare_evidence(
    folder: &Path,
    registers: &[AskedRegister],
    out: &Path,
    progress: &dyn Progress,
) -> Result<Compared, NoResult> {
    progress.stage("read the entry folder", 0);
    let entry = read_entry(folder).map_err(NoResult::Faults)?;
    let identities = read_identities(folder).map_err(NoResult::Faults)?;
    let known = KnownChildren { entry, identities };
    let answered = ask(&known, registers, progress);
    let (compared, fresh) = settle(&known, registers, answered);
    let mut rows = known.rows();
    rows.extend(fresh.into_iter().map(|(key, row)| (key, vec![row])));
    progress.stage("write the evidence", 0);
    let mut table = Table::new("child_no,fact,source,comparison,decision,reason,day");
    for row in rows.values().flatten() {
        table.row(&[
            known.entry.children[row.child as usize].number.as_str(),
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

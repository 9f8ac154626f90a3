//! A register by its extract: a sheet that a department handed over.

use jiff::civil::Date;

use crate::domain::compulsory::evidence::{Comparison, Source};
use crate::domain::compulsory::register_question::{Answer, Question};
use crate::files::compulsory::register_extract::Extract;
use crate::service::compulsory::registers::register::Register;

/// An extract and the day of its data.
pub struct FileRegister {
    pub source: Source,
    pub extract: Extract,
    pub day: Date,
}

impl Register for FileRegister {
    fn source(&self) -> Source {
        self.source
    }

    /// Found by number of identity and fact; the name must be the same, and the address where both have one.
    ///
    /// # Complexity
    /// O(questions log rows).
    fn compare(&self, questions: &[Question]) -> Vec<Answer> {
        let answer = |question: &Question| {
            let rows = self.extract.get(&(question.id_no.clone(), question.fact));
            let fits = |name: &str, address: &str| {
                same(name, &question.name)
                    && (address.is_empty() || question.address.is_empty() || same(address, &question.address))
            };
            let comparison = match rows {
                None => Comparison::NotFound,
                Some(rows) if rows.iter().any(|row| fits(&row.name, &row.address)) => Comparison::Match,
                Some(_) => Comparison::Mismatch,
            };
            Answer { comparison, day: Some(self.day) }
        };
        questions.iter().map(answer).collect()
    }
}

/// Whether two texts differ in blanks at most.
fn same(one: &str, other: &str) -> bool {
    let signs = |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).collect::<String>();
    signs(one) == signs(other)
}

//! A register: asked about facts, it answers each, whatever happens.

use crate::domain::compulsory::evidence::Source;
use crate::domain::compulsory::register_question::{Answer, Question};

/// A register of another department (DP49).
///
/// A register that is down, slow or wrong is no error: its answers are `unavailable`, and the human path is open.
pub trait Register: Send + Sync {
    /// Whose it is.
    fn source(&self) -> Source;

    /// One answer per question, in their order.
    fn compare(&self, questions: &[Question]) -> Vec<Answer>;
}

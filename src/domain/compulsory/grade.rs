//! A starting grade that is dealt to classes: everything the groups and the draw of head teachers read.

use crate::domain::compulsory::class_policy::ClassPolicy;
use crate::domain::compulsory::class_pupil::ClassPupil;

/// The whole grade.
#[derive(Clone, Debug)]
pub struct Grade {
    pub policy: ClassPolicy,
    /// `class.toml` as it stands.
    pub policy_text: String,
    /// Codes of the schools or kindergartens that pupils come from, in bytewise order.
    pub sources: Vec<String>,
    /// In the order of numbers, bytewise.
    pub pupils: Vec<ClassPupil>,
    /// Numbers of those who are to lead a class, in bytewise order.
    pub teachers: Vec<String>,
}

impl Grade {
    /// How many classes there are.
    pub fn classes(&self) -> u32 {
        self.policy.class_count(self.pupils.len())
    }
}

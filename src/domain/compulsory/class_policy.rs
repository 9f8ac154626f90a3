//! The policy of class groups: how they are made, how large a class may be, how even they must come out.

use serde::Deserialize;

use crate::domain::compulsory::school_place::LARGEST_CLASS;
use crate::domain::fault::Fault;
use crate::domain::points::Points;
use crate::domain::policy::LotRule;
use crate::domain::policy_toml::read_policy;

/// Classes of a starting grade at most; no school comes near it.
pub const MOST_CLASSES: u32 = 999;

/// How pupils are dealt to classes (DP59).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassMethod {
    /// By lot (随机); orders are not looked at.
    Random,
    /// To and fro along the given order (S 形, W22).
    Serpentine,
}

impl ClassMethod {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            ClassMethod::Random => "random",
            ClassMethod::Serpentine => "serpentine",
        }
    }
}

/// What becomes of the wishes of twins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwinRule {
    /// They are dealt like everybody else.
    #[default]
    Ignore,
    /// They are met wherever the balance of the classes allows it.
    Honour,
}

impl TwinRule {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            TwinRule::Ignore => "ignore",
            TwinRule::Honour => "honour",
        }
    }
}

/// `[limits]`: how far the largest and the smallest class may lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BalanceLimits {
    /// Pupils (default 1).
    pub size_gap: u32,
    /// Pupils of one sex (default 1).
    pub sex_gap: u32,
    /// Pupils of one source (default 1). Twins who come from the same small school can seldom share a class within 1,
    /// nearly always within 2.
    pub source_gap: u32,
    /// The means of the figure stay below this (DP59, Xiamen: 0.5); absent: any gap will do.
    pub mean_gap: Option<Points>,
}

impl Default for BalanceLimits {
    fn default() -> BalanceLimits {
        BalanceLimits { size_gap: 1, sex_gap: 1, source_gap: 1, mean_gap: None }
    }
}

/// The whole policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassPolicy {
    /// `random` or `serpentine`.
    pub method: ClassMethod,
    /// Pupils of a class at most; the norm is 45 and 50, and 55 is never exceeded (DP58).
    pub class_size: u32,
    /// Classes to make; absent: as few as `class_size` allows.
    #[serde(default)]
    pub classes: Option<u32>,
    /// `ignore` (default) or `honour`.
    #[serde(default)]
    pub twins: TwinRule,
    /// The lot of the groups; no parts: nothing was drawn yet.
    #[serde(default)]
    pub lot: LotRule,
    /// The lot of the head teachers, drawn when the groups are published (DP59); no parts: not drawn yet.
    #[serde(default)]
    pub head_teachers: LotRule,
    #[serde(default)]
    pub limits: BalanceLimits,
}

impl ClassPolicy {
    /// Reads `class.toml`.
    ///
    /// # Errors
    /// What is no TOML or not of this form; the meaning is left to [`ClassPolicy::faults`].
    pub fn read(file: &str, text: &str) -> Result<ClassPolicy, Vec<Fault>> {
        read_policy(file, text)
    }

    /// How many classes a number of pupils makes.
    pub fn class_count(&self, pupils: usize) -> u32 {
        let needed = pupils.div_ceil(self.class_size.max(1) as usize);
        self.classes.unwrap_or(u32::try_from(needed).unwrap_or(u32::MAX))
    }

    /// Every fault of its meaning.
    pub fn faults(&self, file: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut say = |key: &str, rule: &str| {
            faults.push(Fault { column: Some(key.to_owned()), ..Fault::at(file, rule) });
        };
        if self.class_size == 0 || self.class_size > LARGEST_CLASS {
            say("class_size", "must be from 1 to 55: larger classes are forbidden");
        }
        if self.classes.is_some_and(|classes| classes == 0 || classes > MOST_CLASSES) {
            say("classes", "must be from 1 to 999");
        }
        for (key, lot) in [("lot.parts", &self.lot), ("head_teachers.parts", &self.head_teachers)] {
            if lot.parts.iter().any(String::is_empty) {
                say(key, "must not hold an empty part");
            }
        }
        if self.limits.mean_gap.is_some_and(|gap| gap < Points::ZERO) {
            say("limits.mean_gap", "must not be negative");
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_and_every_fault_of_it_told() {
        let text = "method = \"serpentine\"\nclass_size = 50\ntwins = \"honour\"\nlimits.mean_gap = 0.5\n\
                    lot = { parts = [\"03 11\"], round = 7 }";
        let policy: ClassPolicy = toml::from_str(text).unwrap();
        assert_eq!(
            (policy.method, policy.twins, policy.lot.round),
            (ClassMethod::Serpentine, TwinRule::Honour, 7)
        );
        assert_eq!(policy.limits.mean_gap, Some("0.5".parse().unwrap()));
        assert_eq!((policy.limits.size_gap, policy.faults("class.toml")), (1, vec![]));
        assert_eq!([0, 1, 50, 51].map(|pupils| policy.class_count(pupils)), [0, 1, 1, 2]);

        let text =
            "method = \"random\"\nclass_size = 56\nclasses = 0\nlimits.mean_gap = -1\nlot.parts = [\"\"]";
        let faults = toml::from_str::<ClassPolicy>(text).unwrap().faults("class.toml");
        let keys: Vec<&str> = faults.iter().filter_map(|fault| fault.column.as_deref()).collect();
        assert_eq!(keys, ["class_size", "classes", "lot.parts", "limits.mean_gap"]);
        assert!(toml::from_str::<ClassPolicy>("method = \"by_score\"\nclass_size = 50").is_err());
    }
}

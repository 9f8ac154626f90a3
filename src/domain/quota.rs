//! Placeholder, replaced by the quota branch.

use serde::Deserialize;

use crate::domain::eligibility::EligibilityRule;

#[derive(Clone, Debug, Default, Deserialize)]
pub struct QuotaRule {
    #[serde(default)]
    pub eligibility: EligibilityRule,
}

//! Acts that take several people: who proposes, who signs, and in which phases.

use crate::domain::phase::Phase::{
    self, Approved, EligibilityPosted, Filling, Frozen, Placed, Published, QuotaPublished, Registering,
    Rehearsal, Supplementary,
};
use crate::domain::role::Role::{self, CountyBureau, JuniorHigh, MunicipalCentre, Supervisor};
use crate::domain::role::Roles;

/// An act of several people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JointAct {
    /// A result is released for a time (审核公布).
    ApproveResult,
    /// Somebody may or may not use quota seats against what the rule says, with evidence (资格例外).
    DecideException,
    /// An entry of the ledger of what differs from the published result (台账).
    EnterLedger,
    /// A window's end is moved (延长填报).
    ExtendWindow,
    /// The lists are closed and signed off (封存).
    FreezeLists,
    /// The sealed package is opened for auditors.
    OpenAuditorPackage,
    /// The seats of every junior high are published (指标公布).
    PublishQuota,
}

/// What the table says of one of them.
#[derive(Clone, Copy, Debug)]
pub struct JointRule {
    pub act: JointAct,
    pub word: &'static str,
    /// The key of the policy's `[roles]` that names the roles, one per signature.
    pub policy_key: &'static str,
    pub proposers: &'static [Role],
    /// Who else signs; one signature of these suffices unless the policy names roles.
    pub signers: &'static [Role],
    pub phases: &'static [Phase],
    /// How long a proposal waits for its signatures.
    pub patience_hours: i64,
}

const CENTRE: &[Role] = &[MunicipalCentre];
const CENTRE_OR_SUPERVISOR: &[Role] = &[MunicipalCentre, Supervisor];
const BUREAUS: &[Role] = &[CountyBureau, MunicipalCentre];

/// The table, in the order of the words.
pub const TABLE: &[JointRule] = &[
    JointRule {
        act: JointAct::ApproveResult,
        word: "approve_result",
        policy_key: "publish",
        proposers: CENTRE,
        signers: CENTRE_OR_SUPERVISOR,
        phases: &[Placed],
        patience_hours: 72,
    },
    JointRule {
        act: JointAct::DecideException,
        word: "decide_exception",
        policy_key: "exception",
        proposers: &[JuniorHigh, CountyBureau, MunicipalCentre],
        signers: BUREAUS,
        phases: &[Registering, EligibilityPosted],
        patience_hours: 240,
    },
    JointRule {
        act: JointAct::EnterLedger,
        word: "enter_ledger",
        policy_key: "ledger",
        proposers: CENTRE,
        signers: CENTRE_OR_SUPERVISOR,
        phases: &[Published, Supplementary],
        patience_hours: 72,
    },
    JointRule {
        act: JointAct::ExtendWindow,
        word: "extend_window",
        policy_key: "extend",
        proposers: BUREAUS,
        signers: BUREAUS,
        phases: &[Rehearsal, Filling, Supplementary],
        patience_hours: 2,
    },
    JointRule {
        act: JointAct::FreezeLists,
        word: "freeze_lists",
        policy_key: "freeze",
        proposers: CENTRE,
        signers: CENTRE_OR_SUPERVISOR,
        phases: &[Filling, Supplementary],
        patience_hours: 72,
    },
    JointRule {
        act: JointAct::OpenAuditorPackage,
        word: "open_auditor_package",
        policy_key: "auditor_package",
        proposers: CENTRE_OR_SUPERVISOR,
        signers: CENTRE_OR_SUPERVISOR,
        phases: &[Published, Supplementary, Frozen, Placed, Approved, Phase::Filed],
        patience_hours: 72,
    },
    JointRule {
        act: JointAct::PublishQuota,
        word: "publish_quota",
        policy_key: "quota",
        proposers: CENTRE,
        signers: CENTRE_OR_SUPERVISOR,
        phases: &[EligibilityPosted, QuotaPublished],
        patience_hours: 240,
    },
];

impl JointAct {
    /// Its row of the table.
    pub fn rule(self) -> &'static JointRule {
        TABLE.iter().find(|rule| rule.act == self).expect("every act of several people stands in the table")
    }

    /// The act of a word.
    pub fn parse(word: &str) -> Option<JointAct> {
        TABLE.iter().find(|rule| rule.word == word).map(|rule| rule.act)
    }
}

impl JointRule {
    /// Whether a role proposes it.
    pub fn proposes(&self, roles: &Roles, role: Role) -> bool {
        self.proposers.contains(&role) && self.named(roles).is_none_or(|named| named.contains(&role))
    }

    /// Whether a signature of `role` is still missing beside those of the roles `signed`, the proposer's first.
    pub fn wants(&self, roles: &Roles, signed: &[Role], role: Role) -> bool {
        match self.named(roles) {
            Some(named) => {
                let count = |roles: &[Role]| roles.iter().filter(|one| **one == role).count();
                count(signed) < count(&named)
            }
            None => self.signers.contains(&role),
        }
    }

    /// Whether these signatures suffice.
    pub fn complete(&self, roles: &Roles, signed: &[Role]) -> bool {
        let needed = self.named(roles).map_or(2, |named| named.len());
        signed.len() >= needed
    }

    /// The roles that the policy names for the act, one per signature; a policy can only ask for more than one.
    fn named(&self, roles: &Roles) -> Option<Vec<Role>> {
        let named: Vec<Role> =
            roles.get(self.policy_key)?.iter().filter_map(|word| Role::parse(word)).collect();
        (named.len() >= 2).then_some(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Policy;

    #[test]
    fn every_act_has_a_row_and_its_word_leads_back() {
        assert!(TABLE.windows(2).all(|pair| pair[0].word < pair[1].word));
        assert!(TABLE.iter().all(|rule| JointAct::parse(rule.word) == Some(rule.act.rule().act)));
    }

    #[test]
    fn roles_of_the_policy_are_counted_one_by_one() {
        let text = include_str!("../files/demonstration_season.toml");
        let roles = Policy::parse("season.toml", text).unwrap().roles;
        let rule = JointAct::ApproveResult.rule();
        assert!(!rule.wants(&roles, &[MunicipalCentre], MunicipalCentre), "the supervisor's name is missing");
        assert!(rule.wants(&roles, &[MunicipalCentre], Supervisor));
        assert!(!rule.complete(&roles, &[MunicipalCentre]));
        assert!(rule.complete(&roles, &[MunicipalCentre, Supervisor]));
        let extend = JointAct::ExtendWindow.rule();
        assert!(!extend.proposes(&roles, CountyBureau), "the policy wants two of the centre");
        assert!(extend.wants(&roles, &[MunicipalCentre], MunicipalCentre));
    }
}

//! The phases of a season and the one table of moves between them.

/// Where a season stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The policy, schools and plans are being entered (准备).
    Preparing,
    /// Rosters come in, candidates register (报名).
    Registering,
    /// Who may use quota seats is posted and may be objected to (资格公示).
    EligibilityPosted,
    /// The seats of every junior high are published (指标公布).
    QuotaPublished,
    /// Everybody may try the form; nothing of it counts (模拟填报).
    Rehearsal,
    /// Preference forms are taken (填报).
    Filling,
    /// The lists are closed and signed off (截止封存).
    Frozen,
    /// A run has placed the candidates; nobody sees it (录取).
    Placed,
    /// Two people have approved this very result (审核).
    Approved,
    /// The result is out (公布).
    Published,
    /// Lists for what is left are taken (征集志愿).
    Supplementary,
    /// Filed with the province, handed to the register (备案).
    Filed,
}

/// A move from one phase to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    OpenRegistration,
    PostEligibility,
    PublishQuota,
    StartRehearsal,
    EndRehearsal,
    OpenFilling,
    Freeze,
    Place,
    Reject,
    Approve,
    Publish,
    OpenSupplementary,
    File,
}

/// A step that this phase does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongStep {
    pub phase: Phase,
    pub step: Step,
}

impl Phase {
    /// Every phase in order.
    pub const ALL: [Phase; 12] = [
        Phase::Preparing,
        Phase::Registering,
        Phase::EligibilityPosted,
        Phase::QuotaPublished,
        Phase::Rehearsal,
        Phase::Filling,
        Phase::Frozen,
        Phase::Placed,
        Phase::Approved,
        Phase::Published,
        Phase::Supplementary,
        Phase::Filed,
    ];

    /// The word of rows and the API.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Preparing => "preparing",
            Phase::Registering => "registering",
            Phase::EligibilityPosted => "eligibility_posted",
            Phase::QuotaPublished => "quota_published",
            Phase::Rehearsal => "rehearsal",
            Phase::Filling => "filling",
            Phase::Frozen => "frozen",
            Phase::Placed => "placed",
            Phase::Approved => "approved",
            Phase::Published => "published",
            Phase::Supplementary => "supplementary",
            Phase::Filed => "filed",
        }
    }

    /// The phase of a word.
    pub fn parse(word: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|phase| phase.word() == word)
    }

    /// The phase after a step: the whole state machine of a season.
    ///
    /// A city without quota seats goes from registering to filling; a result that is not approved
    /// goes back to the frozen lists; a rehearsal ends where it began.
    ///
    /// # Errors
    /// The step is not allowed from here.
    pub fn after(self, step: Step) -> Result<Phase, WrongStep> {
        match (self, step) {
            (Phase::Preparing, Step::OpenRegistration) => Ok(Phase::Registering),
            (Phase::Registering, Step::PostEligibility) => Ok(Phase::EligibilityPosted),
            (Phase::EligibilityPosted, Step::PublishQuota) => Ok(Phase::QuotaPublished),
            (Phase::QuotaPublished, Step::StartRehearsal) => Ok(Phase::Rehearsal),
            (Phase::Rehearsal, Step::EndRehearsal) => Ok(Phase::QuotaPublished),
            (Phase::Registering | Phase::QuotaPublished, Step::OpenFilling) => Ok(Phase::Filling),
            (Phase::Filling | Phase::Supplementary, Step::Freeze) => Ok(Phase::Frozen),
            (Phase::Frozen, Step::Place) => Ok(Phase::Placed),
            (Phase::Placed | Phase::Approved, Step::Reject) => Ok(Phase::Frozen),
            (Phase::Placed, Step::Approve) => Ok(Phase::Approved),
            (Phase::Approved, Step::Publish) => Ok(Phase::Published),
            (Phase::Published, Step::OpenSupplementary) => Ok(Phase::Supplementary),
            (Phase::Published, Step::File) => Ok(Phase::Filed),
            (phase, step) => Err(WrongStep { phase, step }),
        }
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Step; 13] = [
        Step::OpenRegistration,
        Step::PostEligibility,
        Step::PublishQuota,
        Step::StartRehearsal,
        Step::EndRehearsal,
        Step::OpenFilling,
        Step::Freeze,
        Step::Place,
        Step::Reject,
        Step::Approve,
        Step::Publish,
        Step::OpenSupplementary,
        Step::File,
    ];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Step::OpenRegistration => "open_registration",
            Step::PostEligibility => "post_eligibility",
            Step::PublishQuota => "publish_quota",
            Step::StartRehearsal => "start_rehearsal",
            Step::EndRehearsal => "end_rehearsal",
            Step::OpenFilling => "open_filling",
            Step::Freeze => "freeze",
            Step::Place => "place",
            Step::Reject => "reject",
            Step::Approve => "approve",
            Step::Publish => "publish",
            Step::OpenSupplementary => "open_supplementary",
            Step::File => "file",
        }
    }

    /// The step of a word.
    pub fn parse(word: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_is_reached_and_only_the_filed_season_is_at_its_end() {
        let mut reached = vec![Phase::Preparing];
        for at in 0.. {
            let Some(&phase) = reached.get(at) else { break };
            let next: Vec<Phase> = Step::ALL.iter().filter_map(|&step| phase.after(step).ok()).collect();
            assert_eq!(next.is_empty(), phase == Phase::Filed, "{phase:?}");
            reached.extend(next.into_iter().filter(|next| !reached.contains(next)).collect::<Vec<_>>());
        }
        reached.sort();
        assert_eq!(reached, Phase::ALL);
    }

    #[test]
    fn words_lead_back_to_what_they_name() {
        assert!(Phase::ALL.iter().all(|&phase| Phase::parse(phase.word()) == Some(phase)));
        assert!(Step::ALL.iter().all(|&step| Step::parse(step.word()) == Some(step)));
    }
}

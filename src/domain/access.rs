//! The one table of who may do what to whose objects, in which phases.

use crate::domain::actor::{Actor, Whose};
use crate::domain::admission_kind::AdmissionKind;
use crate::domain::phase::Phase;
use crate::domain::role::Role;
use crate::domain::role::Role::{
    Candidate, CountyBureau, JuniorHigh, MunicipalCentre, SeniorHigh, Supervisor, SystemToken,
};
use crate::faults::planted_bug::planted;

/// How far a role reaches with an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Her own things only.
    Own,
    /// Things of the own school.
    School,
    /// Things of the own admission area.
    Area,
    /// Everything.
    All,
}

use Phase::{
    Approved, EligibilityPosted, Filed, Filling, Frozen, Placed, Preparing, Published, QuotaPublished,
    Registering, Rehearsal, Supplementary,
};
use Reach::{All, Area, Own, School};

/// Every phase.
const ANY: &[Phase] = &Phase::ALL;

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub act: Act,
    /// Roles that may, and how far; a role that is not named may not.
    pub who: &'static [(Role, Reach)],
    /// Phases of the season in which it may be done.
    pub phases: &'static [Phase],
    /// Needs the second factor again, a few minutes ago at most (step-up).
    pub dangerous: bool,
    /// What the season must admit to.
    pub admissions: &'static [AdmissionKind],
    /// Open to an account that must still change its first password or enrol its second factor.
    pub while_restricted: bool,
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The role never may: the same answer whether or not the object exists.
    Forbidden,
    /// The object does not concern the actor: the same answer as for one that is absent.
    Absent,
    /// The first password or the second factor comes first.
    Restricted,
    /// The second factor must be shown again.
    StepUp,
}

/// Writes the acts once: the enum, their operation ids and the table.
macro_rules! acts {
    ($($act:ident $word:literal: $who:expr, $phases:expr $(, $flag:ident)*;)*) => {
        /// An act; its word is the operation id of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Act { $($act),* }

        impl Act {
            /// The operation id.
            pub fn word(self) -> &'static str {
                match self { $(Act::$act => $word),* }
            }
        }

        /// The table, one row per act in the order of their names.
        pub const TABLE: &[Rule] = &[$(Rule {
            act: Act::$act,
            who: $who,
            phases: $phases,
            dangerous: false $(|| flag(stringify!($flag), "dangerous"))*,
            admissions: admissions(&[$(stringify!($flag)),*]),
            while_restricted: false $(|| flag(stringify!($flag), "while_restricted"))*,
        }),*];
    };
}

const fn flag(given: &str, wanted: &str) -> bool {
    let (given, wanted) = (given.as_bytes(), wanted.as_bytes());
    if given.len() != wanted.len() {
        return false;
    }
    let mut at = 0;
    while at < given.len() {
        if given[at] != wanted[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// An act is of senior-high seasons unless its row says `both` or `compulsory`.
const fn admissions(flags: &[&str]) -> &'static [AdmissionKind] {
    let mut at = 0;
    while at < flags.len() {
        if flag(flags[at], "both") {
            return &AdmissionKind::ALL;
        }
        if flag(flags[at], "compulsory") {
            return &[AdmissionKind::Compulsory];
        }
        at += 1;
    }
    &[AdmissionKind::SeniorHigh]
}

const CENTRE: &[(Role, Reach)] = &[(MunicipalCentre, All)];
const RUNS_SEEN: &[(Role, Reach)] = &[(MunicipalCentre, All), (Supervisor, All)];
/// Who proposes and signs; what each may stands in `joint_act`.
const JOINT: &[(Role, Reach)] =
    &[(JuniorHigh, School), (CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)];
const EVERYBODY: &[(Role, Reach)] = &[
    (Candidate, All),
    (JuniorHigh, All),
    (SeniorHigh, All),
    (CountyBureau, All),
    (MunicipalCentre, All),
    (Supervisor, All),
    (SystemToken, All),
];
const PEOPLE: &[(Role, Reach)] = &[
    (Candidate, All),
    (JuniorHigh, All),
    (SeniorHigh, All),
    (CountyBureau, All),
    (MunicipalCentre, All),
    (Supervisor, All),
];
const STAFF: &[(Role, Reach)] =
    &[(JuniorHigh, All), (SeniorHigh, All), (CountyBureau, All), (MunicipalCentre, All), (Supervisor, All)];
const KEEPERS_OF_PUPILS: &[(Role, Reach)] =
    &[(JuniorHigh, School), (CountyBureau, Area), (MunicipalCentre, All)];
const OFFICES_OF_PUPILS: &[(Role, Reach)] =
    &[(JuniorHigh, School), (CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)];
/// Who runs an entry to compulsory schools: the county's own bureau, the centre any.
const OFFICES_OF_ENTRIES: &[(Role, Reach)] = &[(CountyBureau, Area), (MunicipalCentre, All)];
const SEEN_OF_ENTRIES: &[(Role, Reach)] = &[(CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)];
const CHILDREN_SEEN: &[(Role, Reach)] =
    &[(Candidate, Own), (CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)];
const BEFORE_FREEZE: &[Phase] =
    &[Preparing, Registering, EligibilityPosted, QuotaPublished, Rehearsal, Filling, Supplementary];

/// Steps of an office's own: up to a freeze, and from a publication on.
const BETWEEN_RESULTS: &[Phase] = &[
    Preparing,
    Registering,
    EligibilityPosted,
    QuotaPublished,
    Rehearsal,
    Filling,
    Published,
    Supplementary,
];
const BEFORE_RUN: &[Phase] =
    &[Preparing, Registering, EligibilityPosted, QuotaPublished, Rehearsal, Filling, Frozen, Supplementary];

/// While lists may be thought about: from the registration to the last round.
const BEFORE_FILING: &[Phase] = &[
    Registering,
    EligibilityPosted,
    QuotaPublished,
    Rehearsal,
    Filling,
    Frozen,
    Placed,
    Approved,
    Published,
    Supplementary,
];
const SINCE_FREEZE: &[Phase] = &[Frozen, Placed, Approved, Published, Supplementary, Filed];
const OWN: &[(Role, Reach)] = &[(Candidate, Own)];

acts! {
    AdvanceSeason "advance_season": CENTRE, BETWEEN_RESULTS, dangerous, both;
    AnswerObjection "answer_objection": &[(CountyBureau, Area), (MunicipalCentre, All)], ANY;
    AskRegisters "ask_registers": OFFICES_OF_ENTRIES, &[Preparing, Registering, Filling], dangerous, compulsory;
    BringDeskFile "bring_desk_file": OFFICES_OF_ENTRIES, ANY, dangerous, compulsory;
    BringEntrySheet "bring_entry_sheet": OFFICES_OF_ENTRIES, &[Preparing, Registering, Filling], dangerous, compulsory;
    ChangePassword "change_password": PEOPLE, ANY, while_restricted;
    CheckForm "check_form": OWN, BEFORE_FILING;
    // Nobody's: the first refusal after the time is over puts the end on record.
    CloseWindow "close_window": &[], &[Rehearsal, Filling, Supplementary], both;
    CommitImport "commit_import": KEEPERS_OF_PUPILS, BEFORE_FREEZE, dangerous;
    ConfirmTotp "confirm_totp": STAFF, ANY, while_restricted;
    CreateAccount "create_account": &[(CountyBureau, Area), (MunicipalCentre, All)], ANY, dangerous;
    CreateSeason "create_season": CENTRE, ANY, dangerous, both;
    CreateSystemToken "create_system_token": CENTRE, ANY, dangerous;
    DecideEvidence "decide_evidence": OFFICES_OF_ENTRIES, &[Preparing, Registering, Filling], dangerous, compulsory;
    DeleteDeskFile "delete_desk_file": OFFICES_OF_ENTRIES, ANY, dangerous, compulsory;
    DeleteDraft "delete_draft": OWN, BEFORE_FILING;
    DeleteImport "delete_import": KEEPERS_OF_PUPILS, BEFORE_FREEZE;
    DisableAccount "disable_account": &[(CountyBureau, Area), (MunicipalCentre, All)], ANY, dangerous;
    DownloadAuditorPackage "download_auditor_package": RUNS_SEEN, ANY, dangerous, both;
    DownloadDeskFile "download_desk_file": SEEN_OF_ENTRIES, ANY, compulsory;
    DownloadDeskResult "download_desk_result": SEEN_OF_ENTRIES, ANY, compulsory;
    // Who applies to which school that draws: for the laptop that draws in front of witnesses.
    DownloadDrawKit "download_draw_kit": SEEN_OF_ENTRIES, SINCE_FREEZE, compulsory;
    DownloadEntrySheet "download_entry_sheet": SEEN_OF_ENTRIES, ANY, compulsory;
    DownloadImport "download_import": OFFICES_OF_PUPILS, ANY;
    DownloadPublicPackage "download_public_package": EVERYBODY, ANY, both;
    DrawSample "draw_sample": RUNS_SEEN, ANY;
    EnrolTotp "enrol_totp": STAFF, ANY, while_restricted;
    // Each sees those it answers for: a senior high those admitted to it, a junior high its own graduates.
    ExportAdmitted "export_admitted": &[
        (JuniorHigh, School),
        (SeniorHigh, School),
        (CountyBureau, Area),
        (MunicipalCentre, All),
        (Supervisor, All),
    ], ANY;
    FileObjection "file_objection":
        &[(Candidate, Own), (JuniorHigh, School), (SeniorHigh, School), (CountyBureau, Area)],
        &[EligibilityPosted, QuotaPublished];
    // Nobody's: an instance of the service puts on record what it computed.
    FinishRun "finish_run": &[], ANY, both;
    FollowRun "follow_run": RUNS_SEEN, ANY, both;
    HandOver "hand_over": CENTRE, &[Published, Supplementary, Filed], dangerous;
    // Nobody's: the phases in which a kind of sheet may change; who may bring it stands at upload and commit.
    ImportBonuses "import_bonuses": &[], &[Preparing, Registering, EligibilityPosted];
    ImportPlans "import_plans": &[], &[Preparing, Registering];
    ImportQuota "import_quota": &[], &[Preparing, Registering, EligibilityPosted];
    ImportRoster "import_roster": &[], &[Preparing, Registering];
    ImportScores "import_scores": &[], BEFORE_FREEZE;
    IssueChildCodes "issue_child_codes": OFFICES_OF_ENTRIES, BEFORE_FREEZE, dangerous, compulsory;
    IssueGridCards "issue_grid_cards": KEEPERS_OF_PUPILS, BEFORE_FREEZE, dangerous;
    IssueInitialCodes "issue_initial_codes": KEEPERS_OF_PUPILS, BEFORE_FREEZE, dangerous;
    ListAccounts "list_accounts": &[(CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)], ANY;
    ListAuditLines "list_audit_lines": &[(MunicipalCentre, All), (Supervisor, All)], ANY, both;
    ListCandidates "list_candidates": OFFICES_OF_PUPILS, ANY, both;
    ListChildren "list_children": SEEN_OF_ENTRIES, ANY, compulsory;
    // What pupils listed, for the paper they sign: only lists whose end is on record.
    ListConfirmationForms "list_confirmation_forms": &[(JuniorHigh, School)],
        &[Rehearsal, Filling, Frozen, Supplementary];
    ListDesks "list_desks": SEEN_OF_ENTRIES, ANY, compulsory;
    ListDrafts "list_drafts": OWN, ANY;
    // Before the publication only for those who may have the lists.
    ListDraws "list_draws": EVERYBODY, SINCE_FREEZE, compulsory;
    ListEligibility "list_eligibility": OFFICES_OF_PUPILS, ANY;
    ListEntrySheets "list_entry_sheets": SEEN_OF_ENTRIES, ANY, compulsory;
    ListFormVersions "list_form_versions": OWN, ANY;
    ListImports "list_imports": OFFICES_OF_PUPILS, ANY;
    ListKeyHolders "list_key_holders": EVERYBODY, ANY, both;
    ListLedger "list_ledger": RUNS_SEEN, ANY;
    ListNotices "list_notices": OWN, ANY, both;
    ListObjections "list_objections": &[
        (Candidate, Own),
        (JuniorHigh, School),
        (SeniorHigh, School),
        (CountyBureau, Area),
        (MunicipalCentre, All),
        (Supervisor, All),
    ], ANY;
    ListPosting "list_posting": EVERYBODY, ANY;
    ListProposals "list_proposals": JOINT, ANY, both;
    ListPublications "list_publications": EVERYBODY, ANY, both;
    ListReaders "list_readers": &[(Candidate, Own)], ANY, both;
    ListRuns "list_runs": RUNS_SEEN, ANY, both;
    ListSeasons "list_seasons": EVERYBODY, ANY, both;
    ListSeedSources "list_seed_sources": EVERYBODY, ANY, both;
    ListSessions "list_sessions": PEOPLE, ANY, while_restricted;
    ListWindows "list_windows": EVERYBODY, ANY, both;
    ListZones "list_zones": EVERYBODY, ANY, compulsory;
    // Nobody is logged in yet, or the session itself is what goes on.
    LogIn "log_in": &[], ANY;
    LogOut "log_out": PEOPLE, ANY, while_restricted;
    MoveClock "move_clock": CENTRE, ANY, dangerous, both;
    NameKeyHolders "name_key_holders": CENTRE, BEFORE_RUN, dangerous, both;
    NameSeedSource "name_seed_source": CENTRE, BEFORE_FREEZE, dangerous, both;
    PostSeatWarnings "post_seat_warnings": OFFICES_OF_ENTRIES, BEFORE_FREEZE, dangerous, compulsory;
    PreviewQuota "preview_quota":
        &[(CountyBureau, All), (MunicipalCentre, All), (Supervisor, All)], ANY;
    ProposeChange "propose_change": JOINT, ANY, dangerous, both;
    PublishResult "publish_result": CENTRE, &[Approved], dangerous, both;
    // The pupil signs on paper; the school records it against the version that was printed.
    RecordConfirmation "record_confirmation": &[(JuniorHigh, School)],
        &[Rehearsal, Filling, Frozen, Supplementary];
    RefreshSession "refresh_session": &[], ANY;
    RegisterChild "register_child": OWN, &[Filling], compulsory;
    RejectResult "reject_result": CENTRE, &[Placed, Approved], dangerous, both;
    ReportEnrolment "report_enrolment":
        &[(SeniorHigh, School), (MunicipalCentre, All)], &[Published, Supplementary];
    RequestRun "request_run": CENTRE, ANY, dangerous, both;
    ResetAccess "reset_access":
        &[(JuniorHigh, School), (CountyBureau, Area), (MunicipalCentre, All)], ANY, dangerous, both;
    RestoreFormVersion "restore_form_version": OWN, BEFORE_FILING;
    SaveDraft "save_draft": OWN, BEFORE_FILING;
    SearchProgrammes "search_programmes": EVERYBODY, ANY;
    // Nobody's: the phases in which the register is opened and classes are grouped.
    ServeDeskAfterResult "serve_desk_after_result": &[], &[Published, Supplementary, Filed], compulsory;
    SetGuardianPhone "set_guardian_phone": &[(Candidate, Own)], ANY, dangerous, both;
    SetPolicy "set_policy": CENTRE, &[Preparing], dangerous, both;
    SetWindow "set_window": CENTRE,
        &[Preparing, Registering, EligibilityPosted, QuotaPublished, Published], dangerous, both;
    ShowAccount "show_account": PEOPLE, ANY, while_restricted;
    ShowCandidate "show_candidate":
        &[(Candidate, Own), (JuniorHigh, School), (CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)],
        ANY, both;
    ShowChild "show_child": CHILDREN_SEEN, ANY, compulsory;
    ShowDesk "show_desk": SEEN_OF_ENTRIES, ANY, compulsory;
    ShowDraft "show_draft": OWN, ANY;
    ShowDraw "show_draw": EVERYBODY, SINCE_FREEZE, compulsory;
    ShowEntryResult "show_entry_result": CHILDREN_SEEN, ANY, compulsory;
    // Per junior high how many have submitted and signed: never who, and never what.
    ShowFillingProgress "show_filling_progress":
        &[(CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)], ANY;
    ShowForm "show_form": OWN, ANY;
    ShowImport "show_import": OFFICES_OF_PUPILS, ANY;
    ShowKeyParts "show_key_parts": RUNS_SEEN, ANY, both;
    ShowProhibitions "show_prohibitions": SEEN_OF_ENTRIES, ANY, compulsory;
    ShowQuota "show_quota": EVERYBODY, ANY;
    ShowReconciliation "show_reconciliation": RUNS_SEEN, ANY;
    ShowResult "show_result":
        &[(Candidate, Own), (JuniorHigh, School), (CountyBureau, Area), (MunicipalCentre, All), (Supervisor, All)],
        ANY;
    ShowRun "show_run": RUNS_SEEN, ANY, both;
    ShowSeason "show_season": EVERYBODY, ANY, both;
    // Exact for offices, with small numbers hidden for everybody else.
    ShowStatistics "show_statistics": EVERYBODY, ANY;
    // Per pupil none, draft, submitted or confirmed: never content, and no counts.
    ShowStatusBoard "show_status_board": &[(JuniorHigh, School)], ANY;
    ShowZoneBoard "show_zone_board": SEEN_OF_ENTRIES, ANY, compulsory;
    SignProposal "sign_proposal": JOINT, ANY, dangerous, both;
    StepUp "step_up": PEOPLE, ANY;
    SubmitForm "submit_form": OWN, &[Rehearsal, Filling, Supplementary];
    TellSeedPart "tell_seed_part": CENTRE, &[Frozen], dangerous, both;
    UploadImport "upload_import": KEEPERS_OF_PUPILS, BEFORE_FREEZE;
}

impl Act {
    /// The act's row.
    pub fn rule(self) -> &'static Rule {
        TABLE.iter().find(|rule| rule.act == self).expect("the macro writes a row for every act")
    }

    /// How far a role reaches with the act; `None` where it may not at all.
    pub fn reach(self, role: Role) -> Option<Reach> {
        self.rule().who.iter().find(|(may, _)| *may == role).map(|(_, reach)| *reach)
    }
}

/// Decides whether an actor may do something to somebody's thing, apart from the phase.
///
/// # Errors
/// Why not. `Forbidden` and `Absent` are told apart only by the role, never by the object.
pub fn permit(actor: &Actor, act: Act, whose: &Whose) -> Result<(), Denied> {
    if act == Act::ListFormVersions && planted("bug-row-missing") {
        return Ok(());
    }
    let rule = act.rule();
    let reach = act.reach(actor.role).ok_or(Denied::Forbidden)?;
    let in_scope = |scopes: &String| scopes.split(' ').any(|scope| scope == act.word());
    if !actor.scopes.as_ref().is_none_or(in_scope) {
        return Err(Denied::Forbidden);
    }
    if actor.restricted && !rule.while_restricted {
        return Err(Denied::Restricted);
    }
    let own_season = actor.season.as_ref().is_none_or(|season| *season == whose.season);
    let same = |mine: &Option<String>, theirs: &Option<String>| mine.is_some() && mine == theirs;
    let within = match reach {
        Reach::Own => same(&actor.exam_no, &whose.exam_no),
        Reach::School if actor.role == Role::SeniorHigh => same(&actor.school, &whose.senior),
        Reach::School => same(&actor.school, &whose.junior),
        Reach::Area => same(&actor.area, &whose.area),
        Reach::All => true,
    };
    if !(own_season && within) {
        return Err(Denied::Absent);
    }
    if rule.dangerous && !actor.stepped_up {
        return Err(Denied::StepUp);
    }
    Ok(())
}

/// Whether a role makes, resets and disables accounts of another.
pub fn governs(role: Role, other: Role) -> bool {
    match role {
        MunicipalCentre => true,
        CountyBureau => matches!(other, JuniorHigh | SeniorHigh | Candidate),
        JuniorHigh => other == Candidate,
        _ => false,
    }
}

/// Whether the act may be done in a phase.
pub fn fits_phase(act: Act, phase: Phase) -> bool {
    act.rule().phases.contains(&phase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_their_names_and_every_role_stands_once() {
        assert!(TABLE.windows(2).all(|pair| pair[0].act.word() < pair[1].act.word()));
        for rule in TABLE {
            let mut roles: Vec<Role> = rule.who.iter().map(|(role, _)| *role).collect();
            roles.sort();
            roles.dedup();
            assert_eq!(roles.len(), rule.who.len(), "{}", rule.act.word());
            assert!(!rule.phases.is_empty(), "{}", rule.act.word());
        }
        assert!(Act::AdvanceSeason.rule().dangerous && !Act::ShowSeason.rule().dangerous);
    }
}

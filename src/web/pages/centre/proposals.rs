//! Acts of several people: what waits for a name, in plain words and with its hash; and what may be proposed.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::domain::joint_act::{JointAct, TABLE};
use crate::domain::role::Role;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::ledger::enter_ledger::EntryWanted;
use crate::service::proposals::content::{Content, Wanted};
use crate::service::proposals::list_proposals::list_proposals;
use crate::service::proposals::propose_change::propose_change;
use crate::service::proposals::sign_proposal::{SignatureRow, Signed, sign_proposal};
use crate::service::runs::list_runs::list_runs;
use crate::service::runs::publish_result::list_publications;
use crate::service::season::season_policy::SeasonPolicy;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Proposals that are read at most, and those of them that are shown when nothing waits for them any more.
const MOST: i64 = 5_000;
const MOST_PAST: usize = 50;

/// A name under a proposal.
struct Name {
    role: String,
    at: String,
    own: bool,
}

/// A proposal as people read it.
struct ProposalLine {
    id: String,
    act: String,
    reason: String,
    /// What will happen: label and value.
    content: Vec<(String, String)>,
    hash: String,
    names: Vec<Name>,
    expires: String,
    done: Option<String>,
    /// Whether this member's name is wanted now.
    may_sign: bool,
    /// Whether the auditors' package it opened can be fetched by this member.
    package: bool,
}

/// An act that this member may propose now.
struct Offer {
    act: &'static str,
    /// Of an approval: the run and the root of its result.
    run: Option<(String, String)>,
    /// Of the auditors' package: the rounds that were published.
    rounds: Vec<i64>,
}

#[derive(Template)]
#[template(path = "centre/proposals.html")]
struct Proposals {
    frame: Frame,
    head: SeasonHead,
    waiting: Vec<ProposalLine>,
    past: Vec<ProposalLine>,
    offers: Vec<Offer>,
    given: Fields,
    refused: Option<Refused>,
}

/// What the season's policy and the moment say of a proposal to a member.
struct Reader<'r> {
    frame: &'r Frame,
    head: &'r SeasonHead,
    policy: &'r SeasonPolicy,
    role: Role,
    account: &'r str,
}

impl Reader<'_> {
    fn line(&self, signed: Signed) -> ProposalLine {
        let Signed { proposal, signatures } = signed;
        let read: Option<(Content, String)> = serde_json::from_str(&proposal.content).ok();
        let (content, reason) = match &read {
            Some((content, reason)) => (self.told(content), reason.clone()),
            // Written by another program: whoever signs sees it as it stands.
            None => (vec![(self.frame.t("proposal-content"), proposal.content.clone())], String::new()),
        };
        let waits = proposal.approved_at_ms.is_none() && self.real_now_ms() < proposal.expires_at_ms;
        let roles: Vec<Role> = signatures.iter().filter_map(|one| Role::parse(&one.role)).collect();
        let own = |row: &SignatureRow| row.account == self.account;
        let wanted = JointAct::parse(&proposal.act).map(JointAct::rule).is_some_and(|rule| {
            rule.wants(self.policy.roles(), &roles, self.role)
                && self.head.row.phase().is_ok_and(|phase| rule.phases.contains(&phase))
        });
        ProposalLine {
            may_sign: waits && wanted && !signatures.iter().any(own),
            package: proposal.act == JointAct::OpenAuditorPackage.rule().word
                && proposal.approved_at_ms.is_some()
                && Act::DownloadAuditorPackage.reach(self.role).is_some(),
            names: signatures
                .iter()
                .map(|row| Name {
                    role: row.role.clone(),
                    at: wire_time::read_by_people(row.at_ms),
                    own: own(row),
                })
                .collect(),
            id: proposal.id,
            act: proposal.act,
            reason,
            content,
            hash: proposal.content_hash,
            expires: wire_time::read_by_people(proposal.expires_at_ms),
            done: proposal.approved_at_ms.map(wire_time::read_by_people),
        }
    }

    /// Proposals live by the real clock, also where the season's was moved.
    fn real_now_ms(&self) -> i64 {
        self.head.now_ms - self.head.row.clock_offset_ms
    }

    fn waits(&self, signed: &Signed) -> bool {
        signed.proposal.approved_at_ms.is_none() && self.real_now_ms() < signed.proposal.expires_at_ms
    }

    fn told(&self, content: &Content) -> Vec<(String, String)> {
        let frame = self.frame;
        let line = |key: &str, value: &dyn ToString| (frame.t(key), value.to_string());
        let time = |at_ms: i64| wire_time::read_by_people(at_ms);
        let place = |code: &str| if code.is_empty() { frame.t("told-no-place") } else { code.to_owned() };
        match content {
            Content::ApproveResult(result) => vec![
                line("told-round", &result.round),
                line("told-publish-at", &time(result.publish_at_ms)),
                line("told-root", &result.root),
                line("told-leaves-root", &result.leaves_root),
                line("told-input-hash", &result.input_hash),
            ],
            Content::DecideException(exception) => vec![
                line("told-exam-no", &exception.exam_no),
                line(
                    "told-quota-use",
                    &frame.t(if exception.eligible { "told-eligible" } else { "told-not-eligible" }),
                ),
                line("told-evidence", &exception.evidence),
            ],
            Content::EnterLedger(entry) => {
                let (EntryWanted::Correction { authority, .. } | EntryWanted::Override { authority, .. }) =
                    &entry.wanted;
                let mut lines = vec![
                    line("told-exam-no", &entry.wanted.exam_no()),
                    line("told-from", &place(&entry.from_programme)),
                    line("told-to", &place(&entry.to_programme)),
                    line("told-authority", authority),
                ];
                match &entry.wanted {
                    EntryWanted::Override { reason, .. } => {
                        lines.push(line("told-override-reason", &frame.of_kind("ledger-reason", reason)));
                    }
                    EntryWanted::Correction { marks, .. } => {
                        let marks: Vec<String> =
                            marks.iter().map(|(column, mark)| format!("{column} {mark}")).collect();
                        lines.push(line("told-marks", &marks.join(", ")));
                        lines.push(line("told-would-change", &entry.would_change));
                    }
                }
                lines
            }
            Content::ExtendWindow(extension) => vec![
                line("field-stage", &frame.of_kind("stage-of", &extension.stage)),
                line("field-batch", &self.policy.list_name(&extension.batch)),
                line("field-area", &extension.area),
                line("field-new-end", &time(extension.closes_at_ms)),
            ],
            Content::FreezeLists(lists) => vec![
                line("told-round", &lists.round),
                line("told-candidates", &lists.candidates),
                line("told-choices", &lists.choices),
                line("told-sources", &lists.seed_sources.join(", ")),
                line("told-list-hash", &lists.list_hash),
                line("told-input-hash", &lists.input_hash),
            ],
            Content::OpenAuditorPackage(package) => {
                vec![line("told-round", &package.round), line("told-root", &package.root)]
            }
            Content::PublishQuota(quota) => vec![
                line("told-seats", &quota.seats),
                line("told-cells", &quota.cells),
                line("told-quota-hash", &quota.quota_hash),
            ],
        }
    }
}

/// What the member may propose now; acts about one window or one person are proposed where these are shown.
async fn offers(app: &App, caller: &Caller, reader: &Reader<'_>) -> Result<Vec<Offer>, ServiceError> {
    let season = &reader.head.row.code;
    let phase = reader.head.row.phase()?;
    let mut offers = Vec::new();
    for rule in TABLE.iter().filter(|rule| rule.phases.contains(&phase)) {
        if !rule.proposes(reader.policy.roles(), reader.role) {
            continue;
        }
        let mut offer = Offer { act: rule.word, run: None, rounds: Vec::new() };
        match rule.act {
            JointAct::FreezeLists | JointAct::PublishQuota => {}
            JointAct::ApproveResult => {
                let runs = list_runs(app, caller, season.clone(), String::new(), MOST).await?;
                let done = runs.into_iter().rfind(|run| run.kind == "official" && run.state == "done");
                offer.run = done.map(|run| (run.id, run.root));
                if offer.run.is_none() {
                    continue;
                }
            }
            JointAct::OpenAuditorPackage => {
                let rounds = list_publications(app, caller, season.clone()).await?;
                offer.rounds = rounds.into_iter().map(|one| one.round).collect();
                if offer.rounds.is_empty() {
                    continue;
                }
            }
            JointAct::DecideException | JointAct::EnterLedger | JointAct::ExtendWindow => continue,
        }
        offers.push(offer);
    }
    Ok(offers)
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let role = member.role();
    let Member { caller, own, frame } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let policy = SeasonPolicy::of(&head.row).map_err(failed)?;
    let all = list_proposals(app, &caller, season.to_owned(), String::new(), MOST).await.map_err(failed)?;
    let reader = Reader { frame: &frame, head: &head, policy: &policy, role, account: &own.account.id };
    let offers = offers(app, &caller, &reader).await.map_err(failed)?;
    let (waiting, past): (Vec<Signed>, Vec<Signed>) =
        all.into_iter().rev().partition(|signed| reader.waits(signed));
    let waiting = waiting.into_iter().map(|signed| reader.line(signed)).collect();
    let past = past.into_iter().take(MOST_PAST).map(|signed| reader.line(signed)).collect();
    let screen = Proposals { waiting, past, offers, given, refused, head, frame };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows them.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, Fields::default(), None).await
}

/// Proposes, or signs what was read and ticked.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let done = match fields.button() {
        Some(("propose", act)) => propose(&app, &member, &season, act, &fields).await,
        Some(("sign", id)) if fields.text("sure") != "1" => {
            let unticked = Refused::field(&member.frame, &format!("sure-{id}"), "tick-first");
            return screen(&app, member, &season, fields, Some(unticked)).await;
        }
        Some(("sign", id)) => {
            let hash = fields.text("hash").to_owned();
            sign_proposal(&app, &member.caller, season.clone(), id.to_owned(), hash).await
        }
        _ => Err(ServiceError::NotFound),
    };
    match done {
        Ok(_) => Ok(go(&format!("/seasons/{season}/proposals"))),
        Err(error) => {
            let id = format!("reason-{}", fields.text("of"));
            let refused = Refused::of(&member.frame, error)?.aimed("reason", &id);
            screen(&app, member, &season, fields, Some(refused)).await
        }
    }
}

async fn propose(
    app: &App,
    member: &Member,
    season: &str,
    act: &str,
    fields: &Fields,
) -> Result<Signed, ServiceError> {
    let mut faults = Vec::new();
    let wanted = match JointAct::parse(act) {
        Some(JointAct::FreezeLists) => Wanted::FreezeLists,
        Some(JointAct::PublishQuota) => Wanted::PublishQuota,
        Some(JointAct::OpenAuditorPackage) => {
            Wanted::OpenAuditorPackage { round: fields.text("round").parse().unwrap_or(0) }
        }
        Some(JointAct::ApproveResult) => Wanted::ApproveResult {
            run: fields.text("run").to_owned(),
            publish_at_ms: wire_time::read_local(fields.text("publish_at"), "/publish_at", &mut faults),
        },
        _ => return Err(ServiceError::NotFound),
    };
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let reason = fields.text("reason").to_owned();
    propose_change(app, &member.caller, season.to_owned(), wanted, reason).await
}

//! One more person signs what was proposed; with the last signature it happens.

use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::hexadecimal::hex;
use crate::domain::joint_act::{JointAct, JointRule};
use crate::domain::phase::Phase;
use crate::domain::role::Role;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::proposals::content::Content;
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::seasons::{self, SeasonRow};
use crate::storage::signatures;
pub use crate::storage::signatures::SignatureRow;

/// A signed proposal: done, or waiting for more names.
#[derive(Clone, Debug)]
pub struct Signed {
    pub proposal: ProposalRow,
    pub signatures: Vec<SignatureRow>,
}

/// Signs a proposal, naming the hash of what was seen; with the last signature the act happens, in the same
/// transaction.
///
/// # Errors
/// `NotFound`; `Conflict` `same_person`, `not_independent`, `not_wanted`, `expired`, `other_content`,
/// `done`; and what the act asks at this moment.
pub async fn sign_proposal(
    app: &App,
    caller: &Caller,
    code: String,
    id: String,
    content_hash: String,
) -> Result<Signed, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let (season, mut proposal) = found(transaction, Act::SignProposal, &code, &id)?;
        let act = JointAct::parse(&proposal.act)
            .ok_or_else(|| ServiceError::Internal(format!("proposal {id} is of an unknown act")))?;
        if !act.rule().phases.contains(&season.phase()?) {
            return Err(not_now(act.rule(), season.phase()?));
        }
        let refuse = |code, detail: &str| Err(ServiceError::conflict(code, detail));
        if proposal.approved_by.is_some() {
            return refuse("done", "this was signed by all and done before");
        }
        if transaction.at_ms >= proposal.expires_at_ms {
            return refuse("expired", "the proposal has waited too long; propose it again");
        }
        if proposal.content_hash != content_hash || hex(&Sha256::digest(&proposal.content)) != content_hash {
            return refuse("other_content", "what you saw is not what was proposed");
        }
        let mut signed = signatures::list(transaction.connection, &id)?;
        if signed.iter().any(|signature| signature.content_hash != content_hash) {
            return refuse("other_content", "somebody signed something else");
        }
        for signature in &signed {
            independent(transaction, &signature.account)?;
        }
        let policy = SeasonPolicy::of(&season)?;
        let mut roles: Vec<Role> = signed.iter().filter_map(|one| Role::parse(&one.role)).collect();
        let role = transaction.actor.role;
        if !act.rule().wants(policy.roles(), &roles, role) {
            return refuse("not_wanted", "no signature of this role is missing");
        }
        let signature = SignatureRow {
            proposal: id.clone(),
            account: transaction.actor.account.clone(),
            role: role.word().to_owned(),
            content_hash,
            at_ms: transaction.at_ms,
        };
        let mut changes = vec![signatures::add(transaction.connection, &signature)?];
        signed.push(signature);
        roles.push(role);
        if act.rule().complete(policy.roles(), &roles) {
            let (content, _): (Content, String) = serde_json::from_str(&proposal.content)
                .map_err(|error| ServiceError::Internal(format!("proposal {id}: {error}")))?;
            changes.extend(content.happen(&door, transaction, &season, &proposal.content_hash)?);
            let last = transaction.actor.account.clone();
            let at_ms = transaction.at_ms;
            changes.push(proposals::approve(transaction.connection, &mut proposal, &last, at_ms)?);
        }
        let subject = format!("proposal:{id}");
        let detail = format!("{} {}", proposal.act, proposal.content_hash);
        transaction.note(Act::SignProposal, &code, &subject, detail, changes)?;
        Ok(Signed { proposal, signatures: signed })
    })
    .await
}

/// The refusal of an act that another phase of the season is for.
pub fn not_now(rule: &JointRule, phase: Phase) -> ServiceError {
    let detail = format!("{} is not for the phase {}", rule.word, phase.word());
    ServiceError::conflict("not_now", detail)
}

/// The proposal and its season, if the act is the actor's to do to it.
///
/// # Errors
/// As [`Transaction::season_for`]; `NotFound` alike for none and for somebody else's.
pub fn found(
    transaction: &mut Transaction<'_>,
    act: Act,
    code: &str,
    id: &str,
) -> Result<(SeasonRow, ProposalRow), ServiceError> {
    if act.reach(transaction.actor.role).is_none() {
        return Err(ServiceError::Forbidden);
    }
    // Whoever signs last acts on what stands then: signatures of one season take turns.
    seasons::hold(transaction.connection, code)?;
    let proposal = proposals::find(transaction.connection, id)?
        .filter(|found| found.season == code)
        .ok_or(ServiceError::NotFound)?;
    let whose = Whose { area: proposal.area.clone(), junior: proposal.junior.clone(), ..Whose::season(code) };
    let season = transaction.season_for(act, &whose)?;
    Ok((season, proposal))
}

/// Refuses where the actor is, or could have logged in as, somebody who has signed.
fn independent(transaction: &mut Transaction<'_>, signer: &str) -> Result<(), ServiceError> {
    let own = transaction.actor.account.clone();
    if own == signer {
        return Err(ServiceError::conflict("same_person", "another person must sign"));
    }
    let find = |transaction: &mut Transaction<'_>, id: &str| {
        accounts::find(transaction.connection, id)?.ok_or(ServiceError::Unauthenticated)
    };
    let (mine, theirs) = (find(transaction, &own)?, find(transaction, signer)?);
    if let Some((code, detail)) = dependence(&mine, &theirs) {
        return Err(ServiceError::conflict(code, detail));
    }
    if theirs.disabled {
        return Err(ServiceError::conflict("not_independent", "an account that has signed is disabled"));
    }
    Ok(())
}

/// Why two accounts may be one person's, with its code.
pub fn dependence(mine: &AccountRow, theirs: &AccountRow) -> Option<(&'static str, &'static str)> {
    let name = |name: &str| name.split_whitespace().collect::<String>().to_lowercase();
    if !mine.name.is_empty() && name(&mine.name) == name(&theirs.name) {
        return Some(("same_person", "another person must sign: both accounts have one name"));
    }
    if mine.access_from == theirs.id || theirs.access_from == mine.id {
        let detail = "one of the two handed the other's password out; somebody else must sign";
        return Some(("not_independent", detail));
    }
    None
}

//! The first person proposes, and that is the first signature.

use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::hexadecimal::hex;
use crate::service::app::{App, Caller};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::proposals::content::Wanted;
use crate::service::proposals::sign_proposal::{Signed, not_now};
use crate::service::season::season_policy::SeasonPolicy;
use crate::service::stated_reason::check_reason;
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::signatures::{self, SignatureRow};

/// Milliseconds of an hour.
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Proposes an act of several people.
///
/// # Errors
/// `Forbidden` for roles that propose nothing, `NotFound` for what is none of theirs, `WrongPhase`,
/// `Invalid`, and what the act itself asks.
pub async fn propose_change(
    app: &App,
    caller: &Caller,
    code: String,
    wanted: Wanted,
    reason: String,
) -> Result<Signed, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        if Act::ProposeChange.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        let rule = wanted.act().rule();
        let whose = wanted.whose(transaction, &code)?;
        let season = transaction.season_for(Act::ProposeChange, &whose)?;
        if !rule.proposes(SeasonPolicy::of(&season)?.roles(), transaction.actor.role) {
            let fault = FieldFault::new("/act", "not_yours", "is not proposed by this role in this season");
            return Err(ServiceError::Invalid(vec![fault]));
        }
        if !rule.phases.contains(&season.phase()?) {
            return Err(not_now(rule, season.phase()?));
        }
        check_reason(&reason)?;
        let content = wanted.whole(&door, transaction, &season)?;
        let content = serde_json::to_string(&(content, reason.trim()))
            .map_err(|error| ServiceError::Internal(format!("the content of a proposal: {error}")))?;
        let proposal = ProposalRow {
            id: uuid::Uuid::now_v7().to_string(),
            season: code.clone(),
            act: rule.word.to_owned(),
            area: whose.area,
            junior: whose.junior,
            content_hash: hex(&Sha256::digest(&content)),
            content,
            proposed_by: transaction.actor.account.clone(),
            proposed_at_ms: transaction.at_ms,
            expires_at_ms: transaction.at_ms + rule.patience_hours * HOUR_MS,
            approved_by: None,
            approved_at_ms: None,
        };
        let signature = SignatureRow {
            proposal: proposal.id.clone(),
            account: transaction.actor.account.clone(),
            role: transaction.actor.role.word().to_owned(),
            content_hash: proposal.content_hash.clone(),
            at_ms: transaction.at_ms,
        };
        let changes = vec![
            proposals::add(transaction.connection, &proposal)?,
            signatures::add(transaction.connection, &signature)?,
        ];
        let subject = format!("proposal:{}", proposal.id);
        let detail = format!("{} {}", rule.word, proposal.content_hash);
        transaction.note(Act::ProposeChange, &code, &subject, detail, changes)?;
        Ok(Signed { proposal, signatures: vec![signature] })
    })
    .await
}

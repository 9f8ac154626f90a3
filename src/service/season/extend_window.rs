//! A window's end is moved by two people, for everybody in the area.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::hexadecimal::hex;
use crate::service::app::{App, Caller};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::stated_reason::reason_fault;
use crate::storage::proposals;
pub use crate::storage::proposals::ProposalRow;
use crate::storage::windows::{self, WindowRow};

/// How long a proposal waits for its second person.
const PATIENCE_MS: i64 = 2 * 60 * 60 * 1000;

/// The new end of a window.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extension {
    pub stage: String,
    pub batch: String,
    pub area: String,
    pub closes_at_ms: i64,
    /// Why, as it is published.
    pub reason: String,
}

/// The first person proposes.
///
/// # Errors
/// `Invalid` with every fault; `NotFound` for an area that is not the actor's.
pub async fn propose_extension(
    app: &App,
    caller: &Caller,
    code: String,
    extension: Extension,
) -> Result<ProposalRow, ServiceError> {
    app.act(caller, move |transaction| {
        let whose = Whose { area: Some(extension.area.clone()), ..Whose::season(&code) };
        transaction.season_for(Act::ProposeExtension, &whose)?;
        let key =
            (code.as_str(), extension.stage.as_str(), extension.batch.as_str(), extension.area.as_str());
        let window = windows::find_to_change(transaction.connection, key)?.ok_or(ServiceError::NotFound)?;
        let mut faults = Vec::new();
        if extension.closes_at_ms <= window.closes_at_ms {
            faults.push(FieldFault::new("/closes_at", "order", "must be later than the present end"));
        }
        faults.extend(reason_fault(&extension.reason));
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let content = serde_json::to_string(&extension).expect("texts and numbers are JSON");
        let proposal = ProposalRow {
            id: uuid::Uuid::now_v7().to_string(),
            season: code.clone(),
            act: Act::ApproveExtension.word().to_owned(),
            area: Some(extension.area),
            content_hash: hex(&Sha256::digest(&content)),
            content,
            proposed_by: transaction.actor.account.clone(),
            proposed_at_ms: transaction.at_ms,
            expires_at_ms: transaction.at_ms + PATIENCE_MS,
            approved_by: None,
            approved_at_ms: None,
        };
        let change = proposals::add(transaction.connection, &proposal)?;
        let subject = format!("proposal:{}", proposal.id);
        transaction.note(Act::ProposeExtension, &code, &subject, extension.reason, vec![change])?;
        Ok(proposal)
    })
    .await
}

/// The second person approves what the first proposed, naming the hash of what was seen; the end moves.
///
/// # Errors
/// `NotFound`; `Conflict` `same_person`, `expired`, `other_content`, `approved`, or `passed` when the
/// new end is over by now.
pub async fn approve_extension(
    app: &App,
    caller: &Caller,
    code: String,
    id: String,
    content_hash: String,
) -> Result<WindowRow, ServiceError> {
    app.act(caller, move |transaction| {
        if Act::ApproveExtension.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        let found = proposals::find(transaction.connection, &id)?
            .filter(|found| found.season == code && found.act == Act::ApproveExtension.word());
        let mut proposal = found.ok_or(ServiceError::NotFound)?;
        let whose = Whose { area: proposal.area.clone(), ..Whose::season(&code) };
        let season = transaction.season_for(Act::ApproveExtension, &whose)?;
        let refuse = |code, detail: &str| Err(ServiceError::conflict(code, detail));
        if proposal.proposed_by == transaction.actor.account {
            return refuse("same_person", "a second person must approve");
        }
        if proposal.approved_by.is_some() {
            return refuse("approved", "this proposal was approved before");
        }
        if transaction.at_ms >= proposal.expires_at_ms {
            return refuse("expired", "the proposal has waited too long; propose it again");
        }
        if proposal.content_hash != content_hash || hex(&Sha256::digest(&proposal.content)) != content_hash {
            return refuse("other_content", "what you saw is not what was proposed");
        }
        let extension: Extension = serde_json::from_str(&proposal.content)
            .map_err(|error| ServiceError::Internal(format!("proposal {id}: {error}")))?;
        let key =
            (code.as_str(), extension.stage.as_str(), extension.batch.as_str(), extension.area.as_str());
        let mut window =
            windows::find_to_change(transaction.connection, key)?.ok_or(ServiceError::NotFound)?;
        let now_ms = transaction.season_now_ms(&season)?;
        if extension.closes_at_ms <= window.closes_at_ms.max(now_ms) {
            return refuse("passed", "the new end is over by now, or another extension reaches further");
        }
        window.closes_at_ms = extension.closes_at_ms;
        // A window that had closed takes forms again: only two people can do that, and it is on record.
        window.closed_at_ms = None;
        let approver = transaction.actor.account.clone();
        let changes = vec![
            proposals::approve(transaction.connection, &mut proposal, &approver, transaction.at_ms)?,
            windows::replace(transaction.connection, &window)?,
        ];
        let subject = format!("proposal:{id}");
        transaction.note(Act::ApproveExtension, &code, &subject, extension.reason, changes)?;
        Ok(window)
    })
    .await
}

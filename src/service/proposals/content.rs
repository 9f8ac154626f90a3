//! What is proposed: the request of the first person made whole, and what happens with the last signature.

use serde::{Deserialize, Serialize};

use crate::domain::actor::Whose;
use crate::domain::joint_act::JointAct;
use crate::service::app::{App, Transaction};
use crate::service::error::ServiceError;
use crate::service::ledger::enter_ledger::{self, EntryToMake, EntryWanted};
use crate::service::proof::open_auditor_package::{self, PackageToOpen};
use crate::service::quota::decide_exception::{self, Exception};
use crate::service::quota::publish_quota::{self, QuotaToPublish};
use crate::service::runs::approve_result::{self, ResultToApprove};
use crate::service::runs::freeze_lists::{self, ListsToFreeze};
use crate::service::season::extend_window::{self, Extension};
use crate::storage::change::Change;
use crate::storage::seasons::SeasonRow;

/// What the first person asks for.
#[derive(Clone, Debug)]
pub enum Wanted {
    ApproveResult { run: String, publish_at_ms: i64 },
    DecideException(Exception),
    EnterLedger(EntryWanted),
    ExtendWindow(Extension),
    FreezeLists,
    OpenAuditorPackage { round: i64 },
    PublishQuota,
}

/// What all sign: everything that will happen, with the hashes of what it is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Content {
    ApproveResult(ResultToApprove),
    DecideException(Exception),
    EnterLedger(EntryToMake),
    ExtendWindow(Extension),
    FreezeLists(ListsToFreeze),
    OpenAuditorPackage(PackageToOpen),
    PublishQuota(QuotaToPublish),
}

impl Wanted {
    /// The row of the table.
    pub fn act(&self) -> JointAct {
        match self {
            Wanted::ApproveResult { .. } => JointAct::ApproveResult,
            Wanted::DecideException(_) => JointAct::DecideException,
            Wanted::EnterLedger(_) => JointAct::EnterLedger,
            Wanted::ExtendWindow(_) => JointAct::ExtendWindow,
            Wanted::FreezeLists => JointAct::FreezeLists,
            Wanted::OpenAuditorPackage { .. } => JointAct::OpenAuditorPackage,
            Wanted::PublishQuota => JointAct::PublishQuota,
        }
    }

    /// Whose concern it is.
    ///
    /// # Errors
    /// `NotFound` for nobody's.
    pub fn whose(&self, transaction: &mut Transaction<'_>, season: &str) -> Result<Whose, ServiceError> {
        match self {
            Wanted::DecideException(exception) => decide_exception::whose(transaction, season, exception),
            Wanted::ExtendWindow(extension) => {
                Ok(Whose { area: Some(extension.area.clone()), ..Whose::season(season) })
            }
            _ => Ok(Whose::season(season)),
        }
    }

    /// Checked and made whole.
    ///
    /// # Errors
    /// What the act asks.
    pub fn whole(
        self,
        app: &App,
        transaction: &mut Transaction<'_>,
        season: &SeasonRow,
    ) -> Result<Content, ServiceError> {
        Ok(match self {
            Wanted::ApproveResult { run, publish_at_ms } => {
                Content::ApproveResult(approve_result::whole(transaction, season, &run, publish_at_ms)?)
            }
            Wanted::DecideException(exception) => {
                decide_exception::check_exception(&exception)?;
                Content::DecideException(exception)
            }
            Wanted::EnterLedger(wanted) => {
                Content::EnterLedger(enter_ledger::whole(app, transaction, season, wanted)?)
            }
            Wanted::ExtendWindow(extension) => {
                extend_window::check_extension(transaction, season, &extension)?;
                Content::ExtendWindow(extension)
            }
            Wanted::FreezeLists => Content::FreezeLists(freeze_lists::lists(transaction, season)?),
            Wanted::OpenAuditorPackage { round } => {
                Content::OpenAuditorPackage(open_auditor_package::whole(transaction, season, round)?)
            }
            Wanted::PublishQuota => Content::PublishQuota(publish_quota::quota(transaction, season)?),
        })
    }
}

impl Content {
    /// Does it.
    ///
    /// # Errors
    /// What the act asks, at this moment: what has changed since it was proposed refuses.
    pub fn happen(
        &self,
        app: &App,
        transaction: &mut Transaction<'_>,
        season: &SeasonRow,
        content_hash: &str,
    ) -> Result<Vec<Change>, ServiceError> {
        match self {
            Content::ApproveResult(result) => approve_result::approve_result(transaction, season, result),
            Content::DecideException(exception) => {
                decide_exception::decide_exception(transaction, season, exception)
            }
            Content::EnterLedger(entry) => {
                enter_ledger::enter_ledger(app, transaction, season, entry, content_hash)
            }
            Content::ExtendWindow(extension) => extend_window::extend_window(transaction, season, extension),
            Content::FreezeLists(lists) => freeze_lists::freeze_lists(transaction, season, lists),
            Content::OpenAuditorPackage(package) => {
                open_auditor_package::open_auditor_package(transaction, season, package)
            }
            Content::PublishQuota(quota) => publish_quota::publish_quota(transaction, season, quota),
        }
    }
}

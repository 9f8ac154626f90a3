//! The quota as the season's data give it now: the cells and the proof of every number.

use crate::domain::hexadecimal::hex;
use crate::domain::quota::{MatrixRounding, Method, Per};
use crate::domain::season::Season;
use crate::engine::draw::{list_hash, seed_of};
use crate::engine::eligibility::refusals;
use crate::engine::season_quota::season_quota;
use crate::files::quota_proof;
use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::result_sheets::quota_sheet;
use crate::service::runs::run_input::{RunInput, run_input};
use crate::storage::seasons::SeasonRow;

/// The sheets of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedQuota {
    /// `quota.csv`.
    pub cells: String,
    /// Line by line why each number is what it is, for programs and for print.
    pub proof: String,
    pub page: String,
    pub cell_count: usize,
    pub seats: u64,
}

/// Computes the quota of the season as it stands.
///
/// # Errors
/// `Conflict` `no_quota` where the policy has none, `quota_floor` with every breach of the rule (60 %), and
/// `quota_needs_seed` where the rule draws lots and the seed is not known yet; `Invalid` with faults of the sheets.
pub fn computed_quota(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
) -> Result<ComputedQuota, ServiceError> {
    let input = run_input(transaction.connection, season, "official")?;
    let read = read(&input)?;
    let Some(rule) = &read.policy.quota else {
        return Err(ServiceError::conflict("no_quota", "the policy has no quota seats"));
    };
    let chance = rule.method == Method::IntegerPartThenLots
        || (rule.per == Per::Matrix && rule.matrix_rounding == MatrixRounding::Cycle);
    if chance && read.policy.lot.parts.is_empty() {
        let detail = "this rule draws lots and the seed is told only after the freeze: fix the drawn cells by \
            quota.csv with the protocol of the draw as their reason, or choose another method";
        return Err(ServiceError::conflict("quota_needs_seed", detail));
    }
    let numbers: Vec<&str> = (0..read.candidates.len()).map(|at| read.candidates.exam_no.get(at)).collect();
    let list_hash =
        list_hash(&numbers).map_err(|_| ServiceError::Internal("an exam number stands twice".to_owned()))?;
    let parts: Vec<Vec<u8>> = read.policy.lot.parts.iter().map(|part| part.clone().into_bytes()).collect();
    let quota = season_quota(&read, &refusals(&read), seed_of(list_hash, &parts)).map_err(|breaches| {
        let all: Vec<String> = breaches.iter().map(ToString::to_string).collect();
        ServiceError::conflict("quota_floor", all.join("; "))
    })?;
    let plan = quota
        .plan
        .as_ref()
        .ok_or_else(|| ServiceError::conflict("no_quota", "the policy has no quota seats"))?;
    let (mut proof, mut page) = (Vec::new(), Vec::new());
    quota_proof::write_csv(plan, &quota.juniors, &quota.programmes, &mut proof)
        .and_then(|()| quota_proof::write_page(plan, &quota.juniors, &quota.programmes, &mut page))
        .map_err(|error| ServiceError::Internal(format!("the proof sheet: {error}")))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(ComputedQuota {
        cells: text(quota_sheet(&read, &quota)),
        proof: text(proof),
        page: text(page),
        cell_count: plan.cells.len(),
        seats: plan.cells.iter().map(|cell| u64::from(cell.seats)).sum(),
    })
}

fn read(input: &RunInput) -> Result<Season, ServiceError> {
    input.season(None).map_err(|faults| {
        let fault = |fault| FieldFault::of_file("/season", "sheet", fault);
        ServiceError::Invalid(faults.iter().map(fault).collect())
    })
}

impl ComputedQuota {
    /// SHA-256 over the cells and their proof.
    pub fn hash(&self) -> String {
        use sha2::{Digest, Sha256};
        let sheets = [&self.cells, &self.proof, &self.page];
        let over = sheets.iter().fold(Sha256::new(), |hash, sheet| {
            hash.chain_update((sheet.len() as u64).to_le_bytes()).chain_update(sheet)
        });
        hex(&over.finalize())
    }
}

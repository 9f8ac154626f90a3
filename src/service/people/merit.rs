//! Where each candidate stands in the order of merit, kept for the state of the season's sheets.

use crate::domain::candidates::Texts;
use crate::domain::points::Points;
use crate::domain::rank_band::RankBand;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::merit_order::MeritOrder;
use crate::engine::totals::{Total, totals};
use crate::files::season_folder::read_until;
use crate::service::data_in::stored_sheets;
use crate::service::error::ServiceError;
use crate::service::kept_by_hash::KeptByHash;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::audit_lines;
use crate::storage::database::AnyConnection;
use crate::storage::seasons::SeasonRow;

/// Everybody's totals and their order.
struct Merit {
    exam_no: Texts,
    totals: Vec<Total>,
    order: MeritOrder,
}

/// A candidate's total, and the band of her rank where enough are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnMerit {
    pub total: Points,
    pub band: Option<RankBand>,
}

/// Where a candidate stands; none before scores are in, and without a valid exam record of hers.
///
/// # Errors
/// Storage failed.
pub fn own_merit(
    connection: &mut AnyConnection,
    kept: &KeptByHash,
    season: &SeasonRow,
    exam_no: &str,
) -> Result<Option<OwnMerit>, ServiceError> {
    // Nothing but an import changes scores, bonuses or the roster's order; its seal stands for all before it.
    let Some(seal) = audit_lines::last_import(connection, &season.code)? else { return Ok(None) };
    let state = format!("merit {} {seal}", season.code);
    // Reading everybody's marks takes seconds: those who ask first wait for one of them.
    let merit = kept.get_or_make(&state, || merit(connection, season))?;
    let Some(at) = merit.exam_no.find(exam_no, 0) else { return Ok(None) };
    let total = &merit.totals[at];
    Ok(total.record.then(|| {
        let total = total.total();
        OwnMerit { total, band: RankBand::of(merit.order.rank(total), merit.order.ranked()) }
    }))
}

fn merit(connection: &mut AnyConnection, season: &SeasonRow) -> Result<Merit, ServiceError> {
    let kinds = [SheetKind::Areas, SheetKind::JuniorSchools, SheetKind::Candidates, SheetKind::Scores];
    let sheets = stored_sheets::context_with_bonuses(connection, &season.code, &kinds)?;
    let (season, _) = read_until(SheetKind::Scores, &*stored_policy(season)?, &sheets);
    let totals = totals(&season);
    Ok(Merit { order: MeritOrder::new(&totals), exam_no: season.candidates.exam_no, totals })
}

//! What an account has shown as second factor already, so that nothing is accepted twice.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::factor_uses;

/// The uses of an account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = factor_uses, treat_none_as_default_value = false)]
pub struct FactorUseRow {
    pub account: String,
    /// The time step of the last accepted code; -1 before the first.
    pub totp_last_step: i64,
    /// The card that `card_next` counts for.
    pub card_serial: i64,
    /// The challenge that is asked next.
    pub card_next: i64,
}

/// The uses of an account; of an account without any, those of nobody.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, account: &str) -> Result<FactorUseRow, StorageError> {
    let found =
        factor_uses::table.find(account).select(FactorUseRow::as_select()).first(connection).optional()?;
    Ok(found.unwrap_or_else(|| FactorUseRow {
        account: account.to_owned(),
        totp_last_step: -1,
        card_serial: 0,
        card_next: 0,
    }))
}

/// Moves an account's uses on from what was seen; `false` when somebody else did meanwhile.
///
/// # Errors
/// Storage failed.
pub fn advance(
    connection: &mut AnyConnection,
    seen: &FactorUseRow,
    next: &FactorUseRow,
) -> Result<bool, StorageError> {
    let changed = diesel::update(factor_uses::table.find(&seen.account))
        .filter(factor_uses::totp_last_step.eq(seen.totp_last_step))
        .filter(factor_uses::card_serial.eq(seen.card_serial))
        .filter(factor_uses::card_next.eq(seen.card_next))
        .set((
            factor_uses::totp_last_step.eq(next.totp_last_step),
            factor_uses::card_serial.eq(next.card_serial),
            factor_uses::card_next.eq(next.card_next),
        ))
        .execute(connection)?;
    if changed == 1 {
        return Ok(true);
    }
    let known: i64 =
        factor_uses::table.filter(factor_uses::account.eq(&seen.account)).count().get_result(connection)?;
    if known == 0 {
        diesel::insert_into(factor_uses::table).values(next).execute(connection)?;
    }
    Ok(known == 0)
}

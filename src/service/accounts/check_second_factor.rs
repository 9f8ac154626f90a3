//! A second factor is asked for, checked and used up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::secrets::field_cipher::Place;
use crate::service::secrets::grid_card::Cell;
use crate::service::secrets::totp;
use crate::storage::database::AnyConnection;
use crate::storage::factor_uses::{self, FactorUseRow};
use crate::storage::second_factors::{self, SecondFactorRow};

/// What an account can show, and what it has shown already.
#[derive(Clone, Debug)]
pub struct Factors {
    pub row: SecondFactorRow,
    uses: FactorUseRow,
}

/// A right answer, not yet used up.
#[derive(Clone, Debug)]
pub struct Shown(FactorUseRow);

impl Factors {
    /// The factors of an account.
    ///
    /// # Errors
    /// Storage failed.
    pub fn load(connection: &mut AnyConnection, account: &str) -> Result<Factors, ServiceError> {
        let row = second_factors::find(connection, account)?;
        let uses = factor_uses::find(connection, account)?;
        Ok(Factors { row, uses })
    }

    /// Whether the account has a factor to show.
    pub fn any(&self) -> bool {
        self.row.totp_secret.is_some() || self.row.card_serial > 0
    }

    /// The cells that the grid card is asked for next, `A1` to `H10`; empty without a card.
    pub fn challenge(&self, app: &App) -> Vec<String> {
        let (serial, number) = self.card();
        let cells = (serial > 0).then(|| app.keyring().cards.challenge(&self.row.account, serial, number));
        cells.flatten().map(|cells| cells.map(Cell::name).to_vec()).unwrap_or_default()
    }

    /// The answer, if it is right at this moment: a code of the app, or the cells of the card.
    ///
    /// # Errors
    /// `Internal` when the stored secret does not open.
    pub fn shown(&self, app: &App, answer: &str, at_ms: i64) -> Result<Option<Shown>, ServiceError> {
        if let Some(sealed) = &self.row.totp_secret {
            let secret = opened(app, &self.row.account, "totp_secret", sealed)?;
            let last = u64::try_from(self.uses.totp_last_step).ok();
            let now_s = u64::try_from(at_ms / 1000).unwrap_or(0);
            let step = totp::accepted_step(secret, answer, now_s, last);
            let step = step.and_then(|step| i64::try_from(step).ok());
            return Ok(step.map(|step| Shown(FactorUseRow { totp_last_step: step, ..self.uses.clone() })));
        }
        let (serial, number) = self.card();
        let right = serial > 0 && app.keyring().cards.confirms(&self.row.account, serial, number, answer);
        Ok(right.then(|| Shown(self.after_challenge())))
    }

    /// Uses a right answer up; `false` when the same answer was used at the same time elsewhere.
    ///
    /// # Errors
    /// Storage failed.
    pub fn use_up(&self, connection: &mut AnyConnection, shown: &Shown) -> Result<bool, ServiceError> {
        Ok(factor_uses::advance(connection, &self.uses, &shown.0)?)
    }

    /// After a wrong answer of somebody who knew the password, the card is asked for other cells.
    ///
    /// # Errors
    /// Storage failed.
    pub fn ask_anew(&self, connection: &mut AnyConnection) -> Result<(), ServiceError> {
        if self.row.totp_secret.is_none() && self.row.card_serial > 0 {
            // Lost to another answer at the same time, which moved on as well.
            let _moved = factor_uses::advance(connection, &self.uses, &self.after_challenge())?;
        }
        Ok(())
    }

    /// The valid card and the number of its next challenge; a new card begins at 0.
    fn card(&self) -> (u32, u32) {
        let number = if self.uses.card_serial == self.row.card_serial { self.uses.card_next } else { 0 };
        (u32::try_from(self.row.card_serial).unwrap_or(0), u32::try_from(number).unwrap_or(u32::MAX))
    }

    fn after_challenge(&self) -> FactorUseRow {
        let next = i64::from(self.card().1) + 1;
        FactorUseRow { card_serial: self.row.card_serial, card_next: next, ..self.uses.clone() }
    }
}

/// Seals an app's secret for its place.
pub fn sealed(app: &App, account: &str, column: &str, secret: [u8; 20]) -> String {
    app.fields()
        .seal(Place { table: "second_factors", column, row: account }, &URL_SAFE_NO_PAD.encode(secret))
}

/// Opens an app's secret.
///
/// # Errors
/// `Internal` when it was altered, moved, or sealed under another key file.
pub fn opened(app: &App, account: &str, column: &str, sealed: &str) -> Result<[u8; 20], ServiceError> {
    let text = app.fields().open(Place { table: "second_factors", column, row: account }, sealed);
    let bytes = text.ok().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let secret = bytes.and_then(|bytes| bytes.try_into().ok());
    secret.ok_or_else(|| ServiceError::Internal(format!("the {column} of account {account} does not open")))
}

//! A school prints grid cards by class; from then on the card is asked for at every log-in of its owner.

use crate::domain::access::Act;
use crate::service::accounts::issue_initial_codes::{ClassOf, in_class, noted};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::secrets::grid_card::{COLUMNS, ROWS};
use crate::storage::{accounts, second_factors};

/// A card to be printed.
#[derive(Clone, Debug)]
pub struct GridCard {
    pub class: String,
    pub exam_no: String,
    pub name: String,
    pub login: String,
    pub serial: u32,
    /// Row by row.
    pub cells: [[String; COLUMNS]; ROWS],
}

/// New cards for the candidates of a school or class who have an account, by class and exam number; an earlier card
/// is void.
///
/// # Errors
/// `NotFound` for a school that is not the actor's; `StepUpRequired`.
pub async fn issue_grid_cards(
    app: &App,
    caller: &Caller,
    whose: ClassOf,
) -> Result<Vec<GridCard>, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::IssueGridCards;
        let mut cards = Vec::new();
        let mut changes = Vec::new();
        for candidate in in_class(transaction, act, &whose)? {
            let found =
                accounts::of_candidate(transaction.connection, &candidate.season, &candidate.exam_no)?;
            let Some(account) = found.filter(|account| !account.disabled) else { continue };
            let mut row = second_factors::find(transaction.connection, &account.id)?;
            row.card_serial = row.card_serial.abs() + 1;
            changes.push(second_factors::put(transaction.connection, &row)?);
            let serial = u32::try_from(row.card_serial).unwrap_or(u32::MAX);
            cards.push(GridCard {
                cells: door.keyring().cards.card(&account.id, serial),
                class: candidate.class,
                exam_no: candidate.exam_no,
                name: candidate.name,
                login: account.login,
                serial,
            });
        }
        let subject = format!("junior:{}", whose.junior_code);
        transaction.note(act, &whose.season, &subject, noted(&whose, cards.len()), changes)?;
        Ok(cards)
    })
    .await
}

//! Anybody may ask which cells of a login's grid card come next: an owner under attack shows them at once.

use crate::service::accounts::check_second_factor::Factors;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::secrets::grid_card::Cell;
use crate::storage::accounts;

/// The next challenge of a login. Logins without a card get cells as well, so that the answer does not tell
/// who has one; the cells are worth nothing without the card's 44 bits.
///
/// # Errors
/// Storage failed.
pub async fn ask_challenge(app: &App, login: String) -> Result<Vec<String>, ServiceError> {
    let door = app.clone();
    app.database()
        .read(move |connection| {
            let asked = match accounts::find_by_login(connection, &login)? {
                Some(account) => Factors::load(connection, &account.id)?.challenge(&door),
                None => Vec::new(),
            };
            if !asked.is_empty() {
                return Ok(asked);
            }
            let made_up = door.keyring().cards.challenge(&format!("nobody/{login}"), 0, 0);
            Ok(made_up.map(|cells| cells.map(Cell::name).to_vec()).unwrap_or_default())
        })
        .await
}

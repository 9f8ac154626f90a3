//! The frozen lists for the unplugged laptop in one file, as `zhaosheng draw offline` reads them from a stick.

use crate::domain::access::Act;
use crate::files::compulsory::draw_stick::ORDERS;
use crate::files::draw_file::order_csv;
use crate::files::package::{Files, zipped};
use crate::service::app::{App, Caller};
use crate::service::compulsory::list_draws::{drawn_seed, frozen};
use crate::service::compulsory::stored_entry::entry_for;
use crate::service::error::ServiceError;

/// The page that tells what to do with it.
const README: &str = include_str!("../../files/compulsory/draw_kit_readme.md");

/// The zip; once the result is out, with the orders to compare those of the laptop with. Every download is on the
/// record.
///
/// # Errors
/// `NotFound` for a bureau of another area; `WrongPhase` before the lists are frozen; `Altered` when what lies there
/// is not what was frozen or published.
pub async fn download_draw_kit(app: &App, caller: &Caller, code: String) -> Result<Vec<u8>, ServiceError> {
    let season = app
        .act(caller, move |transaction| {
            let (season, _) = entry_for(transaction, Act::DownloadDrawKit, &code)?;
            transaction.note(Act::DownloadDrawKit, &code, "season", "", Vec::new())?;
            Ok(season)
        })
        .await?;
    let door = app.clone();
    // Read beside the writers: what was frozen does not change.
    app.database()
        .read(move |connection| {
            let (_, lists) = frozen(&door, connection, &season)?;
            let mut files = Files::from([("README.md".to_owned(), README.as_bytes().to_vec())]);
            files.extend(lists.files().into_iter().map(|(name, text)| (name, text.into_bytes())));
            if let Some((_, seed)) = drawn_seed(&door, connection, &season.code, &lists)? {
                for list in &lists.lists {
                    let order = lists.order(list, seed).map_err(ServiceError::Internal)?;
                    files.insert(format!("{ORDERS}/{}.csv", list.name), order_csv(&order).into_bytes());
                }
            }
            zipped(&files).map_err(|error| ServiceError::Internal(format!("the kit of the draws: {error}")))
        })
        .await
}

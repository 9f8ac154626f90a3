//! The invented candidates file their forms, all but the one that is left to whoever tries the demonstration.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::access::Act;
use crate::domain::actor::Actor;
use crate::domain::form::{Choices, FormVersion, Stage};
use crate::engine::draw::{Seed, lot};
use crate::files::sheet::read_sheet;
use crate::service::app::{App, Transaction};
use crate::service::data_in::import_folder::FolderError;
use crate::service::demonstration::stage_city::SEASON;
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{MOST_SLOTS, to_row};
use crate::service::season::stored_policy::stored_policy;
use crate::storage::database::AnyConnection;
use crate::storage::form_versions;
use crate::storage::seasons;

/// Forms of one transaction: others get their turn in between.
const AT_ONCE: usize = 2_000;

/// The hours over which they came: less than the day that the window is open then.
const HOURS_MS: u64 = 20 * 60 * 60 * 1000;

/// Files the lists of a city as first versions, but those of supplementary rounds, which are taken later. Returns how
/// many.
///
/// # Errors
/// The sheet cannot be read; the season is no demonstration.
pub async fn file_forms(app: &App, folder: &Path, but: &str) -> Result<usize, FolderError> {
    let sheet = read_sheet(folder, "preferences").map_err(|fault| FolderError::Faults(vec![fault]))?;
    let text = sheet.map(|sheet| sheet.text).unwrap_or_default();
    let mut forms: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_slice()).records().flatten() {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        // A folder given by hand may hold anything here: no list is that long.
        let Some(position) = cell(2).parse().ok().filter(|position| (1..=MOST_SLOTS).contains(position))
        else {
            continue;
        };
        let slots = forms.entry((cell(0), cell(1))).or_default();
        slots.resize(slots.len().max(position), String::new());
        slots[position - 1] = cell(3);
    }
    forms.retain(|(exam_no, _), _| exam_no != but);
    let mut count = 0;
    let mut forms: Vec<_> = forms.into_iter().collect();
    while !forms.is_empty() {
        let some = forms.split_off(forms.len().saturating_sub(AT_ONCE));
        let door = app.clone();
        count += app.database().write(move |connection| file(&door, connection, some)).await?;
    }
    Ok(count)
}

fn file(
    app: &App,
    connection: &mut AnyConnection,
    forms: Vec<((String, String), Vec<String>)>,
) -> Result<usize, ServiceError> {
    let mut transaction = Transaction::of_operator(connection, Actor::service(), app.audit_key())?;
    let season = seasons::find(transaction.connection, SEASON)?.ok_or(ServiceError::NotFound)?;
    if season.kind != "demonstration" {
        return Err(ServiceError::NotFound);
    }
    let at_ms = transaction.season_now_ms(&season)?;
    let mut changes = Vec::with_capacity(forms.len());
    let policy = stored_policy(&season)?;
    let now = |list: &str| !policy.only_supplementary(&policy.batches_of(list));
    for ((exam_no, batch), slots) in forms.into_iter().filter(|((_, batch), _)| now(batch)) {
        let form = FormVersion {
            season: season.code.clone(),
            stage: Stage::Official,
            // Nobody waits for the others: they came over the hours since the window was opened.
            at_ms: at_ms - (lot(Seed([0; 32]), 0, &exam_no) % HOURS_MS) as i64,
            exam_no,
            batch,
            version: 1,
            choices: Choices::new(slots),
            previous: [0; 32],
        };
        let row = to_row(form, app.receipts().bytes());
        changes.push(form_versions::add(transaction.connection, &row)?);
    }
    let count = changes.len();
    transaction.note(Act::SubmitForm, &season.code, "season", format!("{count} invented forms"), changes)?;
    Ok(count)
}

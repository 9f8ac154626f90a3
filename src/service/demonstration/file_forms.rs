//! The invented candidates file their forms, all but the one that is left to whoever tries the demonstration.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::access::Act;
use crate::domain::actor::Actor;
use crate::domain::form::{Choices, FormVersion, Stage};
use crate::files::sheet::read_sheet;
use crate::service::app::{App, Transaction};
use crate::service::data_in::import_folder::FolderError;
use crate::service::demonstration::stage_city::SEASON;
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::to_row;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::database::AnyConnection;
use crate::storage::form_versions;
use crate::storage::seasons;

/// Forms of one transaction: others get their turn in between.
const AT_ONCE: usize = 2_000;

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
        let slots = forms.entry((cell(0), cell(1))).or_default();
        let position: usize = cell(2).parse().unwrap_or(1);
        slots.resize(slots.len().max(position), String::new());
        slots[position - 1] = cell(3);
    }
    forms.retain(|(exam_no, _), _| exam_no != but);
    let count = forms.len();
    let mut forms: Vec<_> = forms.into_iter().collect();
    while !forms.is_empty() {
        let some = forms.split_off(forms.len().saturating_sub(AT_ONCE));
        let door = app.clone();
        app.database().write(move |connection| file(&door, connection, some)).await?;
    }
    Ok(count)
}

fn file(
    app: &App,
    connection: &mut AnyConnection,
    forms: Vec<((String, String), Vec<String>)>,
) -> Result<(), ServiceError> {
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
            exam_no,
            batch,
            version: 1,
            at_ms,
            choices: Choices::new(slots),
            previous: [0; 32],
        };
        let row = to_row(form, app.receipts().bytes());
        changes.push(form_versions::add(transaction.connection, &row)?);
    }
    let detail = format!("{} invented forms", changes.len());
    transaction.note(Act::SubmitForm, &season.code, "season", detail, changes)
}

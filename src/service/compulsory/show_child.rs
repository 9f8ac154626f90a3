//! Where a child stands: her zone and category with what proved them, and the schools she may ask for.

use crate::domain::access::Act;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::entry_wishes::{ENTRY_LIST, EntryWishes};
use crate::domain::compulsory::evidence::{Comparison, Decision, Source};
use crate::domain::compulsory::fact::Fact;
use crate::domain::form::Stage;
use crate::engine::compulsory::candidacy::candidacies;
use crate::files::cell_words::our_word;
use crate::files::compulsory::entry_sheets::{Cells, cell};
use crate::service::app::{App, Caller, Transaction};
use crate::service::compulsory::stored_entry::{of_child, put_child, read, set_wishes, unsound, wishes};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{concerned, subject};
use crate::storage::candidates::CandidateRow;
use crate::storage::form_versions::{self, FormVersionRow};
use crate::storage::seasons::SeasonRow;

/// A code and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub code: String,
    pub name: String,
}

/// A row of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofRow {
    pub fact: Fact,
    pub source: Source,
    pub comparison: Comparison,
    pub decision: Option<Decision>,
    pub reason: String,
}

/// Where she stands before anyone is placed.
#[derive(Clone, Debug)]
pub struct ChildView {
    pub exam_no: String,
    /// As the roster has it.
    pub name: String,
    pub stage: EntryStage,
    pub zone: Option<Named>,
    /// The schools of her zone.
    pub schools: Vec<Named>,
    pub category: Option<Named>,
    /// Words of [`EntryRefusal`](crate::domain::compulsory::entry_outcome::EntryRefusal).
    pub refusals: Vec<&'static str>,
    /// The year whose use by another family locks her home.
    pub locked_since: Option<i16>,
    pub evidence: Vec<ProofRow>,
    /// Private schools of her stage, of which she may ask for one.
    pub private_schools: Vec<Named>,
    /// Public schools that the transfer round may name.
    pub transfer_schools: Vec<Named>,
    /// Her own school, where it promotes inside.
    pub promotes: Option<Named>,
    /// The form that counts; none before she is registered.
    pub form: Option<FormVersionRow>,
    pub wishes: EntryWishes,
}

/// Shows a child; an office's look is noted.
///
/// # Errors
/// `NotFound` alike for nobody and for somebody who is none of the actor's concern; `Conflict` `unsound` where the
/// entry's sheets do not fit each other.
pub async fn show_child(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
) -> Result<ChildView, ServiceError> {
    app.act(caller, move |transaction| {
        let (season, child) = concerned(transaction, Act::ShowChild, &season, &exam_no)?;
        let view = view(transaction, &season, child)?;
        if transaction.actor.role.is_office() {
            transaction.note(Act::ShowChild, &season.code, &subject(&exam_no), "", Vec::new())?;
        }
        Ok(view)
    })
    .await
}

fn view(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    person: CandidateRow,
) -> Result<ChildView, ServiceError> {
    let key = (season.code.as_str(), Stage::Official.word(), person.exam_no.as_str(), ENTRY_LIST);
    let form = form_versions::latest(transaction.connection, key)?;
    let (mut sheets, row) = of_child(transaction.connection, &season.code, &person.exam_no)?;
    let wishes = match &form {
        Some(form) => wishes(&form.choices)?,
        None => wishes_of_sheet(&row),
    };
    let mut with = row;
    set_wishes(&mut with, &wishes);
    put_child(&mut sheets, &with);
    let entry = read(season, &sheets).map_err(|faults| unsound(&faults))?;
    let mut candidacies = candidacies(&entry);
    let (Some(child), Some(candidacy)) = (entry.children.first(), candidacies.pop()) else {
        return Err(ServiceError::NotFound);
    };
    let stage = child.stage;
    let school = |at: &u32| named_school(&entry, *at);
    let zone = candidacy.home.map(|(_, zone)| &entry.zones[zone as usize]);
    let category = entry.policy.stage(stage).zip(candidacy.category).map(|(policy, at)| {
        let category = &policy.categories[at as usize];
        Named { code: category.code.clone(), name: category.name.clone() }
    });
    let of_stage = |private: bool| -> Vec<Named> {
        let fits = |at: &u32| {
            let school = &entry.schools[*at as usize];
            school.private == private && school.plan(stage).seats > 0
        };
        (0..entry.schools.len() as u32).filter(fits).map(|at| named_school(&entry, at)).collect()
    };
    let promotes = child
        .primary
        .filter(|school| stage == EntryStage::Junior && entry.schools[*school as usize].kind.promotes());
    Ok(ChildView {
        exam_no: person.exam_no,
        name: person.name,
        stage,
        zone: zone.map(|zone| Named { code: zone.code.clone(), name: zone.name.clone() }),
        schools: zone.map_or(Vec::new(), |zone| zone.schools.iter().map(school).collect()),
        category,
        refusals: candidacy.refusals.iter().map(|refusal| refusal.word()).collect(),
        locked_since: candidacy.locked_by,
        evidence: entry
            .evidence
            .iter()
            .map(|row| ProofRow {
                fact: row.fact,
                source: row.source,
                comparison: row.comparison,
                decision: row.decision,
                reason: row.reason.clone(),
            })
            .collect(),
        private_schools: of_stage(true),
        transfer_schools: if entry.policy.stage(stage).is_some_and(|policy| policy.transfer.is_some()) {
            of_stage(false)
        } else {
            Vec::new()
        },
        promotes: promotes.map(|at| named_school(&entry, at)),
        form,
        wishes,
    })
}

fn named_school(entry: &Entry, at: u32) -> Named {
    let school = &entry.schools[at as usize];
    Named { code: school.code.clone(), name: school.name.clone() }
}

/// What the office's sheet says, filed on paper.
fn wishes_of_sheet(row: &Cells) -> EntryWishes {
    let codes = |name: &str| {
        cell(row, name).split(';').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
    };
    EntryWishes {
        private: Some(cell(row, "private_code").to_owned()).filter(|code| !code.is_empty()),
        direct: our_word("direct", cell(row, "direct")) == "1",
        choices: codes("choices"),
        transfer_choices: codes("transfer_choices"),
        twin: None,
    }
}

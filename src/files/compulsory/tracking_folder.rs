//! The tracking of primary graduates in: `tracking.toml` and its sheets; every fault at once.

use crate::domain::compulsory::after_sheet::{GRADUATES, OUTCOMES, REGISTER, STEPS};
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::graduate_tracking::{
    Arrival, Graduate, Outcome, OutcomeKind, StepDone, Tracking, TrackingPolicy, TrackingStep,
};
use crate::domain::compulsory::register_spell::RegisterStatus;
use crate::domain::fault::Fault;
use crate::files::compulsory::register_sheets::register_lines;
use crate::files::compulsory::sheet_rows::{folder_rows, needed_date};
use crate::files::file_source::FileSource;
use crate::files::rows::Row;

/// The file that makes a folder a tracking.
pub const TRACKING_POLICY: &str = "tracking.toml";

/// A tracking, and the file and line of each of its rows.
#[derive(Clone, Debug)]
pub struct TrackingSheets {
    pub tracking: Tracking,
    pub graduates: Vec<(String, u64)>,
    pub arrivals: Vec<(String, u64)>,
    pub outcomes: Vec<(String, u64)>,
    pub steps: Vec<(String, u64)>,
}

/// Reads a tracking's folder. Of the junior highs' registers those at school have arrived; leave that was granted is
/// an outcome; who was transferred is looked for where the register went, who is away without leave everywhere.
///
/// # Errors
/// Every fault of the policy and of every sheet.
pub fn read_tracking(files: FileSource<'_>) -> Result<TrackingSheets, Vec<Fault>> {
    let mut faults = Vec::new();
    let text = files.text(TRACKING_POLICY).map_err(|fault| vec![fault]);
    let policy = text.and_then(|text| TrackingPolicy::read(TRACKING_POLICY, &text));
    let policy = policy.map_err(|mut found| faults.append(&mut found)).ok();
    let graduate = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        let expected_at = (!row.text(3).is_empty()).then(|| row.code(3, faults).to_owned());
        Some(Graduate {
            person: row.code(0, faults).to_owned(),
            primary: row.code(1, faults).to_owned(),
            county: row.code(2, faults).to_owned(),
            expected_at,
        })
    };
    let (graduates, graduate_places) = apart(folder_rows(files, &GRADUATES, true, graduate, &mut faults));
    let outcome = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        let kind = OutcomeKind::from_word(row.word(2));
        if kind.is_none() {
            let words = OutcomeKind::ALL.map(OutcomeKind::word).join(", ");
            faults.push(row.fault(2, format!("must be one of {words}")));
        }
        Some(Outcome {
            person: row.code(0, faults).to_owned(),
            on: needed_date(row, 1, faults)?,
            kind: kind?,
            note: row.text(3).to_owned(),
        })
    };
    let (mut outcomes, mut outcome_places) =
        apart(folder_rows(files, &OUTCOMES, false, outcome, &mut faults));
    let step = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        let step = TrackingStep::from_word(row.word(1));
        if step.is_none() {
            faults.push(row.fault(1, "must be report, investigate or write"));
        }
        let (person, on) = (row.code(0, faults).to_owned(), needed_date(row, 2, faults));
        Some(StepDone { person, step: step?, on: on? })
    };
    let (steps, step_places) = apart(folder_rows(files, &STEPS, false, step, &mut faults));
    let (mut arrivals, mut arrival_places) = (Vec::new(), Vec::new());
    let lines = match files.sheet(REGISTER.name) {
        Ok(Some(sheet)) => register_lines(&sheet, &mut faults),
        Ok(None) => {
            faults.push(Fault::at(format!("{}.csv", REGISTER.name), "is missing"));
            Vec::new()
        }
        Err(fault) => {
            faults.push(fault);
            Vec::new()
        }
    };
    for line in lines.into_iter().filter(|line| line.stage != Some(EntryStage::Primary)) {
        let (place, spell) = ((line.file, line.row), line.spell);
        let on = line.arrived_on.unwrap_or(spell.from);
        let leave = match spell.status {
            RegisterStatus::Enrolled | RegisterStatus::Graduated => {
                arrivals.push(Arrival { person: spell.person, on, junior: spell.school });
                arrival_places.push(place);
                continue;
            }
            RegisterStatus::Deferred => OutcomeKind::Deferred,
            RegisterStatus::Suspended => OutcomeKind::Suspended,
            RegisterStatus::Transferred | RegisterStatus::Dropped => continue,
        };
        outcomes.push(Outcome { person: spell.person, on, kind: leave, note: line.reason });
        outcome_places.push(place);
    }
    let Some(policy) = policy.filter(|_| faults.is_empty()) else { return Err(faults) };
    Ok(TrackingSheets {
        tracking: Tracking { policy, graduates, arrivals, outcomes, steps },
        graduates: graduate_places,
        arrivals: arrival_places,
        outcomes: outcome_places,
        steps: step_places,
    })
}

/// The rows that could be read, and the place of each.
fn apart<T>((file, rows): (String, Vec<(u64, Option<T>)>)) -> (Vec<T>, Vec<(String, u64)>) {
    rows.into_iter().filter_map(|(row, noun)| Some((noun?, (file.clone(), row)))).unzip()
}

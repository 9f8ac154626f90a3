//! Opens the register of an entry from its result and the sheet of arrivals: who came, who did not, whose papers lack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::compulsory::after_sheet::{ARRIVALS, REGISTER};
use crate::domain::compulsory::arrival::{ArrivalRow, ChildIdentity, Documents};
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::register_spell::{RegisterSpell, RegisterStatus};
use crate::domain::fault::Fault;
use crate::domain::progress::Progress;
use crate::engine::compulsory::register_check::register_breaches;
use crate::engine::compulsory::register_opening::{OpenedRow, Opening, OpeningFault, open_register};
use crate::files::compulsory::register_sheets::{arrival_rows, read_identities, register_lines};
use crate::files::sheet::{Sheet, read_sheet_file};
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::Table;
use crate::service::compulsory::place_entry::{ENTRY_POLICY, entry_folder, place_entry};
use crate::service::compulsory::result_folder::{ResultFile, differences, write_folder};
use crate::service::runs::place_season::PlacedEntry;

/// What a register is opened from.
pub struct OpeningRequest<'r> {
    pub entry: &'r Path,
    pub result: &'r Path,
    pub arrivals: &'r Path,
    /// The division of numbers for children without a card.
    pub division: Option<&'r str>,
    /// Registers that stand already.
    pub earlier: &'r [PathBuf],
}

/// What is brought to an opening beside the result.
pub struct BroughtToOpening<'r> {
    /// By the child's number.
    pub identities: &'r BTreeMap<String, ChildIdentity>,
    pub arrivals: &'r Sheet,
    /// Sheets of registers that stand already.
    pub earlier: &'r [Sheet],
    /// The division of numbers for children without a card.
    pub division: Option<&'r str>,
}

/// An opened register.
pub struct OpenedRegister {
    placed: Arc<PlacedEntry>,
    arrivals: Vec<ArrivalRow>,
    rows: Vec<OpenedRow>,
}

/// Opens the register of an entry folder and its result folder.
///
/// # Errors
/// As [`open_placed_register`]; a result that is not what the entry folder gives.
pub fn open_entry_register(
    request: &OpeningRequest<'_>,
    progress: &dyn Progress,
) -> Result<OpenedRegister, NoResult> {
    let (entry, run) = place_entry(request.entry, progress)?;
    progress.stage("verify the result", entry.children.len() as u64);
    let breaches = differences(&entry_folder(&entry, &run), request.result)?;
    if !breaches.is_empty() {
        return Err(NoResult::Breaches(breaches));
    }
    progress.stage("open the register", entry.children.len() as u64);
    let mut faults = Vec::new();
    let mut sheet =
        |path: &Path, name: &str| read_sheet_file(path, name).map_err(|fault| faults.push(fault)).ok();
    let arrivals = sheet(request.arrivals, ARRIVALS.name);
    let earlier: Vec<Sheet> = request.earlier.iter().filter_map(|path| sheet(path, REGISTER.name)).collect();
    let identities = read_identities(request.entry.into()).map_err(NoResult::Faults)?;
    let Some(arrivals) = arrivals else { return Err(NoResult::Faults(faults)) };
    let division = request.division;
    let brought =
        BroughtToOpening { identities: &identities, arrivals: &arrivals, earlier: &earlier, division };
    let opened = open_placed_register(Arc::new(PlacedEntry { entry, run }), &brought);
    if faults.is_empty() {
        return opened;
    }
    if let Err(NoResult::Faults(mut more)) = opened {
        faults.append(&mut more);
    }
    Err(NoResult::Faults(faults))
}

/// Opens the register of an entry that was placed.
///
/// # Errors
/// [`NoResult`]: every fault of the sheets; rows that would break the rules of the register, alone or together with
/// the registers that stand.
pub fn open_placed_register(
    placed: Arc<PlacedEntry>,
    brought: &BroughtToOpening<'_>,
) -> Result<OpenedRegister, NoResult> {
    let entry = &placed.entry;
    let (mut faults, mut found) = (Vec::new(), Vec::new());
    let arrivals = arrival_rows(brought.arrivals, &mut faults);
    let lines = brought.earlier.iter().flat_map(|sheet| register_lines(sheet, &mut found));
    let earlier: Vec<RegisterSpell> = lines.map(|line| line.spell).collect();
    let opening = Opening {
        entry,
        places: &placed.run.places,
        identities: brought.identities,
        arrivals: &arrivals,
        division: brought.division,
        earlier: &earlier,
    };
    let opened = open_register(&opening);
    // A row that cannot be read is told of once.
    let unread: BTreeSet<u64> = faults.iter().filter_map(|fault| fault.row).collect();
    faults.append(&mut found);
    let file = &brought.arrivals.file;
    let rows = opened.unwrap_or_else(|more| {
        let more = more.into_iter().map(|fault| told(fault, file, entry, &arrivals));
        faults.extend(more.filter(|fault| fault.row.is_none_or(|row| !unread.contains(&row))));
        Vec::new()
    });
    if !faults.is_empty() {
        return Err(NoResult::Faults(faults));
    }
    let new = earlier.len() as u32;
    let spells: Vec<RegisterSpell> =
        earlier.into_iter().chain(rows.iter().map(|row| row.spell.clone())).collect();
    // What is wrong among the registers that stand is not this opening's.
    let breaches: Vec<String> = register_breaches(&spells)
        .iter()
        .filter_map(|breach| {
            let row = breach.rows.iter().find_map(|row| row.checked_sub(new))?;
            let child = &entry.children[rows[row as usize].child as usize].number;
            let (word, rule) = (breach.rule.word(), breach.rule.rule());
            Some(format!("{child} breaks the rule {word} of the register: {rule}"))
        })
        .collect();
    if breaches.is_empty() {
        Ok(OpenedRegister { placed, arrivals, rows })
    } else {
        Err(NoResult::Breaches(breaches))
    }
}

/// A fault at the row it is of.
fn told(fault: OpeningFault, file: &str, entry: &Entry, arrivals: &[ArrivalRow]) -> Fault {
    let rule = fault.rule();
    let at = |arrival: u32, column: &str| {
        let row = &arrivals[arrival as usize];
        Fault::cell(file, row.row, column, &row.child, rule)
    };
    match fault {
        OpeningFault::Year => Fault { column: Some("year".to_owned()), ..Fault::at(ENTRY_POLICY, rule) },
        OpeningFault::NoRow { child } => {
            Fault { value: entry.children[child as usize].number.clone(), ..Fault::at(file, rule) }
        }
        // The number itself stays out of the fault.
        OpeningFault::OtherBirthday { arrival } => {
            Fault { value: String::new(), ..at(arrival, "register_no") }
        }
        OpeningFault::NotAdmitted { arrival }
        | OpeningFault::NoBirthday { arrival }
        | OpeningFault::NoDivision { arrival }
        | OpeningFault::NoNumber { arrival } => at(arrival, "child_no"),
    }
}

impl OpenedRegister {
    /// How many rows have a status.
    pub fn count(&self, status: RegisterStatus) -> usize {
        self.rows.iter().filter(|row| row.spell.status == status).count()
    }

    /// How many children's papers are not in order.
    pub fn document_faults(&self) -> usize {
        self.rows.iter().filter(|row| self.documents(row).is_some()).count()
    }

    fn arrival(&self, row: &OpenedRow) -> &ArrivalRow {
        &self.arrivals[row.arrival as usize]
    }

    /// What is wrong with her papers.
    fn documents(&self, row: &OpenedRow) -> Option<Documents> {
        self.arrival(row).documents.filter(|documents| *documents != Documents::Ok)
    }

    /// Every file by its path.
    pub fn files(&self) -> Vec<ResultFile> {
        let mut rows: Vec<&OpenedRow> = self.rows.iter().collect();
        rows.sort_by_key(|row| (row.school, row.child));
        let mut register =
            Table::new("register_no,person,school_code,status,from,until,stage,child_no,arrived_on,reason");
        let mut no_shows = Table::new("child_no,stage,school_code,note");
        let mut papers = Table::new("child_no,stage,school_code,documents,note");
        for row in rows {
            let (spell, arrival) = (&row.spell, self.arrival(row));
            let child = &self.placed.entry.children[row.child as usize];
            let (number, stage, school) = (child.number.as_str(), child.stage.word(), spell.school.as_str());
            let is_no_show = spell.status == RegisterStatus::Dropped;
            let reason = if is_no_show { NO_SHOW } else { arrival.note.as_str() };
            register.row(&[
                spell.number.as_str(),
                &spell.person,
                school,
                spell.status.word(),
                &spell.from.to_string(),
                "",
                stage,
                number,
                &arrival.on.map_or(String::new(), |on| on.to_string()),
                reason,
            ]);
            if is_no_show {
                no_shows.row(&[number, stage, school, &arrival.note]);
            }
            if let Some(documents) = self.documents(row) {
                papers.row(&[number, stage, school, documents.word(), &arrival.note]);
            }
        }
        vec![
            ("document_faults.csv", papers.bytes()),
            ("no_shows.csv", no_shows.bytes()),
            ("register.csv", register.bytes()),
        ]
    }

    /// Writes them into a folder that is new or empty.
    ///
    /// # Errors
    /// When the disk fails, or the folder holds something.
    pub fn write(&self, out: &Path) -> std::io::Result<()> {
        write_folder(&self.files(), out)
    }
}

/// Why the register of a child who did not come stands where it does (CS23 4).
const NO_SHOW: &str = "did not come: the register stays at the assigned school";

//! Whose rows an office may bring: its own school's or area's and nobody else's, the centre everybody's.

use std::collections::BTreeSet;

use crate::domain::actor::{Actor, Whose};
use crate::domain::checked_rows::CheckedRows;
use crate::domain::control_totals::{ControlTotals, LastYear};
use crate::domain::fault::Fault;
use crate::domain::role::Role;
use crate::domain::sheet_kind::SheetKind;
use crate::files::rows::add_bounded;
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::id_no_index;
use crate::service::secrets::field_cipher::FieldCipher;
pub use crate::storage::candidates::Of;
use crate::storage::database::AnyConnection;
use crate::storage::imports::ImportRow;
use crate::storage::{candidates, junior_schools, programmes, senior_schools};

/// The rows of one kind that are an office's own, and the codes that stand with others.
#[derive(Debug)]
pub struct OwnRows {
    of: Of,
    /// The junior high; or of an area its junior highs for a roster, its senior highs for plans.
    schools: BTreeSet<String>,
    /// Exam numbers or codes of programmes that stand with others.
    elsewhere: BTreeSet<String>,
    /// Keyed indices of the documents of others' candidates.
    documents: BTreeSet<String>,
}

/// What an office's imports belong to, and whose rows it brings.
pub fn office(actor: &Actor, season: &str) -> (Whose, Of) {
    let whose = Whose::season(season);
    match (actor.role, &actor.school, &actor.area) {
        (Role::JuniorHigh, Some(school), _) => {
            (Whose { junior: Some(school.clone()), ..whose }, Of::Junior(school.clone()))
        }
        (Role::CountyBureau, _, Some(area)) => {
            (Whose { area: Some(area.clone()), ..whose }, Of::Area(area.clone()))
        }
        _ => (whose, Of::Everybody),
    }
}

/// The office that an import belongs to.
pub fn whose(import: &ImportRow) -> Whose {
    Whose { junior: import.school.clone(), area: import.area.clone(), ..Whose::season(&import.season) }
}

/// The kinds that an office may bring: a junior high its roster, a bureau its rosters and plans.
pub fn kinds(of: &Of) -> Vec<SheetKind> {
    let may = |kind: &SheetKind| match of {
        Of::Junior(_) => *kind == SheetKind::Candidates,
        Of::Area(_) => matches!(kind, SheetKind::Candidates | SheetKind::Programmes),
        // Preferences are filed by candidates and by nobody else.
        Of::Everybody => *kind != SheetKind::Preferences,
    };
    SheetKind::ALL.into_iter().filter(may).collect()
}

impl OwnRows {
    /// Every row of the season: what the centre and the operator bring.
    pub fn everybodys() -> OwnRows {
        OwnRows {
            of: Of::Everybody,
            schools: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
            documents: BTreeSet::new(),
        }
    }

    /// An office's rows of a kind, by what the season holds now.
    ///
    /// # Errors
    /// Storage failed.
    pub fn of_office(
        connection: &mut AnyConnection,
        season: &str,
        kind: SheetKind,
        of: &Of,
    ) -> Result<OwnRows, ServiceError> {
        let mut own = OwnRows { of: of.clone(), ..OwnRows::everybodys() };
        own.schools = match (of, kind) {
            (Of::Everybody, _) => return Ok(own),
            (Of::Junior(code), _) => BTreeSet::from([code.clone()]),
            (Of::Area(area), SheetKind::Programmes) => {
                let schools = senior_schools::list(connection, season)?.into_iter();
                schools.filter(|school| school.area_code == *area).map(|school| school.school_code).collect()
            }
            (Of::Area(area), _) => {
                let schools = junior_schools::list(connection, season)?.into_iter();
                schools.filter(|school| school.area_code == *area).map(|school| school.school_code).collect()
            }
        };
        if kind == SheetKind::Programmes {
            let others = programmes::list(connection, season)?.into_iter();
            let others = others.filter(|row| !own.has_plan(&row.school_code));
            own.elsewhere = others.map(|row| row.programme_code).collect();
        } else {
            let mut others = candidates::list_identities(connection, season)?;
            others.retain(|row| !own.has_candidate(&row.junior_code, &row.area_code));
            let documents = others.iter().map(|row| &row.id_no_index).filter(|index| !index.is_empty());
            own.documents = documents.cloned().collect();
            own.elsewhere = others.into_iter().map(|row| row.exam_no).collect();
        }
        Ok(own)
    }

    /// Whose rows these are.
    pub fn of(&self) -> &Of {
        &self.of
    }

    /// Whether a candidate of this junior high (may be empty) and area is the office's own.
    pub fn has_candidate(&self, junior: &str, area: &str) -> bool {
        match &self.of {
            Of::Everybody => true,
            Of::Junior(_) => self.schools.contains(junior),
            Of::Area(own) => own == area && (junior.is_empty() || self.schools.contains(junior)),
        }
    }

    /// Whether a programme of this senior high is the office's own.
    pub fn has_plan(&self, school: &str) -> bool {
        self.of == Of::Everybody || self.schools.contains(school)
    }

    /// Whether a row of this code stands with another office.
    pub fn stands_elsewhere(&self, code: &str) -> bool {
        self.elsewhere.contains(code)
    }

    /// Whether a candidate of another office has the document of this keyed index.
    pub fn has_document_elsewhere(&self, index: &str) -> bool {
        self.documents.contains(index)
    }

    /// Adds a fault for every cell by which a row is another office's; cells that were told of are left out.
    pub fn add_faults(&self, file: &str, rows: &CheckedRows, fields: &FieldCipher, faults: &mut Vec<Fault>) {
        let (Of::Junior(office) | Of::Area(office)) = &self.of else { return };
        let told: BTreeSet<(Option<u64>, Option<String>)> =
            faults.iter().map(|fault| (fault.row, fault.column.clone())).collect();
        let of_junior = matches!(self.of, Of::Junior(_));
        let mut found = Vec::new();
        for at in 0..rows.len() {
            let cell = |name: &str| rows.column(name).map_or("", |column| rows.cell(at, column));
            let mut fault = |column: &str, value: &str, rule: String| {
                let row = u64::from(rows.numbers[at]);
                if !told.contains(&(Some(row), Some(column.to_owned()))) {
                    found.push(Fault::cell(file, row, column, value, rule));
                }
            };
            if rows.column("programme_code").is_some() {
                let (code, school) = (cell("programme_code"), cell("school_code"));
                if !self.has_plan(school) {
                    fault("school_code", school, format!("must be a senior high of area {office}"));
                }
                if self.stands_elsewhere(code) {
                    fault("programme_code", code, "stands with a school of another area".to_owned());
                }
                continue;
            }
            let (junior, area, exam_no) = (cell("junior_code"), cell("area_code"), cell("exam_no"));
            if of_junior && !self.has_candidate(junior, area) {
                fault(
                    "junior_code",
                    junior,
                    format!("must be {office}: a school brings its own pupils only"),
                );
            }
            if !of_junior && area != office {
                fault("area_code", area, format!("must be {office}: a bureau brings its own area only"));
            }
            if !of_junior && !junior.is_empty() && !self.schools.contains(junior) {
                fault("junior_code", junior, format!("must be a junior high of area {office}"));
            }
            if self.stands_elsewhere(exam_no) {
                fault("exam_no", exam_no, "stands with another school".to_owned());
            }
            let document = cell("id_no");
            if !document.is_empty() && self.has_document_elsewhere(&id_no_index(fields, document)) {
                // The number itself stays out of the fault.
                fault("id_no", "", "is the document of a candidate of another school".to_owned());
            }
        }
        add_bounded(file, found.into_iter(), faults);
    }

    /// Leaves of the totals, and of last year's, what is about the office's own schools.
    pub fn narrow(&self, totals: &mut ControlTotals, last: &mut LastYear) {
        if self.of == Of::Everybody {
            return;
        }
        totals.areas.retain(|area| area.candidates > 0);
        totals.juniors.retain(|school| self.schools.contains(&school.code));
        last.juniors.retain(|code, _| self.schools.contains(code));
        last.candidates = (!last.juniors.is_empty()).then(|| last.juniors.values().sum());
    }
}

//! An entry in: `entry.toml`, its sheets and its map; every reference, every fault at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::compulsory::address::Address;
use crate::domain::compulsory::child::Child;
use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry::{Entry, HomeUse};
use crate::domain::compulsory::entry_policy::EntryPolicy;
use crate::domain::compulsory::entry_sheet::{
    ADDRESSES, CHILDREN, DRAWS, EVIDENCE, EntrySheet, FEEDERS, HOME_USES, SCHOOLS, ZONES,
};
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::evidence::{Comparison, Decision, Evidence, Source};
use crate::domain::compulsory::fact::Fact;
use crate::domain::compulsory::school_draw::{DrawProtocol, SchoolDraw};
use crate::domain::compulsory::school_place::{EntrySchool, Plan, SchoolKind};
use crate::domain::compulsory::zone::Zone;
use crate::domain::fault::Fault;
use crate::domain::person_name::name_fault;
use crate::domain::ticket::Ticket;
use crate::files::compulsory::entry_sheets::{EntrySheets, MAP};
use crate::files::compulsory::sheet_rows::{date, sheet_rows, sort_by_code};
use crate::files::compulsory::zone_areas::read_areas;
use crate::files::identity;
use crate::files::rows::{Row, add_bounded};

const POLICY: &str = "entry.toml";

/// Reads an entry folder. Zones of addresses are those of the list; what the list leaves open only the map can tell.
///
/// # Errors
/// Every fault of every sheet: those that do not hinder reading on are all in one list.
pub fn read_entry(folder: &Path) -> Result<Entry, Vec<Fault>> {
    let text = std::fs::read_to_string(folder.join(POLICY))
        .map_err(|error| vec![Fault::at(POLICY, format!("cannot be read: {error}"))])?;
    let policy = EntryPolicy::read(POLICY, &text)?;
    let sheets = EntrySheets::of_folder(folder).map_err(|fault| vec![fault])?;
    read(&sheets, policy, text)
}

/// Reads an entry from sheets that stand in memory, such as a database's rows.
///
/// # Errors
/// As [`read_entry`].
pub fn read_entry_sheets(policy_text: &str, sheets: &EntrySheets) -> Result<Entry, Vec<Fault>> {
    let policy = EntryPolicy::read(POLICY, policy_text)?;
    read(sheets, policy, policy_text.to_owned())
}

fn read(sheets: &EntrySheets, policy: EntryPolicy, text: String) -> Result<Entry, Vec<Fault>> {
    let mut reader = Reader { sheets, faults: Vec::new() };
    let entry = reader.entry(policy, text);
    reader.faults.dedup();
    if reader.faults.is_empty() { Ok(entry) } else { Err(reader.faults) }
}

struct Reader<'a> {
    sheets: &'a EntrySheets,
    faults: Vec<Fault>,
}

/// Code -> index.
type Index = BTreeMap<String, u32>;

fn index<'a>(codes: impl Iterator<Item = &'a str>) -> Index {
    codes.map(str::to_owned).zip(0..).collect()
}

impl Reader<'_> {
    fn entry(&mut self, policy: EntryPolicy, policy_text: String) -> Entry {
        let schools = self.schools(&policy);
        let school_of = index(schools.iter().map(|school| school.code.as_str()));
        let zones = self.zones(&schools, &school_of);
        let zone_of = index(zones.iter().map(|zone| zone.code.as_str()));
        let addresses = self.addresses(&zones, &zone_of);
        let address_of = index(addresses.iter().map(|address| address.code.as_str()));
        let feeders = self.feeders(&schools, &school_of);
        let children = self.children(&policy, &schools, &school_of, &address_of);
        let evidence = self.evidence(&children);
        let home_uses = self.home_uses();
        let draws = self.draws(&schools, &school_of);
        Entry {
            policy,
            policy_text,
            schools,
            zones,
            addresses,
            feeders,
            children,
            evidence,
            home_uses,
            draws,
        }
    }

    /// The rows of a sheet in its order, each with its number, and the sheet's name; nothing where there is no sheet.
    fn rows<T: Send>(
        &mut self,
        kind: &EntrySheet,
        needed: bool,
        noun: impl Fn(&Row<'_>, &mut Vec<Fault>) -> T + Sync,
    ) -> (String, Vec<(u64, T)>) {
        let Some(sheet) = self.sheets.sheets.get(kind.name) else {
            let file = format!("{}.csv", kind.name);
            if needed {
                self.faults.push(Fault::at(&file, "is missing"));
            }
            return (file, Vec::new());
        };
        (sheet.file.clone(), sheet_rows(sheet, kind, noun, &mut self.faults))
    }

    /// Sorted by code; a code that stands twice is a fault.
    fn sorted<T>(
        &mut self,
        (file, mut rows): (String, Vec<(u64, T)>),
        column: &str,
        code: impl Fn(&T) -> &str,
    ) -> (String, Vec<(u64, T)>) {
        sort_by_code(&file, &mut rows, column, code, &mut self.faults);
        (file, rows)
    }

    fn schools(&mut self, policy: &EntryPolicy) -> Vec<EntrySchool> {
        let read = self.rows(&SCHOOLS, true, |row, faults| school(row, policy, faults));
        self.sorted(read, "school_code", |school| &school.code).1.into_iter().map(|row| row.1).collect()
    }

    fn zones(&mut self, schools: &[EntrySchool], school_of: &Index) -> Vec<Zone> {
        let read = self.rows(&ZONES, false, |row, faults| {
            let stage = stage(row, 2, faults);
            let fits =
                |school: &EntrySchool| !school.private && stage.is_none_or(|stage| school.kind.has(stage));
            let named = codes(row, 3, school_of, "school", faults);
            if named.is_empty() {
                faults.push(row.fault(3, "must name the schools of the zone"));
            }
            if named.iter().any(|school| !fits(&schools[*school as usize])) {
                faults.push(row.fault(3, "must be public schools of the zone's stage"));
            }
            Zone {
                code: row.code(0, faults).to_owned(),
                name: row.text(1).to_owned(),
                stage: stage.unwrap_or(EntryStage::Primary),
                schools: named,
                text: row.text(4).to_owned(),
                areas: Vec::new(),
            }
        });
        let mut zones: Vec<Zone> =
            self.sorted(read, "zone_code", |zone| &zone.code).1.into_iter().map(|row| row.1).collect();
        match self.sheets.map.as_ref().map(|bytes| read_areas(MAP, bytes)) {
            None => {}
            Some(Err(mut faults)) => self.faults.append(&mut faults),
            Some(Ok(areas)) => {
                for (code, areas) in areas {
                    match zones.iter_mut().find(|zone| zone.code == code) {
                        Some(zone) => zone.areas = areas,
                        None => {
                            self.faults
                                .push(Fault { value: code, ..Fault::at(MAP, "is no zone of zones.csv") });
                        }
                    }
                }
            }
        }
        zones
    }

    fn addresses(&mut self, zones: &[Zone], zone_of: &Index) -> Vec<Address> {
        let read = self.rows(&ADDRESSES, false, |row, faults| {
            let mut zone = |column: usize, stage: EntryStage| {
                let found = known(row, column, zone_of, "zone", faults)?;
                if zones[found as usize].stage != stage {
                    faults.push(row.fault(column, "is a zone of the other stage"));
                }
                Some(found)
            };
            let zones = [zone(2, EntryStage::Primary), zone(3, EntryStage::Junior)];
            Address {
                code: row.code(0, faults).to_owned(),
                text: row.text(1).to_owned(),
                zones,
                at: place(row, 4, faults),
            }
        });
        self.sorted(read, "address_code", |address| &address.code).1.into_iter().map(|row| row.1).collect()
    }

    fn feeders(&mut self, schools: &[EntrySchool], school_of: &Index) -> Vec<(u32, u32)> {
        let (file, mut read) = self.rows(&FEEDERS, false, |row, faults| {
            let mut of = |column: usize, stage: EntryStage| {
                let found = known(row, column, school_of, "school", faults);
                match found {
                    None if row.text(column).is_empty() => {
                        faults.push(row.fault(column, "must not be empty"))
                    }
                    Some(school) if !schools[school as usize].kind.has(stage) => {
                        faults.push(
                            row.fault(column, format!("takes no children of the stage {}", stage.word())),
                        );
                    }
                    _ => {}
                }
                found
            };
            of(0, EntryStage::Primary).zip(of(1, EntryStage::Junior))
        });
        // The sheet's order stays inside a primary school.
        read.sort_by_key(|(_, pair)| pair.map(|pair| pair.0));
        let mut seen = BTreeSet::new();
        let twice = read.iter().filter(|(_, pair)| pair.is_some_and(|pair| !seen.insert(pair)));
        let twice: Vec<Fault> = twice
            .map(|(row, _)| Fault { row: Some(*row), ..Fault::at(&file, "the same pair stands twice") })
            .collect();
        add_bounded(&file, twice.into_iter(), &mut self.faults);
        read.into_iter().filter_map(|row| row.1).collect()
    }

    fn children(
        &mut self,
        policy: &EntryPolicy,
        schools: &[EntrySchool],
        school_of: &Index,
        address_of: &Index,
    ) -> Vec<Child> {
        let read = self
            .rows(&CHILDREN, true, |row, faults| child(row, policy, schools, school_of, address_of, faults));
        let (file, rows) = self.sorted(read, "child_no", |child| &child.number);
        self.twins(&file, &rows);
        rows.into_iter().map(|row| row.1).collect()
    }

    /// Children on one ticket apply for the same and are two at least (DP52).
    fn twins(&mut self, file: &str, rows: &[(u64, Child)]) {
        let mut groups: BTreeMap<(EntryStage, &str), Vec<&(u64, Child)>> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.1.twins.is_empty()) {
            groups.entry((row.1.stage, &row.1.twins)).or_default().push(row);
        }
        let same = |one: &Child| Child {
            number: String::new(),
            born: None,
            household_since: None,
            property_since: None,
            family: String::new(),
            ..one.clone()
        };
        let faults = groups.into_iter().filter_map(|((_, code), group)| {
            let (row, first) = group[0];
            let rule = if group.len() < 2 || group.len() > Ticket::MOST_HEADS as usize {
                "must stand at two children at least and nine at most"
            } else if group.iter().any(|row| same(&row.1) != same(first)) {
                "twins on one ticket must live and apply alike"
            } else {
                return None;
            };
            Some(Fault::cell(file, *row, "twins", code, rule))
        });
        add_bounded(file, faults, &mut self.faults);
    }

    fn evidence(&mut self, children: &[Child]) -> Vec<Evidence> {
        let child_of =
            |number: &str| children.binary_search_by(|child| child.number.as_str().cmp(number)).ok();
        let (_, rows) =
            self.rows(&EVIDENCE, false, |row, faults| {
                let child = child_of(row.text(0));
                if child.is_none() {
                    faults.push(row.fault(0, "is no child"));
                }
                let fact = Fact::from_word(row.word(1));
                if fact.is_none() {
                    faults.push(row.fault(
                        1,
                        "is no ground of admission: exams, certificates, posts and incomes never are",
                    ));
                }
                let source = Source::ALL.into_iter().find(|source| source.word() == row.word(2));
                if source.is_none() {
                    let words = Source::ALL.map(Source::word).join(", ");
                    faults.push(row.fault(2, format!("must be one of {words}")));
                }
                let comparison = Comparison::ALL.into_iter().find(|answer| answer.word() == row.word(3));
                if comparison.is_none() {
                    let words = Comparison::ALL.map(Comparison::word).join(", ");
                    faults.push(row.fault(3, format!("must be one of {words}")));
                }
                let decision = match row.word(4) {
                    "" => None,
                    "accepted" => Some(Decision::Accepted),
                    "refused" => Some(Decision::Refused),
                    _ => {
                        faults.push(row.fault(4, "must be accepted or refused"));
                        None
                    }
                };
                let day = date(row, 6, faults);
                if decision.is_some() && row.text(5).is_empty() {
                    faults.push(row.fault(5, "a decision needs its reason"));
                }
                Some(Evidence {
                    child: child? as u32,
                    fact: fact?,
                    source: source?,
                    comparison: comparison?,
                    decision,
                    reason: row.text(5).to_owned(),
                    day,
                })
            });
        let mut evidence: Vec<Evidence> = rows.into_iter().filter_map(|row| row.1).collect();
        evidence.sort_by_key(|row| (row.child, row.fact, row.source));
        evidence
    }

    fn draws(&mut self, schools: &[EntrySchool], school_of: &Index) -> Vec<SchoolDraw> {
        let (file, mut rows) = self.rows(&DRAWS, false, |row, faults| {
            let school = known(row, 0, school_of, "school", faults);
            let stage = stage(row, 1, faults);
            let draws = |school: u32, stage: EntryStage| {
                let school = &schools[school as usize];
                school.kind.has(stage)
                    && (school.private || (stage == EntryStage::Junior && school.kind.promotes()))
            };
            if school.zip(stage).is_some_and(|(school, stage)| !draws(school, stage)) {
                faults.push(row.fault(0, "nobody draws there: it is not private and promotes nobody"));
            }
            let protocol = DrawProtocol::ALL.into_iter().find(|protocol| protocol.word() == row.word(2));
            if protocol.is_none() {
                let words = DrawProtocol::ALL.map(DrawProtocol::word).join(", ");
                faults.push(row.fault(2, format!("must be one of {words}")));
            }
            let mut number = |column: usize| {
                let number = row.number_up_to(column, 1_000_000, faults).filter(|number| *number > 0);
                if number.is_none() {
                    faults.push(row.fault(column, "must be a number from 1"));
                }
                number.map(|number| number as u32)
            };
            let (first, step) = (number(3), number(4));
            Some(SchoolDraw {
                school: school?,
                stage: stage?,
                protocol: protocol?,
                first: first?,
                step: step?,
            })
        });
        rows.sort_by_key(|row| row.1);
        let whose = |draw: &Option<SchoolDraw>| draw.map(|draw| (draw.school, draw.stage));
        let twice =
            rows.windows(2).filter(|pair| pair[0].1.is_some() && whose(&pair[0].1) == whose(&pair[1].1));
        let twice: Vec<Fault> = twice
            .map(|pair| Fault { row: Some(pair[1].0), ..Fault::at(&file, "the school draws twice") })
            .collect();
        add_bounded(&file, twice.into_iter(), &mut self.faults);
        rows.into_iter().filter_map(|row| row.1).collect()
    }

    fn home_uses(&mut self) -> Vec<HomeUse> {
        let (_, rows) = self.rows(&HOME_USES, false, |row, faults| {
            let stage = stage(row, 1, faults);
            let year = row.text(2).parse::<i16>().ok().filter(|year| (1986..=2100).contains(year));
            if year.is_none() {
                faults.push(row.fault(2, "must be a year"));
            }
            Some(HomeUse {
                home: row.code(0, faults).to_owned(),
                stage: stage?,
                year: year?,
                family: row.text(3).to_owned(),
            })
        });
        let mut uses: Vec<HomeUse> = rows.into_iter().filter_map(|row| row.1).collect();
        uses.sort();
        uses
    }
}

fn school(row: &Row<'_>, policy: &EntryPolicy, faults: &mut Vec<Fault>) -> EntrySchool {
    let kind = SchoolKind::ALL.into_iter().find(|kind| kind.word() == row.word(2));
    if kind.is_none() {
        let words = SchoolKind::ALL.map(SchoolKind::word).join(", ");
        faults.push(row.fault(2, format!("must be one of {words}")));
    }
    let private = match row.word(3) {
        "private" => true,
        "public" | "" => false,
        _ => {
            faults.push(row.fault(3, "must be public or private"));
            false
        }
    };
    let mut plans = [Plan::default(); 2];
    for (stage, at) in EntryStage::ALL.into_iter().zip([4, 6]) {
        let classes = row.number_up_to(at, 200, faults).unwrap_or(0) as u32;
        let seats = row.number_up_to(at + 1, 10_000, faults).unwrap_or(0) as u32;
        let size = policy.stage(stage).map_or(stage.norm(), |policy| policy.class_size);
        if kind.is_some_and(|kind| !kind.has(stage)) && (classes, seats) != (0, 0) {
            faults.push(row.fault(at, format!("must be empty: the school has no stage {}", stage.word())));
        } else if seats > classes * size {
            faults.push(row.fault(at + 1, format!("is more than {classes} classes of {size} hold")));
        }
        plans[stage.index()] = Plan { classes, seats };
    }
    EntrySchool {
        code: row.code(0, faults).to_owned(),
        name: row.text(1).to_owned(),
        private,
        kind: kind.unwrap_or(SchoolKind::Primary),
        plans,
        replacement: row.flag(8, false, faults),
        at: place(row, 9, faults),
    }
}

fn child(
    row: &Row<'_>,
    policy: &EntryPolicy,
    schools: &[EntrySchool],
    school_of: &Index,
    address_of: &Index,
    faults: &mut Vec<Fault>,
) -> Child {
    let number = row.text(0);
    if let Err(rule) = Ticket::new(number, 1) {
        faults.push(row.fault(0, rule.rule()));
    }
    let stage = stage(row, 1, faults);
    if stage.is_some_and(|stage| policy.stage(stage).is_none()) {
        faults.push(row.fault(1, "is not entered under this policy"));
    }
    let stage = stage.unwrap_or(EntryStage::Primary);
    if let Some(rule) = name_fault(row.text(2)) {
        faults.push(row.fault(2, rule));
    }
    identity::check(row, 3, 4, faults);
    let born = date(row, 5, faults).or_else(|| identity::born(row.text(4)));
    if !row.text(5).is_empty() && identity::born(row.text(4)).is_some_and(|other| Some(other) != born) {
        faults.push(row.fault(5, "does not fit the number of identity"));
    }
    let address = |column: usize, faults: &mut Vec<Fault>| known(row, column, address_of, "address", faults);
    let household = address(6, faults);
    let property = address(8, faults);
    let residence = address(10, faults);
    let primary = known(row, 14, school_of, "school", faults);
    if primary.is_some_and(|school| !schools[school as usize].kind.has(EntryStage::Primary)) {
        faults.push(row.fault(14, "is no primary school"));
    }
    if primary.is_some() && stage == EntryStage::Primary {
        faults.push(row.fault(14, "must be empty: the child is not in primary school yet"));
    }
    let takes = |school: u32| schools[school as usize].kind.has(stage);
    let private = known(row, 16, school_of, "school", faults);
    if private.is_some_and(|school| !schools[school as usize].private || !takes(school)) {
        faults.push(row.fault(16, "must be a private school of the stage"));
    }
    let case = known(row, 20, school_of, "school", faults);
    if case.is_some_and(|school| !takes(school)) {
        faults.push(row.fault(20, format!("takes no children of the stage {}", stage.word())));
    }
    Child {
        number: number.to_owned(),
        stage,
        born,
        household,
        household_since: date(row, 7, faults),
        property,
        property_since: date(row, 9, faults),
        residence,
        home: row.text(11).to_owned(),
        family: row.text(12).to_owned(),
        twins: row.text(13).to_owned(),
        primary,
        primary_since: date(row, 15, faults),
        private,
        direct: row.flag(17, false, faults),
        choices: codes(row, 18, school_of, "school", faults),
        transfer_choices: codes(row, 19, school_of, "school", faults),
        case,
    }
}

fn stage(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<EntryStage> {
    let stage = EntryStage::from_word(row.word(column));
    if stage.is_none() {
        faults.push(row.fault(column, "must be primary or junior"));
    }
    stage
}

/// Longitude in this column and latitude in the next; both or none.
fn place(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<Coordinates> {
    let (longitude, latitude) = (row.text(column), row.text(column + 1));
    if longitude.is_empty() && latitude.is_empty() {
        return None;
    }
    let place = Coordinates::parse(longitude, latitude);
    if place.is_none() {
        faults.push(
            row.fault(column, "must be longitude and latitude in degrees, such as 112.2570 and 31.7190"),
        );
    }
    place
}

/// The index behind a code; a fault where nobody has it.
fn known(row: &Row<'_>, column: usize, index: &Index, noun: &str, faults: &mut Vec<Fault>) -> Option<u32> {
    let found = index.get(row.text(column)).copied();
    if found.is_none() && !row.text(column).is_empty() {
        faults.push(row.fault(column, format!("is no {noun}")));
    }
    found
}

/// Several codes joined by `;`, each once.
fn codes(row: &Row<'_>, column: usize, index: &Index, noun: &str, faults: &mut Vec<Fault>) -> Vec<u32> {
    let mut found = Vec::new();
    for text in row.text(column).split(';').map(str::trim).filter(|text| !text.is_empty()) {
        match index.get(text) {
            Some(known) if found.contains(known) => {
                faults.push(row.fault(column, format!("names {text} twice")))
            }
            Some(known) => found.push(*known),
            None => faults.push(row.fault(column, format!("{text} is no {noun}"))),
        }
    }
    found
}

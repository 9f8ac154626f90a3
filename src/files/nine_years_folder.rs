//! Writes the sheets of the nine-year demonstration: two entry folders, the register, a season folder.

use std::collections::BTreeMap;

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::compulsory::school_place::{Plan, SchoolKind};
use crate::domain::nine_years::{
    COHORT_PROGRAMMES, COHORT_SUBJECTS, CohortCandidate, CohortChild, CohortCounty, CohortSchool, DIVISIONS,
    Entrant,
};

/// What the folder tells its reader.
pub const README: &str = include_str!("nine_years/README.md");
const PRIMARY_ENTRY: &str = include_str!("nine_years/primary_entry.toml");
const JUNIOR_ENTRY: &str = include_str!("nine_years/junior_entry.toml");
const SEASON: &str = include_str!("nine_years/season.toml");
const NAMES: &str = include_str!("nine_years/names.toml");

/// Files of a folder by name.
pub type Folder = Vec<(&'static str, String)>;

/// Names with numbers in their places.
struct Names(BTreeMap<String, String>);

impl Names {
    fn new() -> Names {
        Names(toml::from_str(NAMES).expect("the file of names has its form"))
    }

    fn of(&self, kind: &str, numbers: &[usize]) -> String {
        let pattern = self.0[kind].clone();
        numbers.iter().fold(pattern, |name, number| name.replacen("{}", &number.to_string(), 1))
    }

    fn school(&self, school: &CohortSchool) -> String {
        let kind = match school.kind {
            SchoolKind::Junior => "junior",
            SchoolKind::Primary => "primary",
            SchoolKind::NineYear | SchoolKind::TwelveYear => "nine_year",
        };
        self.of(kind, &[school.number])
    }
}

/// The entry folder of primary school: all who were there first.
pub fn primary_entry(county: &CohortCounty, children: &[usize]) -> Folder {
    let rows = children.iter().map(|at| child_cells(&county.children[*at], EntryStage::Primary) + ",,,");
    let children: Vec<&CohortChild> = children.iter().map(|at| &county.children[*at]).collect();
    entry(county, PRIMARY_ENTRY, sheet(CHILDREN, rows), &children)
}

/// The entry folder of junior high: whom the register names.
pub fn junior_entry(county: &CohortCounty, entrants: &[Entrant]) -> Folder {
    let rows = entrants.iter().map(|entrant| {
        let cells = child_cells(&county.children[entrant.child], EntryStage::Junior);
        format!("{cells},{},{},{}", entrant.primary, entrant.since, u8::from(entrant.direct))
    });
    let children: Vec<&CohortChild> =
        entrants.iter().map(|entrant| &county.children[entrant.child]).collect();
    let mut folder = entry(county, JUNIOR_ENTRY, sheet(CHILDREN, rows), &children);
    let fed = (0..county.zones).step_by(2);
    let fed = fed
        .map(|zone| format!("{},{}", county.schools[zone].code, county.schools[county.junior_of(zone)].code));
    folder.push(("feeders.csv", sheet("primary_code,junior_code", fed)));
    folder
}

const CHILDREN: &str = "child_no,stage,name,born,household_address,household_since,property_address,property_since,\
                        residence_address,primary_code,primary_since,direct";

/// The cells up to the address where she lives.
fn child_cells(child: &CohortChild, stage: EntryStage) -> String {
    let address = address_code(child.zone, child.address);
    let only = |holds: bool, text: &str| if holds { text.to_owned() } else { String::new() };
    let since = child.since.to_string();
    format!(
        "{},{},{},{},{},{},{},{},{}",
        child.person,
        stage.word(),
        child.name.concat(),
        child.born,
        only(child.local, &address),
        only(child.local, &since),
        only(child.owned, &address),
        only(child.owned, &since),
        only(!child.local, &address),
    )
}

fn entry(county: &CohortCounty, policy: &str, children: String, of: &[&CohortChild]) -> Folder {
    let names = Names::new();
    let plan = |plan: Plan| match plan.seats {
        0 => ",".to_owned(),
        seats => format!("{},{seats}", plan.classes),
    };
    let schools = county.schools.iter().map(|school| {
        format!(
            "{},{},{},{},{},{}",
            school.code,
            names.school(school),
            school.kind.word(),
            plan(school.primary),
            plan(school.junior),
            degrees(school.at)
        )
    });
    let columns =
        "school_code,name,kind,primary_classes,primary_seats,junior_classes,junior_seats,longitude,latitude";
    let schools = sheet(columns, schools);
    let zone = |stage: &str, number: usize, school: &CohortSchool| {
        format!("Z{},{},{stage},{}", school.code, names.of("zone", &[number]), school.code)
    };
    let primary = (0..county.zones).map(|at| zone("primary", at + 1, &county.schools[at]));
    let junior = county.schools[county.zones..].iter().map(|school| zone("junior", school.number, school));
    let zones = sheet("zone_code,name,stage,schools", primary.chain(junior));
    let addresses = (0..county.zones).flat_map(|zone| (0..4).map(move |place| (zone, place)));
    let addresses = addresses.map(|(zone, place)| {
        let school = &county.schools[zone];
        let offset = place as i64 * 20_000;
        let at = Coordinates { longitude: school.at.longitude + offset, ..school.at };
        format!(
            "{},{},Z{},Z{},{}",
            address_code(zone, place),
            names.of("address", &[zone + 1, place + 1]),
            school.code,
            county.schools[county.junior_of(zone)].code,
            degrees(at)
        )
    });
    let columns = "address_code,text,primary_zone,junior_zone,longitude,latitude";
    let addresses = sheet(columns, addresses);
    let proved = of.iter().flat_map(|child| {
        let facts = [
            (child.local, "household,police"),
            (child.owned, "property,housing"),
            (!child.local, "residence_permit,police"),
            (!child.local, "employment,social_security"),
        ];
        let held = facts.into_iter().filter(|fact| fact.0);
        held.map(|(_, fact)| format!("{},{fact},match", child.person)).collect::<Vec<_>>()
    });
    vec![
        ("entry.toml", policy.to_owned()),
        ("schools.csv", schools),
        ("zones.csv", zones),
        ("addresses.csv", addresses),
        ("evidence.csv", sheet("child_no,fact,source,comparison", proved)),
        ("children.csv", children),
    ]
}

fn address_code(zone: usize, place: usize) -> String {
    format!("A{:03}-{}", zone + 1, place + 1)
}

fn degrees(at: Coordinates) -> String {
    let decimal = |value: i64| format!("{}.{:07}", value / 10_000_000, value % 10_000_000);
    format!("{},{}", decimal(at.longitude), decimal(at.latitude))
}

/// `register.csv`.
pub fn register(rows: &[RegisterRow]) -> String {
    let rows = rows.iter().map(|row| {
        let spell = &row.spell;
        format!(
            "{},{},{},{},{},{},{},{},{}",
            spell.number.as_str(),
            spell.person,
            row.stage.word(),
            spell.school,
            spell.status.word(),
            spell.from,
            spell.until.map_or(String::new(), |day| day.to_string()),
            row.class_of.map_or(String::new(), |year| year.to_string()),
            row.household
        )
    });
    sheet("register_no,person,stage,school_code,status,from,until,class_of,household", rows)
}

/// The season folder before the register fills it, with whose register number is whose.
pub fn season(county: &CohortCounty, candidates: &[CohortCandidate]) -> Folder {
    let names = Names::new();
    let has_junior = |school: &&CohortSchool| school.kind.has(EntryStage::Junior);
    let juniors = county.schools.iter().filter(has_junior).map(|school| {
        let nine_year = u8::from(school.kind.promotes());
        format!("{},{},A1,public,{nine_year}", school.code, names.school(school))
    });
    let seniors = (1..).zip(COHORT_PROGRAMMES).map(|(number, (_, school, _, sought))| {
        format!("{school},{},A1,public,{}", names.of("senior", &[number]), u8::from(sought))
    });
    let programmes = (1..).zip(COHORT_PROGRAMMES).map(|(number, (code, school, part, _))| {
        let seats = candidates.len() * part / 1000 + 1;
        format!("{code},{school},{},1,{seats}", names.of("senior", &[number]))
    });
    let roster = candidates.iter().map(|candidate| {
        let child = &county.children[candidate.child];
        let sex = names.of(if child.female { "girl" } else { "boy" }, &[]);
        let id_no = String::from_utf8_lossy(&child.id_no);
        format!("{},{},{sex},{id_no},,A1,,,,", candidate.exam_no, child.name.concat())
    });
    let numbers = candidates.iter().map(|candidate| {
        let id_no = &county.children[candidate.child].id_no;
        format!("{},G{}", candidate.exam_no, String::from_utf8_lossy(id_no))
    });
    let marks = candidates.iter().map(|candidate| {
        let marks: Vec<String> = candidate.marks.iter().map(u32::to_string).collect();
        format!("{},{}", candidate.exam_no, marks.join(","))
    });
    let lists = candidates.iter().flat_map(|candidate| {
        let wish = |(position, programme): (usize, &usize)| {
            format!("{},1,{position},{}", candidate.exam_no, COHORT_PROGRAMMES[*programme].0)
        };
        (1..).zip(&candidate.list).map(wish).collect::<Vec<_>>()
    });
    let subjects: Vec<&str> = COHORT_SUBJECTS.iter().map(|subject| subject.0).collect();
    let area = format!("A1,{},{}", names.of("county", &[]), DIVISIONS[0]);
    let roster_columns = "exam_no,name,sex,id_no,junior_code,area_code,register_from,attended,repeat,local";
    vec![
        ("season.toml", SEASON.to_owned()),
        ("areas.csv", sheet("area_code,name,divisions", std::iter::once(area))),
        ("junior_schools.csv", sheet("school_code,name,area_code,ownership,nine_year", juniors)),
        ("senior_schools.csv", sheet("school_code,name,area_code,ownership,high_quality", seniors)),
        ("programmes.csv", sheet("programme_code,school_code,name,batch,seats", programmes)),
        ("candidates.csv", sheet(roster_columns, roster)),
        ("register_numbers.csv", sheet("exam_no,register_no", numbers)),
        ("scores.csv", sheet(&format!("exam_no,{}", subjects.join(",")), marks)),
        ("preferences.csv", sheet("exam_no,batch,position,programme_code", lists)),
    ]
}

/// A sheet of rows whose cells hold neither commas nor quotes.
pub fn sheet(columns: &str, rows: impl Iterator<Item = String>) -> String {
    let mut text = columns.to_owned() + "\n";
    for row in rows {
        text.push_str(&row);
        text.push('\n');
    }
    text
}

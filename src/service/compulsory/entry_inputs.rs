//! The sheets of an entry as the program reads them itself: what a proof keeps beside the result.

use jiff::civil::Date;

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::files::csv_bytes;

/// A sheet under way.
pub struct Table {
    bytes: Vec<u8>,
}

impl Table {
    /// With its header.
    pub fn new(header: &str) -> Table {
        Table { bytes: format!("{header}\n").into_bytes() }
    }

    /// Adds a row.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.bytes.push(b',');
            }
            csv_bytes::harmless_text(&mut self.bytes, cell.as_ref());
        }
        self.bytes.push(b'\n');
    }

    /// The whole sheet.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Every input by its path in the result folder; no names, no numbers of identity.
pub fn entry_inputs(entry: &Entry) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("proof/input/addresses.csv", addresses(entry)),
        ("proof/input/children.csv", children(entry)),
        ("proof/input/draws.csv", draws(entry)),
        ("proof/input/entry.toml", entry.policy_text.clone().into_bytes()),
        ("proof/input/evidence.csv", evidence(entry)),
        ("proof/input/feeders.csv", feeders(entry)),
        ("proof/input/home_uses.csv", home_uses(entry)),
        ("proof/input/schools.csv", schools(entry)),
        ("proof/input/zones.csv", zones(entry)),
        ("proof/input/zones.geojson", map(entry)),
    ]
}

/// Degrees as decimals: longitude, latitude; empty where nothing is known.
fn degrees(at: Option<Coordinates>) -> [String; 2] {
    at.map_or([String::new(), String::new()], Coordinates::degrees)
}

fn day(date: Option<Date>) -> String {
    date.map_or(String::new(), |date| date.to_string())
}

fn flag(set: bool) -> String {
    u8::from(set).to_string()
}

fn school(entry: &Entry, school: Option<u32>) -> String {
    school.map_or(String::new(), |school| entry.schools[school as usize].code.clone())
}

fn school_codes(entry: &Entry, schools: &[u32]) -> String {
    let codes: Vec<&str> =
        schools.iter().map(|school| entry.schools[*school as usize].code.as_str()).collect();
    codes.join(";")
}

fn schools(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new(
        "school_code,name,kind,ownership,primary_classes,primary_seats,junior_classes,junior_seats,replacement,\
         longitude,latitude",
    );
    for row in &entry.schools {
        let [primary, junior] = EntryStage::ALL.map(|stage| row.plan(stage));
        let [longitude, latitude] = degrees(row.at);
        let ownership = if row.private { "private" } else { "public" };
        table.row(&[
            row.code.clone(),
            row.name.clone(),
            row.kind.word().to_owned(),
            ownership.to_owned(),
            primary.classes.to_string(),
            primary.seats.to_string(),
            junior.classes.to_string(),
            junior.seats.to_string(),
            flag(row.replacement),
            longitude,
            latitude,
        ]);
    }
    table.bytes()
}

fn zones(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("zone_code,name,stage,schools,text");
    for row in &entry.zones {
        let schools = school_codes(entry, &row.schools);
        table.row(&[row.code.as_str(), &row.name, row.stage.word(), &schools, &row.text]);
    }
    table.bytes()
}

/// The areas of the zones as GeoJSON, corners in the decimals they were read from.
fn map(entry: &Entry) -> Vec<u8> {
    let corner = |at: &Coordinates| {
        let [longitude, latitude] = degrees(Some(*at));
        format!("[{longitude},{latitude}]")
    };
    let joined = |parts: Vec<String>| format!("[{}]", parts.join(","));
    let ring = |ring: &Vec<Coordinates>| joined(ring.iter().map(corner).collect());
    let polygon = |rings: &Vec<Vec<Coordinates>>| joined(rings.iter().map(ring).collect());
    let features = entry.zones.iter().filter(|zone| !zone.areas.is_empty()).map(|zone| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"zone_code\":{}}},\
             \"geometry\":{{\"type\":\"MultiPolygon\",\"coordinates\":{}}}}}",
            serde_json::Value::from(zone.code.as_str()),
            joined(zone.areas.iter().map(polygon).collect()),
        )
    });
    let features: Vec<String> = features.collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}\n", features.join(",\n")).into_bytes()
}

fn addresses(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("address_code,text,primary_zone,junior_zone,longitude,latitude");
    for row in &entry.addresses {
        let [primary, junior] =
            row.zones.map(|zone| zone.map_or("", |zone| entry.zones[zone as usize].code.as_str()));
        let [longitude, latitude] = degrees(row.at);
        table.row(&[row.code.as_str(), &row.text, primary, junior, &longitude, &latitude]);
    }
    table.bytes()
}

fn feeders(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("primary_code,junior_code");
    for (primary, junior) in &entry.feeders {
        table.row(&[school(entry, Some(*primary)), school(entry, Some(*junior))]);
    }
    table.bytes()
}

fn children(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new(
        "child_no,stage,born,household_address,household_since,property_address,property_since,residence_address,\
         home,family,twins,primary_code,primary_since,private_code,direct,choices,transfer_choices,case_code",
    );
    let address = |at: Option<u32>| at.map_or(String::new(), |at| entry.addresses[at as usize].code.clone());
    for row in &entry.children {
        table.row(&[
            row.number.clone(),
            row.stage.word().to_owned(),
            day(row.born),
            address(row.household),
            day(row.household_since),
            address(row.property),
            day(row.property_since),
            address(row.residence),
            row.home.clone(),
            row.family.clone(),
            row.twins.clone(),
            school(entry, row.primary),
            day(row.primary_since),
            school(entry, row.private),
            flag(row.direct),
            school_codes(entry, &row.choices),
            school_codes(entry, &row.transfer_choices),
            school(entry, row.case),
        ]);
    }
    table.bytes()
}

fn evidence(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("child_no,fact,source,comparison,decision,reason");
    for row in &entry.evidence {
        let child = entry.children[row.child as usize].number.as_str();
        let decision = row.decision.map_or("", |decision| decision.word());
        table.row(&[child, row.fact.word(), row.source.word(), row.comparison.word(), decision, &row.reason]);
    }
    table.bytes()
}

fn draws(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("school_code,stage,protocol,first,step");
    for row in &entry.draws {
        let (first, step) = (row.first.to_string(), row.step.to_string());
        let code = &entry.schools[row.school as usize].code;
        table.row(&[code.as_str(), row.stage.word(), row.protocol.word(), &first, &step]);
    }
    table.bytes()
}

fn home_uses(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("home,stage,year,family");
    for row in &entry.home_uses {
        table.row(&[row.home.as_str(), row.stage.word(), &row.year.to_string(), &row.family]);
    }
    table.bytes()
}

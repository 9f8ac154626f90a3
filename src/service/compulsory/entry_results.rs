//! The sheets that tell an entry's result: places, reasons, lines, loads and what the zones lack.

use std::collections::BTreeMap;

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_outcome::EntryRefusal;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::fact::Fact;
use crate::domain::hexadecimal::hex;
use crate::engine::compulsory::entry_explanation::{entry_lines, entry_reason};
use crate::engine::compulsory::placed_entry::EntryRun;
use crate::engine::compulsory::school_draws::bits;
use crate::engine::compulsory::seat_warning::zone_loads;
use crate::engine::compulsory::zone_check::{ZoneFinding, zone_findings};
use crate::service::compulsory::entry_inputs::Table;

/// Every sheet by its path in the result folder.
pub fn entry_results(entry: &Entry, run: &EntryRun) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("candidacies.csv", candidacies(entry, run)),
        ("draws.csv", draws(entry, run)),
        ("loads.csv", loads(entry, run)),
        ("placements.csv", placements(entry, run)),
        ("reasons.csv", reasons(entry, run)),
        ("school_lines.csv", school_lines(entry, run)),
        ("zone_findings.csv", findings(entry)),
    ]
}

fn category(entry: &Entry, stage: EntryStage, category: Option<u32>) -> &str {
    let policy = entry.policy.stage(stage);
    let code = policy.zip(category).map(|(policy, at)| policy.categories[at as usize].code.as_str());
    code.unwrap_or_default()
}

/// Where every child stands before the placing.
fn candidacies(entry: &Entry, run: &EntryRun) -> Vec<u8> {
    let mut table = Table::new("child_no,stage,facts,address_code,zone_code,category,locked_since,refusals");
    for (child, candidacy) in entry.children.iter().zip(&run.candidacies) {
        let facts: Vec<&str> =
            Fact::ALL.into_iter().filter(|fact| candidacy.facts.has(*fact)).map(Fact::word).collect();
        let refusals: Vec<&str> = candidacy.refusals.iter().copied().map(EntryRefusal::word).collect();
        let home = candidacy.home;
        table.row(&[
            child.number.as_str(),
            child.stage.word(),
            &facts.join(";"),
            home.map_or("", |home| &entry.addresses[home.0 as usize].code),
            home.map_or("", |home| &entry.zones[home.1 as usize].code),
            category(entry, child.stage, candidacy.category),
            &candidacy.locked_by.map_or(String::new(), |year| year.to_string()),
            &refusals.join(";"),
        ]);
    }
    table.bytes()
}

/// Every child with her place, or without.
fn placements(entry: &Entry, run: &EntryRun) -> Vec<u8> {
    let mut table = Table::new("child_no,stage,school_code,way,category,ticket,lot");
    let mut tickets = vec![0; entry.children.len()];
    for (at, bundle) in run.bundles.iter().enumerate() {
        for child in &bundle.children {
            tickets[*child as usize] = at;
        }
    }
    for ((child, place), ticket) in entry.children.iter().zip(&run.places).zip(tickets) {
        let (school, way, own) = place.map_or(("", "", ""), |place| {
            let code = entry.schools[place.school as usize].code.as_str();
            (code, place.way.word(), category(entry, child.stage, place.category))
        });
        let (id, lot) = (run.bundles[ticket].id(entry), run.lots[ticket].to_string());
        table.row(&[child.number.as_str(), child.stage.word(), school, way, own, id, &lot]);
    }
    table.bytes()
}

/// Every application with its reason, round by round.
fn reasons(entry: &Entry, run: &EntryRun) -> Vec<u8> {
    let mut table = Table::new("ticket,round,position,school_code,way,category,reason");
    for (name, round) in [("admission", &run.admission), ("transfer", &run.transfer)] {
        let lines = entry_lines(run, round);
        for (at, (bundle, wishes)) in run.bundles.iter().zip(&round.wishes).enumerate() {
            for (place, wish) in wishes.iter().enumerate() {
                table.row(&[
                    bundle.id(entry),
                    name,
                    &(place + 1).to_string(),
                    &entry.schools[wish.school as usize].code,
                    wish.way.word(),
                    category(entry, bundle.stage, wish.category),
                    entry_reason(run, round, &lines, at, place).word(),
                ]);
            }
        }
    }
    table.bytes()
}

/// Per school and stage: plan, children taken, and the last ticket of each round.
fn school_lines(entry: &Entry, run: &EntryRun) -> Vec<u8> {
    let mut table = Table::new("school_code,stage,round,seats,taken,last_key,last_lot");
    for (name, round) in [("admission", &run.admission), ("transfer", &run.transfer)] {
        let lines = entry_lines(run, round);
        let mut taken = [vec![0; entry.schools.len()], vec![0; entry.schools.len()]];
        for (at, bundle) in run.bundles.iter().enumerate() {
            if let Some(wish) = round.granted[at] {
                let school = round.wishes[at][wish as usize].school;
                taken[bundle.stage.index()][school as usize] += bundle.children.len();
            }
        }
        let entered = |stage: &EntryStage| entry.policy.stage(*stage).is_some();
        for stage in EntryStage::ALL.into_iter().filter(entered) {
            for (at, school) in entry.schools.iter().enumerate().filter(|row| row.1.kind.has(stage)) {
                let line = lines.get(&(stage, at as u32));
                let key: Vec<String> =
                    line.iter().flat_map(|line| line.key.iter().map(u32::to_string)).collect();
                table.row(&[
                    school.code.as_str(),
                    stage.word(),
                    name,
                    &round.seats[stage.index()][at].to_string(),
                    &taken[stage.index()][at].to_string(),
                    &key.join(";"),
                    &line.map_or(String::new(), |line| line.lot.to_string()),
                ]);
            }
        }
    }
    table.bytes()
}

/// Every list that was drawn, with its hash, and what decided its order.
fn draws(entry: &Entry, run: &EntryRun) -> Vec<u8> {
    let mut table = Table::new("school_code,stage,way,tickets,list_hash,protocol,first,step,bits");
    for list in &run.school_lists {
        let drawn = entry.draws.iter().find(|draw| (draw.school, draw.stage) == (list.school, list.stage));
        let [protocol, first, step, bits] = match drawn {
            None => ["lot", "", "", ""].map(str::to_owned),
            Some(draw) => [
                draw.protocol.word().to_owned(),
                draw.first.to_string(),
                draw.step.to_string(),
                bits(draw, list.tickets.len()).to_string(),
            ],
        };
        table.row(&[
            entry.schools[list.school as usize].code.clone(),
            list.stage.word().to_owned(),
            list.way.word().to_owned(),
            list.tickets.len().to_string(),
            hex(&list.hash),
            protocol,
            first,
            step,
            bits,
        ]);
    }
    table.bytes()
}

/// Children against places, zone by zone.
fn loads(entry: &Entry, run: &EntryRun) -> Vec<u8> {
    let mut table = Table::new("zone_code,stage,children,first_category,seats,warning");
    for load in zone_loads(entry, &run.candidacies) {
        let zone = &entry.zones[load.zone as usize];
        table.row(&[
            zone.code.as_str(),
            zone.stage.word(),
            &load.children.to_string(),
            &load.first_category.to_string(),
            &load.seats.to_string(),
            load.tightness.word(),
        ]);
    }
    table.bytes()
}

/// Gaps, overlaps and schools without a zone.
fn findings(entry: &Entry) -> Vec<u8> {
    let mut table = Table::new("finding,stage,code,zones");
    let zone = |at: &u32| entry.zones[*at as usize].code.as_str();
    for finding in zone_findings(entry) {
        let address = |at: u32| entry.addresses[at as usize].code.as_str();
        match &finding {
            ZoneFinding::Gap { address: at, stage } => table.row(&["gap", stage.word(), address(*at), ""]),
            ZoneFinding::Overlap { address: at, stage, zones } => {
                let zones: Vec<&str> = zones.iter().map(zone).collect();
                table.row(&["overlap", stage.word(), address(*at), &zones.join(";")]);
            }
            ZoneFinding::ListAndMap { address: at, stage, list, map } => {
                let zones = format!("{};{}", zone(list), zone(map));
                table.row(&["list_and_map", stage.word(), address(*at), &zones]);
            }
            ZoneFinding::SchoolWithoutZone { school, stage } => {
                let code = entry.schools[*school as usize].code.as_str();
                table.row(&["school_without_zone", stage.word(), code, ""]);
            }
        }
    }
    table.bytes()
}

/// What each child's family may read of the result, in the order of numbers: her rows of the sheets, byte for byte.
pub fn entry_leaves(entry: &Entry, run: &EntryRun, mut tell: impl FnMut(&str, Vec<u8>)) {
    let [candidacies, placements, reasons] =
        [candidacies(entry, run), placements(entry, run), reasons(entry, run)]
            .map(|sheet| String::from_utf8_lossy(&sheet).into_owned());
    let mut of_ticket: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in reasons.lines().skip(1) {
        of_ticket.entry(row.split(',').next().unwrap_or_default()).or_default().push(row);
    }
    let rows = candidacies.lines().skip(1).zip(placements.lines().skip(1));
    for (child, (candidacy, placement)) in entry.children.iter().zip(rows) {
        let ticket = placement.split(',').nth(5).unwrap_or_default();
        let mut leaf = format!("candidacies.csv\n{candidacy}\nplacements.csv\n{placement}\nreasons.csv\n");
        for row in of_ticket.get(ticket).into_iter().flatten() {
            leaf += row;
            leaf.push('\n');
        }
        tell(&child.number, leaf.into_bytes());
    }
}

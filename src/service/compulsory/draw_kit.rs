//! The draw as a ceremony: frozen lists onto a stick, drawn on an unplugged machine, compared on return.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;

use crate::domain::compulsory::entry::Entry;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::progress::Progress;
use crate::domain::ticket::{Drawn, Ticket, Twins};
use crate::engine::compulsory::candidacy::candidacies;
use crate::engine::compulsory::entry_market::{Bundle, bundles};
use crate::engine::compulsory::school_draws::{SchoolList, school_lists};
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::engine::draw::{Bits, Seating, Seed, by_lot, list_hash, seat, seed_of};
use crate::files::compulsory::entry_folder::read_entry;
use crate::files::draw_file::{order_csv, read_list};
use crate::service::admit_folder::NoResult;

/// The whole list of the entry, whose hash is part of the seed.
const ALL: &str = "all";
/// Which lists there are.
const LISTS: &str = "lists.csv";
/// Where the orders go.
const ORDERS: &str = "orders";
/// Where those of a rehearsal go, and what it adds to the parts: its numbers are never those of the draw.
const REHEARSAL: &str = "rehearsal";
/// The sheet to print and sign.
const WITNESS: &str = "witness.txt";
const WITNESS_SHEET: &str = include_str!("../../files/compulsory/witness_sheet.txt");

/// What was put onto a stick, drawn or compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The hash of the whole list.
    pub list_hash: [u8; 32],
    /// School lists.
    pub lists: usize,
    /// The seed, once it was drawn.
    pub seed: Option<Seed>,
    /// Lists that an earlier, broken-off draw had left finished.
    pub found: usize,
}

/// Writes the frozen lists of an entry folder: the whole list, one per school that draws, and a sheet of them all.
///
/// # Errors
/// [`NoResult`].
pub fn write_lists(folder: &Path, stick: &Path, progress: &dyn Progress) -> Result<Kit, NoResult> {
    progress.stage("read the entry folder", 0);
    let (sheet, files, list_hash) = lists_of(folder)?.written()?;
    fs::create_dir_all(stick)?;
    for (name, text) in &files {
        fs::write(stick.join(format!("{name}.csv")), text)?;
    }
    fs::write(stick.join(LISTS), sheet)?;
    Ok(Kit { list_hash, lists: files.len() - 1, seed: None, found: 0 })
}

/// An entry with what is frozen of it.
struct Frozen {
    entry: Entry,
    bundles: Vec<Bundle>,
    lists: Vec<SchoolList>,
}

/// The frozen lists of an entry folder.
fn lists_of(folder: &Path) -> Result<Frozen, NoResult> {
    let mut entry = read_entry(folder).map_err(NoResult::Faults)?;
    zones_from_map(&mut entry);
    let bundles = bundles(&entry);
    let candidacies = candidacies(&entry);
    let own = |bundle: &Bundle| candidacies[bundle.children[0] as usize].wishes.clone();
    let wishes: Vec<_> = bundles.iter().map(own).collect();
    let lists = school_lists(&entry, &bundles, &wishes);
    Ok(Frozen { entry, bundles, lists })
}

/// The sheet of all lists, every list by its name, the hash of the whole list.
type Written = (String, Vec<(String, String)>, [u8; 32]);

impl Frozen {
    fn written(&self) -> Result<Written, NoResult> {
        let policy = &self.entry.policy;
        let twins = match policy.twins {
            Twins::AdmitBoth => "admit_both",
            Twins::NextSingle => "next_single",
        };
        let mut sheet = "list,way,seats,tickets,list_hash,round,twins\n".to_owned();
        let mut files = Vec::new();
        let mut add = |name: String, way: &str, seats: u32, of: Vec<u32>| -> Result<[u8; 32], NoResult> {
            let line = |at: &u32| self.bundles[*at as usize].line(&self.entry);
            let mut lines: Vec<String> = of.iter().map(line).collect();
            lines.sort_unstable();
            let hash = list_hash(&lines).map_err(|_| {
                NoResult::Breaches(vec![format!("{name}: a ticket stands twice on the list")])
            })?;
            let (count, hash_text, round) = (lines.len(), hex(&hash), policy.lot.round);
            sheet += &format!("{name},{way},{seats},{count},{hash_text},{round},{twins}\n");
            files.push((name, format!("ticket,heads\n{}\n", lines.join("\n"))));
            Ok(hash)
        };
        let list_hash = add(ALL.to_owned(), "", 0, (0..self.bundles.len() as u32).collect())?;
        for list in &self.lists {
            let school = &self.entry.schools[list.school as usize];
            let name = format!("{}-{}", school.code, list.stage.word());
            add(name, list.way.word(), school.plan(list.stage).seats, list.tickets.clone())?;
        }
        Ok((sheet, files, list_hash))
    }
}

/// One row of the sheet of lists.
struct Listed {
    name: String,
    seats: u32,
    hash: String,
    round: u32,
    twins: Twins,
}

/// The sheet of lists on a stick.
fn listed(stick: &Path) -> Result<Vec<Listed>, NoResult> {
    let text = fs::read_to_string(stick.join(LISTS))?;
    let row = |(at, line): (usize, &str)| -> Result<Listed, Fault> {
        let cells: Vec<&str> = line.split(',').collect();
        let wrong = |rule: &str| Fault { row: Some(at as u64 + 1), ..Fault::at(LISTS, rule) };
        let [name, _, seats, _, hash, round, twins] = cells[..] else {
            return Err(wrong("has another number of cells than `draw lists` wrote"));
        };
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong("must be a whole number"));
        Ok(Listed {
            name: name.to_owned(),
            seats: number(seats)?,
            hash: hash.to_owned(),
            round: number(round)?,
            twins: if twins == "next_single" { Twins::NextSingle } else { Twins::AdmitBoth },
        })
    };
    let rows: Result<Vec<Listed>, Fault> = text.lines().enumerate().skip(1).map(row).collect();
    rows.map_err(|fault| NoResult::Faults(vec![fault]))
}

/// Draws every list of a stick by lot, without any network: each order is on the disk before the next one is drawn,
/// and what a broken-off draw had finished stays. A rehearsal has numbers of its own.
///
/// # Errors
/// Another list than the frozen one; an order from other parts that stands there already; no parts.
///
/// # Complexity
/// O(tickets log tickets).
pub fn draw_lists(stick: &Path, parts: &[String], rehearsal: bool) -> Result<Kit, NoResult> {
    if parts.is_empty() || parts.iter().any(String::is_empty) {
        return Err(NoResult::Faults(vec![Fault::at("--part", "must be given, and none empty")]));
    }
    let rows = listed(stick)?;
    let mut lists = Vec::new();
    let mut wrong = Vec::new();
    for row in rows {
        let file = format!("{}.csv", row.name);
        let tickets = read_list(&file, fs::read(stick.join(&file))?).map_err(NoResult::Faults)?;
        let lines: Vec<String> = tickets.iter().map(Ticket::line).collect();
        let hash =
            list_hash(&lines).map_err(|_| NoResult::Breaches(vec![format!("{file}: a ticket twice")]))?;
        if hex(&hash) != row.hash {
            wrong.push(format!(
                "{file}: is not the frozen list: its hash is {}, frozen was {}",
                hex(&hash),
                row.hash
            ));
        }
        lists.push((row, hash, tickets));
    }
    let Some((_, whole, _)) = lists.first().filter(|list| list.0.name == ALL && wrong.is_empty()) else {
        return Err(NoResult::Breaches(wrong));
    };
    let whole = *whole;
    let mut sources: Vec<Vec<u8>> = parts.iter().map(|part| part.clone().into_bytes()).collect();
    let bits = Bits::of_parts(&sources);
    if rehearsal {
        sources.push(REHEARSAL.as_bytes().to_vec());
    }
    let seed = seed_of(whole, &sources);
    let folder = stick.join(if rehearsal { REHEARSAL } else { ORDERS });
    fs::create_dir_all(&folder)?;
    let mut found = 0;
    let mut told = String::new();
    for (row, hash, tickets) in lists.iter().skip(1) {
        let order = order_of(seed, row, tickets);
        let path = folder.join(format!("{}.csv", row.name));
        if path.exists() {
            if fs::read_to_string(&path)? != order {
                return Err(NoResult::Breaches(vec![format!(
                    "{}: was drawn from other parts: a draw is never made again",
                    path.display()
                )]));
            }
            found += 1;
        } else {
            save(&path, &order)?;
        }
        told += &format!("{}\t{}\t{}\t{}\n", row.name, tickets.len(), row.seats, hex(hash));
    }
    let numbered: String = parts.iter().zip(1..).map(|(part, at)| format!("{at}. {part}\n")).collect();
    let sheet = WITNESS_SHEET
        .replace("{draw}", ticked(!rehearsal))
        .replace("{rehearsal}", ticked(rehearsal))
        .replace("{version}", env!("CARGO_PKG_VERSION"))
        .replace("{list_hash}", &hex(&whole))
        .replace("{bits}", &bits.to_string())
        .replace("{seed}", &seed.to_string())
        .replace("{lists}", &told)
        .replace("{parts}", &numbered);
    save(&folder.join(WITNESS), &sheet)?;
    Ok(Kit { list_hash: whole, lists: lists.len() - 1, seed: Some(seed), found })
}

/// The order of one list as a file: place, ticket, number, heads, and who the seats of the list alone would admit.
fn order_of(seed: Seed, row: &Listed, tickets: &[Ticket]) -> String {
    let order = by_lot(seed, row.round, tickets);
    let heads: Vec<u32> = order.iter().map(|(_, ticket)| ticket.heads()).collect();
    let seatings: Vec<Seating> = seat(&heads, row.seats, row.twins);
    let places = order.into_iter().zip(seatings).zip(1..);
    let places = places.map(|(((number, ticket), seating), place)| Drawn {
        place,
        ticket,
        number,
        admitted: seating.admitted(),
    });
    order_csv(&places.collect::<Vec<_>>())
}

const fn ticked(is_so: bool) -> &'static str {
    if is_so { "[x]" } else { "[ ]" }
}

/// On the disk, whole or not at all.
fn save(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, path)
}

/// Compares a stick that came back with the entry folder, whose policy names the parts now: the same lists, the same
/// orders.
///
/// # Errors
/// [`NoResult::Breaches`] names every list and order that differs or is missing.
pub fn compare_draw(stick: &Path, folder: &Path, progress: &dyn Progress) -> Result<Kit, NoResult> {
    progress.stage("read the entry folder", 0);
    let frozen = lists_of(folder)?;
    let (sheet, files, whole) = frozen.written()?;
    let parts = &frozen.entry.policy.lot.parts;
    let seed = seed_of(whole, &parts.iter().map(|part| part.clone().into_bytes()).collect::<Vec<_>>());
    let mut wrong = Vec::new();
    let same = |path: &str, expected: &str, wrong: &mut Vec<String>| -> io::Result<()> {
        match fs::read_to_string(stick.join(path)) {
            Ok(told) if told == expected => {}
            Ok(_) => wrong.push(format!("{path}: is not what the entry folder gives")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                wrong.push(format!("{path}: is missing"))
            }
            Err(error) => return Err(error),
        }
        Ok(())
    };
    same(LISTS, &sheet, &mut wrong)?;
    for (name, text) in &files {
        same(&format!("{name}.csv"), text, &mut wrong)?;
    }
    if wrong.is_empty() {
        for row in listed(stick)?.iter().skip(1) {
            let file = format!("{}.csv", row.name);
            let tickets = read_list(&file, fs::read(stick.join(&file))?).map_err(NoResult::Faults)?;
            same(&format!("{ORDERS}/{file}"), &order_of(seed, row, &tickets), &mut wrong)?;
        }
    }
    if wrong.is_empty() {
        Ok(Kit { list_hash: whole, lists: files.len() - 1, seed: Some(seed), found: 0 })
    } else {
        Err(NoResult::Breaches(wrong))
    }
}

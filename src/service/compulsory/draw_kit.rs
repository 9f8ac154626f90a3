//! The draw as a ceremony: frozen lists onto a stick, drawn on an unplugged machine, compared on return.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;

use crate::domain::compulsory::entry::Entry;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::progress::Progress;
use crate::domain::ticket::Ticket;
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::engine::draw::{Bits, Seed, by_lot, list_hash, seed_of};
use crate::files::compulsory::draw_stick::{ALL, LISTS, LOT, ListRow, ORDERS, read_list_rows};
use crate::files::compulsory::entry_folder::read_entry;
use crate::files::draw_file::{order_csv, read_list};
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::frozen_lists::{FrozenLists, frozen_lists, seated};

/// Where the orders of a rehearsal go, and what it adds to the parts: its numbers are never those of the draw.
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
    let (_, frozen) = lists_of(folder)?;
    fs::create_dir_all(stick)?;
    for (name, text) in frozen.files() {
        fs::write(stick.join(name), text)?;
    }
    Ok(Kit { list_hash: frozen.hash, lists: frozen.lists.len(), seed: None, found: 0 })
}

/// An entry folder with what is frozen of it.
fn lists_of(folder: &Path) -> Result<(Entry, FrozenLists), NoResult> {
    let mut entry = read_entry(folder).map_err(NoResult::Faults)?;
    zones_from_map(&mut entry);
    let twice = |list: String| NoResult::Breaches(vec![format!("{list}: a ticket stands twice on the list")]);
    let frozen = frozen_lists(&entry).map_err(twice)?;
    Ok((entry, frozen))
}

/// The sheet of lists on a stick.
fn listed(stick: &Path) -> Result<Vec<ListRow>, NoResult> {
    let text = fs::read_to_string(stick.join(LISTS))?;
    read_list_rows(&text).map_err(|fault| NoResult::Faults(vec![fault]))
}

/// Draws every list of a stick that the lots order, without any network (where people drew numbers, those are the
/// order already): each order is on the disk before the next one is drawn,
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
    if lists.first().is_none_or(|list| list.0.name != ALL) {
        wrong.push(format!("{LISTS}: must name the whole list, {ALL}, first"));
    }
    let Some((_, whole, _)) = lists.first().filter(|_| wrong.is_empty()) else {
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
    let ordered_by_lot = lists.iter().skip(1).filter(|(row, ..)| row.protocol == LOT);
    for (row, hash, tickets) in ordered_by_lot {
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
fn order_of(seed: Seed, row: &ListRow, tickets: &[Ticket]) -> String {
    order_csv(&seated(by_lot(seed, row.round, tickets), row.seats, row.twins))
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
    let (entry, frozen) = lists_of(folder)?;
    let parts: Vec<Vec<u8>> = entry.policy.lot.parts.iter().map(|part| part.clone().into_bytes()).collect();
    let seed = seed_of(frozen.hash, &parts);
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
    for (name, text) in frozen.files() {
        same(&name, &text, &mut wrong)?;
    }
    if wrong.is_empty() {
        for list in frozen.lists.iter().filter(|list| list.draw.is_none()) {
            let order = frozen.order(list, seed).map_err(|why| NoResult::Breaches(vec![why]))?;
            same(&format!("{ORDERS}/{}.csv", list.name), &order_csv(&order), &mut wrong)?;
        }
    }
    if wrong.is_empty() {
        Ok(Kit { list_hash: frozen.hash, lists: frozen.lists.len(), seed: Some(seed), found: 0 })
    } else {
        Err(NoResult::Breaches(wrong))
    }
}

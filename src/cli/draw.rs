//! `zhaosheng draw`: freeze a list, draw from it, so that anyone can draw it again.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::single_file;
use crate::cli::standard_streams::{note_line, print_line};
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::ticket::{Drawn, Ticket, Twins};
use crate::engine::draw::{self, Bits, Seating, Seed};
use crate::files::draw_file;
use crate::service::compulsory::draw_kit::{Kit, compare_draw, draw_lists, write_lists};

const CONTRACT: &str = "\
LIST is CSV with the columns `ticket` (an id of letters, digits, - . / : _) and, for twins bound
together, `heads` (1 if empty); `number`, as `freeze --out` writes it, is checked; no others. Or a
.json file:
  {\"format\": \"list/1\", \"tickets\": [\"a\", {\"ticket\": \"b\", \"heads\": 2}]}
The order of its rows never matters: numbers count the tickets in bytewise order, from 1.
Publish the hash of `freeze`, let chance come after it, then `run`: the same list and the same
parts give the same bytes for everyone.
Columns out: place,ticket,number,heads,admitted; number is the lot (smaller first), or the number
on the frozen list. With --json, one object (frozen_list/1, draw/1) in place of the CSV.
Exit code: 0 done, 1 another list than the frozen one, 2 bad input, 3 environment.";

/// What to do with a list.
#[derive(Args)]
#[command(after_help = CONTRACT)]
pub struct DrawArgs {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Print the hash that freezes a list, and how many tickets it has. Publish it before the draw.
    Freeze(FreezeArgs),
    /// Draw from a frozen list: place,ticket,number,heads,admitted.
    Run(RunArgs),
    /// Put the frozen lists of an entry folder (compulsory schools) onto a stick.
    Lists(ListsArgs),
    /// Draw every list of a stick by lot on a machine without network; broken off, it goes on where it was.
    Offline(OfflineArgs),
    /// Compare a stick that came back with the entry folder, whose `entry.toml` names the parts now.
    Compare(CompareArgs),
}

#[derive(Args)]
#[command(after_help = CONTRACT)]
struct FreezeArgs {
    /// The list.
    list: PathBuf,
    /// Write the list as it is published (number,ticket,heads) to this file.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = CONTRACT)]
struct RunArgs {
    /// The list.
    list: PathBuf,
    /// Seats, counted by heads.
    #[arg(long)]
    seats: u32,
    /// The hash published when the list was frozen; another list is refused (exit 1).
    #[arg(long)]
    list_hash: String,
    /// How the numbers come about.
    #[arg(long, value_enum, default_value = "chacha")]
    protocol: Protocol,
    /// chacha: one source of chance made after the list was frozen (balls drawn, a committed
    /// secret, an announced figure); give it once per source, in the published order.
    #[arg(long = "part")]
    parts: Vec<String>,
    /// chacha: the round; every round gives every person one lasting number [default: 1].
    #[arg(long)]
    round: Option<u32>,
    /// ring: the start number, 1 to the number of tickets.
    #[arg(long)]
    start: Option<u32>,
    /// ring: every how many-th of those still on the ring wins next.
    #[arg(long)]
    interval: Option<u32>,
    /// first_and_difference: the first number, 1 to the number of tickets.
    #[arg(long)]
    first: Option<u32>,
    /// first_and_difference: what is added each time, around the end of the list.
    #[arg(long)]
    difference: Option<u32>,
    /// What happens when twins come to the last seat; needed where the list has twins.
    #[arg(long, value_enum)]
    twins: Option<TwinsRule>,
    /// Write the order to this file and not to standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct ListsArgs {
    /// The entry folder (`entry.toml` and its sheets); its lot needs no parts yet.
    entry: PathBuf,
    /// The folder on the stick.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct OfflineArgs {
    /// The folder on the stick that `draw lists` wrote.
    stick: PathBuf,
    /// A source of chance made after the lists were frozen; once per source, in the published order.
    #[arg(long = "part", required = true)]
    parts: Vec<String>,
    /// A rehearsal: marked as such, with numbers that are not those of the draw.
    #[arg(long)]
    rehearsal: bool,
}

#[derive(Args)]
struct CompareArgs {
    /// The folder on the stick.
    stick: PathBuf,
    /// The entry folder.
    entry: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Protocol {
    /// By lot: ChaCha20 keyed by the seed (list hash and parts), addressed by round and ticket.
    Chacha,
    /// Start number and interval on a ring, winners removed; numbers are those of the frozen list.
    Ring,
    /// First number and common difference; numbers are those of the frozen list.
    FirstAndDifference,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum TwinsRule {
    /// Both are admitted, over the plan.
    AdmitBoth,
    /// They are passed over for the next single.
    NextSingle,
}

/// How the tickets came out, before seats are given.
struct Order {
    tickets: Vec<(u64, Ticket)>,
    seed: Option<Seed>,
    bits: Bits,
    words: String,
}

/// Runs the command.
pub fn run(args: &DrawArgs, json: bool) -> Result<(), Stop> {
    match &args.act {
        Act::Freeze(args) => freeze(args, json),
        Act::Run(args) => draw(args, json),
        Act::Lists(args) => write_lists(&args.entry, &args.out, &Bar::new(false))
            .map(|kit| tell_kit("frozen", &kit, json))
            .map_err(stop),
        Act::Offline(args) => draw_lists(&args.stick, &args.parts, args.rehearsal)
            .map(|kit| tell_kit(if args.rehearsal { "rehearsed" } else { "drawn" }, &kit, json))
            .map_err(stop),
        Act::Compare(args) => compare_draw(&args.stick, &args.entry, &Bar::new(false))
            .map(|kit| tell_kit("equal", &kit, json))
            .map_err(stop),
    }
}

/// What was done with a stick.
fn tell_kit(done: &str, kit: &Kit, json: bool) {
    let (hash, seed) = (hex(&kit.list_hash), kit.seed.map(|seed| seed.to_string()));
    if json {
        let answer =
            json!({ "done": done, "lists": kit.lists, "found": kit.found, "list_hash": hash, "seed": seed });
        return print_line!("{answer}");
    }
    print_line!("{done}: {} lists\nlist_hash {hash}", kit.lists);
    if kit.found > 0 {
        print_line!("{} of them had been finished before", kit.found);
    }
    if let Some(seed) = seed {
        print_line!("seed {seed}");
    }
}

fn freeze(args: &FreezeArgs, json: bool) -> Result<(), Stop> {
    let tickets = read(&args.list).map_err(Stop::BadInput)?;
    let hash = hex(&hash_of(&tickets));
    let heads: u64 = tickets.iter().map(|ticket| u64::from(ticket.heads())).sum();
    if let Some(out) = &args.out {
        single_file::write(Some(out), draw_file::frozen_csv(&tickets).as_bytes())?;
    }
    let text = if json {
        let count = tickets.len();
        let answer =
            json!({ "format": "frozen_list/1", "list_hash": hash, "tickets": count, "heads": heads });
        format!("{answer}\n")
    } else {
        format!("list_hash {hash}\ntickets {}\nheads {heads}\n", tickets.len())
    };
    single_file::write(None, text.as_bytes())
}

fn draw(args: &RunArgs, json: bool) -> Result<(), Stop> {
    let (mut faults, tickets) = match read(&args.list) {
        Ok(tickets) => (Vec::new(), tickets),
        Err(faults) => (faults, Vec::new()),
    };
    let claimed = args.list_hash.trim().to_ascii_lowercase();
    if claimed.len() != 64 || !claimed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let fault = Fault::at("--list-hash", "must be the 64 hexadecimal digits that `draw freeze` printed");
        faults.push(Fault { value: args.list_hash.clone(), ..fault });
    }
    if args.twins.is_none() && tickets.iter().any(|ticket| ticket.heads() > 1) {
        faults.push(Fault::at("--twins", "must be given: the list has tickets of more than one head"));
    }
    faults.extend(misplaced(args));
    let hash = hash_of(&tickets);
    let order = if tickets.is_empty() { None } else { drawn(args, hash, &tickets, &mut faults) };
    let Some(order) = order.filter(|_| faults.is_empty()) else {
        return Err(Stop::BadInput(faults));
    };
    let hash = hex(&hash);
    if hash != claimed {
        let list = args.list.display();
        let breach = format!("{list}: is not the frozen list: its hash is {hash}, published was {claimed}");
        return Err(Stop::Refused(vec![breach]));
    }

    let heads: Vec<u32> = order.tickets.iter().map(|(_, ticket)| ticket.heads()).collect();
    let twins = match args.twins {
        Some(TwinsRule::AdmitBoth) => Twins::AdmitBoth,
        Some(TwinsRule::NextSingle) | None => Twins::NextSingle,
    };
    let seatings = draw::seat(&heads, args.seats, twins);
    let admitted = |(seating, heads): (&Seating, &u32)| if seating.admitted() { *heads } else { 0 };
    let taken: u32 = seatings.iter().zip(&heads).map(admitted).sum();
    let mut log = Vec::new();
    let mut places = Vec::with_capacity(order.tickets.len());
    for ((seating, (number, ticket)), place) in seatings.iter().zip(order.tickets).zip(1..) {
        let (id, heads) = (ticket.id(), ticket.heads());
        match seating {
            Seating::OverPlan(over) => {
                log.push(format!("place {place}: all {heads} of {id} admitted, plan + {over}"));
            }
            Seating::PassedOver => {
                log.push(format!("place {place}: {id} passed over, {heads} heads do not fit the seats left"));
            }
            Seating::Admitted | Seating::NoSeat => {}
        }
        places.push(Drawn { place, ticket, number, admitted: seating.admitted() });
    }

    let seed = order.seed.map(|seed| seed.to_string());
    let steer = if order.bits.can_be_steered() { "; can be steered by whoever knows the list" } else { "" };
    let entropy = format!("{} bits {}{steer}", order.bits, order.words);
    let text = if json {
        let answer = json!({
            "format": "draw/1", "list_hash": hash, "tickets": places.len(),
            "protocol": args.protocol.to_possible_value().map(|word| word.get_name().to_owned()),
            "round": seed.as_ref().map(|_| round(args)), "seed": seed,
            "entropy_bits": order.bits.to_string(), "entropy": entropy,
            "can_be_steered": order.bits.can_be_steered(),
            "seats": args.seats, "admitted_heads": taken, "log": log,
            "places": draw_file::order_json(&places),
        });
        format!("{answer:#}\n")
    } else {
        draw_file::order_csv(&places)
    };
    single_file::write(args.out.as_deref(), text.as_bytes())?;
    if !json {
        note_line!("list_hash {hash}");
        if let Some(seed) = seed {
            note_line!("seed {seed}");
        }
        note_line!("entropy {entropy}\nadmitted {taken} heads on {} seats", args.seats);
        for line in log {
            note_line!("{line}");
        }
    }
    Ok(())
}

fn round(args: &RunArgs) -> u32 {
    args.round.unwrap_or(1)
}

/// Flags of another protocol, and flags that the protocol lacks.
fn misplaced(args: &RunArgs) -> Vec<Fault> {
    use Protocol::{Chacha, FirstAndDifference, Ring};
    let flags = [
        ("--part", Chacha, !args.parts.is_empty(), true),
        ("--round", Chacha, args.round.is_some(), false),
        ("--start", Ring, args.start.is_some(), true),
        ("--interval", Ring, args.interval.is_some(), true),
        ("--first", FirstAndDifference, args.first.is_some(), true),
        ("--difference", FirstAndDifference, args.difference.is_some(), true),
    ];
    let fault = |(flag, owner, given, needed): (&str, Protocol, bool, bool)| {
        if owner == args.protocol {
            (needed && !given).then(|| Fault::at(flag, "must be given for this protocol"))
        } else {
            given.then(|| Fault::at(flag, "does not belong to this protocol"))
        }
    };
    let empty = args.parts.iter().any(String::is_empty).then(|| Fault::at("--part", "must not be empty"));
    flags.into_iter().filter_map(fault).chain(empty).collect()
}

/// The order by the protocol, `None` where a flag is missing (told by [`misplaced`]) or wrong.
fn drawn(args: &RunArgs, hash: [u8; 32], tickets: &[Ticket], faults: &mut Vec<Fault>) -> Option<Order> {
    let count = match u32::try_from(tickets.len()) {
        Ok(count) => count,
        Err(_) => {
            faults.push(Fault::at(args.list.display().to_string(), "has more than 2^32 - 1 tickets"));
            return None;
        }
    };
    let (numbers, bits, words) = match args.protocol {
        Protocol::Chacha => {
            let parts: Vec<Vec<u8>> = args.parts.iter().map(|part| part.clone().into_bytes()).collect();
            let seed = draw::seed_of(hash, &parts);
            return Some(Order {
                tickets: draw::by_lot(seed, round(args), tickets),
                seed: Some(seed),
                bits: Bits::of_parts(&parts),
                words: "at most, counted from the characters of the parts".to_owned(),
            });
        }
        Protocol::Ring => (
            draw::ring(count, args.start?, args.interval?),
            Bits::of_ring(count),
            format!("({count} starts x {count} intervals)"),
        ),
        Protocol::FirstAndDifference => (
            draw::first_and_difference(count, args.first?, args.difference?),
            Bits::of_first_and_difference(count),
            format!("({count} first numbers x the differences that reach all {count})"),
        ),
    };
    match numbers {
        Ok(numbers) => {
            let ticket = |number: u32| (u64::from(number), tickets[number as usize - 1].clone());
            let tickets = numbers.into_iter().map(ticket).collect();
            Some(Order { tickets, seed: None, bits, words })
        }
        Err(error) => {
            faults.push(Fault::at("--protocol", error.to_string()));
            None
        }
    }
}

fn hash_of(tickets: &[Ticket]) -> [u8; 32] {
    let lines: Vec<String> = tickets.iter().map(Ticket::line).collect();
    draw::list_hash(&lines).expect("reading a list refuses tickets that stand twice")
}

fn read(list: &Path) -> Result<Vec<Ticket>, Vec<Fault>> {
    let file = list.display().to_string();
    match std::fs::read(list) {
        Ok(bytes) => draw_file::read_list(&file, bytes),
        Err(error) => Err(vec![Fault::at(file, format!("cannot be read: {error}"))]),
    }
}

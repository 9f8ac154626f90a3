//! A season's result on one screen, and as JSON.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::answer::Stop;
use crate::cli::standard_streams::{note_line, print_line};
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::way::Way;
use crate::domain::hexadecimal::hex;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::comparison::{Change, Comparison, Cost};
use crate::engine::compulsory::entry_calendar::calendar_flags;
use crate::engine::compulsory::entry_comparison::{EntryComparison, Fate};
use crate::engine::compulsory::placed_entry::EntryRun;
use crate::engine::draw::Bits;
use crate::engine::season_run::SeasonRun;
use crate::service::compulsory::compare_entry_policies::{counts, moves, named};

/// Programmes shown on a terminal; `--json` and the result folder hold all.
const SHOWN: usize = 24;

/// What the summary tells of one programme.
struct Line {
    code: String,
    name: String,
    plan: u32,
    due: u64,
    quota: u32,
    pool: u32,
    open: u32,
    line: Option<String>,
}

/// Prints the summary of a season; `written`: the result folder and its root.
pub fn print(
    season: &Season,
    run: &SeasonRun,
    written: Option<(&Path, String)>,
    json: bool,
) -> Result<(), Stop> {
    let lines = lines(season, run);
    let choices = choices(season, run);
    let records = run.totals.iter().filter(|total| total.record).count();
    let admitted = run.left.admissions.iter().flatten().count();
    let floor = run.quota.plan.as_ref().map(|plan| plan.floor);
    if json {
        let programmes: Vec<Value> = lines
            .iter()
            .map(|line| {
                json!({ "programme": line.code, "seats": line.plan, "quota_due": line.due, "quota": line.quota,
                        "pool": line.pool, "open": line.open, "line": line.line })
            })
            .collect();
        let told = json!({
            "season": season.policy.name, "candidates": season.candidates.len(), "records": records,
            "admitted": admitted, "programmes": programmes,
            "choices": choices.iter().map(|(batch, position, number)| json!({
                "batch": batch, "position": position, "admitted": number })).collect::<Vec<_>>(),
            "quota_floor": floor.map(|floor| json!({ "base": floor.base, "due": floor.due, "placed": floor.placed,
                "unplaceable": floor.unplaceable })),
            "list_hash": hex(&run.list_hash), "seed": run.seed.to_string(),
            "out": written.as_ref().map(|written| written.0.display().to_string()),
            "root": written.as_ref().map(|written| &written.1),
        });
        print_line!("{told}");
        return Ok(());
    }
    print_line!("{}", season.policy.name);
    print_line!("candidates {}, with an exam record {records}, admitted {admitted}", season.candidates.len());
    let seats: u64 = lines.iter().map(|line| u64::from(line.plan)).sum();
    print_line!(
        "seats {seats} in {} programmes of {} senior highs, {} junior highs, {} areas; fill {}",
        lines.len(),
        season.city.seniors.len(),
        season.city.juniors.len(),
        season.city.areas.len(),
        percent(admitted as u64, seats)
    );
    if let Some(floor) = floor {
        print_line!(
            "quota of high-quality senior highs: {} of {} seats due = {} (floor 60 %), {} in cells, {} nobody can take",
            floor.due,
            floor.base,
            percent(floor.due, floor.base),
            floor.placed,
            floor.unplaceable
        );
    }
    print_line!("\n  programme   plan  quota due/taken  pool  open   line  name");
    for line in lines.iter().take(SHOWN) {
        print_line!(
            "  {:<10} {:>5} {:>10}/{:<5} {:>5} {:>5} {:>6}  {}",
            line.code,
            line.plan,
            line.due,
            line.quota,
            line.pool,
            line.open,
            line.line.as_deref().unwrap_or("-"),
            line.name
        );
    }
    if lines.len() > SHOWN {
        print_line!("  ... and {} more (cutoffs.csv)", lines.len() - SHOWN);
    }
    print_line!("\n  admitted at choice:");
    for (batch, position, number) in &choices {
        print_line!(
            "  batch {batch} choice {position:>2}: {number:>8}  {}",
            percent(*number, admitted as u64)
        );
    }
    print_line!(
        "\nchecked: two engines agree in {} batches, the checker and the hard rules found nothing",
        run.batches.len()
    );
    let parts: Vec<Vec<u8>> = season.policy.lot.parts.iter().map(|part| part.clone().into_bytes()).collect();
    let bits = Bits::of_parts(&parts);
    print_line!("lots: frozen list {}, seed of at most {bits} bits of chance", hex(&run.list_hash));
    if bits.can_be_steered() {
        print_line!("      below {} bits: whoever knows the list could have steered it", Bits::ENOUGH);
    }
    if let Some((out, root)) = written {
        let out = out.display();
        print_line!("result: {out}\nroot:   {root}\nverify: zhaosheng verify {out} --root {root}");
    }
    Ok(())
}

fn lines(season: &Season, run: &SeasonRun) -> Vec<Line> {
    let mut lines: Vec<Line> = season
        .city
        .programmes
        .iter()
        .enumerate()
        .map(|(at, programme)| Line {
            code: programme.code.clone(),
            name: programme.name.clone(),
            plan: programme.seats,
            due: run.quota.plan.as_ref().map_or(0, |plan| plan.per_programme[at].due),
            quota: 0,
            pool: 0,
            open: 0,
            line: None,
        })
        .collect();
    let mut lowest = vec![None; lines.len()];
    for (candidate, admission) in run.left.admissions.iter().enumerate() {
        let Some(admission) = admission else { continue };
        let line = &mut lines[admission.programme as usize];
        match admission.seat {
            Seat::Quota => line.quota += 1,
            Seat::Pool => line.pool += 1,
            Seat::Open => {
                line.open += 1;
                let total = run.totals[candidate].total();
                let lowest = &mut lowest[admission.programme as usize];
                *lowest = Some(lowest.map_or(total, |known: crate::domain::points::Points| known.min(total)));
            }
        }
    }
    for (line, lowest) in lines.iter_mut().zip(&lowest) {
        line.line = lowest.map(|points| points.to_string());
    }
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(lowest[at]), at));
    let mut sorted: Vec<Option<Line>> = lines.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| sorted[at].take()).collect()
}

/// (batch, position, how many)
fn choices(season: &Season, run: &SeasonRun) -> Vec<(String, u8, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for admission in run.left.admissions.iter().flatten() {
        *counts.entry((admission.batch, admission.position)).or_insert(0u64) += 1;
    }
    let code = |batch: u8| season.policy.batches[usize::from(batch)].code.clone();
    counts.into_iter().map(|((batch, position), number)| (code(batch), position, number)).collect()
}

/// `93.4 %`, in integers.
fn percent(part: u64, whole: u64) -> String {
    let tenths = (part * 1000 + whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Prints what the second policy changes.
pub fn print_comparison(season: &Season, comparison: &Comparison, json: bool) -> Result<(), Stop> {
    let code = |place: Option<u32>| place.map(|at| season.city.programmes[at as usize].code.as_str());
    let exam_no = |change: &Change| season.candidates.exam_no.get(change.candidate as usize);
    if json {
        let list = |changes: &[Change]| -> Vec<Value> {
            let tell = |change: &Change| json!({ "exam_no": exam_no(change), "from": code(change.from), "to": code(change.to) });
            changes.iter().map(tell).collect()
        };
        let cost = |cost: &Cost| {
            json!({ "admitted": cost.admitted, "empty_seats": cost.empty_seats, "envious": cost.envious,
                    "envy_pairs": cost.envy_pairs })
        };
        let told = json!({ "gain": list(&comparison.gain), "lose": list(&comparison.lose),
                           "first": cost(&comparison.first), "second": cost(&comparison.second) });
        print_line!("{told}");
        return Ok(());
    }
    print_line!("                      this policy   the other");
    let rows = [
        ("admitted", comparison.first.admitted, comparison.second.admitted),
        ("empty seats", comparison.first.empty_seats, comparison.second.empty_seats),
        ("with justified envy", comparison.first.envious, comparison.second.envious),
        ("pairs of it", comparison.first.envy_pairs, comparison.second.envy_pairs),
    ];
    for (word, first, second) in rows {
        print_line!("{word:<20} {first:>12} {second:>11}");
    }
    print_line!("under the other policy {} gain and {} lose", comparison.gain.len(), comparison.lose.len());
    for (word, changes) in [("gains", &comparison.gain), ("loses", &comparison.lose)] {
        for change in changes.iter().take(10) {
            print_line!(
                "  {} {word}: {} -> {}",
                exam_no(change),
                code(change.from).unwrap_or("no place"),
                code(change.to).unwrap_or("no place")
            );
        }
        if changes.len() > 10 {
            print_line!("  ... and {} more (--json lists all)", changes.len() - 10);
        }
    }
    Ok(())
}

/// Prints what the second policy changes for the children of an entry.
pub fn print_entry_comparison(entry: &Entry, run: &EntryRun, compared: &EntryComparison, json: bool) {
    if json {
        let all = named(entry, run, compared, usize::MAX);
        print_line!("{}", json!({ "counts": counts(compared), "named": all }));
        return;
    }
    print_line!("                      this policy   the other");
    let (first, second) = (&compared.first, &compared.second);
    for (word, first, second) in [
        ("placed", first.placed, second.placed),
        ("without a place", first.unplaced, second.unplaced),
        ("with justified envy", first.envious, second.envious),
    ] {
        print_line!("{word:<20} {first:>12} {second:>11}");
    }
    print_line!(
        "under the other policy {} children stand elsewhere: {} gain, {} lose, {} neither",
        compared.changes.len(),
        compared.count(Fate::Gains),
        compared.count(Fate::Loses),
        compared.count(Fate::Neither)
    );
    let code = |school: Option<u32>| school.map_or("no place", |at| entry.schools[at as usize].code.as_str());
    let moves = moves(entry, run, compared);
    for (of, children) in moves.iter().take(SHOWN) {
        let category = if of.category.is_empty() { "-" } else { &of.category };
        print_line!("  category {category}: {} -> {}: {children}", code(of.from), code(of.to));
    }
    if moves.len() > SHOWN {
        print_line!("  ... and {} more (--json lists all, and every child)", moves.len() - SHOWN);
    }
    for stage in EntryStage::ALL {
        for (at, school) in entry.schools.iter().enumerate() {
            let [first, second] = [first, second].map(|cost| cost.load[stage.index()][at]);
            if first != second {
                let (word, seats) = (stage.word(), school.plan(stage).seats);
                print_line!("  {} {word}: {first} -> {second} of {seats} places", school.code);
            }
        }
    }
}

/// Prints the summary of an entry: children and places by stage and way.
pub fn print_entry(entry: &Entry, run: &EntryRun, out: &Path, root: &str, json: bool) {
    let count = |stage: EntryStage, way: Option<Way>| {
        let children = entry.children.iter().zip(&run.places).filter(|(child, _)| child.stage == stage);
        children.filter(|(_, place)| place.map(|place| place.way) == way).count()
    };
    let of = |stage: EntryStage| {
        let ways: serde_json::Map<String, Value> =
            Way::ALL.into_iter().map(|way| (way.word().to_owned(), count(stage, Some(way)).into())).collect();
        json!({ "placed": ways, "without_a_place": count(stage, None) })
    };
    let flags = calendar_flags(entry.policy.year, &entry.policy.dates);
    if json {
        let dates: Value = flags
            .iter()
            .map(|flag| json!({ "key": flag.key, "day": flag.day.to_string(), "rule": flag.rule.told() }))
            .collect();
        let stages: serde_json::Map<String, Value> =
            EntryStage::ALL.into_iter().map(|stage| (stage.word().to_owned(), of(stage))).collect();
        print_line!(
            "{}",
            json!({ "children": entry.children.len(), "stages": stages, "flagged_dates": dates,
                    "list_hash": hex(&run.list_hash), "seed": run.seed.to_string(), "out": out.display().to_string(), "root": root })
        );
        return;
    }
    print_line!("{}: {} children", entry.policy.name, entry.children.len());
    for stage in EntryStage::ALL.into_iter().filter(|stage| entry.policy.stage(*stage).is_some()) {
        let ways: Vec<String> = Way::ALL
            .into_iter()
            .map(|way| (way, count(stage, Some(way))))
            .filter(|row| row.1 > 0)
            .map(|(way, count)| format!("{count} by {}", way.word()))
            .collect();
        print_line!("{}: {}; {} without a place", stage.word(), ways.join(", "), count(stage, None));
    }
    for flag in flags {
        note_line!("{} {}: {}", flag.key, flag.day, flag.rule.told());
    }
    print_line!("list {}\nseed {}", hex(&run.list_hash), run.seed);
    print_line!("written to {}\nroot {root}", out.display());
}

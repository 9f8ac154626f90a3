//! The matching alone, from loaded arrays to the assignment, on a DAM01 market of the yardstick.
//!
//! `cargo bench --bench matching -- --dam FILE [--threads N] [--runs N]` prints one line:
//! `ours MARKET median_ms cpu_median_ms peak_rss_kib fnv HEX`. `benches/yardstick.sh` pairs it with
//! the yardstick. A file named `quota*` holds schools expanded to 25 reserved parts and an open one;
//! they are folded back to one programme with 25 quota cells first.

mod dam01;

use std::path::PathBuf;
use std::time::Instant;

use dam01::{Dam, fnv};
use zhaosheng::domain::market::{Application, Area, Market, NONE, Programme, Rule};
use zhaosheng::domain::policy::Reversion;
use zhaosheng::domain::seat::Seat;
use zhaosheng::engine::choice::seats;
use zhaosheng::engine::deferred_acceptance::place;

/// Parts of an expanded school: 25 reserved ones, then the open one.
const PARTS: u32 = 26;

fn main() {
    let mut file = None;
    let (mut threads, mut runs) = (1, 7);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--dam" => file = words.next().map(PathBuf::from),
            "--threads" => threads = words.next().and_then(|text| text.parse().ok()).unwrap_or(1),
            "--runs" => runs = words.next().and_then(|text| text.parse().ok()).unwrap_or(7),
            _ => {}
        }
    }
    let Some(file) = file else {
        println!("matching: give --dam FILE; `benches/yardstick.sh` makes the files and calls this");
        return;
    };
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let quota = name.starts_with("quota");
    let market = match Dam::open(&file) {
        Ok(dam) if quota => folded(dam),
        Ok(dam) => plain(dam),
        Err(fault) => panic!("{fault}"),
    };
    // What loading needed is forgotten: the peak from here on is the arrays and the matching.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
    let mut walls = Vec::new();
    let mut cpus = Vec::new();
    let mut placed = Vec::new();
    for _ in 0..runs {
        let (wall, cpu) = (Instant::now(), cpu_ms());
        placed = pool.install(|| place(&market));
        walls.push(wall.elapsed().as_secs_f64() * 1e3);
        cpus.push(cpu_ms() - cpu);
    }
    walls.sort_by(f64::total_cmp);
    cpus.sort_by(f64::total_cmp);
    let answer = if quota { expanded(&market, &placed) } else { placed };
    eprintln!("arrays {} KiB", array_bytes(&market) / 1024);
    println!(
        "ours {name} {:.3} {:.3} {} fnv {:016x}",
        walls[runs / 2],
        cpus[runs / 2],
        peak_kib(),
        fnv(&answer)
    );
}

/// A market without cells: the arrays of the file as they are.
fn plain(dam: Dam) -> Market {
    Market {
        areas: areas(&dam, 1),
        list_start: dam.poff.iter().map(|&at| u32::try_from(at).expect("fits")).collect(),
        applications: dam.pref.iter().map(|&programme| Application::new(programme, true, false)).collect(),
        programmes: dam.cap.iter().map(|&seats| Programme { seats, ..Programme::default() }).collect(),
        rankings: vec![fine(&dam)],
        levels: dam.score,
        ..Market::default()
    }
}

/// Schools of 26 parts folded back into programmes with 25 quota cells that do not revert.
fn folded(dam: Dam) -> Market {
    let mut list_start = vec![0];
    let (mut applications, mut levels) = (Vec::new(), Vec::new());
    let mut juniors = Vec::new();
    for list in dam.poff.windows(2) {
        let entries = list[0] as usize..list[1] as usize;
        let reserved =
            dam.pref[entries.clone()].iter().map(|part| part % PARTS).find(|&part| part + 1 < PARTS);
        juniors.push(reserved.unwrap_or(PARTS));
        for entry in entries {
            if dam.pref[entry] % PARTS == PARTS - 1 {
                applications.push(Application::new(dam.pref[entry] / PARTS, true, true));
                levels.push(dam.score[entry]);
            }
        }
        list_start.push(applications.len() as u32);
    }
    let rule = Rule { reversion: Reversion::None, ..Rule::default() };
    let programmes = (0..dam.cap.len() as u32 / PARTS).map(|school| {
        let cells = school * (PARTS - 1)..(school + 1) * (PARTS - 1);
        let parts = &dam.cap[(school * PARTS) as usize..((school + 1) * PARTS) as usize];
        Programme { seats: parts.iter().sum(), ranking: 0, rule, feeders: cells.clone(), cells }
    });
    let cells = dam.cap.iter().enumerate().filter(|(part, _)| *part as u32 % PARTS != PARTS - 1);
    Market {
        areas: areas(&dam, PARTS),
        list_start,
        applications,
        levels,
        juniors,
        totals: Vec::new(),
        rankings: vec![fine(&dam)],
        programmes: programmes.collect(),
        cells: cells.map(|(_, &seats)| seats).collect(),
        feeders: (0..dam.cap.len() as u32 / PARTS * (PARTS - 1))
            .map(|cell| (cell % (PARTS - 1), cell))
            .collect(),
        ..Market::default()
    }
}

fn areas(dam: &Dam, parts: u32) -> Vec<Area> {
    let counties = dam.soff.windows(2).zip(dam.coff.windows(2));
    counties
        .map(|(students, programmes)| Area {
            students: students[0]..students[1],
            programmes: programmes[0] / parts..programmes[1] / parts,
        })
        .collect()
}

fn fine(dam: &Dam) -> Vec<u64> {
    let columns = dam.sec1.iter().zip(&dam.sec2).zip(&dam.hash);
    columns
        .map(|((&sec1, &sec2), &hash)| u64::from(sec1) << 48 | u64::from(sec2) << 32 | u64::from(hash))
        .collect()
}

/// The answer in the numbers of the expanded file.
fn expanded(market: &Market, placed: &[u32]) -> Vec<u32> {
    let seats = seats(market, placed);
    let answer = placed.iter().zip(seats).zip(&market.juniors).map(|((&school, seat), &junior)| match seat {
        None => NONE,
        Some(Seat::Quota) => school * PARTS + junior,
        Some(_) => school * PARTS + PARTS - 1,
    });
    answer.collect()
}

fn array_bytes(market: &Market) -> usize {
    market.list_start.len() * 4
        + market.applications.len() * 4
        + market.levels.len() * 2
        + market.juniors.len() * 4
        + market.rankings.iter().map(Vec::len).sum::<usize>() * 8
        + market.programmes.len() * size_of::<Programme>()
}

/// Processor time of all threads of this process in milliseconds.
fn cpu_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = tasks.filter_map(|task| {
        let line = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<u64>() as f64 / 1e6
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}

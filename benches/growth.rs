//! How time and memory grow from 10,000 to 1,000,000 candidates.
//!
//! `cargo bench --bench growth -- [--most 100000] [--largest 1000000] [--postgres]`: from folder to result and the
//! matching alone for every size up to `--largest`; a roster's check and commit and a whole run from the database up to
//! `--most`. Prints a table and draws it as `target/growth.svg`. Every figure comes from a process of its own, so that
//! its peak memory is its own.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};
use support::figures::{ms_since, peak_mib};
use support::roster_season::{bring, roster, season};
use support::staged_city::{Outcome, bench_folder, city_folder, fresh_database, open};
use support::staged_run::{stage_run, work};
use support::stages::Stages;
use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::service::admit_folder::{admit, write_result};

/// Candidates.
const SIZES: [u64; 5] = [10_000, 30_000, 100_000, 300_000, 1_000_000];
/// A larger roster is above the 64 MiB of one upload: a province's offices send their own.
const LARGEST_ROSTER: u64 = 500_000;
/// What is measured; the second is a part of the first.
const MEASURES: [&str; 5] =
    ["folder to result", "matching alone", "roster: check", "roster: commit", "run from the database"];

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |name: &str, usual: u64| {
        let at = named.iter().position(|&word| word == name);
        at.and_then(|at| named.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let figures = match named.as_slice() {
        ["folder", size] => folder(size.parse()?)?,
        ["roster", url, size] => runtime.block_on(brought(url, size.parse()?))?,
        ["stage", url, size] => {
            runtime.block_on(stage_run(url, size.parse()?))?;
            json!({})
        }
        ["run", url] => runtime.block_on(worked(url))?,
        _ => {
            let kind = if named.contains(&"--postgres") { "postgres" } else { "sqlite" };
            return all(number("--most", 100_000), number("--largest", 1_000_000), kind);
        }
    };
    println!("{figures}");
    Ok(())
}

/// Seconds of each measure and MiB of each process, by size; none where it was left out.
struct Line {
    size: u64,
    seconds: [Option<f64>; 5],
    mib: [Option<u64>; 3],
}

fn all(most: u64, largest: u64, kind: &str) -> Outcome {
    let mut lines = Vec::new();
    for size in SIZES.into_iter().filter(|&size| size <= largest) {
        let text = size.to_string();
        let mut line = Line { size, seconds: [None; 5], mib: [None; 3] };
        let seconds = |told: &Value, name: &str| told[name].as_f64().map(|ms| ms / 1e3);
        let told = own(&["folder", &text])?;
        (line.seconds[0], line.seconds[1]) = (seconds(&told, "all"), seconds(&told, "matching"));
        line.mib[0] = told["peak"].as_u64();
        if size <= most.min(LARGEST_ROSTER) {
            let told = own(&["roster", &fresh_database(kind, "bench_growth")?, &text])?;
            (line.seconds[2], line.seconds[3]) = (seconds(&told, "check"), seconds(&told, "commit"));
            line.mib[1] = told["peak"].as_u64();
        }
        if size <= most {
            let url = fresh_database(kind, "bench_growth")?;
            own(&["stage", &url, &text])?;
            let told = own(&["run", &url])?;
            (line.seconds[4], line.mib[2]) = (seconds(&told, "all"), told["peak"].as_u64());
        }
        eprintln!("growth: {size} candidates measured");
        lines.push(line);
    }
    println!("Seconds (MiB at most), the database {kind}:\n");
    println!("| candidates | {} |", MEASURES.join(" | "));
    println!("|---|{}", "---|".repeat(MEASURES.len()));
    for line in &lines {
        let shown = |at: usize| {
            let seconds = line.seconds[at].map(|seconds| format!("{seconds:.3}"));
            let mib = [0, 9, 9, 1, 2][at];
            let mib = line.mib.get(mib).copied().flatten().map(|mib| format!(" ({mib})"));
            seconds.map_or("-".to_owned(), |seconds| seconds + &mib.unwrap_or_default())
        };
        let cells: Vec<String> = (0..MEASURES.len()).map(shown).collect();
        println!("| {} | {} |", line.size, cells.join(" | "));
    }
    let exponents: Vec<String> = (0..MEASURES.len()).map(|at| exponent(&lines, at)).collect();
    println!("| grows with the power | {} |", exponents.join(" | "));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("growth.svg");
    fs::write(&file, chart(&lines))?;
    println!("\n{}", file.display());
    Ok(())
}

/// By what power of the size a measure grows from its first to its last point: 1 is in proportion.
fn exponent(lines: &[Line], at: usize) -> String {
    let mut points = lines.iter().filter_map(|line| Some((line.size as f64, line.seconds[at]?)));
    let (first, last) = (points.next(), points.next_back());
    let power = first.zip(last).map(|(from, to)| (to.1 / from.1).ln() / (to.0 / from.0).ln());
    power.map_or("-".to_owned(), |power| format!("{power:.2}"))
}

/// Runs this bench again for one figure.
fn own(words: &[&str]) -> Outcome<Value> {
    let told = Command::new(std::env::current_exe()?).args(words).stderr(Stdio::inherit()).output()?;
    if !told.status.success() {
        return Err(format!("{words:?} failed").into());
    }
    Ok(serde_json::from_slice(&told.stdout)?)
}

/// A season from its folder to its result.
fn folder(size: u64) -> Outcome<Value> {
    let (season, stages) = (city_folder(size)?, Stages::default());
    let result = bench_folder().join("growth-result");
    let began = Instant::now();
    let (read, run) = admit(&season, &stages).map_err(|why| format!("{why:?}"))?;
    write_result(&read, &run, &result, &stages)?;
    let all = ms_since(began);
    let spent = stages.spent();
    let matching = spent.iter().find(|stage| stage.0 == "first engine: deferred acceptance");
    fs::remove_dir_all(&result)?;
    Ok(json!({"all": all, "matching": matching.map(|stage| stage.1), "peak": peak_mib()}))
}

/// A roster checked and committed.
async fn brought(url: &str, size: usize) -> Outcome<Value> {
    let bytes = roster::csv(&roster::HEADER, &roster::roster(size));
    let (app, caller) = season(url).await?;
    let (check, commit) = bring(&app, &caller, SheetKind::Candidates, "good.csv", bytes).await?;
    Ok(json!({"check": check, "commit": commit, "peak": peak_mib()}))
}

/// The run that waits.
async fn worked(url: &str) -> Outcome<Value> {
    let app = open(url)?;
    let began = Instant::now();
    work(&app).await?;
    Ok(json!({"all": ms_since(began), "peak": peak_mib()}))
}

/// Lines over logarithms of size and seconds, each told apart by its dashes and its name at its end.
fn chart(lines: &[Line]) -> String {
    // From 10^4 to 10^6 candidates and from a millisecond to a thousand seconds, 100 points to a power of ten.
    let x = |size: f64| 60.0 + 200.0 * (size.log10() - 4.0);
    let y = |seconds: f64| 320.0 - 50.0 * (seconds.max(1e-3).log10() + 3.0);
    let mut svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"640\" height=\"360\" fill=\"#fff\"/>\n"
            .to_owned();
    let mut line = |from: (f64, f64), to: (f64, f64)| {
        svg +=
            &format!("<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#ccc\"/>\n", from.0, from.1, to.0, to.1);
    };
    SIZES.iter().for_each(|&size| line((x(size as f64), 20.0), (x(size as f64), 320.0)));
    (-3..=3).for_each(|power| line((60.0, y(10_f64.powi(power))), (460.0, y(10_f64.powi(power)))));
    for size in SIZES {
        svg += &format!("<text x=\"{:.1}\" y=\"336\" text-anchor=\"middle\">{size}</text>\n", x(size as f64));
    }
    for power in -3..=3 {
        let at = 10_f64.powi(power);
        svg += &format!("<text x=\"54\" y=\"{:.1}\" text-anchor=\"end\">{at} s</text>\n", y(at) + 4.0);
    }
    svg += "<text x=\"260\" y=\"354\" text-anchor=\"middle\">candidates</text>\n";
    for (at, name) in MEASURES.into_iter().enumerate() {
        let points: Vec<(f64, f64)> =
            lines.iter().filter_map(|line| Some((x(line.size as f64), y(line.seconds[at]?)))).collect();
        let Some(last) = points.last() else { continue };
        let path: Vec<String> = points.iter().map(|point| format!("{:.1} {:.1}", point.0, point.1)).collect();
        let (colour, dash) =
            [("#1b6", "none"), ("#a3c", "2 3"), ("#06c", "6 3"), ("#c60", "9 3 2 3"), ("#c03", "1 2")][at];
        svg += &format!(
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>\n",
            path.join("L"),
            last.0 + 6.0,
            last.1 + 4.0
        );
    }
    svg + "</svg>\n"
}

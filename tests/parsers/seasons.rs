//! Season folders sheet by sheet, their policy alone, and result folders under verification.

use std::fs;
use std::path::{Path, PathBuf};

use zhaosheng::domain::policy::Policy;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::season_run::run_season;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::admit_folder::{NoResult, admit, write_result};
use zhaosheng::service::result_sheets::Sheets;
use zhaosheng::service::verify_folder::verify_folder;

use crate::mutation::{Chance, Verdict, kindred, mutant, run};
use crate::numbers::is_day;

const STYLES: [&str; 3] = ["shanxi", "band", "quota_then_unified"];

/// Lines of a policy, valid and not; each can take the place of a line with its key.
const SETTINGS: [&str; 70] = [
    "per = \"matrix\"",
    "per = \"programme\"",
    "method = \"half_up\"",
    "method = \"floor\"",
    "method = \"sainte_lague\"",
    "method = \"dhondt\"",
    "method = \"integer_part_then_lots\"",
    "method = \"largest_remainder\"\nmatrix_rounding = \"cycle\"",
    "method = \"largest_remainder\"\nmatrix_rounding = \"biproportional\"",
    "weight = \"graduates\"",
    "weight = \"intake\"",
    "weight = \"eligible\"",
    "weight = \"0.001\"",
    "weight = 1000",
    "weight = 999999999",
    "weight = -1",
    "cap = \"eligible\"",
    "cap = \"none\"\npool_below = \"0.5\"",
    "cap = \"none\"\npool_below = \"1000000000\"",
    "cap = \"none\"\ndirect_divisor = 1",
    "cap = \"eligible\"\ndirect_divisor = 4294967295",
    "cap = \"none\"\nuse_factor = true",
    "minimum = 1",
    "minimum = 4294967295",
    "share = \"1\"",
    "share = \"0.6\"",
    "share = \"0.999999\"",
    "full = 1000000000",
    "full = 0",
    "full = -5",
    "full = 2147484",
    "full = \"0.000001\"",
    "full = 150\nweight = 999999999",
    "full = 150\nweight = \"0.333\"\ndecimals = 3",
    "full = 150\nexempt = 1000000000",
    "full = 150\nexempt = -1000000000",
    "full = 150\ngrades = { A = \"0.000001\", B = 1000000000, C = -3 }",
    "full = 150\ncounts = false",
    "full = 150\nrequired = true",
    "decimals = 2",
    "decimals = 4294967295",
    "rounding = \"half_up\"",
    "rounding = \"none\"",
    "bonus_cap = 1000000000",
    "bonus_cap = -1000000000",
    "exam_record = \"any\"",
    "by = \"total_without_bonus\"",
    "by = \"grade\"",
    "seats = \"quota\"",
    "seats = \"pool\"",
    "seats = \"open\"",
    "seats = \"integrated\"",
    "placing = { kind = \"band\", points = \"0.000001\", from = 1000000000 }",
    "placing = { kind = \"band\", points = 1000000000, from = -1000000000 }",
    "placing = { kind = \"sequential\" }",
    "placing = { kind = \"choice_bands\", choices = 4294967295 }",
    "placing = { kind = \"parallel\" }\nrelative_gate = 20",
    "placing = { kind = \"parallel\" }\nrelative_gate = 1000000000",
    "precedence = \"open_first\"",
    "reversion = \"none\"",
    "reversion = \"county_pool\"",
    "reversion = \"open\"",
    "control_line = -1000000000",
    "control_line = 1000000000",
    "control_line = 0",
    "max_choices = 200",
    "max_choices = 65535",
    "year = -32768",
    "round = 4294967295",
    "quality_grades = []",
];

/// Cells that mean something in one sheet or another.
const CELLS: [&str; 40] = [
    "absent",
    "void",
    "exempt",
    "A",
    "B",
    "*",
    "A1",
    "A2",
    "1",
    "0",
    "2",
    "3",
    "4",
    "5",
    "public",
    "private",
    "legal_transfer",
    "chosen_school",
    "a;b;c",
    "1000;1000000000",
    "1000000000",
    "2020-02-30",
    "2024-02-29",
    "2023-09-01",
    "-2023-09-1",
    "20230901T0",
    "9999-12-31",
    "0000-01-01",
    "1899-12-31",
    "11010519491231002X",
    "男",
    "女",
    "\"",
    "1;2",
    "0.000001",
    "999999.999999",
    "batch",
    "1000000",
    "10000000",
    "\u{3000}1",
];

pub(crate) fn style(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seasons").join(name)
}

/// The policy of a style with a few lines set otherwise, so that rarer rules are tried too.
fn policies() -> Vec<Vec<u8>> {
    STYLES.iter().map(|name| fs::read(style(name).join("season.toml")).unwrap()).collect()
}

#[test]
fn policies_alone() {
    let corpus = policies();
    let mut chance = Chance::new(12);
    let check = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Policy::parse("season.toml", text).into(),
        Err(_) => Verdict::Refused,
    };
    run("season.toml", 6_000, 600, || mutant(&mut chance, &corpus, &SETTINGS), check);
}

/// A copy of a season folder, without what is only expected of it.
pub(crate) fn copied(from: &Path, to: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with("expected") && !name.ends_with(".md") {
            fs::copy(from.join(&name), to.join(&name)).unwrap();
            names.push(name);
        }
    }
    names.sort();
    names
}

/// Reads, runs, and writes every sheet of the result to nowhere.
fn through(folder: &Path) -> Verdict {
    let season = match read_season(folder) {
        Ok(season) => season,
        Err(faults) if faults.is_empty() => return Verdict::Wrong("no fault".to_owned()),
        Err(_) => return Verdict::Refused,
    };
    match run_season(&season, &Quiet) {
        Ok(result) => {
            let sheets = Sheets { season: &season, run: &result };
            let mut length = 0;
            for (_, write) in sheets.all() {
                let mut sink = |bytes: &[u8]| {
                    length += bytes.len();
                    Ok(())
                };
                write(&sheets, &mut sink).unwrap();
            }
            match length {
                0..50_000_000 => Verdict::Accepted,
                _ => Verdict::Wrong(format!("a result of {length} bytes")),
            }
        }
        Err(breaches) => {
            let ours =
                ["engines disagree", "checker:", "admitted", "on a quota", "accounted for", "60 % floor"];
            let wrong = breaches.iter().find(|text| ours.iter().any(|words| text.contains(words)));
            wrong.map_or(Verdict::Refused, |text| Verdict::Wrong(format!("breach: {text}")))
        }
    }
}

/// Stands between the policy, the name of the damaged sheet, and its bytes.
const APART: &[u8] = b"\n\x1E";

/// Damages a sheet of a style, the policy, or both at a time.
fn seasons(name: &'static str, seed: u64, count: usize, least: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut names = copied(&style(name), folder.path());
    names.retain(|name| name != "season.toml");
    let path = |name: &str| folder.path().join(name);
    let policy = fs::read(path("season.toml")).unwrap();
    let kept: Vec<Vec<u8>> = names.iter().map(|name| fs::read(path(name)).unwrap()).collect();
    let mut chance = Chance::new(seed);
    let next = || {
        let at = chance.below(names.len());
        let rules = match chance.below(8) {
            0..=2 => policy.clone(),
            3 => mutant(&mut chance, std::slice::from_ref(&policy), &SETTINGS),
            _ => kindred(&mut chance, &policy, &SETTINGS),
        };
        let sheet = match chance.below(8) {
            0..=2 if rules != policy => kept[at].clone(),
            0..=1 => mutant(&mut chance, std::slice::from_ref(&kept[at]), &CELLS),
            _ => kindred(&mut chance, &kept[at], &CELLS),
        };
        [rules.as_slice(), APART, names[at].as_bytes(), APART, &sheet].concat()
    };
    let check = |bytes: &[u8]| {
        let apart = |bytes: &[u8]| bytes.windows(APART.len()).position(|window| window == APART).unwrap();
        let (rules, rest) = bytes.split_at(apart(bytes));
        let (sheet, rest) = rest[APART.len()..].split_at(apart(&rest[APART.len()..]));
        let at = names.iter().position(|name| name.as_bytes() == sheet).unwrap();
        fs::write(path("season.toml"), rules).unwrap();
        fs::write(path(&names[at]), &rest[APART.len()..]).unwrap();
        let verdict = std::panic::catch_unwind(|| through(folder.path()));
        fs::write(path(&names[at]), &kept[at]).unwrap();
        verdict.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    };
    run(name, count, least, next, check);
}

#[test]
fn seasons_of_one_pass() {
    seasons("shanxi", 13, 3_000, 300);
}

#[test]
fn seasons_of_bands() {
    seasons("band", 14, 3_000, 300);
}

#[test]
fn seasons_of_quota_then_unified() {
    seasons("quota_then_unified", 15, 3_000, 300);
}

/// A date is read where it is ten signs `YYYY-MM-DD` and a day of the calendar since 1900.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    let digits = bytes.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    match (number(0, 4), number(5, 7), number(8, 10)) {
        (Some(year), Some(month), Some(day)) if digits && bytes.len() == 10 => {
            year >= 1900 && is_day(year, month, day)
        }
        _ => false,
    }
}

#[test]
fn dates() {
    let folder = tempfile::tempdir().unwrap();
    copied(&style("shanxi"), folder.path());
    let _ = fs::remove_file(folder.path().join("scores.csv"));
    let _ = fs::remove_file(folder.path().join("preferences.csv"));
    let areas = fs::read_to_string(folder.path().join("areas.csv")).unwrap();
    let area = areas.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let corpus: Vec<Vec<u8>> =
        ["2023-09-01", "2024-02-29", "1900-01-01", "9999-12-31"].map(|text| text.as_bytes().to_vec()).into();
    let words = [
        "-",
        "T",
        "20230901",
        "2023-W35-5",
        "2023-09-01[Z]",
        "+002023",
        "2100-02-29",
        "2000-02-29",
        "T0",
        "2023-244",
    ];
    let mut chance = Chance::new(16);
    let next = || {
        let mut text = corpus[chance.below(corpus.len())].clone();
        for _ in 0..=chance.below(2) {
            let place = chance.below(10);
            text[place] = b"0123456789-T"[chance.below(12)];
        }
        if chance.below(3) == 0 { mutant(&mut chance, &corpus, &words) } else { text }
    };
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        if text.contains(|sign: char| {
            matches!(sign, ',' | '"') || sign.is_control() || sign.is_whitespace() || sign == '\u{feff}'
        }) || text.is_empty()
        {
            return Verdict::Refused;
        }
        let sheet = format!("exam_no,junior_code,area_code,register_from\n1,,{area},{text}\n");
        fs::write(folder.path().join("candidates.csv"), sheet).unwrap();
        match (read_season(folder.path()), is_date(text)) {
            (Ok(season), true) => {
                match season.candidates.register_from[0].to_string() == text.replace('-', "") {
                    true => Verdict::Accepted,
                    false => Verdict::Wrong(format!("read as {}", season.candidates.register_from[0])),
                }
            }
            (Err(_), false) => Verdict::Refused,
            (Err(faults), true) => Verdict::Wrong(format!("refused: {faults:?}")),
            (Ok(season), false) => Verdict::Wrong(format!("read as {}", season.candidates.register_from[0])),
        }
    };
    run("dates", 4_000, 400, next, check);
}

fn files_below(root: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => files_below(root, &path, found),
            false => found.push(path),
        }
    }
    found.sort();
}

/// A damaged file of a result is refused, or it is no different.
#[test]
fn result_folders() {
    for (seed, name) in (17..).zip(STYLES) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let (season, result) = admit(&style(name), &Quiet).unwrap();
        write_result(&season, &result, &out, &Quiet).unwrap();
        verify_folder(&out, &Quiet).unwrap();
        let mut paths = Vec::new();
        files_below(&out, Path::new(""), &mut paths);
        let kept: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(out.join(path)).unwrap()).collect();
        let mut chance = Chance::new(seed);
        let next = || {
            let at = chance.below(paths.len());
            let words: &[&str] = if paths[at].ends_with("season.toml") { &SETTINGS } else { &CELLS };
            let damaged = match chance.below(12) {
                0 => kept[at].clone(),
                1..5 => kindred(&mut chance, &kept[at], words),
                _ => mutant(&mut chance, std::slice::from_ref(&kept[at]), words),
            };
            [paths[at].to_str().unwrap().as_bytes(), b"\n", &damaged].concat()
        };
        let check = |bytes: &[u8]| {
            let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
            let at =
                paths.iter().position(|path| path.to_str().unwrap().as_bytes() == &bytes[..end]).unwrap();
            let path = out.join(&paths[at]);
            fs::write(&path, &bytes[end + 1..]).unwrap();
            let verified = std::panic::catch_unwind(|| verify_folder(&out, &Quiet));
            fs::write(&path, &kept[at]).unwrap();
            let verified = verified.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            match (verified, bytes[end + 1..] == kept[at]) {
                (Ok(_), true) => Verdict::Accepted,
                (Err(_), false) => Verdict::Refused,
                (Ok(_), false) => Verdict::Wrong("a damaged file was confirmed".to_owned()),
                (Err(NoResult::Faults(faults)), true) => Verdict::Wrong(format!("refused: {faults:?}")),
                (Err(error), true) => Verdict::Wrong(format!("refused: {error:?}")),
            }
        };
        run(&format!("result of {name}"), 700, 30, next, check);
    }
}

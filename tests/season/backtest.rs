//! The words for chances, measured: on a year they were not fitted on they hold what they say.

use std::path::{Path, PathBuf};

use zhaosheng::domain::chance::Chance;
use zhaosheng::domain::past_line::PastLine;
use zhaosheng::domain::policy::Policy;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::seat::Seat;
use zhaosheng::engine::backtest::{calibration, fitted, past_lists};
use zhaosheng::engine::past_lines::past_lines;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::admit_folder::admit;
use zhaosheng::service::backtest_folders::backtest_folders;
use zhaosheng::service::generate_city::{past_season, write_city, write_history};

use crate::drafts::{Draft, HEAD, OPEN, PLAIN, case, program, sentences, told};

/// The demonstration city with its past years.
fn city(size: u64, seed: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path(), size, seed).unwrap();
    write_history(folder.path(), size, seed).unwrap();
    folder
}

#[test]
fn the_words_hold_in_a_city_their_margins_were_not_fitted_on() {
    // The margins of the demonstration's policy come from its own city; this one has other schools and people.
    let other = city(6_000, 7);
    let tests = backtest_folders(&[other.path().to_owned()], &Quiet).unwrap();
    let test = &tests[0];
    assert_eq!((tests.len(), test.year, test.from.as_slice()), (1, 2026, &[2024, 2025][..]));
    let (_, counts) = test.own.unwrap();
    println!("{counts:?}");
    let [safe, likely, reach] = [Chance::Safe, Chance::Likely, Chance::Reach].map(|chance| counts.of(chance));
    assert!(safe.predicted > 1_000 && safe.cleared * 100 >= safe.predicted * 90, "{safe:?}");
    assert!(reach.predicted > 1_000 && reach.cleared * 100 <= reach.predicted * 40, "{reach:?}");
    // What is neither lies between.
    assert!(likely.predicted > 500, "{likely:?}");
    assert!((40..=90).contains(&(likely.cleared * 100 / likely.predicted)), "{likely:?}");
    // A warning is right more often than a list that is not warned of goes wrong.
    let (warned, unplaced) = (counts.warned, counts.unplaced);
    assert!(counts.warned_rightly * 2 > warned && counts.warned_rightly * 2 > unplaced, "{counts:?}");
}

#[test]
fn the_margins_of_the_demonstration_are_those_that_its_last_year_gave() {
    let [last, before] = [1, 2].map(|ago| past_season(30_000, 2026, ago).unwrap());
    let lists = past_lists(&last.0, &last.1, &past_lines(&before.0, &before.1));
    let guidance = &last.0.policy.guidance;
    assert_eq!(guidance.backtested, Some(last.0.policy.year.to_string()));
    assert_eq!(fitted(&lists), guidance.margins());
    let counts = calibration(&lists, guidance.margins().unwrap());
    println!("{counts:?}");
    assert!(counts.told.iter().map(|told| told.predicted).sum::<u64>() > 100_000);
}

/// The lines of a season worked out again, the plain way: from who sits where.
fn by_counting(folder: &Path) -> Vec<PastLine> {
    let (season, run) = admit(folder, &Quiet).map_err(sentences).unwrap();
    let records: Vec<_> = run.totals.iter().filter(|total| total.record).map(|total| total.total()).collect();
    let mut lines = past_lines(&season, &run);
    for line in &mut lines {
        let holders: Vec<_> = (0..season.candidates.len())
            .filter(|&candidate| {
                run.left.admissions[candidate].is_some_and(|admission| {
                    let junior = season.candidates.junior[candidate] as usize;
                    season.city.programmes[admission.programme as usize].code == line.programme
                        && admission.seat == line.seat
                        && (line.seat != Seat::Quota || season.city.juniors[junior].code == line.junior)
                })
            })
            .map(|candidate| run.totals[candidate].total())
            .collect();
        line.taken = holders.len() as u32;
        line.last_rank = holders
            .iter()
            .min()
            .map_or(0, |last| records.iter().filter(|total| *total >= last).count() as u32);
        line.ranked = records.len() as u32;
    }
    lines
}

#[test]
fn the_lines_a_season_leaves_are_those_of_who_sits_where() {
    let folder = city(1_000, 3);
    let (season, run) = admit(folder.path(), &Quiet).map_err(sentences).unwrap();
    let lines = past_lines(&season, &run);
    assert_eq!(lines, by_counting(folder.path()));
    let taken: u32 = lines.iter().map(|line| line.taken).sum();
    assert_eq!(taken as usize, run.left.admissions.iter().flatten().count());
    assert!(lines.iter().filter(|line| line.seat == Seat::Quota && line.taken >= 3).count() > 10);
    // What was written of the years before is read again as it was.
    assert!(
        season.history.is_sorted() && season.history.iter().all(|line| [2024, 2025].contains(&line.year))
    );
    assert!(season.history.len() > lines.len());
}

#[test]
fn a_year_is_predicted_by_the_folders_before_it() {
    let (early, late) = (city(1_000, 5), city(1_000, 5));
    let policy = std::fs::read_to_string(early.path().join("season.toml")).unwrap();
    let policy = policy.replace("year = 2026\n", "year = 2025\n").replace("\"2026-", "\"2025-");
    std::fs::write(early.path().join("season.toml"), policy).unwrap();
    std::fs::remove_file(early.path().join("history.csv")).unwrap();
    std::fs::remove_file(late.path().join("history.csv")).unwrap();
    let folders: Vec<PathBuf> = [&early, &late].map(|folder| folder.path().to_owned()).into();
    let tests = backtest_folders(&folders, &Quiet).unwrap();
    assert_eq!((tests.len(), tests[0].year, tests[0].from.as_slice()), (1, 2026, &[2025][..]));
    // The same people predict themselves: whoever stands above last year's line is in.
    let (margins, counts) = tests[0].fitted.unwrap();
    assert!(margins.safe <= 10_000 && counts.of(Chance::Safe).predicted > 100, "{margins:?}");
    // The command tells the same, and refuses years that do not ascend and a season without a past.
    let (code, out, _) = told(program().args(["--json", "backtest"]).args(&folders));
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(answer[0]["fitted"]["told"]["safe"]["cleared"], counts.of(Chance::Safe).cleared);
    let (code, _, err) = told(program().arg("backtest").args([&folders[1], &folders[0]]));
    assert!(code == 2 && err.contains("in the order of their years"), "{err}");
    let (code, _, err) = told(program().arg("backtest").arg(&folders[1]));
    assert!(code == 2 && err.contains("no year before it"), "{err}");
}

#[test]
fn bands_without_the_margins_of_a_backtest_are_a_fault_of_the_policy() {
    let parse = |guidance: &str| {
        Policy::parse("season.toml", &format!("{HEAD}{PLAIN}{guidance}\n{OPEN}"))
            .map(|policy| policy.guidance.margins())
            .map_err(|faults| faults.iter().map(|fault| fault.place.clone()).collect::<Vec<_>>())
    };
    let whole = "[guidance]\nchances = \"bands\"\nsafe = \"0.02\"\nreach = \"0.015\"\nbacktested = \"2025\"";
    let margins = parse(whole).unwrap().unwrap();
    assert_eq!((margins.safe, margins.reach), (20_000, 15_000));
    assert_eq!(parse(""), Ok(None));
    assert_eq!(parse(&whole.replace("bands", "facts")), Ok(None));
    let at = |keys: &[&str]| Err(keys.iter().map(|key| format!("season.toml guidance.{key}")).collect());
    assert_eq!(parse("[guidance]\nchances = \"bands\""), at(&["safe", "reach", "backtested"]));
    assert_eq!(parse(&whole.replace("0.02", "1.5")), at(&["safe"]));
    assert_eq!(parse(&whole.replace("\"2025\"", "\"\"")), at(&["backtested"]));
}

#[test]
fn no_result_depends_on_the_past() {
    let with = Draft::of(&case("shanxi"));
    assert_eq!(read_season(with.write().path()).unwrap().history.len(), 3);
    assert_eq!(with.admit(), with.clone().without("history.csv").admit());
}

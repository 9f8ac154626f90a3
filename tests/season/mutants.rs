//! The 22 historical mutants (`promises.md` 3.2): a corrupted computation writes a whole result with
//! repaired hashes over the honest inputs; verify refuses it and names the first difference.
//!
//! | no | mutant | here |
//! |---|---|---|
//! | 1 | lottery order reversed | yes |
//! | 2 | priority tier dropped in stage two | yes |
//! | 3 | worst-two instead of best-two | its kind: no subject is chosen from several; the bonus is |
//! | 4 | scores shifted by one row | yes |
//! | 5 | stale conversion table | yes: grades to points |
//! | 6 | capacity mistyped | yes |
//! | 7 | waitlisted marked admitted | no waiting lists; its kind, somebody refused marked admitted, is 12 |
//! | 8 | draw favours the first days | yes: the first half of the list |
//! | 9 | new number on applying again | yes |
//! | 10 | run again with a new seed | yes |
//! | 11 | person twice | yes, in the result; in the inputs `bad_input` refuses it |
//! | 12 | placement outside the engine | yes |
//! | 13 | wrong field in the tie chain | yes |
//! | 14 | absent coded as 0 | yes |
//! | 15 | unused quota lost, or returned twice | yes, both |
//! | 16 | off by one at capacity | yes |
//! | 17 | tie at the cut-off by order of insertion | yes |
//! | 18 | minimum line ignored | yes |
//! | 19 | ineligible on a quota seat | yes |
//! | 20 | float and collation compare | yes, both |
//! | 21 | draft instead of the confirmed form | yes, as another list; accounts and drafts come later |
//! | 22 | capacity edited after the freeze | yes; with the inputs edited too only the published hash tells |

use std::sync::OnceLock;

use zhaosheng::domain::eligibility::Refusals;
use zhaosheng::domain::marks::{Mark, PackedMark};
use zhaosheng::domain::points::Points;
use zhaosheng::domain::policy::{Comparator, Reversion, Rounding};
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::season::Season;
use zhaosheng::domain::seat::Seat;
use zhaosheng::engine::admission_lines::lines;
use zhaosheng::engine::batch_placing::{Admission, BatchMarket, Left, PlacedBatch, batch_market, take};
use zhaosheng::engine::choice::seats;
use zhaosheng::engine::draw::{Lots, seed_of};
use zhaosheng::engine::season_run::{SeasonRun, run_season};
use zhaosheng::engine::totals::Total;
use zhaosheng::engine::{deferred_acceptance, ranking, season_check, totals, verification};
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::admit_folder::write_result;
use zhaosheng::service::generate_city::write_city;
use zhaosheng::service::verify_folder::verify_folder;

use crate::drafts::{Draft, Files, HEAD, PLAIN, case, files, repair_manifest, sentences, write_files};

/// A season, its honest run, and its result folder.
struct Honest {
    season: Season,
    run: SeasonRun,
    files: Files,
}

impl Honest {
    fn of(draft: &Draft) -> Honest {
        let folder = draft.write();
        let season = read_season(folder.path()).unwrap();
        let run = run_season(&season, &Quiet).unwrap();
        let files = written(&season, &run);
        Honest { season, run, files }
    }
}

fn written(season: &Season, run: &SeasonRun) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result");
    write_result(season, run, &out, &Quiet).unwrap();
    files(&out)
}

fn shanxi() -> &'static Honest {
    static SEASON: OnceLock<Honest> = OnceLock::new();
    SEASON.get_or_init(|| Honest::of(&Draft::of(&case("shanxi"))))
}

fn demonstration() -> Draft {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path(), 2_000, 11).unwrap();
    Draft::of(folder.path())
}

fn city() -> &'static Honest {
    static SEASON: OnceLock<Honest> = OnceLock::new();
    SEASON.get_or_init(|| Honest::of(&demonstration()))
}

/// The demonstration city without a tie chain: the lot decides between equal totals.
fn city_of_lots() -> &'static Honest {
    static SEASON: OnceLock<Honest> = OnceLock::new();
    SEASON.get_or_init(|| {
        let draft = demonstration();
        let policy = draft.text("season.toml").to_owned();
        let (from, to) = (policy.find("[[tie]]").unwrap(), policy.find("[lot]").unwrap());
        Honest::of(&draft.with("season.toml", format!("{}{}", &policy[..from], &policy[to..])))
    })
}

/// Where a computation goes wrong; what is not named goes right.
#[derive(Clone, Copy)]
struct Wrong {
    lots: fn(&Season, &mut [u64]),
    totals: fn(&Season, &mut [Total]),
    /// The order of the batches behind the first.
    later_ranks: fn(&Season, &SeasonRun) -> Option<Vec<u32>>,
    refusals: fn(&mut [Refusals]),
    market: fn(&mut BatchMarket),
    left: fn(&mut Left),
    ranks: fn(&mut [u32], &[Total]),
}

const RIGHT: Wrong = Wrong {
    lots: |_, _| {},
    totals: |_, _| {},
    later_ranks: |_, _| None,
    refusals: |_| {},
    market: |_| {},
    left: |_| {},
    ranks: |_, _| {},
};

/// The season's run, with something wrong in it. Nothing is checked, as in the programs of old.
fn corrupted(season: &Season, wrong: Wrong) -> SeasonRun {
    let mut run = run_season(season, &Quiet).unwrap();
    (wrong.lots)(season, &mut run.lots);
    (wrong.totals)(season, &mut run.totals);
    run.ranks = ranking::ranks(season, &run.totals, &run.lots);
    (wrong.ranks)(&mut run.ranks, &run.totals);
    (wrong.refusals)(&mut run.refusals);
    run.batches.clear();
    run.left = Left::whole(season, &run.quota);
    for batch in 0..season.policy.batches.len() {
        if batch > 0
            && let Some(ranks) = (wrong.later_ranks)(season, &run)
        {
            run.ranks = ranks;
        }
        let Ok(mut shape) = batch_market(&run.basis(season), &run.left, batch) else { panic!("levels fit") };
        (wrong.market)(&mut shape);
        let placed = deferred_acceptance::place(&shape.market);
        let seats = seats(&shape.market, &placed);
        let lines = lines(&shape.market, &placed, &seats);
        let placed = PlacedBatch { shape, placed, seats, lines };
        let mut left = run.left.clone();
        take(&run.basis(season), &mut left, &placed);
        (wrong.left)(&mut left);
        run.left = left;
        run.batches.push(placed);
    }
    run
}

/// Puts a mutant's sheets over the honest inputs, repairs every hash, and verifies: the sheets that
/// differ are all named, each with the row and what was recomputed.
fn refused(honest: &Honest, mutant: &Files) -> Vec<String> {
    let mut forged = honest.files.clone();
    let mut differing = Vec::new();
    for (name, bytes) in mutant {
        let sheet = !name.starts_with("proof/input/") && name != "proof/manifest.json";
        if sheet && honest.files.get(name) != Some(bytes) {
            forged.insert(name.clone(), bytes.clone());
            differing.push(name.clone());
        }
    }
    assert!(differing.contains(&"results.csv".to_owned()), "the mutant bites: {differing:?}");
    repair_manifest(&mut forged);
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &forged);
    let why = sentences(verify_folder(folder.path(), &Quiet).expect_err("a mutant is refused"));
    for name in &differing {
        let told =
            why.iter().any(|line| line.starts_with(&format!("{name}: row ")) && line.contains("recomputed"));
        assert!(told, "{name} in {why:?}");
    }
    why
}

fn refused_run(honest: &Honest, season: &Season, run: &SeasonRun) -> Vec<String> {
    refused(honest, &written(season, run))
}

fn refused_season(honest: &Honest, change: impl FnOnce(&mut Season)) -> SeasonRun {
    let mut season = honest.season.clone();
    change(&mut season);
    let run = corrupted(&season, RIGHT);
    refused_run(honest, &season, &run);
    run
}

fn refused_wrong(honest: &Honest, wrong: Wrong) -> SeasonRun {
    let run = corrupted(&honest.season, wrong);
    refused_run(honest, &honest.season, &run);
    run
}

/// What the hard rules say of a mutant's admissions.
fn hard_rules(honest: &Honest, mutant: &SeasonRun) -> Vec<String> {
    let run = &honest.run;
    season_check::breaches(&honest.season, &run.totals, &run.refusals, &run.quota, &mutant.left.admissions)
}

/// Whether the checker sees the mutant in the first batch, on the honest market.
fn checker_sees(honest: &Honest, mutant: &SeasonRun) -> bool {
    let (market, batch) = (&honest.run.batches[0].shape.market, &mutant.batches[0]);
    !verification::breaches(market, &batch.placed, &batch.seats).is_empty()
}

#[test]
fn the_uncorrupted_computation_is_confirmed() {
    for honest in [shanxi(), city(), city_of_lots()] {
        let run = corrupted(&honest.season, RIGHT);
        assert_eq!(written(&honest.season, &run), honest.files);
        assert!(hard_rules(honest, &run).is_empty() && !checker_sees(honest, &run));
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), &honest.files);
        verify_folder(folder.path(), &Quiet).unwrap();
    }
}

#[test]
fn mutant_01_lottery_order_reversed() {
    let wrong = Wrong { lots: |_, lots| lots.iter_mut().for_each(|lot| *lot = !*lot), ..RIGHT };
    assert!(checker_sees(city_of_lots(), &refused_wrong(city_of_lots(), wrong)));
    refused_wrong(shanxi(), wrong);
}

/// c1 has more without the bonus, c2 has priority: the tier decides in batch 2.
#[test]
fn mutant_02_priority_tier_dropped_in_stage_two() {
    let policy = format!(
        "{HEAD}{PLAIN}[[tie]]\nby = \"flag\"\nflag = \"priority\"\n[[tie]]\nby = \"total_without_bonus\"\n[[batch]]\ncode = \"1\"\nseats = \"open\"\ncontrol_line = 0\nmax_choices = 9\n[[batch]]\ncode = \"2\"\nseats = \"open\"\ncontrol_line = 0\nmax_choices = 9\n"
    );
    let honest = Honest::of(
        &Draft::new(&policy)
            .with(
                "programmes.csv",
                "programme_code,school_code,name,batch,seats\nP1,S1,One,1,1\nP2,S1,Two,2,1\n",
            )
            .with(
                "candidates.csv",
                "exam_no,junior_code,area_code,bonus,flags\nc0,J1,A1,,\nc1,J1,A1,,\nc2,J1,A1,5,priority\n",
            )
            .with("scores.csv", "exam_no,s\nc0,600\nc1,500\nc2,495\n")
            .with(
                "preferences.csv",
                "exam_no,batch,position,programme_code\nc0,1,1,P1\nc1,2,1,P2\nc2,2,1,P2\n",
            ),
    );
    refused_wrong(
        &honest,
        Wrong {
            later_ranks: |season, run| {
                let mut season = season.clone();
                season.policy.ties.remove(0);
                Some(ranking::ranks(&season, &run.totals, &run.lots))
            },
            ..RIGHT
        },
    );
}

#[test]
fn mutant_03_the_worst_of_several_instead_of_the_best() {
    refused_season(shanxi(), |season| {
        for bonuses in season.candidates.bonuses.values_mut() {
            bonuses.sort();
            bonuses.truncate(1);
        }
    });
}

#[test]
fn mutant_04_scores_shifted_by_one_row() {
    refused_season(city(), |season| {
        let columns = season.marks.columns;
        season.marks.cells.rotate_right(columns);
    });
}

#[test]
fn mutant_05_stale_conversion_table() {
    refused_season(city(), |season| {
        let ethics = season.policy.subject("ethics").unwrap();
        let grades = &mut season.policy.subjects[ethics].grades;
        *grades.get_mut("B").unwrap() = Points::whole(34);
    });
}

#[test]
fn mutant_06_capacity_mistyped() {
    refused_season(city(), |season| {
        let programme = season.city.programmes.iter_mut().max_by_key(|programme| programme.seats).unwrap();
        programme.seats /= 10;
    });
    let run = refused_season(city(), |season| {
        season.city.programmes.iter_mut().for_each(|programme| programme.seats *= 10);
    });
    assert!(hard_rules(city(), &run).iter().any(|line| line.contains("admitted, plan")));
    assert!(checker_sees(city(), &run));
}

#[test]
fn mutant_08_draw_favours_the_first_days() {
    let wrong = Wrong {
        lots: |_, lots| {
            let half = lots.len() / 2;
            lots[..half].iter_mut().for_each(|lot| *lot /= 2);
        },
        ..RIGHT
    };
    refused_wrong(city_of_lots(), wrong);
}

#[test]
fn mutant_09_new_number_on_applying_again() {
    let wrong = Wrong {
        lots: |season, lots| {
            let list: Vec<&str> = (0..lots.len()).map(|at| season.candidates.exam_no.get(at)).collect();
            let hash = zhaosheng::engine::draw::list_hash(&list).unwrap();
            let parts: Vec<Vec<u8>> =
                season.policy.lot.parts.iter().map(|part| part.clone().into_bytes()).collect();
            let mut again = Lots::new(seed_of(hash, &parts), season.policy.lot.round + 1);
            for at in (0..lots.len()).step_by(3) {
                lots[at] = again.of(list[at]);
            }
        },
        ..RIGHT
    };
    refused_wrong(city_of_lots(), wrong);
}

#[test]
fn mutant_10_run_again_with_a_new_seed() {
    let run = refused_season(city_of_lots(), |season| season.policy.lot.parts[0].push('!'));
    assert_ne!(run.seed, city_of_lots().run.seed);
}

#[test]
fn mutant_11_a_person_twice() {
    let honest = shanxi();
    let text = String::from_utf8(honest.files["results.csv"].clone()).unwrap();
    let row = "260101,1,P01,quota,1,640\n";
    for twice in [
        "260101,1,P01,quota,1,640\n260101,2,P03,open,1,640\n",
        "260101,1,P01,quota,1,640\n260101,1,P01,quota,1,640\n",
    ] {
        assert!(text.contains(row));
        let mut mutant = honest.files.clone();
        mutant.insert("results.csv".to_owned(), text.replacen(row, twice, 1).into_bytes());
        let why = refused(honest, &mutant);
        assert!(why[0].starts_with("results.csv: row 3: \"260101,"), "{why:?}");
    }
}

#[test]
fn mutant_12_placement_outside_the_engine() {
    let honest = shanxi();
    let mut run = corrupted(&honest.season, RIGHT);
    // 260111 has no record; 260334 was refused at P04 and is given P03, which she never filed.
    for (exam_no, rule) in [("260111", "without a record"), ("260334", "without having filed it")] {
        let candidate = honest.season.candidates.exam_no.find(exam_no, 0).unwrap();
        let admission = Admission { batch: 1, position: 1, seat: Seat::Open, programme: 2 };
        assert_eq!(run.left.admissions[candidate].replace(admission), None);
        let breaches = hard_rules(honest, &run);
        assert!(breaches.iter().any(|line| line.starts_with(exam_no) && line.contains(rule)), "{breaches:?}");
    }
    refused_run(honest, &honest.season, &run);
}

#[test]
fn mutant_13_wrong_field_in_the_tie_chain() {
    let run = refused_season(shanxi(), |season| {
        let chinese = Comparator::Subject { subject: "chinese".to_owned() };
        let at = season.policy.ties.iter().position(|tie| tie.name() == chinese.name()).unwrap();
        season.policy.ties[at] = Comparator::Subject { subject: "math".to_owned() };
    });
    assert!(checker_sees(shanxi(), &run));
}

#[test]
fn mutant_14_absent_coded_as_zero() {
    let run = refused_season(shanxi(), |season| {
        for cell in season.marks.cells.iter_mut().filter(|cell| cell.mark() == Mark::Absent) {
            *cell = PackedMark::pack(Mark::Scored(Points::ZERO));
        }
    });
    let absent = shanxi().season.candidates.exam_no.find("260111", 0).unwrap();
    assert!(run.totals[absent].record && !shanxi().run.totals[absent].record);
}

/// P1 has a quota seat that nobody of J2 takes and an open one; P1 again in the supplementary round.
fn unused_quota() -> Honest {
    let policy = format!(
        "{HEAD}{PLAIN}[quota]\n[[batch]]\ncode = \"1\"\ncontrol_line = 0\nmax_choices = 9\n[[batch]]\ncode = \"2\"\nseats = \"open\"\nsupplementary_of = [\"1\"]\ncontrol_line = 0\nmax_choices = 9\n"
    );
    Honest::of(
        &Draft::new(&policy)
            .with("senior_schools.csv", "school_code,name,area_code\nS1,One,A1\n")
            .with(
                "programmes.csv",
                "programme_code,school_code,name,batch,seats,quota_share,scope\nP1,S1,One,1,2,0.5,*\n",
            )
            .with("quota.csv", "programme_code,junior_code,seats,reason\nP1,J1,0,paper\nP1,J2,1,paper\n")
            .with("candidates.csv", "exam_no,junior_code,area_code\na,J1,A1\nb,J1,A1\nc,J1,A1\nd,J2,A2\n")
            .with("scores.csv", "exam_no,s\na,600\nb,590\nc,580\nd,500\n")
            .with("preferences.csv", "exam_no,batch,position,programme_code\na,1,1,P1\nb,1,1,P1\nc,2,1,P1\n"),
    )
}

#[test]
fn mutant_15_unused_quota_lost() {
    let honest = unused_quota();
    let wrong = Wrong {
        market: |shape| {
            let rules = shape.market.programmes.iter_mut().map(|programme| &mut programme.rule);
            rules.for_each(|rule| rule.reversion = Reversion::None);
        },
        ..RIGHT
    };
    assert!(checker_sees(&honest, &refused_wrong(&honest, wrong)));
}

#[test]
fn mutant_15_unused_quota_returned_twice() {
    let honest = unused_quota();
    let run = refused_wrong(&honest, Wrong { left: |left| left.seats[0] += 1, ..RIGHT });
    assert_eq!(hard_rules(&honest, &run), ["programme P1: 3 admitted, plan 2"]);
}

#[test]
fn mutant_16_off_by_one_at_capacity() {
    let wrong = Wrong {
        market: |shape| {
            let cells = &shape.market.cells;
            for programme in &mut shape.market.programmes {
                let reserved: u32 =
                    cells[programme.cells.start as usize..programme.cells.end as usize].iter().sum();
                programme.seats -= u32::from(programme.seats > reserved);
            }
        },
        ..RIGHT
    };
    assert!(checker_sees(city(), &refused_wrong(city(), wrong)));
    // One more than the plan, the quota as before.
    let mut season = city().season.clone();
    for programme in &mut season.city.programmes {
        programme.quota_base = Some(programme.quota_base.unwrap_or(programme.seats));
        programme.seats += 1;
    }
    let run = corrupted(&season, RIGHT);
    refused_run(city(), &season, &run);
    assert!(hard_rules(city(), &run).iter().any(|line| line.contains("admitted, plan")));
    assert!(checker_sees(city(), &run));
}

#[test]
fn mutant_17_tie_at_the_cutoff_by_order_of_insertion() {
    let wrong = Wrong { lots: |_, lots| (0..).zip(lots).for_each(|(at, lot)| *lot = at), ..RIGHT };
    assert!(checker_sees(city_of_lots(), &refused_wrong(city_of_lots(), wrong)));
}

#[test]
fn mutant_18_minimum_line_ignored() {
    let run = refused_season(city(), |season| {
        for batch in &mut season.policy.batches {
            batch.control_line = Points::ZERO;
            batch.control_line_by_area.clear();
        }
    });
    assert!(hard_rules(city(), &run).iter().any(|line| line.contains("below the control line")));
}

#[test]
fn mutant_19_ineligible_on_a_quota_seat() {
    let run = refused_wrong(city(), Wrong { refusals: |all| all.fill(Refusals::default()), ..RIGHT });
    assert!(hard_rules(city(), &run).iter().any(|line| line.contains("without being eligible")));
    assert!(checker_sees(city(), &run));
}

#[test]
fn mutant_20_totals_rounded_by_floating_point() {
    let wrong = Wrong {
        totals: |season, all| {
            let mut exact = season.clone();
            exact.policy.score.rounding = Rounding::None;
            for (total, exact) in all.iter_mut().zip(totals::totals(&exact)) {
                // The default of IEEE 754 rounds a half to the even number.
                let float = exact.without_bonus.millionths() as f64 / 1e6;
                total.without_bonus = Points::whole(float.round_ties_even() as i64);
            }
        },
        ..RIGHT
    };
    refused_wrong(city(), wrong);
}

#[test]
fn mutant_20_totals_compared_as_texts() {
    let wrong = Wrong {
        ranks: |ranks, totals| {
            // "95" stands before "640" for a collation that knows no numbers.
            let mut order: Vec<usize> = (0..ranks.len()).filter(|&at| totals[at].record).collect();
            order.sort_by_key(|&at| (std::cmp::Reverse(totals[at].total().to_string()), ranks[at]));
            (0..).zip(order).for_each(|(rank, at)| ranks[at] = rank);
        },
        ..RIGHT
    };
    let draft = Draft::new(&format!("{HEAD}{PLAIN}{}", crate::drafts::OPEN))
        .with("candidates.csv", "exam_no,junior_code,area_code\na,J1,A1\nb,J1,A1\n")
        .with("scores.csv", "exam_no,s\na,640\nb,95\n")
        .with("preferences.csv", "exam_no,batch,position,programme_code\na,1,1,P1\nb,1,1,P1\n");
    let honest = Honest::of(&draft);
    assert!(checker_sees(&honest, &refused_wrong(&honest, wrong)));
}

#[test]
fn mutant_21_draft_instead_of_the_confirmed_form() {
    refused_season(city(), |season| {
        for candidate in (0..season.candidates.len()).step_by(10) {
            let list = season.preferences.list(candidate, 0);
            season.preferences.programme[list].reverse();
        }
    });
}

#[test]
fn mutant_22_capacity_edited_after_the_freeze() {
    let honest = shanxi();
    let mut season = honest.season.clone();
    season.city.programmes[2].seats += 1;
    let run = corrupted(&season, RIGHT);
    refused_run(honest, &season, &run);
    // Edited in the sealed inputs alone: the results do not follow from them.
    let mutant = written(&season, &run);
    let sheet = "proof/input/programmes.csv";
    let mut forged = honest.files.clone();
    forged.insert(sheet.to_owned(), mutant[sheet].clone());
    repair_manifest(&mut forged);
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &forged);
    assert!(verify_folder(folder.path(), &Quiet).is_err());
    // Edited everywhere it is the honest result of another plan: another manifest.
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &mutant);
    verify_folder(folder.path(), &Quiet).unwrap();
    assert_ne!(mutant["proof/manifest.json"], honest.files["proof/manifest.json"]);
}

//! Corrections by the published lines: with her own marks everybody stands where she stands.

use std::path::{Path, PathBuf};

use zhaosheng::domain::marks::{Mark, PackedMark, mark_columns};
use zhaosheng::domain::points::Points;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::season::Season;
use zhaosheng::engine::correction::best_by_lines;
use zhaosheng::engine::season_run::{SeasonRun, run_season};
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::generate_city::write_city;

fn worked(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seasons").join(name)
}

/// The worked seasons of every city style, and generated cities.
fn seasons() -> Vec<(Season, SeasonRun)> {
    let mut folders: Vec<PathBuf> = ["shanxi", "band", "quota_then_unified"].map(worked).to_vec();
    let generated = tempfile::tempdir().unwrap();
    folders.push(generated.path().join("city"));
    write_city(&folders[3], 1_000, 3).unwrap();
    let run = |folder: &PathBuf| {
        let season = read_season(folder).unwrap();
        let run = run_season(&season, &Quiet).unwrap();
        (season, run)
    };
    folders.iter().map(run).collect()
}

#[test]
fn with_her_own_marks_everybody_clears_the_place_she_holds_and_none_above() {
    let mut placed = 0;
    for (season, run) in seasons() {
        for at in 0..season.candidates.len() {
            let held = run.left.admissions[at].map(|held| (held.batch, held.position, held.programme));
            let found = best_by_lines(&season, &run, at);
            let found = found.map(|place| (place.batch, place.position, place.programme));
            assert_eq!(found, held, "{} of {}", season.candidates.exam_no.get(at), season.policy.name);
            placed += usize::from(held.is_some());
        }
    }
    assert!(placed > 200, "{placed}");
}

#[test]
fn a_higher_mark_never_gives_less_and_the_highest_gives_the_first_choice_in_reach() {
    let mut better = 0;
    for (season, run) in seasons() {
        for at in (0..season.candidates.len()).step_by(7) {
            let mut raised = season.clone();
            let columns = mark_columns(&season.policy);
            for (cell, (column, _)) in columns.iter().enumerate() {
                let place = at * columns.len() + cell;
                let subject = &season.policy.subjects[column.subject];
                if let Mark::Scored(_) = season.marks.cells[place].mark() {
                    let full = column.part.map_or(subject.full, |part| subject.parts[part].full);
                    raised.marks.cells[place] = PackedMark::pack(Mark::Scored(full));
                }
            }
            let order = |place: Option<(u8, u8)>| place.unwrap_or((u8::MAX, u8::MAX));
            let held = order(run.left.admissions[at].map(|held| (held.batch, held.position)));
            let found = order(best_by_lines(&raised, &run, at).map(|place| (place.batch, place.position)));
            assert!(found <= held, "{}", season.candidates.exam_no.get(at));
            better += usize::from(found < held);
        }
    }
    assert!(better > 20, "{better}");
}

#[test]
fn without_marks_nobody_clears_anything() {
    let (season, run) = seasons().swap_remove(0);
    let width = mark_columns(&season.policy).len();
    for at in 0..season.candidates.len() {
        let mut lowered = season.clone();
        for cell in &mut lowered.marks.cells[at * width..(at + 1) * width] {
            if let Mark::Scored(_) = cell.mark() {
                *cell = PackedMark::pack(Mark::Scored(Points::ZERO));
            }
        }
        assert_eq!(best_by_lines(&lowered, &run, at), None);
    }
}

//! The result depends on the season alone: not on row or column order, writing, machine or place.

use std::fs;
use std::path::Path;
use std::process::Command;

use zhaosheng::files::encoding::Encoding;
use zhaosheng::service::export_folder::{Form, export_folder};
use zhaosheng::service::generate_city::write_city;

use crate::drafts::{Chance, program, rows, told};

const SHEETS: [&str; 7] =
    ["areas", "junior_schools", "senior_schools", "programmes", "candidates", "scores", "preferences"];

fn city() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_city(&folder.path().join("season"), 2_000, 5).unwrap();
    folder
}

/// The manifest of a run; `change` sets the surroundings.
fn manifest(season: &Path, change: impl FnOnce(&mut Command)) -> String {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("result");
    let mut command = program();
    command.arg("admit").arg(season).arg("--out").arg(&out);
    change(&mut command);
    let (code, _, err) = told(&mut command);
    assert_eq!((code, err.as_str()), (0, ""));
    fs::read_to_string(out.join("proof/manifest.json")).unwrap()
}

/// A copy of the season with every sheet changed.
fn changed(season: &Path, mut change: impl FnMut(Vec<Vec<String>>) -> Vec<u8>) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::copy(season.join("season.toml"), copy.path().join("season.toml")).unwrap();
    for sheet in SHEETS {
        let name = format!("{sheet}.csv");
        let text = change(rows(&fs::read(season.join(&name)).unwrap()));
        fs::write(copy.path().join(&name), text).unwrap();
    }
    copy
}

fn written(rows: &[Vec<String>], style: csv::QuoteStyle) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().quote_style(style).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn rows_and_columns_may_stand_in_any_order() {
    let city = city();
    let season = city.path().join("season");
    let honest = manifest(&season, |_| {});
    for seed in [1, 2, 3] {
        let mut chance = Chance(seed);
        let copy = changed(&season, |mut rows| {
            chance.shuffle(&mut rows[1..]);
            let mut columns: Vec<usize> = (0..rows[0].len()).collect();
            if seed > 1 {
                chance.shuffle(&mut columns);
            }
            let rows: Vec<Vec<String>> =
                rows.iter().map(|row| columns.iter().map(|&at| row[at].clone()).collect()).collect();
            written(&rows, csv::QuoteStyle::Necessary)
        });
        assert_eq!(manifest(copy.path(), |_| {}), honest, "seed {seed}");
    }
}

#[test]
fn threads_language_and_time_zone_do_not_matter() {
    let city = city();
    let season = city.path().join("season");
    let honest = manifest(&season, |_| {});
    for threads in ["1", "2", "8"] {
        let found = manifest(&season, |command| {
            command.env("RAYON_NUM_THREADS", threads);
        });
        assert_eq!(found, honest, "{threads} threads");
    }
    for (language, zone) in [("C", "UTC"), ("tr_TR.UTF-8", "Asia/Shanghai"), ("de_DE", "Pacific/Kiritimati")]
    {
        let found = manifest(&season, |command| {
            command.env("LANG", language).env("LC_ALL", language).env("TZ", zone);
        });
        assert_eq!(found, honest, "{language} {zone}");
    }
}

#[test]
fn the_writing_of_the_sheets_does_not_matter() {
    let city = city();
    let season = city.path().join("season");
    let honest = manifest(&season, |_| {});
    for encoding in [Encoding::Gb18030, Encoding::Utf8Bom] {
        let copy = tempfile::tempdir().unwrap();
        assert_eq!(export_folder(&season, copy.path(), Form::Csv(encoding)).unwrap(), SHEETS.len());
        assert_ne!(
            fs::read(copy.path().join("areas.csv")).unwrap(),
            fs::read(season.join("areas.csv")).unwrap()
        );
        assert_eq!(manifest(copy.path(), |_| {}), honest);
    }
    let copy = changed(&season, |rows| written(&rows, csv::QuoteStyle::Always));
    assert_eq!(manifest(copy.path(), |_| {}), honest, "quoted");
    let copy = changed(&season, |rows| {
        String::from_utf8(written(&rows, csv::QuoteStyle::Necessary))
            .unwrap()
            .replace('\n', "\r\n")
            .into_bytes()
    });
    assert_eq!(manifest(copy.path(), |_| {}), honest, "lines of Windows");
}

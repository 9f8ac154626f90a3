//! The demonstration city: the same bytes for the same seed, sound rows, and the published shape.

#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use zhaosheng::domain::policy::Policy;
use zhaosheng::service::generate_city::write_city;

const SHEETS: [&str; 8] = [
    "season.toml",
    "areas.csv",
    "junior_schools.csv",
    "senior_schools.csv",
    "programmes.csv",
    "candidates.csv",
    "scores.csv",
    "preferences.csv",
];

/// A city in a folder that is removed at the end of the test.
fn city(size: u64, seed: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path(), size, seed).unwrap();
    folder
}

fn city_with_threads(threads: usize, size: u64, seed: u64) -> tempfile::TempDir {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| city(size, seed))
}

fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    SHEETS.iter().map(|sheet| fs::read(folder.join(sheet)).unwrap()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads() {
    let one = city_with_threads(1, 20_000, 7);
    let three = city_with_threads(3, 20_000, 7);
    assert!(bytes(one.path()) == bytes(three.path()));
}

/// Every machine must come to this digest; only a wanted change of the generator may change it.
#[test]
fn the_city_of_a_known_seed_is_known() {
    let city = city(1_000, 2026);
    let mut digest = Sha256::new();
    for sheet in &bytes(city.path())[1..] {
        digest.update(sheet);
    }
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "748a73b14485bf9aecc9ebb35bca5b0adf733e62553a563df592338491c717dd");
}

#[test]
fn another_seed_gives_another_city() {
    let [one, other] = [7, 8].map(|seed| city(1_000, seed));
    let (one, other) = (bytes(one.path()), bytes(other.path()));
    for (sheet, name) in SHEETS.iter().enumerate() {
        let fixed = ["season.toml", "areas.csv", "senior_schools.csv"].contains(name);
        assert!(fixed || one[sheet] != other[sheet], "{name} does not depend on the seed");
    }
}

#[test]
fn a_size_out_of_bounds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for size in [0, 999, 10_000_001] {
        assert!(write_city(folder.path(), size, 1).is_err());
    }
}

#[test]
fn cities_are_sound() {
    for (size, seed) in [(1_000, 1), (1_000, 2), (1_013, 3), (30_000, 4)] {
        let folder = city(size, seed);
        let city = City::read(folder.path());
        assert_eq!(city.candidates.len() as u64, size);
        city.schools_are_sound();
        city.candidates_are_sound();
        city.scores_are_sound();
        city.preferences_are_sound();
    }
}

#[test]
fn special_cases_are_rare_but_there() {
    let folder = city(30_000, 5);
    let city = City::read(folder.path());
    let per_mille = |count: usize| count * 1000 / city.candidates.len();
    let candidates = |column: &str, wanted: &dyn Fn(&str) -> bool| {
        city.candidates.iter().filter(|row| wanted(&row[column])).count()
    };
    let scored = |word: &str| city.scores.iter().filter(|row| row.values().any(|cell| cell == word)).count();
    let bounds = |name: &str, count: usize, least: usize, most: usize| {
        assert!(count >= 5, "{name}: only {count}");
        let share = per_mille(count);
        assert!((least..=most).contains(&share), "{name}: {share} per mille");
    };
    bounds("absent", scored("absent"), 5, 20);
    bounds("void", scored("void"), 0, 5);
    bounds("exempt", scored("exempt"), 8, 25);
    bounds("no score row", city.candidates.len() - city.scores.len(), 0, 5);
    bounds("repeat", candidates("repeat", &|cell| cell == "1"), 8, 30);
    bounds("not attending", candidates("attended", &|cell| cell == "0"), 5, 20);
    bounds("not local", candidates("local", &|cell| cell == "0"), 100, 140);
    bounds("no junior high", candidates("junior_code", &str::is_empty), 1, 8);
    bounds("late transfer", candidates("register_from", &|cell| cell > "2025-09-01"), 8, 25);
    bounds("legal transfer", candidates("flags", &|cell| cell.contains("legal_transfer")), 8, 35);
    bounds("chosen school", candidates("flags", &|cell| cell.contains("chosen_school")), 15, 60);
    bounds("bonus", candidates("bonus", &|cell| !cell.is_empty()), 10, 50);
    bounds("two bonuses", candidates("bonus", &|cell| cell.contains(';')), 1, 8);
    bounds("name with dot", candidates("name", &|cell| cell.contains('·')), 1, 8);
    bounds("rare character", candidates("name", &|cell| cell.contains(['𬱖', '𠮷', '㛃'])), 1, 8);
    let filed: BTreeSet<&str> = city.preferences.iter().map(|row| row["exam_no"].as_str()).collect();
    bounds("filed nothing", city.candidates.len() - filed.len(), 50, 250);
    let third: BTreeSet<&str> = city
        .preferences
        .iter()
        .filter(|row| row["batch"] == "3")
        .map(|row| row["exam_no"].as_str())
        .collect();
    bounds("filed for the supplementary round", third.len(), 50, 400);
    let programmes = city.programmes();
    let outside =
        city.preferences.iter().filter(|row| !city.in_scope(programmes[row["programme_code"].as_str()], row));
    bounds("out of scope rows", outside.count(), 1, 15);
}

#[test]
fn plans_and_junior_highs_have_the_published_shape() {
    let folder = city(30_000, 6);
    let city = City::read(folder.path());
    let seats: usize = city.programme_rows.iter().map(|row| row["seats"].parse::<usize>().unwrap()).sum();
    let percent = seats * 100 / city.candidates.len();
    assert!((54..=60).contains(&percent), "seats are {percent} % of the candidates");
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for row in city.candidates.iter().filter(|row| !row["junior_code"].is_empty()) {
        *sizes.entry(&row["junior_code"]).or_default() += 1;
    }
    let mut sizes: Vec<u64> = sizes.into_values().collect();
    sizes.sort_unstable();
    assert!(sizes[0] < 10, "the smallest junior high has {} pupils", sizes[0]);
    for (part, published) in [(25, 60), (50, 184), (75, 333), (90, 526)] {
        let drawn = sizes[sizes.len() * part / 100];
        let low = published * 60 / 100;
        assert!(
            (low..=published * 3 / 2).contains(&drawn),
            "{part} % of the junior highs have up to {drawn} pupils, published {published}"
        );
    }
}

#[test]
fn totals_follow_the_published_segments() {
    let path = Path::new("../shared/data/chengdu_2023_score_segments.csv");
    let path =
        if path.exists() { path } else { Path::new("../../shared/data/chengdu_2023_score_segments.csv") };
    let Ok(published) = fs::read_to_string(path) else {
        println!("skipped: shared/data is not beside the project");
        return;
    };
    let folder = city(30_000, 9);
    let city = City::read(folder.path());
    let totals: Vec<i64> = city.scores.iter().filter_map(total).collect();
    let mut above_line = 0;
    for line in published.lines().skip(1) {
        let [score, _, cumulative] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let score: i64 = score.parse().unwrap();
        let cumulative: usize = cumulative.parse().unwrap();
        let drawn = totals.iter().filter(|total| **total >= score).count();
        let (drawn, wanted) = (drawn * 10_000 / totals.len(), cumulative * 10_000 / 50_000);
        assert!(drawn.abs_diff(wanted) <= 100, "at {score}: {drawn} of 10,000 where {wanted} are published");
        if score == 420 {
            above_line = drawn;
        }
    }
    assert!((4500..=5500).contains(&above_line), "about half reach the line, not {above_line} of 10,000");
}

#[test]
fn the_worked_seasons_can_be_read() {
    for style in ["shanxi", "band", "quota_then_unified"] {
        let folder = Path::new("tests/cases/seasons").join(style);
        let season = fs::read_to_string(folder.join("season.toml")).unwrap();
        Policy::parse("season.toml", &season).unwrap_or_else(|faults| panic!("{style}: {faults:?}"));
        let exam_numbers = |sheet: &str| {
            let mut reader = csv::Reader::from_path(folder.join(sheet)).unwrap();
            reader.records().map(|row| row.unwrap()[0].to_owned()).collect::<Vec<String>>()
        };
        assert_eq!(exam_numbers("candidates.csv"), exam_numbers("expected_results.csv"), "{style}");
    }
}

#[test]
fn junior_highs_differ() {
    let folder = city(30_000, 10);
    let city = City::read(folder.path());
    let school: BTreeMap<&str, &str> =
        city.candidates.iter().map(|row| (row["exam_no"].as_str(), row["junior_code"].as_str())).collect();
    let mut by_school: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for row in &city.scores {
        by_school.entry(school[row["exam_no"].as_str()]).or_default().extend(total(row));
    }
    let means: Vec<i64> = by_school
        .values()
        .filter(|totals| totals.len() >= 100)
        .map(|totals| totals.iter().sum::<i64>() / totals.len() as i64)
        .collect();
    let spread = means.iter().max().unwrap() - means.iter().min().unwrap();
    assert!(spread >= 50, "the best and the worst junior high are {spread} points apart");
}

/// The total as the policy of the city counts it, rounded half up; none with a missing mark.
fn total(row: &BTreeMap<String, String>) -> Option<i64> {
    let mut tenths = 0;
    for (column, cell) in row {
        tenths += match (column.as_str(), cell.as_str()) {
            ("exam_no" | "computing", _) => 0,
            (_, "absent" | "void") => return None,
            (_, "exempt") => 360,
            ("ethics" | "history", grade) => [400, 320, 240, 160][grade.as_bytes()[0] as usize - 65],
            ("physics.paper" | "chemistry.paper", mark) => mark_in_tenths(mark) / 2,
            (_, mark) => mark_in_tenths(mark),
        };
    }
    Some((tenths + 5) / 10)
}

fn mark_in_tenths(mark: &str) -> i64 {
    let (whole, tenth) = mark.split_once('.').unwrap_or((mark, "0"));
    assert_eq!(tenth.len(), 1, "{mark} has more than one place");
    whole.parse::<i64>().unwrap() * 10 + tenth.parse::<i64>().unwrap()
}

type Row = BTreeMap<String, String>;

/// The sheets of a city, row by row.
struct City {
    policy: Policy,
    areas: Vec<Row>,
    juniors: Vec<Row>,
    seniors: Vec<Row>,
    programme_rows: Vec<Row>,
    candidates: Vec<Row>,
    scores: Vec<Row>,
    preferences: Vec<Row>,
}

impl City {
    fn read(folder: &Path) -> City {
        let sheet = |name: &str| {
            let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
            reader.deserialize().map(|row| row.unwrap()).collect::<Vec<Row>>()
        };
        let season = fs::read_to_string(folder.join("season.toml")).unwrap();
        City {
            policy: Policy::parse("season.toml", &season).unwrap(),
            areas: sheet("areas.csv"),
            juniors: sheet("junior_schools.csv"),
            seniors: sheet("senior_schools.csv"),
            programme_rows: sheet("programmes.csv"),
            candidates: sheet("candidates.csv"),
            scores: sheet("scores.csv"),
            preferences: sheet("preferences.csv"),
        }
    }

    fn programmes(&self) -> BTreeMap<&str, &Row> {
        self.programme_rows.iter().map(|row| (row["programme_code"].as_str(), row)).collect()
    }

    fn in_scope(&self, programme: &Row, preference: &Row) -> bool {
        // The area stands in digits 3 to 5 of the exam number.
        let area = format!("A{}", &preference["exam_no"][2..5]);
        let own = format!("A{}", &programme["school_code"][1..4]);
        match programme["scope"].as_str() {
            "*" => true,
            "" => area == own,
            codes => codes.split(';').any(|code| code == area),
        }
    }

    fn schools_are_sound(&self) {
        let areas = codes(&self.areas, "area_code");
        codes(&self.juniors, "school_code");
        let seniors = codes(&self.seniors, "school_code");
        codes(&self.programme_rows, "programme_code");
        for school in self.juniors.iter().chain(&self.seniors) {
            assert!(areas.contains(school["area_code"].as_str()));
            assert!(["public", "private"].contains(&school["ownership"].as_str()));
        }
        let mut offered: BTreeSet<(String, &str)> = BTreeSet::new();
        for row in &self.programme_rows {
            assert!(seniors.contains(row["school_code"].as_str()));
            let school =
                self.seniors.iter().find(|school| school["school_code"] == row["school_code"]).unwrap();
            assert_eq!(row["batch"] == "1", school["high_quality"] == "1");
            let seats: u64 = row["seats"].parse().unwrap();
            assert!(seats > 0);
            if !row["quota_base"].is_empty() {
                assert!(row["quota_base"].parse::<u64>().unwrap() <= seats);
            }
            for code in row["scope"].split(';').filter(|code| !code.is_empty() && *code != "*") {
                assert!(areas.contains(code), "scope {code}");
            }
            offered.insert((school["area_code"].clone(), &row["batch"]));
        }
        for area in areas {
            for batch in ["1", "2"] {
                assert!(offered.contains(&(area.to_owned(), batch)), "{area} has no batch {batch}");
            }
        }
        let own_line = self.policy.batches[1].control_line_by_area.keys().next().unwrap();
        assert!(self.areas.iter().any(|row| row["area_code"] == *own_line));
    }

    fn candidates_are_sound(&self) {
        let areas = codes(&self.areas, "area_code");
        let juniors: BTreeMap<&str, &Row> =
            self.juniors.iter().map(|row| (row["school_code"].as_str(), row)).collect();
        codes(&self.candidates, "exam_no");
        let numbers = codes(&self.candidates, "id_no");
        assert_eq!(numbers.len(), self.candidates.len());
        assert!(self.candidates.is_sorted_by_key(|row| &row["exam_no"]));
        for row in &self.candidates {
            assert!(areas.contains(row["area_code"].as_str()));
            if let Some(junior) = juniors.get(row["junior_code"].as_str()) {
                assert_eq!(junior["area_code"], row["area_code"]);
            } else {
                assert!(row["junior_code"].is_empty() && row["register_from"].is_empty());
            }
            identity_is_sound(&row["id_no"], row["sex"] == "男");
            if !row["register_from"].is_empty() {
                row["register_from"].parse::<jiff::civil::Date>().unwrap();
            }
            for column in ["attended", "repeat", "local"] {
                assert!(["0", "1"].contains(&row[column].as_str()));
            }
            assert_eq!(row["bonus"].split(';').count(), row["bonus_reason"].split(';').count());
            assert_eq!(row["bonus"].is_empty(), row["bonus_reason"].is_empty());
            assert!(["", "A", "B", "C", "D"].contains(&row["quality_grade"].as_str()));
            assert!(!row["name"].is_empty());
        }
    }

    fn scores_are_sound(&self) {
        let candidates = codes(&self.candidates, "exam_no");
        codes(&self.scores, "exam_no");
        let mut columns = BTreeMap::new();
        for subject in &self.policy.subjects {
            for part in &subject.parts {
                columns.insert(format!("{}.{}", subject.code, part.code), (subject, part.full));
            }
            if subject.parts.is_empty() {
                columns.insert(subject.code.clone(), (subject, subject.full));
            }
        }
        for row in &self.scores {
            assert!(candidates.contains(row["exam_no"].as_str()));
            assert_eq!(row.len(), columns.len() + 1);
            for (column, (subject, full)) in &columns {
                match row[column].as_str() {
                    "absent" | "void" => {}
                    "exempt" => assert!(subject.exempt.is_some(), "{column} exempt"),
                    grade if !subject.grades.is_empty() => assert!(subject.grades.contains_key(grade)),
                    mark => {
                        let full = full.floor() * 10;
                        assert!(mark_in_tenths(mark) <= full, "{column} {mark}");
                    }
                }
            }
        }
    }

    fn preferences_are_sound(&self) {
        let candidates = codes(&self.candidates, "exam_no");
        let programmes = self.programmes();
        let mut listed: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        let mut last: BTreeMap<(&str, &str), u16> = BTreeMap::new();
        for row in &self.preferences {
            let (who, batch) = (row["exam_no"].as_str(), row["batch"].as_str());
            let programme = programmes[row["programme_code"].as_str()];
            assert!(candidates.contains(who));
            assert!(batch == "3" || programme["batch"] == batch);
            assert!(listed.insert((who, batch, &row["programme_code"])), "{row:?} stands twice");
            let position = last.entry((who, batch)).or_default();
            *position += 1;
            assert_eq!(row["position"], position.to_string());
            let policy = self.policy.batches.iter().find(|policy| policy.code == batch).unwrap();
            assert!(*position <= policy.max_choices);
        }
    }
}

/// The codes of a column, none of them twice.
fn codes<'a>(rows: &'a [Row], column: &str) -> BTreeSet<&'a str> {
    let codes: BTreeSet<&str> = rows.iter().map(|row| row[column].as_str()).collect();
    assert_eq!(codes.len(), rows.len(), "a {column} stands twice");
    codes
}

/// GB 11643: 17 digits and a check digit so that the weighted sum leaves 1 over multiples of 11.
fn identity_is_sound(number: &str, male: bool) {
    assert_eq!(number.len(), 18);
    let mut sum = 0;
    for (place, byte) in number.bytes().enumerate() {
        let digit = if byte == b'X' && place == 17 { 10 } else { u32::from(byte - b'0') };
        sum += digit * (2_u32.pow(17 - place as u32) % 11);
    }
    assert_eq!(sum % 11, 1, "{number}");
    assert_eq!((number.as_bytes()[16] - b'0') % 2 == 1, male, "{number}");
    assert!(number[..6].starts_with("149") || number[..6].starts_with("148") || number.starts_with("159"));
}

//! Folders of compulsory schools, file by file: entries with their map, registers, arrivals, grades, trackings, sticks.

use std::fs;
use std::path::{Path, PathBuf};

use zhaosheng::domain::progress::Quiet;
use zhaosheng::files::compulsory::register_extract::read_extract;
use zhaosheng::files::compulsory::register_settings::RegisterSettings;
use zhaosheng::files::compulsory::zone_areas::read_areas;
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::check_registers::check_registers;
use zhaosheng::service::compulsory::draw_kit::{draw_lists, write_lists};
use zhaosheng::service::compulsory::feed_register::feed_register;
use zhaosheng::service::compulsory::group_classes::{class_files, group_classes};
use zhaosheng::service::compulsory::keep_dropout_ledger::keep_dropout_ledger;
use zhaosheng::service::compulsory::open_register::{OpeningRequest, open_entry_register};
use zhaosheng::service::compulsory::place_entry::{entry_folder, place_entry, write_entry};

use crate::mutation::{Chance, Verdict, kindred, mutant, run};
use crate::seasons::{copied, style};

/// Lines of policies, valid and not; each can take the place of a line with its key.
const SETTINGS: [&str; 49] = [
    "format = \"entry/2\"",
    "format = \"registers/2\"",
    "year = -1",
    "year = 32767",
    "year = 9999",
    "zone_by = []",
    "zone_by = [\"residence\"]",
    "parts = []",
    "parts = [\"\"]",
    "round = 0",
    "round = 4294967295",
    "primary_years = 0",
    "primary_years = 32767",
    "junior_years = -32768",
    "since = 32767",
    "born_until = \"0000-01-01\"",
    "born_until = \"9999-12-31\"",
    "class_size = 0",
    "class_size = 1",
    "class_size = 4294967295",
    "code = \"primary\"",
    "code = \"1\"",
    "name = \"\"",
    "all = []",
    "all = [\"household\", \"household\"]",
    "any = []",
    "any = [\"exam\"]",
    "order = []",
    "order = [\"distance\", \"distance\"]",
    "order = [\"household_since\", \"distance\", \"sibling\"]",
    "schools = \"vacant\"",
    "schools = \"named\"",
    "categories = []",
    "direct_years = -1",
    "direct_years = 32767",
    "ways = [\"zone\"]",
    "ways = []",
    "method = \"random\"",
    "method = \"serpentine\"",
    "classes = 0",
    "classes = 1",
    "classes = 4294967295",
    "reporting_ends = \"9999-12-31\"",
    "reporting_ends = \"-009999-01-01\"",
    "report_days = 4294967295",
    "investigate_days = 0",
    "write_days = 65536",
    "day = \"2021-02-30\"",
    "household_in_zone = false",
];

const CELLS: [&str; 40] = [
    "primary",
    "junior",
    "nine_year",
    "twelve_year",
    "公办",
    "民办",
    "public",
    "private",
    "match",
    "mismatch",
    "not_found",
    "unavailable",
    "accepted",
    "refused",
    "household",
    "property",
    "residence_permit",
    "police",
    "housing",
    "0000-01-01",
    "9999-12-31",
    "2015-02-30",
    "2023-09-01",
    "C01",
    "A01",
    "NJ;NJ",
    "../../NJ",
    ";",
    "lot",
    "ring",
    "180",
    "-180.0000001",
    "90.1",
    "112.27",
    "31.71",
    "延缓入学",
    "转出",
    "G420684200901310001",
    "420684201503040012",
    "together",
];

fn worked(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(path)
}

/// What became of a folder; `ours` are beginnings of sentences that only our own mistake brings about.
fn verdict<T>(result: Result<T, NoResult>) -> Verdict {
    const OURS: [&str; 8] = [
        "checker:",
        "the two engines",
        "twins on one ticket are apart",
        "without a ground",
        "children on",
        "stand in no class",
        "lines in the ledger",
        "neither a graduate's nor listed",
    ];
    match result {
        Ok(_) => Verdict::Accepted,
        Err(NoResult::Faults(faults)) if faults.is_empty() => Verdict::Wrong("no fault".to_owned()),
        Err(NoResult::Faults(_)) => Verdict::Refused,
        Err(NoResult::Breaches(breaches)) => {
            let wrong = breaches.iter().find(|text| OURS.iter().any(|words| text.contains(words)));
            match wrong {
                Some(text) => Verdict::Wrong(format!("breach: {text}")),
                None if breaches.is_empty() => Verdict::Wrong("no breach".to_owned()),
                None => Verdict::Refused,
            }
        }
        Err(NoResult::Broken(error)) => Verdict::Wrong(format!("broken: {error}")),
    }
}

/// Damages the `names` of a folder, one at a time and sometimes a second, and looks at the whole folder.
fn folder(
    what: &str,
    (seed, count, least): (u64, usize, usize),
    folder: &Path,
    names: &[&str],
    look: impl Fn() -> Verdict,
) {
    let kept: Vec<Vec<u8>> = names.iter().map(|name| fs::read(folder.join(name)).unwrap()).collect();
    let mut chance = Chance::new(seed);
    let next = || {
        let mut bytes = Vec::new();
        for _ in 0..=chance.below(3) / 2 {
            let at = chance.below(names.len());
            let words: &[&str] = if names[at].ends_with(".toml") { &SETTINGS } else { &CELLS };
            let damaged = match chance.below(8) {
                0..3 => mutant(&mut chance, std::slice::from_ref(&kept[at]), words),
                _ => kindred(&mut chance, &kept[at], words),
            };
            bytes.extend_from_slice(format!("{at} {}\n", damaged.len()).as_bytes());
            bytes.extend_from_slice(&damaged);
        }
        bytes
    };
    let check = |bytes: &[u8]| {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (at, length) = std::str::from_utf8(&rest[..end]).unwrap().split_once(' ').unwrap();
            let (damaged, more) = rest[end + 1..].split_at(length.parse().unwrap());
            fs::write(folder.join(names[at.parse::<usize>().unwrap()]), damaged).unwrap();
            rest = more;
        }
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&look));
        for (name, kept) in names.iter().zip(&kept) {
            fs::write(folder.join(name), kept).unwrap();
        }
        looked.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    };
    run(what, count, least, next, check);
}

/// A copy of a worked folder, and the names of its files.
fn copy(path: &str) -> (tempfile::TempDir, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    let names = copied(&worked(path), place.path());
    (place, names)
}

fn entries(name: &str, seed: u64) {
    let (place, names) = copy(&format!("entries/{name}"));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let look = || verdict(place_entry(place.path(), &Quiet).map(|(entry, run)| entry_folder(&entry, &run)));
    folder(name, (seed, 1_500, 150), place.path(), &names, look);
}

#[test]
fn entries_of_five_categories() {
    entries("yicheng", 30);
}

#[test]
fn entries_with_a_map() {
    entries("single_school", 31);
}

#[test]
fn entries_of_several_schools() {
    entries("multi_school", 32);
}

#[test]
fn entries_by_feeders() {
    entries("feeder", 33);
}

/// Whatever map was read has rings that are closed and lie on the globe.
#[test]
fn maps_of_zones() {
    let corpus = vec![fs::read(worked("entries/single_school/zones.geojson")).unwrap()];
    let words = [
        "Polygon",
        "MultiPolygon",
        "Point",
        "FeatureCollection",
        "coordinates",
        "null",
        "112.24",
        "31.70",
        "-180",
        "180.0000001",
        "1e2",
    ];
    let mut chance = Chance::new(34);
    let check = |bytes: &[u8]| match read_areas("zones.geojson", bytes) {
        Ok(areas) => {
            let mut polygons = areas.values().flatten();
            match polygons
                .all(|rings| rings.iter().all(|ring| ring.len() >= 4 && ring[0] == ring[ring.len() - 1]))
            {
                true if areas.values().all(|polygons| !polygons.is_empty()) => Verdict::Accepted,
                true => Verdict::Wrong("a zone without a polygon".to_owned()),
                false => Verdict::Wrong("an open ring".to_owned()),
            }
        }
        Err(faults) if faults.is_empty() => Verdict::Wrong("no fault".to_owned()),
        Err(_) => Verdict::Refused,
    };
    run("zones.geojson", 9_000, 400, || mutant(&mut chance, &corpus, &words), check);
}

#[test]
fn grades() {
    let (place, names) = copy("after/classes");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let look = || verdict(group_classes(place.path(), &Quiet).map(|grouped| class_files(&grouped)));
    folder("classes", (35, 6_000, 300), place.path(), &names, look);
}

#[test]
fn trackings() {
    let (place, names) = copy("after/dropouts");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let look = || verdict(keep_dropout_ledger(place.path(), &Quiet).map(|kept| kept.files()));
    folder("dropouts", (36, 6_000, 600), place.path(), &names, look);
}

/// A register that was opened reads back and breaks no rule.
#[test]
fn arrivals() {
    let place = tempfile::tempdir().unwrap();
    let [entry, result, out] = ["entry", "result", "out"].map(|name| place.path().join(name));
    fs::create_dir(&entry).unwrap();
    copied(&worked("entries/yicheng"), &entry);
    fs::copy(worked("after/register/children.csv"), entry.join("children.csv")).unwrap();
    let (placed, run) = place_entry(&entry, &Quiet).unwrap();
    write_entry(&placed, &run, &result, &Quiet).unwrap();
    let sheets = place.path().join("sheets");
    fs::create_dir(&sheets).unwrap();
    fs::copy(worked("after/register/arrivals.csv"), sheets.join("arrivals.csv")).unwrap();
    fs::copy(worked("registers/shanxi/register.csv"), sheets.join("earlier.csv")).unwrap();
    let (arrivals, earlier) = (sheets.join("arrivals.csv"), [sheets.join("earlier.csv")]);
    let look = || {
        let division = Some("420684");
        let request = OpeningRequest {
            entry: &entry,
            result: &result,
            arrivals: &arrivals,
            division,
            earlier: &earlier,
        };
        let opened = match open_entry_register(&request, &Quiet) {
            Ok(opened) => opened,
            refused => return verdict(refused),
        };
        opened.write(&out).unwrap();
        let report = check_registers(&[out.join("register.csv")]);
        fs::remove_dir_all(&out).unwrap();
        match (report.faults.first(), report.breaches.first()) {
            (None, None) => Verdict::Accepted,
            (fault, breach) => Verdict::Wrong(format!("an opened register has {fault:?} {breach:?}")),
        }
    };
    folder("arrivals", (37, 1_500, 100), &sheets, &["arrivals.csv", "earlier.csv"], look);
}

/// A season that was fed reads back.
#[test]
fn registers_of_a_season() {
    let place = tempfile::tempdir().unwrap();
    let [season, fed] = ["season", "fed"].map(|name| place.path().join(name));
    fs::create_dir(&season).unwrap();
    copied(&style("shanxi"), &season);
    copied(&worked("registers/shanxi"), &season);
    // What a register tells is left to it.
    let text = fs::read_to_string(season.join("candidates.csv")).unwrap();
    let emptied = ["junior_code", "register_from", "attended", "repeat", "local"];
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let line = |line: &str| {
        let cells = header.iter().zip(line.split(','));
        let cells = cells.map(|(name, cell)| if emptied.contains(name) && cell != *name { "" } else { cell });
        cells.collect::<Vec<_>>().join(",") + "\n"
    };
    fs::write(season.join("candidates.csv"), text.lines().map(line).collect::<String>()).unwrap();
    let register = season.join("register.csv");
    let look = || {
        let report = check_registers(std::slice::from_ref(&register));
        let fed = feed_register(&register, &season, &fed);
        match (&fed, report.faults.is_empty()) {
            (Ok(_), false) => Verdict::Wrong("fed from a register with faults".to_owned()),
            _ => verdict(fed),
        }
    };
    let names = ["register.csv", "register_numbers.csv", "candidates.csv"];
    folder("register feed", (38, 1_500, 90), &season, &names, look);
}

/// A stick from other hands: nothing is written beside it, and only the frozen lists are drawn.
#[test]
fn sticks_of_a_draw() {
    let place = tempfile::tempdir().unwrap();
    let stick = place.path().join("stick");
    write_lists(&worked("entries/yicheng"), &stick, &Quiet).unwrap();
    let mut names: Vec<String> = fs::read_dir(&stick)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let look = || {
        let drawn = draw_lists(&stick, &["03 11 24".to_owned()], false);
        let _none = fs::remove_dir_all(stick.join("orders"));
        let beside: Vec<_> =
            fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let own = fs::read_dir(&stick).unwrap().count();
        match drawn {
            _ if beside.len() > 1 || own > names.len() => {
                Verdict::Wrong(format!("wrote {beside:?}, {own} files"))
            }
            // A list that is named and is not there.
            Err(NoResult::Broken(_)) => Verdict::Refused,
            drawn => verdict(drawn),
        }
    };
    folder("stick", (39, 1_500, 100), &stick, &names, look);
}

const REGISTERS: &str = "format = \"registers/1\"\n\n[[register]]\nsource = \"police\"\nfacts = [\"household\"]\n\n\
    [register.file]\npath = \"police.csv\"\nday = \"2026-06-01\"\n\n[[register]]\nsource = \"housing\"\n\
    facts = [\"property\"]\n\n[register.http]\nurl = \"https://housing.example/ask\"\ntoken_file = \"token\"\n\
    batch = 200\ntimeout_ms = 10000\ntries = 3\nwait_ms = 1000\n";

#[test]
fn settings_of_registers() {
    assert!(RegisterSettings::read("registers.toml", REGISTERS).is_ok());
    let corpus = [REGISTERS.as_bytes().to_vec()];
    let words = [
        "source = \"newborn\"",
        "source = \"paper\"",
        "facts = []",
        "facts = [\"exam\"]",
        "url = \"http://127.0.0.1/\"",
        "url = \"http://elsewhere/\"",
        "url = \"file:///etc/passwd\"",
        "batch = 0",
        "batch = 1000",
        "timeout_ms = 60001",
        "tries = 5",
        "wait_ms = 60000",
        "day = \"2026-02-30\"",
    ];
    let mut chance = Chance::new(40);
    let check = |bytes: &[u8]| match std::str::from_utf8(bytes).map(|text| RegisterSettings::read("r", text))
    {
        Err(_) => Verdict::Refused,
        Ok(Err(faults)) if faults.is_empty() => Verdict::Wrong("no fault".to_owned()),
        Ok(Ok(read)) => {
            let services = read.registers.iter().filter_map(|register| register.http.as_ref());
            let open = services
                .clone()
                .find(|http| !http.url.starts_with("https://") && !http.url.starts_with("http://127.0.0.1"));
            match open {
                Some(http) => Verdict::Wrong(format!("would ask {}", http.url)),
                None => Verdict::Accepted,
            }
        }
        Ok(refused) => refused.into(),
    };
    run("registers.toml", 9_000, 400, || mutant(&mut chance, &corpus, &words), check);
}

#[test]
fn extracts_of_registers() {
    let place = tempfile::tempdir().unwrap();
    let sheet = "id_no,name,fact,address\n420684201503040012,陈一,household,城关镇1号\n\
        420684201503040047,林子涵,property,\n42068420150304001X,王,household,南街\n";
    fs::write(place.path().join("police.csv"), sheet).unwrap();
    let look = || {
        let read = read_extract(place.path(), "police");
        match read {
            Err(faults) if faults.iter().any(|fault| fault.to_string().contains("42068420150304")) => {
                Verdict::Wrong("a fault holds a number of identity".to_owned())
            }
            read => verdict(read.map_err(NoResult::Faults)),
        }
    };
    folder("extract", (41, 6_000, 900), place.path(), &["police.csv"], look);
}

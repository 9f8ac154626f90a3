//! Proof for outsiders: what everybody may have says nobody's score, auditors recompute all, a family its own line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::{Command, Output};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhaosheng::domain::hexadecimal::{hex, unhex};
use zhaosheng::domain::role::Role;
use zhaosheng::storage::change::Change;
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::schema::{self, accounts};
use zhaosheng::storage::{clock, proposals};

use crate::command_line::program;
use crate::harness::{Person, Site, noted, on_each_database};
use crate::imports::sheet;
use crate::results::published;

const AT: &str = "/api/v1/seasons/2026";
const HOUR_MS: i64 = 3_600_000;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn unzipped(package: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(Cursor::new(package)).unwrap();
    let mut files = Files::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// The manifest, once it has been found to hold every other file and nothing else.
pub(crate) fn manifest_that_holds(files: &Files) -> Value {
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let told = manifest["files"].as_object().unwrap();
    assert_eq!(told.len() + 1, files.len());
    for (path, hash) in told {
        assert_eq!(*hash, hex(&Sha256::digest(&files[path])), "{path}");
    }
    manifest
}

pub(crate) fn rows(sheet: &[u8]) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(sheet).records().map(Result::unwrap).collect()
}

fn opened_package(site: &Site, centre: &str, supervisor: &str) -> (String, Files) {
    let change = json!({"act": "open_auditor_package", "round": 1});
    let proposal = site.agree(centre, supervisor, &change).is(200).json();
    let at = format!("{AT}/proposals/{}/auditor-package", proposal["id"].as_str().unwrap());
    let files = unzipped(&site.download(&at, centre));
    (at, files)
}

#[test]
fn nothing_is_handed_out_before_the_publication() {
    on_each_database(|site| {
        let centre = site.with_city();
        let family = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        for token in [&centre, &family] {
            assert_eq!(site.get(&format!("{AT}/public-package"), token).is(409).code(), "not_published");
        }
        let change = json!({"act": "open_auditor_package", "round": 1});
        assert_eq!(site.propose(&centre, &change).is(409).code(), "not_now");
    });
}

#[test]
fn the_public_package_is_the_same_for_everybody_and_tells_nobodys_score() {
    on_each_database(|site| {
        let (offices, run) = published(site);
        let family = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let at = format!("{AT}/public-package");
        let package = site.download(&at, &family);
        assert_eq!(package, site.download(&at, &offices.supervisor), "the same bytes for everybody");
        let files = unzipped(&package);
        let manifest = manifest_that_holds(&files);
        assert_eq!((&manifest["root"], &manifest["leaves_root"]), (&run["root"], &run["leaves_root"]));
        let round = &rows(&files["publications.csv"])[0];
        assert_eq!(
            [&round[1], &round[2]],
            [run["root"].as_str().unwrap(), run["leaves_root"].as_str().unwrap()]
        );
        the_seed_follows(&files, &manifest);
        let admitted: u64 = rows(&files["counts.csv"]).iter().map(|row| row[2].parse::<u64>().unwrap()).sum();
        assert_eq!(manifest["admitted"], admitted);

        let (_, complete) = opened_package(site, &offices.centre, &offices.supervisor);
        let mut same = 0;
        for (path, bytes) in files.iter().filter(|(path, _)| *path != "cutoffs.csv") {
            if let Some(full) = complete.get(&format!("result/{path}")) {
                assert_eq!(full, bytes, "{path} is the result's own file");
                same += 1;
            }
        }
        assert_eq!(same, 8, "policy, areas, schools, plans, quota and its proof");
        let [withheld, _] = small_rows_are_withheld(&files, &complete);
        assert!(withheld.len() >= 4, "{withheld:?}");
        stands_nowhere_else(&files, &withheld);
        nobody_is_in_it(&files, &complete);

        let withdrawal = json!({
            "act": "override_place", "exam_no": "260101", "authority": "市教育局 2026-5", "reason": "withdrawal",
        });
        site.agree(&offices.centre, &offices.supervisor, &withdrawal).is(200);
        let later = unzipped(&site.download(&at, &family));
        let differing: Vec<&str> = later
            .iter()
            .filter(|(path, bytes)| files[*path] != **bytes)
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(differing, ["checkpoints.json", "ledger.csv", "manifest.json"]);
        let count = |files: &Files| {
            let ledger = rows(&files["ledger.csv"]);
            let counts: Vec<u64> = ledger.iter().map(|row| row[2].parse().unwrap()).collect();
            let withdrawn = ledger.iter().position(|row| &row[1] == "withdrawal").unwrap();
            (counts.len(), counts.iter().sum::<u64>(), counts[withdrawn])
        };
        assert_eq!((count(&files), count(&later)), ((6, 0, 0), (6, 1, 1)));
        nobody_is_in_it(&later, &complete);
    });
}

/// The seed of the lots, computed again as the page in the package tells it.
pub(crate) fn the_seed_follows(files: &Files, manifest: &Value) {
    let mut seed = Sha256::new();
    seed.update(b"zhaosheng/seed/1");
    seed.update(unhex(manifest["list_hash"].as_str().unwrap()).unwrap());
    let parts = rows(&files["seed_parts.csv"]);
    assert!(!parts.is_empty());
    for part in &parts {
        seed.update((part[1].len() as u64).to_le_bytes());
        seed.update(&part[1]);
    }
    assert_eq!(manifest["seed"], hex(&seed.finalize()));
}

/// The public package of a city that has small and large rows.
pub(crate) fn shows_what_three_seats_or_more_tell(site: &Site, centre: &str, supervisor: &str) {
    let files = unzipped(&site.download(&format!("{AT}/public-package"), centre));
    let (_, complete) = opened_package(site, centre, supervisor);
    let [withheld, told] = small_rows_are_withheld(&files, &complete);
    assert!(!withheld.is_empty() && told.len() > 5, "{withheld:?} {told:?}");
}

/// The scores that are withheld, and those that are told.
fn small_rows_are_withheld(files: &Files, complete: &Files) -> [BTreeSet<String>; 2] {
    let (public, full) = (rows(&files["cutoffs.csv"]), rows(&complete["result/cutoffs.csv"]));
    assert_eq!(public.len(), full.len());
    let [mut withheld, mut told] = [BTreeSet::new(), BTreeSet::new()];
    for (public, full) in public.iter().zip(&full) {
        for column in [0, 1, 2, 3, 6, 7] {
            assert_eq!(public[column], full[column]);
        }
        if full[7].parse::<u32>().unwrap() < 3 {
            assert_eq!((&public[4], &public[5]), ("", ""), "{full:?}");
            withheld.extend([full[4].to_owned(), full[5].to_owned()]);
        } else {
            assert_eq!(public[4], full[4]);
            assert!(!public[5].contains("lot="), "{public:?}");
            told.insert(full[4].to_owned());
        }
    }
    withheld.remove("");
    told.remove("");
    [withheld, told]
}

/// A score that was withheld may stand elsewhere only where it is a line of the policy or of a plan.
fn stands_nowhere_else(files: &Files, withheld: &BTreeSet<String>) {
    let ruled =
        [&files["proof/input/season.toml"], &files["proof/input/programmes.csv"]].map(|bytes| tokens(bytes));
    for (path, bytes) in files {
        let tokens = tokens(bytes);
        for score in withheld {
            let ruled = ruled.iter().any(|tokens| tokens.contains(score));
            assert!(ruled || !tokens.contains(score), "{path} has {score}");
        }
    }
}

/// Numbers and words of a file.
fn tokens(bytes: &[u8]) -> BTreeSet<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let parted = text.split(|sign: char| sign.is_whitespace() || ",\"".contains(sign));
    parted
        .chain(text.split(|sign: char| !(sign.is_alphanumeric() || sign == '.')))
        .map(str::to_owned)
        .collect()
}

fn nobody_is_in_it(files: &Files, complete: &Files) {
    let lots: BTreeSet<String> =
        rows(&complete["result/proof/totals.csv"]).iter().map(|row| row[5].to_owned()).collect();
    let people = rows(&sheet("candidates.csv"));
    assert!(lots.len() == people.len() && people.len() > 20);
    for (path, bytes) in files {
        let text = std::str::from_utf8(bytes).unwrap();
        // Digits of a hash may be anything.
        let is_hash = |word: &&str| word.len() == 64 && word.bytes().all(|digit| digit.is_ascii_hexdigit());
        let words: Vec<&str> =
            text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !is_hash(word)).collect();
        for person in &people {
            for column in [0, 1, 3] {
                assert!(
                    !words.iter().any(|word| word.contains(&person[column])),
                    "{path} has {}",
                    &person[column]
                );
            }
        }
        assert!(!words.iter().any(|word| lots.contains(*word)), "{path} has a lot");
    }
}

#[test]
fn auditors_recompute_every_byte_and_only_while_two_people_let_them() {
    on_each_database(|site| {
        let (offices, run) = published(site);
        let change = json!({"act": "open_auditor_package", "round": 1});
        let nowhere = json!({"act": "open_auditor_package", "round": 2});
        let faults = site.propose(&offices.centre, &nowhere).is(422).json();
        assert_eq!(faults["errors"][0]["pointer"], "/change/round", "{faults}");
        let proposal = site.propose(&offices.supervisor, &change).is(201);
        let (location, id) = (proposal.header("location").to_owned(), proposal.json()["id"].clone());
        let at = format!("{location}/auditor-package");
        let not_opened = |token: &str| assert_eq!(site.get(&at, token).is(409).code(), "not_opened");
        not_opened(&offices.centre);
        let sign = json!({"content_hash": proposal.json()["content_hash"]});
        let own = site.post(&format!("{location}/signatures"), &offices.supervisor, &sign);
        assert_eq!(own.is(409).code(), "same_person");
        not_opened(&offices.supervisor);
        // Whoever can write into the table still lacks a signature.
        let id = id.as_str().unwrap();
        signed_ago(site, id, Some(0));
        not_opened(&offices.centre);
        signed_ago(site, id, None);
        site.post(&format!("{location}/signatures"), &offices.centre, &sign).is(200);

        let package = site.download(&at, &offices.supervisor);
        assert_eq!(package, site.download(&at, &offices.centre));
        for role in
            [Role::Candidate, Role::JuniorHigh, Role::SeniorHigh, Role::CountyBureau, Role::SystemToken]
        {
            let person = Person { exam_no: Some("260101"), school: Some("J01"), area: Some("A01") };
            assert_eq!(site.get(&at, &site.log_in(role, person)).is(403).code(), "forbidden", "{role:?}");
        }
        let first_factor = site.log_in_without_second_factor(Role::MunicipalCentre);
        assert_eq!(site.get(&at, &first_factor).is(403).code(), "step_up_required");
        let other = site.propose(&offices.centre, &json!({
            "act": "override_place", "exam_no": "260101", "authority": "市教育局 2026-5", "reason": "medical",
        }));
        let other = format!("{}/auditor-package", other.is(201).header("location"));
        assert_eq!(site.get(&other, &offices.centre).is(404).code(), "not_found");

        it_recomputes(&unzipped(&package), &run);
        signed_ago(site, id, Some(72 * HOUR_MS - 60_000));
        site.download(&at, &offices.centre);
        signed_ago(site, id, Some(72 * HOUR_MS));
        not_opened(&offices.centre);
    });
}

/// Sets when a proposal was signed by all: so long ago, or not yet.
fn signed_ago(site: &Site, id: &str, ago_ms: Option<i64>) {
    let (id, key) = (id.to_owned(), site.app.audit_key().clone());
    site.write(move |connection| {
        let mut proposal = proposals::find(connection, &id)?.expect("it was proposed");
        let now_ms = clock::now_ms(connection)?;
        // The database itself refuses one account twice.
        let other = accounts::table
            .filter(accounts::id.ne(&proposal.proposed_by))
            .select(accounts::id)
            .first::<String>(connection)
            .map_err(StorageError::from)?;
        proposal.approved_at_ms = ago_ms.map(|ago_ms| now_ms - ago_ms);
        proposal.approved_by = ago_ms.map(|_| other);
        diesel::update(schema::proposals::table.find(&id))
            .set((
                schema::proposals::approved_at_ms.eq(proposal.approved_at_ms),
                schema::proposals::approved_by.eq(&proposal.approved_by),
            ))
            .execute(connection)
            .map_err(StorageError::from)?;
        noted(connection, &key, vec![Change::written(&proposal)])
    });
}

/// The independent verifier; `None`, and said, without Python.
fn independent(arguments: &[&str]) -> Option<Output> {
    independent_of("verify.py", arguments)
}

/// As [`independent`], by the name of the program.
pub(crate) fn independent_of(program: &str, arguments: &[&str]) -> Option<Output> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent");
    let output = Command::new("python3").arg(folder.join(program)).args(arguments).output();
    if output.is_err() {
        eprintln!("the independent verifier is left out: there is no python3");
    }
    output.ok()
}

#[track_caller]
pub(crate) fn ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

fn it_recomputes(files: &Files, run: &Value) {
    let manifest = manifest_that_holds(files);
    let (root, leaves_root) = (run["root"].as_str().unwrap(), run["leaves_root"].as_str().unwrap());
    assert_eq!((&manifest["root"], &manifest["leaves_root"]), (&run["root"], &run["leaves_root"]));
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let (result, salts) = (folder.path().join("result"), folder.path().join("salts.csv"));
    let (dir, salts) = (result.to_str().unwrap(), salts.to_str().unwrap());
    ends(&program(&["verify", dir, "--root", root]), 0);
    ends(&program(&["verify", dir, "--root", leaves_root]), 1);
    if let Some(output) = independent(&[dir]) {
        ends(&output, 0);
        ends(&independent(&[dir, "--salts", salts, "--leaves-root", leaves_root]).unwrap(), 0);
        ends(&independent(&[dir, "--salts", salts, "--leaves-root", root]).unwrap(), 1);
    }
    let results = result.join("results.csv");
    let text = fs::read_to_string(&results).unwrap();
    fs::write(&results, text.replacen(",quota,", ",open,", 1)).unwrap();
    ends(&program(&["verify", dir]), 1);
    independent(&[dir]).iter().for_each(|output| ends(output, 1));
}

/// What two programs say of a leaf file.
fn judged(file: &Path, roots: [&str; 2], candidates: &str) -> Vec<Output> {
    let own = judged_by_us(file, roots, candidates);
    [own].into_iter().chain(independent(&arguments(file, roots, candidates))).collect()
}

fn judged_by_us(file: &Path, roots: [&str; 2], candidates: &str) -> Output {
    program(&[&["verify"], &arguments(file, roots, candidates)[..]].concat())
}

fn arguments<'a>(file: &'a Path, [leaves_root, root]: [&'a str; 2], candidates: &'a str) -> [&'a str; 8] {
    let file = file.to_str().unwrap();
    ["--leaf", file, "--leaves-root", leaves_root, "--root", root, "--candidates", candidates]
}

#[test]
fn a_family_checks_its_own_line_off_line_and_no_forgery_passes() {
    on_each_database(|site| {
        let (_, run) = published(site);
        let family = site.log_in(Role::Candidate, Person { exam_no: Some("260105"), ..Person::default() });
        let answer = site.get(&format!("{AT}/candidates/260105/result"), &family).is(200).json();
        let manifest = unzipped(&site.download(&format!("{AT}/public-package"), &family));
        let candidates = manifest_that_holds(&manifest)["candidates"].to_string();
        let roots = [run["leaves_root"].as_str().unwrap(), run["root"].as_str().unwrap()];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leaf.json");
        for kept in [&answer, &answer["proof"]] {
            fs::write(&file, kept.to_string()).unwrap();
            let judged = judged(&file, roots, &candidates);
            judged.iter().for_each(|output| ends(output, 0));
            assert!(String::from_utf8_lossy(&judged[0].stdout).starts_with("candidate 260105: "));
        }
        for elsewhere in [[roots[1], roots[1]], [roots[0], roots[0]]] {
            judged(&file, elsewhere, &candidates).iter().for_each(|output| ends(output, 1));
        }
        judged(&file, ["no root", roots[1]], &candidates).iter().for_each(|output| ends(output, 2));
        // Neither program looks at the database: once is enough.
        if site.kind == "sqlite" {
            let forgeries = forgeries(&answer["proof"]);
            assert!(forgeries.len() >= 200, "{}", forgeries.len());
            for (number, forged) in forgeries.iter().enumerate() {
                fs::write(&file, forged.to_string()).unwrap();
                // The independent program takes half a second to start: it judges every fifth.
                let outputs = if number % 5 == 0 {
                    judged(&file, roots, &candidates)
                } else {
                    vec![judged_by_us(&file, roots, &candidates)]
                };
                for output in outputs {
                    assert!([Some(1), Some(2)].contains(&output.status.code()), "{forged}: {output:?}");
                }
            }
        }
    });
}

/// The proof with one thing changed: every sign of the line, digits of salt, path and roots, both numbers.
fn forgeries(proof: &Value) -> Vec<Value> {
    let with = |field: &str, value: Value| {
        let mut forged = proof.clone();
        forged[field] = value;
        forged
    };
    let flipped = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        // ':' and '`' stand beside the digits: then another one.
        if !bytes[at].is_ascii_hexdigit() {
            bytes[at] = b'7';
        }
        String::from_utf8(bytes).unwrap()
    };
    let leaf = proof["leaf"].as_str().unwrap();
    let mut forged = Vec::new();
    for at in 0..leaf.len() {
        let mut bytes = leaf.as_bytes().to_vec();
        bytes[at] ^= 1;
        forged.push(with("leaf", json!(String::from_utf8(bytes).unwrap())));
    }
    let salt = proof["salt"].as_str().unwrap();
    // The same bytes to hash, parted elsewhere.
    let mut moved = with("salt", json!(format!("{salt}{:02x}", leaf.as_bytes()[0])));
    moved["leaf"] = json!(leaf[1..]);
    forged.push(moved);
    for at in (0..64).step_by(5) {
        for field in ["salt", "leaves_root", "root"] {
            forged.push(with(field, json!(flipped(proof[field].as_str().unwrap(), at))));
        }
        for step in 0..proof["path"].as_array().unwrap().len() {
            let mut other = proof.clone();
            other["path"][step] = json!(flipped(proof["path"][step].as_str().unwrap(), at));
            forged.push(other);
        }
    }
    for field in ["place", "count"] {
        for other in (0..40).filter(|other| proof[field] != *other) {
            forged.push(with(field, json!(other)));
        }
        forged.push(with(field, json!(-1)));
        forged.push(with(field, json!(u64::MAX)));
    }
    forged
}

//! The draws of an entry as a ceremony, and its packages of proof: nothing of an order is told before the result.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde_json::{Value, json};
use zhaosheng::domain::hexadecimal::{hex, unhex};
use zhaosheng::domain::role::Role;
use zhaosheng::engine::merkle_tree::{Tree, salted_leaf_hash};
use zhaosheng::files::demonstration_entry::{POLICY, SHEETS};
use zhaosheng::service::compulsory::draw_kit::draw_lists;
use zhaosheng::service::compulsory::recompute_draw::{AskedDraw, recompute_draw};
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::schema::entry_rows;

use crate::command_line::program;
use crate::entries::{bring, closed, family, open};
use crate::harness::{Person, SEASON, Site, on_each_database};
use crate::proof::{Files, ends, independent_of, manifest_that_holds, rows, the_seed_follows, unzipped};
use crate::results::{Offices, approved, frozen, parts, placed, publish};

const AT: &str = "/api/v1/seasons/2026";
const DRAWS: &str = "/api/v1/seasons/2026/draws";
/// A child who applies to the private school, and one whose list has few tickets.
const LISTED: &str = "P1-primary";
const FEW: &str = "P1-junior";

/// The demonstration's entry, its time for registrations over, with a source of chance that has not told yet.
fn demonstration(site: &Site) -> Offices {
    let centre = site.centre();
    let policy = POLICY.replace("AREA", "A01");
    let body = json!({"code": SEASON, "kind": "demonstration", "policy": policy});
    site.post("/api/v1/seasons", &centre, &body).is(201);
    for (sheet, file, text) in SHEETS {
        bring(site, &centre, sheet, file, text.as_bytes(), false).is(200);
    }
    site.post(&format!("{AT}/seed-sources"), &centre, &json!({"source": "balls"})).is(201);
    open(site, &centre);
    closed(site, centre)
}

/// Everybody who is neither an office of the entry nor a supervisor.
fn others(site: &Site) -> Vec<String> {
    let school = |code| Person { school: Some(code), ..Person::default() };
    vec![
        family(site, "C001"),
        site.log_in(Role::JuniorHigh, school("M1")),
        site.log_in(Role::SeniorHigh, school("S01")),
        site.log_in(Role::CountyBureau, Person { area: Some("A77"), ..Person::default() }),
        site.log_in(Role::SystemToken, Person::default()),
    ]
}

fn to_publication(site: &Site, offices: &Offices) -> Value {
    let run = placed(site, offices);
    approved(site, offices, &run);
    site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
    publish(site, offices, &parts(site, offices, &run, [0, 2])).is(201).json()
}

/// No word of an order in what a role is shown of the draws.
fn tells_no_order(site: &Site, token: &str) {
    let all = site.get(DRAWS, token).is(200);
    assert!(all.json().get("seed").is_none(), "{}", all.text);
    for list in all.json()["lists"].as_array().unwrap() {
        let one = site.get(&format!("{DRAWS}/{}", list["list"].as_str().unwrap()), token).is(200);
        assert!(one.json().get("drawn").is_none() && !one.text.contains("place"), "{}", one.text);
        assert_eq!(&one.json()["list"], list);
    }
}

fn written(files: &Files, folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn lists_are_seen_since_the_freeze_and_orders_since_the_publication() {
    on_each_database(|site| {
        let offices = demonstration(site);
        let own = site.log_in(Role::CountyBureau, Person { area: Some("A01"), ..Person::default() });
        let others = others(site);
        for path in [DRAWS, &format!("{DRAWS}/{LISTED}"), &format!("{AT}/draw-kit")] {
            assert_eq!(site.get(path, &offices.centre).is(409).code(), "wrong_phase");
        }
        frozen(site, &offices);
        frozen_lists_that_changed_are_not_shown(site, &offices);
        for token in [&offices.centre, &offices.supervisor, &own] {
            tells_no_order(site, token);
        }
        for token in &others {
            assert_eq!(site.get(DRAWS, token).is(409).code(), "not_published");
            assert_eq!(site.get(&format!("{DRAWS}/{LISTED}"), token).is(409).code(), "not_published");
            let kit = site.get(&format!("{AT}/draw-kit"), token);
            assert!([403, 404].contains(&kit.status), "{}", kit.text);
        }
        let ceremony = site.get(DRAWS, &own).is(200).json();
        assert_eq!(ceremony["parts"], json!([{"part": "demonstration"}, {"source": "balls"}]));
        assert_eq!((&ceremony["children"], &ceremony["frozen_at"].is_string()), (&json!(210), &true));
        let told = json!({"text": "03 11 24 29"});
        site.send("PUT", &format!("{AT}/seed-sources/balls/text"), &offices.centre, &[], &told).is(200);
        let ceremony = site.get(DRAWS, &own).is(200).json();
        assert_eq!(ceremony["parts"][1], json!({"source": "balls", "part": "balls: 03 11 24 29"}));

        // The laptop draws from the kit as it came.
        let kit = unzipped(&site.download(&format!("{AT}/draw-kit"), &own));
        assert!(kit.keys().all(|path| !path.starts_with("orders/")), "{:?}", kit.keys());
        let stick = tempfile::tempdir().unwrap();
        written(&kit, stick.path());
        let parts: Vec<String> = ceremony["parts"].as_array().unwrap().iter().map(part).collect();
        let drawn = draw_lists(stick.path(), &parts, false).unwrap();
        assert_eq!(ceremony["list_hash"], hex(&drawn.list_hash));

        let published = to_publication(site, &offices);
        assert!(published["root"].is_string());
        let kit = unzipped(&site.download(&format!("{AT}/draw-kit"), &own));
        for (path, bytes) in kit.iter().filter(|(path, _)| path.starts_with("orders/")) {
            assert_eq!(*bytes, fs::read(stick.path().join(path)).unwrap(), "{path} is the laptop's");
        }
        let shown = site.get(DRAWS, &offices.supervisor).is(200).json();
        assert_eq!(shown["seed"], drawn.seed.unwrap().to_string());
        everybody_sees_the_order(site, &others, &kit, &shown);
        few_tickets_are_seen_by_offices(site, &others, &own);
        site.get(&format!("{DRAWS}/nobody"), &own).is(404);
    });
}

fn part(part: &Value) -> String {
    part["part"].as_str().unwrap().to_owned()
}

fn everybody_sees_the_order(site: &Site, others: &[String], kit: &Files, ceremony: &Value) {
    let order = rows(&kit[&format!("orders/{LISTED}.csv")]);
    for token in others {
        let one = site.get(&format!("{DRAWS}/{LISTED}"), token).is(200).json();
        let places = one["drawn"]["places"].as_array().unwrap();
        let told: Vec<[String; 3]> = places
            .iter()
            .map(|place| ["place", "ticket", "number"].map(|field| place[field].to_string().replace('"', "")))
            .collect();
        let laptop: Vec<[String; 3]> =
            order.iter().map(|row| [0, 1, 2].map(|at| row[at].to_owned())).collect();
        assert_eq!(told, laptop);
        // Whoever is admitted by the seats alone and not here got a place that stood above.
        let admitted = places.iter().filter(|place| place["admitted"] == true).count();
        assert!(admitted > 0 && one["drawn"]["admitted"].as_u64() >= Some(admitted as u64), "{one}");
        let asked = AskedDraw {
            list: one["drawn"]["list"].as_str().unwrap().as_bytes().to_vec(),
            whole: ceremony["list_hash"].as_str().unwrap().to_owned(),
            parts: ceremony["parts"].as_array().unwrap().iter().map(part).collect::<Vec<_>>().join("\n"),
            round: ceremony["lot_round"].to_string(),
            seats: one["list"]["seats"].to_string(),
            twins: ceremony["twins"].as_str().unwrap().to_owned(),
            rehearsal: false,
        };
        let again = recompute_draw(&asked).unwrap();
        assert_eq!(
            (again.list_hash, again.seed.to_string()),
            (text(&one["list"]["list_hash"]), text(&ceremony["seed"]))
        );
        assert_eq!(again.order.as_bytes(), kit[&format!("orders/{LISTED}.csv")]);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn few_tickets_are_seen_by_offices(site: &Site, others: &[String], office: &str) {
    let at = format!("{DRAWS}/{FEW}");
    let seen = site.get(&at, office).is(200).json();
    assert!(seen["list"]["tickets"].as_u64() < Some(10) && seen["drawn"]["places"].is_array(), "{seen}");
    for token in others {
        let withheld = site.get(&at, token).is(200).json();
        for field in ["/list/tickets", "/list/list_hash", "/drawn"] {
            assert!(withheld.pointer(field).is_none(), "{withheld}");
        }
    }
}

/// Somebody who can write into the tables moves a child onto a list after the freeze.
fn frozen_lists_that_changed_are_not_shown(site: &Site, offices: &Offices) {
    let set = |cells: Option<String>| {
        site.write(move |connection| {
            let row = entry_rows::table.find((SEASON, "children", "C002"));
            let before: String =
                row.select(entry_rows::cells).first(connection).map_err(StorageError::from)?;
            let mut changed: Value = serde_json::from_str(&before).unwrap();
            changed["private_code"] = json!("P1");
            let cells = cells.unwrap_or_else(|| changed.to_string());
            diesel::update(row)
                .set(entry_rows::cells.eq(cells))
                .execute(connection)
                .map_err(StorageError::from)?;
            Ok(before)
        })
    };
    let before = set(None);
    assert_eq!(site.get(DRAWS, &offices.centre).is(500).code(), "altered");
    set(Some(before));
}

#[test]
fn the_public_package_of_an_entry_names_no_child_and_auditors_recompute_every_byte() {
    on_each_database(|site| {
        let offices = demonstration(site);
        frozen(site, &offices);
        let told = json!({"text": "03 11 24 29"});
        site.send("PUT", &format!("{AT}/seed-sources/balls/text"), &offices.centre, &[], &told).is(200);
        let own = family(site, "C001");
        assert_eq!(site.get(&format!("{AT}/public-package"), &own).is(409).code(), "not_published");
        let published = to_publication(site, &offices);
        let package = site.download(&format!("{AT}/public-package"), &own);
        assert_eq!(package, site.download(&format!("{AT}/public-package"), &offices.supervisor));
        let public = unzipped(&package);
        let manifest = manifest_that_holds(&public);
        assert_eq!(
            [&manifest["root"], &manifest["leaves_root"], &manifest["children"], &manifest["format"]],
            [&published["root"], &published["leaves_root"], &json!(210), &json!("public-entry/1")]
        );
        the_seed_follows(&public, &manifest);
        let complete = opened(site, &offices);
        names_no_child(&public, &complete);
        tells_of_few_children_nothing(&public, &complete);
        own_line_is_a_leaf(site, &own, &public, &manifest);
        auditors_recompute(&complete, &published);
    });
}

/// The auditors' package, which one person alone does not open.
fn opened(site: &Site, offices: &Offices) -> Files {
    let change = json!({"act": "open_auditor_package", "round": 1});
    let proposal = site.propose(&offices.centre, &change).is(201);
    let location = proposal.header("location").to_owned();
    let at = format!("{location}/auditor-package");
    assert_eq!(site.get(&at, &offices.centre).is(409).code(), "not_opened");
    let sign = json!({"content_hash": proposal.json()["content_hash"]});
    assert_eq!(
        site.post(&format!("{location}/signatures"), &offices.centre, &sign).is(409).code(),
        "same_person"
    );
    site.post(&format!("{location}/signatures"), &offices.supervisor, &sign).is(200);
    assert_eq!(site.get(&at, &family(site, "C001")).is(403).code(), "forbidden");
    unzipped(&site.download(&at, &offices.supervisor))
}

fn names_no_child(public: &Files, complete: &Files) {
    let children = rows(&complete["result/placements.csv"]);
    let lots: BTreeSet<&str> = children.iter().map(|row| &row[6]).collect();
    let numbers: BTreeSet<&str> = children.iter().map(|row| &row[0]).collect();
    assert_eq!((numbers.len(), lots.len() > 200), (210, true));
    let mut same = Vec::new();
    for (path, bytes) in public {
        let text = std::str::from_utf8(bytes).unwrap();
        for word in text.split(|sign: char| !sign.is_alphanumeric()) {
            assert!(!lots.contains(word) && !numbers.contains(word), "{path} has {word}");
        }
        if complete.get(&format!("result/{path}")) == Some(bytes) {
            same.push(path.as_str());
        }
    }
    let open = ["entry.toml", "feeders.csv", "schools.csv", "zones.csv", "zones.geojson"];
    let open = open.map(|name| format!("proof/input/{name}"));
    for path in open.iter().map(String::as_str).chain(["zone_findings.csv"]) {
        assert!(same.contains(&path), "{path} is the result's own file: {same:?}");
    }
    assert!(!same.contains(&"school_lines.csv") && !same.contains(&"draws.csv"), "{same:?}");
}

/// What is withheld is small or would tell a small number; what is told is the result's own.
fn tells_of_few_children_nothing(public: &Files, complete: &Files) {
    let mut withheld = 0;
    for (path, counts) in [("school_lines.csv", &[4][..]), ("draws.csv", &[3]), ("loads.csv", &[2, 3])] {
        let (told, full) = (rows(&public[path]), rows(&complete[&format!("result/{path}")]));
        assert_eq!(told.len(), full.len());
        for (told, full) in told.iter().zip(&full) {
            for (at, cell) in told.iter().enumerate() {
                assert!(cell.is_empty() || cell == &full[at], "{path}: {told:?}");
            }
            for at in counts.iter().copied().filter(|at| !told[*at].is_empty()) {
                let known_to_be_none = path == "school_lines.csv" && &told[3] == "0";
                assert!(told[at].parse::<u64>().unwrap() >= 10 || known_to_be_none, "{path}: {told:?}");
            }
            withheld += counts.iter().filter(|at| told[**at].is_empty()).count();
            if path == "school_lines.csv" {
                assert_eq!(&told[6], "", "no lot is told");
                assert!(!told[4].is_empty() || told[5].is_empty(), "{told:?}");
            } else if path == "loads.csv" && !told[3].is_empty() {
                let rest = told[2].parse::<u64>().unwrap() - told[3].parse::<u64>().unwrap();
                assert!(rest >= 10, "{told:?}");
            } else if path == "draws.csv" {
                assert_eq!(told[3].is_empty(), told[4].is_empty(), "{told:?}");
            }
        }
    }
    assert!(withheld > 3, "{withheld}");
}

/// The family finds its line among the published leaves, without the service.
fn own_line_is_a_leaf(site: &Site, own: &str, public: &Files, manifest: &Value) {
    let leaves = std::str::from_utf8(&public["leaf_hashes.txt"]).unwrap();
    let leaves: Vec<[u8; 32]> = leaves.lines().map(|line| unhex(line).unwrap()).collect();
    assert_eq!(manifest["leaves_root"], hex(&Tree::new(leaves.clone()).root()));
    let proof = site.get(&format!("{AT}/children/C001/result"), own).is(200).json()["proof"].clone();
    let salt = unhex(proof["salt"].as_str().unwrap()).unwrap();
    let hash = salted_leaf_hash(&salt, proof["leaf"].as_str().unwrap().as_bytes());
    assert_eq!(leaves[proof["place"].as_u64().unwrap() as usize], hash);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leaf.json");
    for (byte, code) in [("", 0), ("0", 1)] {
        let mut kept = proof.clone();
        kept["leaf"] = json!(format!("{byte}{}", proof["leaf"].as_str().unwrap()));
        fs::write(&file, kept.to_string()).unwrap();
        let (root, leaves_root) = (text(&manifest["root"]), text(&manifest["leaves_root"]));
        let children = manifest["children"].to_string();
        let arguments = ["--leaf", file.to_str().unwrap(), "--leaves-root", &leaves_root, "--root", &root];
        let arguments = [&arguments[..], &["--candidates", &children]].concat();
        ends(&program(&[&["verify"], &arguments[..]].concat()), code);
        independent_of("verify.py", &arguments).iter().for_each(|output| ends(output, code));
    }
}

fn auditors_recompute(complete: &Files, published: &Value) {
    let manifest = manifest_that_holds(complete);
    assert_eq!((&manifest["root"], &manifest["format"]), (&published["root"], &json!("auditor-entry/1")));
    let folder = tempfile::tempdir().unwrap();
    written(complete, folder.path());
    let (result, salts) = (folder.path().join("result"), folder.path().join("salts.csv"));
    let (dir, salts) = (result.to_str().unwrap(), salts.to_str().unwrap());
    let (root, leaves_root) = (text(&published["root"]), text(&published["leaves_root"]));
    ends(&program(&["verify", dir, "--root", &root]), 0);
    ends(&program(&["verify", dir, "--root", &leaves_root]), 1);
    let independent = |arguments: &[&str]| independent_of("verify_entry.py", arguments);
    independent(&[dir, "--salts", salts, "--leaves-root", &leaves_root])
        .iter()
        .for_each(|output| ends(output, 0));
    independent(&[dir, "--salts", salts, "--leaves-root", &root]).iter().for_each(|output| ends(output, 1));
    for path in complete.keys().filter_map(|path| path.strip_prefix("result/")) {
        let file = result.join(path);
        let bytes = fs::read(&file).unwrap();
        let mut changed = bytes.clone();
        let last = changed.len() - 2;
        changed[last] ^= 1;
        fs::write(&file, &changed).unwrap();
        let refused = program(&["verify", dir, "--root", &root]);
        assert!([Some(1), Some(2)].contains(&refused.status.code()), "{path}: {refused:?}");
        if ["placements.csv", "draws.csv"].contains(&path) {
            independent(&[dir]).iter().for_each(|output| ends(output, 1));
        }
        fs::write(&file, &bytes).unwrap();
    }
}

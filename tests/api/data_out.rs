//! Data out: each office its own rows in every form, the hand-over, the balance of who came, counts for everybody.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use encoding_rs::GB18030;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhaosheng::domain::hexadecimal::hex;
use zhaosheng::domain::role::Role;
use zhaosheng::storage::audit_lines;
use zhaosheng::storage::candidates::{self, CandidateRow};

use crate::harness::{Person, Site, noted, on_each_database};
use crate::imports::sheet;
use crate::results::{Offices, published};

const AT: &str = "/api/v1/seasons/2026";

/// Rows by their columns' names.
type Rows = Vec<BTreeMap<String, String>>;

fn rows(text: &[u8]) -> Rows {
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().unwrap().clone();
    let cells = |row: csv::StringRecord| {
        header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|row| cells(row.unwrap())).collect()
}

fn admitted(site: &Site, token: &str, query: &str) -> Rows {
    rows(site.get(&format!("{AT}/admitted{query}"), token).is(200).text.as_bytes())
}

fn column(rows: &Rows, name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// What the officials' example says, by hand: exam number, programme.
fn expected() -> Vec<(String, String)> {
    let rows = rows(&sheet("expected_results.csv"));
    rows.into_iter().map(|row| (row["exam_no"].clone(), row["programme_code"].clone())).collect()
}

fn school_of(programme: &str) -> String {
    let rows = rows(&sheet("programmes.csv"));
    rows.into_iter()
        .find(|row| row["programme_code"] == programme)
        .map_or(String::new(), |row| row["school_code"].clone())
}

fn roster() -> BTreeMap<String, BTreeMap<String, String>> {
    rows(&sheet("candidates.csv")).into_iter().map(|row| (row["exam_no"].clone(), row)).collect()
}

fn of_school(site: &Site, role: Role, school: &str) -> String {
    site.log_in(role, Person { school: Some(school), ..Person::default() })
}

/// The places as they stand, from the centre's list.
fn places(site: &Site, offices: &Offices) -> Vec<(String, String)> {
    let all = admitted(site, &offices.centre, "");
    column(&all, "exam_no").into_iter().zip(column(&all, "programme_code")).collect()
}

/// An override signed by the centre and the supervisor.
fn overridden(site: &Site, offices: &Offices, exam_no: &str, programme: Option<&str>) {
    let change = json!({"act": "override_place", "exam_no": exam_no, "programme": programme,
        "authority": "市教育局 2026-31", "reason": "court_or_review"});
    site.agree(&offices.centre, &offices.supervisor, &change).is(200);
}

#[test]
fn each_office_gets_its_own_rows_and_no_more() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let (placed, roster) = (places(site, &offices), roster());
        assert_eq!(placed.len(), expected().len());
        for school in ["S01", "S02", "S03", "S04"] {
            let list = admitted(site, &of_school(site, Role::SeniorHigh, school), "");
            let own: Vec<String> = placed
                .iter()
                .filter(|(_, programme)| school_of(programme) == school)
                .map(|(exam_no, _)| exam_no.clone())
                .collect();
            assert!(!own.is_empty(), "{school}");
            assert_eq!(column(&list, "exam_no"), own, "{school}");
            assert!(list.iter().all(|row| row["school_code"] == school && !row["total"].is_empty()));
        }
        for junior in ["J01", "J04"] {
            let list = admitted(site, &of_school(site, Role::JuniorHigh, junior), "");
            let own: Vec<&String> = roster
                .values()
                .filter(|row| row["junior_code"] == junior)
                .map(|row| &row["exam_no"])
                .collect();
            assert_eq!(column(&list, "exam_no").iter().collect::<Vec<_>>(), own, "{junior}");
            assert!(list.iter().all(|row| !row.contains_key("total")), "a school ranks no marks");
        }
        let bureau = site.log_in(Role::CountyBureau, Person { area: Some("A02"), ..Person::default() });
        let list = admitted(site, &bureau, "");
        let own: Vec<&String> =
            roster.values().filter(|row| row["area_code"] == "A02").map(|row| &row["exam_no"]).collect();
        assert_eq!(column(&list, "exam_no").iter().collect::<Vec<_>>(), own);
        assert_eq!(admitted(site, &offices.supervisor, "").len(), roster.len());
        for row in admitted(site, &offices.centre, "?school=S03&junior=J01") {
            assert_eq!((row["school_code"].as_str(), row["junior_code"].as_str()), ("S03", "J01"));
            assert_eq!(row["name"], roster[&row["exam_no"]]["name"]);
            assert!(!row.contains_key("id_no"));
        }
        let refused = |token: &str, query: &str, status: u16| {
            site.get(&format!("{AT}/admitted{query}"), token).is(status).code()
        };
        let (senior, junior) =
            (of_school(site, Role::SeniorHigh, "S01"), of_school(site, Role::JuniorHigh, "J01"));
        assert_eq!(refused(&senior, "?school=S02", 404), "not_found");
        assert_eq!(refused(&junior, "?junior=J02", 404), "not_found");
        assert_eq!(refused(&bureau, "?junior=J01", 404), "not_found");
        assert_eq!(refused(&offices.centre, "?school=S99", 404), "not_found");
        assert_eq!(refused(&offices.centre, "?format=pdf", 422), "invalid");
        let owner = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        assert_eq!(refused(&owner, "", 403), "forbidden");
        let read: Vec<(String, String)> = site
            .write(|connection| Ok(audit_lines::list(connection, 0, 0, 10_000)?))
            .into_iter()
            .filter(|line| line.act == "export_admitted")
            .map(|line| (line.subject, line.detail))
            .collect();
        let on_record = |subject: &str, detail: &str| read.contains(&(subject.to_owned(), detail.to_owned()));
        assert!(on_record("area:A02", "4 rows as csv"), "{read:?}");
        assert!(
            on_record("junior:J01", "7 rows as csv") && on_record("season", "23 rows as csv"),
            "{read:?}"
        );
    });
}

/// Gives a candidate another name.
fn renamed(site: &Site, exam_no: &'static str, name: &'static str) {
    let key = site.app.audit_key().clone();
    site.write(move |connection| {
        let old = candidates::find(connection, "2026", exam_no)?.unwrap();
        let new = CandidateRow { name: name.to_owned(), ..old.clone() };
        let changes = candidates::replace(connection, "2026", &[old], vec![new])?;
        noted(connection, &key, changes)
    });
}

#[test]
fn every_form_reads_back_to_the_same_rows() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let token = offices.centre.as_str();
        // The one name of the example that a DBF in GBK cannot hold.
        renamed(site, "260111", "郭吉");
        let text = site.download(&format!("{AT}/admitted?format=csv"), token);
        let plain: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_slice())
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(plain.len(), 1 + expected().len());
        let bom = site.download(&format!("{AT}/admitted?format=csv_bom"), token);
        assert_eq!(bom, ["\u{feff}".as_bytes(), &text].concat());
        let gb = site.download(&format!("{AT}/admitted?format=gb18030"), token);
        assert_ne!(gb, text);
        assert_eq!(GB18030.decode(&gb).0.as_bytes(), text);

        let xlsx = site.download(&format!("{AT}/admitted?format=xlsx"), token);
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&xlsx)).unwrap();
        let range = book.worksheet_range("admitted").unwrap();
        let cells: Vec<Vec<String>> = range
            .rows()
            .map(|row| {
                row.iter()
                    .map(|cell| {
                        assert!(matches!(cell, Data::String(_) | Data::Empty), "every cell is a text");
                        cell.to_string()
                    })
                    .collect()
            })
            .collect();
        assert_eq!(cells, plain);
        assert_eq!(
            site.download(&format!("{AT}/admitted?format=xlsx"), token),
            xlsx,
            "the same rows, the same bytes"
        );

        let dbf = site.download(&format!("{AT}/admitted?format=dbf"), token);
        // The header names the encoding.
        let mut table = dbase::Reader::new(Cursor::new(&dbf)).unwrap();
        let names: Vec<String> = table.fields().iter().map(|field| field.name().to_owned()).collect();
        assert_eq!(names[..3], ["KSH", "XM", "XB"]);
        let records: Vec<Vec<String>> = table
            .iter_records()
            .map(|record| {
                let record = record.unwrap();
                names
                    .iter()
                    .map(|name| match record.get(name) {
                        Some(dbase::FieldValue::Character(text)) => text.clone().unwrap_or_default(),
                        other => panic!("{name}: {other:?}"),
                    })
                    .collect()
            })
            .collect();
        assert_eq!(records, plain[1..]);

        for format in ["csv", "gb18030", "xlsx", "dbf"] {
            let at = format!("{AT}/admitted?format={format}");
            let (headers, bytes) = site.download_with_headers(&at, token);
            let hash = Sha256::digest(bytes);
            assert_eq!(headers["etag"].to_str().unwrap(), format!("\"{}\"", hex(&hash)));
            let digest = headers["repr-digest"].to_str().unwrap().to_owned();
            let base64 = digest.strip_prefix("sha-256=:").unwrap().strip_suffix(':').unwrap();
            assert_eq!(base64, base64_of(&hash));
        }
    });
}

/// Written again here, not taken from the code under test.
fn base64_of(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() { char::from(sign) } else { '=' });
        }
    }
    text
}

#[test]
fn a_name_that_gbk_lacks_is_listed_and_never_spelt_otherwise() {
    on_each_database(|site| {
        // U+20000 has no place in GBK, and one in GB18030.
        let (offices, _) = published(site);
        renamed(site, "260101", "陈\u{20000}");
        let refused = site.get(&format!("{AT}/admitted?format=dbf"), &offices.centre).is(422);
        assert_eq!(refused.code(), "invalid");
        let errors = refused.json()["errors"].as_array().unwrap().clone();
        let told = errors.iter().map(|error| error["detail"].as_str().unwrap());
        let named: Vec<&str> = told
            .filter_map(|detail| ["260101", "260111"].into_iter().find(|no| detail.contains(no)))
            .collect();
        assert_eq!(named, ["260101", "260111"], "the second is 郭𠮷 of the example: {}", refused.text);
        assert_eq!((errors.len(), &errors[0]["pointer"]), (2, &json!("/2/name")));
        let gb = site.download(&format!("{AT}/admitted?format=gb18030"), &offices.centre);
        assert!(GB18030.decode(&gb).0.contains("陈\u{20000}"));
    });
}

#[test]
fn an_entry_of_the_ledger_changes_the_list_and_the_balance() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let before = places(site, &offices);
        let (exam_no, programme) =
            before.iter().find(|(_, programme)| programme == "P03").cloned().expect("somebody has a place");
        let (old, new) = (of_school(site, Role::SeniorHigh, "S03"), of_school(site, Role::SeniorHigh, "S01"));
        assert!(column(&admitted(site, &old, ""), "exam_no").contains(&exam_no));
        overridden(site, &offices, &exam_no, Some("P01"));
        assert!(!column(&admitted(site, &old, ""), "exam_no").contains(&exam_no));
        let list = admitted(site, &new, "");
        let row = list.iter().find(|row| row["exam_no"] == exam_no).unwrap();
        assert_eq!((row["programme_code"].as_str(), row["batch"].as_str()), ("P01", ""), "was {programme}");
        assert_eq!(row["position"], "");
        let changed = places(site, &offices).iter().zip(&before).filter(|(now, then)| now != then).count();
        assert_eq!(changed, 1, "nobody else moved");
    });
}

fn report(site: &Site, offices: &Offices, school: &str, exam_nos: &[(String, bool)]) {
    let reports: Vec<Value> = exam_nos
        .iter()
        .map(|(exam_no, enrolled)| json!({"exam_no": exam_no, "enrolled": enrolled}))
        .collect();
    let at = format!("{AT}/senior-schools/{school}/enrolments");
    site.post(&at, &offices.centre, &json!({"reports": reports})).is(200);
}

#[test]
fn a_season_is_filed_when_no_one_is_left_unexplained() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let balance = || site.get(&format!("{AT}/reconciliation"), &offices.supervisor).is(200).json();
        let placed: Vec<(String, String)> =
            places(site, &offices).into_iter().filter(|(_, programme)| !programme.is_empty()).collect();
        assert_eq!(balance()["open"], placed.len(), "nobody was reported yet");
        for school in ["S01", "S02", "S03", "S04"] {
            let own: Vec<(String, bool)> = placed
                .iter()
                .filter(|(_, programme)| school_of(programme) == school)
                .map(|(exam_no, _)| (exam_no.clone(), true))
                .collect();
            // All but the last one of S03, and the first one of S01 did not come.
            let mut own = own;
            if school == "S03" {
                own.pop();
            }
            if school == "S01" {
                own[0].1 = false;
            }
            report(site, &offices, school, &own);
        }
        let of = |school: &str| {
            let own: Vec<_> = placed.iter().filter(|(_, programme)| school_of(programme) == school).collect();
            own
        };
        let missing = of("S03").pop().unwrap().0.clone();
        let absent = of("S01")[0].0.clone();
        let now = balance();
        let mut told = vec![
            json!({"exam_no": missing, "school": "S03", "what": "not_reported"}),
            json!({"exam_no": absent, "school": "S01", "what": "no_show"}),
        ];
        told.sort_by_key(|one| one["exam_no"].to_string());
        assert_eq!(now["differences"], json!(told), "a difference of one is listed");
        assert_eq!(now["open"], 1);
        let counts = now["schools"].as_array().unwrap().iter().find(|one| one["school"] == "S03").unwrap();
        let all = of("S03").len();
        assert_eq!((&counts["admitted"], &counts["enrolled"]), (&json!(all), &json!(all - 1)));
        assert_eq!(site.advance(&offices.centre, "file").is(409).code(), "not_reconciled");

        report(site, &offices, "S03", &[(missing.clone(), true)]);
        assert_eq!(balance()["open"], 0);
        // She has come, and then an authority takes her place away.
        overridden(site, &offices, &missing, None);
        let now = balance();
        assert_eq!(now["open"], 1);
        let without = json!({"exam_no": missing, "school": "S03", "what": "enrolled_without_place"});
        assert!(now["differences"].as_array().unwrap().contains(&without), "{now}");
        assert_eq!(site.advance(&offices.centre, "file").is(409).code(), "not_reconciled");
        overridden(site, &offices, &missing, Some("P03"));
        let season = site.advance(&offices.centre, "file").is(200).json();
        assert_eq!(season["phase"], "filed");
        hands_over(site, &offices, placed.len());
    });
}

/// The hand-over holds what its manifest says, of the publication that everybody sees.
fn hands_over(site: &Site, offices: &Offices, placed: usize) {
    let at = format!("{AT}/hand-over");
    let bytes = site.download(&at, &offices.centre);
    assert_eq!(site.download(&at, &offices.centre), bytes, "the same data, the same bytes");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let manifest: Value = serde_json::from_slice(&file("manifest.json")).unwrap();
    let publications = site.get(&format!("{AT}/publications"), &offices.centre).is(200).json();
    assert_eq!((&manifest["root"], &manifest["round"]), (&publications[0]["root"], &json!(1)));
    assert_eq!(manifest["format"], "hand-over/1");
    let described = manifest["files"].as_object().unwrap();
    assert_eq!(described.keys().collect::<Vec<_>>(), ["admitted.csv", "enrolments.csv", "ledger.csv"]);
    for (name, told) in described {
        let bytes = file(name);
        assert_eq!(told["sha256"], hex(&Sha256::digest(&bytes)), "{name}");
        assert_eq!(told["rows"], rows(&bytes).len(), "{name}");
    }
    let (list, roster) = (rows(&file("admitted.csv")), roster());
    assert_eq!(list.len(), placed);
    assert!(
        list.iter().all(|row| row["id_no"] == roster[&row["exam_no"]]["id_no"] && !row["id_no"].is_empty())
    );
    assert_eq!(rows(&file("enrolments.csv")).len(), placed);
    assert_eq!(rows(&file("ledger.csv")).len(), 2);
    assert_eq!(site.get(&at, &offices.supervisor).is(403).code(), "forbidden");
}

#[test]
fn statistics_sum_up_and_show_outsiders_no_small_number() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let at = format!("{AT}/statistics");
        let exact = site.get(&at, &offices.supervisor).is(200).json();
        let placed = places(site, &offices);
        let count =
            |fits: &dyn Fn(&str) -> bool| placed.iter().filter(|(_, programme)| fits(programme)).count();
        assert_eq!(exact["public"], false);
        assert_eq!(exact["admitted"], count(&|programme| !programme.is_empty()));
        let sum = |table: &str, field: &str| -> u64 {
            exact[table].as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).sum()
        };
        for row in exact["fill"].as_array().unwrap() {
            let programme = row["programme"].as_str().unwrap();
            assert_eq!(row["taken"], count(&|other| other == programme), "{programme}");
        }
        let all = exact["admitted"].as_u64().unwrap();
        for table in ["schools", "ranks", "flow"] {
            assert_eq!(sum(table, "admitted"), all, "{table}");
        }
        assert_eq!(sum("fill", "quota"), sum("quota_use", "used"));
        assert_eq!(sum("juniors", "used"), sum("schools", "by_quota"));
        assert!(sum("quota_use", "used") > 0 && sum("quota_use", "used") <= sum("quota_use", "seats"));
        let first = exact["ranks"].as_array().unwrap().iter().find(|row| row["rank"] == 1).unwrap();
        let share = first["admitted"].as_u64().unwrap() * 1000 / all;
        assert_eq!(exact["first_choice_per_mille"], share);
        assert!(!exact["segments"].as_array().unwrap().is_empty());

        let owner = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let public = site.get(&at, &owner).is(200).json();
        assert_eq!(public["public"], true);
        assert_eq!(site.get(&format!("{at}?public=true"), &offices.centre).is(200).json(), public);
        let junior = of_school(site, Role::JuniorHigh, "J01");
        assert_eq!(site.get(&format!("{at}?public=false"), &junior).is(200).json(), public);
        let counts = [
            ("fill", vec!["quota", "pool", "open", "taken"]),
            ("schools", vec!["admitted", "by_quota"]),
            ("quota_use", vec!["used"]),
            ("juniors", vec!["used"]),
            ("ranks", vec!["admitted"]),
            ("flow", vec!["admitted"]),
            ("segments", vec!["count", "cumulative"]),
        ];
        let mut hidden = 0;
        for (table, fields) in counts {
            for row in public[table].as_array().unwrap() {
                for field in &fields {
                    match row[field].as_u64() {
                        Some(shown) => assert!(shown == 0 || shown >= 10, "{table}: {row}"),
                        None => hidden += 1,
                    }
                }
            }
        }
        assert!(hidden > 10, "a city of twenty pupils has nothing but small numbers");
    });
}

//! Registers: by a file, by a service that answers, fails, hangs or talks rubbish; decisions of people stay.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use zhaosheng::domain::compulsory::evidence::{Comparison, Source};
use zhaosheng::domain::compulsory::fact::Fact;
use zhaosheng::domain::compulsory::register_question::{Answer, Question};
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::compulsory::needed_facts::needed_facts;
use zhaosheng::service::compulsory::compare_evidence::{Compared, compare_evidence};
use zhaosheng::service::compulsory::place_entry::place_entry;
use zhaosheng::service::compulsory::registers::http_register::HttpRegister;
use zhaosheng::service::compulsory::registers::load_registers::load_registers;
use zhaosheng::service::compulsory::registers::register::Register;

use crate::folders::{Draft, case, schools};

/// A valid number of identity of an invented child.
fn id_no(born: &str, serial: usize) -> String {
    let digits = format!("420684{}{serial:03}", born.replace('-', ""));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[sum as usize % 11]))
}

/// The worked county of Yicheng, its children with names and numbers, and of the evidence only what people decided;
/// beside it the rows of its registers as the worked evidence has them.
struct County {
    draft: Draft,
    /// Source, then `id_no,name,fact,address` of those who are in the register.
    extracts: Vec<(&'static str, String)>,
    names: Vec<String>,
    ids: Vec<String>,
}

fn county() -> County {
    let worked = Draft::of("yicheng");
    let addresses: Vec<Vec<&str>> =
        worked.files["addresses.csv"].lines().map(|row| row.split(',').collect()).collect();
    let text = |code: &str| addresses.iter().find(|row| row[0] == code).map_or("", |row| row[1]).to_owned();
    let mut children = String::new();
    let (mut names, mut ids, mut of) = (Vec::new(), Vec::new(), Vec::new());
    for (at, row) in worked.files["children.csv"].lines().enumerate() {
        if at == 0 {
            children += &format!("{row},name,id_no\n");
            continue;
        }
        let cells: Vec<&str> = row.split(',').collect();
        let (name, id) = (
            format!("儿童{}", "甲乙丙丁戊己庚辛壬癸子丑寅卯".chars().nth(at - 1).unwrap()),
            id_no(cells[2], at),
        );
        children += &format!("{row},{name},{id}\n");
        of.push((cells[0], name.clone(), id.clone(), [text(cells[3]), text(cells[4]), text(cells[5])]));
        names.push(name);
        ids.push(id);
    }
    let mut extracts: Vec<(&str, String)> = ["police", "housing", "social_security", "market"]
        .map(|source| (source, "id_no,name,fact,address\n".to_owned()))
        .to_vec();
    let mut decided = "child_no,fact,source,comparison,decision,reason\n".to_owned();
    for row in worked.files["evidence.csv"].lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let (_, name, id, [household, property, residence]) =
            of.iter().find(|child| child.0 == cells[0]).unwrap();
        if !cells[4].is_empty() {
            decided += &format!("{row}\n");
        }
        let Some(extract) = extracts.iter_mut().find(|extract| extract.0 == cells[2]) else { continue };
        let address = match cells[1] {
            "household" => household,
            "property" => property,
            "residence_permit" => residence,
            _ => "",
        };
        match cells[3] {
            "match" => extract.1 += &format!("{id},{name},{},{address}\n", cells[1]),
            "mismatch" => extract.1 += &format!("{id},某某,{},{address}\n", cells[1]),
            _ => {}
        }
    }
    let draft = worked.with("children.csv", children).with("evidence.csv", decided);
    County { draft, extracts, names, ids }
}

impl County {
    /// Folder of the entry, and `registers.toml` with every register as a file.
    fn write(&self, place: &Path) {
        self.draft.write(&place.join("entry"));
        let mut settings = "format = \"registers/1\"\n".to_owned();
        for (source, text) in &self.extracts {
            fs::write(place.join(format!("{source}.csv")), text).unwrap();
            let facts = match *source {
                "police" => "\"household\", \"residence_permit\"",
                "housing" => "\"property\"",
                "social_security" => "\"employment\"",
                _ => "\"business\"",
            };
            settings += &format!(
                "[[register]]\nsource = \"{source}\"\nfacts = [{facts}]\n\
                 [register.file]\npath = \"{source}.csv\"\nday = \"2021-07-20\"\n"
            );
        }
        fs::write(place.join("registers.toml"), settings).unwrap();
    }
}

/// Asks the registers of a folder and replaces its evidence.
fn compare(place: &Path) -> Compared {
    let registers = load_registers(&place.join("registers.toml")).unwrap();
    let out = place.join("entry/evidence.csv");
    compare_evidence(&place.join("entry"), &registers, &out, &Quiet).unwrap()
}

fn placed(place: &Path) -> BTreeMap<String, String> {
    let (entry, run) = place_entry(&place.join("entry"), &Quiet).unwrap();
    schools(&entry, &run)
}

/// The schools of Yicheng as worked by hand.
fn worked() -> BTreeMap<String, String> {
    let text = fs::read_to_string(case("yicheng").join("expected.csv")).unwrap();
    let row = |row: &str| {
        let mut cells = row.split(',').map(str::to_owned);
        (cells.next().unwrap(), cells.next().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn nothing_is_asked_that_a_place_does_not_hang_on() {
    let (entry, _) = place_entry(&case("yicheng"), &Quiet).unwrap();
    let needed = |number: &str| {
        let child = entry.children.iter().find(|child| child.number == number).unwrap();
        needed_facts(&entry.policy, child).into_iter().map(Fact::word).collect::<Vec<_>>().join(" ")
    };
    // A home of her own may be owned in several ways; of those only what a register answers is asked.
    let owned = "property public_rental replacement self_built limited_title";
    let preferred = "martyr military rescue talent";
    assert_eq!(needed("C01"), format!("household {owned} {preferred}"));
    assert_eq!(needed("C02"), format!("household {preferred}"));
    assert_eq!(needed("C05"), format!("tenancy residence_permit employment business {preferred}"));
    // Junior highs of this policy have no category of preferred children.
    assert_eq!(needed("J02"), "tenancy residence_permit employment business");
}

#[test]
fn registers_by_files_give_the_evidence_that_was_worked_by_hand() {
    let place = tempfile::tempdir().unwrap();
    county().write(place.path());
    let compared = compare(place.path());
    // Household of ten and residence permit of four; property of six, one of them decided; work and trade of four.
    let counts = [
        (Source::Police, [12, 0, 2, 0]),
        (Source::Housing, [5, 0, 0, 0]),
        (Source::SocialSecurity, [1, 0, 3, 0]),
        (Source::Market, [1, 0, 3, 0]),
    ];
    assert_eq!(compared.counts, counts);
    assert_eq!((compared.decided, compared.unasked, compared.earlier), (1, 0, 0));
    let evidence = fs::read_to_string(place.path().join("entry/evidence.csv")).unwrap();
    for row in [
        "child_no,fact,source,comparison,decision,reason,day\n",
        "\nC01,household,police,match,,,2021-07-20\n",
        "\nC03,martyr,papers,not_found,accepted,证明原件已核,\n",
        "\nC04,household,police,not_found,,,2021-07-20\n",
        "\nC08,property,housing,mismatch,accepted,不动产权证原件已核，登记系统姓名有误,\n",
    ] {
        assert!(evidence.contains(row), "{row} not in {evidence}");
    }
    // Nobody without a home elsewhere was asked for a permit, and no register about martyrs.
    assert!(!evidence.contains("C01,residence_permit") && !evidence.contains("C01,martyr"));
    assert_eq!(placed(place.path()), worked());
    // Asked again, nothing changes: not a byte.
    assert_eq!(compare(place.path()).counts, counts);
    assert_eq!(fs::read_to_string(place.path().join("entry/evidence.csv")).unwrap(), evidence);
}

#[test]
fn another_name_or_another_address_is_a_mismatch_and_blanks_are_none() {
    let mut county = county();
    let police = &mut county.extracts[0].1;
    let rows: Vec<String> = police
        .lines()
        .map(|row| match row.split(',').nth(1) {
            Some("儿童甲") => row.replace("学府华庭", "融豪国际"),
            Some("儿童乙") => row.replace("儿童乙", "儿童某"),
            Some("儿童庚") => row.replace("儿童庚", "儿 童庚").replace("学府华庭", " 学府 华庭"),
            Some("儿童辛") => row.replace("学府华庭", ""),
            _ => row.to_owned(),
        })
        .collect();
    *police = rows.join("\n");
    let place = tempfile::tempdir().unwrap();
    county.write(place.path());
    assert_eq!(compare(place.path()).counts[0], (Source::Police, [10, 2, 2, 0]));
    let evidence = fs::read_to_string(place.path().join("entry/evidence.csv")).unwrap();
    for row in
        ["C01,household,police,mismatch", "C02,household,police,mismatch", "C07,household,police,match"]
    {
        assert!(evidence.contains(row), "{row} not in {evidence}");
    }
}

#[test]
fn every_fault_of_the_settings_comes_at_once_and_none_shows_a_number() {
    let place = tempfile::tempdir().unwrap();
    let county = county();
    county.write(place.path());
    fs::write(
        place.path().join("registers.toml"),
        "format = \"registers/2\"\n[[register]]\nsource = \"papers\"\nfacts = []\n\
         [[register]]\nsource = \"police\"\nfacts = [\"household\"]\n[register.http]\n\
         url = \"http://police.example/\"\ntoken_file = \"none\"\nbatch = 0\ntries = 9\n",
    )
    .unwrap();
    let faults = load_registers(&place.path().join("registers.toml")).err().unwrap();
    assert_eq!(faults.len(), 7, "{faults:?}");
    fs::write(
        place.path().join("registers.toml"),
        "format = \"registers/1\"\n[[register]]\nsource = \"police\"\nfacts = [\"household\"]\n[register.file]\n\
         path = \"police.csv\"\nday = \"2021-07-20\"\n\
         [[register]]\nsource = \"housing\"\nfacts = [\"property\"]\n[register.http]\n\
         url = \"https://housing.example/\"\ntoken_file = \"housing.token\"\n",
    )
    .unwrap();
    let id = &county.ids[0];
    fs::write(place.path().join("police.csv"), format!("id_no,name,fact\n{id},甲,contest\n,甲,household\n"))
        .unwrap();
    fs::write(place.path().join("housing.token"), "a token\nof two lines").unwrap();
    let faults = load_registers(&place.path().join("registers.toml")).err().unwrap();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter().all(|fault| !fault.contains(id.as_str()) && !fault.contains("two lines")),
        "{told:?}"
    );
}

/// What a service of a test does with a request.
enum Reply {
    Json(Value),
    Text(&'static str),
    Status(&'static str),
    /// Takes the request and never answers.
    Hang,
}

/// A service that replies as it is told, and remembers what it was asked: head and body.
struct Service {
    url: String,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Service {
    fn start(reply: impl Fn(usize, &Value) -> Reply + Send + 'static) -> Service {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/compare", socket.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in socket.incoming() {
                let mut stream = stream.unwrap();
                let (head, body) = request(&mut stream);
                let number = seen.lock().unwrap().len();
                let answer = reply(number, &body);
                seen.lock().unwrap().push((head, body));
                let (status, text) = match answer {
                    Reply::Json(value) => ("200 OK", value.to_string()),
                    Reply::Text(text) => ("200 OK", text.to_owned()),
                    Reply::Status(status) => (status, String::new()),
                    Reply::Hang => {
                        open.push(stream);
                        continue;
                    }
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    text.len()
                );
                // A client that has gone away is its own affair.
                let _gone = stream.write_all((head + &text).as_bytes());
            }
        });
        Service { url, asked }
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn register(&self) -> HttpRegister {
        HttpRegister {
            source: Source::Police,
            url: self.url.clone(),
            token: "a-bearer-token".to_owned(),
            batch: 4,
            timeout: Duration::from_millis(1_500),
            tries: 3,
            wait: Duration::from_millis(5),
        }
    }
}

fn request(stream: &mut TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

/// The answer of a register that knows who is in it by number, and her name.
fn answers(body: &Value, known: impl Fn(&str) -> &'static str) -> Value {
    let each = |question: &Value| json!({ "no": question["no"], "comparison": known(question["id_no"].as_str().unwrap()) });
    let answers: Vec<Value> = body["questions"].as_array().unwrap().iter().map(each).collect();
    json!({ "format": "register_answers/1", "day": "2021-07-21", "answers": answers })
}

fn questions(count: usize) -> Vec<Question> {
    let question = |at: usize| Question {
        child: format!("C{at:03}"),
        fact: if at.is_multiple_of(2) { Fact::Household } else { Fact::Employment },
        name: format!("儿童{at}"),
        id_no: id_no("2015-03-04", at),
        address: if at.is_multiple_of(2) { "学府华庭".to_owned() } else { String::new() },
    };
    (0..count).map(question).collect()
}

/// What a register answered, without the days.
fn words(answers: &[Answer]) -> Vec<&'static str> {
    answers.iter().map(|answer| answer.comparison.word()).collect()
}

#[test]
fn a_service_is_asked_in_batches_for_no_more_than_a_fact_needs() {
    let asked = questions(10);
    let (first, second) = (asked[0].id_no.clone(), asked[1].id_no.clone());
    let service = Service::start(move |_, body| {
        Reply::Json(answers(body, |id| match id {
            id if id == first => "match",
            id if id == second => "mismatch",
            _ => "not_found",
        }))
    });
    let answered = service.register().compare(&asked);
    assert_eq!(words(&answered)[..3], ["match", "mismatch", "not_found"]);
    assert_eq!(answered.len(), 10);
    assert_eq!(answered[0].day.unwrap().to_string(), "2021-07-21");
    let requests = service.asked.lock().unwrap();
    assert_eq!(
        requests.iter().map(|one| one.1["questions"].as_array().unwrap().len()).collect::<Vec<_>>(),
        [4, 4, 2]
    );
    for (head, body) in requests.iter() {
        assert!(head.starts_with("POST /compare HTTP/1.1"), "{head}");
        assert!(head.to_ascii_lowercase().contains("authorization: bearer a-bearer-token"), "{head}");
        assert!(!head.contains("420684") && !body.to_string().contains("C00"), "{head} {body}");
    }
    let body = &requests[0].1;
    assert_eq!((&body["format"], &body["source"]), (&json!("register_questions/1"), &json!("police")));
    assert_eq!(
        body["questions"][0],
        json!({ "no": 1, "fact": "household", "name": "儿童0", "id_no": asked[0].id_no, "address": "学府华庭" })
    );
    assert_eq!(
        body["questions"][1],
        json!({ "no": 2, "fact": "employment", "name": "儿童1", "id_no": asked[1].id_no })
    );
}

#[test]
fn trouble_for_a_moment_is_waited_out_and_lasting_trouble_is_unavailable() {
    let service = Service::start(|number, body| match number {
        0 => Reply::Status("500 Internal Server Error"),
        1 => Reply::Status("429 Too Many Requests"),
        _ => Reply::Json(answers(body, |_| "match")),
    });
    assert_eq!(words(&service.register().compare(&questions(4))), ["match"; 4]);
    assert_eq!(service.requests(), 3);

    // Three batches of three tries; the fourth and fifth are not sent any more.
    let broken = Service::start(|_, _| Reply::Status("503 Service Unavailable"));
    assert_eq!(words(&broken.register().compare(&questions(20))), ["unavailable"; 20]);
    assert_eq!(broken.requests(), 9);

    let hanging = Service::start(|_, _| Reply::Hang);
    let patient = HttpRegister { timeout: Duration::from_millis(100), tries: 2, ..hanging.register() };
    assert_eq!(words(&patient.compare(&questions(4))), ["unavailable"; 4]);
    assert_eq!(hanging.requests(), 2);

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = HttpRegister { url: format!("http://{nobody}/"), ..hanging.register() };
    assert_eq!(words(&gone.compare(&questions(4))), ["unavailable"; 4]);
}

#[test]
fn refusals_and_rubbish_are_not_asked_again_and_spoil_only_what_they_concern() {
    for reply in
        ["401 Unauthorized", "404 Not Found", "302 Found\r\nLocation: http://127.0.0.1:9/", "204 No Content"]
    {
        let service = Service::start(move |_, _| Reply::Status(reply));
        assert_eq!(words(&service.register().compare(&questions(4))), ["unavailable"; 4], "{reply}");
        assert_eq!(service.requests(), 1, "{reply}");
    }
    for text in [
        "<html>maintenance</html>",
        "",
        "null",
        "{\"format\":\"register_answers/1\",\"day\":\"yesterday\",\"answers\":[]}",
        "{\"format\":\"register_answers/2\",\"day\":\"2021-07-21\",\"answers\":[{\"no\":1,\"comparison\":\"match\"}]}",
    ] {
        let service = Service::start(move |_, _| Reply::Text(text));
        assert_eq!(words(&service.register().compare(&questions(4))), ["unavailable"; 4], "{text}");
        assert_eq!(service.requests(), 1, "{text}");
    }
    // One answered twice, one with an unknown word, one not at all, one nobody asked.
    let service = Service::start(|_, _| {
        Reply::Json(json!({ "format": "register_answers/1", "day": "2021-07-21", "answers": [
            { "no": 1, "comparison": "match" }, { "no": 1, "comparison": "mismatch" },
            { "no": 2, "comparison": "yes" }, { "no": 4, "comparison": "match" }, { "no": 5, "comparison": "match" } ] }))
    });
    let answered = service.register().compare(&questions(4));
    assert_eq!(words(&answered), ["unavailable", "unavailable", "unavailable", "match"]);
    assert_eq!(answered[0], Answer::UNAVAILABLE);
    // A register that is back after a batch is asked on.
    let back = Service::start(|number, body| match number {
        0 => Reply::Text("rubbish"),
        _ => Reply::Json(answers(body, |_| "not_found")),
    });
    assert_eq!(words(&back.register().compare(&questions(8)))[3..5], ["unavailable", "not_found"]);
}

#[test]
fn where_a_register_is_down_people_decide_and_their_decisions_stay() {
    let place = tempfile::tempdir().unwrap();
    let county = county();
    county.write(place.path());
    // The police are down: a port where nobody listens.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = fs::read_to_string(place.path().join("registers.toml")).unwrap();
    let by_http = |url: &str| {
        let file = "[register.file]\npath = \"police.csv\"\nday = \"2021-07-20\"\n";
        assert!(settings.contains(file));
        let http = format!(
            "[register.http]\nurl = \"{url}\"\ntoken_file = \"police.token\"\ntries = 1\nwait_ms = 0\n"
        );
        fs::write(place.path().join("registers.toml"), settings.replacen(file, &http, 1)).unwrap();
    };
    fs::write(place.path().join("police.token"), "a-bearer-token\n").unwrap();
    by_http(&format!("http://{nobody}/"));
    let compared = compare(place.path());
    assert_eq!(compared.counts[0], (Source::Police, [0, 0, 0, 14]));
    // Nobody is shut out for good: the county is placed, but for those who need the police.
    assert_ne!(placed(place.path()), worked());

    // People look at papers: of everybody whom the worked example has in the register of the police.
    let worked_evidence = fs::read_to_string(case("yicheng").join("evidence.csv")).unwrap();
    let path = place.path().join("entry/evidence.csv");
    let decided: Vec<String> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|row| match row.strip_suffix("police,unavailable,,,") {
            Some(of) if worked_evidence.contains(&format!("{of}police,match")) => {
                format!("{of}police,unavailable,accepted,户口簿原件已核,")
            }
            Some(of) => format!("{of}police,unavailable,refused,未能出示原件,"),
            None => row.to_owned(),
        })
        .collect();
    fs::write(&path, decided.join("\n") + "\n").unwrap();
    assert_eq!(placed(place.path()), worked());

    // The police are back and know nobody: what people decided is not even asked.
    let service = Service::start(|_, body| Reply::Json(answers(body, |_| "not_found")));
    by_http(&service.url);
    let before = fs::read_to_string(&path).unwrap();
    let compared = compare(place.path());
    assert_eq!((compared.counts[0], compared.decided), ((Source::Police, [0; 4]), 15));
    assert_eq!(service.requests(), 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    assert_eq!(placed(place.path()), worked());
}

#[test]
fn a_register_that_went_down_takes_no_earlier_answer_away() {
    let place = tempfile::tempdir().unwrap();
    county().write(place.path());
    compare(place.path());
    let before = fs::read_to_string(place.path().join("entry/evidence.csv")).unwrap();
    let settings = fs::read_to_string(place.path().join("registers.toml")).unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let down = format!("[register.http]\nurl = \"http://{nobody}/\"\ntoken_file = \"token\"\ntries = 1\n");
    let settings = settings.replace("[register.file]\npath = \"police.csv\"\nday = \"2021-07-20\"\n", &down);
    fs::write(place.path().join("registers.toml"), settings).unwrap();
    fs::write(place.path().join("token"), "t").unwrap();
    let compared = compare(place.path());
    assert_eq!((compared.counts[0], compared.earlier), ((Source::Police, [0, 0, 0, 14]), 14));
    assert_eq!(fs::read_to_string(place.path().join("entry/evidence.csv")).unwrap(), before);
}

#[test]
fn the_command_counts_and_tells_no_name_number_or_token() {
    let place = tempfile::tempdir().unwrap();
    let mut county = county();
    // One child without a number of identity.
    county.draft = county.draft.clone().change("children.csv", &format!(",{}", county.ids[0]), ",");
    county.write(place.path());
    let settings = fs::read_to_string(place.path().join("registers.toml")).unwrap();
    let service = Service::start(|_, _| Reply::Text("rubbish"));
    let http = format!("[register.http]\nurl = \"{}\"\ntoken_file = \"token\"\n", service.url);
    let settings = settings.replace("[register.file]\npath = \"market.csv\"\nday = \"2021-07-20\"\n", &http);
    fs::write(place.path().join("registers.toml"), settings).unwrap();
    fs::write(place.path().join("token"), "a-bearer-token").unwrap();
    let run = |flags: &[&str]| {
        let answer = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
            .current_dir(place.path())
            .args(["evidence", "entry", "--registers", "registers.toml", "--out", "out.csv"])
            .args(flags)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        let told =
            format!("{}{}", String::from_utf8_lossy(&answer.stdout), String::from_utf8_lossy(&answer.stderr));
        assert!(answer.status.success(), "{told}");
        for secret in county.names.iter().chain(&county.ids) {
            assert!(!told.contains(secret.as_str()), "{told}");
        }
        assert!(!told.contains("a-bearer-token"), "{told}");
        String::from_utf8(answer.stdout).unwrap()
    };
    let told = run(&[]);
    for line in [
        "police: match 11, mismatch 0, not_found 2, unavailable 0\n",
        "market: match 0, mismatch 0, not_found 0, unavailable 4\n",
        "decided by people, not asked: 1\n",
        "without name or number of identity, not asked: 2\n",
    ] {
        assert!(told.contains(line), "{line} not in {told}");
    }
    let evidence = fs::read_to_string(place.path().join("out.csv")).unwrap();
    assert!(county.names.iter().chain(&county.ids).all(|secret| !evidence.contains(secret.as_str())));
    let json: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    assert_eq!(json["registers"]["market"]["unavailable"], 4);
    assert_eq!(Comparison::ALL.len(), json["registers"]["police"].as_object().unwrap().len());
}

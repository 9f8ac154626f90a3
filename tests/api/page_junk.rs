//! Every page as every role, with junk in its address, its form and its file; and pages of pupils who are somebody
//! else's.
//!
//! `PAGE_JUNK=100 cargo test --test api page_junk` sends a hundred times as much.

use std::collections::BTreeSet;

use zhaosheng::domain::role::Role;
use zhaosheng::web::caller::SESSION_COOKIE;
use zhaosheng::web::pages::routes::PAGES;

use crate::entries;
use crate::harness::{Answer, Chance, Person, SEASON, Site, case, on_each_database};

/// What no page may hand back as it came.
const SCRIPT: &str = "<script>alert(7)</script>";

const BOUNDARY: &str = "junk-7d1f";

const JUNK: [&str; 24] = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "4294967296",
    "9223372036854775808",
    "1e400",
    "999999999999999999999999999999",
    "2026-02-30",
    "9999-12-31T23:59:60+99:99",
    "\u{0}",
    "\u{202e}\u{feff}𬱖",
    "\r\nSet-Cookie: a=b",
    "../../../../etc/passwd",
    "' OR 1=1 --",
    "%00%ff%",
    "=1+1",
    "{{7*7}}",
    "up:999999999999",
    "act:-1",
    "[[[[[[[[[[",
    "P01",
    "260101",
];

/// Sends a request as a browser does, without following where the answer leads.
struct Browser<'s> {
    site: &'s Site,
    client: ureq::Agent,
    cookie: String,
    csrf: String,
}

impl<'s> Browser<'s> {
    fn new(site: &'s Site, who: Option<(Role, Person<'_>)>) -> Browser<'s> {
        let caller = who.map(|(role, person)| site.caller(role, person));
        let keyring = site.app.keyring();
        let cookie = caller.as_ref().map_or(String::new(), |caller| {
            let access = zhaosheng::service::secrets::access_token::Access {
                account: caller.account.clone(),
                session: caller.session.clone(),
            };
            format!("{SESSION_COOKIE}={}", keyring.cookie(&access))
        });
        let csrf = caller.map_or(String::new(), |caller| keyring.csrf_token(&caller.session));
        let client = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        Browser { site, client, cookie, csrf }
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.site.base));
        if !self.cookie.is_empty() {
            request = request.header("Cookie", &self.cookie);
        }
        let answer = match method {
            "GET" => self.client.run(request.body(()).unwrap()),
            _ => self.client.run(request.header("Content-Type", kind).body(body).unwrap()),
        };
        let mut answer = answer.expect("the server answers");
        let bytes = answer.body_mut().with_config().limit(1 << 26).read_to_vec().unwrap();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Holds an answer to what every page promises.
    fn held(&self, answer: &Answer, told: &str) {
        let told = || format!("{told} on {}: {} {}", self.site.kind, answer.status, answer.text);
        assert!(answer.status < 500, "{}", told());
        assert!(!answer.text.contains(SCRIPT), "a script came back: {}", told());
        assert!(answer.headers.get("set-cookie").is_none_or(|cookie| cookie != "a=b"), "{}", told());
        for inner in ["panicked", "src/", "SELECT ", "diesel"] {
            assert!(!answer.text.contains(inner), "tells of its inside: {}", told());
        }
    }
}

/// Somebody of a role, at home with the first pupil.
fn at_home(role: Role, exam_no: &str) -> (Role, Person<'_>) {
    let person = match role {
        Role::Candidate => Person { exam_no: Some(exam_no), ..Person::default() },
        Role::JuniorHigh => Person { school: Some("J01"), ..Person::default() },
        Role::SeniorHigh => Person { school: Some("S01"), ..Person::default() },
        Role::CountyBureau => Person { area: Some("A01"), ..Person::default() },
        _ => Person::default(),
    };
    (role, person)
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// An address: what is known, or junk in one of its parts, and sometimes a question behind it.
fn address(chance: &mut Chance, path: &str, exam_no: &str, junk: bool) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        let part = match part {
            part if part.starts_with('{') && junk && chance.below(3) == 0 => {
                encoded(JUNK[chance.below(JUNK.len())])
            }
            "{season}" => SEASON.to_owned(),
            "{exam_no}" => exam_no.to_owned(),
            "{batch}" => "1".to_owned(),
            "{desk}" => "register".to_owned(),
            "{subject}" => "county".to_owned(),
            part if part.starts_with('{') => "00000000-0000-7000-8000-000000000000".to_owned(),
            part => part.to_owned(),
        };
        filled = filled + "/" + &part;
    }
    if junk && chance.below(3) == 0 {
        let name =
            ["q", "cursor", "limit", "page", "lang", "batch", "school", "version", "from"][chance.below(9)];
        filled += &format!("?{name}={}", encoded(JUNK[chance.below(JUNK.len())]));
    }
    filled
}

/// What the attributes of a page's fields are called and hold.
fn fields(page: &str) -> BTreeSet<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[from..].split('"').next().unwrap_or_default().to_owned())
    };
    let tags = page.split('<').map(|tag| tag.split('>').next().unwrap_or_default());
    let named =
        tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())));
    named.filter(|(name, _)| name != "csrf" && name != "viewport").collect()
}

fn value(chance: &mut Chance, kept: &str) -> String {
    match chance.below(8) {
        0..3 => kept.to_owned(),
        3 => SCRIPT.to_owned(),
        4 => format!("{kept}{SCRIPT}"),
        5 => "长".repeat([1, 300, 20_000][chance.below(3)]),
        _ => JUNK[chance.below(JUNK.len())].to_owned(),
    }
}

/// The body of a form with junk in it, with or without the token of the page.
fn body(chance: &mut Chance, csrf: &str, known: &BTreeSet<(String, String)>, several: bool) -> Vec<u8> {
    let mut filled: Vec<(String, String)> = Vec::new();
    if !csrf.is_empty() {
        filled.push(("csrf".to_owned(), csrf.to_owned()));
    }
    for (name, kept) in known {
        for _ in 0..[1, 1, 1, 1, 0, 2][chance.below(6)] {
            filled.push((name.clone(), value(chance, kept)));
        }
    }
    let others = ["act", "reason", "version", "answer", "choice", "file_name", "until", "exam_no", "parts"];
    let other = others[chance.below(others.len())];
    filled.push((other.to_owned(), value(chance, "")));
    if !several {
        let pairs = filled.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        return pairs.collect::<Vec<_>>().join("&").into_bytes();
    }
    let mut bytes = Vec::new();
    for (name, value) in filled {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        bytes.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
    }
    let file: &[u8] = [
        b"".as_slice(),
        b"exam_no,name\n1,\xff\n",
        b"PK\x03\x04",
        b"\x03\x7e\x06\x01",
        b"{\"type\":\"FeatureCollection\",\"features\":[{}]}",
        b"child_no,stage\n\0,primary\n",
    ][chance.below(6)];
    let file_name = ["a.csv", "b.xlsx", "../c.dbf", "<script>alert(7)</script>.csv", ""][chance.below(5)];
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n"
    );
    bytes.extend([head.as_bytes(), file, b"\r\n"].concat());
    match chance.below(8) {
        0 => bytes.truncate(chance.below(bytes.len())),
        _ => bytes.extend(format!("--{BOUNDARY}--\r\n").as_bytes()),
    }
    bytes
}

/// Every page as every role and as nobody, `times` over.
fn junk(site: &Site, exam_no: &str, times: usize) {
    let mut chance = Chance(41);
    let (mut sent, mut taken, mut refused) = (0, 0, 0);
    for _ in 0..times {
        for role in Role::ALL.into_iter().map(Some).chain([None]) {
            let browser = || Browser::new(site, role.map(|role| at_home(role, exam_no)));
            let mut own = browser();
            for (method, path) in PAGES {
                let at = address(&mut chance, path, exam_no, true);
                let told = format!("{method} {at} as {role:?}");
                let shown = own.send("GET", &address(&mut chance, path, exam_no, false), "", b"");
                own.held(&shown, &told);
                if *method == "get" {
                    own.held(&own.send("GET", &at, "", b""), &told);
                    sent += 2;
                    continue;
                }
                let several = shown.text.contains("multipart/form-data") || chance.below(8) == 0;
                let kind = match several {
                    true => format!("multipart/form-data; boundary={BOUNDARY}"),
                    false => "application/x-www-form-urlencoded".to_owned(),
                };
                let known = fields(&shown.text);
                // Without the token of her own page, whoever made her browser send it, nothing is done.
                if role.is_some()
                    && *path != "/draw"
                    && !path.starts_with("/log-")
                    && !path.starts_with("/demo")
                {
                    let crossed = own.send("POST", &at, &kind, &body(&mut chance, "", &known, several));
                    assert!([400, 403, 404, 413].contains(&crossed.status), "{told}: {}", crossed.status);
                    sent += 1;
                }
                let filled = body(&mut chance, &own.csrf, &known, several);
                let answer = own.send("POST", &at, &kind, &filled);
                own.held(&answer, &format!("{told}\n{}", String::from_utf8_lossy(&filled)));
                sent += 2;
                match answer.status {
                    0..400 => taken += 1,
                    _ => refused += 1,
                }
                // Junk may have been an order to log out.
                if answer.headers.contains_key("set-cookie") {
                    own = browser();
                }
            }
        }
    }
    println!("{}: {sent} requests to pages, {taken} forms taken, {refused} refused", site.kind);
    assert!(taken.min(refused) > 0);
    site.is_on_record();
}

fn times() -> usize {
    std::env::var("PAGE_JUNK").map_or(1, |times| times.parse().unwrap())
}

#[test]
fn junk_in_pages_of_a_season_is_refused_and_never_breaks_them() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        junk(site, "260101", times());
    });
}

#[test]
fn junk_in_pages_of_an_entry_is_refused_and_never_breaks_them() {
    on_each_database(|site| {
        let (centre, _) = entries::entry(site, "yicheng");
        entries::open(site, &centre);
        junk(site, "C01", times());
    });
}

/// The names of all pupils of the roster but those of one junior high and of one area.
fn names(of: impl Fn(&csv::StringRecord) -> bool) -> Vec<String> {
    let mut roster = csv::Reader::from_path(case("candidates.csv")).unwrap();
    roster.records().map(Result::unwrap).filter(of).map(|row| row[1].to_owned()).collect()
}

#[test]
fn no_page_shows_a_pupil_to_whom_she_does_not_concern() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let other_school = names(|row| &row[4] != "J01");
        let other_area = names(|row| &row[5] != "A01");
        let everybody = names(|row| &row[0] != "260101");
        let mut looked = 0;
        for (role, hidden) in [
            (Some(Role::Candidate), &everybody),
            (Some(Role::JuniorHigh), &other_school),
            (Some(Role::CountyBureau), &other_area),
            (Some(Role::SeniorHigh), &everybody),
            (Some(Role::SystemToken), &everybody),
            (None, &everybody),
        ] {
            let own = Browser::new(site, role.map(|role| at_home(role, "260101")));
            for (_, path) in PAGES {
                let mut absent = None;
                for exam_no in ["999999", "260102", "260108", "260220"] {
                    let at = address(&mut Chance(1), path, exam_no, false);
                    let answer = own.send("GET", &at, "", b"");
                    own.held(&answer, &at);
                    let shown = hidden.iter().find(|name| answer.text.contains(name.as_str()));
                    assert_eq!(shown, None, "{at} as {role:?} shows somebody");
                    looked += 1;
                    if !path.contains("{exam_no}") {
                        break;
                    }
                    // 260102 concerns her own school, 260108 her area.
                    let far = match role {
                        Some(Role::JuniorHigh) => exam_no != "260102",
                        Some(Role::CountyBureau) => exam_no == "260220" || exam_no == "999999",
                        _ => true,
                    };
                    if far {
                        let same = *absent.get_or_insert(answer.status);
                        assert_eq!(answer.status, same, "{at} as {role:?}: is told from an absent one");
                    }
                }
            }
        }
        println!("{}: {looked} pages looked at", site.kind);
    });
}

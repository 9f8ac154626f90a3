//! The house holds: arrows go down, no circles, folder files are tables of contents, pure floors stay pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Floors, lowest first, and what each may import besides itself.
const FLOORS: [(&str, &[&str]); 9] = [
    ("faults", &[]),
    ("domain", &["faults"]),
    ("words", &["domain"]),
    ("engine", &["domain"]),
    ("files", &["domain", "words"]),
    ("storage", &["domain", "faults"]),
    ("service", &["domain", "words", "engine", "files", "storage", "faults"]),
    ("web", &["domain", "words", "service", "faults"]),
    ("cli", &["domain", "engine", "files", "service", "web", "faults"]),
];

/// Floors without files, clocks, threads of chance or unordered maps.
const PURE: [&str; 2] = ["domain", "engine"];

/// What a pure floor never says (the maps also as the end of a longer name: `FxHashMap`).
const IMPURE: [&str; 13] = [
    "tokio",
    "diesel",
    "async",
    "std::time",
    "std::fs",
    "std::env",
    "std::net",
    "HashMap",
    "HashSet",
    "thread_rng",
    "rand::rng",
    "SystemTime",
    "Instant",
];

/// The one binary float of the pure floors: TOML reads a bare decimal as a float, and the visitor turns it
/// back at once into the shortest decimal writing, which is what stood in the file.
const FLOAT_EXCEPTION: (&str, &str) =
    ("domain/points.rs", "fn visit_f64<E: serde::de::Error>(self, number: f64)");

/// Names that say nothing about what is in the room.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];

/// Every file of the house: its path below `src/`, its text.
type House = BTreeMap<String, String>;

fn house() -> House {
    fn enter(folder: &Path, prefix: &str, house: &mut House) {
        for entry in fs::read_dir(folder).expect("src/ can be listed") {
            let entry = entry.expect("src/ can be listed");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                enter(&entry.path(), &format!("{name}/"), house);
            } else if name.ends_with(".rs") {
                house.insert(name, fs::read_to_string(entry.path()).expect("a source file is UTF-8"));
            }
        }
    }
    let mut house = House::new();
    enter(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut house);
    assert!(house.contains_key("lib.rs") && house.contains_key("domain/points.rs"), "src/ was found");
    house
}

fn plan(files: &[(&str, &str)]) -> House {
    files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect()
}

fn in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The text with comments, strings and characters blanked out; line breaks stay.
fn code(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| text.get(at + i) == Some(&c));
    let find =
        |from: usize, what: &str| (from..text.len()).find(|&at| starts(at, what)).unwrap_or(text.len());
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let hashes = text[at + 1..].iter().take_while(|&&c| c == '#').count();
        let end = if starts(at, "//") {
            find(at, "\n")
        } else if starts(at, "/*") {
            let (mut depth, mut end) = (1, at + 2);
            while depth > 0 && end < text.len() {
                let step = i32::from(starts(end, "/*")) - i32::from(starts(end, "*/"));
                depth += step;
                end += if step == 0 { 1 } else { 2 };
            }
            end
        } else if text[at] == 'r' && text.get(at + 1 + hashes) == Some(&'"') {
            find(at + 2 + hashes, &format!("\"{}", "#".repeat(hashes))) + 1 + hashes
        } else if text[at] == '"' {
            let mut end = at + 1;
            while end < text.len() && text[end] != '"' {
                end += if text[end] == '\\' { 2 } else { 1 };
            }
            end + 1
        } else if starts(at, "'\\") {
            find(at + 3, "'") + 1
        } else if text[at] == '\'' && text.get(at + 2) == Some(&'\'') {
            at + 3
        } else {
            out.push(text[at]);
            at += 1;
            continue;
        };
        let end = end.min(text.len());
        out.extend(text[at..end].iter().map(|&c| if c == '\n' { c } else { ' ' }));
        at = end;
    }
    out
}

/// All paths that begin with `root::` in some code, groups `{…}` taken apart, without the root.
fn paths(code: &str, root: &str) -> Vec<Vec<String>> {
    /// Reads one path or group from `rest` and returns what follows it.
    fn read<'c>(mut rest: &'c str, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> &'c str {
        loop {
            rest = rest.trim_start();
            if let Some(mut group) = rest.strip_prefix('{') {
                loop {
                    group = group.trim_start();
                    if let Some(after) = group.strip_prefix('}') {
                        return after;
                    }
                    let next = read(group, path.clone(), found).trim_start();
                    assert!(next.len() < group.len(), "an import group that cannot be read: {group}");
                    group = next.strip_prefix(',').unwrap_or(next);
                }
            }
            let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            if length > 0 && &rest[..length] != "self" {
                path.push(rest[..length].to_owned());
            }
            rest = rest[length..].trim_start();
            match rest.strip_prefix("::") {
                Some(next) if !next.trim_start().starts_with('<') => rest = next,
                _ => break,
            }
        }
        let rest = rest.strip_prefix('*').unwrap_or(rest);
        let rest = rest.strip_prefix("as ").map_or(rest, |name| name.trim_start_matches(in_word));
        if !path.is_empty() {
            found.push(path);
        }
        rest
    }
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let rest = code[at + root.len()..].trim_start();
        if !code[..at].ends_with(in_word) && rest.starts_with("::") {
            read(&rest[2..], Vec::new(), &mut found);
        }
    }
    found
}

fn floor(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn is_folder_file(path: &str) -> bool {
    path == "lib.rs" || path == "mod.rs" || path.ends_with("/mod.rs")
}

/// Whether some code says a name or a path; unordered maps count under any longer name.
fn says(code: &str, word: &str) -> bool {
    let map = word.starts_with("Hash");
    let spoken = code.match_indices(word).any(|(at, _)| {
        (map || !code[..at].ends_with(in_word)) && !code[at + word.len()..].starts_with(in_word)
    });
    spoken || word.split_once("::").is_some_and(|(root, name)| paths(code, root).iter().any(|p| p[0] == name))
}

fn upward_arrows(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house.iter().filter(|(path, _)| path.as_str() != "lib.rs") {
        let text = code(text);
        if path == "main.rs" {
            let past = paths(&text, "zhaosheng").into_iter().filter(|to| to[0] != "cli");
            faults.extend(past.map(|to| format!("main.rs imports {}: it only opens the cli", to.join("::"))));
            continue;
        }
        let Some((name, below)) = FLOORS.iter().find(|(name, _)| *name == floor(path)) else {
            faults.push(format!("{path} stands on no floor"));
            continue;
        };
        for to in paths(&text, "crate") {
            if to[0] != *name && !below.contains(&to[0].as_str()) {
                faults.push(format!("{path} imports {}: {name} may not", to.join("::")));
            }
        }
    }
    faults
}

/// The file that owns what a path names: the longest beginning of it that is a file.
fn owner(house: &House, path: &[String]) -> Option<String> {
    let files = (1..=path.len()).rev().map(|length| format!("{}.rs", path[..length].join("/")));
    files.into_iter().find(|file| house.contains_key(file))
}

/// Imports of a whole folder or of everything in it: they hide which room the arrow goes to.
fn blind_arrows(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house {
        let arrows = paths(&code(text), "crate").into_iter().filter(|to| owner(house, to).is_none());
        faults
            .extend(arrows.map(|to| format!("{path} imports {}: name the file that owns it", to.join("::"))));
    }
    faults
}

fn circles(house: &House) -> Vec<String> {
    let mut arrows: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in house {
        let to = paths(&code(text), "crate").into_iter().filter_map(|to| owner(house, &to));
        arrows.insert(path, to.filter(|to| to != path).collect());
    }
    // A file nothing is left to wait for goes; what stays at the end waits for itself.
    loop {
        let left: BTreeSet<String> = arrows.keys().map(|&path| path.to_owned()).collect();
        arrows.retain(|_, to| !to.is_disjoint(&left));
        if arrows.len() == left.len() {
            return arrows
                .iter()
                .map(|(path, to)| format!("{path} stands in or before a circle: {to:?}"))
                .collect();
        }
    }
}

fn folder_files_with_code(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house.iter().filter(|(path, _)| is_folder_file(path)) {
        let mut last = "";
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("//!")) {
            match line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
                Some(name) if name.chars().all(in_word) && last < name => last = name,
                Some(name) => faults.push(format!("{path}: `{name}` is out of order")),
                None => faults.push(format!("{path} holds more than a table of contents: `{line}`")),
            }
        }
    }
    for (path, text) in house.iter().filter(|(path, _)| !is_folder_file(path)) {
        let text = code(text);
        let rooms =
            text.split("mod ").skip(1).filter(|rest| rest.trim_start_matches(in_word).starts_with(';'));
        faults.extend(rooms.map(|_| format!("{path} opens a room of its own: only folder files do")));
    }
    faults
}

fn files_without_a_sentence(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house {
        let opening = text.lines().map_while(|line| line.strip_prefix("//! ")).collect::<Vec<_>>().join(" ");
        let ends =
            opening.match_indices(". ").filter(|&(at, _)| opening[at + 2..].starts_with(char::is_uppercase));
        if !opening.ends_with('.') || ends.count() > 0 {
            faults.push(format!("{path} does not open with one `//!` sentence: `{opening}`"));
        }
    }
    faults
}

fn impurities(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house.iter().filter(|(path, _)| PURE.contains(&floor(path))) {
        let text = code(text);
        let said = IMPURE.iter().filter(|word| says(&text, word));
        faults.extend(said.map(|word| format!("{path} says {word}")));
    }
    faults
}

fn binary_floats(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house.iter().filter(|(path, _)| PURE.contains(&floor(path))) {
        for (number, line) in code(text).lines().enumerate() {
            let literal = line.match_indices('.').any(|(at, _)| {
                let whole = line[..at].trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
                let digits = whole.len() < at && !whole.ends_with(|c| in_word(c) || c == '.');
                digits && line[at + 1..].starts_with(|c: char| c.is_ascii_digit())
            });
            let excepted = path == FLOAT_EXCEPTION.0 && line.contains(FLOAT_EXCEPTION.1);
            if (literal || says(line, "f64") || says(line, "f32")) && !excepted {
                faults.push(format!("{path}:{} has a binary float: `{}`", number + 1, line.trim()));
            }
        }
    }
    faults
}

fn hidden_arrows(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house {
        let text = code(text);
        for (at, _) in text.match_indices("super::") {
            let in_tests = text[..at].rsplit("mod ").next().is_some_and(|room| room.starts_with("tests {"));
            if !(in_tests && text[..at].ends_with("use ") && text[at..].starts_with("super::*;")) {
                faults.push(format!("{path} says super:: outside `use super::*` of its tests"));
            }
        }
    }
    faults
}

fn empty_names(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in house {
        let text = code(text);
        let modules = text.split("mod ").skip(1).filter_map(|rest| rest.split(|c| !in_word(c)).next());
        let names = path.trim_end_matches(".rs").split('/').chain(modules);
        let empty =
            names.filter(|name| name.rsplit('_').next().is_some_and(|last| EMPTY_NAMES.contains(&last)));
        faults.extend(empty.map(|name| format!("{path}: the name `{name}` says nothing")));
    }
    faults
}

fn unsafe_code(house: &House) -> Vec<String> {
    let said = house.iter().filter(|(_, text)| says(&code(text), "unsafe"));
    said.map(|(path, _)| format!("{path} says unsafe")).collect()
}

/// `println!` and its like panic where nobody reads: `cli::standard_streams` prints.
fn panicking_prints(house: &House) -> Vec<String> {
    let prints = |text: &str| text.contains("print!(") || text.contains("println!(");
    let said = house.iter().filter(|(_, text)| prints(&code(text)));
    said.map(|(path, _)| format!("{path} prints past cli/standard_streams.rs")).collect()
}

/// Holds a rule over the real house and shows that it refuses each planted sample, so that it can fail.
#[track_caller]
fn hold(rule: fn(&House) -> Vec<String>, planted: &[&[(&str, &str)]]) {
    let faults = rule(&house());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for sample in planted {
        assert!(!rule(&plan(sample)).is_empty(), "the rule does not see {sample:?}");
    }
}

#[test]
fn arrows_go_down() {
    hold(
        upward_arrows,
        &[
            &[("engine/choice.rs", "use crate::files::sheet::Sheet;")],
            &[(
                "files/sheet.rs",
                "use crate::{\n    domain::fault::Fault,\n    engine::choice::{self, Choice},\n};",
            )],
            &[("domain/score.rs", "fn f() -> crate :: service::admit::Run {}")],
            &[("service/admit.rs", "#[cfg(test)]\nmod tests {\n    use crate::cli::command::run;\n}")],
            &[("web/server.rs", "use crate::{domain::points::*, storage::seasons as rows};")],
            &[("main.rs", "fn main() { zhaosheng::{engine::choice::run}() }")],
            &[("attic/trunk.rs", "")],
        ],
    );
    let allowed = [(
        "cli/match.rs",
        "//! crate::cli says: \"crate::storage\"\nuse crate::{domain::{fault::Fault as F}, web::x::Y};",
    )];
    assert_eq!(upward_arrows(&plan(&allowed)), Vec::<String>::new());
}

#[test]
fn arrows_name_the_file_they_go_to() {
    let file = ("domain/score.rs", "");
    hold(
        blind_arrows,
        &[
            &[file, ("engine/choice.rs", "use crate::domain;")],
            &[file, ("engine/choice.rs", "use crate::domain::*;")],
            &[file, ("engine/choice.rs", "use crate::{domain::{self}};")],
        ],
    );
}

#[test]
fn no_file_waits_for_itself() {
    hold(
        circles,
        &[
            &[
                ("domain/form.rs", "use crate::domain::season::{Phase, Season};"),
                ("domain/season.rs", "use crate::domain::{form, score::Score};"),
                ("domain/score.rs", ""),
            ],
            &[
                ("engine/choice.rs", "use crate::engine::ranking::Rank;"),
                ("engine/ranking.rs", "use crate::engine::draw::draw;"),
                ("engine/draw.rs", "fn f() { crate::engine::choice::choose() }"),
            ],
        ],
    );
    let straight = [("a/x.rs", "use crate::a::x::X; use crate::a::y::Y;"), ("a/y.rs", "")];
    assert_eq!(circles(&plan(&straight)), Vec::<String>::new());
}

#[test]
fn folder_files_are_tables_of_contents() {
    hold(
        folder_files_with_code,
        &[
            &[("engine/mod.rs", "//! Pure.\n\npub mod draw;\npub mod choice;")],
            &[("engine/mod.rs", "//! Pure.\n\npub use choice::Choice;")],
            &[("engine/mod.rs", "//! Pure.\n\nmod choice;")],
            &[("lib.rs", "//! House.\n\npub mod cli;\n// a remark")],
            &[("engine.rs", "//! Pure.\n\npub mod choice;")],
        ],
    );
}

#[test]
fn every_file_opens_with_one_sentence() {
    hold(
        files_without_a_sentence,
        &[
            &[("engine/choice.rs", "use std::fmt;")],
            &[("engine/choice.rs", "//! The choice of a programme\n\nuse std::fmt;")],
            &[("engine/choice.rs", "//! The choice of a programme. It is\n//! substitutable.")],
            &[("engine/choice.rs", "\n//! The choice of a programme.")],
        ],
    );
}

#[test]
fn pure_floors_stay_pure() {
    hold(
        impurities,
        &[
            &[("engine/draw.rs", "let mut dice = rand::rng();")],
            &[("engine/draw.rs", "use std::{fmt, fs};")],
            &[("engine/draw.rs", "use std::time::Duration;")],
            &[("engine/draw.rs", "use rustc_hash::FxHashMap;")],
            &[("engine/draw.rs", "async fn f() {}")],
            &[("domain/season.rs", "fn f(seen: &HashSet<u32>) {}")],
            &[("domain/season.rs", "let begin = Instant::now();")],
        ],
    );
    let innocent = [(
        "engine/draw.rs",
        "// no HashMap\nuse rand::rngs::Never; const S: &str = r#\"std::fs \" tokio\"#;",
    )];
    assert_eq!(impurities(&plan(&innocent)), Vec::<String>::new());
}

#[test]
fn nothing_is_decided_by_a_binary_float() {
    let visitor = &house()[FLOAT_EXCEPTION.0];
    assert!(code(visitor).contains(FLOAT_EXCEPTION.1), "the exception is used");
    hold(
        binary_floats,
        &[
            &[("engine/apportionment.rs", "let share = seats as f64 * part;")],
            &[("engine/apportionment.rs", "let share = part * 0.6;")],
            &[("domain/points.rs", "fn half(number: f32) {}")],
            &[("domain/score.rs", "fn visit_f64<E: serde::de::Error>(self, number: f64) {}")],
        ],
    );
    let whole = [("engine/choice.rs", "let v = pair.0.1 + (0..5).len() + 1.max(2) + visit_f64; // 0.6 f64")];
    assert_eq!(binary_floats(&plan(&whole)), Vec::<String>::new());
}

#[test]
fn no_arrow_hides_behind_super() {
    hold(
        hidden_arrows,
        &[
            &[("engine/choice.rs", "use super::ranking::Rank;")],
            &[("engine/choice.rs", "mod inner {\n    use super::*;\n}")],
            &[("engine/choice.rs", "mod tests {\n    use super::ranking::Rank;\n}")],
        ],
    );
    let tests =
        [("engine/choice.rs", "#[cfg(test)]\nmod tests {\n    use std::fmt;\n\n    use super::*;\n}")];
    assert_eq!(hidden_arrows(&plan(&tests)), Vec::<String>::new());
}

#[test]
fn names_say_what_is_in_the_room() {
    hold(
        empty_names,
        &[
            &[("engine/utils.rs", "")],
            &[("service/helper/count.rs", "")],
            &[("engine/draw.rs", "mod test_helpers {}")],
            &[("storage/pool_manager.rs", "")],
        ],
    );
}

#[test]
fn unsafe_is_nowhere() {
    hold(unsafe_code, &[&[("files/sheet.rs", "fn f() { unsafe { g() } }")]]);
    assert_eq!(
        unsafe_code(&plan(&[("lib.rs", "//! unsafe_code is forbidden, so is unsafe.")])),
        Vec::<String>::new()
    );
}

#[test]
fn nothing_panics_for_want_of_a_reader() {
    hold(panicking_prints, &[&[("cli/import.rs", "fn f() { println!(\"told\"); }")]]);
}

#[test]
fn import_groups_are_taken_apart() {
    let text = "use crate::{\n    a::{self, b::{C, D as E,},},\n    f::*,\n    g,\n};\ncrate::h::i::<u8>(); my_crate::j";
    let found: Vec<String> = paths(text, "crate").iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a", "a::b::C", "a::b::D", "f", "g", "h::i"]);
}

#[test]
fn comments_strings_and_characters_are_no_code() {
    let text = r##"a /* b /* c */ d */ e "f \" g" r#"h " i"# '"' j '\'' 'k: 'l' // m"##;
    let left: Vec<String> = code(text).split_whitespace().map(str::to_owned).collect();
    assert_eq!(left, ["a", "e", "j", "'k:"]);
    assert_eq!(code("a\n/* b\n */\"c\nd").lines().count(), 4, "line numbers stay");
}

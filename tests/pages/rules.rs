//! Rules: everything that can be wrong with a file or a field is told in Chinese too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use zhaosheng::domain::fault::Fault;
use zhaosheng::domain::language::Language;
use zhaosheng::words::rules::in_chinese;
use zhaosheng::words::texts::Words;

/// Calls that take a rule.
const CALLS: [&str; 14] = [
    "Fault::at",
    "Fault::cell",
    "FieldFault::new",
    "QuotaBreach::Rule",
    "ServiceError::Malformed",
    "ServiceError::conflict",
    "ServiceError::invalid",
    "at_byte",
    "damaged",
    "fault",
    "invalid",
    "refuse",
    "say",
    "saying",
];

/// Calls that take a word which stands at a place of a rule.
const NOUNS: [&str; 2] = ["keeps", "known"];

/// Files that tell rules also otherwise, and how: in a call, as the value of a block (`{`) or a statement (`;`).
const ALSO: [(&str, &[&str]); 24] = [
    ("domain/compulsory/register_no.rs", &["{"]),
    ("domain/form.rs", &["Err", "ok_or"]),
    ("domain/paper_code.rs", &["Err", "map_err"]),
    ("domain/person_name.rs", &["Some"]),
    ("domain/points.rs", &["{"]),
    ("domain/policy.rs", &[";"]),
    ("domain/quota.rs", &["write!"]),
    ("domain/ticket.rs", &["{"]),
    ("engine/compulsory/class_groups.rs", &["{"]),
    ("engine/compulsory/prohibitions.rs", &["checked", "map", "push", "unseen"]),
    ("engine/compulsory/register_check.rs", &["{"]),
    ("engine/compulsory/register_opening.rs", &["{"]),
    ("engine/plausibility.rs", &["warning", "{", ";"]),
    ("engine/season_check.rs", &["push"]),
    ("engine/season_run.rs", &["map_err", "push", ";"]),
    ("engine/verification.rs", &["Some", "then_some", "{"]),
    ("files/", &["Err", "Some", "map_err", "ok_or", "then_some", "warning", "", "{", ";"]),
    ("service/compulsory/group_classes.rs", &["{", ";"]),
    ("service/compulsory/open_register.rs", &["Some"]),
    ("service/proposals/sign_proposal.rs", &["Some"]),
    ("service/runs/publish_result.rs", &["Ok", "push", "then"]),
    ("service/runs/work_runs.rs", &["Err", "Outcome::Refused", "json!"]),
    ("service/secrets/password_rule.rs", &["{"]),
    ("web/server.rs", &["{"]),
];

/// What only whoever works at the command line is told, in English.
const COMMAND_LINE: [&str; 24] = [
    "cli/",
    "files/apportion_file.rs",
    "files/compulsory/draw_stick.rs",
    "files/compulsory/filled_sheet.rs",
    "files/compulsory/register_extract.rs",
    "files/compulsory/register_settings.rs",
    "files/demonstration_folder.rs",
    "files/leaf_file.rs",
    "files/market_file.rs",
    "files/public_cutoffs.rs",
    "files/quota_proof.rs",
    "service/admit_folder.rs",
    "service/backtest_folders.rs",
    "service/backup/",
    "service/compulsory/compare_evidence.rs",
    "service/compulsory/draw_kit.rs",
    "service/compulsory/feed_register.rs",
    "service/compulsory/registers/",
    "service/doctor/",
    "service/export_folder.rs",
    "service/generate_city.rs",
    "service/match_market.rs",
    "service/verify_folder.rs",
    "storage/",
];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}

/// Every rule with its Chinese, as the file has them.
fn pairs() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("words/zh-CN/rules.txt")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let pair = |pair: &[&str]| {
        let chinese = pair[1].strip_prefix("  ").unwrap_or_else(|| panic!("{} has no Chinese", pair[0]));
        (pair[0].to_owned(), chinese.to_owned())
    };
    lines.chunks(2).map(pair).collect()
}

/// A source: its string literals with where they begin, and itself with literals and comments blanked.
fn literals(source: &str) -> (Vec<(usize, String)>, String) {
    let mut found = Vec::new();
    let mut blanked = source.as_bytes().to_vec();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let begins_word = at == 0 || !is_name(source.as_bytes()[at - 1]);
        let length = if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            blanked[at..at + length].fill(b' ');
            length
        } else if begins_word && (rest.starts_with("r\"") || rest.starts_with("r#\"")) {
            let end = if rest.starts_with("r#") { "\"#" } else { "\"" };
            let from = rest.find('"').unwrap() + 1;
            let length = from + rest[from..].find(end).unwrap() + end.len();
            blanked[at..at + length].fill(b' ');
            length
        } else if let Some(inside) = rest.strip_prefix('"') {
            let (text, length) = unquoted(inside);
            blanked[at + 1..at + length].fill(b' ');
            found.push((at, text));
            length + 1
        } else if let Some(inside) = rest.strip_prefix('\'') {
            // A character, or else a lifetime.
            let sign =
                if inside.starts_with('\\') { 2 } else { inside.chars().next().map_or(1, char::len_utf8) };
            let end = inside.get(sign..).and_then(|behind| behind.find('\''));
            match end.filter(|end| *end == 0 || inside.starts_with('\\')) {
                Some(end) => {
                    blanked[at..at + sign + end + 2].fill(b' ');
                    sign + end + 2
                }
                None => 1,
            }
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += length;
    }
    (found, String::from_utf8_lossy(&blanked).into_owned())
}

/// The text of a literal, and its length as written with the sign that ends it.
fn unquoted(inside: &str) -> (String, usize) {
    let mut text = String::new();
    let mut signs = inside.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return (text, at + 1),
            '\\' => match signs.next() {
                Some((_, '\n')) => while signs.next_if(|(_, sign)| sign.is_whitespace()).is_some() {},
                Some((_, 'n')) => text.push('\n'),
                Some((_, sign)) => text.push(sign),
                None => break,
            },
            sign => text.push(sign),
        }
    }
    panic!("a literal never ends: {inside:.60}");
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bracket that is open at a place, or the semicolon before it.
fn opener(blanked: &str, at: usize) -> Option<usize> {
    let mut depth = 0;
    for (place, byte) in blanked.as_bytes()[..at].iter().enumerate().rev() {
        match byte {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth == 0 => return Some(place),
            b'(' | b'[' | b'{' => depth -= 1,
            b';' if depth == 0 => return Some(place),
            _ => {}
        }
    }
    None
}

/// What takes the value at a place: a call, a block (`{`) or a statement (`;`).
fn taker(blanked: &str, mut at: usize) -> &str {
    while let Some(place) = opener(blanked, at) {
        let before = &blanked[..place];
        let name = before.rfind(|sign: char| !is_name(sign as u8) && !":!".contains(sign));
        match (&blanked[place..=place], &before[name.map_or(0, |end| end + 1)..]) {
            (sign @ (";" | "{"), _) => return sign,
            (_, "" | "format!" | "vec!") => at = place,
            (_, name) => return name,
        }
    }
    ""
}

/// What takes a literal: by `let rule`, `let detail` or `let text` whatever takes that name next.
fn taker_of_literal(blanked: &str, at: usize) -> &str {
    let mut from = at;
    // A block may be the value too: `let detail = if ... {`.
    for _ in 0..4 {
        let Some(place) = opener(blanked, from) else { break };
        let begins = match &blanked[place..=place] {
            ";" => place,
            _ => blanked[..place].rfind([';', '{', '}']).unwrap_or(0),
        };
        let inside = &blanked[place + 1..at];
        let outside = blanked[begins + 1..at].trim_start();
        for statement in [inside.trim_start(), outside] {
            if statement.starts_with("let rule ") {
                return "fault";
            }
            let mut names = ["detail", "text"].into_iter();
            if let Some(name) = names.find(|name| statement.starts_with(&format!("let {name} "))) {
                let whole = |next: &usize| {
                    let around = [blanked.as_bytes()[next - 1], blanked.as_bytes()[next + name.len()]];
                    !around.into_iter().any(is_name)
                };
                let next = blanked[at..].match_indices(name).map(|(next, _)| at + next).find(whole);
                return next.map_or("", |next| taker(blanked, next));
            }
        }
        if [";", "{"].contains(&&blanked[place..=place]) {
            break;
        }
        from = place;
    }
    taker(blanked, at)
}

/// A format string as patterns are written.
fn pattern(format: &str) -> String {
    let mut pattern = String::new();
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('{') {
        let (_, after) = behind.split_once('}').expect("a place ends");
        pattern = pattern + before + "{}";
        rest = after;
    }
    pattern + rest
}

/// Rules of every source, with the file that has them.
fn rules() -> BTreeMap<String, String> {
    let mut rules = BTreeMap::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let file = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if !file.ends_with(".rs") || COMMAND_LINE.iter().any(|begin| file.starts_with(begin)) {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap();
            let (found, blanked) = literals(source);
            let also = ALSO.iter().find(|(name, _)| file.starts_with(name)).map_or(&[][..], |also| also.1);
            for (at, text) in found {
                let is_format = ["format!(", "write!("]
                    .iter()
                    .any(|call| opener(&blanked, at).is_some_and(|place| blanked[..=place].ends_with(call)));
                let rule = if is_format { pattern(&text) } else { text };
                let taker = taker_of_literal(&blanked, at);
                let words = rule.contains(' ')
                    && rule.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_lowercase));
                let is_noun = !file.starts_with("web/") && NOUNS.contains(&taker);
                let told = CALLS.contains(&taker) || also.contains(&taker);
                if is_noun || (words && told) {
                    rules.entry(rule).or_insert(file.clone());
                }
            }
        }
    }
    rules
}

#[test]
fn every_rule_of_the_sources_has_its_chinese_and_no_other_stands_there() {
    let (rules, pairs) = (rules(), pairs());
    assert!(rules.len() > 300, "{}", rules.len());
    let known: BTreeSet<&str> = pairs.iter().map(|(english, _)| english.as_str()).collect();
    assert_eq!(known.len(), pairs.len(), "a rule stands twice");
    let missing: Vec<String> = rules
        .iter()
        .filter(|(rule, _)| !known.contains(rule.as_str()))
        .map(|(rule, file)| format!("{file}: {rule}"))
        .collect();
    assert!(missing.is_empty(), "words/zh-CN/rules.txt lacks {missing:#?}");
    let unused: Vec<&&str> = known.iter().filter(|rule| !rules.contains_key(**rule)).collect();
    assert!(unused.is_empty(), "no source tells {unused:#?}");
}

#[test]
fn every_rule_is_told_by_its_own_pattern() {
    for (english, chinese) in pairs() {
        let (mut rule, mut told) = (english.clone(), chinese);
        for at in 0..english.matches("{}").count() {
            let (place, family) = (format!("{{{at}}}"), format!("{{{at}:"));
            let nested = format!("{{{at}!}}");
            let (stands, is_told) =
                if told.contains(&nested) { ("stands twice", "重复") } else { ("7", "7") };
            rule = rule.replacen("{}", stands, 1);
            told = told.replace(&nested, is_told).replace(&place, is_told);
            if let Some((before, behind)) = told.clone().split_once(&family) {
                told = format!("{before}7{}", behind.split_once('}').unwrap().1);
            }
        }
        assert!(has_chinese(&told), "{english}: {told}");
        assert_eq!(in_chinese(&rule).as_deref(), Some(told.as_str()), "{english}");
    }
}

fn has_chinese(text: &str) -> bool {
    text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign))
}

#[test]
fn places_are_kept_words_are_named_and_rules_in_rules_are_told() {
    let words = Words(Language::Chinese);
    for (rule, chinese) in [
        ("must be one of areas, quota", "只能填写 areas, quota"),
        ("has too many decimal places (at most 1 places)", "小数位数过多（最多 1 位小数）"),
        (
            "must be between 0 and 100000 points, with at most 3 places",
            "应在 0 与 100000 分之间，最多 3 位小数",
        ),
        ("is no junior high", "没有这个初中学校"),
        ("the season is in phase filling", "现在是“填报志愿”阶段"),
        (
            "refers to sheets that are not there yet: areas, senior_schools",
            "所引用的表尚未导入：招生区域、高中学校",
        ),
        (
            "must be a JSON object of texts, such as {\"KSH\": \"exam_no\"}",
            "应为文本的 JSON 对象，如 {\"KSH\": \"exam_no\"}",
        ),
        (
            "2601 at P01: admitted out of scope (SX22 6.1); programme P01: 3 admitted, plan 2",
            "2601（P01）：超出招生范围而被录取（SX22 6.1）；招生项目 P01：录取 3 人，计划 2 人",
        ),
    ] {
        assert_eq!(words.rule(rule), chinese);
        assert_eq!(Words(Language::English).rule(rule), rule);
    }
    // What is no rule of ours stands as it is, also in the place of a rule.
    for unknown in ["TOML parse error at line 1, column 2: x", "is no zebra", ""] {
        assert_eq!((in_chinese(unknown), words.rule(unknown).as_str()), (None, unknown));
    }
    let fault = Fault::cell("考生.xlsx", 3, "id_no", "x", "must be 0 or 1");
    assert_eq!(words.fault(&fault), "考生.xlsx 第 3 行 id_no 列：\"x\" 只能填写 0 或 1");
    assert_eq!(Words(Language::English).fault(&fault), fault.to_string());
}

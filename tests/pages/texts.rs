//! Texts: every key in both languages, every key used, no text outside the language files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
use zhaosheng::web::problem::CODES;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Keys of a language with the names of their places.
fn keys(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    let files = fs::read_dir(root().join("words").join(language)).unwrap().flatten();
    for file in files.filter(|file| file.path().extension().is_some_and(|kind| kind == "ftl")) {
        let text = fs::read_to_string(file.path()).unwrap();
        let parsed = fluent_syntax::parser::parse(text.as_str());
        let resource = parsed.unwrap_or_else(|(_, errors)| panic!("{:?}: {errors:?}", file.path()));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut places = BTreeSet::new();
            for element in message.value.unwrap().elements {
                if let PatternElement::Placeable {
                    expression: Expression::Inline(InlineExpression::VariableReference { id }),
                } = element
                {
                    places.insert(id.name.to_owned());
                }
            }
            let twice = keys.insert(message.id.name.to_owned(), places);
            assert!(twice.is_none(), "{} stands twice", message.id.name);
        }
    }
    keys
}

/// Every Rust source and template, but the texts themselves.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(folder).unwrap().flatten() {
            let path = file.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "html") {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_places() {
    let (chinese, english) = (keys("zh-CN"), keys("en"));
    assert!(chinese.len() > 100);
    for (key, places) in &chinese {
        assert_eq!(english.get(key), Some(places), "{key}");
    }
    assert_eq!(
        chinese.len(),
        english.len(),
        "{:?}",
        english.keys().filter(|key| !chinese.contains_key(*key))
    );
}

#[test]
fn every_key_is_used_and_every_used_key_is_there() {
    let keys = keys("en");
    let sources = sources();
    let mut used = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for (_, text) in &sources {
        for call in [".t(", ".t1(", ".t2(", "words.text(", ").with(", ".of_kind(", "&key("] {
            let into = if [".of_kind(", "&key("].contains(&call) { &mut kinds } else { &mut used };
            for part in text.split(call).skip(1) {
                let literal = part.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
                if let Some((key, _)) = literal {
                    into.insert(key.to_owned());
                }
            }
        }
        // Keys that a screen hands to its template.
        for literal in text.split('"').filter(|part| keys.contains_key(*part)) {
            used.insert(literal.to_owned());
        }
    }
    for key in &used {
        assert!(keys.contains_key(key), "{key} is used and has no text");
    }
    for kind in &kinds {
        assert!(keys.keys().any(|key| key.starts_with(&format!("{kind}-"))), "{kind} has no texts");
    }
    kinds.insert("gate".to_owned());
    let of_kind = |key: &str| kinds.iter().any(|kind| key.starts_with(&format!("{kind}-")));
    for key in keys.keys() {
        assert!(used.contains(key) || of_kind(key), "{key} is never used");
    }
}

/// Files whose Chinese is no text but data: names of sheets and columns, values of cells, invented people.
const DATA: [&str; 10] = [
    "domain/compulsory/after_sheet.rs",
    "domain/compulsory/entry_sheet.rs",
    "domain/compulsory/register_sheet.rs",
    "domain/sheet_kind.rs",
    "web/document.rs",
    "engine/demonstration/",
    "files/annotated_workbook.rs",
    "files/demonstration_folder.rs",
    "files/identity.rs",
    "service/secrets/password_rule.rs",
];

#[test]
fn no_text_stands_in_templates_or_code_and_no_chinese_in_english() {
    let chinese = |text: &str| text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign));
    for (path, text) in sources() {
        if path.extension().is_some_and(|extension| extension == "html") {
            assert_eq!(words_in(&text), "", "{} holds words of its own", path.display());
        }
        let place = path.strip_prefix(root()).unwrap().to_str().unwrap();
        if DATA.iter().any(|data| place.starts_with(data)) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        let told = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("example = ");
        let found: Vec<&str> = code.lines().filter(told).filter(|line| chinese(line)).collect();
        assert!(found.is_empty(), "{place} holds Chinese: {found:#?}");
    }
    for file in fs::read_dir(root().join("words/en")).unwrap().flatten() {
        let text = fs::read_to_string(file.path()).unwrap();
        let of_others = text.lines().filter(|line| chinese(line) && !line.starts_with("other-language"));
        assert_eq!(of_others.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}

#[test]
fn every_finding_and_every_problem_has_its_text() {
    let keys = keys("en");
    let check = fs::read_to_string(root().join("engine/form_check.rs")).unwrap();
    let codes: Vec<&str> = check.split('"').skip(1).step_by(2).filter(|word| word.contains('_')).collect();
    assert!(codes.len() > 15, "{codes:?}");
    let of_findings = codes.into_iter().map(|code| ("finding", code));
    for (kind, code) in of_findings.chain(CODES.iter().map(|(code, _)| ("problem", *code))) {
        let key = format!("{kind}-{}", code.replace('_', "-"));
        assert!(keys.contains_key(&key), "{key} has no text");
    }
}

/// Letters of a template outside tags and expressions.
fn words_in(template: &str) -> String {
    let mut left = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['<', '{']) {
        left.push_str(&rest[..at]);
        let end = match &rest[at..] {
            tag if tag.starts_with("{{") => tag.find("}}").map(|end| end + 2),
            tag if tag.starts_with("{%") => tag.find("%}").map(|end| end + 2),
            // A tag may hold expressions with signs of their own.
            tag => tag_end(tag),
        };
        rest = &rest[at + end.expect("it ends")..];
    }
    left.push_str(rest);
    left.chars().filter(|sign| sign.is_alphabetic()).collect()
}

fn tag_end(tag: &str) -> Option<usize> {
    let mut at = 1;
    while at < tag.len() {
        let rest = &tag[at..];
        if rest.starts_with("{{") {
            at += rest.find("}}")? + 2;
        } else if rest.starts_with("{%") {
            at += rest.find("%}")? + 2;
        } else if rest.starts_with('>') {
            return Some(at + 1);
        } else {
            at += rest.chars().next()?.len_utf8();
        }
    }
    None
}

//! Damages inputs by a fixed seed, and runs a parser over them: the same inputs on every machine.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Numbers at the edges of everything that counts.
const NUMBERS: [&str; 34] = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "100",
    "0.5",
    "0.6",
    "1.5",
    "0.001",
    "0.0000001",
    "255",
    "256",
    "65535",
    "65536",
    "1000000",
    "10000000",
    "999999999",
    "1000000000",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740992",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e400",
    "1e-2147483648",
    "1E+30",
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
];

/// Bytes that no sheet should hold, and beginnings and ends of everything.
const JUNK: [&[u8]; 14] = [
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xC0\x80",
    b"\xF5\x80\x80\x80",
    b"\"",
    b"\\u0000",
    b"\r\n",
    b",",
    b";",
    b"\n",
    "，".as_bytes(),
    "𬱖".as_bytes(),
    b"[[[[[[[[[[[[[[[[",
];

/// SplitMix64: enough chance for mutations, the same everywhere.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap()
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, all: &'a [&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    pub(crate) fn number(&mut self) -> &'static str {
        self.one(&NUMBERS)
    }
}

/// One of the corpus, damaged once to four times. Three of four damages keep the shape of the text
/// (a number, a cell, a line, a word), so that they get past the first look of a parser.
pub(crate) fn mutant(chance: &mut Chance, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].clone();
    for _ in 0..=chance.below(4) {
        match chance.below(4) {
            0 => break_bytes(chance, &mut bytes, corpus),
            1 => replace_run(chance, &mut bytes, words, |byte| byte.is_ascii_digit() || byte == b'.'),
            2 => replace_run(chance, &mut bytes, words, |byte| {
                !matches!(byte, b',' | b'\n' | b'\r' | b';' | b'"' | b'=' | b':' | b'[' | b']' | b'{' | b'}')
            }),
            _ => lines(chance, &mut bytes, words),
        }
    }
    bytes
}

/// A text that keeps its form: one to three of its `key = value` lines set otherwise, or one to three
/// cells of a CSV sheet replaced by a number, a word, or a cell of another row.
pub(crate) fn kindred(chance: &mut Chance, bytes: &[u8], words: &[&str]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let settings: Vec<&str> = words.iter().copied().filter(|word| word.contains(" = ")).collect();
    for _ in 0..=chance.below(3) {
        if settings.is_empty() {
            cell(chance, &mut lines, words);
        } else {
            let setting = chance.one(&settings).as_bytes();
            set(chance, &mut lines, setting);
        }
    }
    lines.join(&b'\n')
}

fn cell(chance: &mut Chance, lines: &mut [Vec<u8>], words: &[&str]) {
    let rows: Vec<usize> = (1..lines.len()).filter(|&row| !lines[row].is_empty()).collect();
    if rows.is_empty() {
        return;
    }
    let (row, other) = (rows[chance.below(rows.len())], rows[chance.below(rows.len())]);
    let cells = |line: &[u8]| line.split(|&byte| byte == b',').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (mut changed, other) = (cells(&lines[row]), cells(&lines[other]));
    let column = chance.below(changed.len().min(other.len()));
    changed[column] = match chance.below(6) {
        0 => chance.number().as_bytes().to_vec(),
        1 => chance.one(words).as_bytes().to_vec(),
        2 => chance.below(12).to_string().into_bytes(),
        3 => Vec::new(),
        _ => other[column].clone(),
    };
    lines[row] = changed.join(&b',');
}

/// Lets a `key = value` line take the place of one with its key, where there is one.
fn set(chance: &mut Chance, lines: &mut [Vec<u8>], setting: &[u8]) {
    let key =
        |line: &[u8]| line.split(|&byte| byte == b'=').next().map(<[u8]>::trim_ascii).map(<[u8]>::to_vec);
    let same: Vec<usize> = (0..lines.len()).filter(|&line| key(&lines[line]) == key(setting)).collect();
    if !same.is_empty() {
        lines[same[chance.below(same.len())]] = setting.to_vec();
    }
}

fn range(chance: &mut Chance, bytes: &[u8], most: usize) -> std::ops::Range<usize> {
    let start = chance.below(bytes.len() + 1);
    start..start + chance.below((bytes.len() - start).min(most) + 1)
}

/// Damage that knows nothing of the text.
fn break_bytes(chance: &mut Chance, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let place = chance.below(bytes.len() + 1);
    match chance.below(9) {
        0 if place < bytes.len() => bytes[place] ^= 1 << chance.below(8),
        1 if place < bytes.len() => bytes[place] = chance.below(256) as u8,
        2 => bytes.truncate(place),
        3 => drop(bytes.drain(range(chance, bytes, 64))),
        4 => {
            let piece = bytes[range(chance, bytes, 200)].to_vec();
            let times = [1, 2, 20, 400][chance.below(4)];
            bytes.splice(place..place, piece.repeat(times));
        }
        5 => {
            let other = &corpus[chance.below(corpus.len())];
            let from = chance.below(other.len() + 1);
            bytes.truncate(place);
            bytes.extend_from_slice(&other[from..]);
        }
        6 => drop(bytes.splice(0..0, b"\xEF\xBB\xBF".iter().copied())),
        7 => {
            let deep = [3, 127, 128, 3000][chance.below(4)];
            let open: &[u8] = chance.one(&[b"[", b"{\"a\":", b"(", b"a."]);
            bytes.splice(place..place, open.repeat(deep));
        }
        _ => {
            let junk = chance.one(&JUNK);
            bytes.splice(place..place, junk.iter().copied());
        }
    }
}

/// Replaces a run of bytes of one kind (a number, a cell) by a number, a word, or another run.
fn replace_run(chance: &mut Chance, bytes: &mut Vec<u8>, words: &[&str], kind: impl Fn(u8) -> bool) {
    let runs: Vec<std::ops::Range<usize>> = {
        let mut runs = Vec::new();
        let mut start = None;
        for (at, &byte) in bytes.iter().chain([&b'\n']).enumerate() {
            match (kind(byte) && at < bytes.len(), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    runs.push(from..at);
                    start = None;
                }
                _ => {}
            }
        }
        runs
    };
    if runs.is_empty() {
        return;
    }
    let place = runs[chance.below(runs.len())].clone();
    let with = match chance.below(3) {
        0 => chance.number().as_bytes().to_vec(),
        1 if !words.is_empty() => chance.one(words).as_bytes().to_vec(),
        _ => bytes[runs[chance.below(runs.len())].clone()].to_vec(),
    };
    bytes.splice(place, with);
}

/// Lines: twice, gone, swapped; and a word of the form `key = value` sets a key that stands there.
fn lines(chance: &mut Chance, bytes: &mut Vec<u8>, words: &[&str]) {
    let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let place = chance.below(lines.len());
    let other = chance.below(lines.len());
    let settings: Vec<&str> = words.iter().copied().filter(|word| word.contains(" = ")).collect();
    match chance.below(if settings.is_empty() { 4 } else { 8 }) {
        0 => {
            let line = lines[place].clone();
            lines.insert(other, line);
        }
        1 => drop(lines.remove(place)),
        2 => lines.swap(place, other),
        3 => {
            let line = lines[place].clone();
            let times = [1, 3, 300][chance.below(3)];
            lines.splice(place..place, std::iter::repeat_n(line, times));
        }
        4 => lines.insert(place, chance.one(&settings).as_bytes().to_vec()),
        _ => {
            let setting = chance.one(&settings).as_bytes();
            set(chance, &mut lines, setting);
        }
    }
    *bytes = lines.join(&b'\n');
}

/// What became of one input.
pub(crate) enum Verdict {
    /// Read, and all that follows was right.
    Accepted,
    /// Faults, as there should be.
    Refused,
    /// Read or refused wrongly: why.
    Wrong(String),
}

impl<T, E> From<Result<T, E>> for Verdict {
    fn from(result: Result<T, E>) -> Verdict {
        if result.is_ok() { Verdict::Accepted } else { Verdict::Refused }
    }
}

/// Bytes as a Rust literal, the middle left out where there are very many.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 16_000;
    if bytes.len() <= MOST {
        return format!("b\"{}\"", bytes.escape_ascii());
    }
    let (head, tail) = (&bytes[..MOST / 2], &bytes[bytes.len() - MOST / 2..]);
    format!("b\"{}\" ... ({} bytes) ... b\"{}\"", head.escape_ascii(), bytes.len(), tail.escape_ascii())
}

/// How many thirds of the inputs a call names: one in `tests/run`, `PARSERS_TIMES=150 cargo test --test parsers` for a
/// night.
fn thirds() -> usize {
    std::env::var("PARSERS_TIMES").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

/// Runs `count` inputs. Fails with the first input for each different panic or wrong answer, and
/// when fewer than `least` were read: such a run would try nothing but the first line of a parser.
pub(crate) fn run(
    name: &str,
    count: usize,
    least: usize,
    mut input: impl FnMut() -> Vec<u8>,
    mut check: impl FnMut(&[u8]) -> Verdict,
) {
    let [count, least] = [count, least].map(|inputs| inputs * thirds() / 3);
    let mut accepted = 0;
    let mut wrong: Vec<(String, String)> = Vec::new();
    for case in 0..count {
        let bytes = input();
        let verdict = catch_unwind(AssertUnwindSafe(|| check(&bytes))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?");
            Verdict::Wrong(format!("panic: {text}"))
        });
        match verdict {
            Verdict::Accepted => accepted += 1,
            Verdict::Refused => {}
            Verdict::Wrong(why) => {
                let kind: String = why.chars().filter(|sign| !sign.is_ascii_digit()).take(80).collect();
                if wrong.iter().all(|known| known.0 != kind) && wrong.len() < 8 {
                    wrong.push((kind, format!("{name}, case {case}: {why}\n{}", shown(&bytes))));
                }
            }
        }
    }
    println!("{name}: {accepted} of {count} read");
    let told: Vec<String> = wrong.into_iter().map(|found| found.1).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    assert!(accepted >= least, "{name}: only {accepted} of {count} mutants were read, wanted {least}");
}

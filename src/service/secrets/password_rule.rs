//! Which passwords are refused: short ones, common ones, and those a classmate can put together from what
//! everybody knows about the person.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};

/// Fewest characters of a password.
pub const SHORTEST: usize = 10;

/// Most characters of a password.
pub const LONGEST: usize = 128;

/// Characters that must be left when everything a stranger or classmate tries first is taken out.
const OWN_THOUGHT: usize = 4;

/// What others can know about the person who chooses a password. Empty texts stand for "has none".
#[derive(Clone, Debug, Default)]
pub struct Known<'k> {
    pub login: &'k str,
    /// The name in characters; names in letters are fine too.
    pub name: &'k str,
    pub id_number: &'k str,
    /// Year, month, day; the birthday inside an 18-digit ID number counts in any case.
    pub birthday: Option<(u16, u8, u8)>,
    pub exam_number: &'k str,
    /// The person's and the guardians' phones.
    pub phones: &'k [&'k str],
    /// The school's name.
    pub school: &'k str,
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakness {
    TooShort,
    TooLong,
    OnlyDigits,
    Common,
    HasLogin,
    HasName,
    HasIdNumber,
    HasBirthday,
    HasExamNumber,
    HasPhone,
}

impl Weakness {
    /// The stable code of the rule.
    pub fn word(self) -> &'static str {
        match self {
            Weakness::TooShort => "password_too_short",
            Weakness::TooLong => "password_too_long",
            Weakness::OnlyDigits => "password_only_digits",
            Weakness::Common => "password_common",
            Weakness::HasLogin => "password_has_login",
            Weakness::HasName => "password_has_name",
            Weakness::HasIdNumber => "password_has_id_number",
            Weakness::HasBirthday => "password_has_birthday",
            Weakness::HasExamNumber => "password_has_exam_number",
            Weakness::HasPhone => "password_has_phone",
        }
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Weakness::TooShort => "must have at least 10 characters",
            Weakness::TooLong => "must have at most 128 characters",
            Weakness::OnlyDigits => "must have something beside digits",
            Weakness::Common => "is made of words and numbers that everybody tries first",
            Weakness::HasLogin => "must not contain the login name",
            Weakness::HasName => "must not contain the own name",
            Weakness::HasIdNumber => "must not contain the ID number or its last 6 digits",
            Weakness::HasBirthday => "must not contain the own birthday",
            Weakness::HasExamNumber => "must not contain the exam number or its last 6 digits",
            Weakness::HasPhone => "must not contain a phone number or its last 8 digits",
        })
    }
}

/// Every reason to refuse the password; empty when it may be chosen. Capitals and small letters are alike.
///
/// # Complexity
/// O(length of the password * size of the person's own words), well under a millisecond.
pub fn weaknesses(password: &str, known: &Known<'_>) -> Vec<Weakness> {
    let plain = plain(password);
    // `2011-09-15` and `2011.9.15` are birthdays as well.
    let joined: String = plain.chars().filter(|c| !" -_./,年月日".contains(*c)).collect();
    let has = |piece: &str, shortest: usize| {
        piece.chars().count() >= shortest && (plain.contains(piece) || joined.contains(piece))
    };
    let has_number = |number: &str, ends: &[usize]| {
        let number = self::plain(number);
        has(&number, 4) || ends.iter().any(|&end| has(last(&number, end), end))
    };
    let name = Pinyin::of(known.name);

    let mut found = Vec::new();
    let mut add = |wrong: bool, weakness: Weakness| {
        if wrong {
            found.push(weakness);
        }
    };
    let length = password.chars().count();
    add(length < SHORTEST, Weakness::TooShort);
    add(length > LONGEST, Weakness::TooLong);
    add(!joined.is_empty() && joined.chars().all(|c| c.is_ascii_digit()), Weakness::OnlyDigits);
    // A too long password is not searched: its length alone refuses it.
    if length <= LONGEST {
        add(own_thought(&plain, known, &name) < OWN_THOUGHT, Weakness::Common);
        add(has(&self::plain(known.login), 4), Weakness::HasLogin);
        add(name.whole.iter().any(|name| has(name, 4)), Weakness::HasName);
        add(has(&self::plain(known.name), 2), Weakness::HasName);
        add(has_number(known.id_number, &[6, 8]), Weakness::HasIdNumber);
        add(birthdays(known).iter().any(|birthday| has(birthday, 4)), Weakness::HasBirthday);
        add(has_number(known.exam_number, &[6]), Weakness::HasExamNumber);
        add(known.phones.iter().any(|phone| has_number(phone, &[8])), Weakness::HasPhone);
    }
    found.dedup();
    found
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The last `count` characters; all when there are fewer.
fn last(text: &str, count: usize) -> &str {
    let start = text.char_indices().rev().take(count).last().map_or(0, |(at, _)| at);
    &text[start..]
}

/// The birthdays of the roster and of the ID number in the spellings people use: 20110915, 110915, 0915,
/// 2011915, 11915.
fn birthdays(known: &Known<'_>) -> BTreeSet<String> {
    let in_id = known.id_number.get(6..14).filter(|_| known.id_number.len() == 18).and_then(|digits| {
        Some((digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?))
    });
    let spellings = |(year, month, day): (u16, u8, u8)| {
        let short = year % 100;
        [
            format!("{year}{month:02}{day:02}"),
            format!("{short:02}{month:02}{day:02}"),
            format!("{month:02}{day:02}"),
            format!("{year}{month}{day}"),
            format!("{short:02}{month}{day}"),
        ]
    };
    known.birthday.into_iter().chain(in_id).flat_map(spellings).collect()
}

/// The spellings of a name in letters.
struct Pinyin {
    /// The whole name, and the given name by itself, in every reading (given name first, too).
    whole: BTreeSet<String>,
    /// The single syllables, the first letters of all of them and of all but the first.
    parts: BTreeSet<String>,
}

impl Pinyin {
    /// Readings of names with many ambiguous characters are cut off at 64.
    fn of(name: &str) -> Pinyin {
        let mut whole = BTreeSet::new();
        let mut parts = BTreeSet::new();
        let mut readings: Vec<Vec<String>> = vec![Vec::new()];
        for character in name.chars() {
            let syllables = syllables(character);
            if syllables.is_empty() {
                continue;
            }
            readings = readings
                .iter()
                .flat_map(|begin| {
                    syllables.iter().map(|next| [&begin[..], std::slice::from_ref(next)].concat())
                })
                .take(64)
                .collect();
        }
        for reading in readings.iter().filter(|reading| reading.len() > 1) {
            whole.insert(reading.concat());
            // Family names have one character, seldom two.
            for family in 1..reading.len().min(3) {
                whole.insert(reading[family..].concat());
                whole.insert([&reading[family..], &reading[..family]].concat().concat());
            }
            parts.extend(reading.iter().cloned());
            let initials: String = reading.iter().filter_map(|syllable| syllable.chars().next()).collect();
            parts.insert(initials[1..].to_owned());
            parts.insert(initials);
        }
        // A name in letters stands as it is, each word a part.
        let words = name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1);
        whole.extend(words.map(str::to_lowercase));
        Pinyin { whole, parts }
    }
}

/// The readings of a character without tones; people type ü as v or u.
fn syllables(character: char) -> BTreeSet<String> {
    let Some(first) = character.to_pinyin() else {
        return BTreeSet::new();
    };
    let mut readings = BTreeSet::from([first.plain()]);
    readings.extend(character.to_pinyin_multi().into_iter().flatten().map(|reading| reading.plain()));
    readings.iter().flat_map(|text| [text.replace('ü', "v"), text.replace('ü', "u")]).collect()
}

/// Common passwords and the words they are made of, one a line in small letters: keyboard walks, number
/// runs, words of love, luck, exam and games, frequent names, years.
static COMMON: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// How many characters are left when common words, dates, runs and what is known of the person are taken out,
/// the longest at each place first.
fn own_thought(plain: &str, known: &Known<'_>, name: &Pinyin) -> usize {
    let mut own: BTreeSet<String> = name.whole.iter().chain(&name.parts).cloned().collect();
    let school: Vec<String> =
        known.school.chars().filter_map(|c| c.to_pinyin()).map(|c| c.plain().replace('ü', "v")).collect();
    for from in 0..school.len() {
        own.insert(school[from..].concat());
        own.insert(school[from..].iter().filter_map(|syllable| syllable.chars().next()).collect());
    }
    own.extend([self::plain(known.login), self::plain(known.exam_number), self::plain(known.id_number)]);
    own.extend(known.phones.iter().map(|phone| self::plain(phone)));
    own.extend(birthdays(known));

    let letters: Vec<char> = plain.chars().collect();
    let mut at = 0;
    let mut left = 0;
    while at < letters.len() {
        let longest = (2..=(letters.len() - at).min(24)).rev().find(|&length| {
            let piece: String = letters[at..at + length].iter().collect();
            COMMON.contains(piece.as_str()) || own.contains(&piece) || is_date(&piece)
        });
        let taken = longest.unwrap_or(0).max(run(&letters[at..]));
        left += usize::from(taken == 0);
        at += taken.max(1);
    }
    left
}

/// Length of the run of equal or counting characters (`aaa`, `345`, `cba`) at the beginning; 0 when it is
/// shorter than three.
fn run(letters: &[char]) -> usize {
    let steps: Vec<i64> = letters
        .windows(2)
        .map(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])))
        .collect();
    let same = steps.iter().take_while(|&step| steps[0].abs() <= 1 && *step == steps[0]).count();
    if same >= 2 { same + 1 } else { 0 }
}

/// Eight digits that are a day between 1900 and 2099: somebody's birthday.
fn is_date(piece: &str) -> bool {
    piece.len() == 8
        && piece.bytes().all(|byte| byte.is_ascii_digit())
        && ["19", "20"].contains(&&piece[..2])
        && ("01"..="12").contains(&&piece[4..6])
        && ("01"..="31").contains(&&piece[6..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUPIL: Known<'static> = Known {
        login: "26010203",
        name: "王小明",
        id_number: "11010520110915123X",
        birthday: Some((2011, 9, 15)),
        exam_number: "2026041277",
        phones: &["13912345678", "18687654321"],
        school: "示范市第三中学",
    };

    #[track_caller]
    fn refused(password: &str, expected: &[Weakness]) {
        let found = weaknesses(password, &PUPIL);
        for weakness in expected {
            assert!(found.contains(weakness), "{password}: {found:?} lacks {weakness:?}");
        }
        assert!(!expected.is_empty() || found.is_empty(), "{password}: {found:?}");
    }

    #[test]
    fn a_password_of_ones_own_may_be_chosen() {
        for password in [
            "korrekt-pferd-7",
            "三月的雨落在旧车站的屋顶",
            "tQ9#kd02Lm",
            "Blue kettle, cold tea",
            "lasst Regen 4!",
        ] {
            refused(password, &[]);
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        refused("tQ9#kd02L", &[Weakness::TooShort]);
        refused("一二三四五六七八九", &[Weakness::TooShort]);
        let long = "tQ9#kd02Lmx8vB!w".repeat(9);
        refused(&long[..128], &[]);
        assert_eq!(weaknesses(&long[..129], &PUPIL), [Weakness::TooLong]);
        assert_eq!(weaknesses(&"王".repeat(1_000_000), &PUPIL), [Weakness::TooLong]);
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let common = [
            "woaini1314",
            "zhongkao2026",
            "5201314woaini",
            "qwertyuiop",
            "1qaz2wsx3edc",
            "Password123!",
            "aaaaaaaaaaaa",
            "abcdefghijk",
            "iloveyou520",
            "zhangwei666",
            "wangzherongyao1",
            "jiayou2026!!",
            "qq123456789",
            "WOAINI5201314",
            "mima@20120304",
            "admin@123456",
            "Zhongkao2026!",
            "asdfghjkl;'",
        ];
        for password in common {
            refused(password, &[Weakness::Common]);
        }
        refused("8302957146", &[Weakness::OnlyDigits]);
        refused("139 8877 6655", &[Weakness::OnlyDigits]);
    }

    #[test]
    fn the_persons_own_data_is_refused() {
        refused("xq!11010520110915123x", &[Weakness::HasIdNumber, Weakness::HasBirthday]);
        refused("kd#tf15123Xvb", &[Weakness::HasIdNumber]);
        refused("kd#tf0915123Xvb", &[Weakness::HasIdNumber, Weakness::HasBirthday]);
        for birthday in
            ["20110915", "110915", "0915", "2011-09-15", "2011.9.15", "2011年9月15日", "2011/09/15", "11915"]
        {
            refused(&format!("kd#tf{birthday}vbq"), &[Weakness::HasBirthday]);
        }
        refused("kd#tf2026041277q", &[Weakness::HasExamNumber]);
        refused("kd#tf041277qwv", &[Weakness::HasExamNumber]);
        for phone in ["13912345678", "12345678", "18687654321", "87654321", "139-1234-5678"] {
            refused(&format!("kd#tf{phone}q"), &[Weakness::HasPhone]);
        }
        for name in ["wangxiaoming", "WangXiaoMing", "xiaoming", "xiaomingwang", "wang.xiao.ming", "王小明"]
        {
            refused(&format!("kd#t7{name}vq"), &[Weakness::HasName]);
        }
        refused("kd#tf26010203", &[Weakness::HasLogin]);
    }

    #[test]
    fn known_pieces_put_together_are_common_too() {
        for password in
            ["wxm5201314!", "wxmaini1314", "szxwangxm26", "dszx2026wxm", "sanzhongxue3!", "wang123456xm"]
        {
            refused(password, &[Weakness::Common]);
        }
    }

    #[test]
    fn all_reasons_come_at_once() {
        assert_eq!(
            weaknesses("0915", &PUPIL),
            [Weakness::TooShort, Weakness::OnlyDigits, Weakness::Common, Weakness::HasBirthday]
        );
    }

    #[test]
    fn the_birthday_in_the_id_number_counts_without_the_roster() {
        let known = Known { id_number: "11010520110915123X", ..Known::default() };
        assert!(weaknesses("kd#tf0915vbq", &known).contains(&Weakness::HasBirthday));
        let other_papers = Known { id_number: "H1234567王王王", ..Known::default() };
        assert_eq!(weaknesses("korrekt-pferd-7", &other_papers), []);
    }

    #[test]
    fn every_reading_of_a_name_counts() {
        for (name, password) in
            [("单雄信", "kd#t7shanxiongxin"), ("曾吕", "kd#t7zenglv9w"), ("曾吕", "kd#t7ceng_lu9w")]
        {
            let known = Known { name, ..Known::default() };
            assert!(weaknesses(password, &known).contains(&Weakness::HasName), "{password}");
        }
        let letters = Known { name: "Aibibula Tuerxun", ..Known::default() };
        assert!(weaknesses("kd#t7aibibula9", &letters).contains(&Weakness::HasName));
    }

    #[test]
    fn nothing_is_refused_because_something_is_unknown() {
        assert_eq!(weaknesses("korrekt-pferd-7", &Known::default()), []);
        let half =
            Known { exam_number: "1", phones: &["", "7"], name: "王", login: "k", ..Known::default() };
        assert_eq!(weaknesses("korrekt-pferd-7", &half), []);
    }

    #[test]
    fn the_list_is_in_small_letters_and_in_order() {
        let lines: Vec<&str> = include_str!("common_passwords.txt").lines().collect();
        assert!(lines.len() > 3000 && lines.is_sorted());
        assert!(lines.iter().all(|line| line.to_lowercase() == **line && line.len() >= 3));
    }
}

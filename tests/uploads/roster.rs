//! Invented rosters of any size in every kind of file, with faults planted where they can be found again.

use std::collections::BTreeMap;

use rust_xlsxwriter::Workbook;
use zhaosheng::domain::policy::Policy;
use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::files::dbf_table;
use zhaosheng::files::season_folder::Sheets;
use zhaosheng::files::sheet::Sheet;

/// The columns as an office writes them.
pub(crate) const HEADER: [&str; 14] = [
    "考号",
    "姓名",
    "性别",
    "身份证号",
    "毕业学校代码",
    "区域代码",
    "学籍注册日期",
    "实际就读",
    "往届",
    "本地户籍",
    "加分",
    "加分原因",
    "综合素质等级",
    "标记",
];
/// The same columns in our names.
pub(crate) const COLUMNS: [&str; 14] = [
    "exam_no",
    "name",
    "sex",
    "id_no",
    "junior_code",
    "area_code",
    "register_from",
    "attended",
    "repeat",
    "local",
    "bonus",
    "bonus_reason",
    "quality_grade",
    "flags",
];

/// What is planted: the column it is told of, the cells that change, words of the rule.
pub(crate) type Planted = (&'static str, &'static [(usize, &'static str)], &'static str);

/// Faults of a roster. Row 0 of the roster is never changed: numbers that stand twice are hers.
pub(crate) const FAULTS: [Planted; 42] = [
    ("exam_no", &[(0, "")], "must not be empty"),
    ("exam_no", &[(0, "26000000")], "stands twice"),
    ("exam_no", &[(0, "2600 01")], "must not hold blanks"),
    ("exam_no", &[(0, "1.10101E+11")], "turned into a number"),
    ("exam_no", &[(0, "a;b")], "must not hold blanks"),
    ("exam_no", &[(0, "=1")], "must not hold blanks"),
    ("name", &[(1, "张?")], "lost"),
    ("name", &[(1, "张\u{E000}")], "private use"),
    ("name", &[(1, "张3")], "letters"),
    ("name", &[(1, "=1+1")], "letters"),
    ("name", &[(1, LONG)], "100 characters"),
    ("name", &[(1, "·")], "letters"),
    ("sex", &[(2, "x")], "must be 男 or 女"),
    ("id_no", &[(2, "女"), (3, "149901201009140030")], "does not fit the sex"),
    ("id_no", &[(3, "149901201009140035")], "check digit"),
    ("id_no", &[(3, "149901201002300038")], "no date"),
    ("id_no", &[(3, "14990120100914003")], "17 digits"),
    ("id_no", &[(3, "1.49901E+17")], "turned into a number"),
    ("id_no", &[(2, ""), (3, FIRST_ID)], "document of row 2 too"),
    ("id_no", &[(3, "149901100914003")], "17 digits"),
    ("id_no", &[(3, "无")], "card"),
    ("id_no", &[(3, "H12")], "H or M"),
    ("junior_code", &[(4, "J99")], "is no junior high"),
    ("junior_code", &[(4, "J 1")], "is no junior high"),
    ("area_code", &[(5, "A9")], "is no area"),
    ("area_code", &[(5, "")], "is no area"),
    ("register_from", &[(6, "2023/09/01")], "YYYY-MM-DD"),
    ("register_from", &[(6, "2023-02-30")], "YYYY-MM-DD"),
    ("register_from", &[(6, "20230901")], "YYYY-MM-DD"),
    ("register_from", &[(6, "1823-09-01")], "YYYY-MM-DD"),
    ("attended", &[(7, "2")], "0 or 1"),
    ("attended", &[(7, "有")], "0 or 1"),
    ("repeat", &[(8, "x")], "0 or 1"),
    ("local", &[(9, "yes")], "0 or 1"),
    ("bonus", &[(10, "-5")], "points of a bonus"),
    ("bonus", &[(10, "abc")], "points of a bonus"),
    ("bonus", &[(10, "5;x")], "points of a bonus"),
    ("bonus", &[(10, "999999")], "points of a bonus"),
    ("quality_grade", &[(12, "Z")], "is no quality grade"),
    ("quality_grade", &[(12, "a")], "is no quality grade"),
    ("flags", &[(13, "a b")], "a flag"),
    ("flags", &[(13, "a:b")], "a flag"),
];
const LONG: &str = "长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长\
长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长";
/// The ID number of row 0.
pub(crate) const FIRST_ID: &str = "149901201001010004";

/// Subjects of the score sheet: thirteen, so that it too has 14 columns.
const SUBJECTS: [(&str, &str, u32); 13] = [
    ("chinese", "语文", 120),
    ("math", "数学", 120),
    ("english", "英语", 120),
    ("physics", "物理", 80),
    ("chemistry", "化学", 50),
    ("ethics", "道德与法治", 60),
    ("history", "历史", 60),
    ("biology", "生物", 30),
    ("geography", "地理", 30),
    ("sport", "体育", 60),
    ("lab", "实验", 20),
    ("computing", "信息", 20),
    ("art", "艺术", 20),
];

pub(crate) fn policy_text() -> String {
    let mut text =
        "format = \"season/1\"\nname = \"示范市\"\nyear = 2026\nquality_grades = [\"A\", \"B\", \"C\"]\n\
        [lot]\nround = 2026\nparts = [\"balls\"]\n[[tie]]\nby = \"subject\"\nsubject = \"chinese\"\n"
            .to_owned();
    for (code, name, full) in SUBJECTS {
        text += &format!("[[subject]]\ncode = \"{code}\"\nname = \"{name}\"\nfull = {full}\n");
    }
    text + "[[batch]]\ncode = \"1\"\nname = \"一批\"\nmax_choices = 8\ncontrol_line = 0\n"
}

pub(crate) fn policy() -> Policy {
    Policy::parse("season.toml", &policy_text()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// What stands before a roster is sent: two areas, fifty junior highs.
pub(crate) fn context() -> Sheets {
    let areas = "area_code,name,divisions\nA1,一区,\nA2,二区,\n".to_owned();
    let mut juniors = "school_code,name,area_code\n".to_owned();
    for at in 0..50 {
        juniors += &format!("J{at},第{at}中学,A{}\n", at % 2 + 1);
    }
    BTreeMap::from([
        (SheetKind::Areas, Sheet::own("areas", areas.into_bytes())),
        (SheetKind::JuniorSchools, Sheet::own("junior_schools", juniors.into_bytes())),
    ])
}

/// A number by GB 11643, counted out anew here.
fn id_no(serial: usize) -> (String, bool) {
    let (day, month, order) = (serial % 28 + 1, serial / 28 % 12 + 1, serial / 336 % 1000);
    let digits = format!("{}2010{month:02}{day:02}{order:03}", 149901 + serial / 336_000);
    let sum: u32 =
        digits.bytes().enumerate().map(|(at, digit)| u32::from(digit - b'0') * (1 << (17 - at)) % 11).sum();
    let check = (12 - sum % 11) % 11;
    let check = if check == 10 { "X".to_owned() } else { check.to_string() };
    (digits + &check, order % 2 == 1)
}

/// Rows without any fault; names with characters that GBK lacks among them.
pub(crate) fn roster(count: usize) -> Vec<[String; 14]> {
    const NAMES: [&str; 6] = ["张三", "𬱖𠮷", "㛃鿬", "阿依古丽·买买提", "欧阳若兰", "李一"];
    (0..count)
        .map(|at| {
            let (id_no, male) = id_no(at);
            [
                format!("{}", 26_000_000 + at),
                NAMES[at % 6].to_owned(),
                if male { "男" } else { "女" }.to_owned(),
                // Some have another document, some none.
                match at % 50 {
                    7 => format!("H{:08}", at),
                    8 => String::new(),
                    _ => id_no,
                },
                format!("J{}", at % 50),
                format!("A{}", at % 2 + 1),
                "2023-09-01".to_owned(),
                "1".to_owned(),
                "0".to_owned(),
                if at % 9 == 0 { "0" } else { "1" }.to_owned(),
                if at % 30 == 3 { "5" } else { "" }.to_owned(),
                if at % 30 == 3 { "见义勇为, \"表彰\"" } else { "" }.to_owned(),
                ["A", "B", "C"][at % 3].to_owned(),
                String::new(),
            ]
        })
        .collect()
}

/// Plants every fault once, on every second row from row 3 of the sheet; returns where: (row, column, words).
pub(crate) fn plant(rows: &mut [[String; 14]]) -> Vec<(u64, &'static str, &'static str)> {
    let mut planted = Vec::new();
    for (fault, (column, cells, words)) in FAULTS.iter().enumerate() {
        // Spread over the whole sheet, so that every piece of a large one is looked into.
        let at = 1 + fault * ((rows.len() - 1) / FAULTS.len());
        // An ID that is planted alone must not quarrel with the sex beside it.
        if *column == "id_no" {
            rows[at][2].clear();
        }
        for (cell, text) in *cells {
            rows[at][*cell] = (*text).to_owned();
        }
        planted.push((at as u64 + 2, *column, *words));
    }
    planted.sort_unstable();
    planted
}

/// Marks for the same candidates.
pub(crate) fn marks(count: usize) -> (Vec<String>, Vec<Vec<String>>) {
    let header = ["考号"].into_iter().chain(SUBJECTS.map(|subject| subject.1)).map(str::to_owned).collect();
    let rows = (0..count)
        .map(|at| {
            let mark = |(place, (_, _, full)): (usize, (&str, &str, u32))| {
                // Multiplied and cut in the middle: no order by exam number is left.
                let mixed = ((at * 20 + place + 1) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let chance =
                    ((mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) as u32 % (full * 2 + 1);
                if at % 97 == 5 { "absent".to_owned() } else { format!("{}", f64::from(chance) / 2.0) }
            };
            [format!("{}", 26_000_000 + at)]
                .into_iter()
                .chain(SUBJECTS.into_iter().enumerate().map(mark))
                .collect()
        })
        .collect();
    (header, rows)
}

/// CSV text.
pub(crate) fn csv<R: AsRef<[String]>>(header: &[impl AsRef<[u8]>], rows: &[R]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(header).expect("writes to memory");
    for row in rows {
        out.write_record(row.as_ref()).expect("writes to memory");
    }
    out.into_inner().expect("writes to memory")
}

/// A workbook of one sheet, every cell a text; empty cells are not written.
pub(crate) fn xlsx<R: AsRef<[String]>>(header: &[impl AsRef<str>], rows: &[R]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, name) in (0..).zip(header) {
        page.write_string(0, column, name.as_ref()).expect("fits");
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells.as_ref()) {
            if !cell.is_empty() {
                page.write_string(row, column, cell).expect("fits");
            }
        }
    }
    book.save_to_buffer().expect("saves to memory")
}

/// A DBF with short names, in GB18030.
pub(crate) fn dbf<R: AsRef<[String]>>(kind: &str, columns: &[&str], rows: &[R]) -> Vec<u8> {
    let table =
        dbf_table::table(kind, &csv(columns, rows), true).unwrap_or_else(|faults| panic!("{faults:?}"));
    table.bytes
}

//! Worked examples of the reference (W14, W15, W16, W20) and every rule of totals, eligibility, gates.

use crate::drafts::{Draft, Files, HEAD, OPEN, PLAIN, cell, cells, reason};

fn text(files: &Files, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

/// Candidates `c1`, `c2`, ... of J1 in A1.
fn people(number: usize) -> String {
    (1..=number).fold("exam_no,junior_code,area_code\n".into(), |all, at| format!("{all}c{at},J1,A1\n"))
}

/// Everyone lists P1 in batch 1.
fn all_want_p1(number: usize) -> String {
    (1..=number)
        .fold("exam_no,batch,position,programme_code\n".into(), |all, at| format!("{all}c{at},1,1,P1\n"))
}

/// A season of one open batch with this score rule and these subjects, and these rows of marks.
fn marked(policy: &str, header: &str, marks: &[&str]) -> Draft {
    let scores =
        (1..).zip(marks).fold(format!("exam_no,{header}\n"), |all, (at, row)| format!("{all}c{at},{row}\n"));
    Draft::new(&format!("{HEAD}{policy}{OPEN}"))
        .with("candidates.csv", people(marks.len()))
        .with("scores.csv", scores)
        .with("preferences.csv", all_want_p1(marks.len()))
}

const LOT: &str = "[lot]\nparts = [\"balls 1 2 3\"]\n";

/// Column `total` of everyone; empty without a record.
fn totals(draft: &Draft) -> Vec<String> {
    cells(&draft.admit(), "results.csv", &[], "total")
}

fn subject(code: &str, more: &str) -> String {
    format!("[[subject]]\ncode = \"{code}\"\nfull = 150\n{more}\n")
}

#[test]
fn w14_segments_keep_rows_of_zero() {
    let draft = marked(PLAIN, "s", &["650", "650", "649", "647", "647.9", "647"]);
    let expected = "area_code,score,count,cumulative\nA1,650,2,2\nA1,649,1,3\nA1,648,0,3\nA1,647,3,6\n";
    assert_eq!(text(&draft.admit(), "segments.csv"), expected);
}

#[test]
fn w14_segments_are_counted_by_area_and_without_those_without_a_record() {
    let draft = marked(PLAIN, "s", &["10", "absent", "12"]).but("candidates.csv", "c3,J1,A1", "c3,J1,A2");
    let expected = "area_code,score,count,cumulative\nA1,10,1,1\nA2,12,1,1\n";
    assert_eq!(text(&draft.admit(), "segments.csv"), expected);
}

/// 710 points: three papers, physics A x 0.5 + B, chemistry A x 0.5, sport, four graded subjects.
#[test]
fn w15_chengdu_comes_to_631() {
    let paper = |code: &str| subject(code, "");
    let parts = |code: &str, parts: &str| format!("[[subject]]\ncode = \"{code}\"\nfull = 70\n{parts}");
    let a = "[[subject.part]]\ncode = \"a\"\nfull = 100\nweight = \"0.5\"\n";
    let b = "[[subject.part]]\ncode = \"b\"\nfull = 20\n";
    let graded = |code: &str| subject(code, "grades = { A = 20, B = 16, C = 12, D = 8 }");
    let policy = [
        LOT.to_owned(),
        "[score]\nrounding = \"half_up\"\ndecimals = 0\n".to_owned(),
        paper("chinese"),
        paper("math"),
        paper("english"),
        parts("physics", &format!("{a}{b}")),
        parts("chemistry", a),
        paper("sport"),
        graded("ethics"),
        graded("history"),
        graded("biology"),
        graded("geography"),
    ]
    .concat();
    let header =
        "chinese,math,english,physics.a,physics.b,chemistry.a,sport,ethics,history,biology,geography";
    let rows = [
        "130,128,135,87,15,90,58,A,B,A,A",
        "130,128,135,86,15,90,58,A,B,A,A",
        "130,128,135,87,15,90,58,absent,B,A,A",
        "130,128,135,87,15,90,58,D,B,C,A",
    ];
    assert_eq!(totals(&marked(&policy, header, &rows)), ["631", "630", "611", "611"]);
    let exact = policy.replace("half_up", "none");
    assert_eq!(totals(&marked(&exact, header, &rows)), ["630.5", "630", "610.5", "610.5"]);
}

/// 460 each: m 90 + 95 loses to n 91 + 94 by Chinese; o equals n but in physics + ethics.
#[test]
fn w16_beijing_ties_go_down_the_chain_to_the_lot() {
    let codes = ["chinese", "math", "foreign", "ethics", "physics", "sport"];
    let mut policy = LOT.to_owned();
    policy.extend(codes.map(|code| subject(code, "")));
    policy += "[[tie]]\nby = \"flag\"\nflag = \"priority\"\n";
    for code in ["chinese", "math", "foreign"] {
        policy += &format!("[[tie]]\nby = \"subject\"\nsubject = \"{code}\"\n");
    }
    policy += "[[tie]]\nby = \"sum\"\nsubjects = [\"physics\", \"ethics\"]\n";
    let rows = [
        "90,95,95,70,70,40",  // m
        "91,94,95,70,70,40",  // n: more in Chinese
        "91,94,95,71,70,39",  // o: more in physics + ethics
        "91,94,95,70,71,39",  // p: the same sum as o: the lot
        "80,105,95,70,70,40", // q: priority
    ];
    let draft = marked(&policy, &codes.join(","), &rows)
        .with("candidates.csv", people(5).replace("area_code", "area_code,flags").replace("A1\n", "A1,\n"))
        .but("candidates.csv", "c5,J1,A1,", "c5,J1,A1,priority");
    let result = draft.admit();
    assert_eq!(cells(&result, "proof/totals.csv", &[], "total"), ["460"; 5]);
    let ranks = cells(&result, "proof/totals.csv", &[], "rank");
    let lots: Vec<u64> =
        cells(&result, "proof/totals.csv", &[], "lot").iter().map(|lot| lot.parse().unwrap()).collect();
    let (o, p) = if lots[2] < lots[3] { ("2", "3") } else { ("3", "2") };
    assert_eq!(ranks, ["5", "4", o, p, "1"]);
    // One seat, q holds it: each is told the first component in which she is behind.
    assert_eq!(reason(&result, &["c1"]), "below_cutoff open:priority:1");
    assert_eq!(
        cell(&result, "cutoffs.csv", &["P1"], "tie_chain"),
        format!("priority=1;chinese=80;math=105;foreign=95;physics+ethics=140;lot={}", lots[4])
    );
    // Without q the better lot holds it.
    let result = draft.but("candidates.csv", "c5,J1,A1,priority", "c5,J1,A1,").admit();
    assert_eq!(reason(&result, &["c1"]), "below_cutoff open:chinese:1");
    assert_eq!(reason(&result, &["c2"]), "below_cutoff open:physics+ethics:1");
    assert_eq!(reason(&result, &[if o == "2" { "c4" } else { "c3" }]), "below_cutoff open:lot");
}

#[test]
fn ties_by_grade_by_total_without_bonus_and_by_a_flag_that_comes_last() {
    let ties = "[[tie]]\nby = \"flag\"\nflag = \"cheated\"\nlast = true\n[[tie]]\nby = \"total_without_bonus\"\n[[tie]]\nby = \"grade\"\n";
    let draft = marked(&format!("{PLAIN}{ties}"), "s", &["500", "500", "495", "500", "500"]).with(
        "candidates.csv",
        "exam_no,junior_code,area_code,bonus,quality_grade,flags\nc1,J1,A1,,B,\nc2,J1,A1,,,\nc3,J1,A1,5,A,\nc4,J1,A1,,A,cheated\nc5,J1,A1,,A,\n",
    );
    assert_eq!(cells(&draft.admit(), "proof/totals.csv", &[], "rank"), ["2", "3", "4", "5", "1"]);
    assert_eq!(reason(&draft.admit(), &["c1"]), "below_cutoff open:quality_grade:1");
    assert_eq!(reason(&draft.admit(), &["c3"]), "below_cutoff open:total_without_bonus:5");
    assert_eq!(reason(&draft.admit(), &["c4"]), "below_cutoff open:cheated:1");
}

/// Nobody in the list of P1 has a record: the seat stays empty and every row says why.
#[test]
fn w20_nobody_without_an_exam_record_is_admitted() {
    let result = marked(PLAIN, "s", &["absent", "void"]).with("candidates.csv", people(3)).admit();
    assert!(cells(&result, "results.csv", &[], "programme_code").iter().all(String::is_empty));
    for who in ["c1", "c2"] {
        assert_eq!(reason(&result, &[who]), "below_gate exam_record");
        assert_eq!(cell(&result, "results.csv", &[who], "total"), "");
    }
}

#[test]
fn w20_a_list_that_was_never_submitted_admits_nobody() {
    let draft = marked(PLAIN, "s", &["600", "500"]);
    let result = draft.clone().but("preferences.csv", "c1,1,1,P1\n", "").admit();
    assert_eq!(cells(&result, "results.csv", &["c1"], "programme_code"), [""]);
    assert_eq!(cells(&result, "results.csv", &["c2"], "programme_code"), ["P1"]);
    let result = draft.without("preferences.csv").admit();
    assert_eq!(cells(&result, "results.csv", &[], "programme_code"), ["", ""]);
}

#[test]
fn w20_dates_that_a_rule_forbids_are_refused() {
    let with_dates = |dates: &str| marked(&format!("{PLAIN}[dates]\n{dates}\n"), "s", &["600"]);
    for good in [
        "admission_ends = \"2026-08-19\"\nfiled_on = \"2026-09-01\"",
        "control_line_announced = \"2026-07-05\"\nadmission_starts = \"2026-07-05\"",
    ] {
        with_dates(good).admit();
    }
    for (bad, told) in [
        (
            "admission_ends = \"2026-08-20\"",
            "season.toml dates.admission_ends: admission ends before 20 August",
        ),
        (
            "admission_ends = \"2026-08-21\"",
            "season.toml dates.admission_ends: admission ends before 20 August",
        ),
        (
            "admission_starts = \"2027-01-02\"",
            "season.toml dates.admission_starts: must lie in the season's year",
        ),
        ("filed_on = \"2026-09-02\"", "season.toml dates.filed_on: results are filed on 1 September"),
        (
            "control_line_announced = \"2026-07-09\"\nadmission_starts = \"2026-07-08\"",
            "season.toml dates.control_line_announced: the line is announced before admission",
        ),
    ] {
        let why = with_dates(bad).refused();
        assert!(why.len() == 1 && why[0].starts_with(told), "{why:?}");
    }
}

#[test]
fn absent_is_not_zero() {
    let policy = format!("{LOT}{}{}", subject("a", ""), subject("b", ""));
    let draft = marked(&policy, "a,b", &["0,0", "absent,absent", "0,absent", "void,0", "7,void"]);
    assert_eq!(totals(&draft), ["0", "", "0", "0", "7"]);
    let draft = draft.but("season.toml", "[lot]", "[score]\nexam_record = \"all\"\n[lot]");
    assert_eq!(totals(&draft), ["0", "", "", "", ""]);
}

#[test]
fn a_required_subject_and_a_gate_subject_decide_about_the_record() {
    let policy = format!(
        "{LOT}{}{}{}",
        subject("a", "required = true"),
        subject("b", ""),
        subject("gate", "counts = false")
    );
    let rows = ["9,9,9", "absent,9,9", "void,9,9", "9,absent,absent", "9,9,absent", "absent,absent,9"];
    let draft = marked(&policy, "a,b,gate", &rows);
    assert_eq!(totals(&draft), ["18", "", "", "9", "18", ""]);
    // Marks of a subject that does not count are no exam record.
    let free = draft.clone().but("season.toml", "required = true", "");
    assert_eq!(totals(&free), ["18", "9", "9", "9", "18", ""]);
    // All counting subjects: the gate may be missed.
    let all = free.but("season.toml", "[lot]", "[score]\nexam_record = \"all\"\n[lot]");
    assert_eq!(totals(&all), ["18", "", "", "", "18", ""]);
}

#[test]
fn an_exempt_subject_has_its_points_whatever_its_parts_say() {
    let parts = "exempt = \"36.5\"\n[[subject.part]]\ncode = \"x\"\nfull = 50\nweight = 2\n[[subject.part]]\ncode = \"y\"\nfull = 50\n";
    let policy = format!("{LOT}{}{}", subject("a", ""), subject("sport", parts));
    let rows = ["100,10,20", "100,exempt,20", "100,exempt,exempt", "100,10,absent", "absent,exempt,exempt"];
    let draft = marked(&policy, "a,sport.x,sport.y", &rows);
    assert_eq!(totals(&draft), ["140", "136.5", "136.5", "120", ""]);
    let all = draft.but("season.toml", "[lot]", "[score]\nexam_record = \"all\"\n[lot]");
    assert_eq!(totals(&all), ["140", "136.5", "136.5", "", ""]);
}

#[test]
fn the_highest_bonus_alone_counts_up_to_the_cap() {
    let draft = marked(PLAIN, "s", &["600", "600", "600", "600", "absent"]).with(
        "candidates.csv",
        "exam_no,junior_code,area_code,bonus\nc1,J1,A1,5;10;3\nc2,J1,A1,20\nc3,J1,A1,\nc4,J1,A1,0.5\nc5,J1,A1,9\n",
    );
    assert_eq!(totals(&draft), ["610", "620", "600", "600.5", ""]);
    let capped = draft.but("season.toml", "[lot]", "[score]\nbonus_cap = \"7.5\"\n[lot]");
    assert_eq!(totals(&capped), ["607.5", "607.5", "600", "600.5", ""]);
    assert_eq!(cells(&capped.admit(), "proof/totals.csv", &[], "total_without_bonus")[1], "600");
}

#[test]
fn totals_are_rounded_once_before_the_bonus() {
    let rows = ["100.005,0.001", "100.004,0", "99.995,0", "100.45,0.05", "100.44,0.009"];
    let policy = format!("{LOT}{}{}", subject("a", "decimals = 3"), subject("b", "decimals = 3"));
    let rounded =
        |rule: &str| totals(&marked(&format!("[score]\nrounding = {rule}\n{policy}"), "a,b", &rows));
    assert_eq!(rounded("\"none\""), ["100.006", "100.004", "99.995", "100.5", "100.449"]);
    assert_eq!(rounded("\"half_up\"\ndecimals = 0"), ["100", "100", "100", "101", "100"]);
    assert_eq!(rounded("\"half_up\"\ndecimals = 1"), ["100", "100", "100", "100.5", "100.4"]);
    assert_eq!(rounded("\"half_up\"\ndecimals = 2"), ["100.01", "100", "100", "100.5", "100.45"]);
    // 100.5 and a bonus of 0.5: rounding after the bonus would give 101, before it 101.5.
    let with_bonus = marked(&format!("[score]\nrounding = \"half_up\"\n{policy}"), "a,b", &["100.5,0"])
        .with("candidates.csv", "exam_no,junior_code,area_code,bonus\nc1,J1,A1,0.5\n");
    assert_eq!(totals(&with_bonus), ["101.5"]);
}

#[test]
fn every_refusal_of_quota_has_its_word() {
    let rule = "[quota]\n[quota.eligibility]\nregister_by = \"2023-10-01\"\ntransfer_register_by = \"2024-09-30\"\nlate_transfer_after = \"2025-09-01\"\nlocal_only = true\nrefuse_flags = [\"chosen_school\"]\nquality_at_least = \"B\"\n";
    let batch = OPEN.replace("seats = \"open\"\n", "seats = \"quota\"\n");
    let people = [
        ("c01,J1,A1,2023-10-01,1,0,1,B,", ""),
        ("c02,,A1,2023-09-01,1,0,1,B,", "no_junior"),
        ("c03,J1,A1,2023-10-02,1,0,1,B,", "register_short"),
        ("c04,J1,A1,,1,0,1,B,", "register_short"),
        ("c05,J1,A1,2024-09-30,1,0,1,B,legal_transfer", ""),
        ("c06,J1,A1,2024-10-01,1,0,1,B,legal_transfer", "register_short"),
        ("c07,J1,A1,2025-09-02,1,0,1,B,", "register_short;late_transfer"),
        ("c08,J1,A1,2023-09-01,0,0,1,B,", "not_attending"),
        ("c09,J1,A1,2023-09-01,1,1,1,B,", "repeat"),
        ("c10,J1,A1,2023-09-01,1,0,0,B,", "not_local"),
        ("c11,J1,A1,2023-09-01,1,0,1,C,", "quality_grade"),
        ("c12,J1,A1,2023-09-01,1,0,1,,", "quality_grade"),
        ("c13,J1,A1,2023-09-01,1,0,1,A,chosen_school;other", "refused_flag"),
        (
            "c14,,A1,,0,1,0,,chosen_school",
            "no_junior;register_short;not_attending;repeat;not_local;quality_grade;refused_flag",
        ),
    ];
    let mut candidates =
        "exam_no,junior_code,area_code,register_from,attended,repeat,local,quality_grade,flags\n".to_owned();
    let (mut scores, mut wishes) =
        ("exam_no,s\n".to_owned(), "exam_no,batch,position,programme_code\n".to_owned());
    for (row, _) in people {
        candidates += &format!("{row}\n");
        scores += &format!("{},500\n", &row[..3]);
        wishes += &format!("{},1,1,P1\n", &row[..3]);
    }
    let result = Draft::new(&format!("{HEAD}{PLAIN}{rule}{batch}"))
        .with("candidates.csv", candidates)
        .with("scores.csv", scores)
        .with("preferences.csv", wishes)
        .with("programmes.csv", "programme_code,school_code,name,batch,seats\nP1,S1,One,1,2\n")
        .admit();
    for (row, refusals) in people {
        let who = &row[..3];
        assert_eq!(cell(&result, "proof/eligibility.csv", &[who], "refusals"), refusals, "{who}");
        let told = if refusals.is_empty() {
            "admitted quota".to_owned()
        } else {
            format!("not_eligible_for_quota {refusals}")
        };
        assert_eq!(reason(&result, &[who]), told);
    }
}

#[test]
fn every_gate_has_its_reason() {
    let policy = format!(
        "{LOT}{}{}[quota]\n[[batch]]\ncode = \"1\"\nseats = \"integrated\"\ncontrol_line = 100\ncontrol_line_by_area = {{ A2 = 90 }}\nmax_choices = 9\nquality_at_least = \"B\"\n[[batch.subject_gate]]\nsubject = \"b\"\nat_least = 20\n[[batch]]\ncode = \"2\"\nseats = \"quota\"\ncontrol_line = 0\nmax_choices = 9\n",
        subject("a", ""),
        subject("b", "weight = \"0.5\"")
    );
    let draft = Draft::new(&format!("{HEAD}{policy}"))
        .with(
            "programmes.csv",
            "programme_code,school_code,name,batch,seats,quota_share,scope,gate_open,gate_quota\nP1,S1,One,1,2,,*,130,120\nP2,S1,Two,2,1,1,,,140\nP3,S2,Three,2,1,0,*,,\n",
        )
        .with(
            "candidates.csv",
            "exam_no,junior_code,area_code,repeat,quality_grade\nc1,J1,A1,1,A\nc2,J1,A1,1,A\nc3,J2,A2,1,A\nc4,J1,A1,1,C\nc5,J1,A1,1,\nc6,J1,A1,1,B\nc7,J1,A1,1,B\nc8,J1,A1,0,B\nc9,J2,A2,0,B\n",
        )
        .with(
            "scores.csv",
            "exam_no,a,b\nc1,absent,absent\nc2,79,40\nc3,70,40\nc4,150,40\nc5,150,40\nc6,150,38\nc7,109,40\nc8,99,40\nc9,150,40\n",
        )
        .with(
            "preferences.csv",
            "exam_no,batch,position,programme_code\nc1,1,1,P1\nc2,1,1,P1\nc3,1,1,P1\nc4,1,1,P1\nc5,1,1,P1\nc6,1,1,P1\nc7,1,1,P1\nc8,1,1,P1\nc8,2,1,P2\nc8,2,2,P3\nc9,2,1,P2\n",
        );
    let result = draft.admit();
    let told = |who: &str, batch: &str, position: &str| reason(&result, &[who, batch, position]);
    assert_eq!(told("c1", "1", "1"), "below_gate exam_record");
    assert_eq!(told("c2", "1", "1"), "below_gate control_line:100");
    // 90 reaches the line of her area, but not the gate of the programme.
    assert_eq!(told("c3", "1", "1"), "below_gate gate_open:130");
    assert_eq!(told("c4", "1", "1"), "below_gate quality_grade:B");
    assert_eq!(told("c5", "1", "1"), "below_gate quality_grade:B");
    assert_eq!(told("c6", "1", "1"), "below_gate subject:b:20");
    assert_eq!(told("c7", "1", "1"), "below_gate gate_open:130");
    assert_eq!(told("c8", "1", "1"), "below_gate gate_open:130");
    assert_eq!(told("c8", "2", "1"), "below_gate gate_quota:140");
    assert_eq!(told("c8", "2", "2"), "not_eligible_for_quota no_quota_seat");
    assert_eq!(told("c9", "2", "1"), "out_of_scope");
    assert!(cells(&result, "results.csv", &[], "programme_code").iter().all(String::is_empty));
    // One point more each, and a gate is a gate no longer: the line and the gates are inclusive.
    let better = draft.but("scores.csv", "c7,109,40", "c7,110,40").but("scores.csv", "c8,99,40", "c8,120,40");
    let result = better.admit();
    assert_eq!(reason(&result, &["c7", "1", "1"]), "admitted open");
    assert_eq!(reason(&result, &["c8", "2", "1"]), "already_admitted_above 1/1");
}

#[test]
fn lower_choices_are_closed_by_higher_ones() {
    let result = marked(PLAIN, "s", &["600", "599", "599"])
        .with(
            "programmes.csv",
            "programme_code,school_code,name,batch,seats\nP1,S1,One,1,1\nP2,S1,Two,1,1\nP3,S1,None,1,0\n",
        )
        .with(
            "preferences.csv",
            "exam_no,batch,position,programme_code\nc1,1,2,P1\nc1,1,5,P2\nc2,1,1,P3\nc2,1,2,P1\n",
        )
        .admit();
    assert_eq!(cell(&result, "results.csv", &["c1"], "position"), "2");
    assert_eq!(reason(&result, &["c1", "1", "5"]), "already_admitted_above 1/2");
    assert_eq!(reason(&result, &["c2", "1", "1"]), "below_cutoff open:none");
    assert_eq!(reason(&result, &["c2", "1", "2"]), "below_cutoff open:total:1");
}

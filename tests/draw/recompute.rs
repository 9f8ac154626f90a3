//! A draw by three programs: this one, the script of the page, plain Python; the same bytes, the same refusals.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use zhaosheng::service::compulsory::recompute_draw::{AskedDraw, recompute_draw};

fn asked(list: &str, parts: &str, seats: &str) -> AskedDraw {
    AskedDraw {
        list: list.as_bytes().to_vec(),
        parts: parts.to_owned(),
        round: "1".to_owned(),
        seats: seats.to_owned(),
        twins: "admit_both".to_owned(),
        ..AskedDraw::default()
    }
}

/// What the form holds, a line for the other programs.
fn line(asked: &AskedDraw) -> Value {
    json!({ "list": String::from_utf8(asked.list.clone()).unwrap(), "whole": asked.whole, "parts": asked.parts,
            "round": asked.round, "seats": asked.seats, "twins": asked.twins, "rehearsal": asked.rehearsal })
}

/// What this program answers, in the words of the others.
fn own(asked: &AskedDraw) -> Value {
    recompute_draw(asked).map_or(Value::Null, |drawn| {
        json!({ "hash": drawn.list_hash, "seed": drawn.seed, "bits": drawn.bits, "order": drawn.order,
                "print": drawn.order_hash })
    })
}

/// The answers of another program; none, and said, where it is not on this machine.
fn of(program: &str, script: &str, cases: &[AskedDraw]) -> Option<Vec<Value>> {
    let script = format!("{}/tests/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(program);
    command.arg(script).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
    let mut process = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
        Ok(process) => process,
        Err(error) => {
            println!("skipped: {program} does not run here: {error}");
            return None;
        }
    };
    let lines: String = cases.iter().map(|asked| format!("{}\n", line(asked))).collect();
    // Both read everything before they answer, or answer less than a pipe holds for each line they have read.
    let mut input = process.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let answer = process.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(answer.status.success(), "{program}");
    let text = String::from_utf8(answer.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn all_agree(cases: &[AskedDraw]) {
    for (program, script) in [("node", "draw/recompute.mjs"), ("python3", "independent/recompute_draw.py")] {
        let Some(answers) = of(program, script, cases) else { continue };
        assert_eq!(answers.len(), cases.len(), "{program}");
        for (asked, answer) in cases.iter().zip(answers) {
            assert_eq!(answer, own(asked), "{program}: {}", line(asked));
        }
    }
}

#[test]
fn three_programs_draw_the_known_answers() {
    // The golden values of engine/draw.rs.
    let golden = asked("ticket,heads\nb,2\na,1\n", "03 11 24 29\noffice", "2");
    let answer = own(&golden);
    assert_eq!(answer["hash"], "96250ffc3df7c46865c777b6c48e034d1cc49edba47347d674bd8b06c45e6588");
    assert_eq!(answer["seed"], "1ce3eb44bde20350afdf7384c65c14086b7363656579fb14edb5607c2f3bf2e8");
    assert_eq!(
        answer["order"],
        "place,ticket,number,heads,admitted\n1,b,7188262050997671032,2,1\n2,a,16578143759303082491,1,0\n"
    );
    let with = |change: &dyn Fn(&mut AskedDraw)| {
        let mut other = golden.clone();
        change(&mut other);
        other
    };
    let cases = [
        golden.clone(),
        with(&|asked| asked.rehearsal = true),
        with(&|asked| asked.whole = "AB".repeat(32)),
        with(&|asked| asked.twins = "next_single".to_owned()),
        with(&|asked| asked.seats = " 1 ".to_owned()),
        with(&|asked| asked.seats = "0".to_owned()),
        with(&|asked| asked.seats = "4294967295".to_owned()),
        with(&|asked| asked.round = "4294967295".to_owned()),
        with(&|asked| asked.parts = "0011aabbccddeeff\r\n\r\n12:30 4/5\r\nnotary ".to_owned()),
        with(&|asked| asked.parts = "f".repeat(200)),
        with(&|asked| asked.parts = "球 03".to_owned()),
        with(&|asked| asked.list = "\u{feff}heads,ticket\r\n,张-01\r\n2,\"b\"\r\n\r\n1,𠮷\r\n1,ﬀ".into()),
        with(&|asked| asked.list = "number,ticket,heads\n2,b,1\n1,a,1\n".into()),
        with(&|asked| asked.list = " ticket \nb\n a \n".into()),
        with(&|asked| asked.list = format!("ticket\n{}\n", "x".repeat(64)).into()),
    ];
    let hashes: Vec<Value> = cases.iter().map(|asked| own(asked)["print"].clone()).collect();
    assert!(!hashes.contains(&Value::Null), "{hashes:?}");
    assert_ne!(hashes[0], hashes[1], "a rehearsal has numbers of its own");
    assert_eq!(own(&cases[1])["bits"], answer["bits"], "a rehearsal adds no chance");
    assert_ne!(hashes[0], hashes[2], "another whole list is another seed");
    all_agree(&cases);
}

#[test]
fn three_programs_refuse_the_same() {
    let list = |list: &str| asked(list, "x", "1");
    let cases = [
        list(""),
        list("ticket\n"),
        list("heads\n1\n"),
        list("ticket,name\na,b\n"),
        list("ticket,ticket\na,b\n"),
        list("ticket\na\na\n"),
        list("ticket\na b\n"),
        list("ticket\n'a\n"),
        list(&format!("ticket\n{}\n", "x".repeat(65))),
        list("ticket,heads\na,0\n"),
        list("ticket,heads\na,10\n"),
        list("ticket,heads\na,one\n"),
        list("ticket,heads\na,1,2\n"),
        list("number,ticket\n2,a\n1,b\n"),
        list("number,ticket\nx,a\n"),
        asked("ticket\na\n", "\n", "1"),
        asked("ticket\na\n", "x", "-1"),
        asked("ticket\na\n", "x", "4294967296"),
        asked("ticket\na\n", "x", ""),
        AskedDraw { whole: "ab".to_owned(), ..list("ticket\na\n") },
        AskedDraw { twins: String::new(), ..list("ticket\na\n") },
        AskedDraw { round: "1.5".to_owned(), ..list("ticket\na\n") },
    ];
    for asked in &cases {
        assert_eq!(own(asked), Value::Null, "{}", line(asked));
    }
    all_agree(&cases);
}

#[test]
fn three_programs_draw_fifty_random_lists_alike() {
    // A congruential generator: the cases are the same at every run.
    let mut state = 20_261_122_u64;
    let mut below = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let letters = ["a", "Z", "7", "-", ".", "/", ":", "_", "张", "é", "𠮷", "ﬀ", "Ⅳ"];
    let cases: Vec<AskedDraw> = (0..50)
        .map(|case| {
            let mut rows = String::from("ticket,heads\n");
            for ticket in 0..=below(120) {
                let name: String =
                    (0..below(6)).map(|_| letters[below(letters.len() as u64) as usize]).collect();
                rows += &format!("{name}{ticket},{}\n", 1 + below(3));
            }
            let part = |number: u64| format!("{number:0width$}", width = 1 + (number % 30) as usize);
            let parts: Vec<String> = (0..=below(3)).map(|_| part(below(1 << 31))).collect();
            AskedDraw {
                whole: if case % 5 == 0 { "0f".repeat(32) } else { String::new() },
                round: below(1 << 31).to_string(),
                twins: if case % 2 == 0 { "admit_both" } else { "next_single" }.to_owned(),
                rehearsal: case % 7 == 0,
                ..asked(&rows, &parts.join("\n"), &below(150).to_string())
            }
        })
        .collect();
    all_agree(&cases);
}

//! The statements of one submission, read off the service itself, and run again by nothing but the database.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use rusqlite::types::Value as Cell;
use zhaosheng::service::precondition::Precondition;
use zhaosheng::storage::database::{SETTINGS, WRITERS_SETTINGS};

use crate::support::staged_city::{Filer, Outcome, open, submit, told};

/// What was asked of the database while somebody listens.
static HEARD: Mutex<Option<Vec<String>>> = Mutex::new(None);

fn listener() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && let Some(heard) = HEARD.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            heard.push(query.to_string());
        }
    }))
}

/// The statements of a second and later submission, in order.
pub(crate) async fn statements(url: &str, filer: &Filer) -> Outcome<Vec<Statement>> {
    set_default_instrumentation(listener)?;
    let app = open(url)?;
    submit(&app, filer, Precondition::MatchAny).await.map_err(told)?;
    *HEARD.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    submit(&app, filer, Precondition::MatchAny).await.map_err(told)?;
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
    set_default_instrumentation(|| None)?;
    let mut statements: Vec<Statement> =
        heard.iter().map(|text| Statement::read(text)).collect::<Outcome<_>>()?;
    let of = |table: &str, column: &str| {
        let insert = statements.iter().find(|statement| statement.inserts_into == table)?;
        insert.binds.iter().find(|bind| bind.column == column).map(|bind| bind.value.clone())
    };
    let Some(Value::Text(key)) = of("idempotency_keys", "key") else {
        return Err("the submission kept no key".into());
    };
    for statement in &mut statements {
        statement.vary(&filer.exam_no, &key);
    }
    Ok(statements)
}

/// A bound value.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Integer(i64),
    Bool(bool),
    Text(String),
    List(Vec<Value>),
    /// Changes with every submission.
    Varied(Vec<Part>),
}

/// A part of a value that changes.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Same(String),
    Exam,
    Key,
    Chain,
    /// Of the audit line: one more than the chain's head told.
    Number,
    /// A number that nothing else has.
    Fresh,
}

#[derive(Clone, Debug)]
struct Bind {
    /// The column it is written to or compared with.
    column: String,
    value: Value,
}

/// A statement with its values.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    /// The text around the placeholders.
    fragments: Vec<String>,
    binds: Vec<Bind>,
    /// The table of an `INSERT`; else empty.
    inserts_into: String,
}

impl Statement {
    /// Reads what diesel tells of a query: its text, and its values as Rust prints them.
    fn read(told: &str) -> Outcome<Statement> {
        let (sql, values) = told.rsplit_once(" -- binds: ").unwrap_or((told, "[]"));
        let mut left = values;
        let Some(Value::List(values)) = printed(&mut left) else { return Err(told.into()) };
        let (fragments, columns, inserts_into) = placeholders(sql);
        if columns.len() != values.len() {
            return Err(format!("{} placeholders, {} values: {told}", columns.len(), values.len()).into());
        }
        let binds = columns.into_iter().zip(values).map(|(column, value)| Bind { column, value }).collect();
        Ok(Statement { sql: sql.to_owned(), fragments, binds, inserts_into })
    }

    /// Finds the values that belong to this submission alone.
    fn vary(&mut self, exam_no: &str, key: &str) {
        let updates = self.sql.starts_with("UPDATE");
        for bind in &mut self.binds {
            let part = match (self.inserts_into.as_str(), bind.column.as_str()) {
                ("outbox", "id") | ("form_versions", "version") => Some(Part::Fresh),
                ("audit_lines", "number") => Some(Part::Number),
                // Beside the head's own number a limit stands behind a column of this name.
                (_, "number") if updates => Some(Part::Number),
                (_, "chain") => Some(Part::Chain),
                _ => None,
            };
            if let Some(part) = part {
                bind.value = Value::Varied(vec![part]);
                continue;
            }
            // What the answer and the changes hold is never looked for: it may name the same candidate always.
            if let Value::Text(text) = &bind.value
                && !matches!(bind.column.as_str(), "answer" | "changes")
            {
                let parts = parts(text, exam_no, key);
                if parts.iter().any(|part| !matches!(part, Part::Same(_))) {
                    bind.value = Value::Varied(parts);
                }
            }
        }
    }
}

/// A text cut at the candidate's number and at the key.
fn parts(text: &str, exam_no: &str, key: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut left = text;
    while !left.is_empty() {
        let next = [(exam_no, Part::Exam), (key, Part::Key)]
            .into_iter()
            .filter_map(|(word, part)| left.find(word).map(|at| (at, word.len(), part)))
            .min_by_key(|found| found.0);
        let Some((at, length, part)) = next else {
            parts.push(Part::Same(left.to_owned()));
            break;
        };
        if at > 0 {
            parts.push(Part::Same(left[..at].to_owned()));
        }
        parts.push(part);
        left = &left[at + length..];
    }
    parts
}

/// Reads a value as Rust prints it, and goes on behind it.
fn printed(left: &mut &str) -> Option<Value> {
    let after = |left: &mut &str, word: &str| left.strip_prefix(word).map(|rest| *left = rest).is_some();
    if after(left, "[") {
        let mut values = Vec::new();
        while !after(left, "]") {
            values.push(printed(left)?);
            after(left, ", ");
        }
        return Some(Value::List(values));
    }
    if after(left, "Some(") {
        let value = printed(left)?;
        return after(left, ")").then_some(value);
    }
    for (word, value) in [("None", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
        if after(left, word) {
            return Some(value);
        }
    }
    if after(left, "\"") {
        let mut text = String::new();
        let mut signs = left.char_indices();
        while let Some((at, sign)) = signs.next() {
            match sign {
                '"' => {
                    *left = &left[at + 1..];
                    return Some(Value::Text(text));
                }
                '\\' => match signs.next()?.1 {
                    'n' => text.push('\n'),
                    // No other escape stands in what a submission writes.
                    other => text.push(other),
                },
                _ => text.push(sign),
            }
        }
        return None;
    }
    let end = left.find([',', ']', ')']).unwrap_or(left.len());
    let number = left[..end].parse().ok()?;
    *left = &left[end..];
    Some(Value::Integer(number))
}

/// The text around the placeholders of a statement, the column of each, and the table of an `INSERT`.
fn placeholders(sql: &str) -> (Vec<String>, Vec<String>, String) {
    let (mut fragments, mut columns) = (vec![String::new()], Vec::new());
    let (mut inserts_into, mut inserted) = (String::new(), Vec::new());
    // The last quoted name; the place in a row of `VALUES`, which are where `depth` counts.
    let (mut name, mut depth, mut place, mut in_values) = (String::new(), 0, 0, false);
    let insert = sql.starts_with("INSERT");
    let mut signs = sql.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\'' => {
                fragments.last_mut().expect("one").push(sign);
                for (_, sign) in signs.by_ref() {
                    fragments.last_mut().expect("one").push(sign);
                    if sign == '\'' {
                        break;
                    }
                }
                continue;
            }
            '"' | '`' => {
                name = sql[at + 1..].split(sign).next().unwrap_or_default().to_owned();
                fragments.last_mut().expect("one").push_str(&sql[at..at + name.len() + 2]);
                for _ in 0..=name.chars().count() {
                    signs.next();
                }
                if insert && inserts_into.is_empty() {
                    inserts_into.clone_from(&name);
                } else if insert && !in_values {
                    inserted.push(name.clone());
                }
                continue;
            }
            '?' | '$' if sign == '?' || signs.peek().is_some_and(|next| next.1.is_ascii_digit()) => {
                while signs.next_if(|next| sign == '$' && next.1.is_ascii_digit()).is_some() {}
                columns.push(if in_values { inserted[place].clone() } else { name.clone() });
                fragments.push(String::new());
                continue;
            }
            '(' => {
                depth += 1;
                if in_values && depth == 1 {
                    place = 0;
                }
            }
            ')' => depth -= 1,
            ',' if in_values && depth == 1 => place += 1,
            'V' if insert && sql[at..].starts_with("VALUES") => in_values = true,
            _ => {}
        }
        fragments.last_mut().expect("one").push(sign);
    }
    (fragments, columns, inserts_into)
}

/// Submissions per second of a loop over prepared statements on one connection, many to a commit.
pub(crate) fn sqlite(
    file: &Path,
    statements: &[Statement],
    exam_nos: &[String],
    together: usize,
    duration: Duration,
) -> Outcome<f64> {
    let connection = rusqlite::Connection::open(file)?;
    connection.execute_batch(SETTINGS)?;
    connection.execute_batch(WRITERS_SETTINGS)?;
    let inside = statements.iter().filter(|one| !one.sql.starts_with("BEGIN") && one.sql != "COMMIT");
    let mut prepared: Vec<_> =
        inside.map(|one| Ok((connection.prepare(&one.sql)?, one))).collect::<Result<_, rusqlite::Error>>()?;
    // What one run wrote, the next may not write again.
    static RUNS: AtomicI64 = AtomicI64::new(1);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let began = Instant::now();
    let (mut count, mut fresh) = (0_usize, run * 1_000_000_000);
    while began.elapsed() < duration {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..together {
            let exam_no = &exam_nos[count % exam_nos.len()];
            let chain = 1 + (count % 16) as i64;
            let key = format!("bare-{run}-{count}");
            let mut number = 0;
            for (statement, template) in &mut prepared {
                for (at, bind) in template.binds.iter().enumerate() {
                    let cell = cell(&bind.value, (exam_no, &key), (chain, number), &mut fresh);
                    statement.raw_bind_parameter(at + 1, cell)?;
                }
                let columns = statement.column_count();
                if columns == 0 {
                    statement.raw_execute()?;
                    continue;
                }
                let told = statement.column_names().iter().position(|&name| name == "number");
                let told = told.filter(|_| template.sql.contains("audit_heads"));
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    for column in 0..columns {
                        let cell = row.get_ref(column)?;
                        if told == Some(column) {
                            number = cell.as_i64()? + 1;
                        }
                        std::hint::black_box(cell);
                    }
                }
            }
            count += 1;
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

fn cell(value: &Value, (exam_no, key): (&str, &str), (chain, number): (i64, i64), fresh: &mut i64) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Integer(number) => Cell::Integer(*number),
        Value::Bool(value) => Cell::Integer(i64::from(*value)),
        Value::Text(text) => Cell::Text(text.clone()),
        Value::List(_) => Cell::Null,
        Value::Varied(parts) => match parts.as_slice() {
            [Part::Chain] => Cell::Integer(chain),
            [Part::Number] => Cell::Integer(number),
            [Part::Fresh] => {
                *fresh += 1;
                Cell::Integer(*fresh)
            }
            parts => Cell::Text(
                parts
                    .iter()
                    .map(|part| match part {
                        Part::Same(text) => text.as_str(),
                        Part::Exam => exam_no,
                        _ => key,
                    })
                    .collect(),
            ),
        },
    }
}

/// A script of the statements for pgbench, and the values that stay the same.
pub(crate) fn script(statements: &[Statement], exam_nos: &[String]) -> (String, Vec<(String, String)>) {
    // One area's numbers follow each other.
    let (first, last) = (exam_nos.iter().min().expect("one"), exam_nos.iter().max().expect("one"));
    let mut text = format!(
        "\\set exam random({first}, {last})\n\\set chain random(1, 16)\n\\set key random(1, 9000000000000000000)\n"
    );
    let mut same: Vec<(String, String)> = Vec::new();
    let mut fresh = 0;
    let mut body = String::new();
    for statement in statements {
        for (at, fragment) in statement.fragments.iter().enumerate() {
            body.push_str(fragment);
            let Some(bind) = statement.binds.get(at) else { continue };
            let mut variable = |value: String| {
                same.push((format!("c{}", same.len()), value));
                format!(":c{}", same.len() - 1)
            };
            let shown = match &bind.value {
                Value::Null => "NULL".to_owned(),
                // pgbench knows no empty variable.
                Value::Text(text) if text.is_empty() => "''".to_owned(),
                Value::Bool(value) => value.to_string(),
                Value::Integer(number) => variable(number.to_string()),
                Value::Text(text) => variable(text.clone()),
                Value::List(values) => {
                    variable(format!("{{{}}}", values.iter().map(quoted).collect::<Vec<_>>().join(",")))
                }
                Value::Varied(parts) => {
                    let each = parts.iter().map(|part| match part {
                        Part::Same(text) => format!("'{}'", text.replace('\'', "''")),
                        Part::Exam => ":exam".to_owned(),
                        Part::Key => ":key".to_owned(),
                        Part::Chain => ":chain".to_owned(),
                        Part::Number => ":number".to_owned(),
                        Part::Fresh => {
                            fresh += 1;
                            format!(":fresh{fresh}")
                        }
                    });
                    let each: Vec<String> = each.collect();
                    if each.len() == 1 { each.concat() } else { format!("({})", each.join(" || ")) }
                }
            };
            body.push_str(&shown);
        }
        let tells = statement.sql.contains("audit_heads") && statement.sql.starts_with("SELECT");
        body.push_str(if tells { " \\gset\n\\set number :number + 1\n" } else { ";\n" });
    }
    for number in 1..=fresh {
        text.push_str(&format!("\\set fresh{number} random(1000, 9000000000000000)\n"));
    }
    (text + &body, same)
}

fn quoted(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Submissions per second of pgbench with that script.
pub(crate) fn pgbench(
    url: &str,
    script: &Path,
    same: &[(String, String)],
    clients: usize,
    duration: Duration,
) -> Outcome<f64> {
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()]);
    command.args(["-T", &duration.as_secs().max(1).to_string(), "-f", &script.display().to_string()]);
    for (name, value) in same {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    let told = command.arg(url).output()?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.filter(|_| told.status.success())
        .ok_or_else(|| format!("pgbench: {text}{}", String::from_utf8_lossy(&told.stderr)).into())
}

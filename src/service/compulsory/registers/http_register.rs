//! A register by its service: batches of questions posted as JSON, with a bearer token.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::compulsory::evidence::{Comparison, Source};
use crate::domain::compulsory::register_question::{Answer, Question};
use crate::service::compulsory::registers::register::Register;

/// Bytes of an answer at most.
const MOST_ANSWER: u64 = 1 << 20;
/// After so many batches in a row without an answer the register is taken for down, and nothing more is sent.
const MOST_SILENT: u32 = 3;

/// A service that compares.
pub struct HttpRegister {
    pub source: Source,
    pub url: String,
    /// Sent as `Authorization: Bearer`; never told.
    pub token: String,
    /// Questions of one request.
    pub batch: usize,
    /// Of one request.
    pub timeout: Duration,
    /// How often a batch is tried.
    pub tries: u32,
    /// Before the second try; twice as long before every further one.
    pub wait: Duration,
}

/// What is posted.
#[derive(Serialize)]
struct Asked<'q> {
    format: &'static str,
    source: &'static str,
    questions: Vec<AskedOne<'q>>,
}

/// One question: its number in this request, and what the fact needs.
#[derive(Serialize)]
struct AskedOne<'q> {
    no: usize,
    fact: &'static str,
    name: &'q str,
    id_no: &'q str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address: &'q str,
}

impl<'q> AskedOne<'q> {
    fn of((no, question): (usize, &'q Question)) -> AskedOne<'q> {
        let (name, id_no, address) = (&question.name, &question.id_no, &question.address);
        AskedOne { no, fact: question.fact.word(), name, id_no, address }
    }
}

/// What comes back.
#[derive(Deserialize)]
struct Answered {
    format: String,
    /// The day of the register's data.
    day: Date,
    answers: Vec<AnsweredOne>,
}

#[derive(Deserialize)]
struct AnsweredOne {
    no: usize,
    comparison: String,
}

/// Why a batch has no answer.
enum Silent {
    /// Another try may help: no connection, too slow, the service is in trouble.
    ForNow,
    /// None will: refused, or no answer of the form.
    ForGood,
}

impl Register for HttpRegister {
    fn source(&self) -> Source {
        self.source
    }

    /// Whatever goes wrong leaves `unavailable` for the questions it concerns.
    fn compare(&self, questions: &[Question]) -> Vec<Answer> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            // Nobody leads numbers of identity or the token elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .into();
        let mut answers = Vec::with_capacity(questions.len());
        let mut silent = 0;
        for batch in questions.chunks(self.batch.max(1)) {
            let answered = if silent < MOST_SILENT { self.asked(&agent, batch) } else { None };
            silent = if answered.is_some() { 0 } else { silent + 1 };
            answers.extend(answered.unwrap_or_else(|| vec![Answer::UNAVAILABLE; batch.len()]));
        }
        answers
    }
}

impl HttpRegister {
    /// The answers of a batch, tried as often as was said.
    fn asked(&self, agent: &ureq::Agent, batch: &[Question]) -> Option<Vec<Answer>> {
        let mut wait = self.wait;
        for attempt in 1..=self.tries {
            match self.post(agent, batch) {
                Ok(answers) => return Some(answers),
                Err(Silent::ForGood) => return None,
                Err(Silent::ForNow) if attempt < self.tries => {
                    std::thread::sleep(wait);
                    wait *= 2;
                }
                Err(Silent::ForNow) => {}
            }
        }
        None
    }

    fn post(&self, agent: &ureq::Agent, batch: &[Question]) -> Result<Vec<Answer>, Silent> {
        let asked = Asked {
            format: "register_questions/1",
            source: self.source.word(),
            questions: (1..).zip(batch).map(AskedOne::of).collect(),
        };
        let body = serde_json::to_vec(&asked).map_err(|_| Silent::ForGood)?;
        // No cause is kept: it could quote what was sent.
        let answer = agent
            .post(&self.url)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .send(&body[..]);
        let mut answer = answer.map_err(|_| Silent::ForNow)?;
        match answer.status() {
            status if status.is_success() => {}
            status if status.is_server_error() || status.as_u16() == 429 => return Err(Silent::ForNow),
            _ => return Err(Silent::ForGood),
        }
        let text = answer.body_mut().with_config().limit(MOST_ANSWER).read_to_vec();
        let text = text.map_err(|_| Silent::ForNow)?;
        let answered: Answered = serde_json::from_slice(&text).map_err(|_| Silent::ForGood)?;
        if answered.format != "register_answers/1" {
            return Err(Silent::ForGood);
        }
        Ok(matched(batch.len(), &answered))
    }
}

/// An answer per question: none, two or an unknown one is none.
fn matched(questions: usize, answered: &Answered) -> Vec<Answer> {
    let mut told: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for one in &answered.answers {
        told.entry(one.no).or_default().push(&one.comparison);
    }
    let answer = |no: usize| {
        let [word] = told.get(&no)?[..] else { return None };
        let comparison = Comparison::ALL.into_iter().find(|comparison| comparison.word() == word)?;
        let day = Some(answered.day).filter(|_| comparison != Comparison::Unavailable);
        Some(Answer { comparison, day })
    };
    (1..=questions).map(|no| answer(no).unwrap_or(Answer::UNAVAILABLE)).collect()
}

//! A market as the tests tell it, and random ones; nothing here comes from `src`.

use std::fmt::Write;

use serde_json::Value;

/// A whole market: who, where, by which rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Town {
    pub(crate) policy: Policy,
    pub(crate) pupils: Vec<Pupil>,
    pub(crate) schools: Vec<School>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) open_first: bool,
    pub(crate) unused: Unused,
    /// The relative gate, in thousandths of a point.
    pub(crate) distance: Option<i64>,
    pub(crate) placing: Placing,
}

/// Where unused quota goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unused {
    Open,
    Pool,
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Placing {
    Parallel,
    /// In thousandths of a point.
    Band {
        width: i64,
        from: i64,
    },
    Sequential,
    Groups(i64),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pupil {
    pub(crate) id: String,
    pub(crate) county: Option<String>,
    pub(crate) junior: Option<String>,
    /// In thousandths of a point.
    pub(crate) score: Option<i64>,
    /// Whole points, bigger first.
    pub(crate) ties: Vec<i64>,
    pub(crate) eligible: Eligible,
    pub(crate) prefs: Vec<usize>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Eligible {
    #[default]
    Yes,
    No,
    At(Vec<usize>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct School {
    pub(crate) id: String,
    pub(crate) seats: usize,
    pub(crate) quota: Vec<(String, usize)>,
    pub(crate) scope: Option<Vec<String>>,
    pub(crate) gate_open: Option<i64>,
    pub(crate) gate_quota: Option<i64>,
    pub(crate) priority: Option<Vec<usize>>,
}

pub(crate) const PLAIN: Policy =
    Policy { open_first: false, unused: Unused::Open, distance: None, placing: Placing::Parallel };

impl Policy {
    /// Every combination of rules that a file may ask for, with typical numbers.
    pub(crate) fn all() -> Vec<Policy> {
        let mut all = Vec::new();
        let orders = [
            (false, Unused::Open),
            (false, Unused::Pool),
            (false, Unused::Empty),
            (true, Unused::Open),
            (true, Unused::Empty),
        ];
        for (open_first, unused) in orders {
            for placing in [
                Placing::Parallel,
                Placing::Band { width: 1_000, from: 603_000 },
                Placing::Band { width: 2_500, from: 606_000 },
                Placing::Sequential,
                Placing::Groups(1),
                Placing::Groups(2),
            ] {
                all.push(Policy { open_first, unused, distance: None, placing });
            }
            if unused == Unused::Open {
                for distance in [0, 500, 1_000, 2_000, 900_000] {
                    all.push(Policy { open_first, unused, distance: Some(distance), ..PLAIN });
                }
            }
        }
        all
    }

    /// Those of one parallel batch.
    pub(crate) fn parallel() -> Vec<Policy> {
        Policy::all().into_iter().filter(|policy| policy.placing == Placing::Parallel).collect()
    }
}

/// Small, repeatable chance (splitmix64).
#[derive(Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn within(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    pub(crate) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub(crate) fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for last in (1..list.len()).rev() {
            let pick = self.below(last + 1);
            list.swap(last, pick);
        }
        list
    }
}

/// How large and how crowded a random town is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) pupils: usize,
    pub(crate) schools: usize,
    pub(crate) counties: usize,
    pub(crate) juniors: usize,
    /// Different totals.
    pub(crate) totals: usize,
    pub(crate) longest: usize,
    /// In percent of the pupils.
    pub(crate) seats: usize,
    /// In percent, how often a school has each odd thing: scope, gate, list, quota.
    pub(crate) scope: usize,
    pub(crate) gate: usize,
    pub(crate) list: usize,
    pub(crate) quota: usize,
}

impl Shape {
    pub(crate) fn tiny(pupils: usize, schools: usize) -> Shape {
        Shape {
            pupils,
            schools,
            counties: 2,
            juniors: 3,
            totals: 8,
            longest: schools,
            seats: 90,
            scope: 25,
            gate: 30,
            list: 15,
            quota: 75,
        }
    }

    pub(crate) fn middle(pupils: usize, schools: usize) -> Shape {
        Shape {
            pupils,
            schools,
            counties: 3,
            juniors: 12,
            totals: 400,
            longest: 8,
            seats: 80,
            scope: 30,
            gate: 30,
            list: 8,
            quota: 80,
        }
    }
}

impl Town {
    pub(crate) fn random(seed: u64, shape: Shape, policy: Policy) -> Town {
        let mut chance = Chance(seed);
        let junior_county: Vec<usize> = (0..shape.juniors).map(|_| chance.below(shape.counties)).collect();
        let lots = chance.shuffled((0..shape.pupils as i64).collect());
        let mut schools: Vec<School> = (0..shape.schools)
            .map(|school| random_school(&mut chance, shape, &junior_county, school))
            .collect();
        let mut pupils: Vec<Pupil> = lots
            .into_iter()
            .enumerate()
            .map(|(index, lot)| {
                let junior = chance.below(shape.juniors);
                let county = junior_county[junior];
                let prefs = chance.shuffled((0..shape.schools).collect());
                let shortest = usize::from(!chance.percent(5));
                let length = chance.within(shortest, shape.longest.min(shape.schools).max(shortest));
                let prefs: Vec<usize> = prefs.into_iter().take(length).collect();
                let nowhere = chance.percent(4);
                let listed = (0..shape.schools).filter(|_| chance.percent(60)).collect();
                Pupil {
                    id: format!("s{index}"),
                    county: (!chance.percent(4)).then(|| format!("K{county}")),
                    junior: (!nowhere || policy.unused == Unused::Pool).then(|| format!("M{junior}")),
                    score: Some(600_000 + 500 * chance.below(shape.totals) as i64),
                    ties: vec![chance.below(3) as i64, lot],
                    eligible: match chance.below(10) {
                        0..6 => Eligible::Yes,
                        6..8 => Eligible::No,
                        _ => Eligible::At(listed),
                    },
                    prefs,
                }
            })
            .collect();
        for school in &mut schools {
            if chance.percent(shape.list) {
                let all = chance.shuffled((0..shape.pupils).collect());
                school.priority = Some(all.into_iter().filter(|_| chance.percent(80)).collect());
            }
        }
        let needs_totals = policy.distance.is_some() || matches!(policy.placing, Placing::Band { .. });
        for pupil in &mut pupils {
            let by_list = pupil.prefs.iter().all(|&school| {
                let school = &schools[school];
                school.priority.is_some() && school.gate_open.is_none() && school.gate_quota.is_none()
            });
            if by_list && !needs_totals && chance.percent(50) {
                pupil.score = None;
            }
        }
        Town { policy, pupils, schools }
    }

    /// A `market/1` file.
    pub(crate) fn file(&self) -> String {
        let list = |items: Vec<String>| format!("[{}]", items.join(","));
        let quoted = |text: &String| format!("{text:?}");
        let points = |points: Option<i64>| points.map_or("null".to_owned(), decimal);
        let placing = match self.policy.placing {
            Placing::Parallel => r#"{"kind":"parallel"}"#.to_owned(),
            Placing::Band { width, from } => {
                format!(r#"{{"kind":"band","points":{},"from":{}}}"#, decimal(width), decimal(from))
            }
            Placing::Sequential => r#"{"kind":"sequential"}"#.to_owned(),
            Placing::Groups(choices) => format!(r#"{{"kind":"choice_bands","choices":{choices}}}"#),
        };
        let pupils = self.pupils.iter().map(|pupil| {
            let ids = |schools: &[usize]| {
                list(schools.iter().map(|&school| quoted(&self.schools[school].id)).collect())
            };
            format!(
                r#"{{"id":{:?},"county":{},"junior":{},"score":{},"tiebreak":{:?},"quota_eligible":{},"prefs":{}}}"#,
                pupil.id,
                pupil.county.as_ref().map_or("null".to_owned(), quoted),
                pupil.junior.as_ref().map_or("null".to_owned(), quoted),
                points(pupil.score),
                pupil.ties,
                match &pupil.eligible {
                    Eligible::Yes => "true".to_owned(),
                    Eligible::No => "false".to_owned(),
                    Eligible::At(schools) => ids(schools),
                },
                ids(&pupil.prefs),
            )
        });
        let schools = self.schools.iter().map(|school| {
            let mut quota = String::new();
            for (junior, seats) in &school.quota {
                let comma = if quota.is_empty() { "" } else { "," };
                write!(quota, "{comma}{junior:?}:{seats}").unwrap();
            }
            let counties = school.scope.as_ref().map(|scope| list(scope.iter().map(quoted).collect()));
            let order = school.priority.as_ref().map(|order| {
                list(order.iter().map(|&pupil| quoted(&self.pupils[pupil].id)).collect())
            });
            format!(
                r#"{{"id":{:?},"capacity":{},"quota":{{{quota}}},"scope":{},"gate_open":{},"gate_quota":{},"priority":{}}}"#,
                school.id,
                school.seats,
                counties.unwrap_or("null".to_owned()),
                points(school.gate_open),
                points(school.gate_quota),
                order.unwrap_or("null".to_owned()),
            )
        });
        format!(
            "{{\"format\":\"market/1\",\"policy\":{{\"precedence\":\"{}\",\"reversion\":\"{}\",\"relative_gate\":{},\
             \"placing\":{placing}}},\n\"students\":[{}],\n\"schools\":[{}]}}",
            if self.policy.open_first { "open_first" } else { "quota_first" },
            match self.policy.unused {
                Unused::Open => "open",
                Unused::Pool => "county_pool",
                Unused::Empty => "none",
            },
            points(self.policy.distance),
            pupils.collect::<Vec<_>>().join(",\n"),
            schools.collect::<Vec<_>>().join(",\n"),
        )
    }

    /// Reads a sound `market/1` value, for the cases; no checks.
    pub(crate) fn read(market: &Value) -> Town {
        let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let index = |list: &[Value], id: &Value| list.iter().position(|one| one["id"] == *id).unwrap();
        let (students, schools) = (array(&market["students"]), array(&market["schools"]));
        let policy = &market["policy"];
        let placing = &policy["placing"];
        Town {
            policy: Policy {
                open_first: policy["precedence"] == "open_first",
                unused: match policy["reversion"].as_str() {
                    Some("county_pool") => Unused::Pool,
                    Some("none") => Unused::Empty,
                    _ => Unused::Open,
                },
                distance: thousandths(&policy["relative_gate"]),
                placing: match placing["kind"].as_str() {
                    Some("band") => Placing::Band {
                        width: thousandths(&placing["points"]).unwrap(),
                        from: thousandths(&placing["from"]).unwrap(),
                    },
                    Some("sequential") => Placing::Sequential,
                    Some("choice_bands") => Placing::Groups(placing["choices"].as_i64().unwrap()),
                    _ => Placing::Parallel,
                },
            },
            pupils: students
                .iter()
                .map(|student| Pupil {
                    id: text(&student["id"]).unwrap(),
                    county: text(&student["county"]),
                    junior: text(&student["junior"]),
                    score: thousandths(&student["score"]),
                    ties: array(&student["tiebreak"]).iter().filter_map(thousandths).collect(),
                    eligible: match &student["quota_eligible"] {
                        Value::Bool(false) => Eligible::No,
                        Value::Array(at) => Eligible::At(at.iter().map(|id| index(&schools, id)).collect()),
                        _ => Eligible::Yes,
                    },
                    prefs: array(&student["prefs"]).iter().map(|id| index(&schools, id)).collect(),
                })
                .collect(),
            schools: schools
                .iter()
                .map(|school| School {
                    id: text(&school["id"]).unwrap(),
                    seats: school["capacity"].as_u64().unwrap() as usize,
                    quota: school["quota"].as_object().map_or(Vec::new(), |cells| {
                        cells
                            .iter()
                            .map(|(junior, seats)| (junior.clone(), seats.as_u64().unwrap() as usize))
                            .collect()
                    }),
                    scope: school["scope"].as_array().map(|all| all.iter().filter_map(text).collect()),
                    gate_open: thousandths(&school["gate_open"]),
                    gate_quota: thousandths(&school["gate_quota"]),
                    priority: school["priority"]
                        .as_array()
                        .map(|order| order.iter().map(|id| index(&students, id)).collect()),
                })
                .collect(),
        }
    }
}

fn random_school(chance: &mut Chance, shape: Shape, junior_county: &[usize], index: usize) -> School {
    let middle = (shape.pupils * shape.seats).div_ceil(100 * shape.schools);
    let seats = if chance.percent(8) { 0 } else { chance.within(middle / 2, middle + middle / 2 + 1) };
    let scope = chance.percent(shape.scope).then(|| {
        let first = chance.below(shape.counties);
        let second = if shape.counties > 2 { chance.below(shape.counties) } else { first };
        let mut scope = vec![format!("K{first}")];
        if second != first {
            scope.push(format!("K{second}"));
        }
        scope
    });
    let mut left = seats;
    let mut quota = Vec::new();
    if chance.percent(shape.quota) {
        let order = chance.shuffled((0..junior_county.len()).collect());
        for junior in order {
            let most = (2 * seats).div_ceil(junior_county.len().max(2)).min(left);
            let cell = chance.within(0, most);
            if chance.percent(70) {
                left -= cell;
                quota.push((format!("M{junior}"), cell));
            }
        }
    }
    let gate = |chance: &mut Chance| {
        let place = chance.below(shape.totals) as i64;
        chance.percent(shape.gate).then_some(600_000 + 500 * place / 2)
    };
    School {
        id: format!("H{index}"),
        seats,
        quota,
        scope,
        gate_open: gate(chance),
        gate_quota: gate(chance),
        priority: None,
    }
}

/// `612.5` for 612500.
pub(crate) fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.abs() / 1_000, thousandths.abs() % 1_000);
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:03}").trim_end_matches('0').to_owned()
    }
}

fn thousandths(number: &Value) -> Option<i64> {
    let text = number.as_number()?.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: i64 = format!("{part:0<3}").parse().unwrap();
    let whole: i64 = whole.parse().unwrap();
    Some(if text.starts_with('-') { whole * 1_000 - part } else { whole * 1_000 + part })
}

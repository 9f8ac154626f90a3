//! An invented county of any size: zones on a grid, both stages, every way into a school.

use std::fmt::Write;

/// A source of chance for tests: the same seed, the same county.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }

    /// Whether something of so many percent happens.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// The policy of the invented county.
pub(crate) const POLICY: &str = r#"
format = "entry/1"
name = "示范县"
year = 2024
[lot]
parts = ["balls 4 8 15 16 23 42", "secret of the notary"]
round = 1
[home_rule]
primary_years = 6
junior_years = 3
since = 2018
[[stage]]
code = "primary"
born_until = "2018-08-31"
class_size = 45
[[stage.category]]
code = "1"
all = ["household", "property"]
household_in_zone = true
order = ["sibling", "distance"]
[[stage.category]]
code = "2"
all = ["household"]
order = ["household_since"]
[[stage.category]]
code = "3"
any = ["martyr", "military", "rescue", "talent"]
[[stage.category]]
code = "4"
all = ["property"]
order = ["property_since"]
[[stage.category]]
code = "5"
all = ["residence_permit"]
any = ["employment", "business"]
[stage.transfer]
[[stage]]
code = "junior"
class_size = 50
ways = ["direct", "feeder", "zone"]
[[stage.category]]
code = "1"
all = ["household"]
order = ["distance"]
[[stage.category]]
code = "2"
all = ["residence_permit"]
[stage.transfer]
schools = "named"
"#;

/// The sheets of a county of about so many children in so many zones, by name.
pub(crate) fn county(children: usize, zones: usize, seed: u64) -> Vec<(&'static str, String)> {
    let chance = &mut Chance::new(seed);
    // A zone has a primary school; every third cell of the grid also a junior high; every seventh school has both.
    let width = zones.isqrt().max(1);
    let mut schools =
        "school_code,name,kind,ownership,primary_classes,primary_seats,junior_classes,junior_seats,replacement,longitude,latitude\n"
            .to_owned();
    let mut zone_rows = "zone_code,name,stage,schools,text\n".to_owned();
    let mut addresses = "address_code,text,primary_zone,junior_zone,longitude,latitude\n".to_owned();
    let mut feeders = "primary_code,junior_code\n".to_owned();
    let place = |cell: usize, chance: &mut Chance| {
        let decimal = |whole: usize, at: usize, chance: &mut Chance| {
            format!("{whole}.{:04}", 1000 + at * 100 + chance.below(100))
        };
        (decimal(112, cell % width, chance), decimal(31, cell / width % 80, chance))
    };
    for zone in 0..zones {
        let (longitude, latitude) = place(zone, chance);
        let junior = zone / 3;
        let nine = zone % 7 == 3;
        let kind = if nine { "nine_year" } else { "primary" };
        let plan = if nine { "1,40" } else { "," };
        writeln!(
            schools,
            "P{zone:04},小学{zone},{kind},public,5,200,{plan},{},{longitude},{latitude}",
            u8::from(zone % 9 == 8)
        )
        .unwrap();
        writeln!(zone_rows, "ZP{zone:04},片{zone},primary,P{zone:04},").unwrap();
        if zone % 3 == 0 {
            let (longitude, latitude) = place(zone, chance);
            writeln!(
                schools,
                "J{junior:04},初中{junior},junior,public,,,12,590,{},{longitude},{latitude}",
                u8::from(junior % 4 == 3)
            )
            .unwrap();
            writeln!(zone_rows, "ZJ{junior:04},初中片{junior},junior,J{junior:04},").unwrap();
        }
        if zone % 2 == 0 {
            writeln!(feeders, "P{zone:04},J{junior:04}").unwrap();
        }
        for part in 0..8 {
            let (longitude, latitude) = place(zone, chance);
            writeln!(addresses, "A{zone:04}{part},小区,ZP{zone:04},ZJ{junior:04},{longitude},{latitude}")
                .unwrap();
        }
    }
    for private in 0..zones / 20 + 1 {
        writeln!(schools, "V{private:03},民办{private},nine_year,private,1,40,1,40,0,,").unwrap();
    }
    let mut child_rows = "child_no,stage,born,household_address,household_since,property_address,property_since,residence_address,home,family,twins,primary_code,primary_since,private_code,direct\n".to_owned();
    let mut evidence = "child_no,fact,source,comparison,decision,reason\n".to_owned();
    let mut uses = "home,stage,year,family\n".to_owned();
    let mut proves = |number: &str, fact: &str, source: &str, chance: &mut Chance| {
        let answer = match chance.below(40) {
            0 => "mismatch,accepted,papers seen",
            1 => "not_found,,",
            2 => "unavailable,refused,no papers",
            _ => "match,,",
        };
        writeln!(evidence, "{number},{fact},{source},{answer}").unwrap();
    };
    let mut at = 0;
    while at < children {
        let zone = chance.below(zones);
        let primary = chance.percent(50);
        let address = format!("A{zone:04}{}", chance.below(8));
        let group = chance.below(10);
        let twins = if chance.percent(2) { 2 } else { 1 };
        let since =
            format!("{}-{:02}-{:02}", 2012 + chance.below(12), 1 + chance.below(12), 1 + chance.below(28));
        let own = |holds: bool, text: &str| if holds { text.to_owned() } else { String::new() };
        let (household, property, residence) = (group < 7, group < 6 || group == 7, group > 7);
        let private = own(chance.percent(4), &format!("V{:03}", chance.below(zones / 20 + 1)));
        let home = format!("h{at}");
        if chance.percent(5) {
            let family = if chance.percent(30) { format!("f{at}") } else { format!("o{at}") };
            let stage = if primary { "primary" } else { "junior" };
            writeln!(uses, "{home},{stage},{},{family}", 2015 + chance.below(9)).unwrap();
        }
        let born = match (primary, chance.percent(1)) {
            (true, true) => "2018-09-01".to_owned(),
            (true, false) => format!("{}-{:02}-01", 2017, 9 + chance.below(4)),
            (false, _) => "2012-01-01".to_owned(),
        };
        let school = own(!primary && !chance.percent(10), &format!("P{zone:04}"));
        let school_since = own(!school.is_empty(), &format!("201{}-09-01", 7 + chance.below(3)));
        let direct = u8::from(!school.is_empty() && zone % 7 == 3 && chance.percent(60));
        let facts: Vec<(&str, &str)> = [
            (household, "household", "police"),
            (property, "property", "housing"),
            (residence, "residence_permit", "police"),
            (group == 8, "employment", "social_security"),
            (group == 9, "business", "market"),
            (chance.percent(1), "military", "papers"),
            (chance.percent(5), "sibling", "papers"),
        ]
        .into_iter()
        .filter(|fact| fact.0)
        .map(|fact| (fact.1, fact.2))
        .collect();
        for head in 0..twins {
            let number = format!("{}{:07}", if primary { 'X' } else { 'C' }, at + head);
            writeln!(
                child_rows,
                "{number},{},{born},{},{},{},{},{},{home},f{at},{},{school},{school_since},{private},{direct}",
                if primary { "primary" } else { "junior" },
                own(household, &address),
                own(household, &since),
                own(property, &address),
                own(property, &since),
                own(residence, &address),
                own(twins > 1, &format!("t{at}")),
            )
            .unwrap();
            // What is proved of one of the twins is proved of the other.
            let mut same = Chance::new(at as u64 + 1);
            for (fact, source) in &facts {
                proves(&number, fact, source, &mut same);
            }
        }
        at += twins;
    }
    vec![
        ("entry.toml", POLICY.to_owned()),
        ("schools.csv", schools),
        ("zones.csv", zone_rows),
        ("addresses.csv", addresses),
        ("feeders.csv", feeders),
        ("children.csv", child_rows),
        ("evidence.csv", evidence),
        ("home_uses.csv", uses),
    ]
}

//! Faulty entry folders: every fault at its place, all at once, and grounds that no policy may name.

use crate::folders::Draft;

/// File, old text, new text, and what is told (the beginning of a line).
const PLANTED: [(&str, &str, &str, &str); 24] = [
    (
        "schools.csv",
        "NJ,南街小学,primary",
        "NJ,南街小学,kindergarten",
        "schools.csv row 9 column kind: \"kindergarten\" must be one of",
    ),
    (
        "schools.csv",
        "HC,环翠小学,primary,公办,1,5",
        "HC,环翠小学,primary,公办,1,56",
        "schools.csv row 5 column primary_seats: \"56\" is more than 1 classes of 55 hold",
    ),
    (
        "schools.csv",
        "CG,城关中学,junior,公办,,",
        "CG,城关中学,junior,公办,1,30",
        "schools.csv row 4 column primary_classes: \"1\" must be empty",
    ),
    (
        "schools.csv",
        "SY,实验小学,primary,公办",
        "SY,实验小学,primary,集体",
        "schools.csv row 11 column ownership: \"集体\" must be public or private",
    ),
    (
        "zones.csv",
        "ZSY,实验小学学区,primary,SY",
        "ZSY,实验小学学区,primary,SY;QQ",
        "zones.csv row 7 column schools: \"SY;QQ\" QQ is no school",
    ),
    (
        "zones.csv",
        "ZXJ,西街小学学区,primary,XJ",
        "ZXJ,西街小学学区,primary,BY",
        "zones.csv row 9 column schools: \"BY\" must be public schools",
    ),
    (
        "zones.csv",
        "ZHC,环翠小学学区,primary",
        "ZHC,环翠小学学区,nursery",
        "zones.csv row 3 column stage: \"nursery\" must be primary or junior",
    ),
    (
        "addresses.csv",
        "A06,窑湾社区,ZSY,ZHJ",
        "A06,窑湾社区,ZHJ,ZHJ",
        "addresses.csv row 7 column primary_zone: \"ZHJ\" is a zone of the other stage",
    ),
    ("addresses.csv", "A07,太平村,ZSX,ZSZ", "A01,太平村,ZSX,ZSZ", "addresses.csv row"),
    (
        "children.csv",
        "C01,primary,2015-03-04,A01,A01",
        "C01,primary,2015-13-04,A01,A99",
        "children.csv row 2 column born: \"2015-13-04\" must be a date written YYYY-MM-DD",
    ),
    ("children.csv", "", "", "children.csv row 2 column property_address: \"A99\" is no address"),
    (
        "children.csv",
        "C10,primary,2015-03-04,A02,,,BY",
        "C10,primary,2015-03-04,A02,,,NJ",
        "children.csv row 11 column private_code: \"NJ\" must be a private school of the stage",
    ),
    (
        "children.csv",
        "C11,primary",
        "C11,senior",
        "children.csv row 12 column stage: \"senior\" must be primary or junior",
    ),
    (
        "children.csv",
        "C12,primary",
        "C 12,primary",
        "children.csv row 13 column child_no: \"C 12\" must be 1 to 64 letters",
    ),
    ("children.csv", "J02,junior", "J01,junior", "children.csv row"),
    (
        "children.csv",
        ",LT;YW\nC06",
        ",LT;LT\nC06",
        "children.csv row 6 column transfer_choices: \"LT;LT\" names LT twice",
    ),
    (
        "evidence.csv",
        "C01,household,police,match,,",
        "C01,income,police,match,,",
        "evidence.csv row 2 column fact: \"income\" is no ground of admission",
    ),
    (
        "evidence.csv",
        "C01,property,housing,match,,",
        "C01,property,bank,match,,",
        "evidence.csv row 3 column source: \"bank\" must be one of",
    ),
    (
        "evidence.csv",
        "C02,household,police,match,,",
        "C02,household,police,perhaps,,",
        "evidence.csv row 4 column comparison: \"perhaps\" must be one of",
    ),
    (
        "evidence.csv",
        "not_found,accepted,证明原件已核",
        "not_found,accepted,",
        "evidence.csv row 6 column reason: a decision needs its reason",
    ),
    (
        "evidence.csv",
        "C04,property,housing,match,,",
        "C04,property,housing,match,maybe,",
        "evidence.csv row 7 column decision: \"maybe\" must be accepted or refused",
    ),
    (
        "evidence.csv",
        "C05,employment",
        "C99,employment",
        "evidence.csv row 10 column child_no: \"C99\" is no child",
    ),
    (
        "evidence.csv",
        "C06,residence_permit",
        "C06,certificate",
        "evidence.csv row 11 column fact: \"certificate\" is no ground",
    ),
    (
        "evidence.csv",
        "J02,business,market,match",
        "J02,contest,market,match",
        "evidence.csv row 24 column fact: \"contest\" is no ground",
    ),
];

#[test]
fn every_planted_fault_is_told_at_its_place_and_all_at_once() {
    let mut draft = Draft::of("yicheng");
    for (file, old, new, _) in PLANTED.iter().filter(|planted| !planted.1.is_empty()) {
        draft = draft.change(file, old, new);
    }
    let told = draft.stopped();
    for (.., expected) in PLANTED {
        assert!(told.iter().any(|line| line.starts_with(expected)), "{expected}\n{told:#?}");
    }
}

#[test]
fn a_policy_that_asks_for_what_is_forbidden_is_refused() {
    for ground in ["parents_income", "parents_post", "exam", "contest", "certificate", "score"] {
        let told =
            Draft::of("yicheng").change("entry.toml", "\"martyr\"", &format!("\"{ground}\"")).stopped();
        assert!(told.len() == 1 && told[0].contains("is no ground of admission"), "{ground}: {told:?}");
    }
    for (old, new, words) in [
        ("class_size = 55           #", "class_size = 56 #", "larger classes are forbidden"),
        ("zone_by = [\"property\", \"household\", \"residence\"]", "zone_by = []", "must name an address"),
        ("round = 1", "round = 1\nexam = 3", "unknown field"),
        ("code = \"2\"", "code = \"1\"", "must be there and stand once"),
        (
            "schools = \"named\"",
            "schools = \"named\"\ncategories = [\"9\"]",
            "names a category that is not there",
        ),
        (
            "parts = [\"03 11 24 29 30 07\", \"secret of the notary: 4c1f77d2a9e05b63\"]",
            "parts = []",
            "nothing was drawn yet",
        ),
        ("format = \"entry/1\"", "format = \"entry/2\"", "must be \"entry/1\""),
        (
            "born_until = \"2015-08-31\"",
            "born_until = \"2015-08-31\"\nways = [\"zone\", \"feeder\"]",
            "must be zone alone",
        ),
    ] {
        let told = Draft::of("yicheng").change("entry.toml", old, new).stopped();
        assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:?}");
    }
}

#[test]
fn twins_who_differ_and_draws_that_would_not_be_stable_are_refused() {
    let told = Draft::of("multi_school").change("children.csv", "t1,M1;M3\nB5", "t1,M3;M1\nB5").stopped();
    assert!(told.iter().any(|line| line.contains("must live and apply alike")), "{told:?}");
    let told = Draft::of("multi_school")
        .change(
            "children.csv",
            "B4,primary,2018-02-01,A,2018-05-01,A,t1",
            "B4,primary,2018-02-01,A,2018-05-01,A,",
        )
        .stopped();
    assert!(told.iter().any(|line| line.contains("two children at least")), "{told:?}");
    let told = Draft::of("multi_school")
        .change("evidence.csv", "B4,property,housing,match", "B4,property,housing,mismatch")
        .stopped();
    assert!(told.iter().any(|line| line.contains("must prove alike")), "{told:?}");
    let told = Draft::of("multi_school").change("entry.toml", "admit_both", "next_single").stopped();
    assert!(told.iter().any(|line| line.contains("next_single")), "{told:?}");
}

#[test]
fn a_map_that_is_no_map_is_told() {
    for (old, new, words) in [
        ("\"FeatureCollection\"", "\"Nothing\"", "must be a FeatureCollection"),
        ("\"zone_code\": \"Z1\"", "\"zone_code\": \"Q\"", "is no zone of zones.csv"),
        ("\"Polygon\"", "\"Point\"", "must be a Polygon"),
        ("\"Polygon\", \"coordinates\"", "\"MultiPolygon\", \"corners\"", "has no ring"),
        ("[112.24, 31.72], [112.24, 31.70]]]", "[112.24, 31.72]]]", "end where it begins"),
        ("[112.26, 31.70], [112.26, 31.72]", "[\"x\", 31.70], [112.26, 31.72]", "longitude and latitude"),
        ("{\"type\"", "{\"type", "is no JSON"),
    ] {
        let told = Draft::of("single_school").change("zones.geojson", old, new).stopped();
        assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:?}");
    }
}

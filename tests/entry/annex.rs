//! The annex of Yicheng's notice of 2021: every school, line, village and community of it stands in the worked entry.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::compulsory::place_entry::place_entry;

use crate::folders::case;

/// The zone of every paragraph of the annex, by the words it begins with.
const PARAGRAPHS: [(&str, &str); 8] = [
    ("Chengguan Middle School", "ZCG"),
    ("Hanjiang Middle School", "ZHJ"),
    ("Songyu Middle School", "ZSZ"),
    ("Experimental Primary School", "ZSY"),
    ("Nanjie Elementary School", "ZNJ"),
    ("West Street Elementary School", "ZXJ"),
    ("Huan Cui Primary School", "ZHC"),
    ("Songyu Elementary School", "ZSX"),
];

/// Places as the machine translation writes them and as our texts do. The annex is a translation: which signs its
/// names were written with is our reading. Longer names come first: `South Street Extension` is no `South Street`.
const PLACES: [(&str, &str); 53] = [
    ("Old Jinjin Shopping Center", "老金金商城"),
    ("old Jinjin Shopping Center", "老金金商城"),
    ("South Street City Garden", "南街城市花园"),
    ("South Street Extension", "南街延伸线"),
    ("North Street Exit", "北街口"),
    ("Ronghao International", "融豪国际"),
    ("Xuefu Huating", "学府华庭"),
    ("Tan geographic village", "滩地村"),
    ("Hanjiang River embankment", "汉江堤"),
    ("Hanjiang River Embankment", "汉江堤"),
    ("Hanjiang Road West", "汉江路西"),
    ("Purple Peak Road", "紫峰路"),
    ("Zifeng Road", "紫峰路"),
    ("Yancheng Office", "鄢城办事处"),
    ("Yaowan community", "窑湾社区"),
    ("Yenching community", "燕京社区"),
    ("Baimiao community", "白庙社区"),
    ("Lashu Village", "腊树村"),
    ("Nanhe Village", "南河村"),
    ("Zhougang Village", "周岗村"),
    ("Muqu Village", "木渠村"),
    ("Longtou Village", "龙头村"),
    ("Tihu Village", "铁湖村"),
    ("Qiligang Village", "七里岗村"),
    ("Chirigang Village", "七里岗村"),
    ("Taiping Village", "太平村"),
    ("Yanjiang Street", "沿江街"),
    ("Yandi Street", "沿江街"),
    ("Huangcheng Street", "皇城街"),
    ("Beijie Street", "北街"),
    ("North Street", "北街"),
    ("South Street", "南街"),
    ("East Street", "东街"),
    ("Zhonghua Avenue", "中华大道"),
    ("Yicheng Avenue", "宜城大道"),
    ("Xiangsha Avenue", "襄沙大道"),
    ("Yucai Avenue", "育才大道"),
    ("Ziyangguan Road", "紫阳观路"),
    ("Zizhong Road", "自忠路"),
    ("Qiligang Road", "七里岗路"),
    ("Chirigang Road", "七里岗路"),
    ("Wangjiang Road", "望江路"),
    ("Sui Nan Road", "随南路"),
    ("Suinan Road", "随南路"),
    ("Pan Gang Drainage", "潘岗水渠"),
    ("Pangang Drainage", "潘岗水渠"),
    ("Dingjiaxiang", "丁家巷"),
    ("carp lake", "鲤鱼湖"),
    ("group 1 to group 5", "1组至5组"),
    ("group 6 to group 8", "6组至8组"),
    ("West and South edges of the city", "城区西缘和南缘"),
    ("western edge of the urban area", "城区西缘"),
    ("excluding the ", "不含"),
];

/// Words of lines, not of places.
const LINES: [(&str, &str); 4] = [("east", "东"), ("south", "南"), ("west", "西"), ("north", "北")];

/// The annex, or a printed reason where it is absent.
fn annex() -> Option<String> {
    let paths = ["/../shared", "/../../shared"]
        .map(|above| PathBuf::from(format!("{}{above}/data/yicheng_zones.md", env!("CARGO_MANIFEST_DIR"))));
    let text = paths.iter().find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        println!("skipped: {} is not there", paths[0].display());
    }
    text
}

#[test]
fn every_line_village_and_community_of_the_annex_stands_in_a_zone() {
    let Some(annex) = annex() else { return };
    let (entry, _) = place_entry(&case("yicheng"), &Quiet).unwrap();
    let texts: BTreeMap<&str, &str> =
        entry.zones.iter().map(|zone| (zone.code.as_str(), zone.text.as_str())).collect();
    assert_eq!(texts.len(), PARAGRAPHS.len());
    let mut used = vec![false; PLACES.len()];
    for (begin, code) in PARAGRAPHS {
        let paragraph = annex.lines().find(|line| line.starts_with(begin)).unwrap();
        let mut rest = paragraph.strip_prefix(begin).unwrap().to_owned();
        for ((place, ours), used) in PLACES.iter().zip(&mut used) {
            if rest.contains(place) {
                assert!(texts[code].contains(ours), "{code} lacks {ours} ({place})");
                rest = rest.replace(place, "");
                *used = true;
            }
        }
        // Every line that the paragraph begins with a direction is one of ours, and we have no other.
        let lower = paragraph.strip_prefix(begin).unwrap().to_lowercase();
        for (direction, ours) in LINES {
            let told = [
                format!("{direction} line"),
                format!("{direction} and west line"),
                format!("{direction} and south lines"),
                format!("and {direction} line"),
            ];
            let stands = told.iter().any(|line| lower.contains(line.as_str()));
            assert_eq!(
                texts[code].contains(&format!("{ours}线：")) || texts[code].contains(&format!("{ours}线和")),
                stands,
                "{code} {direction}: {lower}"
            );
        }
        // Nothing with a capital is left but words of the translation.
        let words = [
            "Line",
            "Lines",
            "West",
            "North",
            "East",
            "South",
            "Interchange",
            "District",
            "Intersection",
            "Extension",
        ];
        let left: Vec<&str> = rest
            .split(|sign: char| !sign.is_alphanumeric())
            .filter(|word| word.starts_with(char::is_uppercase) && !words.contains(word))
            .collect();
        assert_eq!(left, Vec::<&str>::new(), "{code} leaves places of the annex out");
    }
    let unused: Vec<_> =
        PLACES.iter().zip(&used).filter(|(_, used)| !**used).map(|place| place.0.0).collect();
    assert_eq!(unused, Vec::<&str>::new(), "the annex says nothing of them");
}

#[test]
fn the_six_schools_for_those_left_over_are_the_replacement_schools() {
    let Some(annex) = annex() else { return };
    let (_, named) = annex.split_once("by nearness and choice, to ").unwrap();
    let (named, _) = named.split_once(" village primary schools").unwrap();
    let named: Vec<&str> = named.split([',', ' ']).filter(|word| !["", "and"].contains(word)).collect();
    let (entry, _) = place_entry(&case("yicheng"), &Quiet).unwrap();
    let replacement =
        |code: &str| entry.schools.iter().any(|school| school.code == code && school.replacement);
    let codes = ["LT", "YW", "LS", "BM", "TH", "TD"];
    assert_eq!(named, ["Longtou", "Yaowan", "Lashu", "Baimiao", "Tiehu", "Tandi"]);
    assert!(codes.iter().all(|code| replacement(code)));
    assert_eq!(entry.schools.iter().filter(|school| school.replacement).count(), codes.len());
    // The annex names no feeder lists: its junior highs have zones of their own.
    assert!(!annex.to_lowercase().contains("feeder") && entry.feeders.is_empty());
}

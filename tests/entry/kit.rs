//! The ceremony: lists onto a stick, a rehearsal, the draw broken off and gone on with, and the stick compared.

use std::fs;

use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::draw_kit::{compare_draw, draw_lists, write_lists};
use zhaosheng::service::compulsory::recompute_draw::{AskedDraw, recompute_draw};

use crate::properties::tight;

#[test]
fn a_stick_goes_out_is_drawn_and_comes_back_the_same() {
    let place = tempfile::tempdir().unwrap();
    let (folder, stick) = (place.path().join("entry"), place.path().join("stick"));
    let parts = ["balls 4 8 15 16 23 42".to_owned(), "secret of the notary".to_owned()];
    let named = "parts = [\"balls 4 8 15 16 23 42\", \"secret of the notary\"]";
    // Nothing is drawn when the lists are frozen.
    tight(400, 3).change("entry.toml", named, "parts = []").write(&folder);
    let kit = write_lists(&folder, &stick, &Quiet).unwrap();
    assert!(kit.lists >= 2, "{kit:?}");
    let rehearsed = draw_lists(&stick, &["balls".to_owned()], true).unwrap();
    assert_eq!(rehearsed.lists, kit.lists);
    assert!(fs::read_to_string(stick.join("rehearsal/witness.txt")).unwrap().contains("[x] 演练"));
    assert!(!stick.join("orders").exists());
    let drawn = draw_lists(&stick, &parts, false).unwrap();
    assert_eq!((drawn.list_hash, drawn.found), (kit.list_hash, 0));
    // The stick was pulled out after some schools: the others follow, those finished stay.
    let orders: Vec<_> =
        fs::read_dir(stick.join("orders")).unwrap().map(|file| file.unwrap().path()).collect();
    let last =
        orders.iter().filter(|path| path.extension().is_some_and(|ending| ending == "csv")).max().unwrap();
    let order = fs::read(last).unwrap();
    fs::remove_file(last).unwrap();
    assert_eq!(draw_lists(&stick, &parts, false).unwrap().found, kit.lists - 1);
    assert_eq!(fs::read(last).unwrap(), order);
    // The public page draws every list of the stick again to the last byte, the rehearsal too.
    let sheet = fs::read_to_string(stick.join("lists.csv")).unwrap();
    let rows: Vec<Vec<&str>> = sheet.lines().skip(1).map(|row| row.split(',').collect()).collect();
    for row in &rows[1..] {
        for (folder, parts, rehearsal) in
            [("orders", parts.join("\n"), false), ("rehearsal", "balls".to_owned(), true)]
        {
            let asked = AskedDraw {
                list: fs::read(stick.join(format!("{}.csv", row[0]))).unwrap(),
                whole: rows[0][4].to_owned(),
                parts,
                round: row[5].to_owned(),
                seats: row[2].to_owned(),
                twins: row[6].to_owned(),
                rehearsal,
            };
            let again = recompute_draw(&asked).unwrap();
            let order = fs::read_to_string(stick.join(folder).join(format!("{}.csv", row[0]))).unwrap();
            assert_eq!((again.list_hash.as_str(), again.order), (row[4], order), "{folder} {}", row[0]);
        }
    }
    // Other parts would be another draw.
    let again = draw_lists(&stick, &["other".to_owned()], false).unwrap_err();
    assert!(matches!(&again, NoResult::Breaches(why) if why[0].contains("never made again")), "{again:?}");
    // Back in the office: the policy names the parts, and everything is the same.
    tight(400, 3).write(&folder);
    let compared = compare_draw(&stick, &folder, &Quiet).unwrap();
    assert_eq!(compared.seed, drawn.seed);
    let (_, run) = tight(400, 3).place().unwrap();
    assert_eq!(Some(run.seed), drawn.seed);
    fs::write(last, String::from_utf8(order).unwrap().replacen("1,", "2,", 1)).unwrap();
    let changed = compare_draw(&stick, &folder, &Quiet).unwrap_err();
    assert!(matches!(&changed, NoResult::Breaches(why) if why[0].contains("is not what")), "{changed:?}");
    // A child more on a list is another list.
    let list = stick.join("V000-primary.csv");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text + "zz,1\n").unwrap();
    let another = draw_lists(&stick, &parts, false).unwrap_err();
    assert!(
        matches!(&another, NoResult::Breaches(why) if why[0].contains("is not the frozen list")),
        "{another:?}"
    );
}

//! `zhaosheng admit --compare`: what quota and unified batches cost against the integrated one.

use std::fs;
use std::path::Path;

use serde_json::Value;
use zhaosheng::service::generate_city::write_city;

use crate::drafts::{Draft, HEAD, PLAIN, program, told};

/// Cuts batch `1` of a policy in two: the quota seats, then everything that is left.
fn quota_then_unified(policy: &str) -> String {
    let start = policy.find("[[batch]]").unwrap();
    let end = policy[start + 1..].find("[[batch]]").map_or(policy.len(), |at| start + 1 + at);
    let batch = &policy[start..end];
    let cut = |code: &str, seats: &str| {
        batch.replacen("code = \"1\"", &format!("code = \"{code}\"\nuses = \"1\""), 1).replacen(
            "seats = \"integrated\"",
            &format!("seats = \"{seats}\""),
            1,
        )
    };
    let rest =
        policy[end..].replace("supplementary_of = [\"1\", \"2\"]", "supplementary_of = [\"u\", \"2\"]");
    format!("{}{}{}{rest}", &policy[..start], cut("q", "quota"), cut("u", "open"))
}

fn compared(folder: &Path, other: &Path) -> (Value, String) {
    let compare = |json: &[&str]| {
        let (code, out, err) =
            told(program().args(json).arg("admit").arg(folder).arg("--compare").arg(other));
        assert_eq!((code, err.as_str()), (0, ""));
        out
    };
    (serde_json::from_str(&compare(&["--json"])).unwrap(), compare(&[]))
}

fn list(told: &Value, name: &str) -> Vec<String> {
    let show = |change: &Value| {
        let place = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", place(&change["exam_no"]), place(&change["from"]), place(&change["to"]))
    };
    told[name].as_array().unwrap().iter().map(show).collect()
}

#[test]
fn in_the_demonstration_city_two_batches_lock_people_in_and_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path(), 2_000, 11).unwrap();
    let other = folder.path().join("other.toml");
    let policy = fs::read_to_string(folder.path().join("season.toml")).unwrap();
    fs::write(&other, quota_then_unified(&policy)).unwrap();
    let (told, page) = compared(folder.path(), &other);
    assert_eq!((&told["first"]["envious"], &told["first"]["envy_pairs"]), (&0.into(), &0.into()), "{page}");
    assert!(told["second"]["envious"].as_u64().unwrap() > 0, "{page}");
    assert!(!list(&told, "lose").is_empty() && !list(&told, "gain").is_empty(), "{page}");
    let line = format!(
        "under the other policy {} gain and {} lose",
        list(&told, "gain").len(),
        list(&told, "lose").len()
    );
    assert!(page.contains(&line) && page.contains("with justified envy"), "{page}");
    // The same policy under another name costs nothing.
    fs::write(&other, policy).unwrap();
    let (told, _) = compared(folder.path(), &other);
    assert_eq!(told["first"], told["second"]);
    assert!(list(&told, "lose").is_empty() && list(&told, "gain").is_empty());
}

/// P1: a quota seat of J1 and an open one. P2: the same. Only x and v may use quota.
fn tiny() -> Draft {
    let batch =
        "[quota]\n[[batch]]\ncode = \"1\"\nseats = \"integrated\"\ncontrol_line = 0\nmax_choices = 9\n";
    Draft::new(&format!("{HEAD}{PLAIN}{batch}"))
        .with("senior_schools.csv", "school_code,name,area_code\nS1,One,A1\n")
        .with(
            "programmes.csv",
            "programme_code,school_code,name,batch,seats,quota_share,scope\nP1,S1,One,1,2,0.5,\nP2,S1,Two,1,2,0.5,\n",
        )
        .with("candidates.csv", "exam_no,junior_code,area_code,repeat\nx,J1,A1,0\nv,J1,A1,0\nw,J1,A1,1\ny,J1,A1,1\nz,J1,A1,1\n")
        .with("scores.csv", "exam_no,s\nx,710\nv,700\nw,650\ny,600\nz,590\n")
        .with(
            "preferences.csv",
            "exam_no,batch,position,programme_code\nx,1,1,P1\nv,1,1,P1\nv,1,2,P2\nw,1,1,P1\ny,1,1,P2\nz,1,1,P2\n",
        )
}

fn costs(draft: &Draft) -> Value {
    let folder = draft.write();
    let other = folder.path().join("other.toml");
    fs::write(&other, quota_then_unified(draft.text("season.toml"))).unwrap();
    compared(folder.path(), &other).0
}

/// Integrated: x and v (open) at P1; the quota seat of P2 reverts: y and z. Two batches: x P1 and
/// v P2 on quota, then w enters P1 past v, and y takes the one seat left at P2.
#[test]
fn a_tiny_season_costs_what_a_hand_counts() {
    let told = costs(&tiny());
    assert_eq!(list(&told, "gain"), ["w - P1"]);
    assert_eq!(list(&told, "lose"), ["v P1 P2", "z P2 -"]);
    let cost = |envious: u32| serde_json::json!({ "admitted": 4, "empty_seats": 0, "envious": envious, "envy_pairs": envious });
    assert_eq!(told["first"], cost(0));
    assert_eq!(told["second"], cost(1));
}

/// u goes to junior high J1 but is registered in A2, out of scope: no claim on its quota, no envy.
#[test]
fn nobody_envies_a_quota_seat_out_of_her_scope() {
    let draft = tiny()
        .but("candidates.csv", "x,J1,A1,0\n", "x,J1,A1,0\nu,J1,A2,0\n")
        .but("scores.csv", "x,710\n", "x,710\nu,720\n")
        .but("preferences.csv", "x,1,1,P1\n", "x,1,1,P1\nu,1,1,P1\n");
    let told = costs(&draft);
    assert_eq!((&told["first"]["envious"], &told["first"]["envy_pairs"]), (&0.into(), &0.into()));
}

/// Unused quota goes to a pool for the eligible: w is better than pool holder v, but repeats.
#[test]
fn nobody_envies_a_pool_seat_without_being_eligible() {
    let policy = tiny().text("season.toml").replace("seats = \"integrated\"", "reversion = \"county_pool\"");
    let draft = tiny()
        .with("season.toml", policy.clone())
        .with("programmes.csv", "programme_code,school_code,name,batch,seats,quota_share\nP1,S1,One,1,1,1\n")
        .with("quota.csv", "programme_code,junior_code,seats,reason\nP1,J1,0,paper\nP1,J2,1,paper\n")
        .with("preferences.csv", "exam_no,batch,position,programme_code\nv,1,1,P1\nw,1,1,P1\n")
        .but("scores.csv", "w,650", "w,705");
    assert_eq!(String::from_utf8(draft.admit()["results.csv"].clone()).unwrap().matches(",pool,").count(), 1);
    let folder = draft.write();
    let other = folder.path().join("other.toml");
    fs::write(&other, policy).unwrap();
    let told = compared(folder.path(), &other).0;
    assert_eq!((&told["first"]["envious"], &told["first"]["envy_pairs"]), (&0.into(), &0.into()));
}

/// y lists P2 in the supplementary round alone; z, behind her, got a seat there in batch 1.
#[test]
fn nobody_envies_a_seat_of_a_batch_in_which_she_did_not_ask_for_it() {
    let more = "[[batch]]\ncode = \"3\"\nseats = \"open\"\nsupplementary_of = [\"1\"]\ncontrol_line = 0\nmax_choices = 9\n";
    let policy = format!("{}{more}", tiny().text("season.toml"));
    let draft = tiny()
        .with("season.toml", policy.clone())
        .but("programmes.csv", "P2,S1,Two,1,2,", "P2,S1,Two,1,1,")
        .but("preferences.csv", "y,1,1,P2", "y,3,1,P2");
    let result = draft.admit();
    assert!(String::from_utf8(result["results.csv"].clone()).unwrap().contains("z,1,P2,"));
    let folder = draft.write();
    let other = folder.path().join("other.toml");
    fs::write(&other, policy).unwrap();
    let told = compared(folder.path(), &other).0;
    assert_eq!((&told["first"]["envious"], &told["first"]["envy_pairs"]), (&0.into(), &0.into()));
}

#[test]
fn faults_of_the_other_policy_are_told() {
    let folder = tiny().write();
    let other = folder.path().join("other.toml");
    fs::write(&other, tiny().text("season.toml").replace("max_choices = 9", "max_choices = 1")).unwrap();
    let (code, _, err) = told(program().arg("admit").arg(folder.path()).arg("--compare").arg(&other));
    assert_eq!(code, 2);
    assert!(
        err.contains("preferences.csv row 4 column position: \"2\" must be a whole number up to 1"),
        "{err}"
    );
}

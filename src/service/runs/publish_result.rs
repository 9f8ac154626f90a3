//! The gate: a result becomes public in one transaction that holds everything, or not at all.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::actor::{Actor, Whose};
use crate::domain::hexadecimal::hex;
use crate::domain::joint_act::JointAct;
use crate::domain::phase::{Phase, Step};
use crate::domain::progress::Quiet;
use crate::domain::role::Role;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::proposals::content::Content;
use crate::service::runs::approve_result::ResultToApprove;
use crate::service::runs::place_season::{Placed, place_season};
use crate::service::runs::published_result::{Published, sealed_place};
use crate::service::runs::run_input::run_input;
use crate::service::runs::seal_result::{LEAVES_OF_A_PART, leaf_index};
use crate::service::season::gated_step::step;
use crate::service::season::season_policy::SeasonPolicy;
use crate::service::secrets::result_key::{KeyPart, ResultKey};
use crate::storage::publications::{self, PublicationRow};
use crate::storage::runs::{self, RunRow};
use crate::storage::seasons::{self, SeasonRow};
use crate::storage::{accounts, freezes, proposals, signatures};

/// Publishes the approved result with the key's parts of two holders.
///
/// In one transaction: the time has come; different people signed this very result; the lists are those that
/// were frozen; both engines, the checker and the hard rules confirm it anew; and every sealed file is, byte for
/// byte, what they computed.
///
/// # Errors
/// `WrongPhase`; `Conflict` `too_early`, `no_key` where the parts open nothing, `not_approved`, and `gate` with
/// every breach: nothing is published then.
pub async fn publish_result(
    app: &App,
    caller: &Caller,
    code: String,
    parts: [String; 2],
) -> Result<PublicRoots, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| publish(&door, transaction, &code, &parts)).await
}

/// As [`publish_result`], by the operator of the machine: the gate is the same.
///
/// # Errors
/// As [`publish_result`].
pub async fn publish_as_operator(
    app: &App,
    code: String,
    parts: [String; 2],
) -> Result<PublicRoots, ServiceError> {
    let door = app.clone();
    app.database()
        .write(move |connection| {
            let mut transaction = Transaction::of_operator(connection, Actor::operator(), door.audit_key())?;
            publish(&door, &mut transaction, &code, &parts)
        })
        .await
}

fn publish(
    app: &App,
    transaction: &mut Transaction<'_>,
    code: &str,
    parts: &[String; 2],
) -> Result<PublicRoots, ServiceError> {
    // Nobody else changes the season while the gate is held.
    transaction.permit(Act::PublishResult, &Whose::season(code))?;
    seasons::hold(transaction.connection, code)?;
    let season = transaction.season_for(Act::PublishResult, &Whose::season(code))?;
    let round = freezes::list(transaction.connection, code)?.last().map_or(1, |last| last.round);
    let run = runs::official(transaction.connection, code, round)?
        .filter(|run| run.state == "done")
        .ok_or_else(|| ServiceError::conflict("no_run", "there is no official result of this round"))?;
    let approved = approval(transaction, &season, &run)?;
    if transaction.season_now_ms(&season)? < approved.publish_at_ms {
        return Err(ServiceError::conflict("too_early", "the time of publication has not come"));
    }
    let key = key(parts)?;
    let breaches = breaches(app, transaction, &season, &run, &key)?;
    if !breaches.is_empty() {
        return Err(ServiceError::conflict("gate", breaches.join("; ")));
    }
    let row_key = format!("{code}/{round}");
    let publication = PublicationRow {
        season: code.to_owned(),
        round,
        run: run.id.clone(),
        root: run.root.clone(),
        leaves_root: run.leaves_root.clone(),
        result_key: app.fields().seal(sealed_place(&row_key), &key.expose()),
        at_ms: transaction.season_now_ms(&season)?,
    };
    let changes = vec![
        publications::add(transaction.connection, &publication)?,
        step(transaction, &season, Step::Publish)?,
    ];
    let detail = format!("round {round} root {}", publication.root);
    transaction.note(Act::PublishResult, code, &format!("run:{}", run.id), detail, changes)?;
    Ok(publication.into())
}

/// The key of two parts.
fn key(parts: &[String; 2]) -> Result<ResultKey, ServiceError> {
    let refuse = |_| ServiceError::conflict("no_key", "these are not the parts of two different holders");
    let [one, other] = parts;
    let (one, other) = (KeyPart::parse(one).map_err(refuse)?, KeyPart::parse(other).map_err(refuse)?);
    ResultKey::join(&one, &other).map_err(refuse)
}

/// What was signed for this run, with every signature looked at again.
fn approval(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    run: &RunRow,
) -> Result<ResultToApprove, ServiceError> {
    let refuse = |detail: &str| Err(ServiceError::conflict("not_approved", detail));
    if season.phase()? != Phase::Approved {
        return Err(ServiceError::WrongPhase { phase: season.phase()? });
    }
    let rule = JointAct::ApproveResult.rule();
    let policy = SeasonPolicy::of(season)?;
    let Some(proposal) = proposals::approved(transaction.connection, &season.code, rule.word)? else {
        return refuse("nobody has approved this result");
    };
    let content: Option<(Content, String)> = serde_json::from_str(&proposal.content).ok();
    let Some((Content::ApproveResult(approved), _)) = content else {
        return refuse("what was approved is no result");
    };
    let same = approved.run == run.id
        && approved.round == run.round
        && approved.root == run.root
        && approved.leaves_root == run.leaves_root
        && approved.input_hash == run.input_hash;
    if !same || hex(&Sha256::digest(&proposal.content)) != proposal.content_hash {
        return refuse("another result was approved");
    }
    let mut roles: Vec<Role> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for signature in signatures::list(transaction.connection, &proposal.id)? {
        let account = accounts::find(transaction.connection, &signature.account)?;
        let (Some(account), Some(role)) = (account, Role::parse(&signature.role)) else {
            return refuse("a signature is of nobody");
        };
        if account.disabled
            || account.role != signature.role
            || signature.content_hash != proposal.content_hash
        {
            return refuse("a signature is of a disabled account, of another role, or under something else");
        }
        if !roles.is_empty() && !rule.wants(policy.roles(), &roles, role) {
            continue;
        }
        if !names.contains(&account.id) {
            names.push(account.id);
            roles.push(role);
        }
    }
    if names.len() < 2 || !rule.complete(policy.roles(), &roles) {
        return refuse("signatures of different people are missing");
    }
    Ok(approved)
}

/// Everything that is wrong with the result as it lies there.
fn breaches(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    run: &RunRow,
    key: &ResultKey,
) -> Result<Vec<String>, ServiceError> {
    let input = run_input(transaction.connection, season, "official")?;
    let frozen = freezes::list(transaction.connection, &season.code)?.pop();
    let hash = input.hash();
    if frozen.is_none_or(|frozen| frozen.input_hash != hash) || run.input_hash != hash {
        return Ok(vec!["the lists are not those that were signed off".to_owned()]);
    }
    // Both engines, the checker, the hard rules (plan, scope, lines, quota floor): all of it once more.
    let placed = match place_season(&input, None, &Quiet) {
        Ok(placed) => placed,
        Err(breaches) => return Ok(breaches),
    };
    let mut breaches = Vec::new();
    let manifest = placed.manifest();
    if hex(&Sha256::digest(&manifest)) != run.root {
        breaches.push("the result is not what the frozen lists give".to_owned());
    }
    let Ok(published) = Published::open(transaction.connection, run, key.clone()) else {
        return Err(ServiceError::conflict("no_key", "these parts do not open the result"));
    };
    if published.manifest != manifest {
        breaches.push("the manifest is not what was computed".to_owned());
    }
    breaches.extend(different(transaction, &placed, &published)?);
    breaches.extend(moved(app, transaction, season, &published)?);
    Ok(breaches)
}

/// Sealed files that are not, byte for byte, what was computed.
fn different(
    transaction: &mut Transaction<'_>,
    placed: &Placed,
    published: &Published,
) -> Result<Vec<String>, ServiceError> {
    let mut breaches = Vec::new();
    // The manifest is what was computed, so a file that it confirms is too.
    for path in published.paths() {
        if published.file(transaction.connection, path).is_err() {
            breaches.push(format!("{path} is not what was computed"));
        }
    }
    if placed.heads() != published.count() || published.index().as_bytes() != leaf_index(placed) {
        breaches.push("the candidates are not those of the lists".to_owned());
        return Ok(breaches);
    }
    for area in 0..placed.areas() {
        let mut places = (0..placed.heads()).filter(|&at| placed.area_of(at) == area);
        let mut leaves = Vec::new();
        placed.each_leaf_of(area, |exam_no, leaf| leaves.push((exam_no.to_owned(), leaf)));
        for (number, computed) in leaves.chunks(LEAVES_OF_A_PART).enumerate() {
            let stored = published.leaves_of(transaction.connection, area, number).unwrap_or_default();
            let stored = stored.iter().map(|(exam_no, leaf)| (exam_no, leaf.as_bytes()));
            let written = stored.eq(computed.iter().map(|(exam_no, leaf)| (exam_no, leaf.as_slice())));
            let in_place = computed.iter().zip(places.by_ref());
            let confirmed =
                in_place.filter(|((exam_no, leaf), at)| published.confirms(*at, exam_no, leaf)).count();
            if !written || confirmed != computed.len() {
                breaches.push(format!("part {number} of area {area}'s leaves is not what was computed"));
                if breaches.len() > 20 {
                    return Ok(breaches);
                }
            }
        }
    }
    Ok(breaches)
}

/// Places of an earlier round that this one would change: nobody who has a place moves.
fn moved(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    published: &Published,
) -> Result<Vec<String>, ServiceError> {
    let Some(last) = publications::list(transaction.connection, &season.code)?.pop() else {
        return Ok(Vec::new());
    };
    let before = Published::of(app, transaction.connection, &last)?;
    let before = String::from_utf8_lossy(&before.file(transaction.connection, "results.csv")?).into_owned();
    let now = String::from_utf8_lossy(&published.file(transaction.connection, "results.csv")?).into_owned();
    let kept: BTreeSet<&str> = now.lines().collect();
    let without = |line: &&str| line.split(',').nth(1).is_some_and(str::is_empty);
    let moved = before.lines().filter(|line| !without(line) && !kept.contains(line)).count();
    Ok((moved > 0).then(|| format!("{moved} places of the round before would change")).into_iter().collect())
}

/// A publication as everybody may know it.
#[derive(Clone, Debug, Serialize)]
pub struct PublicRoots {
    pub round: i64,
    pub root: String,
    pub leaves_root: String,
    pub at_ms: i64,
}

impl From<PublicationRow> for PublicRoots {
    fn from(row: PublicationRow) -> PublicRoots {
        PublicRoots { round: row.round, root: row.root, leaves_root: row.leaves_root, at_ms: row.at_ms }
    }
}

/// What was published of a season, by round.
///
/// # Errors
/// `NotFound`.
pub async fn list_publications(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<Vec<PublicRoots>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListPublications, &Whose::season(&code))?;
        let rows = publications::list(transaction.connection, &code)?;
        Ok(rows.into_iter().map(PublicRoots::from).collect())
    })
    .await
}

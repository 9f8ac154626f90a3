//! Checks of a season: its policy, its people, its keys and seed, its windows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::joint_act;
use crate::domain::phase::Phase;
use crate::domain::policy::Policy;
use crate::domain::role::Role;
use crate::service::doctor::check::Check;
use crate::service::error::ServiceError;
use crate::service::proposals::sign_proposal::dependence;
use crate::service::season::stored_policy::stored_policy;
use crate::service::secrets::result_key::HOLDERS;
use crate::storage::database::AnyConnection;
use crate::storage::seasons::{self, SeasonRow};
use crate::storage::{accounts, areas, junior_schools, key_holders, quota_publications, seed_parts, windows};

/// Names of what is missing that one line tells.
const MOST_NAMED: usize = 5;

/// A season whose policy could be read.
struct Ground<'c> {
    connection: &'c mut AnyConnection,
    season: SeasonRow,
    policy: Arc<Policy>,
}

/// Every check of a season, or the one that keeps the others from being made.
///
/// # Errors
/// Storage failed.
pub fn check_season(connection: &mut AnyConnection, code: &str) -> Result<Vec<Check>, ServiceError> {
    let Some(season) = seasons::find(connection, code)? else {
        return Ok(vec![Check::fail("season", format!("there is no season {code:?}"))]);
    };
    let policy = match stored_policy(&season) {
        Ok(policy) => policy,
        Err(ServiceError::Internal(told)) => return Ok(vec![Check::fail("policy", told)]),
        Err(other) => return Err(other),
    };
    let mut ground = Ground { connection, season, policy };
    let mut checks = vec![check_policy(&ground)];
    for check in [
        check_quota,
        check_second_person,
        check_supervisor,
        check_key_holders,
        check_seed,
        check_windows,
        check_junior_accounts,
    ] {
        checks.push(check(&mut ground)?);
    }
    Ok(checks)
}

/// Roles of the policy that nobody plays would silently ask for nobody's signature.
fn check_policy(ground: &Ground<'_>) -> Check {
    const NAME: &str = "policy";
    let mut unknown: Vec<&str> = Vec::new();
    for (act, roles) in &ground.policy.roles {
        if !joint_act::TABLE.iter().any(|rule| rule.policy_key == act) {
            unknown.push(act);
        }
        unknown.extend(roles.iter().map(String::as_str).filter(|role| Role::parse(role).is_none()));
    }
    if !unknown.is_empty() {
        let told = format!("[roles] names {}: no act or role is called so", some(&unknown));
        return Check::fail(NAME, told);
    }
    if ground.season.kind == "official" && !ground.policy.lot.parts.is_empty() {
        let told = "[lot] parts stand in the policy: whoever knows them can foresee the lots; take them out";
        return Check::fail(NAME, told);
    }
    Check::ok(NAME, format!("{} lists, no fault", ground.policy.lists().len()))
}

/// The quota is published before families fill their lists.
fn check_quota(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "quota";
    if ground.policy.quota.is_none() {
        return Ok(Check::ok(NAME, "the policy has no quota seats"));
    }
    if quota_publications::find(ground.connection, &ground.season.code)?.is_some() {
        return Ok(Check::ok(NAME, "published"));
    }
    let phase = ground.season.phase()?;
    let told =
        format!("not published, the season is in phase {}: `publish_quota` takes two people", phase.word());
    let early = phase < Phase::QuotaPublished;
    Ok(if early { Check::warn(NAME, told) } else { Check::fail(NAME, told) })
}

/// Two people of the centre, neither of whom could log in as the other.
fn check_second_person(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "second_person";
    let people = accounts::list_of_role(ground.connection, Role::MunicipalCentre.word())?;
    let mut pairs =
        people.iter().enumerate().flat_map(|(at, one)| people[..at].iter().map(move |other| (one, other)));
    Ok(if pairs.any(|(one, other)| dependence(one, other).is_none()) {
        Check::ok(NAME, format!("{} accounts of the centre, two of them independent", people.len()))
    } else {
        let told = format!(
            "{} accounts of the centre and no two independent ones: acts of two people are impossible; add one of \
             another name by `zhaosheng user add`",
            people.len()
        );
        Check::fail(NAME, told)
    })
}

/// A supervisor, where the policy wants the supervisors' signature.
fn check_supervisor(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "supervisor";
    let word = Role::Supervisor.word();
    if !ground.policy.roles.values().flatten().any(|role| role == word) {
        return Ok(Check::ok(NAME, "the policy asks for no signature of supervisors"));
    }
    Ok(match accounts::list_of_role(ground.connection, word)?.len() {
        0 => Check::fail(
            NAME,
            "the policy asks for a supervisor's signature and there is no such account: add one",
        ),
        number => Check::ok(NAME, format!("{number} accounts")),
    })
}

/// The parts of the key under which results lie until they are published.
fn check_key_holders(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "key_holders";
    let holders = key_holders::list(ground.connection, &ground.season.code)?.len();
    Ok(if holders == HOLDERS {
        Check::ok(NAME, format!("{holders} are named"))
    } else {
        let told =
            format!("{holders} of {HOLDERS} are named: no run can start; `name_key_holders` names them");
        Check::fail(NAME, told)
    })
}

/// The sources of the seed, which an official season must have committed to before the freeze.
fn check_seed(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "seed_sources";
    let parts = seed_parts::list(ground.connection, &ground.season.code)?;
    let sources: Vec<&str> = parts.iter().map(|part| part.source.as_str()).collect();
    Ok(if !sources.is_empty() {
        let committed = parts.iter().filter(|part| part.commitment.is_some()).count();
        Check::ok(NAME, format!("{} named, {committed} of them by the hash of a secret", some(&sources)))
    } else if ground.season.kind == "official" {
        Check::fail(NAME, "none is named: lists cannot be frozen; `name_seed_source` names them")
    } else {
        Check::ok(NAME, format!("none is named, a {} season needs none", ground.season.kind))
    })
}

/// When forms are taken: every list of the policy, in every admission area.
fn check_windows(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "windows";
    let code = &ground.season.code;
    let areas = areas::list(ground.connection, code)?;
    let set: BTreeSet<(String, String)> = windows::list(ground.connection, code)?
        .into_iter()
        .filter(|window| window.stage == "official")
        .map(|window| (window.batch, window.area))
        .collect();
    let mut missing = Vec::new();
    for list in ground.policy.lists() {
        for area in &areas {
            if !set.contains(&(list.to_owned(), area.area_code.clone())) {
                missing.push(format!("list {list} in {}", area.area_code));
            }
        }
    }
    Ok(if areas.is_empty() {
        Check::fail(NAME, "the season has no admission areas yet: bring its sheets in")
    } else if missing.is_empty() {
        Check::ok(NAME, format!("set for {} lists in {} areas", ground.policy.lists().len(), areas.len()))
    } else {
        Check::fail(
            NAME,
            format!("{} are not set: {}; `set_window` sets them", missing.len(), some(&missing)),
        )
    })
}

/// Every junior high can log in.
fn check_junior_accounts(ground: &mut Ground<'_>) -> Result<Check, ServiceError> {
    const NAME: &str = "junior_accounts";
    let juniors = junior_schools::list(ground.connection, &ground.season.code)?;
    let with_account: BTreeSet<Option<String>> =
        accounts::list_of_role(ground.connection, Role::JuniorHigh.word())?
            .into_iter()
            .map(|account| account.school)
            .collect();
    let without: Vec<&str> = juniors
        .iter()
        .map(|junior| junior.school_code.as_str())
        .filter(|code| !with_account.contains(&Some((*code).to_owned())))
        .collect();
    Ok(if juniors.is_empty() {
        Check::fail(NAME, "the season has no junior highs yet: bring its sheets in")
    } else if without.is_empty() {
        Check::ok(NAME, format!("all {} junior highs have one", juniors.len()))
    } else {
        let told =
            format!("{} of {} junior highs have none: {}", without.len(), juniors.len(), some(&without));
        Check::fail(NAME, format!("{told}; `zhaosheng user add` or `create_account` adds them"))
    })
}

/// The first of some names.
fn some(names: &[impl AsRef<str>]) -> String {
    let first: Vec<&str> = names.iter().take(MOST_NAMED).map(AsRef::as_ref).collect();
    let more = if names.len() > MOST_NAMED { ", ..." } else { "" };
    format!("{}{more}", first.join(", "))
}

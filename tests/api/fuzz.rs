//! Schemathesis against the served document, as every role: no 5xx, nothing the document does not say.

use std::process::Command;

use zhaosheng::domain::role::Role;

use crate::harness::{Person, Site, on_each_database};

/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance";

#[test]
fn no_generated_request_breaks_the_api_or_its_document() {
    let Ok(program) = std::env::var("SCHEMATHESIS") else {
        eprintln!("Schemathesis is left out: SCHEMATHESIS does not name the program (tests/run sets it)");
        return;
    };
    let seconds = std::env::var("SCHEMATHESIS_SECONDS").unwrap_or_else(|_| "4".to_owned());
    on_each_database(|site| {
        site.with_city();
        let mut roles: Vec<Option<Role>> = Role::ALL.into_iter().map(Some).collect();
        roles.push(None);
        // Every role on SQLite; on PostgreSQL those who write.
        if site.kind == "postgres" {
            roles.retain(|role| matches!(role, Some(Role::MunicipalCentre | Role::Candidate)));
        }
        for role in roles {
            run(site, &program, &seconds, role);
        }
    });
}

fn run(site: &Site, program: &str, seconds: &str, role: Option<Role>) {
    let mut command = Command::new(program);
    command.args([
        "run",
        &format!("{}/api/openapi.json", site.base),
        "--url",
        &site.base,
        "--checks",
        CHECKS,
    ]);
    command.args(["--max-time", seconds, "--seed", "26", "--phases", "examples,coverage,fuzzing"]);
    command.args([
        "--generation-database",
        "none",
        "--suppress-health-check",
        "all",
        "--no-color",
        "--warnings",
        "off",
    ]);
    command.current_dir(std::env::temp_dir());
    let person = match role {
        Some(Role::Candidate) => Person { exam_no: Some("260101"), ..Person::default() },
        Some(Role::JuniorHigh) => Person { school: Some("J01"), ..Person::default() },
        Some(Role::SeniorHigh) => Person { school: Some("S01"), ..Person::default() },
        Some(Role::CountyBureau) => Person { area: Some("A01"), ..Person::default() },
        _ => Person::default(),
    };
    if let Some(role) = role {
        command.args(["-H", &format!("Authorization: Bearer {}", site.log_in(role, person))]);
    }
    let output = command.output().expect("Schemathesis starts");
    let told = String::from_utf8_lossy(&output.stdout);
    if std::env::var_os("SCHEMATHESIS_TELL").is_some() {
        eprintln!("as {role:?} on {}:\n{told}", site.kind);
    }
    assert!(
        output.status.success(),
        "as {role:?} on {}:\n{told}\n{}",
        site.kind,
        String::from_utf8_lossy(&output.stderr)
    );
}

//! PostgreSQL's own `pg_dump` and `pg_restore`, which alone know everything a dump must hold.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

use percent_encoding::percent_decode_str;

use crate::service::error::ServiceError;

/// Runs a tool over the database of a URL.
///
/// # Errors
/// It is not installed, or it failed: with its first complaint, which names objects and no rows.
pub fn run(tool: &str, url: &str, arguments: &[&OsStr]) -> Result<(), ServiceError> {
    let (url, password) = apart(url);
    let mut command = Command::new(tool);
    command.arg("--no-password").arg(format!("--dbname={url}")).args(arguments).stdin(Stdio::null());
    if let Some(password) = password {
        // Arguments can be read by everybody on the machine.
        command.env("PGPASSWORD", password);
    }
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => ServiceError::Internal(format!(
            "{tool} is not on the PATH: install PostgreSQL's client programs of the server's version or newer \
             (Debian and Ubuntu: apt-get install postgresql-client)"
        )),
        _ => ServiceError::Internal(format!("{tool}: {error}")),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let first = told.lines().find(|line| line.contains("error")).or(told.lines().next());
    Err(ServiceError::Internal(first.unwrap_or(tool).to_owned()))
}

/// The URL without its password, and the password.
fn apart(url: &str) -> (String, Option<String>) {
    let parts = || {
        let (scheme, rest) = url.split_once("://")?;
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let (login, _) = authority.rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let password = percent_decode_str(password).decode_utf8().ok()?.into_owned();
        Some((format!("{scheme}://{user}{}", &rest[login.len()..]), Some(password)))
    };
    parts().unwrap_or_else(|| (url.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_stands_among_the_arguments() {
        let cases = [
            ("postgres://u:p%40s:s@h:5432/d?x=a@b", "postgres://u@h:5432/d?x=a@b", Some("p@s:s")),
            ("postgres://u@h/d", "postgres://u@h/d", None),
            ("postgres://h/d", "postgres://h/d", None),
            ("postgresql://u:@h", "postgresql://u@h", Some("")),
        ];
        for (url, without, password) in cases {
            assert_eq!(apart(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}

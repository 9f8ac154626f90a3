//! The key file and the database belong together: another key is refused before anything is read or written.

use zhaosheng::service::app::{App, Database, migrate};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::secrets::master_key::MasterKey;
use zhaosheng::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};

use crate::command_line::program;
use crate::harness::{on_each_database, open_app};

fn opened(url: &str, master: &MasterKey) -> Result<App, ServiceError> {
    let passwords = PasswordPool::start(Cost::TESTS, PoolSize { threads: 1, queue: 1 }).unwrap();
    App::open(Database::open(url).unwrap(), master, passwords)
}

#[test]
fn a_database_opens_with_the_key_it_was_begun_with_and_no_other() {
    on_each_database(|site| {
        open_app(&site.url, &site.master);
        let other = MasterKey::ephemeral();
        let Err(ServiceError::Internal(why)) = opened(&site.url, &other) else {
            panic!("{} opened with another key", site.kind);
        };
        assert!(why.contains(&site.master.fingerprint()) && why.contains(&other.fingerprint()), "{why}");
        open_app(&site.url, &site.master);
    });
}

#[test]
fn of_instances_that_begin_a_database_with_two_keys_at_once_one_key_stays() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("site.db").display());
    migrate(&Database::open(&url).unwrap()).unwrap();
    let keys: Vec<MasterKey> = (0..8).map(|_| MasterKey::ephemeral()).collect();
    let open: Vec<bool> = std::thread::scope(|scope| {
        let starts: Vec<_> = keys.iter().map(|key| scope.spawn(|| opened(&url, key).is_ok())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert_eq!(open.iter().filter(|open| **open).count(), 1, "{open:?}");
}

#[test]
fn a_command_with_another_key_file_stops_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("site.db").display());
    let with_key = |key: &str, arguments: &[&str]| {
        let file = folder.path().join(key);
        let at = ["--database", &database, "--key-file", file.to_str().unwrap()];
        program(&[&["user"], &at[..], arguments].concat())
    };
    assert!(program(&["migrate", "--database", &database]).status.success());
    let add = ["add", "centre", "--role", "municipal_centre", "--name", "市招生考试中心"];
    let first = with_key("first.key", &add);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let second = with_key("second.key", &["list"]);
    assert_eq!(second.status.code(), Some(3));
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(told.contains("was begun with another key file"), "{told}");
    assert!(with_key("first.key", &["list"]).status.success());
}

//! A disk that keeps only what was synced, and that fails when it is told to: `shim/power_cut.c` and its folder.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::harness::Chance;

/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;
/// No number of writes or syncs is set.
pub(crate) const NEVER: i64 = -1;
/// Input and output error.
pub(crate) const EIO: i64 = 5;
/// No space left on the device.
pub(crate) const ENOSPC: i64 = 28;

/// A watched folder.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
}

/// What the disk is told, and what it has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    /// Writes that still succeed; [`NEVER`] for all.
    pub(crate) writes_left: i64,
    pub(crate) write_error: i64,
    /// Whether the writes after the one that fails fail too.
    pub(crate) stays: bool,
    /// Syncs that still succeed; [`NEVER`] for all.
    pub(crate) syncs_left: i64,
    pub(crate) writes: i64,
    pub(crate) syncs: i64,
}

impl Control {
    /// All is well.
    pub(crate) const WELL: Control = Control {
        writes_left: NEVER,
        write_error: EIO,
        stays: false,
        syncs_left: NEVER,
        writes: 0,
        syncs: 0,
    };
}

impl Disk {
    /// An empty disk.
    pub(crate) fn new() -> Disk {
        let disk = Disk { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(disk.root()).unwrap();
        disk.tell(Control::WELL);
        disk
    }

    /// The folder that programs work in.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("root")
    }

    fn synced(&self) -> PathBuf {
        self.folder.path().join("synced")
    }

    /// Takes everything in the folder for synced, and watches what a program does from now on.
    pub(crate) fn watch(&self, command: &mut Command) {
        let synced = self.synced();
        let _none_before = fs::remove_dir_all(&synced);
        fs::create_dir_all(synced.join("files")).unwrap();
        fs::create_dir_all(synced.join("folders")).unwrap();
        self.sync_all(&self.root());
        command
            .env("LD_PRELOAD", shim())
            .env("POWER_CUT_ROOT", self.root())
            .env("POWER_CUT_DISK", &synced)
            .env("POWER_CUT_CONTROL", self.folder.path().join("control"));
    }

    fn sync_all(&self, folder: &Path) {
        let mut names = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let inode = entry.metadata().unwrap().ino();
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                self.sync_all(&entry.path());
                names.push_str(&format!("d {inode} {name}\n"));
            } else {
                fs::copy(entry.path(), self.synced().join("files").join(inode.to_string())).unwrap();
                names.push_str(&format!("f {inode} {name}\n"));
            }
        }
        let inode = fs::metadata(folder).unwrap().ino();
        fs::write(self.synced().join("folders").join(inode.to_string()), names).unwrap();
    }

    /// Cuts the power after the programs were killed: the folder holds afterwards what was synced and, of what was not,
    /// whatever sectors chance lets through when it is `torn`.
    pub(crate) fn cut(&self, mut torn: Option<&mut Chance>) {
        let after = self.folder.path().join("after");
        self.recover(&self.root(), &after, &mut torn);
        fs::remove_dir_all(self.root()).unwrap();
        fs::rename(after, self.root()).unwrap();
    }

    fn recover(&self, from: &Path, to: &Path, torn: &mut Option<&mut Chance>) {
        fs::create_dir(to).unwrap();
        let inode = fs::metadata(from).unwrap().ino();
        let names = fs::read_to_string(self.synced().join("folders").join(inode.to_string()));
        for line in names.unwrap_or_default().lines() {
            let [kind, inode, name] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                panic!("a name of the disk: {line}")
            };
            if kind == "d" {
                self.recover(&from.join(name), &to.join(name), torn);
                continue;
            }
            let mut kept = fs::read(self.synced().join("files").join(inode)).unwrap_or_default();
            // SQLite's map of its log is made anew; nothing of it is on any disk.
            if name.ends_with("-shm") {
                continue;
            }
            if let Some(chance) = torn {
                tear(&mut kept, &fs::read(from.join(name)).unwrap_or_default(), chance);
            }
            fs::write(to.join(name), kept).unwrap();
            fs::set_permissions(to.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    /// Tells the disk what to do.
    pub(crate) fn tell(&self, control: Control) {
        let Control { writes_left, write_error, stays, syncs_left, writes, syncs } = control;
        let numbers = [writes_left, write_error, i64::from(stays), syncs_left, writes, syncs];
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        // In place: the shim has the file mapped.
        let path = self.folder.path().join("control");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
    }

    /// What the disk says.
    pub(crate) fn control(&self) -> Control {
        let bytes = fs::read(self.folder.path().join("control")).unwrap();
        let number = |at: usize| i64::from_le_bytes(bytes[at * 8..][..8].try_into().unwrap());
        Control {
            writes_left: number(0),
            write_error: number(1),
            stays: number(2) != 0,
            syncs_left: number(3),
            writes: number(4),
            syncs: number(5),
        }
    }
}

/// Lets half of the sectors through that were written and not synced, in no order.
fn tear(kept: &mut Vec<u8>, written: &[u8], chance: &mut Chance) {
    if written.len() > kept.len() && chance.below(2) == 0 {
        kept.resize(kept.len() + chance.below(written.len() - kept.len() + 1), 0);
    }
    for at in (0..kept.len().min(written.len())).step_by(SECTOR) {
        let end = (at + SECTOR).min(kept.len()).min(written.len());
        if kept[at..end] != written[at..end] && chance.below(2) == 0 {
            kept[at..end].copy_from_slice(&written[at..end]);
        }
    }
}

/// The shim, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim/power_cut.c");
        let library =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("power_cut-{}.so", std::process::id()));
        let compiled = Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .args(["-ldl", "-lpthread"])
            .output()
            .unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        library
    })
}

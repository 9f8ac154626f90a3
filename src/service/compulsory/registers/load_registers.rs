//! The registers of a `registers.toml`: extracts read, tokens fetched, services ready to be asked.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::domain::compulsory::evidence::Source;
use crate::domain::compulsory::fact::Fact;
use crate::domain::fault::Fault;
use crate::files::compulsory::register_extract::read_extract;
use crate::files::compulsory::register_settings::{FileSetting, HttpSetting, RegisterSettings};
use crate::service::compulsory::registers::file_register::FileRegister;
use crate::service::compulsory::registers::http_register::HttpRegister;
use crate::service::compulsory::registers::register::Register;

/// A register and what it is asked.
pub struct AskedRegister {
    pub facts: BTreeSet<Fact>,
    pub register: Box<dyn Register>,
}

/// Reads `registers.toml` and what it names.
///
/// # Errors
/// Every fault of the settings, the extracts and the tokens; none shows a token or a number of identity.
pub fn load_registers(settings: &Path) -> Result<Vec<AskedRegister>, Vec<Fault>> {
    let file = settings.display().to_string();
    let text = fs::read_to_string(settings)
        .map_err(|error| vec![Fault::at(&file, format!("cannot be read: {error}"))])?;
    // A bare name has an empty parent, which no folder is called.
    let parent = settings.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let mut faults = Vec::new();
    let mut registers = Vec::new();
    for setting in RegisterSettings::read(&file, &text)?.registers {
        let Some(source) = setting.asked() else { continue };
        let register = match (&setting.file, &setting.http) {
            (Some(extract), _) => of_file(folder, source, extract),
            (None, Some(http)) => of_http(folder, source, http),
            (None, None) => continue,
        };
        match register {
            Ok(register) => {
                registers.push(AskedRegister { facts: setting.facts.into_iter().collect(), register });
            }
            Err(mut wrong) => faults.append(&mut wrong),
        }
    }
    if faults.is_empty() { Ok(registers) } else { Err(faults) }
}

fn of_file(folder: &Path, source: Source, setting: &FileSetting) -> Result<Box<dyn Register>, Vec<Fault>> {
    let path = folder.join(&setting.path);
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let extract = read_extract(path.parent().unwrap_or(folder), &name)?;
    Ok(Box::new(FileRegister { source, extract, day: setting.day }))
}

fn of_http(folder: &Path, source: Source, setting: &HttpSetting) -> Result<Box<dyn Register>, Vec<Fault>> {
    let path = folder.join(&setting.token_file);
    let fault = |rule: String| vec![Fault::at(path.display().to_string(), rule)];
    let token = fs::read_to_string(&path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let token = token.trim().to_owned();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(fault("must hold a token of visible ASCII signs".to_owned()));
    }
    Ok(Box::new(HttpRegister {
        source,
        url: setting.url.clone(),
        token,
        batch: setting.batch,
        timeout: Duration::from_millis(setting.timeout_ms),
        tries: setting.tries,
        wait: Duration::from_millis(setting.wait_ms),
    }))
}

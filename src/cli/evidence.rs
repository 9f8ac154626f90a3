//! `zhaosheng evidence`: ask the registers of other departments about the children of an entry (数据比对).

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::domain::compulsory::evidence::Comparison;
use crate::service::compulsory::compare_evidence::compare_evidence;
use crate::service::compulsory::registers::load_registers::load_registers;

const CONTRACT: &str = "\
REGISTERS is TOML: format = \"registers/1\" and a [[register]] per department:
  source = \"police\"                      police, housing, newborn, market, social_security
  facts = [\"household\", \"residence_permit\"]
  [register.file]                        an extract: id_no,name,fact,address as csv, xlsx or dbf
  path = \"police.csv\"
  day = \"2026-07-20\"                     the day of its data
or, in place of file,
  [register.http]                        {\"format\": \"register_questions/1\", \"source\", \"questions\":
  url = \"https://...\"                      [{\"no\", \"fact\", \"name\", \"id_no\", \"address\"}]} is posted;
  token_file = \"police.token\"            {\"format\": \"register_answers/1\", \"day\", \"answers\":
  batch = 200                              [{\"no\", \"comparison\"}]} is expected
  timeout_ms = 10000
  tries = 3
  wait_ms = 1000
Only what the policy's categories need is asked, of children with a name and a number of identity. A
register that is down answers `unavailable`: an official decides by papers. Rows with a decision stay.
Exit code: 0 done, 2 bad input, 3 environment.";

/// Which entry, which registers.
#[derive(Args)]
#[command(after_help = CONTRACT)]
pub struct EvidenceArgs {
    /// The entry folder (`entry.toml` and its sheets).
    entry: PathBuf,
    /// How the registers are reached.
    #[arg(long)]
    registers: PathBuf,
    /// Where the evidence is written; the entry's own `evidence.csv` may be replaced.
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &EvidenceArgs, json: bool) -> Result<(), Stop> {
    let registers = load_registers(&args.registers).map_err(Stop::BadInput)?;
    let compared = compare_evidence(&args.entry, &registers, &args.out, &Bar::new(false)).map_err(stop)?;
    let words = Comparison::ALL.map(Comparison::word);
    if json {
        let counts: serde_json::Map<String, serde_json::Value> = compared
            .counts
            .iter()
            .map(|(source, counts)| {
                let each = words.iter().zip(counts).map(|(word, count)| ((*word).to_owned(), json!(count)));
                (source.word().to_owned(), each.collect())
            })
            .collect();
        let (decided, unasked, earlier) = (compared.decided, compared.unasked, compared.earlier);
        let answer =
            json!({ "registers": counts, "decided": decided, "unasked": unasked, "earlier": earlier });
        print_line!("{answer}");
        return Ok(());
    }
    for (source, counts) in &compared.counts {
        let each: Vec<String> =
            words.iter().zip(counts).map(|(word, count)| format!("{word} {count}")).collect();
        print_line!("{}: {}", source.word(), each.join(", "));
    }
    print_line!("decided by people, not asked: {}", compared.decided);
    print_line!("without name or number of identity, not asked: {}", compared.unasked);
    print_line!("not to be had now, earlier answer kept: {}", compared.earlier);
    Ok(())
}

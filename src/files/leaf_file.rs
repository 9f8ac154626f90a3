//! A candidate's own line with its proof (leaf/1), as the service hands it out and a family keeps it.

use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::hexadecimal::unhex;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafFile {
    /// Her rows of the published sheets, byte for byte.
    pub leaf: String,
    pub salt: [u8; 32],
    /// From 0, in the order of exam numbers.
    pub place: usize,
    /// Of all candidates.
    pub count: usize,
    /// Hashes from the leaf up to the root.
    pub path: Vec<[u8; 32]>,
    /// Of the tree over every candidate's line.
    pub leaves_root: [u8; 32],
    /// Of the manifest of the whole result.
    pub root: [u8; 32],
}

/// What the rows of a leaf say; empty texts where they say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeafRows {
    pub exam_no: String,
    pub batch: String,
    pub programme: String,
    /// `quota`, `pool` or `open`.
    pub seat: String,
    /// Place in the list.
    pub position: String,
    /// Decimal; empty without a record of the exam.
    pub total: String,
    /// May use quota seats.
    pub eligible: bool,
    /// Why not, joined by `;`.
    pub refusals: String,
    pub choices: Vec<LeafChoice>,
}

/// A choice of her list and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafChoice {
    pub batch: String,
    pub position: u32,
    pub programme: String,
    /// From the closed list of `src/files/proof_readme.md`, section 9.
    pub reason: String,
    pub detail: String,
}

impl LeafFile {
    /// Reads a file: the proof alone, or the whole answer that holds it under `proof`.
    ///
    /// # Errors
    /// Every fault, at its place in `file`.
    pub fn parse(file: &str, text: &str) -> Result<LeafFile, Vec<Fault>> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| vec![Fault::at(file, format!("is no JSON: {error}"))])?;
        let proof = value.get("proof").unwrap_or(&value);
        let mut fields = Fields { file, proof, faults: Vec::new() };
        if proof["format"] != "leaf/1" {
            fields.fault("format", "must be \"leaf/1\"");
        }
        let read = LeafFile {
            leaf: fields.leaf(),
            salt: fields.hash("salt", &proof["salt"]),
            place: fields.number("place"),
            count: fields.number("count"),
            path: fields.path(),
            leaves_root: fields.hash("leaves_root", &proof["leaves_root"]),
            root: fields.hash("root", &proof["root"]),
        };
        if fields.faults.is_empty() { Ok(read) } else { Err(fields.faults) }
    }
}

/// The fields of a proof, and what is wrong with them.
struct Fields<'f> {
    file: &'f str,
    proof: &'f Value,
    faults: Vec<Fault>,
}

impl Fields<'_> {
    fn fault(&mut self, name: &str, rule: &str) {
        self.faults.push(Fault::at(format!("{} {name}", self.file), rule));
    }

    fn leaf(&mut self) -> String {
        let text = self.proof["leaf"].as_str();
        if text.is_none() {
            self.fault("leaf", "must be a text");
        }
        text.unwrap_or_default().to_owned()
    }

    fn hash(&mut self, name: &str, value: &Value) -> [u8; 32] {
        let hash = value.as_str().and_then(unhex);
        if hash.is_none() {
            self.fault(name, "must be 64 hexadecimal digits");
        }
        hash.unwrap_or_default()
    }

    fn number(&mut self, name: &str) -> usize {
        let number = self.proof[name].as_u64().and_then(|number| usize::try_from(number).ok());
        if number.is_none() {
            self.fault(name, "must be a whole number, 0 or more");
        }
        number.unwrap_or_default()
    }

    fn path(&mut self) -> Vec<[u8; 32]> {
        let Some(hashes) = self.proof["path"].as_array() else {
            self.fault("path", "must be a list of hashes");
            return Vec::new();
        };
        (0..).zip(hashes).map(|(at, hash): (usize, _)| self.hash(&format!("path[{at}]"), hash)).collect()
    }
}

impl LeafRows {
    /// Reads the rows of a leaf; it was confirmed by a root before, so what is not understood is left out.
    pub fn read(leaf: &str) -> LeafRows {
        let mut read = LeafRows::default();
        let mut rows =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(leaf.as_bytes());
        let mut sheet = String::new();
        for row in rows.records().flatten() {
            let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
            match (row.len(), sheet.as_str()) {
                (1, _) => sheet = cell(0),
                (_, "results.csv") => {
                    read.exam_no = cell(0);
                    read.batch = cell(1);
                    read.programme = cell(2);
                    read.seat = cell(3);
                    read.position = cell(4);
                    read.total = cell(5);
                }
                (_, "proof/eligibility.csv") => {
                    read.eligible = cell(1) == "1";
                    read.refusals = cell(2);
                }
                (_, "reasons.csv") => read.choices.push(LeafChoice {
                    batch: cell(1),
                    position: cell(2).parse().unwrap_or(0),
                    programme: cell(3),
                    reason: cell(4),
                    detail: cell(5),
                }),
                _ => {}
            }
        }
        read
    }

    /// The rows in plain words, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut said = vec![match self.total.as_str() {
            "" => format!("candidate {}: no valid record of the exam", self.exam_no),
            total => format!("candidate {}: total {total}", self.exam_no),
        }];
        said.push(match (self.eligible, self.refusals.as_str()) {
            (true, _) => "may use quota seats".to_owned(),
            (false, "") => "may not use quota seats: the season has none".to_owned(),
            (false, refusals) => format!("may not use quota seats: {refusals}"),
        });
        said.push(match self.programme.as_str() {
            "" => "no place".to_owned(),
            programme => format!(
                "admitted in batch {} to {programme} on a seat of kind {}, choice {} of the list",
                self.batch, self.seat, self.position
            ),
        });
        for choice in &self.choices {
            let LeafChoice { batch, position, programme, reason, detail } = choice;
            let colon = if detail.is_empty() { "" } else { ": " };
            said.push(format!("batch {batch}, choice {position}, {programme}: {reason}{colon}{detail}"));
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file() -> Value {
        json!({
            "format": "leaf/1", "leaf": "results.csv\n260101,1,P01,quota,1,640\n", "salt": "ab".repeat(32),
            "place": 0, "count": 2, "path": ["cd".repeat(32)], "leaves_root": "ef".repeat(32),
            "root": "01".repeat(32),
        })
    }

    #[test]
    fn the_proof_is_read_alone_and_within_the_whole_answer() {
        let alone = LeafFile::parse("leaf.json", &file().to_string()).unwrap();
        let whole = json!({"exam_no": "260101", "proof": file()});
        assert_eq!(LeafFile::parse("leaf.json", &whole.to_string()).unwrap(), alone);
        assert_eq!((alone.place, alone.count, alone.path.len()), (0, 2, 1));
        assert_eq!(alone.salt, [0xab; 32]);
    }

    #[test]
    fn every_fault_of_a_file_is_told_at_once() {
        let broken = json!({
            "format": "leaf/2", "leaf": 7, "salt": "ab", "place": -1, "count": 1.5, "path": ["x", 3],
            "leaves_root": null,
        });
        let faults = LeafFile::parse("leaf.json", &broken.to_string()).unwrap_err();
        let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
        let names = ["format", "leaf", "salt", "place", "count", "path[0]", "path[1]", "leaves_root", "root"];
        assert_eq!(places, names.map(|name| format!("leaf.json {name}")));
        assert_eq!(LeafFile::parse("leaf.json", "{").unwrap_err().len(), 1);
        assert!(LeafFile::parse("leaf.json", "[]").is_err());
    }

    #[test]
    fn rows_become_sentences() {
        let leaf = "results.csv\n260101,1,P01,quota,2,640\nproof/totals.csv\n260101,640,0,640,1,7,1\n\
            proof/eligibility.csv\n260101,1,\nreasons.csv\n260101,1,1,P02,below_cutoff,open:total:5\n\
            260101,1,2,P01,admitted,quota\n";
        let said = LeafRows::read(leaf).sentences();
        let expected = [
            "candidate 260101: total 640",
            "may use quota seats",
            "admitted in batch 1 to P01 on a seat of kind quota, choice 2 of the list",
            "batch 1, choice 1, P02: below_cutoff: open:total:5",
            "batch 1, choice 2, P01: admitted: quota",
        ];
        assert_eq!(said, expected);
        let nothing = LeafRows::read("results.csv\n260115,,,,,\nproof/eligibility.csv\n260115,0,repeat\n");
        let said = nothing.sentences();
        assert_eq!(said[0], "candidate 260115: no valid record of the exam");
        assert_eq!(said[1..], ["may not use quota seats: repeat", "no place"]);
    }
}

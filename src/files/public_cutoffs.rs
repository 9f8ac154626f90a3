//! The cut-offs as everybody may see them: where one or two seats would tell a pupil's score, it is withheld.

use std::io;

use crate::files::csv_bytes;

/// Seats of a row from which on its total is shown: the last of one or two pupils is somebody whom others know.
pub const FEWEST_SEATS_SHOWN: u64 = 3;

/// `cutoffs.csv` of a result with less in it.
///
/// Rows of fewer than [`FEWEST_SEATS_SHOWN`] seats lose `total` and `tie_chain`. All others lose the lot at the end
/// of `tie_chain`: it is computed from the seed and an exam number, so whoever tries all numbers would find whose
/// it is.
///
/// # Errors
/// It is no sheet of cut-offs (`src/files/proof_readme.md`, section 8).
pub fn public_cutoffs(sheet: &[u8]) -> io::Result<Vec<u8>> {
    let broken = || io::Error::other("this is no sheet of cut-offs");
    let mut rows = csv::Reader::from_reader(sheet);
    let header = rows.headers()?.clone();
    let column = |name: &str| header.iter().position(|known| known == name).ok_or_else(broken);
    let (total, chain, seats) = (column("total")?, column("tie_chain")?, column("seats")?);
    let mut out = Vec::new();
    csv_bytes::row(&mut out, header.iter());
    for row in rows.records() {
        let row = row?;
        let shown = row[seats].parse::<u64>().map_err(|_| broken())? >= FEWEST_SEATS_SHOWN;
        let links: Vec<&str> = row[chain].split(';').filter(|link| !link.starts_with("lot=")).collect();
        let links = links.join(";");
        let cells = row.iter().enumerate().map(|(at, cell)| match at {
            at if at == total && !shown => "",
            at if at == chain => {
                if shown {
                    links.as_str()
                } else {
                    ""
                }
            }
            _ => cell,
        });
        csv_bytes::row(&mut out, cells);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_rows_lose_their_score_and_every_row_its_lot() {
        let sheet = "programme_code,batch,seat,junior_code,total,tie_chain,taken,seats\n\
            P01,1,open,,600,choice=1;math=120;lot=17,3,3\n\
            P01,1,quota,J01,640,math=131;lot=4,2,2\n\
            P01,1,quota,J02,,,1,9\n";
        let public = public_cutoffs(sheet.as_bytes()).unwrap();
        let expected = "programme_code,batch,seat,junior_code,total,tie_chain,taken,seats\n\
            P01,1,open,,600,choice=1;math=120,3,3\n\
            P01,1,quota,J01,,,2,2\n\
            P01,1,quota,J02,,,1,9\n";
        assert_eq!(String::from_utf8(public).unwrap(), expected);
        assert!(public_cutoffs(b"a,b\n1,2\n").is_err());
        assert!(public_cutoffs(b"total,tie_chain,seats\n1,2,many\n").is_err());
    }
}

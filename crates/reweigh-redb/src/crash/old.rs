//! A store as the program before this one left it.

use redb::{Database, ReadableDatabase, ReadableTable};

use super::facts::words;
use super::{PATH, path};
use crate::fault::Fault;
use crate::medium::{Medium, PowerMedium};
use crate::opening::{MAIN, Names, ROW_META, check_main, database, put_meta};
use crate::page::{page_facts, page_row_v1};
use crate::records::{MetaV1, user};
use crate::tables::{ARCHIVE, PAGES};

/// The schema before this program's.
pub(super) const EARLIER: u32 = 1;

/// Takes out of a closed store what schema 1 does not know. The fixture of schema 1 shows that this is what it was.
pub(super) fn make_old(medium: &PowerMedium) -> Result<(), String> {
    let path = path(PATH);
    let names = Names::of(&path);
    let backend = medium.open(&path).map_err(words)?.ok_or("there is no store")?;
    let main = database(&path, MAIN, backend, 1 << 20, medium, &names.owner).map_err(words)?;
    let meta = check_main(&path, &main).map_err(words)?;
    take_out(&main, &MetaV1 { schema: EARLIER, ..meta })
        .map_err(|fault| words(fault.said(MAIN, "going back")))
}

fn take_out(main: &Database, meta: &MetaV1) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for row in main.begin_read()?.open_table(PAGES)?.iter()? {
        let (key, row) = row?;
        let name = key.value().split(|byte| *byte == 0).next().unwrap_or_default();
        let user = user(&String::from_utf8_lossy(name)).map_err(Fault::unwritten)?;
        let facts = page_facts(&user, key.value(), row.value())?;
        rows.push((key.value().to_vec(), page_row_v1(key.value(), facts.iter())));
    }
    let mut transaction = main.begin_write()?;
    transaction.set_quick_repair(true);
    transaction.delete_table(ARCHIVE)?;
    {
        let mut pages = transaction.open_table(PAGES)?;
        for (key, row) in &rows {
            pages.insert(key.as_slice(), row.as_slice())?;
        }
    }
    put_meta(&transaction, ROW_META, meta)?;
    transaction.commit()?;
    Ok(())
}

//! Bringing the main file of an earlier program to the schema of this one.
//!
//! Each step leads from one schema to the next, in one transaction that also has the number: whatever cuts it off, the
//! file is of the one or of the other. A step makes what every program of the next schema expects to be there. Rows whose
//! layout has a version of its own stay as they are, are read in either layout, and move when they are next written.

use std::path::Path;

use redb::{Database, WriteTransaction};

use crate::fault::Fault;
use crate::open_error::OpenError;
use crate::opening::{MAIN, ROW_META, SCHEMA, from_fault, put_meta};
use crate::records::MetaV1;
use crate::tables::ARCHIVE;

type Step = fn(&WriteTransaction) -> Result<(), Fault>;

/// The steps, by the schema that each leads from.
const STEPS: [(u32, Step); 1] = [(1, to_2)];

/// Old versions have a table, and pages a filter of ids, which those that are there do without.
fn to_2(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(ARCHIVE)?;
    Ok(())
}

/// Takes every step there is from the schema of a file, and puts the new one into what it says it is.
pub(crate) fn migrate(path: &Path, main: &Database, meta: &mut MetaV1) -> Result<(), OpenError> {
    while meta.schema != SCHEMA {
        let older = OpenError::Older { path: path.to_owned(), found: meta.schema, known: SCHEMA };
        let (_, step) = STEPS.into_iter().find(|(from, _)| *from == meta.schema).ok_or(older)?;
        let next = MetaV1 { schema: meta.schema.saturating_add(1), ..meta.clone() };
        take(main, step, &next).map_err(|fault| from_fault(path, MAIN, fault))?;
        *meta = next;
    }
    Ok(())
}

fn take(main: &Database, step: Step, next: &MetaV1) -> Result<(), Fault> {
    let mut transaction = main.begin_write()?;
    transaction.set_quick_repair(true);
    step(&transaction)?;
    put_meta(&transaction, ROW_META, next)?;
    transaction.commit()?;
    Ok(())
}

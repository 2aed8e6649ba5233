//! Every promise of the port.

use crate::bench::OnDisk;

reweigh_store::promises!(OnDisk::new());

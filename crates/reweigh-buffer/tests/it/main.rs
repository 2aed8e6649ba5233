//! What the buffer promises, seen from outside.
#![cfg(not(loom))]

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod due;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod stress;

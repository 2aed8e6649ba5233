//! The bytes that stand for a policy.

use super::Policy;
use super::bounds::{Setting, Visitor};

/// The version of the layout that [`CheckedPolicy::canonical`](super::CheckedPolicy::canonical) describes.
const LAYOUT: u8 = 1;

/// The bytes of a policy. Nothing is changed in it.
pub(super) fn canonical(policy: &mut Policy) -> Vec<u8> {
    let mut bytes = Bytes(Vec::with_capacity(4096));
    bytes.0.push(LAYOUT);
    policy.visit(&mut bytes);
    bytes.0
}

struct Bytes(Vec<u8>);

impl Visitor for Bytes {
    fn see(&mut self, key: &str, setting: Setting<'_>) {
        let Self(bytes) = self;
        bytes.extend_from_slice(key.as_bytes());
        bytes.push(0);
        match setting {
            Setting::Number { value, .. } => {
                bytes.push(1);
                bytes.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Setting::Count { value, .. } => {
                bytes.push(2);
                bytes.extend_from_slice(&value.to_le_bytes());
            }
            Setting::Switch(on) => bytes.extend_from_slice(&[3, u8::from(on)]),
        }
    }
}

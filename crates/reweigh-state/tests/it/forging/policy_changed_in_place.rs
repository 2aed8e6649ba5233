use reweigh_state::{CheckedPolicy, Policy};

fn change(checked: &mut CheckedPolicy) {
    checked.policy().noise.sd_kg = 0.0;
}

fn put_in(checked: &mut CheckedPolicy, policy: Policy) {
    checked.policy = policy;
}

fn main() {}

use reweigh_state::{Checked, UserState};

fn forge() -> Checked<UserState> {
    Default::default()
}

fn main() {}

use reweigh_state::{Checked, UserState};

fn forge(state: UserState) -> Checked<UserState> {
    Checked { 0: state }
}

fn main() {}

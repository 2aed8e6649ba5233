use reweigh_state::{Checked, UserState};

fn forge(state: UserState) -> Checked<UserState> {
    Checked(state)
}

fn main() {}

use reweigh_state::{Checked, UserState};

fn forge(state: UserState) -> Checked<UserState> {
    state.into()
}

fn main() {}

use reweigh_state::{Checked, UserState};

fn store(_: &Checked<UserState>) {}

fn hand_over(state: &UserState) {
    store(state);
}

fn main() {}

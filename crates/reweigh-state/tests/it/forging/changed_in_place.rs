use reweigh_state::{Checked, UserState};

fn count(checked: &mut Checked<UserState>) {
    checked.readings += 1;
}

fn settle(checked: &mut Checked<UserState>) {
    checked.settle_oldest();
}

fn replace(checked: &mut Checked<UserState>, state: UserState) {
    checked.0 = state;
}

fn main() {}

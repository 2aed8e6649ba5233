use super::*;

fn medium() -> (PowerMedium, Backend) {
    let medium = PowerMedium::new();
    let file = medium.create("x".as_ref()).unwrap();
    file.write(0, &[1; 2_000]).unwrap();
    file.sync_data().unwrap();
    medium.sync_names("x".as_ref()).unwrap();
    (medium, file)
}

fn now(medium: &PowerMedium) -> Vec<u8> {
    medium.bytes("x".as_ref()).unwrap()
}

#[test]
fn what_was_synced_stays_and_the_rest_has_its_fate() {
    for fate in [Fate::Lost, Fate::Kept] {
        let (medium, file) = medium();
        file.write(100, &[2; 1_000]).unwrap();
        file.set_len(3_000).unwrap();
        assert_eq!(now(&medium).len(), 3_000, "it is read back at once");
        medium.reboot(&mut |_| fate);
        let expected = if fate == Fate::Lost { 2_000 } else { 3_000 };
        assert_eq!(now(&medium).len(), expected);
        assert_eq!(now(&medium)[100], if fate == Fate::Lost { 1 } else { 2 });
        assert!(file.write(0, &[3]).is_err(), "handles from before are of no use");
    }
}

#[test]
fn a_torn_write_is_torn_between_sectors() {
    let (mut torn, mut reordered) = (0, 0);
    for seed in 1..100 {
        let (medium, file) = medium();
        file.write(0, &[2; 1_024]).unwrap();
        file.write(512, &[3; 1_024]).unwrap();
        medium.reboot(&mut |_| Fate::Torn(seed * 7_919));
        let bytes = now(&medium);
        for sector in bytes[..1_536].chunks(512) {
            assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is whole");
        }
        torn += u32::from((bytes[0] == 2) != (bytes[512] != 1));
        reordered += u32::from(bytes[0] == 1 && bytes[1_024] == 3);
    }
    assert!(torn > 5 && reordered > 5, "{torn} torn, {reordered} reordered");
}

#[test]
fn the_power_goes_out_at_every_operation() {
    for cut in 0..4 {
        let (medium, file) = medium();
        medium.cut_at(Some(cut));
        let done = [
            file.write(0, &[2]).is_ok(),
            file.sync_data().is_ok(),
            medium.remove("x".as_ref()).is_ok(),
            medium.sync_names("x".as_ref()).is_ok(),
        ];
        let expected: Vec<bool> = (0..4).map(|operation| operation < cut).collect();
        assert_eq!(done.to_vec(), expected);
        medium.reboot(&mut |_| Fate::Lost);
        assert_eq!(medium.bytes("x".as_ref()).is_none(), cut > 3);
    }
    let (medium, file) = medium();
    medium.cut_at(None);
    file.write(0, &[2]).unwrap();
    assert_eq!(medium.operations(), 1);
}

#[test]
fn a_name_is_given_once() {
    let (medium, _) = medium();
    drop(medium.create("y".as_ref()).unwrap());
    let error = medium.place("y".as_ref(), "x".as_ref()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    medium.place("y".as_ref(), "z".as_ref()).unwrap();
    medium.reboot(&mut |_| Fate::Lost);
    assert!(medium.open("z".as_ref()).unwrap().is_none(), "the name was not synced");
}

#[test]
fn a_full_disk_says_so() {
    let (medium, file) = medium();
    medium.set_room(Some(2_500));
    file.write(2_000, &[1; 500]).unwrap();
    assert_eq!(file.write(2_500, &[1]).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(now(&medium).len(), 2_500);
}

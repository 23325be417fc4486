use super::*;

#[test]
fn a_directory_closed_to_others_is_found_from_below() {
    let directory = TestDirectory::new();
    let below = directory.0.join("closed/open");
    create_directory(&below).unwrap();
    fs::set_permissions(&below, fs::Permissions::from_mode(0o755)).unwrap();
    let closed = directory.0.join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(first_closed_directory(&below), Some(closed.clone()));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(first_closed_directory(&below), None);
}

#[test]
fn a_private_directory_is_closed_even_when_it_was_open_before() {
    let directory = TestDirectory::new();
    let below = directory.0.join("data");
    fs::create_dir(&below).unwrap();
    fs::set_permissions(&below, fs::Permissions::from_mode(0o755)).unwrap();
    let mode = || fs::metadata(&below).unwrap().permissions().mode() & 0o777;
    create_private_directory(&below, false).unwrap();
    assert_eq!(mode(), 0o700);
    create_private_directory(&below, true).unwrap();
    assert_eq!(mode(), 0o711, "others may pass, but neither list nor read");
}

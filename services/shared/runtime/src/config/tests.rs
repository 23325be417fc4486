use super::*;

fn load(variables: &[(&str, &str)], flags: &[&str]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Config::from_settings(variables, &flags.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>())
}

#[test]
fn a_flag_wins_over_its_variable() {
    let config = load(&[("PORTICO_HTTP_LISTEN", "127.0.0.1:1")], &["--http-listen", "127.0.0.1:2"]).unwrap();
    assert_eq!(config.http_listen.port(), 2);
}

#[test]
fn an_unknown_variable_stops_the_start_with_its_name() {
    let error = load(&[("PORTICO_HTTP_LISTN", "127.0.0.1:1")], &[]).unwrap_err();
    assert!(error.0.starts_with("PORTICO_HTTP_LISTN is not a setting"), "{error}");
}

#[test]
fn a_bad_value_is_one_line_that_names_the_setting() {
    let error = load(&[("PORTICO_HTTP_LISTEN", "nonsense")], &[]).unwrap_err();
    assert!(error.0.contains("http-listen") && !error.0.contains('\n'), "{error}");
    assert!(load(&[("PORTICO_TIME_ZONE", "Mars/Olympus")], &[]).unwrap_err().0.contains("PORTICO_TIME_ZONE"));
    for wrong in ["helpdesk", "a@b@c", "Desk <desk@b.test>", "a@b.test, c@d.test", "a@b.test\nBcc: c@d.test", "@b.test"]
    {
        let error = load(&[("PORTICO_FALLBACK_EMAIL", wrong)], &[]).unwrap_err();
        assert!(error.0.starts_with("PORTICO_FALLBACK_EMAIL must be one address"), "{wrong}: {error}");
    }
    assert_eq!(
        load(&[("PORTICO_FALLBACK_EMAIL", "desk@bücher.test")], &[]).unwrap().fallback_email,
        "desk@bücher.test"
    );
    assert!(load(&[("PORTICO_PORTAL_URL", "portal.example")], &[]).unwrap_err().0.contains("PORTICO_PORTAL_URL"));
}

#[test]
fn a_secret_can_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("portico-config-{}", std::process::id()));
    std::fs::write(&path, "postgres://secret\n").unwrap();
    let config = load(&[("PORTICO_DATABASE_URL_FILE", path.to_str().unwrap())], &[]).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(config.database_url, "postgres://secret");
    let error = load(&[("PORTICO_DATABASE_URL_FILE", "/does/not/exist")], &[]).unwrap_err();
    assert!(error.0.contains("PORTICO_DATABASE_URL_FILE"), "{error}");
}

#[test]
fn the_master_key_must_be_thirty_two_bytes() {
    assert!(load(&[("PORTICO_MASTER_KEY", "c2hvcnQ=")], &[]).unwrap().master_key().is_err());
    let key = BASE64.encode([7; 32]);
    assert_eq!(load(&[("PORTICO_MASTER_KEY", &key)], &[]).unwrap().master_key().unwrap().expose(), &[7; 32]);
}

#[test]
fn every_language_can_be_the_default_and_no_other() {
    for language in kernel::Language::ALL {
        assert_eq!(load(&[("PORTICO_LANGUAGE", language.tag())], &[]).unwrap().language, language.tag());
    }
    assert_eq!(load(&[], &[]).unwrap().language, kernel::Language::ENGLISH.tag());
    assert!(load(&[("PORTICO_LANGUAGE", "xx")], &[]).unwrap_err().0.contains("language"));
}

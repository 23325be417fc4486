//! Security settings of the installation.

use crate::portal::{Portal, agent, by, fresh, gateway, reason, refused};
use kernel::{Actor, Code};
use proto::identity::v1::{administration_service_server::AdministrationService, *};
use std::collections::HashMap;
use tonic::{Response, Status};

async fn read(portal: &Portal) -> GetSettingsResponse {
    portal.admin.get_settings(by(&agent("administrator"), GetSettingsRequest {})).await.unwrap().into_inner()
}

async fn change(
    portal: &Portal,
    who: &Actor,
    expected_version: i64,
    settings: SecuritySettings,
) -> Result<Response<GetSettingsResponse>, Status> {
    let request = ChangeSettingsRequest { settings: Some(settings), expected_version };
    portal.admin.change_settings(by(who, request)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_installation_has_strict_settings_that_one_change_replaces_as_a_whole() {
    let portal = Portal::new().await;
    let before = read(&portal).await;
    let settings = before.settings.unwrap();
    assert_eq!((settings.require_mfa.as_str(), settings.lock_mode.as_str()), ("nobody", "timed"));
    assert_eq!((settings.lock_failures, settings.portal_idle_minutes, settings.console_idle_minutes), (5, 30, 15));
    assert_eq!((settings.company_links, before.version, before.terms_version), (false, 0, 0));
    assert_eq!(before.effective["portal_session_hours"], "12");

    let wanted = SecuritySettings {
        company_links: true,
        lock_failures: 4,
        terms: HashMap::from([("en".into(), "Be kind.".into())]),
        ..settings
    };
    let changed = change(&portal, &fresh("administrator"), 0, wanted.clone()).await.unwrap().into_inner();
    assert_eq!((changed.settings.as_ref(), changed.version, changed.terms_version), (Some(&wanted), 1, 1));
    assert!(changed.position > 0);
    assert_eq!(read(&portal).await.settings, Some(wanted.clone()));
    // The same again changes nothing.
    let again = change(&portal, &fresh("administrator"), 1, wanted).await.unwrap().into_inner();
    assert_eq!((again.version, again.position), (1, 0));
    assert_eq!(portal.events::<SettingsChanged>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_configure_changes_settings() {
    let portal = Portal::new().await;
    let settings = read(&portal).await.settings.unwrap();
    let wanted = SecuritySettings { lock_failures: 6, ..settings };
    for who in [fresh("agent"), fresh("viewer"), gateway()] {
        let refused = change(&portal, &who, 0, wanted.clone()).await;
        assert_eq!(reason(refused), (Code::Forbidden, "configuration_only".into()));
    }
    let read_only = Actor { read_only: true, ..fresh("administrator") };
    assert_eq!(reason(change(&portal, &read_only, 0, wanted.clone()).await).0, Code::Forbidden);
    for who in [agent("agent"), agent("viewer"), gateway()] {
        let refused = portal.admin.get_settings(by(&who, GetSettingsRequest {})).await;
        assert_eq!(reason(refused).0, Code::Forbidden);
    }
    assert!(portal.events::<SettingsChanged>().await.is_empty());
    change(&portal, &Actor::service("demo"), 0, wanted).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_setting_is_named_and_a_stale_version_is_refused() {
    let portal = Portal::new().await;
    let bad = SecuritySettings {
        require_mfa: "some".into(),
        lock_mode: "never".into(),
        lock_failures: 2,
        portal_idle_minutes: 61,
        console_idle_minutes: 4,
        terms_required: true,
        terms: HashMap::from([("en".into(), "  ".into())]),
        help_contact: "x".repeat(501),
        ..SecuritySettings::default()
    };
    let error = refused(change(&portal, &fresh("administrator"), 0, bad).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "require_mfa",
            "lock_mode",
            "lock_failures",
            "portal_idle_minutes",
            "console_idle_minutes",
            "terms",
            "help_contact"
        ]
    );
    let settings = read(&portal).await.settings.unwrap();
    let first = SecuritySettings { lock_failures: 6, ..settings.clone() };
    change(&portal, &fresh("administrator"), 0, first).await.unwrap();
    let late = change(&portal, &fresh("administrator"), 0, SecuritySettings { lock_failures: 8, ..settings }).await;
    assert_eq!(reason(late), (Code::Precondition, "stale_version".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn live_sessions_take_another_idle_time_over_at_once() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    let settings = read(&portal).await.settings.unwrap();
    let wanted = SecuritySettings { portal_idle_minutes: 10, ..settings };
    change(&portal, &fresh("administrator"), 0, wanted).await.unwrap();
    assert_eq!(portal.check(&token).await.unwrap().into_inner().idle_timeout_seconds, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_of_the_settings_can_be_made_anew() {
    let portal = Portal::new().await;
    let settings = read(&portal).await.settings.unwrap();
    for (version, failures) in [(0, 6), (1, 7)] {
        let wanted = SecuritySettings { lock_failures: failures, ..settings.clone() };
        change(&portal, &fresh("administrator"), version, wanted).await.unwrap();
    }
    let row = "select count(*) from settings_v1 where version = 2 and document::jsonb ->> 'lock_failures' = '7'";
    assert_eq!(portal.count(row).await, 1);
    let log = portal.identity.log();
    let projection = log.projections().iter().find(|p| p.name() == "settings_v1").unwrap();
    assert_eq!(eventlog::rebuild(log, projection).await.unwrap().state, "done");
    assert_eq!(portal.count(row).await, 1);
}

use super::*;
use kernel::fold;
use proptest::prelude::*;

const USER: Uuid = Uuid::from_u128(1);

fn support(start: &str, end: &str) -> Support {
    Support { start: start.into(), end: end.into() }
}

fn invitation(n: u128) -> Invitation {
    Invitation { id: Uuid::from_u128(n), expires_at: Timestamp::from_micros(1_000) }
}

fn enable(support_over: bool) -> Command {
    Command::EnableAccess {
        user: USER,
        login: "emma@acme.test".into(),
        name: "Emma".into(),
        email: "emma@acme.test".into(),
        locale: "en".into(),
        support: support("2026-01-01", "2026-12-31"),
        first: if support_over { FirstStep::Nothing } else { FirstStep::Invite(invitation(10)) },
        mfa_required: false,
        profile: String::new(),
        company: String::new(),
    }
}

fn enabled() -> Event {
    Event::AccessEnabled {
        user: USER,
        login: "emma@acme.test".into(),
        name: "Emma".into(),
        email: "emma@acme.test".into(),
        support: support("2026-01-01", "2026-12-31"),
        locale: "en".into(),
        mfa_required: false,
        profile: String::new(),
        company: String::new(),
    }
}

fn issued(n: u128) -> Event {
    Event::InvitationIssued {
        user: USER,
        invitation: invitation(n),
        locale: "en".into(),
        support_start: "2026-01-01".into(),
        email: "emma@acme.test".into(),
        name: "Emma".into(),
    }
}

fn password_set(version: i64, via: Via) -> Event {
    Event::PasswordSet { user: USER, credential: Uuid::from_u128(20), version, via, valid_until: None }
}

fn accept(n: u128) -> Command {
    Command::AcceptInvitation { user: USER, invitation: Uuid::from_u128(n), credential: Uuid::from_u128(20) }
}

fn agent_created() -> Event {
    Event::AgentCreated {
        user: USER,
        login: "ada".into(),
        name: "Ada".into(),
        email: "ada@desk.test".into(),
        role: "agent".into(),
        locale: "en".into(),
        service: false,
    }
}

fn create_agent(login: &str) -> Command {
    Command::CreateAgent {
        user: USER,
        login: login.into(),
        name: "Ada".into(),
        email: "ada@desk.test".into(),
        role: "agent".into(),
        locale: "en".into(),
        service: false,
        credential: Some((Uuid::from_u128(20), Via::Console)),
        valid_until: None,
    }
}

const DISABLE: Command = Command::DisableAccess { user: USER, reason: DisableReason::Agent };

fn disabled() -> Event {
    Event::AccessDisabled { user: USER, reason: DisableReason::Agent }
}

#[track_caller]
fn given_when_then(given: &[Event], when: Command, then: Result<Vec<Event>, Rejection>) {
    assert_eq!(fold(Account::default(), given).decide(when), then);
}

#[test]
fn enabling_access_sends_an_invitation_at_once() {
    given_when_then(&[], enable(false), Ok(vec![enabled(), issued(10)]));
}

#[test]
fn access_whose_support_is_over_is_stored_without_an_invitation() {
    given_when_then(&[], enable(true), Ok(vec![enabled()]));
}

#[test]
fn enabling_twice_with_the_same_details_is_already_so() {
    given_when_then(&[enabled(), issued(10)], enable(false), Ok(vec![]));
}

#[test]
fn enabling_with_other_dates_is_refused() {
    let other = Event::SupportDatesChanged { user: USER, support: support("2026-02-01", "2026-03-01") };
    given_when_then(&[enabled(), other], enable(false), Err(Rejection::AccessAlreadyEnabled));
}

#[test]
fn an_agent_gets_no_portal_access() {
    given_when_then(&[agent_created()], enable(false), Err(Rejection::IsAnAgent));
    given_when_then(&[agent_created()], DISABLE, Err(Rejection::IsAnAgent));
}

#[test]
fn a_password_is_chosen_with_the_open_invitation() {
    given_when_then(&[enabled(), issued(10)], accept(10), Ok(vec![password_set(1, Via::Invitation)]));
}

#[test]
fn an_invitation_works_once() {
    let used = [enabled(), issued(10), password_set(1, Via::Invitation)];
    given_when_then(&used, accept(10), Err(Rejection::InvitationUnusable));
}

#[test]
fn a_replaced_invitation_does_not_work() {
    given_when_then(&[enabled(), issued(10), issued(11)], accept(10), Err(Rejection::InvitationUnusable));
    given_when_then(&[enabled(), issued(10), issued(11)], accept(11), Ok(vec![password_set(1, Via::Invitation)]));
}

#[test]
fn an_invitation_of_disabled_access_does_not_work() {
    given_when_then(&[enabled(), issued(10), disabled()], accept(10), Err(Rejection::InvitationUnusable));
    given_when_then(&[], accept(10), Err(Rejection::InvitationUnusable));
}

fn resend(support_over: bool, email: &str) -> Command {
    Command::ResendInvitation { user: USER, support_over, invitation: invitation(11), email: email.into() }
}

#[test]
fn an_invitation_to_a_corrected_address_dies_and_the_next_one_goes_to_the_new_one() {
    let correct = |email: &str, links_until| Command::CorrectAddress {
        user: USER,
        email: email.into(),
        links_until: Timestamp::from_micros(links_until),
    };
    let until = invitation(10).expires_at.micros();
    let reason = RevokeReason::AddressChanged;
    let revoked = Event::InvitationRevoked { user: USER, invitation: Uuid::from_u128(10), reason };
    let open = [enabled(), issued(10)];
    given_when_then(&open, correct("emma@new.test", until), Ok(vec![revoked.clone()]));
    given_when_then(&open, correct("", until), Ok(vec![revoked.clone()]));
    given_when_then(&open, correct("EMMA@acme.test", until), Ok(vec![]));
    // An invitation that was issued after the correction went to the right address.
    given_when_then(&open, correct("emma@new.test", until - 1), Ok(vec![]));
    let chosen = [enabled(), issued(10), password_set(1, Via::Invitation)];
    given_when_then(&chosen, correct("emma@new.test", until), Ok(vec![]));
    given_when_then(&[agent_created()], correct("emma@new.test", until), Ok(vec![]));

    let moved = Event::LoginChanged {
        user: USER,
        login: "emma@new.test".into(),
        old_login: "emma@acme.test".into(),
        via: LoginVia::Contact,
        email: "emma@new.test".into(),
    };
    let Event::InvitationIssued { user, invitation, locale, support_start, name, .. } = issued(11) else {
        panic!("an invitation")
    };
    let email = "emma@new.test".to_owned();
    let again = Event::InvitationIssued { user, invitation, locale, support_start, email, name };
    let dead = [enabled(), issued(10), revoked];
    given_when_then(&dead, resend(false, "emma@new.test"), Ok(vec![moved, again]));
    given_when_then(&dead, resend(false, ""), Err(Rejection::LoginIsNoEmail));
}

#[test]
fn an_open_invitation_is_sent_again() {
    let resend = |support_over| resend(support_over, "emma@acme.test");
    given_when_then(&[enabled(), issued(10)], resend(false), Ok(vec![issued(11)]));
    given_when_then(&[enabled()], resend(true), Err(Rejection::SupportEnded));
    given_when_then(
        &[enabled(), issued(10), password_set(1, Via::Invitation)],
        resend(false),
        Err(Rejection::PasswordAlreadyChosen),
    );
    given_when_then(&[], resend(false), Err(Rejection::AccessNotEnabled));
}

#[test]
fn dates_change_only_when_they_differ() {
    let change = |s, e| Command::ChangeSupportDates { user: USER, support: support(s, e) };
    given_when_then(&[enabled()], change("2026-01-01", "2026-12-31"), Ok(vec![]));
    let changed = Event::SupportDatesChanged { user: USER, support: support("2026-01-01", "2027-01-31") };
    given_when_then(&[enabled()], change("2026-01-01", "2027-01-31"), Ok(vec![changed]));
    given_when_then(&[enabled(), disabled()], change("2026-01-01", "2027-01-31"), Err(Rejection::AccessNotEnabled));
}

#[test]
fn disabling_twice_is_already_so() {
    given_when_then(&[enabled()], DISABLE, Ok(vec![disabled()]));
    given_when_then(&[enabled(), disabled()], DISABLE, Ok(vec![]));
    given_when_then(&[], DISABLE, Ok(vec![]));
}

#[test]
fn access_given_again_starts_without_a_password_and_counts_credentials_on() {
    let again = [enabled(), issued(10), password_set(1, Via::Invitation), disabled(), enabled(), issued(11)];
    given_when_then(&again, accept(11), Ok(vec![password_set(2, Via::Invitation)]));
}

#[test]
fn an_agent_is_created_with_a_first_password() {
    given_when_then(&[], create_agent("ada"), Ok(vec![agent_created(), password_set(1, Via::Console)]));
    given_when_then(&[agent_created()], create_agent("ada"), Ok(vec![]));
    given_when_then(&[agent_created()], create_agent("bob"), Err(Rejection::IdInUse));
    given_when_then(&[enabled()], create_agent("ada"), Err(Rejection::IdInUse));
}

#[test]
fn a_password_is_set_for_whoever_may_log_in() {
    let set =
        || Command::SetPassword { user: USER, credential: Uuid::from_u128(20), via: Via::Demo, valid_until: None };
    given_when_then(&[enabled()], set(), Ok(vec![password_set(1, Via::Demo)]));
    given_when_then(&[agent_created(), password_set(1, Via::Console)], set(), Ok(vec![password_set(2, Via::Demo)]));
    given_when_then(&[], set(), Err(Rejection::Unknown));
    given_when_then(&[enabled(), disabled()], set(), Err(Rejection::AccessNotEnabled));
}

fn passkey_added(n: u128) -> Event {
    Event::PasskeyAdded { user: USER, passkey: Uuid::from_u128(n), name: "Key".into() }
}

fn add_passkey(n: u128) -> Command {
    Command::AddPasskey { user: USER, passkey: Uuid::from_u128(n), name: "Key".into(), codes: 0 }
}

fn removed(factor: Factor) -> Event {
    Event::FactorRemoved { user: USER, factor, reason: String::new() }
}

fn request_change() -> Command {
    Command::RequestLoginChange {
        user: USER,
        request: Uuid::from_u128(40),
        expires_at: Timestamp::from_micros(1_000),
        new_email: "emma@new.test".into(),
        by_agent: false,
    }
}

fn change_requested(n: u128) -> Event {
    Event::LoginChangeRequested {
        user: USER,
        request: Uuid::from_u128(n),
        expires_at: Timestamp::from_micros(1_000),
        new_email: "emma@new.test".into(),
        old_email: "emma@acme.test".into(),
        name: "Emma".into(),
        locale: "en".into(),
        agent: false,
        by_agent: false,
    }
}

fn confirm(n: u128) -> Command {
    Command::ConfirmLoginChange { user: USER, request: Uuid::from_u128(n) }
}

fn change_role(role: &str) -> Command {
    Command::ChangeAgent { user: USER, name: None, email: None, role: Some(role.into()), locale: None }
}

#[test]
fn a_one_time_password_takes_the_place_of_an_invitation() {
    let Command::EnableAccess { user, login, name, support, locale, .. } = enable(false) else { panic!("enabling") };
    let until = Timestamp::from_micros(5_000);
    let command = Command::EnableAccess {
        user,
        login,
        name,
        email: String::new(),
        locale,
        support,
        first: FirstStep::OneTime { credential: Uuid::from_u128(20), valid_until: until },
        mfa_required: true,
        profile: String::new(),
        company: String::new(),
    };
    let events = Account::default().decide(command).unwrap();
    assert!(matches!(&events[0], Event::AccessEnabled { mfa_required: true, .. }));
    assert!(matches!(&events[1], Event::PasswordSet { via: Via::OneTime, valid_until: Some(at), .. } if *at == until));
    assert_eq!(events.len(), 2);
}

#[test]
fn an_open_invitation_can_be_revoked_and_is_dead_then() {
    let revoke = Command::RevokeInvitation { user: USER };
    let reason = RevokeReason::Agent;
    let revoked = Event::InvitationRevoked { user: USER, invitation: Uuid::from_u128(10), reason };
    given_when_then(&[enabled(), issued(10)], revoke.clone(), Ok(vec![revoked.clone()]));
    given_when_then(&[enabled(), issued(10), revoked.clone()], revoke, Err(Rejection::NotInvited));
    given_when_then(&[enabled(), issued(10), revoked], accept(10), Err(Rejection::InvitationUnusable));
}

#[test]
fn the_last_factor_stays_where_one_is_required() {
    let remove = |factor, required| Command::RemoveFactor { user: USER, factor, required };
    let totp = Event::TotpEnabled { user: USER };
    let must = Event::MfaRequirementChanged { user: USER, required: true };
    let key = Factor::Passkey(Uuid::from_u128(30));
    given_when_then(&[enabled(), totp.clone()], remove(Factor::Totp, false), Ok(vec![removed(Factor::Totp)]));
    given_when_then(&[enabled(), totp.clone()], remove(Factor::Totp, true), Err(Rejection::FactorRequired));
    let required = [enabled(), totp.clone(), must.clone()];
    given_when_then(&required, remove(Factor::Totp, false), Err(Rejection::FactorRequired));
    let two = [enabled(), totp, passkey_added(30), must];
    given_when_then(&two, remove(key, true), Ok(vec![removed(key)]));
    given_when_then(&[enabled()], remove(Factor::Totp, false), Err(Rejection::NoSuchFactor));
}

#[test]
fn an_agent_removes_all_factors_even_where_one_is_required() {
    let reset = Command::ResetFactors { user: USER, reason: "lost the phone".into() };
    let must = Event::MfaRequirementChanged { user: USER, required: true };
    let all = Event::FactorRemoved { user: USER, factor: Factor::All, reason: "lost the phone".into() };
    given_when_then(&[enabled(), Event::TotpEnabled { user: USER }, must], reset.clone(), Ok(vec![all]));
    given_when_then(&[enabled()], reset, Ok(vec![]));
}

#[test]
fn only_the_newest_request_for_another_login_is_confirmed_and_only_once() {
    let asked = [enabled(), change_requested(40), change_requested(41)];
    given_when_then(&asked, confirm(40), Err(Rejection::LinkUnusable));
    let changed = Event::LoginChanged {
        user: USER,
        login: "emma@new.test".into(),
        old_login: "emma@acme.test".into(),
        via: LoginVia::Confirmed,
        email: "emma@new.test".into(),
    };
    given_when_then(&asked, confirm(41), Ok(vec![changed.clone()]));
    let done = [enabled(), change_requested(41), changed];
    given_when_then(&done, confirm(41), Err(Rejection::LinkUnusable));
}

#[test]
fn a_program_has_no_password() {
    let program = Event::AgentCreated {
        user: USER,
        login: "sync".into(),
        name: "Sync".into(),
        email: String::new(),
        role: "agent".into(),
        locale: "en".into(),
        service: true,
    };
    let set = Command::SetPassword { user: USER, credential: USER, via: Via::OneTime, valid_until: None };
    given_when_then(&[program], set, Err(Rejection::IsAProgram));
}

#[test]
fn a_change_of_an_agent_names_only_what_changed() {
    let changed =
        |role: Option<String>| Event::AgentChanged { user: USER, name: None, email: None, role, locale: None };
    given_when_then(&[agent_created()], change_role("viewer"), Ok(vec![changed(Some("viewer".into()))]));
    given_when_then(&[agent_created()], change_role("agent"), Ok(vec![]));
    given_when_then(&[enabled()], change_role("agent"), Err(Rejection::IsNoAgent));
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(agent_created()),
        Just(enabled()),
        Just(disabled()),
        Just(Event::SupportDatesChanged { user: USER, support: support("2026-02-01", "2026-03-01") }),
        (10_u128..13).prop_map(issued),
        (1_i64..9).prop_map(|v| password_set(v, Via::Invitation)),
        Just(Event::TotpEnabled { user: USER }),
        (30_u128..33).prop_map(passkey_added),
        Just(removed(Factor::All)),
        any::<bool>().prop_map(|required| Event::MfaRequirementChanged { user: USER, required }),
        Just(Event::AccessSuspended { user: USER, note: String::new() }),
        Just(change_requested(40)),
        Just(Event::AgentDisabled { user: USER }),
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        any::<bool>().prop_map(enable),
        Just(DISABLE),
        Just(Command::DisableAccess { user: USER, reason: DisableReason::ContactDeleted }),
        Just(Command::ChangeSupportDates { user: USER, support: support("2026-02-01", "2026-03-01") }),
        (any::<bool>(), 10_u128..13).prop_map(|(support_over, n)| Command::ResendInvitation {
            user: USER,
            support_over,
            invitation: invitation(n),
            email: "emma@acme.test".into(),
        }),
        (10_u128..13).prop_map(accept),
        Just(Command::SetPassword {
            user: USER,
            credential: Uuid::from_u128(20),
            via: Via::Console,
            valid_until: None
        }),
        prop_oneof![Just("ada"), Just("bob")].prop_map(create_agent),
        later_command(),
    ]
}

fn later_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::RevokeInvitation { user: USER }),
        Just(Command::CorrectAddress {
            user: USER,
            email: "emma@new.test".into(),
            links_until: Timestamp::from_micros(i64::MAX)
        }),
        Just(Command::Suspend { user: USER, note: String::new() }),
        Just(Command::Resume { user: USER }),
        Just(Command::ChangeLogin { user: USER, login: "emma.r".into(), email: "emma@acme.test".into() }),
        Just(request_change()),
        (40_u128..42).prop_map(confirm),
        (0_i32..2).prop_map(|codes| Command::EnableTotp { user: USER, codes: codes * 10 }),
        (30_u128..33).prop_map(add_passkey),
        (any::<bool>(), prop_oneof![Just(Factor::Totp), Just(Factor::Passkey(Uuid::from_u128(30)))])
            .prop_map(|(required, factor)| Command::RemoveFactor { user: USER, factor, required }),
        Just(Command::ResetFactors { user: USER, reason: "lost the phone".into() }),
        Just(Command::MakeRecoveryCodes { user: USER, codes: 10 }),
        any::<bool>().prop_map(|required| Command::RequireMfa { user: USER, required }),
        (1_i32..4).prop_map(|version| Command::AcceptTerms { user: USER, version }),
        Just(change_role("viewer")),
        Just(Command::DisableAgent { user: USER }),
        Just(Command::EnableAgent { user: USER }),
    ]
}

/// Commands that say "already so" when they are given again at once.
fn is_repeatable(command: &Command) -> bool {
    match command {
        Command::EnableAccess { .. }
        | Command::ChangeSupportDates { .. }
        | Command::DisableAccess { .. }
        | Command::CreateAgent { .. }
        | Command::Suspend { .. }
        | Command::Resume { .. }
        | Command::ChangeLogin { .. }
        | Command::EnableTotp { .. }
        | Command::AddPasskey { .. }
        | Command::ResetFactors { .. }
        | Command::RequireMfa { .. }
        | Command::AcceptTerms { .. }
        | Command::ChangeAgent { .. }
        | Command::DisableAgent { .. }
        | Command::EnableAgent { .. } => true,
        Command::ResendInvitation { .. }
        | Command::RevokeInvitation { .. }
        | Command::AcceptInvitation { .. }
        | Command::SetPassword { .. }
        | Command::CorrectAddress { .. }
        | Command::RequestLoginChange { .. }
        | Command::ConfirmLoginChange { .. }
        | Command::RemoveFactor { .. }
        | Command::MakeRecoveryCodes { .. } => false,
    }
}

proptest! {
    #[test]
    fn folding_in_two_parts_is_folding_at_once(events in prop::collection::vec(any_event(), 0..20), at in 0_usize..20) {
        let at = at.min(events.len());
        let halves = fold(fold(Account::default(), &events[..at]), &events[at..]);
        prop_assert_eq!(halves, fold(Account::default(), &events));
    }

    #[test]
    fn deciding_never_panics_and_a_repeated_command_does_nothing_more(
        events in prop::collection::vec(any_event(), 0..20),
        command in any_command(),
    ) {
        let state = fold(Account::default(), &events);
        if let Ok(decided) = state.decide(command.clone()) && is_repeatable(&command) {
            let after = fold(state, &decided);
            prop_assert_eq!(after.decide(command), Ok(vec![]));
        }
    }

    #[test]
    fn credential_versions_only_grow(commands in prop::collection::vec(any_command(), 0..30)) {
        let mut state = Account::default();
        let mut last = 0;
        for command in commands {
            if let Ok(events) = state.decide(command) {
                for event in &events {
                    if let Event::PasswordSet { version, .. } = event {
                        prop_assert_eq!(*version, last + 1);
                        last = *version;
                    }
                }
                state = fold(state, &events);
            }
        }
    }

    #[test]
    fn no_invitation_can_be_used_twice(commands in prop::collection::vec(any_command(), 0..30), n in 10_u128..13) {
        let state = commands.into_iter().fold(Account::default(), |state, command| match state.decide(command) {
            Ok(events) => fold(state, &events),
            Err(_) => state,
        });
        if let Ok(events) = state.decide(accept(n)) {
            let after = fold(state, &events);
            prop_assert_eq!(after.decide(accept(n)), Err(Rejection::InvitationUnusable));
        }
    }
}

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
        support_over,
        invitation: invitation(10),
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
    Event::PasswordSet { user: USER, credential: Uuid::from_u128(20), version, via }
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
        role: Role::Agent,
        locale: "en".into(),
    }
}

fn create_agent(login: &str) -> Command {
    Command::CreateAgent {
        user: USER,
        login: login.into(),
        name: "Ada".into(),
        email: "ada@desk.test".into(),
        role: Role::Agent,
        locale: "en".into(),
        credential: Uuid::from_u128(20),
        via: Via::Console,
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

#[test]
fn an_open_invitation_is_sent_again() {
    let resend = |support_over| Command::ResendInvitation { user: USER, support_over, invitation: invitation(11) };
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
    let set = || Command::SetPassword { user: USER, credential: Uuid::from_u128(20), via: Via::Demo };
    given_when_then(&[enabled()], set(), Ok(vec![password_set(1, Via::Demo)]));
    given_when_then(&[agent_created(), password_set(1, Via::Console)], set(), Ok(vec![password_set(2, Via::Demo)]));
    given_when_then(&[], set(), Err(Rejection::Unknown));
    given_when_then(&[enabled(), disabled()], set(), Err(Rejection::AccessNotEnabled));
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(agent_created()),
        Just(enabled()),
        Just(disabled()),
        Just(Event::SupportDatesChanged { user: USER, support: support("2026-02-01", "2026-03-01") }),
        (10_u128..13).prop_map(issued),
        (1_i64..9).prop_map(|v| password_set(v, Via::Invitation)),
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
            invitation: invitation(n)
        }),
        (10_u128..13).prop_map(accept),
        Just(Command::SetPassword { user: USER, credential: Uuid::from_u128(20), via: Via::Console }),
        prop_oneof![Just("ada"), Just("bob")].prop_map(create_agent),
    ]
}

/// Commands that say "already so" when they are given again at once.
fn is_repeatable(command: &Command) -> bool {
    match command {
        Command::EnableAccess { .. }
        | Command::ChangeSupportDates { .. }
        | Command::DisableAccess { .. }
        | Command::CreateAgent { .. } => true,
        Command::ResendInvitation { .. } | Command::AcceptInvitation { .. } | Command::SetPassword { .. } => false,
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

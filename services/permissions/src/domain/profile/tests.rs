use super::*;
use kernel::fold;
use proptest::prelude::*;

fn document(name: &str, mark: u8) -> Document {
    Document {
        name: name.to_owned(),
        description: String::new(),
        json: format!("{{\"format\":1,\"name\":\"{name}\",\"mark\":{mark}}}"),
    }
}

fn id() -> Uuid {
    Uuid::from_u128(7)
}

fn created(name: &str) -> Event {
    Event::Created { profile: id(), document: document(name, 0), copied_from: None }
}

fn saved(name: &str, mark: u8) -> Event {
    Event::DraftSaved { profile: id(), document: document(name, mark) }
}

fn published(name: &str, mark: u8, number: i32) -> Event {
    Event::Published { profile: id(), number, document: document(name, mark) }
}

fn create(name: &str) -> Command {
    Command::Create { profile: id(), document: document(name, 0), copied_from: None }
}

fn save(name: &str, mark: u8) -> Command {
    Command::SaveDraft { document: document(name, mark) }
}

fn publish() -> Command {
    Command::Publish { faults: Vec::new() }
}

fn fault() -> Fault {
    Fault { path: "/modules/tickets/scope".into(), code: "scope_all_refused".into(), message: "no".into() }
}

struct Given(Profile);

fn given(events: &[Event]) -> Given {
    Given(fold(Profile::default(), events))
}

impl Given {
    fn when(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        self.0.decide(command)
    }
}

#[test]
fn a_profile_is_created_as_a_draft() {
    let given = given(&[]);
    assert_eq!(given.when(create("Standard")), Ok(vec![created("Standard")]));
    assert_eq!(fold(Profile::default(), &[created("Standard")]).number(), 0);
}

#[test]
fn a_second_profile_with_the_same_id_is_refused() {
    assert_eq!(given(&[created("A")]).when(create("B")), Err(Rejection::AlreadyExists));
}

#[test]
fn what_does_not_exist_is_neither_saved_nor_published() {
    assert_eq!(given(&[]).when(save("A", 1)), Err(Rejection::Unknown));
    assert_eq!(given(&[]).when(publish()), Err(Rejection::Unknown));
}

#[test]
fn a_draft_is_saved_and_the_same_draft_again_is_already_so() {
    assert_eq!(given(&[created("A")]).when(save("A", 1)), Ok(vec![saved("A", 1)]));
    assert_eq!(given(&[created("A"), saved("A", 1)]).when(save("A", 1)), Ok(Vec::new()));
}

#[test]
fn publishing_numbers_the_versions_from_one() {
    assert_eq!(given(&[created("A")]).when(publish()), Ok(vec![published("A", 0, 1)]));
    let history = [created("A"), published("A", 0, 1), saved("A", 5)];
    assert_eq!(given(&history).when(publish()), Ok(vec![published("A", 5, 2)]));
}

#[test]
fn publishing_what_is_in_force_is_already_so() {
    let history = [created("A"), published("A", 0, 1)];
    assert_eq!(given(&history).when(publish()), Ok(Vec::new()));
}

#[test]
fn a_draft_with_faults_is_not_published() {
    let refused = given(&[created("A")]).when(Command::Publish { faults: vec![fault()] });
    assert_eq!(refused, Err(Rejection::NotValid(vec![fault()])));
}

#[test]
fn a_draft_that_went_back_to_what_is_in_force_needs_no_new_version() {
    let history = [created("A"), published("A", 0, 1), saved("A", 5), saved("A", 0)];
    assert_eq!(given(&history).when(publish()), Ok(Vec::new()));
}

#[test]
fn built_in_profiles_keep_their_name_and_can_be_edited() {
    for built_in in BuiltIn::ALL {
        let history = [Event::Created { profile: built_in.id(), document: document("DEFAULT", 0), copied_from: None }];
        assert_eq!(given(&history).when(save("Other", 1)), Err(Rejection::NameIsFixed));
        assert!(matches!(given(&history).when(save("DEFAULT", 1)).as_deref(), Ok([Event::DraftSaved { .. }])));
    }
}

#[test]
fn the_ids_of_built_in_profiles_never_change() {
    assert_eq!(BuiltIn::Default.id().to_string(), "970b395e-91e9-52cc-8773-b1d1100ddf45");
    assert_eq!(BuiltIn::NonPortalUsers.id().to_string(), "02010d52-e6dd-506f-80b8-e6db970d4b48");
}

#[test]
fn a_name_stays_taken_while_the_draft_or_what_is_in_force_has_it() {
    let state = fold(Profile::default(), &[created("Old"), published("Old", 0, 1), saved("New", 1)]);
    assert_eq!(state.names(), ["new", "old"]);
    let state = state.evolve(&published("New", 1, 2));
    assert_eq!(state.names(), ["new"]);
}

fn any_command() -> impl Strategy<Value = Command> {
    let any_document = ("[a-c]", 0..3_u8).prop_map(|(name, mark)| document(&name, mark));
    prop_oneof![
        any_document.clone().prop_map(|document| Command::Create { profile: id(), document, copied_from: None }),
        any_document.prop_map(|document| Command::SaveDraft { document }),
        any::<bool>().prop_map(|faulty| Command::Publish { faults: if faulty { vec![fault()] } else { Vec::new() } }),
    ]
}

/// A history that commands made.
fn history(commands: Vec<Command>) -> Vec<Event> {
    let (mut state, mut events) = (Profile::default(), Vec::new());
    for command in commands {
        if let Ok(new) = state.decide(command) {
            state = fold(state, &new);
            events.extend(new);
        }
    }
    events
}

proptest! {
    #[test]
    fn a_command_that_was_done_is_already_so_or_refused(
        commands in proptest::collection::vec(any_command(), 0..12), next in any_command()
    ) {
        let state = fold(Profile::default(), &history(commands));
        if let Ok(events) = state.decide(next.clone()) {
            let after = fold(state, &events);
            // Only creating is not repeatable.
            let again = match events.first() {
                Some(Event::Created { .. }) => Err(Rejection::AlreadyExists),
                _ => Ok(Vec::new()),
            };
            prop_assert_eq!(after.decide(next), again);
        }
    }

    #[test]
    fn a_history_folds_the_same_however_it_is_split(
        commands in proptest::collection::vec(any_command(), 0..12), at in 0..13_usize
    ) {
        let events = history(commands);
        let (first, second) = events.split_at(at.min(events.len()));
        let whole = fold(Profile::default(), &events);
        prop_assert_eq!(fold(fold(Profile::default(), first), second), whole);
    }

    #[test]
    fn versions_are_numbered_without_a_gap(commands in proptest::collection::vec(any_command(), 0..20)) {
        let numbers: Vec<i32> = history(commands)
            .iter()
            .filter_map(|e| if let Event::Published { number, .. } = e { Some(*number) } else { None })
            .collect();
        let expected: Vec<i32> = (1..).take(numbers.len()).collect();
        prop_assert_eq!(numbers, expected);
    }

    #[test]
    fn what_is_in_force_was_once_the_draft(commands in proptest::collection::vec(any_command(), 0..20)) {
        let events = history(commands);
        for (i, event) in events.iter().enumerate() {
            if let Event::Published { document, .. } = event {
                let before = fold(Profile::default(), &events[..i]);
                let was_draft = matches!(before, Profile::Existing { draft, .. } if draft == *document);
                prop_assert!(was_draft);
            }
        }
    }
}

use super::*;

/// A plan as it comes over the wire: with a copy of everything.
fn arrived(state: &mut State, profile: &str, version: u32, list: &str) -> Arc<AccessPlan> {
    let plan = serde_json::json!({
        "subject": { "kind": "contact", "id": kernel::new_id().to_string() },
        "policy_version": 7,
        "profile": { "id": profile, "version": version, "chosen_because": "default" },
        "viewer": { "kind": "contact", "id": "1" },
        "modules": { "tickets": { "list": { "columns": [list] } } },
    });
    state.shared(serde_json::from_value(plan).expect("a plan"))
}

#[test]
fn people_with_one_profile_share_the_modules_of_their_plans() {
    let mut state = State::default();
    let first = arrived(&mut state, "standard", 1, "title");
    let second = arrived(&mut state, "standard", 1, "title");
    assert!(first.shares_modules(&second) && first.subject != second.subject);
    // Another profile, another version, and what should be equal and is not: each keeps its own.
    for (profile, version, list) in [("small", 1, "title"), ("standard", 2, "title"), ("standard", 1, "status")] {
        let other = arrived(&mut state, profile, version, list);
        assert!(!other.shares_modules(&first), "{profile} {version} {list}");
        let columns = other.module("tickets").map(|m| m.list.columns.clone());
        assert_eq!(columns, Some(vec![list.to_owned()]));
    }
}

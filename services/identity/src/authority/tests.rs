use super::*;
use crate::domain::role::{BUILT_IN, Records};
use kernel::{Right, Rights};
use proptest::prelude::*;

fn level(records: Records, rights: &[Right]) -> Level {
    Level { records: Some(records), rights: Rights::of(rights) }
}

/// Somebody with a role of this level, and another person's account of that.
fn asks(own: &Level, target: Target, intent: Intent) -> Result<(), String> {
    let actor = Actor { rights: own.rights.clone(), ..Actor::agent(Uuid::from_u128(1), "own") };
    decide(&actor, own, &target, intent).map_err(|e| e.reason.into_owned())
}

fn other(level: Level) -> Target {
    Target::Agent { user: Uuid::from_u128(2), level }
}

fn administrator() -> Level {
    Level::of_built_in("administrator")
}

#[test]
fn managing_agents_is_no_way_to_become_an_administrator() {
    let desk = level(Records::Write, &[Right::ManageAgents, Right::Unlock]);
    for intent in [Intent::Look, Intent::Manage, Intent::Become, Intent::Unlock, Intent::Tokens, Intent::Read] {
        assert_eq!(asks(&desk, other(administrator()), intent), Err("rights_beyond_own".into()), "{intent:?}");
        assert_eq!(asks(&desk, other(level(Records::Write, &[Right::Unlock])), intent), Ok(()), "{intent:?}");
        assert_eq!(asks(&administrator(), other(administrator()), intent), Ok(()), "{intent:?}");
    }
}

#[test]
fn who_only_reads_records_acts_on_nobody_who_writes_them() {
    let reader =
        level(Records::Read, &[Right::ManageAgents, Right::ManageAccess, Right::ImpersonateWrite, Right::Impersonate]);
    let beyond = || Err("records_beyond_own".to_owned());
    assert_eq!(asks(&reader, other(level(Records::Write, &[])), Intent::Manage), beyond());
    assert_eq!(asks(&reader, other(level(Records::Read, &[])), Intent::Manage), Ok(()));
    // Nor becomes a contact, who writes them; access can be given and taken all the same.
    for intent in [Intent::Become, Intent::Impersonate { write: true }] {
        assert_eq!(asks(&reader, Target::Customer, intent), beyond(), "{intent:?}");
    }
    for intent in [Intent::Manage, Intent::Look, Intent::Impersonate { write: false }] {
        assert_eq!(asks(&reader, Target::Customer, intent), Ok(()), "{intent:?}");
    }
}

#[test]
fn each_intent_needs_its_right() {
    let with = |rights: &[Right]| level(Records::Write, rights);
    let table: [(Intent, &[Right], &[Right]); 8] = [
        (Intent::Look, &[Right::ManageAccess], &[Right::ManageAgents]),
        (Intent::Manage, &[Right::ManageAccess], &[Right::ManageAgents]),
        (Intent::Become, &[Right::ManageAccess], &[Right::ManageAgents]),
        (Intent::Unlock, &[Right::Unlock], &[Right::Unlock]),
        (Intent::Tokens, &[Right::ManageAgents], &[Right::ManageAgents]),
        (Intent::Read, &[Right::ManageAccess], &[Right::ManageAgents]),
        (Intent::Impersonate { write: false }, &[Right::Impersonate], &[]),
        (Intent::Impersonate { write: true }, &[Right::Impersonate, Right::ImpersonateWrite], &[]),
    ];
    assert_eq!(table.map(|(intent, ..)| intent), Intent::ALL);
    for (intent, of_customer, of_agent) in table {
        assert_eq!(asks(&with(of_customer), Target::Customer, intent), Ok(()), "{intent:?}");
        let harmless = || other(level(Records::Read, &[]));
        if of_agent.is_empty() {
            assert_eq!(asks(&administrator(), harmless(), intent), Err("is_an_agent".into()), "{intent:?}");
        } else {
            assert_eq!(asks(&with(of_agent), harmless(), intent), Ok(()), "{intent:?}");
        }
        let all: Vec<Right> = Right::ALL.into_iter().filter(|r| !of_customer.contains(r)).collect();
        let others: Vec<Right> = match intent {
            // Auditors read everybody's.
            Intent::Read => all.into_iter().filter(|r| *r != Right::ReadAudit).collect(),
            _ => all,
        };
        assert!(asks(&with(&others), Target::Customer, intent).is_err(), "{intent:?}");
    }
    assert_eq!(asks(&with(&[Right::ReadAudit]), other(administrator()), Intent::Read), Ok(()));
}

#[test]
fn nobody_takes_their_own_account_over_from_here() {
    let own = administrator();
    let actor = Actor::agent(Uuid::from_u128(1), "administrator");
    let myself = Target::Agent { user: actor.id, level: own.clone() };
    let refused = decide(&actor, &own, &myself, Intent::Become).map_err(|e| e.reason.into_owned());
    assert_eq!(refused, Err("not_yourself".into()));
    assert!(decide(&actor, &own, &myself, Intent::Manage).is_ok());
}

#[test]
fn a_role_that_is_not_there_allows_nothing() {
    let nothing = Level::of_built_in("owner");
    assert_eq!(nothing, Level::default());
    for role in BUILT_IN {
        assert!(nothing.covers(&Level::of_built_in(role)).is_err(), "{role}");
        assert!(Level::of_built_in(role).covers(&nothing).is_ok(), "{role}");
    }
}

fn any_level() -> impl Strategy<Value = Level> {
    let rights = proptest::sample::subsequence(Right::ALL.to_vec(), 0..=Right::ALL.len());
    let records = prop_oneof![Just(None), Just(Some(Records::Read)), Just(Some(Records::Write))];
    (records, rights).prop_map(|(records, rights)| Level { records, rights: rights.into_iter().collect() })
}

proptest! {
    /// Whoever may act on an agent in any way but reading the audit may do all that the agent may.
    #[test]
    fn nobody_acts_on_who_may_do_more(own in any_level(), target in any_level(), n in 0..Intent::ALL.len()) {
        let intent = Intent::ALL[n];
        if asks(&own, other(target.clone()), intent).is_ok() && intent != Intent::Read {
            prop_assert!(target.rights.iter().all(|r| own.rights.contains(r)) && target.records <= own.records);
        }
    }

    /// Acting on others gets nobody further: whom those could act on, the first can too.
    #[test]
    fn no_chain_of_accounts_leads_beyond_ones_own(a in any_level(), b in any_level(), c in any_level()) {
        if asks(&a, other(b.clone()), Intent::Become).is_ok() && asks(&b, other(c.clone()), Intent::Become).is_ok() {
            prop_assert_eq!(asks(&a, other(c), Intent::Become), Ok(()));
        }
    }

    /// A program's token without a scope, or a session that only looks, acts on nobody.
    #[test]
    fn who_only_looks_acts_on_nobody(own in any_level(), target in any_level()) {
        let actor = Actor { rights: own.rights.clone(), read_only: true, ..Actor::agent(Uuid::from_u128(1), "own") };
        for intent in Intent::ALL.into_iter().filter(|i| *i != Intent::Read) {
            prop_assert!(decide(&actor, &own, &other(target.clone()), intent).is_err());
            prop_assert!(decide(&actor, &own, &Target::Customer, intent).is_err());
        }
    }
}

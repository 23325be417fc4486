//! Refuses a call whose caller has not proved recently enough who they are. Each method says in its `.proto` what proof
//! it asks for; only here is the caller's token compared with that. Methods whose request names a session are checked
//! by identity, which knows the sessions.

use kernel::{Actor, Code, Error, Timestamp};
use proto::method::{Proof, find};

/// Whether somebody may call a method now.
///
/// # Errors
/// `step_up_required` for a person whose last proof is too old; `person_required` for a program and for whoever else has
/// nothing to prove again.
pub fn check_proof(method: &str, caller: &Actor, now: Timestamp) -> Result<(), Error> {
    let Some(method) = find(method) else {
        return Err(Error::new(Code::NotFound, "no_such_method", "There is no such method."));
    };
    match method.proof {
        Proof::None | Proof::Proves | Proof::Session => Ok(()),
        Proof::Fresh if method.by_session || caller.is_operator() || caller.is_fresh(now) => Ok(()),
        Proof::Fresh if caller.can_step_up() => Err(step_up_required()),
        Proof::Fresh => Err(person_required()),
    }
}

/// The refusal of a program, and of whoever else can't prove again who is there.
pub fn person_required() -> Error {
    let public = "This needs a person who has signed in and confirmed lately who they are. A program's token can't do it: \
                  please do it in the console, or in a session of your own after POST /auth/step-up.";
    Error { public: public.into(), ..Error::forbidden("person_required") }
}

/// The refusal of a person whose last proof is too old.
pub fn step_up_required() -> Error {
    Error { public: "Please confirm first that it is you.".into(), ..Error::forbidden("step_up_required") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{ActorKind, Channel};
    use proto::method::METHODS;
    use uuid::Uuid;

    fn now() -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000)
    }

    fn agent() -> Actor {
        Actor { session: Some(Uuid::nil()), ..Actor::agent(Uuid::nil(), "administrator") }
    }

    fn proved(seconds_ago: i64) -> Actor {
        Actor { auth_time: Some(now().plus_seconds(-seconds_ago)), ..agent() }
    }

    #[test]
    fn what_asks_for_a_fresh_person_is_refused_to_everybody_else() {
        let program = Actor { session: None, ..agent() };
        let gateway = Actor::service("gateway");
        let visitor =
            Actor { session: Some(Uuid::nil()), ..Actor::new(ActorKind::Company, Uuid::nil(), Channel::Portal) };
        let support = Actor { on_behalf_of: Some(Uuid::nil()), kind: ActorKind::Contact, ..agent() };
        let fresh: Vec<_> = METHODS.iter().filter(|m| m.proof == Proof::Fresh && !m.by_session).collect();
        assert!(fresh.len() > 20, "only {}", fresh.len());
        for method in fresh {
            let asked = |caller: &Actor| check_proof(method.path, caller, now()).map_err(|e| e.reason.into_owned());
            assert_eq!(asked(&proved(600)), Ok(()), "{}", method.path);
            assert_eq!(asked(&Actor::service("console")), Ok(()), "{}", method.path);
            for stale in [proved(601), agent()] {
                assert_eq!(asked(&stale), Err("step_up_required".into()), "{}", method.path);
            }
            for nobody in [&program, &gateway, &visitor, &support] {
                assert_eq!(asked(nobody), Err("person_required".into()), "{}", method.path);
            }
        }
    }

    #[test]
    fn what_asks_for_less_lets_a_program_in() {
        for method in METHODS.iter().filter(|m| m.proof != Proof::Fresh || m.by_session) {
            let program = Actor { session: None, ..agent() };
            assert_eq!(check_proof(method.path, &program, now()).map_err(|e| e.reason), Ok(()), "{}", method.path);
        }
    }

    #[test]
    fn a_method_that_is_in_no_table_is_none() {
        let unknown = check_proof("portico.identity.v1.IdentityService/Fly", &proved(0), now());
        assert_eq!(unknown.map_err(|e| e.code), Err(Code::NotFound));
    }
}

//! Who is told of what happens on a record: the one place that chooses. Whether each of them may still see the record is
//! asked when the mail is written, see [`crate::reach`].

use crate::recipients::Kind;
use uuid::Uuid;

/// Stands for the operator's own mailbox, in place of a person: what would reach nobody goes there.
pub const OPERATOR: Uuid = Uuid::nil();

/// Nobody owns the record.
pub(crate) const NO_OWNER: &str = "no_owner";
/// No contact has to do with the record.
pub(crate) const NO_CONTACT: &str = "no_contact";
/// There is no such record any more.
pub(crate) const RECORD_GONE: &str = "record_gone";
/// The comment was taken back, or erased, before its mail's turn.
pub(crate) const COMMENT_GONE: &str = "comment_gone";

/// Who has to do with a record, as records says now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Involved {
    /// The agent who owns it.
    pub owner: Option<Uuid>,
    /// The contact that it is about.
    pub contact: Option<Uuid>,
    /// The contact who made it.
    pub creator: Option<Uuid>,
    /// Contacts who take part in it.
    pub participants: Vec<Uuid>,
    /// Records of its module have owners.
    pub has_owners: bool,
    /// Records of its module have contacts.
    pub has_contacts: bool,
}

/// What happened on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A customer made it.
    Made,
    /// An agent owns it now.
    Assigned {
        /// The agent.
        owner: Uuid,
    },
    /// Somebody said something that customers may read.
    Commented {
        /// A customer did, not an agent.
        by_customer: bool,
    },
}

/// Somebody who is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Contact or agent; [`OPERATOR`] when there is nobody.
    pub id: Uuid,
    /// What they are.
    pub kind: Kind,
    /// Why there is nobody; empty for people.
    pub why: &'static str,
}

impl Addressee {
    fn person(id: Uuid, kind: Kind) -> Addressee {
        Addressee { id, kind, why: "" }
    }

    fn nobody(why: &'static str) -> Addressee {
        Addressee { id: OPERATOR, kind: Kind::Agent, why }
    }
}

/// Who is told. The one who did it is not, except that it has come in; everybody else once, however many reasons there
/// are. Where somebody should be told and there is nobody, the operator is told instead, so that nothing is lost silently.
///
/// An owner hears what everybody else says, colleagues too. Contacts are the record's own, the one who made it and those
/// who take part. `involved` is `None` when the record is gone.
pub fn audience(happening: Happening, involved: Option<&Involved>, doer: Uuid) -> Vec<Addressee> {
    let mut told: Vec<Addressee> = Vec::new();
    let mut tell = |id: Option<Uuid>, kind: Kind| {
        if let Some(id) = id.filter(|i| *i != doer)
            && !told.iter().any(|t| t.id == id)
        {
            told.push(Addressee::person(id, kind));
        }
    };
    match (happening, involved) {
        (Happening::Assigned { owner }, _) => tell(Some(owner), Kind::Agent),
        (Happening::Made, None) => {}
        (Happening::Made, Some(involved)) => {
            // Who asked is told that it has come in, and under which number: the one mail about one's own doing. A request
            // is what somebody looks after for a contact; a colleague's address in the list of contacts is none.
            let is_request = involved.has_owners && involved.has_contacts;
            if let Some(maker) = involved.creator.filter(|creator| is_request && *creator == doer) {
                told.push(Addressee::person(maker, Kind::Contact));
            }
            // An owner is told of the assignment, which is an event of its own.
            if involved.has_owners && involved.owner.is_none() {
                told.push(Addressee::nobody(NO_OWNER));
            }
        }
        (Happening::Commented { .. }, None) => told.push(Addressee::nobody(RECORD_GONE)),
        (Happening::Commented { by_customer }, Some(involved)) => {
            let contacts = [involved.contact, involved.creator];
            for contact in contacts.into_iter().chain(involved.participants.iter().copied().map(Some)) {
                tell(contact, Kind::Contact);
            }
            tell(involved.owner, Kind::Agent);
            if by_customer && involved.owner.is_none() {
                told.push(Addressee::nobody(NO_OWNER));
            }
            let contacts = [involved.contact, involved.creator].iter().any(Option::is_some);
            if !by_customer && involved.has_contacts && !contacts && involved.participants.is_empty() {
                told.push(Addressee::nobody(NO_CONTACT));
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMMA: Uuid = Uuid::from_u128(1);
    const PAT: Uuid = Uuid::from_u128(2);
    const LEE: Uuid = Uuid::from_u128(3);
    const ADA: Uuid = Uuid::from_u128(11);
    const BOB: Uuid = Uuid::from_u128(12);

    /// A ticket about Emma, made by Pat, with Lee taking part, owned by Ada.
    fn ticket() -> Involved {
        Involved {
            owner: Some(ADA),
            contact: Some(EMMA),
            creator: Some(PAT),
            participants: vec![LEE, EMMA],
            has_owners: true,
            has_contacts: true,
        }
    }

    fn ids(happening: Happening, involved: Option<&Involved>, doer: Uuid) -> Vec<(Uuid, &'static str)> {
        audience(happening, involved, doer).into_iter().map(|t| (t.id, t.why)).collect()
    }

    #[test]
    fn everybody_involved_hears_of_a_comment_once_but_not_who_wrote_it() {
        let by_customer = Happening::Commented { by_customer: true };
        let by_agent = Happening::Commented { by_customer: false };
        let ticket = ticket();
        let all = [(EMMA, ""), (PAT, ""), (LEE, ""), (ADA, "")];
        let but = |doer: Uuid| all.into_iter().filter(|(id, _)| *id != doer).collect::<Vec<_>>();
        for doer in [EMMA, PAT, LEE] {
            assert_eq!(ids(by_customer, Some(&ticket), doer), but(doer));
        }
        assert_eq!(ids(by_agent, Some(&ticket), ADA), but(ADA));
        assert_eq!(ids(by_agent, Some(&ticket), BOB), all, "an owner hears what a colleague says");
    }

    #[test]
    fn what_would_reach_nobody_goes_to_the_operator_with_its_reason() {
        let alone =
            Involved { owner: None, contact: Some(EMMA), has_owners: true, has_contacts: true, ..Involved::default() };
        let by_customer = Happening::Commented { by_customer: true };
        let by_agent = Happening::Commented { by_customer: false };
        assert_eq!(ids(by_customer, Some(&alone), EMMA), [(OPERATOR, NO_OWNER)]);
        assert_eq!(ids(Happening::Made, Some(&alone), EMMA), [(OPERATOR, NO_OWNER)]);
        assert_eq!(ids(Happening::Made, Some(&ticket()), EMMA), []);
        let own = Involved { creator: Some(EMMA), ..alone.clone() };
        assert_eq!(ids(Happening::Made, Some(&own), EMMA), [(EMMA, ""), (OPERATOR, NO_OWNER)]);
        assert_eq!(ids(Happening::Made, Some(&ticket()), PAT), [(PAT, "")], "whoever made it, not whom it is about");
        for no_request in [Involved { has_contacts: false, ..ticket() }, Involved { has_owners: false, ..ticket() }] {
            assert_eq!(ids(Happening::Made, Some(&no_request), PAT), []);
        }
        let nobodys = Involved { contact: None, ..alone.clone() };
        assert_eq!(ids(by_agent, Some(&nobodys), ADA), [(OPERATOR, NO_CONTACT)]);
        assert_eq!(ids(by_agent, None, ADA), [(OPERATOR, RECORD_GONE)]);
        // Where a module has no contacts, nobody is missing.
        let internal = Involved { has_contacts: false, ..nobodys };
        assert_eq!(ids(by_agent, Some(&internal), ADA), []);
    }

    #[test]
    fn a_new_owner_is_told_unless_it_was_the_owners_own_doing() {
        let happening = Happening::Assigned { owner: ADA };
        assert_eq!(ids(happening, None, BOB), [(ADA, "")]);
        assert_eq!(ids(happening, None, ADA), []);
    }
}

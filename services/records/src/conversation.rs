//! Where the conversation on a record stands: who spoke last, since when the customer waits, what was answered when. Worked
//! out from the record's events, one after the other, and kept in its row.

use crate::{
    document::{Talk, Word},
    domain::{
        module::Module,
        record::{Author, Event},
        value::Value,
    },
    trail::Kind,
};
use kernel::Timestamp;
use uuid::Uuid;

/// Who spoke last in public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The customer: by opening the record, or by a comment.
    Customer,
    /// The operator, by a comment.
    Support,
}

impl Side {
    /// The word in answers and conditions.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Side::Customer => "customer",
            Side::Support => "support",
        }
    }

    /// The number in the read model; 0 stands for nobody.
    pub(crate) const fn number(self) -> i16 {
        match self {
            Side::Customer => 1,
            Side::Support => 2,
        }
    }

    pub(crate) const fn numbered(number: i16) -> Option<Side> {
        match number {
            1 => Some(Side::Customer),
            2 => Some(Side::Support),
            _ => None,
        }
    }

    /// The number of a word; 0 for any other.
    pub(crate) fn number_of(word: &str) -> i16 {
        [Side::Customer, Side::Support].into_iter().find(|side| side.word() == word).map_or(0, Side::number)
    }
}

/// Something that happened: when, and on which side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Done {
    pub(crate) at: Timestamp,
    /// From outside: a contact, or who came by the company's link.
    pub(crate) customer: bool,
}

/// The facts of one record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conversation {
    /// The last thing that a customer may see.
    pub(crate) activity: Timestamp,
    /// The same for agents, to whom notes count.
    pub(crate) agents_activity: Timestamp,
    pub(crate) last_word: Option<Side>,
    /// Since when the customer waits for an answer.
    pub(crate) waiting_since: Option<Timestamp>,
    pub(crate) first_answer_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) reopened: u32,
    /// The last public comment, and what held before it.
    pub(crate) word: Option<Word>,
}

impl Conversation {
    /// Of a record that was just made. What a customer opens is what the customer says first; what an agent writes down, nobody
    /// has said yet.
    pub(crate) fn begun(module: &Module, status: Option<&Value>, done: Done) -> Conversation {
        let asks = done.customer && module.definition.comments;
        let closed = module.is_closed(status);
        Conversation {
            activity: done.at,
            agents_activity: done.at,
            last_word: asks.then_some(Side::Customer),
            waiting_since: (asks && !closed).then_some(done.at),
            first_answer_at: None,
            closed_at: closed.then_some(done.at),
            reopened: 0,
            word: None,
        }
    }

    /// After one more event of the record.
    pub(crate) fn apply(&mut self, event: &Event, done: Done) {
        match event {
            Event::Commented { author, comment_id, .. } => {
                self.word = Some(Word {
                    comment: comment_id.as_bytes().to_vec(),
                    last_word: self.last_word.map_or(0, Side::number).into(),
                    waiting_since: micros(self.waiting_since),
                    first_answer_at: micros(self.first_answer_at),
                });
                self.said(*author, done);
            }
            Event::CommentRemoved { comment_id, .. } => self.unsaid(*comment_id),
            Event::Closed(_) => {
                self.closed_at = Some(done.at);
                self.waiting_since = None;
            }
            Event::Reopened(_) => {
                self.closed_at = None;
                self.reopened += 1;
                if done.customer && self.last_word != Some(Side::Support) {
                    self.waiting_since.get_or_insert(done.at);
                }
            }
            Event::Created { .. }
            | Event::Updated { .. }
            | Event::StatusChanged(_)
            | Event::Assigned { .. }
            | Event::CommentEdited { .. }
            | Event::InternalNoted { .. }
            | Event::Deleted
            | Event::Restored => {}
        }
        self.agents_activity = done.at;
        if !Kind::of(event).among_agents() {
            self.activity = done.at;
        }
    }

    /// What is taken back was never said, as long as nobody spoke after it. A status that came with it stays: it is a change
    /// of its own.
    fn unsaid(&mut self, comment: Uuid) {
        let Some(word) = self.word.take_if(|word| word.comment == comment.as_bytes()) else { return };
        self.last_word = i16::try_from(word.last_word).ok().and_then(Side::numbered);
        self.first_answer_at = moment(word.first_answer_at);
        self.waiting_since = moment(word.waiting_since).filter(|_| self.closed_at.is_none());
    }

    fn said(&mut self, author: Author, done: Done) {
        match author {
            Author::Contact | Author::Company => {
                self.last_word = Some(Side::Customer);
                self.waiting_since.get_or_insert(done.at);
            }
            Author::Agent => {
                self.last_word = Some(Side::Support);
                self.waiting_since = None;
                self.first_answer_at.get_or_insert(done.at);
            }
        }
    }

    /// What of it has no column.
    pub(crate) fn talk(&self) -> Talk {
        Talk { first_answer_at: micros(self.first_answer_at), reopened: self.reopened, word: self.word.clone() }
    }
}

impl Talk {
    /// When support answered first.
    pub(crate) fn answered(&self) -> Option<Timestamp> {
        moment(self.first_answer_at)
    }

    /// The last public comment.
    pub(crate) fn word(&self) -> Option<Word> {
        self.word.clone()
    }
}

fn micros(moment: Option<Timestamp>) -> i64 {
    moment.map_or(0, Timestamp::micros)
}

fn moment(micros: i64) -> Option<Timestamp> {
    (micros != 0).then(|| Timestamp::from_micros(micros))
}

#[cfg(test)]
mod tests;

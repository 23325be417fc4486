//! Conversations as they are written down: what is asked, and what is said after it.

/// What is said on a record, one after the other. What an agent says in public also says where the record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// An agent works on it.
    Works(&'static str),
    /// An agent asks the customer something.
    Asks(&'static str),
    /// An agent has solved it.
    Solves(&'static str),
    /// An agent notes something for the others.
    Notes(&'static str),
    /// The customer says something: what waited for it goes on, what was closed is open again.
    Says(&'static str),
    /// The customer is content, and closes it.
    Thanks(&'static str),
}

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// Nobody has answered.
    New,
    /// An agent works on it.
    Working,
    /// An agent has asked, and the customer has the next word.
    Waiting,
    /// The customer has answered, and no agent has yet.
    Answered,
    /// Closed.
    Closed,
}

impl State {
    /// The key of the status.
    pub(super) const fn status(self) -> &'static str {
        match self {
            State::New | State::Answered => "open",
            State::Working => "in_progress",
            State::Waiting => "waiting",
            State::Closed => "closed",
        }
    }

    /// After one more step. What a customer adds while an agent is at work changes nothing.
    pub(super) const fn after(self, step: &Step) -> State {
        match (step, self) {
            (Step::Works(_), _) => State::Working,
            (Step::Asks(_), _) => State::Waiting,
            (Step::Solves(_) | Step::Thanks(_), _) => State::Closed,
            (Step::Says(_), State::Waiting | State::Closed) => State::Answered,
            (Step::Says(_) | Step::Notes(_), _) => self,
        }
    }
}

/// The language that two people have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Language {
    English,
    Italian,
    German,
}

impl Language {
    /// What an agent writes who has asked and hears nothing.
    pub(super) const fn reminder(self) -> &'static str {
        match self {
            Language::English => "We have not heard from you yet. Could you have a look at our question?",
            Language::Italian => "Non abbiamo ancora ricevuto risposta: potete dare un'occhiata alla nostra domanda?",
            Language::German => "Wir haben noch nichts von Ihnen gehört. Könnten Sie sich unsere Frage ansehen?",
        }
    }

    /// What an agent writes who closes after the customer's last word.
    pub(super) const fn goodbye(self) -> &'static str {
        match self {
            Language::English => "Thank you for telling us. Everything is settled as agreed, so we close this ticket.",
            Language::Italian => "Grazie del riscontro. Tutto è a posto come concordato: chiudiamo il ticket.",
            Language::German => {
                "Danke für die Rückmeldung. Alles ist wie vereinbart erledigt, wir schließen das Ticket."
            }
        }
    }
}

/// Whose daily work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// Devices, networks, programs.
    Technical,
    /// Orders, papers, people.
    Office,
}

/// A conversation with places to fill in: `{a}` and `{b}` stand for a pair of details.
pub(super) struct Script {
    pub(super) language: Language,
    pub(super) field: Field,
    pub(super) title: &'static str,
    pub(super) details: &'static [(&'static str, &'static str)],
    pub(super) description: &'static str,
    pub(super) category: &'static str,
    /// Empty where nobody would say.
    pub(super) severity: &'static str,
    pub(super) priority: &'static str,
    pub(super) steps: &'static [Step],
}

impl Script {
    /// A text of it with the details filled in.
    pub(super) fn filled(text: &str, (a, b): (&str, &str)) -> String {
        text.replace("{a}", a).replace("{b}", b)
    }

    /// How the script goes as far as the state: where it is reached, and the notes right after it. Several ways when it
    /// is reached several times.
    pub(super) fn until(&self, state: State) -> Vec<&'static [Step]> {
        if state == State::New {
            return vec![&[]];
        }
        let mut now = State::New;
        let mut ways = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            now = now.after(step);
            let speaks_last = match state {
                State::Answered => matches!(step, Step::Says(_)),
                State::Closed => matches!(step, Step::Solves(_) | Step::Thanks(_)) && at + 1 == self.steps.len(),
                State::New | State::Working | State::Waiting => matches!(step, Step::Works(_) | Step::Asks(_)),
            };
            if now == state && speaks_last {
                let notes = self.steps[at + 1..].iter().take_while(|s| matches!(s, Step::Notes(_))).count();
                ways.push(&self.steps[..=at + notes]);
            }
        }
        ways
    }

    /// Somebody opens again what was closed.
    pub(super) fn reopens(&self) -> bool {
        let mut now = State::New;
        self.steps.iter().any(|step| {
            let after = now.after(step);
            let before = std::mem::replace(&mut now, after);
            before == State::Closed && now != State::Closed
        })
    }
}

//! Which ticket is about what: who opened it, how far it has come, whose it is.

use super::{Plot, Story, billing, devices, german, italian, office, technical, told};
use crate::demo::{
    calendar::{Calendar, WORKDAY},
    cast::{Agent, CONTACTS, Contact},
    dice::Dice,
    script::{
        Field, Language, Script,
        State::{self, Answered, Closed, New, Waiting, Working},
        Step,
    },
};
use std::collections::HashMap;

/// Since when there are tickets, in days.
const DAYS: i64 = 60;
/// A ticket that was opened so many seconds of work ago has been there for long.
const LONG: i64 = 4 * WORKDAY;
/// Every so many of them comes from the portal.
const FROM_PORTAL: usize = 3;

/// How far each portal user's newest tickets have come, the newest first; all older ones are closed.
const EMMA: &[State] = &[
    New, Answered, Waiting, Working, Closed, Closed, Working, Waiting, Closed, Closed, Closed, Working, Closed, Waiting,
];
const MARCO: &[State] = &[
    New, Answered, Waiting, Working, Closed, Closed, Answered, Closed, Waiting, Closed, Answered, Working, Closed,
    Closed, Waiting,
];
const NINA: &[State] =
    &[Answered, Waiting, New, Working, Closed, Closed, Closed, Waiting, Closed, Answered, Closed, Working];

/// The same of those whom agents write tickets for: so many of the newest have come as far as these, over and over; so
/// have so many before them. All older ones are closed.
const OTHERS: &[(usize, &[State])] = &[
    (50, &[New, Waiting, New, Closed, Working, New, New, Waiting, New, New]),
    (60, &[Working, Closed, Waiting, Working, Waiting, Working, Closed, Waiting, Waiting, Working]),
    (50, &[Closed, Waiting, Closed, Closed, Working, Closed, Waiting, Closed, Closed, Working]),
];

/// So many tickets, the oldest first: the same each time for the same present.
pub(in crate::demo) fn tickets(count: usize, calendar: &Calendar) -> Vec<Story> {
    let users: Vec<&Contact> = CONTACTS.iter().filter(|c| c.logs_in).collect();
    let others: Vec<&Contact> = CONTACTS.iter().filter(|c| !c.logs_in).collect();
    let from_portal = count.div_ceil(FROM_PORTAL);
    let mut lots = Lots::default();
    let stories = (0..count).map(|n| {
        let mut dice = Dice::new(n);
        let nth = n / FROM_PORTAL;
        let (contact, state) = if n % FROM_PORTAL == 0 {
            let contact = users[nth % users.len()];
            (contact, of_user(contact, (from_portal - 1 - nth) / users.len()))
        } else {
            let nth = n - nth - 1;
            (others[nth % others.len()], of_other(count - from_portal - 1 - nth))
        };
        let opened = opened(count - n, count, calendar.work_in(DAYS), &mut dice);
        lots.story(n, contact, state, opened, calendar, &mut dice)
    });
    stories.collect()
}

/// How many seconds of work ago a ticket was opened, with its place from the end of so many. There are more and more of
/// them: in the end three times as many a day as at first.
fn opened(place: usize, count: usize, work: i64, dice: &mut Dice) -> i64 {
    let hundredths = |number: usize| i64::try_from(number).unwrap_or_default() * 100;
    let (place, count) = (hundredths(place) - dice.between(10, 90), hundredths(count));
    work * place / count * (count + place) / (2 * count)
}

/// Of a portal user's ticket, with so many of the same user after it.
fn of_user(contact: &Contact, later: usize) -> State {
    let newest = match contact.email {
        "emma@acme.test" => EMMA,
        "marco@acme.test" => MARCO,
        _ => NINA,
    };
    newest.get(later).copied().unwrap_or(Closed)
}

/// Of a ticket that an agent wrote down, with so many such after it.
fn of_other(mut later: usize) -> State {
    for (length, states) in OTHERS {
        if later < *length {
            return states[later % states.len()];
        }
        later -= length;
    }
    Closed
}

/// All scripts.
pub(super) fn scripts() -> impl Iterator<Item = &'static Script> {
    [devices::SCRIPTS, technical::SCRIPTS, billing::SCRIPTS, office::SCRIPTS, italian::SCRIPTS, german::SCRIPTS]
        .into_iter()
        .flatten()
}

/// What was drawn so far, so that nothing comes up more often than it has to.
#[derive(Default)]
struct Lots {
    /// By contact.
    opened: HashMap<&'static str, usize>,
    /// By contact and script; by script.
    told_by: HashMap<(&'static str, usize), usize>,
    told: HashMap<usize, usize>,
    /// Of those who don't come to the portal.
    unanswered: usize,
    /// By whether it is closed.
    given: HashMap<bool, usize>,
}

/// Counts one more; answers how many there were before.
fn counted<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: K) -> usize {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count - 1
}

impl Lots {
    fn story(
        &mut self,
        number: usize,
        contact: &'static Contact,
        state: State,
        opened: i64,
        calendar: &Calendar,
        dice: &mut Dice,
    ) -> Story {
        let spoken = spoken(contact);
        let language = spoken[counted(&mut self.opened, contact.email) % spoken.len()];
        let long = opened > LONG;
        let (script, details) = self.script(contact, language, state, long);
        let mut steps = match contact.logs_in {
            true => in_portal(script, contact, state, long, dice),
            false => by_phone(script, state, long, dice),
        };
        if long && state == Waiting {
            steps.push(Step::Asks(language.reminder()));
        }
        let owner = self.owner(contact, language, state);
        let key = format!("demo ticket {number}");
        let plot =
            Plot { module: "tickets", key, contact, script, details, state, steps: &steps, opened, owner, slowly: 1 };
        told(&plot, calendar, dice)
    }

    /// A script that suits the contact: the one that came up least often, and first of all with the same contact.
    fn script(
        &mut self,
        contact: &'static Contact,
        language: Language,
        state: State,
        long: bool,
    ) -> (&'static Script, (&'static str, &'static str)) {
        let times = |at: usize| {
            let count = |counted: Option<&usize>| counted.copied().unwrap_or_default();
            (count(self.told_by.get(&(contact.email, at))), count(self.told.get(&at)), at)
        };
        let suiting = scripts().enumerate().filter(|(_, script)| {
            script.language == language && concerns(script, contact) && can_reach(script, contact, state, long)
        });
        let (at, script) = suiting.min_by_key(|(at, _)| times(*at)).unwrap_or((0, &devices::SCRIPTS[0]));
        counted(&mut self.told_by, (contact.email, at));
        (script, script.details[counted(&mut self.told, at) % script.details.len()])
    }

    fn owner(&mut self, contact: &Contact, language: Language, state: State) -> Option<Agent> {
        let emma = contact.email == "emma@acme.test";
        let unassigned = match (state, contact.logs_in) {
            (New, true) => !emma,
            (New, false) => {
                self.unanswered += 1;
                self.unanswered % 11 == 4
            }
            _ => false,
        };
        if unassigned {
            return None;
        }
        if language == Language::Italian {
            return Some(Agent::Giulia);
        }
        if emma && (state != Closed || self.opened.get(contact.email).is_some_and(|nth| nth % 3 != 0)) {
            // He is the representative of her company.
            return Some(Agent::Alex);
        }
        let nth = counted(&mut self.given, state == Closed);
        Some(match (state, nth) {
            (Closed, nth) => [Agent::Alex, Agent::Ada, Agent::Alex, Agent::Giulia][nth % 4],
            (_, nth) if nth % 25 == 7 => Agent::Alex,
            (_, nth) if nth % 4 == 2 => Agent::Giulia,
            _ => Agent::Ada,
        })
    }
}

/// What the contact writes in, by turns.
pub(super) fn spoken(contact: &Contact) -> &'static [Language] {
    use Language::{English, German, Italian};
    match (contact.company, contact.email) {
        (_, "marco@acme.test") => &[Italian, Italian, English],
        ("Acme", email) if email != "emma@acme.test" => &[Italian, English],
        ("Officine Rossi" | "Cantina del Lago", _) => &[Italian],
        ("Umbrella Logistics", _) | (_, "jonas@globex.test") => &[German, English],
        _ => &[English],
    }
}

fn says(step: &Step) -> bool {
    matches!(step, Step::Says(_))
}

fn solves(step: &Step) -> bool {
    matches!(step, Step::Solves(_))
}

fn notes(step: &Step) -> bool {
    matches!(step, Step::Notes(_))
}

/// True when it is something that the contact has to do with.
pub(super) fn concerns(script: &Script, contact: &Contact) -> bool {
    match contact.department {
        "accounting" => script.field == Field::Office,
        "technical" => script.field == Field::Technical,
        _ => true,
    }
}

/// True when a ticket of the contact can come that far with the script.
pub(super) fn can_reach(script: &Script, contact: &Contact, state: State, long: bool) -> bool {
    let ways = script.until(state);
    // What an agent has been working on for long has waited for the customer meanwhile.
    let in_time = || ways.last().is_some_and(|way| state != Working || !long || way.iter().any(says));
    match (contact.logs_in, state) {
        // Who may change nothing can't open again what is closed.
        (true, _) if script.reopens() && !contact.changes() => false,
        (false, Working) if !long => !beginning(script).is_empty(),
        (false, Closed) => script.steps.iter().any(solves),
        (false, Answered) => false,
        _ => in_time(),
    }
}

/// What an agent does before anybody is asked.
fn beginning(script: &Script) -> &'static [Step] {
    let length = script.steps.iter().take_while(|s| matches!(s, Step::Works(_) | Step::Notes(_))).count();
    &script.steps[..length]
}

/// The whole conversation as far as the state, as it is held in the portal.
fn in_portal(script: &Script, contact: &Contact, state: State, long: bool, dice: &mut Dice) -> Vec<Step> {
    let ways = script.until(state);
    let way = if long { ways.last() } else { dice.one_of(&ways) };
    let mut steps = way.map(|way| way.to_vec()).unwrap_or_default();
    if let Some(Step::Thanks(text)) = steps.last().copied().filter(|_| !contact.changes()) {
        // Who may change nothing leaves it to the agent to close.
        steps.pop();
        steps.extend([Step::Says(text), Step::Solves(script.language.goodbye())]);
    }
    steps
}

/// What an agent wrote down of a conversation that was held elsewhere: less than all of it.
fn by_phone(script: &Script, state: State, long: bool, dice: &mut Dice) -> Vec<Step> {
    let spoken = |steps: &[Step]| steps.iter().copied().filter(|step| !notes(step)).collect();
    let ways = script.until(state);
    let solved = script.steps.iter().position(solves).unwrap_or_default();
    match state {
        New | Answered if dice.percent(30) => beginning(script).iter().copied().filter(notes).collect(),
        New | Answered => Vec::new(),
        Working if !long => beginning(script).to_vec(),
        Working => ways.last().map(|way| spoken(way)).unwrap_or_default(),
        Waiting => ways.first().map(|way| spoken(way)).unwrap_or_default(),
        Closed => match dice.between(1, 4) {
            1 if long => spoken(&script.steps[..=solved]),
            2 if long => beginning(script).iter().chain(&script.steps[solved..=solved]).copied().collect(),
            _ => spoken(&script.steps[solved..=solved]),
        },
    }
}

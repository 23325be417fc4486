//! Cases: what takes longer than a ticket.

use super::{Plot, Story, told};
use crate::demo::{
    calendar::{Calendar, WORKDAY},
    cast::{Agent, CONTACTS},
    dice::Dice,
    script::{
        Field::{Office, Technical},
        Language::{English, German, Italian},
        Script, State,
        Step::{Asks, Notes, Says, Solves, Works},
    },
};

/// A case: who has it, how far it has come, how many working days ago it began, who is in charge.
struct Case {
    contact: &'static str,
    state: State,
    days: i64,
    owner: Agent,
    script: Script,
}

const CASES: &[Case] = &[
    Case {
        contact: "olivia@northwind.test",
        state: State::Closed,
        days: 41,
        owner: Agent::Ada,
        script: Script {
            language: English,
            field: Technical,
            title: "Stock differs between warehouse and books",
            details: &[("", "")],
            description: "After the stocktaking 37 items differ between the warehouse and the books. We need to know \
                why before the year is closed.",
            category: "problem",
            severity: "major",
            priority: "high",
            steps: &[
                Works("Thank you for the list. We compare it with the bookings of the last quarter."),
                Solves(
                    "Returns of damaged goods were booked twice when a scanner lost its connection. The 37 items are \
                     corrected, and the program refuses the second booking since version 4.9.",
                ),
            ],
        },
    },
    Case {
        contact: "emma@acme.test",
        state: State::Closed,
        days: 36,
        owner: Agent::Alex,
        script: Script {
            language: English,
            field: Technical,
            title: "Scanners lose orders in the loading bay",
            details: &[("", "")],
            description: "About once a week a confirmed order is missing in the evening. It happens in the loading \
                bay only:\n\n\
                1. the order is scanned and confirmed\n2. the truck leaves\n3. the order is still *open* in the \
                list",
            category: "problem",
            severity: "critical",
            priority: "urgent",
            steps: &[
                Works(
                    "Thank you. The loading bay has the weakest signal, so we begin there and log every scan for a \
                     week.",
                ),
                Solves(
                    "Confirmations were dropped when the signal was lost in the same second. The app keeps them now \
                     and sends them again; nothing has been lost since.",
                ),
            ],
        },
    },
    Case {
        contact: "giorgio@cantinalago.test",
        state: State::Closed,
        days: 29,
        owner: Agent::Giulia,
        script: Script {
            language: Italian,
            field: Technical,
            title: "Etichette dei vini con dati mancanti",
            details: &[("", "")],
            description: "Sulle etichette stampate dal gestionale mancano a volte gli **allergeni**. Non possiamo \
                spedire così.",
            category: "problem",
            severity: "critical",
            priority: "urgent",
            steps: &[
                Works("Grazie, ha la precedenza: confrontiamo le etichette incomplete con le schede degli articoli."),
                Solves(
                    "Il campo era vuoto in quattro schede copiate. Ora è obbligatorio e senza non si stampa più nulla.",
                ),
            ],
        },
    },
    Case {
        contact: "marco@acme.test",
        state: State::Working,
        days: 24,
        owner: Agent::Giulia,
        script: Script {
            language: Italian,
            field: Office,
            title: "Passaggio alla fatturazione mensile unica",
            details: &[("", "")],
            description: "Riceviamo una fattura per ogni consegna. Vorremmo una sola fattura al mese, divisa per \
                centro di costo.",
            category: "request",
            severity: "feature",
            priority: "normal",
            steps: &[
                Asks("Quali centri di costo devono comparire, e chi approva la fattura da voi?"),
                Says("I centri sono 4100, 4210 e 5000; approva Sara Greco dell'amministrazione."),
                Works(
                    "Grazie. La prima fattura unica viene preparata per la fine del mese, insieme a quelle di sempre \
                     per confronto.",
                ),
            ],
        },
    },
    Case {
        contact: "dieter@umbrella.test",
        state: State::Working,
        days: 19,
        owner: Agent::Ada,
        script: Script {
            language: German,
            field: Office,
            title: "Mahnlauf mahnt bereits bezahlte Rechnungen",
            details: &[("", "")],
            description: "Beim letzten Mahnlauf wurden neun Kunden gemahnt, die schon bezahlt hatten.",
            category: "problem",
            severity: "major",
            priority: "high",
            steps: &[
                Works(
                    "Vielen Dank. Der Mahnlauf ist angehalten, bis wir wissen, warum die Zahlungen nicht gesehen \
                     wurden.",
                ),
                Notes("Bank file of the 14th was imported after the run had started."),
            ],
        },
    },
    Case {
        contact: "emma@acme.test",
        state: State::Waiting,
        days: 12,
        owner: Agent::Alex,
        script: Script {
            language: English,
            field: Technical,
            title: "Moving the archive to the new server",
            details: &[("", "")],
            description: "The archive is to move to the new server before the old one is returned:\n\n\
                - about 1.2 TB\n- read access during the move\n- the old paths should go on working",
            category: "request",
            severity: "feature",
            priority: "normal",
            steps: &[
                Works("Thank you. We have copied everything once; what changes is copied every night until the move."),
                Asks(
                    "The move itself takes four hours. Would a Saturday morning suit you, and who can test afterwards?",
                ),
            ],
        },
    },
    Case {
        contact: "jonas@globex.test",
        state: State::Waiting,
        days: 8,
        owner: Agent::Ada,
        script: Script {
            language: English,
            field: Office,
            title: "Prices in francs are rounded twice",
            details: &[("", "")],
            description: "Totals of large orders in CHF are a few centimes higher than the sum of their lines.",
            category: "problem",
            severity: "minor",
            priority: "normal",
            steps: &[Asks(
                "Thank you for the examples. Should totals be rounded to five centimes, or only what is paid in cash?",
            )],
        },
    },
    Case {
        contact: "paolo@officinerossi.test",
        state: State::New,
        days: 3,
        owner: Agent::Giulia,
        script: Script {
            language: Italian,
            field: Technical,
            title: "Collegare la nuova pressa al gestionale",
            details: &[("", "")],
            description: "A fine mese arriva la nuova pressa. I tempi di lavorazione dovrebbero arrivare da soli nel \
                gestionale.",
            category: "request",
            severity: "feature",
            priority: "low",
            steps: &[],
        },
    },
];

/// The cases, the oldest first.
pub(in crate::demo) fn cases(calendar: &Calendar) -> Vec<Story> {
    let known = CASES.iter().filter_map(|case| Some((case, CONTACTS.iter().find(|c| c.email == case.contact)?)));
    known
        .enumerate()
        .map(|(at, (case, contact))| {
            let mut dice = Dice::new(1_000 + at);
            let steps = case.script.until(case.state).pop().unwrap_or_default().to_vec();
            let plot = Plot {
                module: "cases",
                key: format!("demo case {at}"),
                contact,
                script: &case.script,
                details: ("", ""),
                state: case.state,
                steps: &steps,
                opened: case.days * WORKDAY - dice.between(0, WORKDAY / 2),
                owner: Some(case.owner),
                // What takes a ticket hours takes a case days.
                slowly: 8,
            };
            told(&plot, calendar, &mut dice)
        })
        .collect()
}

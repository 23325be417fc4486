//! FAQs.

use super::{
    Given::{self, Text},
    Paper,
};
use crate::demo::cast::Agent::{self, Ada, Alex, Giulia};

/// The first record of the demo: a draft that is written at the moment of loading.
pub(super) const FIRST: Paper = faq(
    Ada,
    0,
    &[
        ("title", Text("Which browsers does the portal support?")),
        (
            "answer",
            Text(
                "The two latest versions of Firefox, Chrome, Edge and Safari.\n\n*To be checked with the next \
                 version.*",
            ),
        ),
        ("category", Text("Portal")),
        ("status", Text("draft")),
    ],
);

const fn faq(by: Agent, days: i64, fields: &'static [(&'static str, Given)]) -> Paper {
    Paper { module: "faqs", by, company: "", contact: "", days, fields, changes: &[] }
}

pub(super) const PAPERS: &[Paper] = &[
    faq(
        Ada,
        118,
        &[
            ("title", Text("How do I open a request?")),
            (
                "answer",
                Text(
                    "1. Choose **New request** on the home page.\n2. Give it a title that says what is wrong.\n\
                     3. Describe what you did, what happened, and what should have happened.\n\nYou get an answer \
                     here and by e-mail.",
                ),
            ),
            ("category", Text("Portal")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Ada,
        117,
        &[
            ("title", Text("What do the states of a request mean?")),
            (
                "answer",
                Text(
                    "- **Received**: nobody has answered yet.\n- **We’re on it**: somebody is working on it.\n\
                     - **Waiting for you**: we have asked something and need your answer.\n- **Solved**: it is done; \
                     a reply opens it again.",
                ),
            ),
            ("category", Text("Portal")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Alex,
        96,
        &[
            ("title", Text("How do I reset my password?")),
            (
                "answer",
                Text(
                    "Choose **Forgot your password?** on the sign-in page and give your e-mail address. The link in \
                     the message works once, until the time that it names.",
                ),
            ),
            ("category", Text("Account")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Alex,
        95,
        &[
            ("title", Text("How do I move my authenticator to a new phone?")),
            (
                "answer",
                Text(
                    "While you still have the old phone, open **Security** in the menu of your account and scan the \
                     new code.\n\n\
                     Without the old phone use one of your recovery codes, or open a request. We call you back before \
                     we reset it.",
                ),
            ),
            ("category", Text("Account")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Giulia,
        83,
        &[
            ("title", Text("Come chiedo un accesso per una collega?")),
            (
                "answer",
                Text(
                    "Apra una richiesta con **nome, cognome e indirizzo e-mail**, e ci dica che cosa deve vedere.\n\n\
                     L'invito arriva per e-mail e vale tre giorni.",
                ),
            ),
            ("category", Text("Account")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Ada,
        71,
        &[
            ("title", Text("When are you there, and how quickly do you answer?")),
            (
                "answer",
                Text(
                    "On working days from 8 to 18.\n\n- **Urgent**: within one hour\n- **High**: within four hours\n\
                     - **Normal and low**: on the next working day\n\nYour contract may agree on something else.",
                ),
            ),
            ("category", Text("Contract")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Ada,
        64,
        &[
            ("title", Text("Where do I find my invoices?")),
            (
                "answer",
                Text(
                    "Invoices are sent by e-mail. Contacts of the accounting department also see them here under \
                     **Invoices**.",
                ),
            ),
            ("category", Text("Invoices")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Giulia,
        52,
        &[
            ("title", Text("Come comunico un nuovo indirizzo di fatturazione?")),
            (
                "answer",
                Text(
                    "Apra una richiesta con il nuovo indirizzo e la data da cui vale. La richiamiamo al numero che \
                     già conosciamo.",
                ),
            ),
            ("category", Text("Invoices")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Alex,
        38,
        &[
            ("title", Text("Why does the VPN ask for my password again?")),
            (
                "answer",
                Text(
                    "After twelve hours, and after each change of the network, for example from cable to wireless. \
                     When it asks more often than that, please open a request and copy the last lines of \
                     `vpn-client.log` into it.",
                ),
            ),
            ("category", Text("Devices and network")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Alex,
        21,
        &[
            ("title", Text("The label printer prints blank labels: what can I try?")),
            (
                "answer",
                Text(
                    "1. Print the self-test page: hold **Feed** while you switch the printer on.\n2. Is it blank too? \
                     Turn the roll round, the coated side must face the head.\n3. Is it fine? Then it is the driver: \
                     please open a request.",
                ),
            ),
            ("category", Text("Devices and network")),
            ("status", Text("published")),
        ],
    ),
    faq(
        Giulia,
        4,
        &[
            ("title", Text("Come leggo i codici QR con il palmare?")),
            ("answer", Text("Bozza: aggiungere le immagini delle impostazioni, versione 4.9.")),
            ("category", Text("Devices and network")),
            ("status", Text("draft")),
        ],
    ),
];

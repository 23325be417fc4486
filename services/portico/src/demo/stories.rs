//! What the demo's tickets are about.

use super::cast::{CONTACTS, Contact};

/// A ticket's life.
pub(super) struct Story {
    pub(super) number: usize,
    pub(super) contact: &'static Contact,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) priority: &'static str,
    pub(super) category: &'static str,
    pub(super) status: &'static str,
    pub(super) comments: Vec<Said>,
}

/// A comment.
pub(super) struct Said {
    pub(super) by_contact: bool,
    pub(super) internal: bool,
    pub(super) text: &'static str,
}

const TOPICS: &[(&str, &str)] = &[
    (
        "Invoice PDF shows the wrong address",
        "The PDF of our last invoice still has the **old address**. Please correct it before we pay.",
    ),
    (
        "VPN drops every ten minutes",
        "Since Monday the VPN disconnects about every ten minutes.\n\n- Windows 11\n- client 5.3\n- wired network",
    ),
    ("Cannot print from the warehouse", "The label printer in hall 2 is shown as offline. Restarting it did not help."),
    (
        "New user for the accounting team",
        "Please create a login for our new colleague, starting on the first of next month.",
    ),
    ("Report export stops at page 40", "Exporting the quarterly report ends after page 40 without a message."),
    ("Scanner app is slow after the update", "Every scan now takes about five seconds; it used to be instant."),
    (
        "La stampante non risponde",
        "La stampante dell'ufficio acquisti non risponde da stamattina. Il cavo di rete è collegato.",
    ),
    ("Errore durante la sincronizzazione", "La sincronizzazione del catalogo si ferma con il codice `E-1042`."),
    ("Question about the support contract", "Which response times apply to us on public holidays?"),
    ("E-mails from the shop arrive late", "Order confirmations reach our customers up to two hours late."),
    ("Backup job reports a warning", "Last night's backup ended with *3 files skipped*. Do we have to act?"),
    ("Two-factor login for the new phone", "I have a new phone and would like to move my authenticator."),
    ("Prices differ between shop and offer", "Item 4711 costs 19.90 in the shop and 21.50 in the offer."),
    ("Screen stays black after standby", "The meeting room screen stays black after standby; only unplugging helps."),
    (
        "Aggiornamento dei dati aziendali",
        "Abbiamo cambiato sede: vi chiediamo di aggiornare indirizzo e numero di telefono.",
    ),
    ("API returns 500 for large orders", "Orders with more than 200 lines fail with status 500. Smaller ones work."),
];

const ANSWERS: &[&str] = &[
    "Thank you for the report. We can reproduce it and are working on a correction.",
    "Could you send us a screenshot and the exact time when it happened?",
    "A fix is installed. Please try again and tell us whether it helps.",
    "Grazie della segnalazione, stiamo verificando con il fornitore.",
];

const REPLIES: &[&str] = &[
    "It happened again at 10:40.",
    "Yes, that helped, thank you!",
    "Still the same, unfortunately.",
    "Ora funziona, grazie.",
];

const NOTES: &[&str] =
    &["Known fault of version 5.3, see the release notes.", "Customer is in the pilot group; handle first."];

/// The same stories each time.
pub(super) fn stories(count: usize) -> Vec<Story> {
    let users: Vec<&Contact> = CONTACTS.iter().filter(|c| c.logs_in).collect();
    let others: Vec<&Contact> = CONTACTS.iter().filter(|c| !c.logs_in).collect();
    (0..count)
        .map(|n| {
            // Every third ticket comes from the portal.
            let contact = if n % 3 == 0 { users[(n / 3) % users.len()] } else { others[n % others.len()] };
            let (title, description) = TOPICS[(n * 7 + n / 16) % TOPICS.len()];
            let mut comments = Vec::new();
            let say = |by_contact, internal, text| Said { by_contact, internal, text };
            if n % 4 != 3 {
                comments.push(say(false, false, ANSWERS[n % ANSWERS.len()]));
            }
            if n % 5 == 0 {
                comments.push(say(false, true, NOTES[n % NOTES.len()]));
            }
            if n % 3 == 0 && n % 2 == 0 {
                comments.push(say(true, false, REPLIES[(n / 6) % REPLIES.len()]));
            }
            Story {
                number: n,
                contact,
                title,
                description,
                priority: ["normal", "low", "high", "normal", "urgent", "normal"][n % 6],
                category: "",
                status: ["open", "closed", "in_progress", "closed", "waiting", "closed", "open"][n % 7],
                comments,
            }
        })
        .collect()
}

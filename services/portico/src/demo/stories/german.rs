//! Conversations in German.

use crate::demo::script::{
    Field::{Office, Technical},
    Language::German,
    Script,
    Step::{Asks, Notes, Says, Solves, Thanks, Works},
};

pub(super) const SCRIPTS: &[Script] = &[
    Script {
        language: German,
        field: Technical,
        title: "Handscanner in {a} verliert die Verbindung",
        details: &[
            ("Halle 1", "zwischen den Regalen"),
            ("Halle 5", "am Tor 3"),
            ("der Kommissionierung", "im hinteren Gang"),
            ("der Verladung", "im Lkw"),
            ("der Retourenstelle", "nach jeder Pause"),
        ],
        description: "Der Handscanner verliert {b} die Verbindung und muss neu gestartet werden.\n\n\
            - zweimal pro Schicht\n- andere Geräte sind nicht betroffen",
        category: "problem",
        severity: "minor",
        priority: "normal",
        steps: &[
            Works(
                "Vielen Dank für die Meldung. Wir sehen im Protokoll, dass das Gerät zu lange am alten Funkpunkt \
                 bleibt.",
            ),
            Notes("Roaming threshold is the factory default on this one, the others have ours."),
            Asks("Wir haben die Einstellung der anderen Geräte übertragen. Bleibt die Verbindung jetzt bestehen?"),
            Says("Bisher ja, auch in der zweiten Schicht."),
            Solves("Die Einstellung der anderen Geräte gilt jetzt auch für dieses, und für neue von Anfang an."),
        ],
    },
    Script {
        language: German,
        field: Technical,
        title: "Sicherung von {a} bricht nachts ab",
        details: &[
            ("Server FS-1", "02:10"),
            ("Server FS-2", "03:45"),
            ("der Lagerdatenbank", "01:30"),
            ("dem Mailarchiv", "04:05"),
            ("Server APP-4", "02:50"),
        ],
        description: "Die Sicherung bricht seit drei Nächten gegen {b} Uhr ab:\n\n```\nError 112: not enough \
            space\n```",
        category: "problem",
        severity: "critical",
        priority: "urgent",
        steps: &[
            Works("Danke, das hat bei uns Vorrang. Wir schaffen Platz und starten die Sicherung gleich von Hand."),
            Notes("Old test dumps, 600 GB. Deleted after asking the owner."),
            Asks("Die Sicherung von Hand ist vollständig. Dürfen wir Stände löschen, die älter als 90 Tage sind?"),
            Says("Ja, 90 Tage reichen uns."),
            Works("Danke. Wir löschen die alten Stände heute Nacht und sehen uns den nächsten Lauf an."),
            Solves("Platz ist jetzt genug, und ab 80 Prozent Belegung werden wir künftig gewarnt."),
        ],
    },
    Script {
        language: German,
        field: Office,
        title: "Rechnung {a}: bitte Kostenstelle ergänzen",
        details: &[("40688", "4100"), ("40805", "4210"), ("40977", "3900"), ("41062", "4100-2"), ("41149", "5000")],
        description: "Auf der Rechnung {a} fehlt unsere Kostenstelle **{b}**. Ohne sie können wir nicht buchen.",
        category: "request",
        severity: "",
        priority: "normal",
        steps: &[
            Works("Gern. Wir ergänzen die Kostenstelle und stellen die Rechnung neu aus."),
            Asks("Soll die Kostenstelle künftig auf allen Rechnungen stehen oder nur auf dieser?"),
            Says("Bitte auf allen."),
            Notes("Default reference stored with the account."),
            Solves("Die neue Rechnung ist per E-Mail unterwegs; die Kostenstelle steht ab jetzt auf jeder Rechnung."),
        ],
    },
    Script {
        language: German,
        field: Office,
        title: "Zugang für neue Kollegin im {a}",
        details: &[
            ("Versand", "Lena Brandt"),
            ("Einkauf", "Maria Seidel"),
            ("Empfang", "Julia Korn"),
            ("Lager", "Petra Lang"),
            ("Rechnungswesen", "Sabine Ott"),
        ],
        description: "Zum Ersten des nächsten Monats beginnt eine neue Kollegin. Sie braucht einen Zugang wie die \
            anderen dort.",
        category: "request",
        severity: "",
        priority: "normal",
        steps: &[
            Asks("Gern. Wie heißt die Kollegin, und welche E-Mail-Adresse soll sie bekommen?"),
            Says("Frau {b}, die Adresse wie üblich: Vorname, Punkt, Nachname."),
            Works("Danke. Der Zugang ist angelegt und ab morgen früh um sieben Uhr offen."),
            Thanks("Die Anmeldung hat gleich geklappt. Vielen Dank!"),
        ],
    },
];

//! Documents, in folders.

use super::{
    Given::{self, Text},
    Paper,
};
use crate::demo::cast::Agent::{self, Ada, Alex, Giulia};

const fn document(by: Agent, days: i64, company: &'static str, fields: &'static [(&'static str, Given)]) -> Paper {
    Paper { module: "documents", by, company, contact: "", days, fields, changes: &[] }
}

pub(super) const PAPERS: &[Paper] = &[
    document(
        Alex,
        110,
        "Acme",
        &[
            ("title", Text("Support contract")),
            (
                "description",
                Text("Services, response times and prices, with the annexes A to C. Signed by both sides."),
            ),
            ("folder", Text("Contracts")),
        ],
    ),
    document(
        Alex,
        92,
        "Acme",
        &[
            ("title", Text("Network plan of the warehouse")),
            ("description", Text("Sockets, switches and access points of halls 1 to 4.")),
            ("folder", Text("Plans")),
        ],
    ),
    document(
        Alex,
        60,
        "Acme",
        &[
            ("title", Text("Who to call")),
            (
                "description",
                Text(
                    "| When | Whom |\n|---|---|\n| working days, 8 to 18 | the portal |\n| outside of that | the \
                     number on your contract |",
                ),
            ),
            ("folder", Text("Contracts")),
        ],
    ),
    document(
        Giulia,
        33,
        "Acme",
        &[
            ("title", Text("Istruzioni per i palmari")),
            ("description", Text("Accensione, lettura, rete senza fili, pulizia. Versione 4.9 in italiano.")),
            ("folder", Text("Manuals")),
        ],
    ),
    document(
        Alex,
        6,
        "Acme",
        &[
            ("title", Text("Minutes of the quarterly meeting")),
            (
                "description",
                Text(
                    "- scanners in the loading bay: solved\n- archive: date of the move is open\n- next meeting in \
                     three months",
                ),
            ),
            ("folder", Text("Meetings")),
        ],
    ),
    document(
        Alex,
        88,
        "Globex",
        &[
            ("title", Text("Support contract and annexes")),
            ("description", Text("Services and response times, with the annex for the shop.")),
            ("folder", Text("Contracts")),
        ],
    ),
    document(
        Ada,
        47,
        "Umbrella Logistics",
        &[
            ("title", Text("Sicherungskonzept")),
            ("description", Text("Was wann wohin gesichert wird, und wie eine Wiederherstellung abläuft.")),
            ("folder", Text("Plans")),
        ],
    ),
    document(
        Giulia,
        40,
        "Officine Rossi",
        &[
            ("title", Text("Manuale del gestionale")),
            ("description", Text("Ordini, magazzino, fatturazione. Aggiornato alla versione in uso.")),
            ("folder", Text("Manuals")),
        ],
    ),
    document(
        Ada,
        26,
        "Northwind",
        &[
            ("title", Text("Test protocol of the new scanners")),
            ("description", Text("Twelve devices, three shifts, all tests passed.")),
            ("folder", Text("Reports")),
        ],
    ),
    document(
        Ada,
        15,
        "",
        &[
            ("title", Text("Release notes of the scanner app")),
            ("description", Text("What is new in versions 4.7 to 4.9, and what was mended.")),
            ("folder", Text("Manuals")),
        ],
    ),
];

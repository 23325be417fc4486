//! What customers and agents work on together.

use super::notation::{Choice, Notation, Shape, Words, description, field, module, owner, picklist, ties};
use proto::records::v1::{FieldDefinition, FieldType::*, ModuleDefinition};

const STATUS: [Choice; 4] = [
    ("open", ("Open", "Aperto", "Offen"), "blue"),
    ("in_progress", ("In progress", "In lavorazione", "In Bearbeitung"), "amber"),
    ("waiting", ("Waiting for customer", "In attesa del cliente", "Wartet auf Kunden"), "violet"),
    ("closed", ("Closed", "Chiuso", "Geschlossen"), "grey"),
];
/// The same as customers read it: what it means for them, and who has the next word.
const CUSTOMERS_STATUS: [(&str, Words); 4] = [
    ("open", ("Received", "Ricevuto", "Eingegangen")),
    ("in_progress", ("We’re on it", "Ci stiamo lavorando", "In Arbeit")),
    ("waiting", ("Waiting for you", "Aspetta te", "Wartet auf Sie")),
    ("closed", ("Solved", "Risolto", "Gelöst")),
];
const PRIORITY: [Choice; 4] = [
    ("low", ("Low", "Bassa", "Niedrig"), "grey"),
    ("normal", ("Normal", "Normale", "Normal"), "blue"),
    ("high", ("High", "Alta", "Hoch"), "amber"),
    ("urgent", ("Urgent", "Urgente", "Dringend"), "red"),
];
const SEVERITY: [Choice; 4] = [
    ("minor", ("Minor", "Minore", "Gering"), "grey"),
    ("major", ("Major", "Maggiore", "Erheblich"), "amber"),
    ("critical", ("Critical", "Critica", "Kritisch"), "red"),
    ("feature", ("Feature", "Funzionalità", "Funktionswunsch"), "violet"),
];
const CATEGORY: [Choice; 4] = [
    ("question", ("Question", "Domanda", "Frage"), "blue"),
    ("problem", ("Problem", "Problema", "Problem"), "red"),
    ("request", ("Request", "Richiesta", "Anfrage"), "green"),
    ("other", ("Other", "Altro", "Sonstiges"), "grey"),
];

fn title(number: u32) -> FieldDefinition {
    field(number, Text, "title", ("Title", "Titolo", "Titel")).mandatory().promoted().at_most(200)
}

/// What tickets and cases have in common.
fn worked_on() -> Vec<FieldDefinition> {
    let mut fields = vec![
        title(1),
        description(2).personal(),
        picklist(3, "status", ("Status", "Stato", "Status"), &STATUS)
            .mandatory()
            .with_default("open")
            .for_customers(&CUSTOMERS_STATUS),
        picklist(4, "priority", ("Priority", "Priorità", "Priorität"), &PRIORITY).mandatory().with_default("normal"),
        picklist(5, "category", ("Category", "Categoria", "Kategorie"), &CATEGORY),
        picklist(6, "severity", ("Severity", "Gravità", "Schweregrad"), &SEVERITY),
    ];
    fields.extend(ties(7));
    fields
}

const COLUMNS: [&str; 8] =
    ["number", "title", "status", "priority", "category", "contact_id", "owner_id", "last_activity_at"];

pub(super) fn tickets() -> ModuleDefinition {
    let words = (("Ticket", "Ticket", "Ticket"), ("Tickets", "Ticket", "Tickets"));
    module(3, "tickets", words, "ticket", "TT", worked_on())
        .columns(&COLUMNS)
        .closed_by(&["closed"])
        .answered("waiting", "open")
        .commented()
}

pub(super) fn cases() -> ModuleDefinition {
    let words = (("Case", "Caso", "Fall"), ("Cases", "Casi", "Fälle"));
    module(4, "cases", words, "briefcase", "CC", worked_on())
        .columns(&COLUMNS)
        .closed_by(&["closed"])
        .answered("waiting", "open")
        .commented()
}

pub(super) fn documents() -> ModuleDefinition {
    let mut fields = vec![
        title(1),
        description(2),
        field(3, Text, "folder", ("Folder", "Cartella", "Ordner")).promoted().at_most(100),
    ];
    fields.extend(ties(4));
    let words = (("Document", "Documento", "Dokument"), ("Documents", "Documenti", "Dokumente"));
    module(5, "documents", words, "file-text", "DOC", fields).columns(&[
        "number",
        "title",
        "folder",
        "company_id",
        "modified_at",
    ])
}

pub(super) fn faqs() -> ModuleDefinition {
    let status = [
        ("draft", ("Draft", "Bozza", "Entwurf"), "grey"),
        ("published", ("Published", "Pubblicata", "Veröffentlicht"), "green"),
        ("archived", ("Archived", "Archiviata", "Archiviert"), "amber"),
    ];
    let fields = vec![
        field(1, Text, "title", ("Question", "Domanda", "Frage")).mandatory().promoted().at_most(300),
        field(2, LongText, "answer", ("Answer", "Risposta", "Antwort")),
        field(3, Text, "category", ("Category", "Categoria", "Kategorie")).promoted().at_most(100),
        picklist(4, "status", ("Status", "Stato", "Status"), &status).mandatory().with_default("draft"),
        owner(5),
    ];
    let words = (("FAQ", "FAQ", "FAQ"), ("FAQs", "FAQ", "FAQs"));
    module(6, "faqs", words, "circle-help", "FAQ", fields).columns(&[
        "number",
        "title",
        "category",
        "status",
        "modified_at",
    ])
}

pub(super) fn projects() -> ModuleDefinition {
    let status = [
        ("planned", ("Planned", "Pianificato", "Geplant"), "grey"),
        ("active", ("Active", "Attivo", "Aktiv"), "blue"),
        ("on_hold", ("On hold", "Sospeso", "Pausiert"), "amber"),
        ("completed", ("Completed", "Completato", "Abgeschlossen"), "green"),
    ];
    let mut fields = vec![
        field(1, Text, "name", ("Name", "Nome", "Name")).mandatory().promoted().at_most(200),
        description(2),
        picklist(3, "status", ("Status", "Stato", "Status"), &status).mandatory().with_default("planned"),
        field(4, Date, "start_date", ("Start", "Inizio", "Beginn")),
        field(5, Date, "end_date", ("End", "Fine", "Ende")).promoted(),
    ];
    fields.extend(ties(6));
    let words = (("Project", "Progetto", "Projekt"), ("Projects", "Progetti", "Projekte"));
    module(7, "projects", words, "kanban", "PR", fields)
        .columns(&["number", "name", "status", "end_date", "company_id", "modified_at"])
        .closed_by(&["completed"])
        .commented()
}

pub(super) fn feedback() -> ModuleDefinition {
    let mut fields =
        vec![title(1), description(2).personal(), field(3, Integer, "rating", ("Rating", "Valutazione", "Bewertung"))];
    fields.extend(ties(4));
    let words = (("Feedback", "Feedback", "Feedback"), ("Feedback", "Feedback", "Feedback"));
    module(13, "feedback", words, "message-square", "FB", fields).columns(&[
        "number",
        "title",
        "rating",
        "contact_id",
        "modified_at",
    ])
}

pub(super) fn requests() -> ModuleDefinition {
    let mut fields = vec![
        title(1),
        description(2).personal(),
        picklist(3, "status", ("Status", "Stato", "Status"), &STATUS)
            .mandatory()
            .with_default("open")
            .for_customers(&CUSTOMERS_STATUS),
    ];
    fields.extend(ties(4));
    let words = (("Request", "Richiesta", "Anfrage"), ("Requests", "Richieste", "Anfragen"));
    module(14, "requests", words, "inbox", "RQ", fields)
        .columns(&["number", "title", "status", "contact_id", "modified_at"])
        .closed_by(&["closed"])
        .answered("waiting", "open")
        .commented()
}

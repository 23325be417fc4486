//! What customers and agents work on together.

use super::notation::{Choice, Notation, Shape, description, field, module, owner, picklist, ties};
use proto::records::v1::{FieldDefinition, FieldType::*, ModuleDefinition};

const STATUS: [Choice; 4] = [
    ("open", ("Open", "Aperto"), "blue"),
    ("in_progress", ("In progress", "In lavorazione"), "amber"),
    ("waiting", ("Waiting for customer", "In attesa del cliente"), "violet"),
    ("closed", ("Closed", "Chiuso"), "grey"),
];
const PRIORITY: [Choice; 4] = [
    ("low", ("Low", "Bassa"), "grey"),
    ("normal", ("Normal", "Normale"), "blue"),
    ("high", ("High", "Alta"), "amber"),
    ("urgent", ("Urgent", "Urgente"), "red"),
];
const SEVERITY: [Choice; 4] = [
    ("minor", ("Minor", "Minore"), "grey"),
    ("major", ("Major", "Maggiore"), "amber"),
    ("critical", ("Critical", "Critica"), "red"),
    ("feature", ("Feature", "Funzionalità"), "violet"),
];
const CATEGORY: [Choice; 4] = [
    ("question", ("Question", "Domanda"), "blue"),
    ("problem", ("Problem", "Problema"), "red"),
    ("request", ("Request", "Richiesta"), "green"),
    ("other", ("Other", "Altro"), "grey"),
];

fn title(number: u32) -> FieldDefinition {
    field(number, Text, "title", ("Title", "Titolo")).mandatory().promoted().at_most(200)
}

/// What tickets and cases have in common.
fn worked_on() -> Vec<FieldDefinition> {
    let mut fields = vec![
        title(1),
        description(2).personal(),
        picklist(3, "status", ("Status", "Stato"), &STATUS).mandatory().with_default("open"),
        picklist(4, "priority", ("Priority", "Priorità"), &PRIORITY).mandatory().with_default("normal"),
        picklist(5, "category", ("Category", "Categoria"), &CATEGORY),
        picklist(6, "severity", ("Severity", "Gravità"), &SEVERITY),
    ];
    fields.extend(ties(7));
    fields
}

const COLUMNS: [&str; 8] =
    ["number", "title", "status", "priority", "category", "contact_id", "owner_id", "modified_at"];

pub(super) fn tickets() -> ModuleDefinition {
    let words = (("Ticket", "Ticket"), ("Tickets", "Ticket"));
    module(3, "tickets", words, "ticket", "TT", worked_on()).columns(&COLUMNS).closed_by(&["closed"]).commented()
}

pub(super) fn cases() -> ModuleDefinition {
    let words = (("Case", "Caso"), ("Cases", "Casi"));
    module(4, "cases", words, "briefcase", "CC", worked_on()).columns(&COLUMNS).closed_by(&["closed"]).commented()
}

pub(super) fn documents() -> ModuleDefinition {
    let mut fields =
        vec![title(1), description(2), field(3, Text, "folder", ("Folder", "Cartella")).promoted().at_most(100)];
    fields.extend(ties(4));
    let words = (("Document", "Documento"), ("Documents", "Documenti"));
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
        ("draft", ("Draft", "Bozza"), "grey"),
        ("published", ("Published", "Pubblicata"), "green"),
        ("archived", ("Archived", "Archiviata"), "amber"),
    ];
    let fields = vec![
        field(1, Text, "title", ("Question", "Domanda")).mandatory().promoted().at_most(300),
        field(2, LongText, "answer", ("Answer", "Risposta")),
        field(3, Text, "category", ("Category", "Categoria")).promoted().at_most(100),
        picklist(4, "status", ("Status", "Stato"), &status).mandatory().with_default("draft"),
        owner(5),
    ];
    let words = (("FAQ", "FAQ"), ("FAQs", "FAQ"));
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
        ("planned", ("Planned", "Pianificato"), "grey"),
        ("active", ("Active", "Attivo"), "blue"),
        ("on_hold", ("On hold", "Sospeso"), "amber"),
        ("completed", ("Completed", "Completato"), "green"),
    ];
    let mut fields = vec![
        field(1, Text, "name", ("Name", "Nome")).mandatory().promoted().at_most(200),
        description(2),
        picklist(3, "status", ("Status", "Stato"), &status).mandatory().with_default("planned"),
        field(4, Date, "start_date", ("Start", "Inizio")),
        field(5, Date, "end_date", ("End", "Fine")).promoted(),
    ];
    fields.extend(ties(6));
    let words = (("Project", "Progetto"), ("Projects", "Progetti"));
    module(7, "projects", words, "kanban", "PR", fields)
        .columns(&["number", "name", "status", "end_date", "company_id", "modified_at"])
        .closed_by(&["completed"])
        .commented()
}

pub(super) fn feedback() -> ModuleDefinition {
    let mut fields = vec![title(1), description(2).personal(), field(3, Integer, "rating", ("Rating", "Valutazione"))];
    fields.extend(ties(4));
    let words = (("Feedback", "Feedback"), ("Feedback", "Feedback"));
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
        picklist(3, "status", ("Status", "Stato"), &STATUS).mandatory().with_default("open"),
    ];
    fields.extend(ties(4));
    let words = (("Request", "Richiesta"), ("Requests", "Richieste"));
    module(14, "requests", words, "inbox", "RQ", fields)
        .columns(&["number", "title", "status", "contact_id", "modified_at"])
        .closed_by(&["closed"])
        .commented()
}

//! Papers of a sale, and what was sold.

use super::notation::{Choice, Notation, Shape, Words, description, field, module, picklist, ties};
use proto::records::v1::{FieldType::*, ModuleDefinition};

fn paper(
    number: u32,
    name: &str,
    words: (Words, Words),
    icon: &str,
    prefix: &str,
    status: &[Choice],
    date: (&str, Words),
) -> ModuleDefinition {
    let mut fields = vec![
        field(1, Text, "title", ("Title", "Titolo")).mandatory().promoted().at_most(200),
        description(2),
        picklist(3, "status", ("Status", "Stato"), status).mandatory().with_default(status[0].0),
        field(4, Decimal, "amount", ("Amount", "Importo")).promoted(),
        field(5, Date, date.0, date.1).promoted(),
    ];
    fields.extend(ties(6));
    module(number, name, words, icon, prefix, fields).columns(&[
        "number",
        "title",
        "status",
        "amount",
        date.0,
        "company_id",
    ])
}

pub(super) fn quotes() -> ModuleDefinition {
    let status = [
        ("draft", ("Draft", "Bozza"), "grey"),
        ("sent", ("Sent", "Inviato"), "blue"),
        ("accepted", ("Accepted", "Accettato"), "green"),
        ("rejected", ("Rejected", "Rifiutato"), "red"),
    ];
    let words = (("Quote", "Preventivo"), ("Quotes", "Preventivi"));
    paper(8, "quotes", words, "file-text", "QUO", &status, ("valid_until", ("Valid until", "Valido fino al")))
        .closed_by(&["accepted", "rejected"])
}

pub(super) fn invoices() -> ModuleDefinition {
    let status = [
        ("draft", ("Draft", "Bozza"), "grey"),
        ("sent", ("Sent", "Inviata"), "blue"),
        ("overdue", ("Overdue", "Scaduta"), "red"),
        ("paid", ("Paid", "Pagata"), "green"),
    ];
    let words = (("Invoice", "Fattura"), ("Invoices", "Fatture"));
    paper(9, "invoices", words, "receipt", "INV", &status, ("due_date", ("Due", "Scadenza"))).closed_by(&["paid"])
}

const ORDER: [Choice; 4] = [
    ("created", ("Created", "Creato"), "grey"),
    ("approved", ("Approved", "Approvato"), "blue"),
    ("delivered", ("Delivered", "Consegnato"), "green"),
    ("cancelled", ("Cancelled", "Annullato"), "red"),
];

pub(super) fn sales_orders() -> ModuleDefinition {
    let words = (("Sales order", "Ordine di vendita"), ("Sales orders", "Ordini di vendita"));
    paper(10, "sales_orders", words, "shopping-cart", "SO", &ORDER, ("due_date", ("Due", "Scadenza")))
        .closed_by(&["delivered", "cancelled"])
}

pub(super) fn purchase_orders() -> ModuleDefinition {
    let words = (("Purchase order", "Ordine di acquisto"), ("Purchase orders", "Ordini di acquisto"));
    paper(11, "purchase_orders", words, "package", "PO", &ORDER, ("due_date", ("Due", "Scadenza")))
        .closed_by(&["delivered", "cancelled"])
}

pub(super) fn assets() -> ModuleDefinition {
    let status = [
        ("in_service", ("In service", "In servizio"), "green"),
        ("out_of_service", ("Out of service", "Fuori servizio"), "red"),
    ];
    let mut fields = vec![
        field(1, Text, "name", ("Name", "Nome")).mandatory().promoted().at_most(200),
        description(2),
        picklist(3, "status", ("Status", "Stato"), &status).mandatory().with_default("in_service"),
        field(4, Text, "serial_number", ("Serial number", "Numero di serie")).promoted().at_most(100),
        field(5, Date, "sold_on", ("Sold on", "Venduto il")),
    ];
    fields.extend(ties(6));
    let words = (("Asset", "Bene"), ("Assets", "Beni"));
    module(12, "assets", words, "package", "AS", fields)
        .columns(&["number", "name", "status", "serial_number", "company_id", "modified_at"])
        .closed_by(&["out_of_service"])
}

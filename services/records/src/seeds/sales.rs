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
        field(1, Text, "title", ("Title", "Titolo", "Titel")).mandatory().promoted().at_most(200),
        description(2),
        picklist(3, "status", ("Status", "Stato", "Status"), status).mandatory().with_default(status[0].0),
        field(4, Decimal, "amount", ("Amount", "Importo", "Betrag")).promoted(),
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
        ("draft", ("Draft", "Bozza", "Entwurf"), "grey"),
        ("sent", ("Sent", "Inviato", "Gesendet"), "blue"),
        ("accepted", ("Accepted", "Accettato", "Angenommen"), "green"),
        ("rejected", ("Rejected", "Rifiutato", "Abgelehnt"), "red"),
    ];
    let words = (("Quote", "Preventivo", "Angebot"), ("Quotes", "Preventivi", "Angebote"));
    let until = ("valid_until", ("Valid until", "Valido fino al", "Gültig bis"));
    paper(8, "quotes", words, "file-text", "QUO", &status, until).closed_by(&["accepted", "rejected"])
}

pub(super) fn invoices() -> ModuleDefinition {
    let status = [
        ("draft", ("Draft", "Bozza", "Entwurf"), "grey"),
        ("sent", ("Sent", "Inviata", "Gesendet"), "blue"),
        ("overdue", ("Overdue", "Scaduta", "Überfällig"), "red"),
        ("paid", ("Paid", "Pagata", "Bezahlt"), "green"),
    ];
    let words = (("Invoice", "Fattura", "Rechnung"), ("Invoices", "Fatture", "Rechnungen"));
    paper(9, "invoices", words, "receipt", "INV", &status, ("due_date", ("Due", "Scadenza", "Fällig am")))
        .closed_by(&["paid"])
}

const ORDER: [Choice; 4] = [
    ("created", ("Created", "Creato", "Erstellt"), "grey"),
    ("approved", ("Approved", "Approvato", "Freigegeben"), "blue"),
    ("delivered", ("Delivered", "Consegnato", "Geliefert"), "green"),
    ("cancelled", ("Cancelled", "Annullato", "Storniert"), "red"),
];

pub(super) fn sales_orders() -> ModuleDefinition {
    let words = (
        ("Sales order", "Ordine di vendita", "Kundenauftrag"),
        ("Sales orders", "Ordini di vendita", "Kundenaufträge"),
    );
    paper(10, "sales_orders", words, "shopping-cart", "SO", &ORDER, ("due_date", ("Due", "Scadenza", "Fällig am")))
        .closed_by(&["delivered", "cancelled"])
}

pub(super) fn purchase_orders() -> ModuleDefinition {
    let words = (
        ("Purchase order", "Ordine di acquisto", "Bestellung"),
        ("Purchase orders", "Ordini di acquisto", "Bestellungen"),
    );
    paper(11, "purchase_orders", words, "package", "PO", &ORDER, ("due_date", ("Due", "Scadenza", "Fällig am")))
        .closed_by(&["delivered", "cancelled"])
}

pub(super) fn assets() -> ModuleDefinition {
    let status = [
        ("in_service", ("In service", "In servizio", "In Betrieb"), "green"),
        ("out_of_service", ("Out of service", "Fuori servizio", "Außer Betrieb"), "red"),
    ];
    let mut fields = vec![
        field(1, Text, "name", ("Name", "Nome", "Name")).mandatory().promoted().at_most(200),
        description(2),
        picklist(3, "status", ("Status", "Stato", "Status"), &status).mandatory().with_default("in_service"),
        field(4, Text, "serial_number", ("Serial number", "Numero di serie", "Seriennummer")).promoted().at_most(100),
        field(5, Date, "sold_on", ("Sold on", "Venduto il", "Verkauft am")),
    ];
    fields.extend(ties(6));
    let words = (("Asset", "Bene", "Asset"), ("Assets", "Beni", "Assets"));
    module(12, "assets", words, "package", "AS", fields)
        .columns(&["number", "name", "status", "serial_number", "company_id", "modified_at"])
        .closed_by(&["out_of_service"])
}

//! Companies and the people at them.

use super::notation::{Notation, Shape, description, field, module, owner, picklist, relation};
use proto::records::v1::{FieldDefinition, FieldType::*, ModuleDefinition};

pub(super) fn companies() -> ModuleDefinition {
    let status =
        [("active", ("Active", "Attiva", "Aktiv"), "green"), ("blocked", ("Blocked", "Bloccata", "Gesperrt"), "red")];
    let fields = vec![
        field(1, Text, "name", ("Name", "Nome", "Name")).mandatory().promoted().at_most(200),
        field(2, Email, "email", ("E-mail", "E-mail", "E-Mail")),
        field(3, Phone, "phone", ("Phone", "Telefono", "Telefon")),
        field(4, Text, "country", ("Country", "Paese", "Land")).promoted().at_most(80),
        picklist(5, "status", ("Status", "Stato", "Status"), &status).mandatory().with_default("active"),
        owner(6).helped((
            "The account representative that this company's contacts see.",
            "Il referente commerciale che i contatti di questa azienda vedono.",
            "Der Kundenbetreuer, den die Kontakte dieser Firma sehen.",
        )),
        field(7, Url, "website", ("Website", "Sito web", "Website")),
        description(8),
    ];
    let words = (("Company", "Azienda", "Firma"), ("Companies", "Aziende", "Firmen"));
    let columns = ["number", "name", "country", "status", "owner_id", "modified_at"];
    module(2, "companies", words, "building-2", "CO", fields).columns(&columns).commented()
}

/// The mark of the contact who is the company's own portal user.
pub(super) fn primary(number: u32) -> FieldDefinition {
    let words = ("Company's own portal user", "Utente dell'azienda stessa", "Eigener Portalbenutzer der Firma");
    field(number, Checkbox, policy::PRIMARY, words).helped((
        "Stands for the company itself: sees in the portal what the company's secure link shows.",
        "Rappresenta l'azienda stessa: vede nel portale ciò che mostra il link sicuro dell'azienda.",
        "Steht für die Firma selbst: sieht im Portal, was der sichere Link der Firma zeigt.",
    ))
}

pub(super) fn contacts() -> ModuleDefinition {
    let departments = [
        ("accounting", ("Accounting", "Amministrazione", "Buchhaltung"), "amber"),
        ("technical", ("Technical", "Tecnico", "Technik"), "blue"),
        ("sales", ("Sales", "Commerciale", "Vertrieb"), "green"),
        ("management", ("Management", "Direzione", "Geschäftsführung"), "violet"),
        ("other", ("Other", "Altro", "Sonstige"), "grey"),
    ];
    let fields = vec![
        field(1, Text, "first_name", ("First name", "Nome", "Vorname")).personal().at_most(100),
        field(2, Text, "last_name", ("Last name", "Cognome", "Nachname"))
            .mandatory()
            .personal()
            .promoted()
            .at_most(100),
        field(3, Email, "email", ("E-mail", "E-mail", "E-Mail")).personal().promoted(),
        field(4, Phone, "phone", ("Phone", "Telefono", "Telefon")).personal(),
        picklist(5, "department", ("Department", "Reparto", "Abteilung"), &departments),
        relation(6, "company_id", ("Company", "Azienda", "Firma"), "companies").promoted(),
        owner(7),
        field(8, Checkbox, "email_opt_out", ("No e-mails", "Niente e-mail", "Keine E-Mails")).helped((
            "Only security messages are sent to this contact.",
            "A questo contatto si inviano solo messaggi di sicurezza.",
            "An diesen Kontakt werden nur Sicherheitsnachrichten gesendet.",
        )),
        primary(9),
    ];
    let words = (("Contact", "Contatto", "Kontakt"), ("Contacts", "Contatti", "Kontakte"));
    let columns = ["number", "first_name", "last_name", "email", "company_id", "department", "modified_at"];
    module(1, "contacts", words, "user-round", "CN", fields)
        .titled("first_name last_name")
        .columns(&columns)
        .commented()
}

//! Invoices, prices and contracts, in English.

use crate::demo::script::{
    Field::Office,
    Language::English,
    Script,
    Step::{Asks, Notes, Says, Solves, Thanks, Works},
};

pub(super) const SCRIPTS: &[Script] = &[
    Script {
        language: English,
        field: Office,
        title: "Invoice {a} shows our old address",
        details: &[
            ("40817", "March"),
            ("40962", "spring"),
            ("41033", "autumn"),
            ("41120", "summer"),
            ("41208", "January"),
        ],
        description: "The PDF of invoice {a} still has the **old address**; we moved in {b}. Please correct it before \
            we pay.",
        category: "problem",
        severity: "minor",
        priority: "normal",
        steps: &[
            Works("Thank you for telling us. We correct the address in our books and issue the invoice anew."),
            Asks("Does the new address hold for deliveries, too, or for invoices alone?"),
            Says("For both. The warehouse has moved with us."),
            Notes("Address changed in the books. Delivery address as well, the carrier knows."),
            Solves("The corrected invoice is on its way by e-mail. The new address stands on everything from now on."),
            Says("Nothing has arrived yet, and it is not in the spam folder either."),
            Works(
                "Sorry, the message bounced: the mailbox for invoices was full. We send it again as soon as there is \
                 room.",
            ),
            Solves("The message was delivered a few minutes ago."),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Invoice {a} was charged twice",
        details: &[
            ("40655", "the 3rd and the 5th"),
            ("40788", "the 11th and the 12th"),
            ("40901", "the 20th and the 24th"),
            ("41077", "the 2nd and the 6th"),
            ("41154", "the 14th and the 15th"),
        ],
        description: "Our bank shows two debits for the same invoice, on {b}. Please return one of them.",
        category: "problem",
        severity: "major",
        priority: "high",
        steps: &[
            Works("We are sorry about that. We check the second debit with our bank and let you know today."),
            Notes("The file was sent to the bank twice. Two other customers are affected; accounting knows."),
            Asks(
                "The second debit was our mistake. Should we return the amount, or set it off against your next \
                 invoice?",
            ),
            Says("Please return it, our books are easier that way."),
            Works("The amount is on its way and should be with you within two working days."),
            Thanks("The money arrived this morning. Thank you for the quick help."),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Price of item {a} differs from the offer",
        details: &[
            ("4711", "19.90 in the shop and 21.50 in the offer"),
            ("2043-K", "4.20 in the shop and 3.95 in the offer"),
            ("8890", "129.00 in the shop and 118.00 in the offer"),
            ("1177", "0.89 in the shop and 0.79 in the offer"),
            ("6302", "56.40 in the shop and 54.00 in the offer"),
        ],
        description: "Item {a} costs {b}. Which price holds for our next order?",
        category: "question",
        severity: "minor",
        priority: "normal",
        steps: &[
            Asks(
                "The price of the offer holds. Could you tell us its number, so that we can link it with your account?",
            ),
            Says("It is the yearly offer, the one from our meeting in your office."),
            Notes("Price list of the yearly offer was not attached to the account. Sales confirms the prices."),
            Works("Thank you, we have found it. The prices of the offer are being entered for your account."),
            Solves(
                "The shop shows the prices of the offer when you are signed in. Your next order is calculated with \
                 them.",
            ),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Which response times apply on {a}?",
        details: &[
            ("public holidays", "the coming holidays"),
            ("Saturdays", "the stocktaking"),
            ("bridge days", "the long weekend"),
            ("Christmas Eve", "the end of the year"),
            ("regional holidays", "the local holiday"),
        ],
        description: "We plan the duty roster for {b} and would like to know which response times our contract has \
            then.",
        category: "question",
        severity: "",
        priority: "low",
        steps: &[
            Works("Good question; we look it up in your contract and answer today."),
            Asks(
                "Your contract has working days from 8 to 18. Do you need somebody on call beyond that, and for which \
                 systems?",
            ),
            Says("Only for the shop and the scanners, from 8 to 14."),
            Notes("On-call is in the price list, two systems. Sales agrees with a flat rate for the single day."),
            Solves(
                "We have noted somebody on call from 8 to 14 for the shop and the scanners. The number is in the \
                 document *Who to call*.",
            ),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Yearly billing for {a}",
        details: &[
            ("the support contract", "twelve monthly invoices"),
            ("the hosting", "four quarterly invoices"),
            ("the scanner licences", "a monthly invoice"),
            ("the backup service", "a monthly invoice"),
            ("the shop maintenance", "a quarterly invoice"),
        ],
        description: "We receive {b} for {a}. We would prefer one invoice a year. Is that possible from next year on?",
        category: "request",
        severity: "",
        priority: "low",
        steps: &[
            Works("Yes, that is possible. We prepare the change of the contract and send it to you."),
            Notes("Two percent less for yearly payment in advance, as in the price list."),
            Asks(
                "The change of the contract is in your documents. Could you confirm it here? With yearly payment you \
                 save two percent.",
            ),
            Says("Confirmed, please go ahead."),
            Solves("The contract is changed. The next invoice comes in January and covers the whole year."),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Payment reminder for invoice {a} by mistake",
        details: &[
            ("40533", "three weeks ago"),
            ("40719", "on the 4th"),
            ("40850", "on the day it was due"),
            ("40998", "last month"),
            ("41101", "a week early"),
        ],
        description: "You reminded us of invoice {a}, which we paid {b}. Please check and take the reminder back.",
        category: "problem",
        severity: "minor",
        priority: "normal",
        steps: &[
            Asks("We can't find the payment yet. Which reference did you give, and from which account did it come?"),
            Says("From our usual account; the reference was the customer number instead of the number of the invoice."),
            Notes("Found: booked to the account of the year before. Accounting rebooks."),
            Works("Thank you, with that we have found it. It is being booked to the right invoice."),
            Solves("The invoice is settled and the reminder is withdrawn. Please excuse the mistake."),
        ],
    },
];

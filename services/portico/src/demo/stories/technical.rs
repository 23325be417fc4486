//! Networks, servers and programs, in English.

use crate::demo::script::{
    Field::Technical,
    Language::English,
    Script,
    Step::{Asks, Notes, Says, Solves, Thanks, Works},
};

pub(super) const SCRIPTS: &[Script] = &[
    Script {
        language: English,
        field: Technical,
        title: "VPN drops every ten minutes from {a}",
        details: &[
            ("the home office", "5.3"),
            ("the branch office", "5.2.4"),
            ("the new laptops", "5.3.1"),
            ("the hotel network", "5.3"),
            ("the sales laptops", "5.2.4"),
            ("the training room", "5.3.1"),
        ],
        description: "Since Monday the VPN disconnects about every ten minutes.\n\n\
            - Windows 11\n- client {b}\n- wired and wireless alike",
        category: "problem",
        severity: "major",
        priority: "high",
        steps: &[
            Works("Thank you. We see the disconnects in the log of the gateway and are looking for the reason."),
            Asks(
                "Could you copy the last lines of `vpn-client.log` into your answer? The time of the last disconnect \
                 helps, too.",
            ),
            Says("It happened again just now:\n\n```\nrekey timeout after 600 s\ntunnel closed by peer\n```"),
            Notes("Rekey interval: 600 s at the client, 3600 s at the gateway. Same as with the pilot group."),
            Works(
                "Client and gateway renew their keys at different intervals. We have aligned them; please connect \
                 again and keep an eye on it for an hour.",
            ),
            Thanks("Connected the whole time without a break. Thank you!"),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Backup of {a} ended with skipped files",
        details: &[
            ("the file server", "three"),
            ("the sales share", "seven"),
            ("the drawings share", "two"),
            ("the planning share", "eleven"),
            ("the accounting share", "four"),
        ],
        description: "Last night's backup ended with a warning: *{b} files skipped*. Do we have to do something?",
        category: "question",
        severity: "minor",
        priority: "normal",
        steps: &[
            Works(
                "Thank you for asking. Your backup as a whole is valid; we look at which files were skipped and why.",
            ),
            Notes("All of them open in the same spreadsheet session since Friday."),
            Asks("The skipped files were open on a desk all night. May we run a second backup at six in the morning?"),
            Says("Yes, please do. Nobody works at that hour."),
            Solves(
                "The second backup is set up and runs at six from tomorrow on. Its report comes to you by e-mail, too.",
            ),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "High load on server {a} every morning",
        details: &[("app-02", "96"), ("app-03", "91"), ("db-01", "98"), ("web-02", "94"), ("files-01", "90")],
        description: "Between 7:00 and 7:30 the server stands at {b} % and the programs answer slowly.",
        category: "problem",
        severity: "major",
        priority: "high",
        steps: &[
            Works("Thank you. We look at what runs on the server at that hour and tell you what we find."),
            Notes("Report job starts at 7:00 and reads the whole of last year each time."),
            Asks("A report of the whole of last year runs at seven each day. May we move it to five o'clock?"),
            Says("Yes, as long as it is in our mailbox by half past seven."),
            Works("The report runs at five from tomorrow on. Please tell us how the morning was."),
            Thanks("No waiting this morning, and the report was there. This can be closed."),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "API answers 500 for orders above {a} lines",
        details: &[
            ("200", "/orders"),
            ("150", "/orders"),
            ("500", "/orders/import"),
            ("250", "/quotes"),
            ("300", "/orders/import"),
        ],
        description: "Orders with more than {a} lines fail; smaller ones work.\n\n\
            ```\nPOST {b}\nHTTP/1.1 500 Internal Server Error\n```",
        category: "problem",
        severity: "critical",
        priority: "urgent",
        steps: &[
            Works(
                "Thank you, we can reproduce it: the answer takes too long and is cut off. We are working on it with \
                 priority.",
            ),
            Notes("Price rules are read once per line. Fix is on the test system, review this afternoon."),
            Asks("A corrected version is on your test system. Could you send one of the large orders there?"),
            Says("Two large orders went through on the test system, in less than two seconds each."),
            Solves("The corrected version is in production. Orders of any length are accepted."),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Webhook for {a} arrives twice",
        details: &[
            ("new orders", "order.created"),
            ("paid invoices", "invoice.paid"),
            ("returns", "return.created"),
            ("stock changes", "stock.changed"),
            ("new customers", "customer.created"),
        ],
        description: "Since the weekend each `{b}` reaches us twice, a few seconds apart and with the same id.",
        category: "problem",
        severity: "minor",
        priority: "normal",
        steps: &[
            Asks("Does your receiver answer within five seconds? After that the message is sent once more."),
            Says("You are right, it takes six to eight seconds since our own update."),
            Works(
                "Then the second one is a repetition. We raise your limit to thirty seconds; please still ignore ids \
                 that you know.",
            ),
            Solves("The limit is thirty seconds now, and in the last day nothing was sent twice."),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Certificate of {a} expires next week",
        details: &[
            ("the web shop", "shop"),
            ("the mail server", "mail"),
            ("the supplier portal", "portal"),
            ("the VPN gateway", "vpn"),
            ("the intranet", "intranet"),
        ],
        description: "The browser warns that the certificate of `{b}` ends in seven days. Is it renewed by itself?",
        category: "question",
        severity: "major",
        priority: "high",
        steps: &[
            Works(
                "It should renew itself thirty days ahead, and did not. We are looking into it; there is time enough.",
            ),
            Notes("Renewal failed: the DNS record for the check is missing since the move of the zone."),
            Asks(
                "The renewal needs a record in your DNS, which went missing. May we add `_acme-challenge.{b}` \
                 ourselves?",
            ),
            Says("Yes, please add it."),
            Solves(
                "The record is back and the certificate is renewed for another ninety days. We are warned now when a \
                 renewal fails.",
            ),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Catalogue sync stops with error {a}",
        details: &[
            ("E-1042", "4,310"),
            ("E-1107", "12,760"),
            ("E-1042 at night", "4,318"),
            ("E-2003", "870"),
            ("E-1107 again", "12,790"),
        ],
        description: "The synchronisation of the catalogue stops after about {b} items:\n\n\
            ```\nsync: unexpected value in column unit\n```",
        category: "problem",
        severity: "major",
        priority: "normal",
        steps: &[
            Asks("Which item is the last one in the list under *Catalogue > Log*? Its number is enough."),
            Says("It is number 4711-B. The unit says `pcs.` with a point."),
            Works("Thank you. The point is what stops it; we make the import accept such spellings."),
            Notes("Normalise units at import: pcs., pc, Stk. Goes out with tonight's version."),
            Solves(
                "The import accepts the usual spellings of units since last night, and the whole catalogue is in sync.",
            ),
        ],
    },
];

//! Orders and people, in English.

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
        title: "New login for a colleague in {a}",
        details: &[
            ("accounting", "Robin Taylor"),
            ("the warehouse", "Sam Archer"),
            ("purchasing", "Dana Wells"),
            ("sales", "Toni Baker"),
            ("planning", "Lee Porter"),
        ],
        description: "A new colleague starts in {a} on the first of next month and needs:\n\n\
            1. a login with the rights of the others there\n2. an e-mail address\n3. access to the shared calendar",
        category: "request",
        severity: "",
        priority: "normal",
        steps: &[
            Asks("Gladly. What is the name as it should stand in the address, and who is the superior?"),
            Says("The name is {b}, the superior is the head of the department."),
            Works("Thank you. The login is being prepared and will be active on the first at seven o'clock."),
            Notes("Licence taken from the pool, three left."),
            Solves(
                "The login is ready. The first password goes to the superior in a sealed letter, as agreed with you.",
            ),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Report {a} stops at page {b}",
        details: &[
            ("Quarterly sales", "40"),
            ("Open items", "12"),
            ("Stock by location", "64"),
            ("Travel costs", "8"),
            ("Yearly turnover", "25"),
        ],
        description: "The export of *{a}* ends after page {b} without a message. The preview on the screen is \
            complete.",
        category: "problem",
        severity: "minor",
        priority: "normal",
        steps: &[
            Works("Thank you, we can see it with the same report here and are looking for the cause."),
            Asks("Until it is mended: does the export as a spreadsheet help you meanwhile?"),
            Says("For this week yes, but the auditors want the PDF."),
            Notes("One row has a picture of 90 MB in its remark; the writer gives up there."),
            Solves(
                "A very large picture in a remark stopped the export. It is scaled down now, and the PDF is complete \
                 to the last page.",
            ),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Moving two-factor sign-in to {a}",
        details: &[
            ("a new phone", "the old one is broken"),
            ("a company phone", "I used my own so far"),
            ("a security key", "phones are not allowed in the hall"),
            ("a second device", "I work at two places"),
            ("a replacement phone", "mine was stolen"),
        ],
        description: "I would like to move my authenticator to {a}: {b}. How do I do that?",
        category: "request",
        severity: "",
        priority: "high",
        steps: &[
            Asks(
                "We can reset it for you. To be sure that it is you: at which number in your contact data may we call \
                 you back?",
            ),
            Says("Please call the number of my desk, I am there until five."),
            Works(
                "Thank you for the call. The second factor is reset; at your next sign-in you are shown a new code to \
                 scan.",
            ),
            Thanks("It worked at once. Thank you!"),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Delivery note for order {a} is missing",
        details: &[
            ("SO-3381", "two pallets"),
            ("SO-3402", "one parcel"),
            ("SO-3466", "four boxes"),
            ("SO-3519", "three pallets"),
            ("SO-3570", "a crate"),
        ],
        description: "The goods of order {a} ({b}) arrived this morning without a delivery note. We can't book them \
            without it.",
        category: "problem",
        severity: "minor",
        priority: "high",
        steps: &[
            Works("Sorry for the trouble. We ask the warehouse for the note and send it to you by e-mail."),
            Notes("The note was printed and left on the packing table."),
            Solves(
                "The delivery note is in your mailbox. The warehouse puts the notes inside the first parcel from now \
                 on.",
            ),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Order confirmations arrive {a} late",
        details: &[
            ("an hour", "since Monday"),
            ("two hours", "since the update"),
            ("half a day", "at the end of the month"),
            ("thirty minutes", "every morning"),
            ("three hours", "on Fridays"),
        ],
        description: "The confirmations from the shop reach our customers {a} late, {b}. Some of them order twice.",
        category: "problem",
        severity: "major",
        priority: "urgent",
        steps: &[
            Works(
                "Thank you. The messages leave the shop in time and wait at the mail server; we look at the queue \
                 there.",
            ),
            Notes("Newsletter of 40,000 mails goes through the same queue at the same time."),
            Asks(
                "Your newsletter keeps the queue busy. May we send it with lower priority, so that confirmations \
                 overtake it?",
            ),
            Says("Yes, the newsletter has time."),
            Solves(
                "Confirmations have a queue of their own and leave within seconds. The newsletter follows behind them.",
            ),
        ],
    },
    Script {
        language: English,
        field: Office,
        title: "Training for {a} on the new forms",
        details: &[
            ("six colleagues", "half a day"),
            ("the night shift", "two evenings"),
            ("the order desk", "a morning"),
            ("our apprentices", "one day"),
            ("the branch office", "an afternoon"),
        ],
        description: "The new order forms raise many questions. We would like a training for {a}, about {b}:\n\n\
            - entering orders\n- returns\n- printing and sending",
        category: "request",
        severity: "",
        priority: "normal",
        steps: &[
            Asks("Gladly. Would you prefer it at your place or as a video meeting, and on which weekdays?"),
            Says("At our place, on a Tuesday or Thursday."),
            Works("Thank you. We have reserved two Thursdays and ask our trainer which one suits."),
            Notes("Trainer is free on the second Thursday. Travel included in the contract."),
            Solves("The training is on the second Thursday of next month at nine. The invitation is in your mailbox."),
        ],
    },
];

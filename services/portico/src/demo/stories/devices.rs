//! Devices, in English.

use crate::demo::script::{
    Field::Technical,
    Language::English,
    Script,
    Step::{Asks, Notes, Says, Solves, Works},
};

pub(super) const SCRIPTS: &[Script] = &[
    Script {
        language: English,
        field: Technical,
        title: "Label printer in {a} prints blank labels",
        details: &[
            ("hall 2", "ZD-420"),
            ("hall 4", "ZD-620"),
            ("goods receipt", "QL-820"),
            ("the returns area", "LP-2844"),
            ("the cold store", "ZD-620"),
            ("the shipping office", "ZD-420"),
        ],
        description: "Since this morning the printer prints empty labels.\n\n\
            - model: {b}\n- the self-test page looks fine\n- a new roll did not help",
        category: "problem",
        severity: "major",
        priority: "high",
        steps: &[
            Works(
                "Thank you for the report. The self-test is fine, so the device is in order; we look at the print \
                 queue.",
            ),
            Notes("The queue has had driver 8.2 since last week. Version 8.1 is still on the file server."),
            Asks(
                "Do the labels come out empty from every program, or from the shipping screen alone? Please print one \
                 from the text editor.",
            ),
            Says("From the text editor it is fine. Only the shipping screen prints empty ones."),
            Solves(
                "The new driver cut off the template of the shipping screen. We have put the former driver back, and \
                 a test label came out as it should.",
            ),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Scanner app is slow since version {a}",
        details: &[("4.7", "twelve"), ("4.7.1", "eight"), ("4.8", "six"), ("4.8.2", "twenty"), ("4.9", "nine")],
        description: "Every scan takes about five seconds since the update to {a}; it used to be instant. All {b} \
            handheld scanners are affected.",
        category: "problem",
        severity: "major",
        priority: "normal",
        steps: &[
            Asks("Does it happen with every article, or only with the first scan after a pause?"),
            Says("With every scan. Restarting the scanners changes nothing."),
            Works("The article search has lost an index with the update. We build it tonight, while nobody scans."),
            Notes("Index build takes about 40 minutes on their data; start after 22:00."),
            Solves("The index is in place. A scan takes less than half a second again."),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Screen in meeting room {a} stays black",
        details: &[("Blue", "55"), ("1.04", "65"), ("2.11", "55"), ("North", "75"), ("Garden", "65")],
        description: "After standby the {b}-inch screen stays black. Only unplugging it helps.",
        category: "problem",
        severity: "minor",
        priority: "low",
        steps: &[
            Works("Thank you. There is new firmware for this screen; we install it over the network tonight."),
            Solves("The firmware is up to date and the screen wakes up again after standby."),
            Says("Sorry, it has just stayed black again."),
            Notes("The firmware is the new one. Port 3 of the switch shows link errors."),
            Works(
                "Thank you for trying. The network socket shows errors, which keeps the screen from waking up. A \
                 colleague comes and replaces the cable.",
            ),
            Asks("The cable is replaced. Does the screen wake up now?"),
            Says("Yes, three times in a row."),
            Solves("Good to hear. The old cable was the cause; the new one stays."),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Weak wireless signal in {a}",
        details: &[
            ("the back of hall 3", "14"),
            ("the canteen", "9"),
            ("the upper offices", "21"),
            ("the loading bay", "6"),
            ("the new offices", "12"),
        ],
        description: "There is hardly any reception in {a}. About {b} devices are used there:\n\n\
            - handheld scanners\n- two tablets",
        category: "problem",
        severity: "minor",
        priority: "normal",
        steps: &[
            Asks("Could you tell us when we may come and measure? It takes about an hour and nothing is switched off."),
            Says("Any time from two o'clock on."),
            Works("We have measured: one access point is not enough there. We mount a second one tomorrow."),
            Notes("Access point and mounting kit are taken from our stock."),
            Solves(
                "The second access point is mounted. The signal is good in every corner now; the scanners roam \
                 without a gap.",
            ),
        ],
    },
    Script {
        language: English,
        field: Technical,
        title: "Clock at {a} shows the wrong hour",
        details: &[
            ("the main gate", "TC-10"),
            ("the side entrance", "TC-12"),
            ("the workshop", "TC-10"),
            ("the office building", "TC-20"),
            ("the canteen", "TC-12"),
        ],
        description: "The time clock ({b}) is an hour behind since the weekend. People are booked too late.",
        category: "problem",
        severity: "major",
        priority: "high",
        steps: &[
            Works("Thank you. The clock has lost touch with its time server; we set it and look for the reason."),
            Asks(
                "The clock is right again. Should we correct the bookings of the last days, or do you do that \
                 yourselves?",
            ),
            Says("Please correct them, we have no right to change bookings."),
            Notes("Bookings since Sunday: plus one hour, 38 people. Keep the export of before."),
            Solves(
                "The bookings are corrected and the clock asks our time server from now on. The list of changes is in \
                 your documents.",
            ),
        ],
    },
];

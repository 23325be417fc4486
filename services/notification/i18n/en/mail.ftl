# Texts of the mails. English is the source; every language has the same keys with the same placeholders.

greeting = Hello { $name },
greeting-unnamed = Hello,
quote-by = { $author } wrote:
quote-unnamed = The answer:
button-instead = If the button does not work, open this address:
footer-sign-in = Sign in at { $url }
footer-automatic = { $company } sent this message automatically.
reason-record-contact = You get this message because the request concerns you.
reason-record-agent = You get this message because you own the record.
reason-security = You get this message because it concerns the safety of your account.
reason-invitation = You get this message because { $company } gave you access to its customer portal.

# $day and $year are numbers as written, $month is 1 to 12, $clock is 14:05, $zone is a time zone.
date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
date-time = { $date }, { $clock } ({ $zone })

invitation-subject = Your access to the customer portal of { $company }
invitation-heading = Welcome to our customer portal
invitation-text = { $company } has opened its customer portal for you. There you open requests, follow them and read our answers.
invitation-choose = Please choose your password first.
invitation-first-day = Your support begins on { $date }. You can choose your password now, and sign in from that day on.
invitation-button = Choose your password
invitation-expiry = The link works once, until { $time }.
invitation-unexpected = If you did not expect this message, you can ignore it.

assigned-subject = Assigned to you: { $module } { $number } – { $title }
assigned-heading = A new assignment for you
assigned-text = You are now the owner of { $module } { $number }: { $title }
assigned-button = Open { $number }

commented-contact-subject = New answer: { $module } { $number } – { $title }
commented-contact-heading = There is an answer for you
commented-contact-text = We have answered on { $module } { $number }: { $title }
commented-contact-reply = Please answer in the portal; answers to this message are not read.
commented-agent-subject = The customer answered: { $module } { $number } – { $title }
commented-agent-heading = The customer answered
commented-agent-text = There is a new answer on { $module } { $number }: { $title }
commented-button = Open { $number }

locked-subject = Your account is locked
locked-heading = Your account is locked
locked-text = Somebody entered a wrong password for your account too many times, so we locked it.
locked-until = It opens again by itself: { $time }.
locked-manual-contact = To open it again, please contact us.
locked-manual-agent = To open it again, please ask an administrator.
locked-not-you-contact = If it was not you, please tell us. Your password was not guessed.
locked-not-you-agent = If it was not you, please tell an administrator. Your password was not guessed.
locked-button = Go to the sign-in page

password-subject = Your password was changed
password-heading = Your password was changed
password-text = The password of your account was changed.
password-not-you-contact = If it was not you, please contact us at once.
password-not-you-agent = If it was not you, please tell an administrator at once.
password-button = Go to the sign-in page

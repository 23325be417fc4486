# Portal access for many contacts at once.
bulk-title = Bulk access
bulk-new = Enable many
bulk-lead = Give many contacts portal access in one go. First you see what would happen; nothing changes before you start it.
bulk-empty-title = No jobs yet
bulk-who = Who
bulk-how = How
bulk-list = From the list
bulk-list-count = { $count ->
    [one] { $number } contact
   *[other] { $number } contacts
}
bulk-company-search = Find companies
bulk-company-hint = Type a part of the name, then press “Find companies” below. All contacts of a ticked company get access.
bulk-company-button = Find companies
bulk-companies = Companies
bulk-contacts = Contacts
bulk-contacts-hint = One per line: an e-mail address, a number such as CN12, or an id. At most 2,000 lines.
bulk-profile-hint = Without one, the profile follows from the rules.
bulk-profile-none = By the rules
bulk-invite = Send invitations
bulk-invite-hint = Without it, access is on and invitations can be sent later.
bulk-check = Check
bulk-report = What would happen
bulk-report-title = { $count ->
    [one] Report for { $number } contact
   *[other] Report for { $number } contacts
}
bulk-report-lead = Nothing has changed yet.
bulk-would-enable = { $count ->
    [one] { $number } contact would get access.
   *[other] { $number } contacts would get access.
}
bulk-nobody = Nobody would get access. Go back and choose others.
bulk-not-sent = No invitation would leave: the support period is already over.
bulk-not-found = Nobody was found for: { $lines }
bulk-outcomes = Outcomes
bulk-how-many = How many
bulk-start = { $count ->
    [one] Enable { $number } contact
   *[other] Enable { $number } contacts
}
bulk-back = Change
bulk-rows = Contact by contact
bulk-first-rows = { $count ->
    [one] The first contact.
   *[other] The first { $number } contacts.
}
bulk-contact = Contact
bulk-email = E-mail
bulk-result = Result
bulk-nameless = Unknown contact
bulk-outcome-enable = Gets access
bulk-outcome-already-enabled = Has access already
bulk-outcome-no-email = No e-mail address
bulk-outcome-bad-email = E-mail address not valid
bulk-outcome-duplicate = Same e-mail address as another contact here
bulk-outcome-login-taken = Somebody else signs in with this address
bulk-outcome-unknown = Unknown
bulk-outcome-deleted = Deleted
bulk-row-waiting = Waiting
bulk-row-enabled = Access is on
bulk-row-not-invited = Access is on, not invited
bulk-row-skipped = Left out
bulk-row-cancelled = Stopped before
bulk-reason-support-ended = The support period is over
bulk-reason-agent = An agent’s account
bulk-job-title = { $count ->
    [one] Access for { $number } contact
   *[other] Access for { $number } contacts
}
bulk-running = Running
bulk-finished = Finished
bulk-cancelled = Stopped
bulk-progress = Progress
bulk-progress-value = { $done } of { $all }
bulk-started = Started
bulk-started-by = Started by
bulk-ended = Ended
bulk-stop = Stop
bulk-stop-title = Stop this job?
bulk-stop-text = What is done stays done. The contacts that are left get no access.
bulk-download = Download as CSV
bulk-no-rows = No contact has this result.
bulk-fault-nobody = Choose at least one company or contact.
bulk-fault-too-many = At most 20,000 contacts at once.
bulk-fault-no-company = No company was found. Try another name.
bulk-csv-number = Number
bulk-csv-id = Contact id
bulk-csv-reason = Reason
bulk-from-list = Give these portal access

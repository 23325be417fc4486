# Texte der E-Mails. Englisch ist die Quelle; jede Sprache hat dieselben Schlüssel mit denselben Platzhaltern.

greeting = Guten Tag { $name },
greeting-unnamed = Guten Tag,
quote-by = { $author } schrieb:
quote-unnamed = Die Antwort:
button-instead = Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:
footer-sign-in = Melden Sie sich an: { $url }
footer-automatic = { $company } hat diese Nachricht automatisch gesendet.
reason-record-received = Sie erhalten diese Nachricht, weil Sie uns diese Anfrage geschickt haben.
reason-record-contact = Sie erhalten diese Nachricht, weil die Anfrage Sie betrifft.
reason-record-agent = Sie erhalten diese Nachricht, weil Sie für den Eintrag zuständig sind.
reason-operator = Sie erhalten diese Nachricht, weil diese Adresse für alles vorgesehen ist, was sonst niemanden erreichen würde.
reason-security = Sie erhalten diese Nachricht, weil sie die Sicherheit Ihres Kontos betrifft.
reason-invitation = Sie erhalten diese Nachricht, weil { $company } Ihnen Zugang zum Kundenportal gegeben hat.

date = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
date-time = { $date }, { $clock } Uhr ({ $zone })

invitation-subject = Ihr Zugang zum Kundenportal von { $company }
invitation-heading = Willkommen in unserem Kundenportal
invitation-text = { $company } hat das Kundenportal für Sie geöffnet. Dort stellen Sie Anfragen, verfolgen sie und lesen unsere Antworten.
invitation-choose = Bitte wählen Sie zuerst Ihr Passwort.
invitation-first-day = Ihr Support beginnt am { $date }. Sie können Ihr Passwort schon jetzt wählen und sich ab diesem Tag anmelden.
invitation-button = Passwort wählen
invitation-expiry = Der Link funktioniert einmal, bis zum { $time }.
invitation-unexpected = Wenn Sie diese Nachricht nicht erwartet haben, können Sie sie einfach ignorieren.

# Wie eine E-Mail einen Eintrag nennt; ohne Titel, wo dieser nicht für den Empfänger bestimmt ist.
record-titled = { $module } { $number } – { $title }
record-untitled = { $module } { $number }

received-subject = Wir haben Ihre Anfrage erhalten: { $record }
received-heading = Ihre Anfrage ist bei uns
received-text = Bei uns eingegangen: { $record }
received-next = Ihre Nummer dafür ist { $number }. Wir schreiben Ihnen, sobald wir eine Antwort oder eine Frage haben; bis dahin brauchen Sie nichts zu tun.
received-more = Fehlt noch etwas? Ergänzen Sie es im Portal; Antworten auf diese Nachricht werden nicht gelesen.

assigned-subject = Ihnen zugewiesen: { $record }
assigned-heading = Eine neue Zuweisung für Sie
assigned-text = Sie sind jetzt zuständig für { $record }
assigned-button = { $number } öffnen

commented-contact-subject = Neue Antwort: { $record }
commented-contact-heading = Es gibt eine Antwort für Sie
commented-contact-text = Wir haben geantwortet: { $record }
commented-contact-reply = Bitte antworten Sie im Portal; Antworten auf diese Nachricht werden nicht gelesen.
commented-alone-reply = Antworten auf diese Nachricht werden nicht gelesen. Wenn Sie antworten möchten, wenden Sie sich bitte auf dem gewohnten Weg an uns.
commented-beside-contact-subject = Neuer Kommentar: { $record }
commented-beside-contact-heading = Es gibt einen neuen Kommentar
commented-beside-contact-text = Es gibt einen neuen Kommentar zu { $record }
commented-agent-subject = Der Kunde hat geantwortet: { $record }
commented-agent-heading = Der Kunde hat geantwortet
commented-agent-text = Es gibt eine neue Antwort zu { $record }
commented-beside-agent-subject = Ein Kollege hat geantwortet: { $record }
commented-beside-agent-heading = Ein Kollege hat geantwortet
commented-beside-agent-text = Ein Kollege hat dem Kunden geantwortet: { $record }
commented-button = { $number } öffnen

# An die eigene Adresse des Betreibers, anstelle von Zuständigen, die sich nicht benachrichtigen lassen.
operator-subject = Niemand erreichbar: { $record }
operator-heading = Darum muss sich jemand kümmern
operator-made = Ein Kunde hat eine Anfrage gestellt: { $record }
operator-assigned = Die Zuständigkeit wurde festgelegt: { $record }
operator-commented = Es gibt eine neue Antwort zu { $record }
operator-no-owner = Dafür ist niemand zuständig.
operator-owner-disabled = { $name } ist zuständig, kann sich aber nicht mehr anmelden.
operator-owner-hidden = { $name } ist zuständig, darf den Eintrag aber nicht mehr sehen.
operator-owner-no-address = { $name } ist zuständig, hat aber keine E-Mail-Adresse.
operator-someone-disabled = Die zuständige Person kann sich nicht mehr anmelden.
operator-someone-hidden = Die zuständige Person darf den Eintrag nicht mehr sehen.
operator-someone-no-address = Die zuständige Person hat keine E-Mail-Adresse.
operator-ask = Bitte weisen Sie den Eintrag jemandem zu, der ihn beantwortet.

locked-subject = Ihr Konto ist gesperrt
locked-heading = Ihr Konto ist gesperrt
locked-text = Für Ihr Konto wurde zu oft ein falsches Passwort eingegeben, deshalb haben wir es gesperrt.
locked-until = Die Sperre endet von selbst am { $time }.
locked-manual-contact = Um es wieder zu entsperren, wenden Sie sich bitte an uns.
locked-manual-agent = Um es wieder zu entsperren, wenden Sie sich bitte an einen Administrator.
locked-not-you-contact = Wenn Sie das nicht waren, sagen Sie uns bitte Bescheid. Ihr Passwort wurde nicht erraten.
locked-not-you-agent = Wenn Sie das nicht waren, sagen Sie bitte einem Administrator Bescheid. Ihr Passwort wurde nicht erraten.
locked-button = Zur Anmeldeseite

password-subject = Ihr Passwort wurde geändert
password-heading = Ihr Passwort wurde geändert
password-text = Das Passwort Ihres Kontos wurde geändert.
password-not-you-contact = Wenn Sie das nicht waren, wenden Sie sich bitte sofort an uns.
password-not-you-agent = Wenn Sie das nicht waren, sagen Sie bitte sofort einem Administrator Bescheid.
password-button = Zur Anmeldeseite

security-not-you-contact = Wenn Sie das nicht waren, wenden Sie sich bitte sofort an uns.
security-not-you-agent = Wenn Sie das nicht waren, sagen Sie bitte sofort einem Administrator Bescheid.
security-button = Zur Anmeldeseite

reset-subject = Neues Passwort wählen
reset-heading = Wählen Sie ein neues Passwort
reset-by-you = Für Ihr Konto wurde ein neues Passwort angefordert.
reset-by-agent = { $company } sendet Ihnen diesen Link, damit Sie ein neues Passwort wählen können.
reset-after = Ihr jetziges Passwort bleibt gültig, bis Sie ein anderes wählen. Ein neues Passwort beendet alle Ihre Sitzungen; ein zweiter Schritt bei der Anmeldung bleibt, wie er ist.
reset-button = Neues Passwort wählen
reset-expiry = Der Link funktioniert einmal und 30 Minuten lang, bis zum { $time }.
reset-unexpected = Wenn Sie diese Nachricht nicht erwartet haben, können Sie sie ignorieren: Ohne den Link ändert sich nichts.

one-time-subject = Für Sie wurde ein Einmalpasswort festgelegt
one-time-heading = Für Sie wurde ein Einmalpasswort festgelegt
one-time-text = Wir haben für Ihr Konto ein Passwort festgelegt, das einmal gilt. Zu Ihrer Sicherheit steht es nicht in dieser Nachricht; wer es festgelegt hat, teilt es Ihnen mit.
one-time-change = Wenn Sie sich damit anmelden, wählen Sie ein eigenes Passwort. Alle Ihre Sitzungen wurden beendet.
one-time-until = Das Einmalpasswort gilt bis zum { $time }.
one-time-not-you-contact = Wenn Sie uns nicht darum gebeten haben, wenden Sie sich bitte sofort an uns.
one-time-not-you-agent = Wenn Sie nicht darum gebeten haben, sagen Sie bitte sofort einem Administrator Bescheid.
one-time-button = Zur Anmeldeseite

login-confirm-subject = Bestätigen Sie Ihre neue Anmeldeadresse
login-confirm-heading = Bestätigen Sie Ihre neue Anmeldeadresse
login-confirm-text = Sie möchten sich ab jetzt mit dieser Adresse anmelden. Bitte bestätigen Sie, dass sie Ihnen gehört.
login-confirm-by-agent = Ihre Kontaktdaten haben sich geändert, deshalb möchten wir, dass Sie sich ab jetzt mit dieser Adresse anmelden. Bitte bestätigen Sie, dass sie Ihnen gehört.
login-confirm-announced = Bis dahin melden Sie sich an wie bisher. Wir haben auch Ihre jetzige Adresse darüber informiert.
login-confirm-button = Adresse bestätigen
login-confirm-expiry = Der Link funktioniert einmal, bis zum { $time }.
login-confirm-unexpected = Wenn Sie nicht darum gebeten haben, können Sie diese Nachricht ignorieren: Ohne den Link ändert sich nichts.

login-announced-subject = Eine andere Anmeldeadresse wurde angefordert
login-announced-heading = Eine andere Anmeldeadresse wurde angefordert
login-announced-text = Jemand, der an Ihrem Konto angemeldet ist, möchte sich ab jetzt mit einer anderen E-Mail-Adresse anmelden.
login-announced-by-agent = Ihre Kontaktdaten haben sich geändert, deshalb haben wir beantragt, dass Sie sich künftig mit einer anderen E-Mail-Adresse anmelden.
login-announced-confirm = Die Änderung gilt, sobald der Link in unserer Nachricht an die neue Adresse geöffnet wird. Bis dahin melden Sie sich an wie bisher.

login-changed-subject = Ihre Anmeldeadresse wurde geändert
login-changed-heading = Ihre Anmeldeadresse wurde geändert
login-changed-by-you = Die neue Adresse, mit der Sie sich anmelden, wurde bestätigt.
login-changed-by-agent = Wir haben geändert, womit Sie sich anmelden.
login-changed-now = Ab jetzt melden Sie sich als { $login } an. Ihr Passwort bleibt gleich.
login-changed-left = Mit dieser Adresse können Sie sich nicht mehr anmelden.

factor-added-subject = Ihrem Konto wurde ein zweiter Schritt hinzugefügt
factor-added-heading = Ihrem Konto wurde ein zweiter Schritt hinzugefügt
factor-added-totp = Ab jetzt melden Sie sich mit Ihrem Passwort und einem Code aus Ihrer Authenticator-App an.
factor-added-passkey = Ihrem Konto wurde ein Passkey hinzugefügt.
factor-added-passkey-named = Ihrem Konto wurde ein Passkey hinzugefügt: { $name }

factor-removed-subject = Ein zweiter Schritt wurde aus Ihrem Konto entfernt
factor-removed-heading = Ein zweiter Schritt wurde aus Ihrem Konto entfernt
factor-removed-totp = Die Authenticator-App wurde aus Ihrem Konto entfernt.
factor-removed-totp-by-agent = Wir haben die Authenticator-App aus Ihrem Konto entfernt.
factor-removed-passkey = Ein Passkey wurde aus Ihrem Konto entfernt.
factor-removed-passkey-by-agent = Wir haben einen Passkey aus Ihrem Konto entfernt.
factor-removed-all = Alle zweiten Schritte wurden aus Ihrem Konto entfernt.
factor-removed-all-by-agent = Wir haben alle zweiten Schritte aus Ihrem Konto entfernt, damit Sie sie neu einrichten können.

code-used-subject = Ein Wiederherstellungscode wurde verwendet
code-used-heading = Ein Wiederherstellungscode wurde verwendet
code-used-text = Jemand hat sich mit Ihrem Passwort und einem Ihrer Wiederherstellungscodes an Ihrem Konto angemeldet.
code-used-left = { $left ->
    [0] Es ist kein Wiederherstellungscode mehr übrig.
    [1] Es ist noch 1 Wiederherstellungscode übrig.
   *[other] Es sind noch { $left } Wiederherstellungscodes übrig.
}
code-used-few = Bitte erstellen Sie bald neue.

codes-made-subject = Sie haben neue Wiederherstellungscodes
codes-made-heading = Sie haben neue Wiederherstellungscodes
codes-made-text = Für Ihr Konto wurden { $count } neue Wiederherstellungscodes erstellt. Die bisherigen funktionieren nicht mehr.

# Was um jede Seite herum steht, und Wörter, die jede Seite verwendet.
skip-to-content = Zum Inhalt springen
title-error = Fehler:
error-prefix = Fehler:
summary-title = Es gibt ein Problem
required = Pflichtfeld
cancel = Abbrechen
retry = Erneut versuchen
menu = Menü
menu-label = Hauptmenü
menu-home = Startseite
menu-dashboard = Übersicht
menu-customers = Kunden
menu-records = Einträge
menu-more = Weitere
menu-administration = Verwaltung
console-name = Konsole
account-menu = Kontomenü:
sign-out = Abmelden
language = Sprache
theme = Darstellung
theme-system = Automatisch
theme-light = Hell
theme-dark = Dunkel
footer-demo = Demodaten sind geladen
crumbs-label = Sie sind hier
pager-label = Seiten
pager-first = Erste Seite
pager-next = Nächste Seite
value-empty = Leer
value-yes = Ja
value-no = Nein
value-masked = Teilweise verborgen
person-erased = Gelöschter Kontakt
person-deleted = (gelöscht)
ago-now = gerade eben
ago-minutes = { $count ->
    [one] vor { $number } Minute
   *[other] vor { $number } Minuten
}
ago-hours = { $count ->
    [one] vor { $number } Stunde
   *[other] vor { $number } Stunden
}
ago-days = { $count ->
    [one] gestern
   *[other] vor { $number } Tagen
}
flash-saved = Ihre Änderungen sind gespeichert.
flash-created = Der Eintrag ist erstellt.
flash-received = Wir haben Ihre Anfrage. Jede Antwort darauf erscheint hier.
flash-deleted = Der Eintrag ist gelöscht. Er kann wiederhergestellt werden.
flash-restored = Der Eintrag ist wiederhergestellt.
flash-commented = Ihre Antwort ist gesendet.
flash-noted = Die interne Notiz ist hinzugefügt. Der Kunde sieht sie nicht.
flash-commented-and-set = Ihre Antwort ist gesendet und der Status gesetzt.
flash-comment-changed = Ihre Nachricht ist geändert.
flash-comment-removed = Ihre Nachricht ist zurückgenommen.
flash-comment-settled = Diese Nachricht kann nicht mehr geändert werden.
flash-marked-unread = Als ungelesen markiert.
flash-access-enabled = Der Portalzugang ist eingeschaltet. Die Einladung ist unterwegs.
flash-access-enabled-not-sent = Der Portalzugang ist eingeschaltet, aber es wurde keine Einladung gesendet: Der Supportzeitraum ist schon vorbei.
flash-dates-changed = Der Supportzeitraum ist geändert.
flash-access-disabled = Der Portalzugang ist ausgeschaltet. Alle Sitzungen sind beendet.
flash-invitation-resent = Eine neue Einladung ist unterwegs. Der alte Link funktioniert nicht mehr.
flash-unlocked = Entsperrt. Eine Anmeldung ist jetzt wieder möglich.
flash-nothing-chosen = Niemand wurde ausgewählt. Kreuzen Sie mindestens einen Benutzer an.
flash-profile-chosen = Das Profil ist festgelegt. Es gilt innerhalb einer Sekunde.
flash-resent = Die Nachricht wird noch einmal gesendet.
flash-unchanged = Nichts war anders, deshalb wurde nichts gespeichert.
flash-no-record-chosen = Es wurde kein Eintrag ausgewählt. Haken Sie mindestens einen an.
flash-no-change-chosen = Wählen Sie zuerst, was gesetzt werden soll.
flash-selection-undone = Die Änderung ist rückgängig gemacht.

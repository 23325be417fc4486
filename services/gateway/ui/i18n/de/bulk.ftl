# Portalzugang für viele Kontakte auf einmal.
bulk-title = Sammelaktivierung
bulk-new = Viele aktivieren
bulk-lead = Geben Sie vielen Kontakten auf einmal Zugang zum Portal. Zuerst sehen Sie, was geschehen würde; nichts ändert sich, bevor Sie es starten.
bulk-empty-title = Noch keine Vorgänge
bulk-who = Wer
bulk-how = Wie
bulk-list = Aus der Liste
bulk-list-count = { $count ->
    [one] { $number } Kontakt
   *[other] { $number } Kontakte
}
bulk-company-search = Firmen suchen
bulk-company-hint = Geben Sie einen Teil des Namens ein und drücken Sie dann unten auf „Firmen suchen“. Alle Kontakte einer angekreuzten Firma erhalten Zugang.
bulk-company-button = Firmen suchen
bulk-companies = Firmen
bulk-contacts = Kontakte
bulk-contacts-hint = Einer pro Zeile: eine E-Mail-Adresse, eine Nummer wie CN12 oder eine ID. Höchstens 2.000 Zeilen.
bulk-profile-hint = Ohne Auswahl ergibt sich das Profil aus den Regeln.
bulk-profile-none = Nach den Regeln
bulk-invite = Einladungen senden
bulk-invite-hint = Ohne sie ist der Zugang eingeschaltet, und Einladungen können später gesendet werden.
bulk-check = Prüfen
bulk-report = Was geschehen würde
bulk-report-title = { $count ->
    [one] Bericht für { $number } Kontakt
   *[other] Bericht für { $number } Kontakte
}
bulk-report-lead = Noch hat sich nichts geändert.
bulk-would-enable = { $count ->
    [one] { $number } Kontakt würde Zugang erhalten.
   *[other] { $number } Kontakte würden Zugang erhalten.
}
bulk-nobody = Niemand würde Zugang erhalten. Gehen Sie zurück und wählen Sie andere aus.
bulk-not-sent = Es würde keine Einladung gesendet: Der Supportzeitraum ist schon vorbei.
bulk-not-found = Niemand wurde gefunden für: { $lines }
bulk-outcomes = Ergebnisse
bulk-how-many = Wie viele
bulk-start = { $count ->
    [one] { $number } Kontakt aktivieren
   *[other] { $number } Kontakte aktivieren
}
bulk-back = Ändern
bulk-rows = Kontakt für Kontakt
bulk-first-rows = { $count ->
    [one] Der erste Kontakt.
   *[other] Die ersten { $number } Kontakte.
}
bulk-contact = Kontakt
bulk-email = E-Mail
bulk-result = Ergebnis
bulk-nameless = Unbekannter Kontakt
bulk-outcome-enable = Erhält Zugang
bulk-outcome-already-enabled = Hat schon Zugang
bulk-outcome-no-email = Keine E-Mail-Adresse
bulk-outcome-bad-email = E-Mail-Adresse ungültig
bulk-outcome-duplicate = Dieselbe E-Mail-Adresse wie ein anderer Kontakt hier
bulk-outcome-login-taken = Jemand anders meldet sich mit dieser Adresse an
bulk-outcome-unknown = Unbekannt
bulk-outcome-deleted = Gelöscht
bulk-row-waiting = Wartet
bulk-row-enabled = Zugang eingeschaltet
bulk-row-not-invited = Zugang eingeschaltet, nicht eingeladen
bulk-row-skipped = Ausgelassen
bulk-row-cancelled = Vorher gestoppt
bulk-reason-support-ended = Der Supportzeitraum ist vorbei
bulk-reason-agent = Konto eines Agenten
bulk-job-title = { $count ->
    [one] Zugang für { $number } Kontakt
   *[other] Zugang für { $number } Kontakte
}
bulk-running = Läuft
bulk-finished = Abgeschlossen
bulk-cancelled = Gestoppt
bulk-progress = Fortschritt
bulk-progress-value = { $done } von { $all }
bulk-started = Gestartet
bulk-started-by = Gestartet von
bulk-ended = Beendet
bulk-stop = Stoppen
bulk-stop-title = Diesen Vorgang stoppen?
bulk-stop-text = Was erledigt ist, bleibt bestehen. Die übrigen Kontakte erhalten keinen Zugang.
bulk-download = Als CSV herunterladen
bulk-no-rows = Kein Kontakt hat dieses Ergebnis.
bulk-fault-nobody = Wählen Sie mindestens eine Firma oder einen Kontakt aus.
bulk-fault-too-many = Höchstens 20.000 Kontakte auf einmal.
bulk-fault-no-company = Es wurde keine Firma gefunden. Versuchen Sie es mit einem anderen Namen.
bulk-csv-number = Nummer
bulk-csv-id = ID des Kontakts
bulk-csv-reason = Grund
bulk-from-list = Portalzugang geben

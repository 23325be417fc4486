# Listen. $module ist die Bezeichnung eines Moduls, im Plural, wo der Satz ihn braucht.
list-new = { $module } erstellen
list-number = Nummer
list-last-activity = Letzte Aktivität
list-views = Ansichten
list-unread = (neu)
list-view-empty-title = Hier ist nichts
list-view-empty-text = In dieser Ansicht ist nichts mehr übrig.
list-total-capped = { $number }+
list-scope = Wessen
list-scope-mine = Meine
list-scope-company = Meine Firma
list-search = { $module } durchsuchen
list-search-short = Suchen
list-any = Alle
list-apply = Anwenden
list-clear = Filter entfernen
list-deleted = Gelöscht
list-bad-query = Die Suche war nicht verständlich, deshalb wird die Liste ohne sie angezeigt.
list-empty-title = Hier ist noch nichts
list-empty-text = Unter „{ $module }“ gibt es noch keine Einträge. Sobald welche da sind, erscheinen sie hier.
list-no-match-title = Keine Treffer
list-no-match-text = Versuchen Sie es mit anderen Wörtern oder weniger Filtern.
list-chosen = Mit den ausgewählten:
list-choose = Auswählen
list-choose-all = Alle auf dieser Seite auswählen
list-choose-one = { $name } auswählen
list-take = Mir zuweisen
list-set = Wert setzen …
list-set-apply = Setzen
selection-changed = { $count ->
    [one] Ein Eintrag geändert
   *[other] { $count } Einträge geändert
}
selection-undone = { $count ->
    [one] Ein Eintrag ist wieder wie zuvor
   *[other] { $count } Einträge sind wieder wie zuvor
}
selection-none = Es wurde nichts geändert
selection-none-text = Wählen Sie zuerst Einträge in der Liste aus.
selection-what = { $field }: { $value }
selection-what-take = Zugewiesen an { $name }
selection-unchanged = { $count ->
    [one] Ein Eintrag bleibt, wie er ist.
   *[other] { $count } Einträge bleiben, wie sie sind.
}
selection-unchanged-table = Unverändert
selection-changed-table = Geändert
selection-record = Eintrag
selection-why = Grund
selection-why-same = War schon so
selection-why-stale = Inzwischen hat ihn jemand geändert
selection-why-forbidden = Sie dürfen ihn nicht ändern
selection-why-gone = Es gibt ihn nicht mehr
selection-why-refused = Dieser Wert ist hier nicht möglich
selection-why-unavailable = Im Moment nicht möglich; versuchen Sie es noch einmal
selection-undo = Rückgängig machen
selection-undo-lead = Rückgängig gemacht, wo niemand den Eintrag seither geändert hat.
selection-back = Zurück zur Liste

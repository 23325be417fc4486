# Die Startseite des Portals.
home-title = Startseite
home-greeting = Willkommen bei { $product }
home-morning = Guten Morgen, { $name }
home-afternoon = Guten Tag, { $name }
home-evening = Guten Abend, { $name }
home-waiting = Wartet auf Sie
home-waiting-none = Nichts wartet auf Ihre Antwort.
home-reply = Antworten
home-open = Ihre offenen Anfragen
home-open-none = Sie haben keine weiteren offenen Anfragen.
home-solved = { $count ->
    [one] Kürzlich gelöst: { $number }
   *[other] Kürzlich gelöst: { $number }
}
dashboard-work = Arbeit
dashboard-duties = Braucht Aufmerksamkeit
view-mine = Meine
view-unassigned = Nicht zugewiesen
view-answered = Kunde hat geantwortet
view-waiting = Wartet auf Kunden
view-open = Offen
view-all = Alle
view-long-waiting = Wartet länger als drei Tage
home-shortcuts = Schnellzugriff
home-recent = Zuletzt: { $module }
home-see-all = Alle anzeigen
home-widget-empty = Hier ist noch nichts.
home-widget-unavailable = Dieser Teil konnte nicht geladen werden. Der Rest der Seite funktioniert.
home-nothing-title = Noch ist nichts freigeschaltet
home-nothing-text = Sie sind angemeldet, aber noch steht Ihnen kein Teil des Portals offen. Wenden Sie sich an Ihren Ansprechpartner im Support.

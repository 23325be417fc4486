# La home del portale.
home-title = Home
home-greeting = Benvenuti su { $product }
home-morning = Buongiorno, { $name }
home-afternoon = Buon pomeriggio, { $name }
home-evening = Buonasera, { $name }
home-waiting = Aspettano te
home-waiting-none = Nulla aspetta una tua risposta.
home-reply = Rispondi
home-open = Le tue richieste aperte
home-open-none = Non hai altre richieste aperte.
home-solved = { $count ->
    [one] Risolte di recente: { $number }
   *[other] Risolte di recente: { $number }
}
dashboard-work = Lavoro
dashboard-duties = Da seguire
view-mine = La mia coda
view-unassigned = Non assegnati
view-answered = Il cliente ha risposto
view-waiting = In attesa del cliente
view-open = Aperti
view-all = Tutti
view-long-waiting = In attesa da più di tre giorni
home-shortcuts = Scorciatoie
home-recent = Di recente: { $module }
home-see-all = Vedi tutto
home-widget-empty = Ancora nulla.
home-widget-unavailable = Questa parte non è stata caricata. Il resto della pagina funziona.
home-nothing-title = Non è ancora attivo nulla
home-nothing-text = Hai effettuato l’accesso, ma nessuna parte del portale è ancora aperta per te. Chiedi al tuo referente dell’assistenza.

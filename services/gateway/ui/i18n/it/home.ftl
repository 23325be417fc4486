# La home del portale.
home-title = Home
home-greeting = Benvenuti su { $product }
home-lead = Ciao { $name }, che cosa possiamo fare per te oggi?
home-shortcuts = Scorciatoie
home-recent = Di recente: { $module }
home-see-all = Vedi tutto
home-widget-empty = Ancora nulla.
home-widget-unavailable = Questa parte non è stata caricata. Il resto della pagina funziona.
home-nothing-title = Non è ancora attivo nulla
home-nothing-text = Hai effettuato l’accesso, ma nessuna parte del portale è ancora aperta per te. Chiedi al tuo referente dell’assistenza.

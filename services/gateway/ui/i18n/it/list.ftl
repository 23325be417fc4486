# Elenchi. $module è il nome di un modulo.
list-new = Crea { $module }
list-number = Numero
list-total-capped = { $number }+
list-scope = Di chi
list-scope-mine = Miei
list-scope-company = Della mia azienda
list-search = Cerca in { $module }
list-search-short = Cerca
list-any = Tutti
list-apply = Applica
list-clear = Togli i filtri
list-deleted = Eliminato
list-bad-query = La ricerca non è comprensibile, quindi l’elenco è mostrato senza.
list-empty-title = Ancora nulla
list-empty-text = Nell’elenco { $module } non c’è ancora nulla. Appena ci sarà qualcosa, comparirà qui.
list-no-match-title = Nessun risultato
list-no-match-text = Prova con altre parole o con meno filtri.

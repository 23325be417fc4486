# Elenchi. $module è il nome di un modulo.
list-new = Crea { $module }
list-number = Numero
list-last-activity = Ultima attività
list-views = Viste
list-unread = (nuovo)
list-view-empty-title = Nulla qui
list-view-empty-text = In questa vista non resta nulla.
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
list-chosen = Con i selezionati:
list-choose = Seleziona
list-choose-all = Seleziona tutti in questa pagina
list-choose-one = Seleziona { $name }
list-take = Assegna a me
list-set = Imposta un valore…
list-set-apply = Imposta
selection-changed = { $count ->
    [one] Un record modificato
   *[other] { $count } record modificati
}
selection-undone = { $count ->
    [one] Un record è tornato com’era
   *[other] { $count } record sono tornati com’erano
}
selection-none = Non è stato modificato nulla
selection-none-text = Seleziona prima dei record nell’elenco.
selection-what = { $field }: { $value }
selection-what-take = Assegnati a { $name }
selection-unchanged = { $count ->
    [one] Un record resta com’è.
   *[other] { $count } record restano come sono.
}
selection-unchanged-table = Invariati
selection-changed-table = Modificati
selection-record = Record
selection-why = Motivo
selection-why-same = Era già così
selection-why-stale = Nel frattempo qualcuno l’ha modificato
selection-why-forbidden = Non puoi modificarlo
selection-why-gone = Non esiste più
selection-why-refused = Non può avere questo valore
selection-why-unavailable = Per ora non è possibile; riprova
selection-undo = Annulla la modifica
selection-undo-lead = Annullata dove nessuno ha modificato il record nel frattempo.
selection-back = Torna all’elenco

# Lists of records. $module is a module's label, in the plural where the sentence needs it.
list-new = New { $module }
list-number = Number
list-total-capped = { $number }+
list-scope = Whose
list-scope-mine = Mine
list-scope-company = My company
list-search = Search in { $module }
list-search-short = Search
list-any = Any
list-apply = Apply
list-clear = Clear filters
list-deleted = Deleted
list-bad-query = The search couldn’t be understood, so the list is shown without it.
list-empty-title = Nothing here yet
list-empty-text = There are no { $module } yet. As soon as there are some, they show here.
list-no-match-title = Nothing matches
list-no-match-text = Try other words or fewer filters.

# Lists of records. $module is a module's label, in the plural where the sentence needs it.
list-new = New { $module }
list-number = Number
list-last-activity = Last activity
list-views = Views
list-unread = (new)
list-view-empty-title = Nothing here
list-view-empty-text = There is nothing left in this view.
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
list-chosen = With what is chosen:
list-choose = Choose
list-choose-all = Choose all on this page
list-choose-one = Choose { $name }
list-take = Assign to me
list-set = Set a value…
list-set-apply = Set
selection-changed = { $count ->
    [one] One record changed
   *[other] { $count } records changed
}
selection-undone = { $count ->
    [one] One record is as it was
   *[other] { $count } records are as they were
}
selection-none = Nothing was changed
selection-none-text = Choose records in the list first.
selection-what = { $field }: { $value }
selection-what-take = Assigned to { $name }
selection-unchanged = { $count ->
    [one] One record is left as it is.
   *[other] { $count } records are left as they are.
}
selection-unchanged-table = Left as they are
selection-changed-table = Changed
selection-record = Record
selection-why = Why
selection-why-same = It was so already
selection-why-stale = Somebody changed it meanwhile
selection-why-forbidden = You may not change it
selection-why-gone = It isn’t there any more
selection-why-refused = It can’t have this value
selection-why-unavailable = Not possible at the moment; try again
selection-undo = Undo
selection-undo-lead = Taken back where nobody has changed the record since.
selection-back = Back to the list

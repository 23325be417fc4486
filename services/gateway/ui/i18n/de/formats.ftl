# How dates and numbers are written. What is typed is read by these too.
date = { $day }. { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
} { $year }
date-time = { $date }, { $clock }
# The sign before a fraction, the sign between groups of three digits, and the fewest digits that are grouped.
number-point = { "," }
number-group = { "." }
number-group-from = 4
# How nouns begin inside a sentence: small or capital.
noun-inside = capital

# How dates and numbers are written. What is typed is read by these too.
date = { $day } { $month ->
    [1] gen
    [2] feb
    [3] mar
    [4] apr
    [5] mag
    [6] giu
    [7] lug
    [8] ago
    [9] set
    [10] ott
    [11] nov
   *[12] dic
} { $year }
date-time = { $date }, { $clock }
# The sign before a fraction, the sign between groups of three digits, and the fewest digits that are grouped.
number-point = { "," }
number-group = { "." }
number-group-from = 5
# How nouns begin inside a sentence: small or capital.
noun-inside = small

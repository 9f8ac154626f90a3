# What the check of a preference form finds (engine/form_check.rs).
finding-batch-without-list = this batch has no list of its own; it takes the list { $list }
finding-unknown-batch = there is no such batch
finding-empty-list = the list is empty: name at least one programme
finding-too-many-choices = at most { $most } choices, the list has { $n }
finding-duplicate-choice = is already choice { $place }
finding-unknown-programme = is no programme
finding-not-in-this-batch = is not offered in this batch
finding-out-of-scope = does not recruit in your area
finding-not-eligible-for-quota = only quota seats here, and you are not eligible: { $why }
finding-no-quota-seat = only quota seats here, and your junior high has none
finding-blank-slot = choice { $place } is blank; the choices behind it keep their positions
finding-short-list = { $n } choices, room for { $more } more
finding-unused-quota = the list names no programme where you may use a quota seat: { $programmes }{ $more ->
    [0] { "" }
   *[other] , and { $more } more
 }
finding-all-reaches = By past years no choice on this list is safe: it may bring you no place. You can add one or two safer programmes behind.
finding-placed-by-merit = Schools admit by merit; your place is the first choice on your list whose line you reach.
finding-placed-by-band = Bands of { $points } points: a higher band first; inside a band the position in the list, then merit.
finding-placed-by-position = The position in the list comes first, merit second.
finding-placed-by-choice-band = Positions in groups of { $choices }: the group first, then merit.
finding-true-order-is-best = Name every programme you would accept, in the order you like them: naming a better-liked one first never costs you a later one.
finding-no-promise = Batches, the length of the list or the placing rule limit it: no way of filling it in can be promised to be the best.
finding-without-quota = You are not eligible for quota seats: { $why }
between-reasons = { "; " }
between-names = { ", " }

# Why somebody may not use quota seats (domain/eligibility.rs).
refusal-no-junior = no junior high on record
refusal-register-short = on the register of the junior high for too short a time, or since an unknown day
refusal-late-transfer = came to the junior high after the last day for transfers
refusal-not-attending = did not attend the school of the register
refusal-repeat = repeats the year
refusal-not-local = household outside the admission area
refusal-quality-grade = below the quality grade needed
refusal-refused-flag = excluded by rule, such as for choosing a school outside the district
refusal-no-quota-seat = your junior high has none here

# Messages to the phones of a family.
notice-registered = Your child is registered: form version { $version }, receipt { $receipt }. If this was not you, log in at once and ask the bureau.
notice-submitted = Your list of batch { $batch } was submitted as version { $version }, receipt { $receipt }. If this was not you, log in at once and ask your school.
notice-submitted-rehearsal = Your list (rehearsal) of batch { $batch } was submitted as version { $version }, receipt { $receipt }. If this was not you, log in at once and ask your school.
notice-confirmed = Your school has recorded the signed print of batch { $batch }, version { $version }.
notice-phone-changed = The guardian's phone has changed; notices now go to the new number. If this was neither of you, ask your junior high at once.
notice-phone-left = The guardian's phone has changed; this number gets no more notices. If this was neither of you, ask your junior high or the municipal centre at once.

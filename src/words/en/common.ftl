service = Admission service
skip = Skip to the content
display = Display
other-language = 中文
large-text = Large text
normal-text = Normal text
log-in = Log in
log-out = Log out
footer = Every result of this service can be computed again and checked by anybody.
api-docs = API documentation
error-prefix = Error:{" "}
error-title = There is a problem
to-front = To the front page
trace = Number of this problem: { $id } (tell it when you call the admission office)
go-on = Go on
more = More
nothing-there = Nothing yet.
landing-title = Senior-high admission
landing-text = Candidates, schools and admission offices file and place preference forms here. Log in with the account that the school handed out.
no-season = No season concerns you at present.

role-candidate = Candidate
role-junior-high = Junior high
role-senior-high = Senior high
role-county-bureau = County bureau
role-municipal-centre = Municipal centre
role-supervisor = Supervisor
role-system-token = Another system
role-service = The service itself
role-operator = Operator

phase-preparing = preparing
phase-registering = registering
phase-eligibility-posted = eligibility posted
phase-quota-published = quota published
phase-rehearsal = rehearsal
phase-filling = filling
phase-frozen = closed
phase-placed = placed, to be approved
phase-approved = approved, to be published
phase-published = published
phase-supplementary = supplementary round
phase-filed = filed

seat-quota = quota seat
seat-pool = seat of the county pool
seat-open = open seat

# Places of faults in files.
fault-at-row = row { $row }
fault-at-column = column { $column }

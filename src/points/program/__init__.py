"""The program as a typed document: what it is, what is wrong with it, what it earns.

Pure: text and facts come in, values go out. No database, no clock, no calls.

===============  =============================================================
`document`       the document as frozen models: the source of everything else
`loading`        YAML and TOML into a document, or a list of problems
`problems`       what is wrong with a document: path, line, column and reason
`checking`       what the parts of a document must agree on with each other
`moments`        local dates and minutes of a document as instants
`lints`          what is allowed and seldom wise
`cel`            conditions and formulas: compiled, typed, bounded
`facts`          what is known when rules are asked: an activity and its member
`admission`      whether an activity may earn at all
`rulebook`       a document made ready to be asked, over and over
`asking`         one activity as its rules see it
`amounts`        the points of an award before and after factors, exactly
`rounding`       fractions into whole points, whole points into shares
`earning`        which awards an activity earns, and why
`capping`        what caps leave of awards
`budgeting`      what budgets pay of awards
`funding`        the budgets of a document as the domain knows them
`ladders`        a ladder made ready: what it counts, and which tiers that reaches
`tier_terms`     when qualification periods, tier terms and graces begin and end
`standing`       where a member stands on a ladder, at any instant
`outlook`        what a standing leads to: what is missing for the next tier
`terms`          how long an award waits, and how it expires
`planning`       what a new document would change
`digests`        what tells two versions of a document apart
`bridge`         the program of the domain that a document means
`shipped`        the built-in document and the worked examples
===============  =============================================================
"""

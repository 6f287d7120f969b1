"""The program as a typed document: what it is, what is wrong with it, what it earns.

Pure: text and facts come in, values go out. No database, no clock, no calls.

===============  =============================================================
`document`       the document as frozen models: the source of everything else
`loading`        YAML and TOML into a document, or a list of problems
`problems`       what is wrong with a document: path, line, column and reason
`checking`       what the parts of a document must agree on with each other
`lints`          what is allowed and seldom wise
`cel`            conditions and formulas: compiled, typed, bounded
`facts`          what is known when rules are asked: an activity and its member
`earning`        which awards an activity earns, and why
`capping`        what caps leave of awards
`planning`       what a new document would change
`bridge`         the program of the domain that a document means
`shipped`        the built-in document and the worked examples
===============  =============================================================
"""

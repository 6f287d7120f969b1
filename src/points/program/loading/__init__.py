"""YAML and TOML into a document, or a list of problems.

===============  =============================================================
`trees`          plain values together with where they stand
`yaml_trees`     trees of YAML: the core schema of YAML 1.2, without aliases
`toml_trees`     trees of TOML
`wording`        what is wrong with a value, in words that say what to do
`documents`      the whole way from text to a checked document
===============  =============================================================
"""

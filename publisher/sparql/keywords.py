"""SPARQL keywords: those of the grammar, what must follow each, and equivalents for keywords of other languages."""

from typing import Final

QUERY_FORMS: Final = "ASK BASE CONSTRUCT DESCRIBE PREFIX SELECT"
_CLAUSES: Final = (
    "AS ASC BIND BY DESC DISTINCT EXISTS FILTER FROM GRAPH GROUP HAVING IN LIMIT MINUS NAMED NOT OFFSET OPTIONAL ORDER "
    "REDUCED SEPARATOR SERVICE SILENT UNDEF UNION VALUES WHERE a false true"
)
AGGREGATES: Final = frozenset({"AVG", "COUNT", "GROUP_CONCAT", "MAX", "MIN", "SAMPLE", "SUM"})
_FUNCTIONS: Final = (
    "ABS BNODE BOUND CEIL COALESCE CONCAT CONTAINS DATATYPE DAY ENCODE_FOR_URI FLOOR HOURS IF IRI LANG LANGMATCHES "
    "LCASE MD5 MINUTES MONTH NOW RAND REGEX REPLACE ROUND SECONDS SHA1 SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE "
    "STRDT STRENDS STRLANG STRLEN STRSTARTS STRUUID SUBSTR TIMEZONE TZ UCASE URI UUID YEAR isBLANK isIRI isLITERAL "
    "isNUMERIC isURI sameTerm"
)
KEYWORDS: Final = {word.upper(): word for word in f"{QUERY_FORMS} {_CLAUSES} {_FUNCTIONS}".split()} | {
    word: word for word in AGGREGATES
}
CALLABLE: Final = frozenset(word.upper() for word in _FUNCTIONS.split()) | AGGREGATES
UPDATES: Final = frozenset({"ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"})
OTHER_LANGUAGES: Final = {
    "==": "=",
    "<>": "!=",
    "AND": "&&",
    "OR": "||",
    "LIKE": "CONTAINS(…) or REGEX(…)",
    "LEN": "STRLEN",
    "LENGTH": "STRLEN",
    "LOWER": "LCASE",
    "UPPER": "UCASE",
    "NULL": "UNDEF",
    "=>": ">=",
    "=<": "<=",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "–": "-",
    "—": "-",
    "−": "-",
    "（": "(",
    "）": ")",
    "｛": "{",
    "｝": "}",
    "，": ",",
    "；": ";",
    "TOP": "LIMIT at the end",
    "UNIQUE": "DISTINCT",
    "ILIKE": 'REGEX(…, …, "i")',
    "BETWEEN": ">= and <=",
    "EXCEPT": "MINUS",
    "IFNULL": "COALESCE",
    "ISNULL": "!BOUND(…)",
    "SUBSTRING": "SUBSTR",
    "STARTSWITH": "STRSTARTS",
    "ENDSWITH": "STRENDS",
    "TODAY": "NOW()",
}
"""Keyword of another language -> the SPARQL equivalent."""
MODIFIERS: Final = ("GROUP", "HAVING", "ORDER", "LIMIT", "VALUES")
CLAUSE_STARTS: Final = frozenset({"SELECT", "WHERE", "FROM", "BIND", *MODIFIERS})
BARE: Final = {"GROUP": "GROUP BY", "ORDER": "ORDER BY", "HAVING": "HAVING"}
"""Clauses that take a variable or a call, and any other expression only in brackets."""
OPERATORS: Final = frozenset(["+", "-", "*", "/", "=", "!=", "<", ">", "<=", ">=", "&&", "||", "IN", "NOT", "AS"])
OPENING: Final = {")": "(", "]": "[", "}": "{"}
_GROUP: Final = "{0} needs a pattern in braces: {0} {{ … }}."
NEEDS: Final = {
    "AS": "AS needs a variable.",
    "ASC": "ASC needs an expression in brackets: ASC(…).",
    "BASE": "BASE needs an IRI in angle brackets: BASE <…>.",
    "CONSTRUCT": "CONSTRUCT needs a template in braces: CONSTRUCT { … } WHERE { … }.",
    "DESCRIBE": "DESCRIBE needs IRIs, variables or *.",
    "^^": "A datatype is an IRI or a prefixed name, such as xsd:date.",
    "NOT": "NOT stands before EXISTS and IN only: write !(…) elsewhere.",
    "DESC": "DESC needs an expression in brackets: DESC(…).",
    "EXISTS": _GROUP.format("EXISTS"),
    "FILTER": "FILTER needs a condition in brackets: FILTER (…).",
    "FROM": "FROM needs the IRI of a graph.",
    "GRAPH": "GRAPH needs the IRI of a graph, or a variable.",
    "HAVING": "HAVING needs a condition in brackets: HAVING (…).",
    "IN": "IN needs a list in brackets: IN (…).",
    "LIMIT": "LIMIT needs a whole number.",
    "MINUS": _GROUP.format("MINUS"),
    "NAMED": "FROM NAMED needs the IRI of a graph.",
    "OFFSET": "OFFSET needs a whole number.",
    "OPTIONAL": _GROUP.format("OPTIONAL"),
    "PREFIX": "A prefix needs a colon: PREFIX name: <…>.",
    "UNION": _GROUP.format("UNION"),
    "WHERE": _GROUP.format("WHERE"),
}
"""Keyword -> what must follow it."""
MEANING: Final = {
    "The SELECT contains an expression with a variable that is unbound": "With GROUP BY or an aggregate, an expression "
    "after SELECT can use only grouped variables and aggregates.",
    "The SELECT contains a variable that is unbound": "With GROUP BY or an aggregate, SELECT can name only "
    "grouped variables and aggregates: add every other variable to GROUP BY, or wrap it in an aggregate such as "
    "SAMPLE(…).",
    "SELECT * is not authorized with GROUP BY": "SELECT * is not allowed with GROUP BY: name the variables.",
    "Duplicated variable name in SELECT": "SELECT names the same variable twice.",
    "The SELECT overrides an existing variable using an expression": "SELECT (… AS ?x) assigns a variable that already "
    "has a value: use a new name after AS.",
}
"""The parser's messages about a whole SELECT -> our sentences."""

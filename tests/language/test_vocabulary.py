"""The lists of words are disjoint where they must be, and safe."""

from symflow.language.vocabulary import ALIASES, ATTRIBUTES, CONSTANTS, METHODS, MODULES, SEARCHED


def test_a_word_is_either_read_or_called():
    assert not ATTRIBUTES & METHODS


def test_no_word_begins_with_an_underscore():
    words = ATTRIBUTES | METHODS | set(CONSTANTS) | set(MODULES)
    assert not [word for word in words if word.startswith("_")]


def test_no_method_writes_or_leaves_the_formula():
    assert not METHODS & {"tofile", "dump", "dumps", "tolist", "view", "setflags", "put", "fill"}


def test_modules_lead_to_sections_that_are_searched():
    assert set(MODULES.values()) <= set(SEARCHED)


def test_every_syntax_has_its_aliases():
    assert set(ALIASES) == {"numpy", "blackboard"}

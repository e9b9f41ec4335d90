"""The record of an operation, as every family fills it in."""

from dataclasses import fields

import pytest

from symflow.core import Operation
from symflow.ops import TABLE
from symflow.ops.table import FAMILIES


@pytest.mark.parametrize("operation", TABLE.values(), ids=TABLE)
def test_every_record_is_complete(operation):
    assert operation.family in {module.__name__.rpartition(".")[2] for module in FAMILIES}
    assert operation.arity is None or operation.arity >= 0
    assert operation.inputs in ("any", "same", "int", "float", "bool")
    assert set(operation.defaults) <= set(operation.parameters)
    assert not operation.outputs or operation.parameters[-1] == "output"
    assert callable(operation.shape)
    assert callable(operation.dtype)
    assert callable(operation.flops) or operation.flops >= 0
    assert isinstance(operation.facts, frozenset)


def test_names_are_unique_once_shortened():
    assert len({operation.short_name for operation in TABLE.values()}) == len(TABLE)
    for name, operation in TABLE.items():
        assert operation.name == name


def test_every_field_is_documented():
    text = Operation.__doc__ or ""
    for field in fields(Operation):
        assert f"        {field.name}:" in text

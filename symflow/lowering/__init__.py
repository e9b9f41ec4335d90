"""From expressions to programs: planned, written as a readable module, and run."""

from symflow.lowering.runtime import Program as Program
from symflow.lowering.writing import Written as Written
from symflow.lowering.writing import write as write

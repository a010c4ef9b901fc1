"""Earned value of many tasks and of given tables: plain values, no database, no clock."""

from .leaves import earned, share_of, split
from .results import ESTIMATES, results
from .table import Computed, TableError, compute, sum_of

__all__ = ["ESTIMATES", "Computed", "TableError", "compute", "earned", "results", "share_of", "split", "sum_of"]

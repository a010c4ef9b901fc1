"""How the rows of a handover read in the activity of its project."""

from pmdm.activity.words import describe

describe("handover.Signature", label=("user", "side"))
describe("handover.OpenItem", label=("risk", "issue", "requirement"))
describe("handover.RequirementLink", label=("source", "target"))

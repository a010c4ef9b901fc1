"""How the rows of a handover read in the activity of its project."""

from pmdm.accounts.roles import Permission
from pmdm.activity.words import describe

describe("handover.Signature", label=("user", "side"))
describe("handover.OpenItem", label=("risk", "issue", "requirement", "task", "order"))
describe("handover.ScopeLine", label=("requirement",))
describe("handover.Round", label=("submitted_by", "submitted_at"))
describe("handover.RequirementLink", label=("source", "target"))
describe("handover.Arrival", label=("runbook", "agreement"), needs=Permission.INTERNAL_VIEW)
describe("handover.Announcement", label=("title",), needs=Permission.INTERNAL_VIEW)
describe("handover.FollowOn", label=("request",), needs=Permission.INTERNAL_VIEW)
describe("handover.NeedAsked", label=("request", "change"), needs=Permission.INTERNAL_VIEW)
describe("handover.Learner", label=("user",))
describe("handover.HypercareEvent", label=("kind", "reason"))
describe("handover.IssueClass", label=("issue", "kind"))
describe("handover.Pack", label=("number", "sums_sha256"))
describe("handover.QualityScore", label=("value",))
describe("handover.Proof", label=("person", "topic"))
describe("handover.Signer", label=("user", "capacity"))
describe("handover.SignOff", label=("user", "signed_at"))

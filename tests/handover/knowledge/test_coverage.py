"""The engine alone: what covers a topic, whatever the order and number of proofs."""

from hypothesis import given
from hypothesis import strategies as st

from handover.knowledge.coverage import Need, coverage, percent

needs = st.lists(
    st.builds(Need, st.integers(1, 5), st.booleans(), st.integers(1, 3)), unique_by=lambda need: need.id, max_size=5
)
proofs = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4), st.booleans()), max_size=30)
people = st.sets(st.integers(1, 4))


@given(needs, proofs, people)
def test_only_the_last_proof_of_people_named_counts(needs, proofs, people):
    covers = coverage(needs, proofs, people)
    for need in needs:
        expected = {
            person
            for person in people
            if [passed for topic, who, passed in proofs if (topic, who) == (need.id, person)][-1:] == [True]
        }
        assert covers[need.id].people == expected
        assert covers[need.id].is_covered == (len(expected) >= need.needed)
        assert covers[need.id].missing == max(0, need.needed - len(expected))


@given(needs, proofs, people)
def test_coverage_only_falls_when_somebody_leaves(needs, proofs, people):
    before = coverage(needs, proofs, people)
    for leaver in people:
        after = coverage(needs, proofs, people - {leaver})
        assert all(after[need.id].people <= before[need.id].people for need in needs)


def test_without_a_topic_there_is_no_percent():
    assert percent([]) is None
    assert percent(list(coverage([Need(1, True, 1), Need(2, False, 1)], [(1, 7, True)], {7}).values())) == 50

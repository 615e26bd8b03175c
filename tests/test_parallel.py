import pytest

from dermdistill.parallel import made_ahead


def test_results_come_in_order_whatever_the_threads_do():
    assert list(made_ahead(lambda n: n * n, range(50), workers=4, ahead=3)) == [n * n for n in range(50)]


def test_no_more_is_taken_on_than_may_wait():
    taken = []
    results = made_ahead(lambda n: n, (taken.append(n) or n for n in range(100)), workers=2, ahead=3)
    next(results)
    results.close()
    assert taken == [0, 1, 2, 3]


def test_an_error_rises_where_its_result_was_due():
    results = made_ahead(lambda n: 1 // (3 - n), range(6), workers=2, ahead=2)
    assert [next(results) for _ in range(3)] == [0, 0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)

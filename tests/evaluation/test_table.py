from hairstudio.evaluation.table import number, table


def test_columns_line_up():
    lines = table([("name", "ms"), ("a", "1000"), ("longer name", "5")]).splitlines()
    assert lines == ["name           ms", "a            1000", "longer name     5"]


def test_numbers():
    assert (number(1.005, 1), number(None), number(float("nan"))) == ("1.0", "-", "nan")

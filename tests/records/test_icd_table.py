import icd


def test_the_table_of_codes_is_up_to_date():
    assert icd.PAGE.read_text("utf-8") == icd.page(), "run `make docs`"


def test_it_says_how_a_class_relates_to_a_code():
    assert "| Melanoma | holds | C43.9 Malignant melanoma of skin, unspecified, D03.9" in icd.table()
    assert "| Basal cell carcinoma | is | " in icd.table()

from labelwright.core.class_change import ClassChange, schema_name, schema_number
from labelwright.core.task import Task

PETS = Task("any", ("cat", "dog", "car"), "", {"cat": "pet", "dog": "pet"})


def test_what_is_not_named_keeps_its_meaning_if_it_is_still_there():
    change = ClassChange(PETS, Task("any", ("cat", "car")), {"dog": ()})
    assert change.image("cat") == ("cat",)
    assert change.image("dog") == ()
    assert change.image("pet") == ()


def test_origins_are_all_classes_that_became_it():
    change = ClassChange(
        PETS, Task("any", ("beast", "car")), (("cat", ["beast"]), ("dog", ["beast"]))
    )
    assert change.origins("beast") == ("cat", "dog")
    assert change.origins("car") == ("car",)
    assert change.becomes == (("cat", ("beast",)), ("dog", ("beast",)))


def test_the_name_of_a_schema_tells_its_number():
    assert schema_number(schema_name(3, "abc")) == 3
    assert schema_number("abcdef") is None
    assert schema_number("x-1") is None
    assert schema_number("1234567-1") is None
    assert schema_number("") is None

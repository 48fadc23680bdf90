"""A training that was stopped continues from its state and gives the same model, bit for bit, as an undisturbed one."""

import math

import pytest
import torch

from isogloss.common.errors import UserError
from isogloss.models.pretraining.small_start import make_model
from isogloss.training.collate import collate_text
from isogloss.training.loop import Progress, train
from isogloss.training.state import SECONDS, STATE, SWITCH, States, find_states, keep_state
from isogloss.training.threads import limit_threads

EXAMPLES = [
    {"input_ids": [3 + place % 7] * (2 + place % 5), "labels": [4 + place % 3] * (1 + place % 4)} for place in range(24)
]
STEPS = 7


class Stop(Exception):
    """Stands for a kill of the process."""


def fit(folder=None, key="run", stop=None, monkeypatch=None, **settings):
    """Train a small model with dropout; stop after `stop` steps if given. Return its weights and its mean loss."""
    torch.manual_seed(0)
    model = make_model(40)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.2
    settings = {"steps": STEPS, "batch_size": 8, "learning_rate": 1e-2, "seed": 1, "accumulation": 2, **settings}
    before = Progress.on_step_end

    def end(self, *parts, **named):
        before(self, *parts, **named)
        if self.step == stop:
            raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Progress, "on_step_end", end)
        if folder is None:
            loss = train(model, EXAMPLES, lambda batch: collate_text(batch, 0), **settings)
        else:
            patch.setenv(SWITCH, "0")
            with keep_state(folder / STATE, key) as states:
                loss = train(model, EXAMPLES, lambda batch: collate_text(batch, 0), **settings)
            assert len([*states.folder.glob("*.pt")]) == 2  # the last two, none of the last step
            states.remove()
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach(), loss


def list_states(folder):
    return sorted((folder / STATE).rglob("*.pt"))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    limit_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def undisturbed():
    return fit()


@pytest.mark.parametrize("stop", [1, 4])
def test_a_stopped_training_gives_the_same_weights_and_mean_loss(tmp_path, undisturbed, stop, capsys):
    with pytest.raises(Stop):
        fit(tmp_path, stop=stop)
    assert [path.stem for path in list_states(tmp_path)] == [f"step-{n:08d}" for n in range(max(1, stop - 1), stop + 1)]
    torch.manual_seed(99)  # a new process has other random numbers
    weights, loss = fit(tmp_path)
    assert f"training resumes from {tmp_path}" in capsys.readouterr().err
    assert torch.equal(weights, undisturbed[0]) and loss == undisturbed[1]
    assert not (tmp_path / STATE).exists()


def test_a_training_stopped_twice_gives_the_same_weights(tmp_path, undisturbed):
    for stop in (2, 5):
        with pytest.raises(Stop):
            fit(tmp_path, stop=stop)
    assert torch.equal(fit(tmp_path)[0], undisturbed[0])


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a state", None])
def test_a_damaged_state_is_left_and_the_one_before_is_used(tmp_path, undisturbed, damage, capsys):
    with pytest.raises(Stop):
        fit(tmp_path, stop=4)
    before, last = list_states(tmp_path)
    last.write_bytes(last.read_bytes()[:-1] if damage is None else damage)
    weights, _ = fit(tmp_path)
    said = capsys.readouterr().err
    assert f"{last} is damaged" in said and f"resumes from {before}" in said
    assert torch.equal(weights, undisturbed[0])


def test_without_an_intact_state_it_starts_from_the_beginning(tmp_path, undisturbed):
    with pytest.raises(Stop):
        fit(tmp_path, stop=4)
    for path in list_states(tmp_path):
        path.with_suffix(".json").unlink()
    assert torch.equal(fit(tmp_path)[0], undisturbed[0])


def test_another_recipe_never_resumes_the_state(tmp_path):
    with pytest.raises(Stop):
        fit(tmp_path, key={"recipe": 1}, stop=4)
    alone = fit(learning_rate=2e-2)
    assert torch.equal(fit(tmp_path, key={"recipe": 2}, learning_rate=2e-2)[0], alone[0])
    assert len(list_states(tmp_path)) == 2  # the state of the first recipe


def test_a_short_training_saves_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    assert find_states() is None
    with keep_state(tmp_path, "run") as states:
        assert find_states() is states and states.seconds == SECONDS
        assert not states.is_due()
    assert not [*tmp_path.iterdir()] and find_states() is None


def test_random_numbers_continue_as_if_there_was_no_stop(tmp_path):
    import random

    import numpy

    from isogloss.training.state import restore_random

    states = States(tmp_path / "one", 0.0)
    states.save(3, {"losses": 1.5})
    drawn = [random.random(), numpy.random.rand(), torch.rand(1).item()]
    state = states.load()
    restore_random(state["random"])
    assert [random.random(), numpy.random.rand(), torch.rand(1).item()] == drawn
    assert (state["step"], state["losses"]) == (3, 1.5)


def test_a_loss_that_is_not_finite_stops_with_one_line():
    with pytest.raises(
        UserError, match=r"training: the loss is (nan|inf) \(step \d+ of 7, maximum learning rate 1e\+30"
    ):
        fit(learning_rate=1e30)


def test_a_weight_that_is_not_finite_after_the_last_step_is_an_error():
    with pytest.raises(UserError, match=r"a weight is not finite after the last step \(step 2 of 1"):
        fit(steps=1, learning_rate=math.inf)

"""Settings of Snorkel's training by name; its `utils.config_utils`, `optimizers`, `lr_schedulers`.

Ours is fitted in a few exact steps, so that most of them have no meaning. They are here so that
what they were called is checked, and what they were set to can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labelwright.core.errors import SettingsError, did_you_mean, shown

__all__ = [
    "AdamOptimizerConfig",
    "AdamaxOptimizerConfig",
    "ExponentialLRSchedulerConfig",
    "LRSchedulerConfig",
    "OptimizerConfig",
    "SGDOptimizerConfig",
    "StepLRSchedulerConfig",
    "TrainConfig",
    "merge_config",
]

OPTIMIZERS = ("sgd", "adam", "adamax")
LR_SCHEDULERS = ("constant", "linear", "exponential", "step")


class SGDOptimizerConfig(NamedTuple):
    """Of stochastic gradient descent."""

    momentum: float = 0.9


class AdamOptimizerConfig(NamedTuple):
    """Of Adam."""

    amsgrad: bool = False
    betas: tuple[float, float] = (0.9, 0.999)


class AdamaxOptimizerConfig(NamedTuple):
    """Of Adamax."""

    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8


class OptimizerConfig(NamedTuple):
    """Of whichever optimizer."""

    sgd_config: SGDOptimizerConfig = SGDOptimizerConfig()
    adam_config: AdamOptimizerConfig = AdamOptimizerConfig()
    adamax_config: AdamaxOptimizerConfig = AdamaxOptimizerConfig()


class ExponentialLRSchedulerConfig(NamedTuple):
    """Of exponential decay."""

    gamma: float = 0.9


class StepLRSchedulerConfig(NamedTuple):
    """Of decay in steps."""

    gamma: float = 0.9
    step_size: int = 5


class LRSchedulerConfig(NamedTuple):
    """Of whichever learning rate scheduler."""

    warmup_steps: float = 0
    warmup_unit: str = "batches"
    warmup_percentage: float = 0.0
    min_lr: float = 0.0
    exponential_config: ExponentialLRSchedulerConfig = ExponentialLRSchedulerConfig()
    step_config: StepLRSchedulerConfig = StepLRSchedulerConfig()


class TrainConfig(NamedTuple):
    """What `LabelModel.fit` takes by name.

    `prec_init` and `mu_eps` have a meaning; see there. `seed` is None, since nothing is random.
    """

    n_epochs: int = 100
    lr: float = 0.01
    l2: Any = 0.0
    optimizer: str = "sgd"
    optimizer_config: OptimizerConfig = OptimizerConfig()
    lr_scheduler: str = "constant"
    lr_scheduler_config: LRSchedulerConfig = LRSchedulerConfig()
    prec_init: Any = None
    seed: int | None = None
    log_freq: int = 10
    mu_eps: float | None = None


def merge_config(config: Any, config_updates: Mapping[str, Any]) -> Any:
    """The settings with these changes; settings within settings are changed by a mapping.

    Raises:
        SettingsError: no such setting.

    Example:
        >>> merge_config(TrainConfig(), {"lr_scheduler_config": {"min_lr": 0.1}})[6].min_lr
        0.1
    """
    changed = {}
    for name, value in config_updates.items():
        if name not in config._fields:
            raise SettingsError(
                f"{type(config).__name__} has no setting {shown(name)}"
                f"{did_you_mean(name, config._fields)}"
            )
        nested = isinstance(value, Mapping)
        changed[name] = merge_config(getattr(config, name), value) if nested else value
    return config._replace(**changed)


def checked_training(options: Mapping[str, Any]) -> TrainConfig:
    """The training settings with these options.

    Raises:
        SettingsError: an unknown name, or a value that Snorkel refuses.
    """
    config: TrainConfig = merge_config(TrainConfig(), options)
    for name, known in (("optimizer", OPTIMIZERS), ("lr_scheduler", LR_SCHEDULERS)):
        value = getattr(config, name)
        if value not in known:
            raise SettingsError(f"unknown {name} {shown(value)}{did_you_mean(str(value), known)}")
    schedule = config.lr_scheduler_config
    if schedule.warmup_steps and schedule.warmup_unit != "epochs":
        raise SettingsError('lr_scheduler_config: warmup_unit must be "epochs" here')
    return config

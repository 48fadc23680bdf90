"""Statistical analysis of transfer scores, on NumPy arrays and pandas data frames.

The package needs neither torch nor Snakemake and accepts scores from any source. Import its public functions from
here, for example `from isogloss.analysis import qap, mrqap, read_scores`. Each name of `__all__` is loaded from its
module at first use, so importing one statistic does not import the others.
"""

from importlib import import_module

_MODULES = {
    "contents": ("STATISTICS", "Statistic"),
    "data.evidence": ("Evidence",),
    "data.languages": ("Languages", "OwnLanguage"),
    "data.matrices": ("Matrices", "arrange_matrices", "tabulate_matrices"),
    "data.pairs": ("select_features", "tabulate_pairs"),
    "data.run_records": ("read_counts", "read_runs"),
    "files.score_table": ("read_scores",),
    "files.own_languages": ("read_languages",),
    "data.scores": ("Setting", "find_main_metric", "list_settings", "select_cells", "transfer_matrix"),
    "data.traits": ("FeatureTraits",),
    "statistics.jackknife": ("find_half_width", "jackknife"),
    "statistics.mixed": ("fit_mixed",),
    "statistics.mrqap": ("mrqap",),
    "statistics.multiplicity": ("adjust_p_values",),
    "statistics.paired": ("find_detectable", "find_t_interval", "paired_bootstrap"),
    "statistics.qap": ("qap", "qap_incomplete"),
    "statistics.reliability": ("CellMeans", "correlate_halves", "measure_reliability"),
    "statistics.resampling": (
        "find_bootstrap_interval",
        "find_difference_intervals",
        "find_jackknife_interval",
        "resample_correlations",
    ),
    "statistics.transforms": ("TRANSFORMS", "correlate", "rank", "standardise_cells", "transform"),
    "pairs.checks": ("tabulate_checks",),
    "pairs.clusters": ("cluster_languages",),
    "pairs.correlation": ("correlate_pairs", "tabulate_correlations"),
    "pairs.differences": ("tabulate_differences",),
    "pairs.partial": ("find_partial", "partial_qap", "tabulate_partial"),
    "pairs.prediction": ("leave_languages_out", "tabulate_prediction"),
    "pairs.regression": ("tabulate_regression",),
    "pairs.variance": ("describe_variance", "tabulate_runs", "tabulate_variance"),
    "ranking.measures": ("measure_ranking",),
    "ranking.ranking": ("tabulate_ranking",),
    "few_shot.bands": ("draw_bands",),
    "few_shot.curve_area": ("find_worth", "measure_area"),
    "few_shot.few_shot": ("fit_slope", "tabulate_few_shot"),
    "few_shot.forecast": ("find_shots", "tabulate_forecast"),
    "few_shot.held_out": ("compare_laws", "tabulate_laws"),
    "few_shot.laws": ("LAWS", "fit_law"),
    "few_shot.learning_curves": ("list_curves",),
    "multi_source.comparison": ("tabulate_multi_source", "tabulate_multi_source_means"),
    "multi_source.curves": ("tabulate_multi_source_areas", "tabulate_multi_source_sizes"),
    "multi_source.joint": ("tabulate_multi_source_joint",),
    "run": ("analyse",),
}
"""The public names of each module, in the order of the packages."""

_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

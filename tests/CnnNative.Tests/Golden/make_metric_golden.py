#!/usr/bin/env python3
"""Makes metrics.json: what scikit-learn's metrics say of a few hundred predictions.

Run it with scikit-learn, for example Debian's package python3-sklearn:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_metric_golden.py

The checked-in file was made with scikit-learn 1.2.1. Scores are exact in float32; those of cases named "ties" are whole numbers.
"""

import json
import os
import warnings

import numpy
import sklearn
from scipy.special import softmax
from sklearn import metrics

FOLDER = os.path.dirname(os.path.abspath(__file__))
warnings.filterwarnings("ignore")


def averages(labels, predicted):
    result = {}
    for average in ["macro", "micro", "weighted"]:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, predicted, average=average)
        result[average] = [precision, recall, f1]
    return result


def class_case(name, rows, classes, labels_up_to, scale, seed):
    random = numpy.random.default_rng(seed)
    labels = random.integers(0, labels_up_to, rows)
    scores = random.normal(size=(rows, classes)).astype("float32")
    scores[numpy.arange(rows), labels] += 1
    if scale:
        scores = numpy.round(scores * scale).astype("float32")
    predicted = scores.argmax(axis=1)
    everything = list(range(classes))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, predicted, labels=everything, average=None)
    # Rows that differ by a constant have the same probabilities, which the rounding of softmax must not tell apart.
    probabilities = numpy.round(softmax(scores.astype("float64"), axis=1), 12)
    present = [c for c in everything if 0 < (labels == c).sum() < rows]
    one_by_one = [(labels == c, probabilities[:, c]) for c in present]
    case = {
        "name": name, "classes": classes, "scores": scores.flatten().tolist(), "labels": labels.tolist(),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=everything).flatten().tolist(),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "averages": averages(labels, predicted),
        "auc": float(numpy.mean([metrics.roc_auc_score(*pair) for pair in one_by_one])),
        "average_precision": float(numpy.mean([metrics.average_precision_score(*pair) for pair in one_by_one])),
        "top2": None,
    }
    if not scale and classes > 2:
        case["top2"] = metrics.top_k_accuracy_score(labels, scores, k=2, labels=everything)
    if len(present) == classes and classes > 2 and not scale:
        assert abs(case["auc"] - metrics.roc_auc_score(labels, probabilities, multi_class="ovr")) < 1e-12
    return case


def binary_case(name, rows, scale, share, seed):
    random = numpy.random.default_rng(seed)
    labels = (random.random(rows) < share).astype(int)
    scores = (random.normal(size=rows) + labels).astype("float32")
    if scale:
        scores = numpy.round(scores * scale).astype("float32")
    predicted = scores > 0
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, predicted, average="binary")
    return {
        "name": name, "scores": scores.tolist(), "labels": labels.tolist(), "precision": precision, "recall": recall, "f1": f1,
        "auc": metrics.roc_auc_score(labels, scores), "average_precision": metrics.average_precision_score(labels, scores),
    }


def value_case(name, rows, outputs, seed, constant=False, exact=False):
    random = numpy.random.default_rng(seed)
    targets = (random.normal(size=(rows, outputs)) * 3 + 100).astype("float32")
    if constant:
        targets[:, 0] = 7
    predictions = targets + random.normal(size=targets.shape).astype("float32")
    if exact:
        predictions[:, 0] = targets[:, 0]
    a, b = targets.astype("float64"), predictions.astype("float64")
    return {
        "name": name, "outputs": outputs, "predictions": predictions.flatten().tolist(), "targets": targets.flatten().tolist(),
        "mae": metrics.mean_absolute_error(a.flatten(), b.flatten()),
        "rmse": metrics.mean_squared_error(a.flatten(), b.flatten()) ** 0.5, "r2": metrics.r2_score(a, b),
    }


def label_case(name, rows, labels, seed):
    random = numpy.random.default_rng(seed)
    targets = (random.random((rows, labels)) < 0.4).astype("float32")
    scores = (random.normal(size=targets.shape) + 3 * targets - 1.5).astype("float32")
    predicted = (scores > 0).astype(int)
    return {
        "name": name, "labels": labels, "scores": scores.flatten().tolist(), "targets": targets.flatten().tolist(),
        "subset": metrics.accuracy_score(targets, predicted), "accuracy": 1 - metrics.hamming_loss(targets, predicted),
        "each": [metrics.accuracy_score(targets[:, i], predicted[:, i]) for i in range(labels)],
    }


golden = {
    "sklearn": sklearn.__version__,
    "classes": [
        class_case("three classes", 60, 3, 3, None, 1),
        class_case("two classes", 41, 2, 2, None, 2),
        class_case("ties", 80, 4, 4, 2, 3),
        class_case("classes without a row", 30, 6, 4, None, 4),
        class_case("one class never met", 12, 5, 2, 1, 5),
    ],
    "binary": [
        binary_case("binary", 50, None, 0.5, 6), binary_case("binary ties", 120, 1, 0.3, 7), binary_case("rare", 90, 2, 0.05, 8),
    ],
    "values": [
        value_case("one output", 30, 1, 9), value_case("three outputs", 20, 3, 10),
        value_case("constant", 15, 2, 11, constant=True), value_case("constant and exact", 15, 2, 12, constant=True, exact=True),
    ],
    "labels": [label_case("four labels", 25, 4, 13), label_case("one label", 10, 1, 14)],
}
with open(os.path.join(FOLDER, "metrics.json"), "w") as file:
    json.dump(golden, file, indent=None, separators=(",", ":"))
    file.write("\n")

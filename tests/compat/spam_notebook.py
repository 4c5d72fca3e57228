"""A spam notebook as Snorkel's users write it; the test changes the import and nothing else."""

# ruff: noqa: E402, T201 - cells import where they need it, and print

import re

import numpy as np
import pandas as pd
from snorkel.labeling import (
    LFAnalysis,
    PandasLFApplier,
    filter_unlabeled_dataframe,
    labeling_function,
)
from snorkel.labeling.lf import LabelingFunction
from snorkel.preprocess import preprocessor

ABSTAIN, HAM, SPAM = -1, 0, 1

spam = ["Visit my channel {}", "subscribe to {} please", "FREE gifts at http://{}.example",
        "check out http://{}.example", "please subscribe to my page {}"]  # fmt: skip
ham = ["this {} song is great", "I love {}", "{} reminds me of home", "who is the singer, {}?",
       "my favourite song is {}"]  # fmt: skip
names = ["ann", "böb", "cy", "dee", "eve", "fay"]
rows = [(line.format(name), label) for label, lines in ((SPAM, spam), (HAM, ham))
        for line in lines for name in names]  # fmt: skip
df = pd.DataFrame(rows, columns=["text", "label"]).sample(frac=1, random_state=0)
df_train, df_test = df.iloc[:40].drop(columns="label"), df.iloc[40:]
Y_test = df_test.label.values


# Cell: functions


@labeling_function()
def check_out(x):
    return SPAM if "check out" in x.text.lower() else ABSTAIN


@labeling_function()
def has_link(x):
    return SPAM if re.search(r"https?://", x.text) else ABSTAIN


def keyword_lookup(x, keywords, label):
    return label if any(word in x.text.lower() for word in keywords) else ABSTAIN


def make_keyword_lf(keywords, label=SPAM):
    return LabelingFunction(
        name=f"keyword_{keywords[0]}",
        f=keyword_lookup,
        resources={"keywords": keywords, "label": label},
    )


@preprocessor(memoize=True)
def sentiment(x):
    x.polarity = ("love" in x.text) + ("great" in x.text) + ("favourite" in x.text)
    return x


@labeling_function(pre=[sentiment])
def positive(x):
    return HAM if x.polarity > 0 else ABSTAIN


@labeling_function()
def short_comment(x):
    return HAM if len(x.text.split()) < 3 else ABSTAIN


lfs = [check_out, has_link, make_keyword_lf(["my channel", "my page"]),
       make_keyword_lf(["subscribe"]), make_keyword_lf(["song", "singer"], HAM), positive,
       short_comment]  # fmt: skip

# Cell: apply and look

applier = PandasLFApplier(lfs=lfs)
L_train = applier.apply(df=df_train)
L_test = applier.apply(df=df_test, progress_bar=False)
coverage_check_out, coverage_link = (L_train != ABSTAIN).mean(axis=0)[:2]
summary = LFAnalysis(L=L_train, lfs=lfs).lf_summary()
print(summary)
print(df_train.iloc[L_train[:, 1] == SPAM].sample(2, random_state=1))

# Cell: label models

from snorkel.labeling.model import LabelModel, MajorityLabelVoter

majority_model = MajorityLabelVoter()
preds_train = majority_model.predict(L=L_train)
label_model = LabelModel(cardinality=2, verbose=True)
label_model.fit(L_train=L_train, n_epochs=500, log_freq=100, seed=123)
majority_acc = majority_model.score(L=L_test, Y=Y_test, tie_break_policy="random")["accuracy"]
label_model_acc = label_model.score(L=L_test, Y=Y_test, tie_break_policy="random")["accuracy"]
print(f"majority {majority_acc:.1%}, label model {label_model_acc:.1%}")
print(LFAnalysis(L_test, lfs).lf_summary(Y_test, est_weights=label_model.get_weights()))

# Cell: train on what it says

from snorkel.analysis import get_label_buckets
from snorkel.utils import probs_to_preds

probs_train = label_model.predict_proba(L=L_train)
df_train_filtered, probs_train_filtered = filter_unlabeled_dataframe(
    X=df_train, y=probs_train, L=L_train
)
preds_train_filtered = probs_to_preds(probs=probs_train_filtered)
buckets = get_label_buckets(Y_test, label_model.predict(L_test))

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

vectorizer = CountVectorizer(ngram_range=(1, 2))
X_train = vectorizer.fit_transform(df_train_filtered.text.tolist())
classifier = LogisticRegression(C=1e3).fit(X_train, preds_train_filtered)
end_acc = classifier.score(vectorizer.transform(df_test.text.tolist()), Y_test)
print(f"end model {end_acc:.1%}", np.bincount(preds_train_filtered))

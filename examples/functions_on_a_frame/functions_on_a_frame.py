"""Labeling functions, a label model and an end model on a pandas frame."""

import pandas as pd
import pyarrow as pa

import labelwright as lw

messages = pd.DataFrame(
    {
        "text": [
            "claim your free prize now",
            "free entry, win a prize",
            "see you at dinner",
            "dinner tonight? see you there",
            "you win a free phone, claim it",
            "are you home for dinner",
            "free for dinner tonight?",
            "bring the phone home tonight",
        ]
    }
)


def prize(x):
    return "spam" if "prize" in x.text or "claim" in x.text else None


def free(x):
    return "spam" if "free" in x.text else None


def dinner(x):
    return "ham" if "dinner" in x.text else None


def main():
    votes = lw.apply([prize, free, dinner], messages, ["spam", "ham"])
    print("votes (-1 abstains):", *votes.matrix.to_dense().tolist(), sep="\n  ")

    model = lw.labelmodels.SourceKinds()
    fit = model.fit(votes.matrix)
    posterior = model.posterior(fit, votes.matrix)
    for name, accuracy in zip(votes.sources, fit.accuracy, strict=True):
        print(f"{name}: estimated accuracy {accuracy:.2f}")

    training = lw.endmodels.Targets().of(posterior)
    items = pa.table({"text": messages["text"].tolist()})
    learner = lw.endmodels.by_name("text", text_fields=["text"])
    learnt = items.take(pa.array(training.rows))
    predictor = learner.fit(learnt, training.target, training.weight, seed=0)
    for text, chances in zip(messages["text"], predictor.predict(items), strict=True):
        print(f"{votes.classes[chances.argmax()]:>5} {chances.max():.2f}  {text}")


if __name__ == "__main__":
    main()

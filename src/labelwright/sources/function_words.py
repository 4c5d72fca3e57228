"""Words that hold sentences together and say nothing of what they are about."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {
    "Dutch": """
        aan al als bij dan dat de deze die dit door dus een en er had heb hebben heeft
        het hij hoe ik in is jaar je jij kan maar me met mij mijn na naar niet nog nu of
        om onder ons ook op over te tot u uit uw van veel voor wat we weer wel wij wordt
        zal ze zich zij zijn zo
    """,
    "English": """
        a about after all also am an and any are aren't as at be because been before
        being but by can can't could did didn't do does doesn't doing don't for from had
        has have having he her here him his how i i'd i'll i'm i've if im in into is
        isn't it it's its just ll me more most my no nor not of off on only or other our
        out over re s she should so some such t than that that's the their them then
        there these they this those through to too u under up ur us ve very was wasn't
        we were what when where which while who whom why will with won't would you
        you're your yours
    """,
    "French": """
        a ai au aux avec c'est ce ces cette d dans de des du elle elles en est et eu il
        ils j j'ai je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre
        nous on ont ou par pas plus pour qu que qui s sa sans se ses si son sont sur t
        ta te tes toi ton tu un une vos votre vous y été être
    """,
    "German": """
        aber als also am an auch auf aus bei bin bis bist da das dass dem den der des
        die dir doch du durch ein eine einem einen einer er es für hab habe haben hat
        hatte ich ihm ihn ihr ihre im in ist ja kann kein keine man mein meine mich mir
        mit nach nicht noch nur oder schon sein seine sich sie sind so um und uns unter
        vom von vor war was wenn wer wie wir wird zu zum zur über
    """,
    "Italian": """
        a ad ai al alla alle anche c'è che chi ci come con da dal dalla dei del della
        delle di e ed era gli ha hai hanno ho i il in io l la le lei li lo loro lui ma
        me mi mia mio ne nel nella noi non o per più quando quella quello questa questo
        se si sono su sua suo te ti tra tu tuo un una uno vi voi è
    """,
    "Portuguese": """
        a ao aos as até com como da das de do dos e ela ele eles em entre era essa esse
        esta este eu foi há isso já la lhe mais mas me mesmo meu minha muito na nas nem
        no nos não o os ou para pela pelo por quando que se sem ser seu seus sua são só
        também te tem um uma você à é
    """,
    "Spanish": """
        a al algo como con de del desde donde e el ella ellos en entre era eres es esa
        ese eso esta este esto está fue ha hasta hay la las le les lo los me mi mis muy
        más nada ni no nos o os para pero por porque que quien qué se ser si sin sobre
        son su sus sí también te ti tu tus un una uno y ya yo él
    """,
}
LANGUAGES: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split()) for name, words in _WORDS.items()
}
"""Language -> its articles, pronouns, prepositions, conjunctions and auxiliary verbs."""


def function_words(counts: Mapping[str, int]) -> frozenset[str]:
    """The words without a meaning of their own, in the language that the texts are in.

    A list of all languages at once would lose words: "die" is an article in German alone.

    Args:
        counts: in how many texts each word occurs.

    Example:
        >>> "the" in function_words({"the": 5, "of": 3, "war": 2, "die": 1})
        True
        >>> "war" in function_words({"the": 5, "of": 3, "war": 2, "die": 1})
        False
    """

    def weight(language: str) -> int:
        return sum(counts.get(word, 0) for word in LANGUAGES[language])

    return LANGUAGES[max(LANGUAGES, key=weight)]
